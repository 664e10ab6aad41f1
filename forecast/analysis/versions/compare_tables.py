"""The tables of a comparison, as JSON values: answers, sums of scores, scores by indicator and by step."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from forecast.analysis.versions.block_error import block_error
from forecast.analysis.versions.prequential import Prequential
from forecast.analysis.versions.serve import Served
from forecast.analysis.versions.watch_windows import Window
from forecast.inference.posterior import summarised
from forecast.model.answers import outcomes
from forecast.model.version import Settings
from forecast.plan import Question

__all__ = ["ERRORS", "answer_rows", "draws_row", "indicator_rows", "step_rows", "total_rows"]

#: Answers differ if they lie further apart than so many combined Monte Carlo errors.
ERRORS = 4.0

#: Two answers without Monte Carlo error differ if they do so by more than rounding.
ROUNDING = 1e-9


def draws_row(name: str, served: Served) -> dict[str, Any]:
    """Which draws a version's answers come from, and how far they serve; `khat` is None where it is
    infinite: minus infinity for equal weights, else for weights of which next to none are positive.
    """
    khat = served.khat
    return {
        "model": name,
        "from": served.weighed.anchor.id,
        "khat": round(khat, 4) if np.isfinite(khat) else None,
        "ess": round(served.ess, 1),
        "reliable": served.reliable,
    }


def answer_rows(
    questions: Sequence[Question], answered: Mapping[str, Served], models: Mapping[str, Settings]
) -> list[dict[str, Any]]:
    """Every outcome of every open question: `p` and `mcse` by version, and which pairs of versions lie `apart`.

    None where a version's codebook has no such outcome. Apart means further than `ERRORS` times the root of the sum of
    both squared Monte Carlo errors; versions that share draws differ more surely than that.
    """
    rows = []
    for question in questions:
        found: dict[str, dict[str, tuple[float, float]]] = {}
        for name, served in answered.items():
            weighed = served.weighed
            values = served.wanted[question.id]
            weights = weighed.weights.reshape(weighed.shape)
            for position, outcome in enumerate(outcomes(question, models[name])):
                mean, mcse, _, _ = summarised(weights, values[:, position].reshape(weighed.shape))
                found.setdefault(outcome, {})[name] = (mean, mcse)
        for outcome, pairs in found.items():
            apart = [(a, b) for a, b in combinations(pairs, 2) if _differ(pairs[a], pairs[b])]
            rows.append(
                {
                    "question": question.id,
                    "kind": question.kind,
                    "outcome": outcome,
                    "p": {name: pairs[name][0] if name in pairs else None for name in answered},
                    "mcse": {name: pairs[name][1] if name in pairs else None for name in answered},
                    "differs": bool(apart),
                    "apart": [list(pair) for pair in apart],
                }
            )
    return rows


def _differ(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[0] - other[0]) > max(ERRORS * float(np.hypot(one[1], other[1])), ROUNDING)


def total_rows(scored: Mapping[str, Prequential]) -> list[dict[str, Any]]:
    """The sums of joint scores, and their differences to the first version."""
    reference = next(iter(scored.values()))
    rows = []
    for name, scores in scored.items():
        if scores.steps:
            difference = scores.joint - reference.joint
            rows.append(
                {
                    "model": name,
                    "log_score": float(scores.joint.sum()),
                    "mcse": scores.mcse,
                    "difference": float(difference.sum()),
                    "se": block_error(difference),
                    "n_steps": len(scores.steps),
                    "n_unreliable": scores.n_unreliable,
                }
            )
    return rows


def indicator_rows(
    scored: Mapping[str, Prequential], windows: Sequence[Window], counts: Sequence[int]
) -> list[dict[str, Any]]:
    """The sums of each indicator's own scores: not parts of the joint score, for they share the regime."""
    reference = next(iter(scored.values()))
    rows = []
    for indicator in sorted({window.indicator for window in windows}):
        own = [n for window, n in zip(windows, counts, strict=True) if window.indicator == indicator]
        for name, scores in scored.items():
            values, base = (
                np.array([step.by_indicator[indicator] for step in one.steps if indicator in step.by_indicator])
                for one in (scores, reference)
            )
            rows.append(
                {
                    "indicator": indicator,
                    "n_windows": len(own),
                    "seen": sum(own),
                    "model": name,
                    "log_score": float(values.sum()),
                    "difference": float((values - base).sum()),
                }
            )
    return rows


def step_rows(scored: Mapping[str, Prequential]) -> list[dict[str, Any]]:
    """The joint score of every step by version, and whether the draws behind it served."""
    return [
        {
            "first": steps[0].first.isoformat(),
            "log_score": {name: step.joint for name, step in zip(scored, steps, strict=True)},
            "reliable": {name: step.reliable for name, step in zip(scored, steps, strict=True)},
        }
        for steps in zip(*(one.steps for one in scored.values()), strict=True)
    ]
