"""What could be read of a scenario, complete or not: what the rules over several entries look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from forecast.errors import Finding
from forecast.scenario.nodes import Node, Step, mapping
from forecast.scenario.record import Kind, Marks, finding_at
from forecast.scenario.schema import (
    Codebook,
    ModelVersion,
    Report,
    Resolution,
    ScenarioFile,
    Source,
)
from forecast.scenario.validation import nearest

__all__ = ["NOT_KNOWN", "Parts", "some"]

#: Stands in for the day on which a report was known, where its absence has been reported already.
NOT_KNOWN = date.max

MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class Parts:
    """Entries that were read, and the marks of all entries, read or not.

    An entry that is wrong in itself is in `marks` only: others may name it without being blamed for it. A kind that
    could not be read at all has no key in `marks`.
    """

    file: ScenarioFile | None
    sources: Mapping[str, Source]
    reports: Sequence[Report]
    models: Mapping[str, ModelVersion]
    codebooks: Mapping[str, Codebook]
    resolutions: Mapping[str, Resolution]
    marks: Marks

    def names(self, version: str, section: str) -> Mapping[str, Node]:
        """Names of the regimes or indicators of a version's codebook, read or not."""
        return mapping(mapping(self.marks["codebooks"].get(version)).get(section))

    def finding(self, message: str, kind: Kind, entry: str, *path: Step, accepted: str | None = None) -> Finding:
        """An error in the value at the end of a path below an entry."""
        return finding_at(self.marks, "error", message, kind, entry, *path, accepted=accepted)

    def unknown(self, what: str, name: str, names: Iterable[str], kind: Kind, entry: str, *path: Step) -> Finding:
        """A name that stands for nothing, with the nearest that does."""
        listed = list(names)
        message = f"there is no {what} '{name}'{nearest(name, listed)}"
        return self.finding(message, kind, entry, *path, accepted=some(listed) or None)


def some(names: Iterable[str]) -> str:
    """Names for a message, not a hundred of them."""
    listed = list(names)
    return ", ".join(listed[:MOST_NAMES]) + (", ..." if len(listed) > MOST_NAMES else "")
