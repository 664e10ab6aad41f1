"""What verbs give back: rows for tables, a document for JSON, and for some the result itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from forecast.analysis.ahead.outlook import Outlook
    from forecast.errors import Finding
    from forecast.update import Update

__all__ = ["Records", "StatusRecords", "UpdateRecords", "WatchRecords", "scored"]


@dataclass(frozen=True, slots=True)
class Records:
    """What a verb found: `rows` for tables, `document` for JSON."""

    rows: Sequence[Mapping[str, Any]]
    document: Mapping[str, Any]

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> "pd.DataFrame":
        """The rows as a pandas data frame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows))


@dataclass(frozen=True, slots=True)
class StatusRecords(Records):
    """Where scenarios stand; `findings` is what was wrong with those that could not be read."""

    findings: Sequence["Finding"]


@dataclass(frozen=True, slots=True)
class UpdateRecords(Records):
    """The answers of a forecast; `result` has the record, what it is compared with, and failed diagnostics."""

    result: "Update"


@dataclass(frozen=True, slots=True)
class WatchRecords(Records):
    """The indicators by expected information; `result` has draws, diagnostics and the expected movement."""

    result: "Outlook"


def scored(document: dict[str, Any]) -> Records:
    """Tables of scores: the rows keep infinite ones, the document has none."""
    from forecast.analysis.scoring.score import finite, flat

    return Records(flat(document["tables"]) or document["numbers"], finite(document))
