"""A proposal with what a person decided about it, and whether anybody has touched it since it was proposed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from forecast.canonical import canonical_json, sha256
from forecast.coding.proposal import Proposal
from forecast.scenario.schema import Report

__all__ = ["CHANGEABLE", "Decision", "Proposals", "Reviewed", "proposal_fields", "stamp"]

#: Fields of a report that a coder may change; the source is the article's.
CHANGEABLE = tuple(key for key in Report.model_fields if key not in ("source", "coded_on", "withdrawn", "revised"))


class Decision(StrEnum):
    """What a person decided about a proposal."""

    UNDECIDED = "undecided"
    ACCEPT = "accept"
    REJECT = "reject"
    LATER = "later"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to look at it."""
        return self in (Decision.UNDECIDED, Decision.LATER)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A proposal, what was decided about it, what the coder would say otherwise, and the report it became."""

    number: int
    proposal: Proposal
    decision: Decision = Decision.UNDECIDED
    changes: Mapping[str, Any] = field(default_factory=dict)
    report: str | None = None
    line: int = 0
    #: what `stamp` was when the program wrote the proposal; another one now means that somebody edited it
    stamped: str = ""

    @property
    def is_touched(self) -> bool:
        """Whether a person has decided, changed or edited anything of it."""
        edited = bool(self.stamped) and self.stamped != stamp(self.proposal)
        return self.decision is not Decision.UNDECIDED or bool(self.changes) or self.report is not None or edited


@dataclass(frozen=True, slots=True)
class Proposals:
    """A proposals file: the source, the SHA-256 of the text that the offsets are of, the entries in their order."""

    source: str
    article_sha256: str
    entries: tuple[Reviewed, ...]


def stamp(proposal: Proposal) -> str:
    """A short digest of all that a proposal says."""
    return sha256(canonical_json(proposal_fields(proposal)))[:12]


def proposal_fields(proposal: Proposal) -> dict[str, Any]:
    """A proposal as the file says it: keys in their order, what is not told left out."""
    written: dict[str, Any] = {
        "claim": proposal.claim,
        "indicator": proposal.indicator,
        "event": proposal.event,
        "when": proposal.when or None,
        "known": proposal.known.isoformat(),
        "asserted_as": proposal.asserted_as.value,
        "denies": "true" if proposal.denies else "false",
        "grade": proposal.grade,
        "grade_why": proposal.grade_why or None,
        "origin": proposal.origin,
        "speaker": proposal.speaker,
        "actors": list(proposal.actors) or None,
        "targets": list(proposal.targets) or None,
        "place": proposal.place,
        "manner": proposal.manner.value,
        "status": proposal.status and proposal.status.value,
        "value": None if proposal.value is None else f"{proposal.value:.12g}",
        "unit": proposal.unit,
        "doubts": [{"code": one.code.value, "note": one.note} for one in proposal.doubts] or None,
        "quote": proposal.quote,
        "quote_at": [str(proposal.start), str(proposal.end)],
        "locator": proposal.locator,
        "sentence": proposal.sentence,
        "sentence_at": [str(proposal.sentence_start), str(proposal.sentence_end)],
        "because": [
            {"field": one.field, "words": one.words, "at": [str(one.start), str(one.end)], "note": one.note}
            for one in proposal.because
        ]
        or None,
        "duplicates": [{"report": one.report, "event": one.event, "why": one.why} for one in proposal.duplicates]
        or None,
        "proposer": proposal.proposer,
    }
    return {key: value for key, value in written.items() if value is not None}
