"""What `explain --json` and `whatif --json` print: stable keys, to which later versions may add (docs/cli.md)."""

from typing import Any

import numpy as np

from forecast.analysis.confidence import confidence_document
from forecast.analysis.stability import stability_document
from forecast.analysis.why.explain import Explanation
from forecast.analysis.why.whatif import Compared, WhatIf
from forecast.words import ICD203, Scale, words

__all__ = ["explain_document", "finite", "whatif_document"]


def finite(value: float | None) -> float | None:
    """A number for JSON; None for what is infinite or no number."""
    return float(value) if value is not None and np.isfinite(value) else None


def explain_document(found: Explanation) -> dict[str, Any]:
    """An explanation as JSON values."""
    earlier, later = found.earlier, found.later
    return {
        "question": found.question,
        "ask": found.ask,
        "outcome": found.outcome or None,
        "scenario": later.forecast.scenario,
        "from": {
            "forecast": earlier.id if earlier else None,
            "as_of": earlier.forecast.as_of if earlier else None,
            "model": (earlier or later).forecast.model,
            "retracted": earlier.retracted if earlier else None,
            "p": found.p_from,
        },
        "to": {
            "forecast": later.id,
            "as_of": later.forecast.as_of,
            "model": later.forecast.model,
            "retracted": later.retracted,
            "p": found.p_to,
        },
        "reason": found.reason,
        "rows": [
            {
                "kind": row.kind,
                "label": row.label,
                "log_odds": row.log_odds,
                "mcse": row.mcse,
                "p_after": row.p_after,
            }
            for row in found.rows
        ],
        "leave_one_out": [
            {
                "by": row.by,
                "id": row.id,
                "p": row.p,
                "change_mcse": row.change_mcse,
            }
            for row in found.leave_one_out
        ],
        "by_source": found.by_source,
        "sensitivity": [
            {
                "what": row.what,
                "p": row.p,
                "change_mcse": row.change_mcse,
            }
            for row in found.sensitivity
        ],
        "stability": stability_document(found.stability) if found.stability else None,
        "confidence": confidence_document(found.confidence) if found.confidence else None,
        "power_scaling": [{"prior": name, "sensitivity": value} for name, value in found.power_scaling],
    }


def whatif_document(found: WhatIf, scale: Scale = ICD203) -> dict[str, Any]:
    """A forecast under suppositions, and today's, as JSON values, with probabilities in words of a scale."""
    made = found.plan
    closed = [
        {"question": question.id, "kind": question.kind, "resolved": found.closed[question.id]}
        for question in made.questions
        if question.id in found.closed
    ]
    return {
        "scenario": made.scenario.id,
        "title": made.scenario.title,
        "as_of": made.as_of.isoformat(),
        "model": made.version,
        "family": made.model.family.value,
        "edits": [{"option": edit.option, "text": edit.text, "means": edit.means} for edit in found.edits],
        "scale": scale.id,
        "today": [_answer(row, row.today, scale) for row in found.answers],
        "then": [
            _answer(row, row.supposed, scale) | {"change": row.change, "change_mcse": row.change_mcse}
            for row in found.answers
        ],
        "closed": closed,
        "same_draws": found.same_draws,
    }


def _answer(row: Compared, summary: tuple[float, float, float, float], scale: Scale) -> dict[str, Any]:
    p, mcse, low, high = summary
    return {
        "question": row.question.id,
        "kind": row.question.kind,
        "outcome": row.outcome,
        "p": p,
        "mcse": mcse,
        "low": low,
        "high": high,
        "words": words(p, scale),
    }
