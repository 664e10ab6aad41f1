"""What `update --json` prints."""

from typing import Any

from forecast.ledger.records import Answer
from forecast.update import Update
from forecast.words import ICD203, Scale, words

__all__ = ["update_document"]


def update_document(result: Update, scale: Scale = ICD203) -> dict[str, Any]:
    """What `update --json` prints, with probabilities in words of a scale."""
    forecast = result.forecast
    return {
        "forecast": result.entry.id if result.entry else None,
        "scenario": forecast.scenario,
        "title": forecast.title,
        "as_of": forecast.as_of,
        "made_at": forecast.made_at,
        "model": forecast.model,
        "family": forecast.family,
        "model_identity": forecast.model_identity,
        "evidence_identity": forecast.evidence_identity,
        "kind": forecast.kind,
        "seed": forecast.seed,
        "stored": result.stored,
        "since": forecast.since,
        "head": result.head,
        "warnings": [*result.problems, *forecast.warnings],
        "warning_codes": [*("" for _ in result.problems), *(forecast.warning_codes or ("",) * len(forecast.warnings))],
        "method": dict(forecast.method),
        "evidence": dict(forecast.evidence_counts),
        "new_events": list(result.new_events),
        "gone_events": list(result.gone_events),
        "interval": "90% range over draws of the probability given the rates",
        "scale": scale.id,
        "answers": [_answer(answer, result, scale) for answer in forecast.answers],
    }


def _answer(answer: Answer, result: Update, scale: Scale) -> dict[str, Any]:
    return {
        "question": answer.question,
        "ask": answer.ask,
        "kind": answer.kind,
        "outcome": answer.outcome,
        "p": answer.p,
        "mcse": answer.mcse,
        "low": answer.low,
        "high": answer.high,
        "words": None if answer.p is None else words(answer.p, scale),
        "change": result.change(answer),
        "change_mcse": result.change_mcse(answer),
        "closed": answer.closed,
        "resolved": answer.resolved,
    }
