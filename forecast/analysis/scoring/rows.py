"""One forecast of one question that was settled, as a plain row: what all scoring begins from."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = ["HORIZONS", "JUDGED", "Convention", "Row", "comparable", "horizon"]

#: How Brier scores are stated: from 0 to 1, or the double of it, Brier's own form of 1950.
type Convention = Literal["0-1", "0-2"]

#: Kinds of questions whose outcome people judge with the codebook.
JUDGED = ("state", "stays")

#: Longest distance in days from forecast to the question's last day, and what it is called.
HORIZONS = ((91, "up to 3 months"), (182, "3 to 6 months"), (365, "6 to 12 months"), (None, "over 12 months"))


@dataclass(frozen=True, slots=True)
class Row:
    """One forecast of one question that was settled.

    Parameters
    ----------
    scenario, question
        Together they name the question; forecasts of one question are one cluster.
    question_kind
        `state`, `stays`, `occurs`, or any other word.
    kind
        `live`, `replay`, or `given` for forecasts from a file.
    model
        Who forecast.
    as_of, ends
        Day of the forecast, last day of the question; None where it is not known.
    outcomes, p
        Names and probabilities, which sum to one; the order is used if `ordered`.
    observed
        Which of the outcomes came about.
    ordered
        Whether the outcomes have an order, for the ranked probability score.
    is_reference
        Whether skill is measured against this forecast.
    unit
        Whatever else tells forecasts of one question on one day apart.
    group
        Values of the columns by which tables of scores are kept apart.
    """

    scenario: str
    question: str
    question_kind: str
    kind: str
    model: str
    as_of: date | None
    ends: date | None
    outcomes: tuple[str, ...]
    p: tuple[float, ...]
    observed: str
    ordered: bool = False
    is_reference: bool = False
    unit: str = ""
    group: tuple[str, ...] = ()

    @property
    def section(self) -> str:
        """The table it belongs to: `state`, `stays`, `events` (two outcomes) or `categories` (more)."""
        if self.question_kind in JUDGED:
            return self.question_kind
        return "events" if len(self.outcomes) == 2 else "categories"

    @property
    def occasion(self) -> tuple[object, ...]:
        """What the same for two models makes their scores comparable pair by pair."""
        return (self.kind, self.scenario, self.question, self.as_of, self.unit)


def horizon(row: Row) -> str | None:
    """How far ahead the question's last day was; None if it is not known."""
    if row.as_of is None or row.ends is None:
        return None
    days = (row.ends - row.as_of).days
    return next(name for longest, name in HORIZONS if longest is None or days <= longest)


def comparable(row: Row, other: Row | None) -> bool:
    """A model is not its own benchmark, and both must have had the same outcomes to divide one among."""
    return other is not None and other.model != row.model and set(other.outcomes) == set(row.outcomes)
