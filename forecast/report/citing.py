"""Makes the cited numbers of a document: each is looked up in the ledger, and written as everybody will write it again.

Workings that could not be recorded have no citation: their numbers are shown alike, as plain text without a mark.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from forecast.ledger.records import Entry
from forecast.report.blocks import Cited, Inline
from forecast.report.citation import Citation, NotThereError, shown

__all__ = ["Citing", "Working"]


@dataclass(frozen=True, slots=True)
class Working:
    """What a verb printed about a forecast; `record` is the id of its workings, empty if there are none."""

    verb: str
    document: Mapping[str, Any]
    record: str = ""

    def at(self, *path: str | int) -> Any:
        """The value at a path."""
        value: Any = self.document
        for key in path:
            value = value[key]
        return value


@dataclass(frozen=True, slots=True)
class Citing:
    """Where numbers are looked up: `entry` gives a record by id; `latest` is the forecast cited as the latest."""

    entry: Callable[[str], Entry]
    latest: str | None = None

    def answer(self, forecast: str, question: str, outcome: str, form: str) -> Inline:
        """An answer of a forecast in one of the forms of answers; empty where it has none in this form."""
        citation = Citation(forecast, f"{question}:{outcome}", form, latest=forecast == self.latest)
        try:
            return Cited(shown(citation, self.entry), citation)
        except NotThereError:
            return ""

    def number(self, working: Working, *path: str | int, form: str) -> Inline:
        """A number of workings, found by the keys and positions that lead to it; empty where there is none."""
        pointer = "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in path)
        citation = Citation(working.record or "wk-unrecorded", pointer, form)
        try:
            if working.record and " " not in pointer:
                return Cited(shown(citation, self.entry), citation)
            content = {"type": "workings", "document": working.document}
            return shown(citation, lambda _: Entry("", 0, "", "", "", content))
        except NotThereError:
            return ""
