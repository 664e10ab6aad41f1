"""What kind of thing a row tells of: an act or words about one, the stage of a plan, and what makes a row doubtful."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["DENIED_STATUSES", "Doubt", "DoubtCode", "Manner", "Status"]


class Manner(StrEnum):
    """Whether something was done or spoken of; only an act is an event."""

    ACT = "act"
    ANNOUNCEMENT = "announcement"
    THREAT = "threat"
    OFFER = "offer"
    WORDS = "words"


class Status(StrEnum):
    """The stage of a plan or of a text that is signed and ratified."""

    ANNOUNCED = "announced"
    SCHEDULED = "scheduled"
    POSTPONED = "postponed"
    CALLED_OFF = "called-off"
    SIGNED = "signed"
    RATIFIED = "ratified"
    TAKES_EFFECT = "takes-effect"


#: Stages by which a plan did not become an act.
DENIED_STATUSES = frozenset((Status.POSTPONED, Status.CALLED_OFF))


class DoubtCode(StrEnum):
    """Why a person should look twice at a row."""

    OTHERS = "other-states"
    NO_PARTNER = "no-partner-named"
    DATE = "ambiguous-date"
    REFERENCE = "refers-back"

    @property
    def is_about_parties(self) -> bool:
        """Whether the row may not be about the case at all; such rows come last."""
        return self in (DoubtCode.OTHERS, DoubtCode.NO_PARTNER)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubt: its code, which programs compare, and the words for people."""

    code: DoubtCode
    note: str
