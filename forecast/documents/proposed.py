"""What `evidence propose --json` prints."""

from typing import Any

from forecast.coding.cues.sentences import sentences
from forecast.coding.proposal import Proposal
from forecast.coding.proposing import Proposed
from forecast.scenario.record import Scenario

__all__ = ["proposed_document"]


def proposed_document(scenario: Scenario, result: Proposed) -> dict[str, Any]:
    """The article, its source, every proposal with its number, decision and reasons, what was left out or refused."""
    if result.written:
        rows = [(one.number, one.decision.value, one.proposal) for one in result.proposals.entries]
    else:
        rows = [(number, "undecided", one) for number, one in enumerate(result.made, start=1)]
    return {
        "scenario": scenario.id,
        "source": result.source,
        "source_added": result.source_added,
        "published": result.entry.published.isoformat() if result.entry.published else None,
        "article": f"scenarios/{scenario.id}/articles/{result.source}.txt",
        "form": result.article.form,
        "words": len(result.article.text.split()),
        "sentences": len(sentences(result.article.text)),
        "proposer": result.proposer,
        "remarks": list(result.remarks),
        "proposals": [_row(*row) for row in rows],
        "left_out": [
            {
                "indicator": one.indicator,
                "sentence": one.sentence,
                "at": [one.start, one.end],
                "locator": one.locator,
                "others": list(one.others),
                "code": one.code.value,
                "why": one.why,
            }
            for one in result.left_out
        ],
        "kept": result.n_kept,
        "refused": [{"key": one.key, "found": one.found, "message": one.message} for one in result.refused],
        "file": result.file.relative_to(scenario.workspace).as_posix(),
        "written": result.written,
    }


def _row(number: int, decision: str, said: Proposal) -> dict[str, Any]:
    return {
        "number": number,
        "decision": decision,
        "indicator": said.indicator,
        "event": said.event,
        "when": said.when or None,
        "known": said.known.isoformat(),
        "asserted_as": said.asserted_as.value,
        "denies": said.denies,
        "grade": said.grade,
        "grade_why": said.grade_why,
        "origin": said.origin,
        "speaker": said.speaker,
        "actors": list(said.actors),
        "targets": list(said.targets),
        "place": said.place,
        "manner": said.manner.value,
        "status": said.status and said.status.value,
        "value": said.value,
        "unit": said.unit,
        "claim": said.claim,
        "quote": said.quote,
        "quote_at": [said.start, said.end],
        "locator": said.locator,
        "sentence": said.sentence,
        "because": [
            {"field": one.field, "words": one.words, "at": [one.start, one.end], "note": one.note}
            for one in said.because
        ],
        "doubts": [{"code": one.code.value, "note": one.note} for one in said.doubts],
        "is_last": said.is_last,
        "duplicates": [{"report": one.report, "event": one.event, "why": one.why} for one in said.duplicates],
        "proposer": said.proposer,
    }
