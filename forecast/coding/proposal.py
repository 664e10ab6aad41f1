"""One row that a proposer proposes: what it says, which words say so, and what a report made of it would say.

Nothing here writes evidence. A person decides on every proposal (`forecast.coding.accept`).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from forecast.coding.act import Doubt, Manner, Status
from forecast.scenario.schema import Asserted

__all__ = ["Because", "Duplicate", "LeftOut", "Omission", "Proposal", "act_words", "report_fields"]


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: which field it decides, the words of the article, where they stand in its text, and a remark.

    `words` is the text from `start` to `end`. A reason without words in the article (the title, a default) has
    `words` '' and `start` equal to `end`.
    """

    field: str
    words: str
    start: int
    end: int
    note: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """What of the existing evidence a proposal may repeat: a report's id, its event, and why."""

    report: str
    event: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One statement that may become a report.

    Attributes
    ----------
    sentence, sentence_start, sentence_end
        The sentence and where it stands: character offsets in the extracted text.
    quote, start, end
        At most twelve words, `text[start:end] == quote`, within the sentence.
    locator
        For people: ``paragraph 3, sentence 2``.
    claim, indicator, event
        The statement in other words; the indicator of the codebook, if any; a suggested id.
    when, known
        ISO, imprecise where the text is imprecise, '' where it is not told; the first day on which one could know.
    asserted_as, denies, grade, grade_why, origin, speaker
        As in a report; `grade_why` becomes its note.
    actors, targets
        Keys of the scenario's actors that do it, and of those to whom it is done.
    because, duplicates, proposer
        Which words decided what; what it may repeat; who proposes (name and version).
    place
        Where it happened, in the article's words.
    manner, status
        Whether it is an act or words about one; the stage of a plan or text. Only an act can count.
    value, unit
        An amount, such as 3e9 and 'dollars'.
    doubts
        Why a person should look twice.
    """

    sentence: str
    sentence_start: int
    sentence_end: int
    quote: str
    start: int
    end: int
    locator: str
    claim: str
    indicator: str | None
    event: str
    when: str
    known: date
    asserted_as: Asserted
    denies: bool
    grade: str
    grade_why: str
    origin: str
    speaker: str | None
    actors: tuple[str, ...]
    because: tuple[Because, ...]
    duplicates: tuple[Duplicate, ...]
    proposer: str
    targets: tuple[str, ...] = ()
    place: str | None = None
    manner: Manner = Manner.ACT
    status: Status | None = None
    value: float | None = None
    unit: str | None = None
    doubts: tuple[Doubt, ...] = ()

    @property
    def is_last(self) -> bool:
        """Whether it may not be about the case at all: such rows come after all others."""
        return any(one.code.is_about_parties for one in self.doubts)


class Omission(StrEnum):
    """Why a sentence with words of an indicator is not proposed."""

    OTHERS = "other-states"
    HEADING = "heading"
    TOO_LITTLE = "too-little"
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sentence that might be a proposal, and is not.

    Attributes
    ----------
    sentence, start, end, locator
        As in a proposal.
    indicator
        For which it would have been proposed.
    others
        Keys of the actors, or codes of the states, that it tells of.
    why
        The reason, for people.
    code
        The reason, for programs.
    """

    sentence: str
    start: int
    end: int
    locator: str
    indicator: str
    others: tuple[str, ...]
    why: str
    code: Omission = Omission.OTHERS


def report_fields(proposal: Proposal) -> dict[str, str]:
    """What a report made of the proposal says, by field, as texts; without id, source and coder.

    What the evidence schema has no field for stands at the end of the note, as `act_words` writes it. Anything but an
    act is kept as evidence that does not count.
    """
    note = " ".join(part for part in (_sentence(proposal.grade_why), act_words(proposal)) if part)
    is_act = proposal.manner is Manner.ACT
    said = {
        "indicator": proposal.indicator,
        "event": proposal.event,
        "when": proposal.when,
        "known": proposal.known.isoformat(),
        "origin": proposal.origin,
        "claim": proposal.claim,
        "quote": proposal.quote,
        "locator": proposal.locator,
        "asserted_as": proposal.asserted_as.value,
        "denies": "true" if proposal.denies else None,
        "use": None if is_act else "false",
        "reason": None if is_act else _NOT_COUNTED[proposal.manner],
        "grade": proposal.grade,
        "speaker": proposal.speaker,
        "note": note,
    }
    return {key: text for key, text in said.items() if text}


_NOT_COUNTED = {
    Manner.ANNOUNCEMENT: "An announcement or plan, not an act.",
    Manner.THREAT: "A threat, not an act.",
    Manner.OFFER: "An offer or proposal, not an act.",
    Manner.WORDS: "Words about an act, not an act.",
}


def act_words(proposal: Proposal) -> str:
    """Actors, targets, place, manner, stage and amount in a fixed form: `[actors: RUS; targets: PRK; ...]`."""
    amount = None if proposal.value is None else f"{proposal.value:.12g} {proposal.unit or ''}".strip()
    said = {
        "actors": ", ".join(proposal.actors),
        "targets": ", ".join(proposal.targets),
        "place": proposal.place,
        "manner": None if proposal.manner is Manner.ACT else proposal.manner.value,
        "status": proposal.status and proposal.status.value,
        "amount": amount,
    }
    listed = "; ".join(f"{key}: {text}" for key, text in said.items() if text)
    return f"[{listed}]" if listed else ""


def _sentence(text: str) -> str:
    return text if not text or text.endswith(".") else f"{text}."
