"""The tables of a comparison, as JSON values: answers, sums of scores, scores by indicator and by step."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from forecast.analysis.versions.block_error import block_error
from forecast.analysis.versions.prequential import Prequential
from forecast.analysis.versions.watch_windows import Window
from forecast.inference.log_evidence import log_evidence
from forecast.inference.posterior import Posterior
from forecast.model.answers import outcomes
from forecast.model.version import Settings
from forecast.plan import Question
from forecast.scenario.schema import Family

__all__ = ["ERRORS", "answer_rows", "draws_row", "indicator_rows", "step_rows", "total_rows"]

#: Answers differ if they lie further apart than so many combined Monte Carlo errors.
ERRORS = 4.0

#: Two answers without Monte Carlo error differ if they do so by more than rounding.
ROUNDING = 1e-9


def draws_row(name: str, answered: Posterior) -> dict[str, Any]:
    """Which draws a version's answers come from, how good they are, and the log evidence that they found.

    `khat` is None where it is infinite: minus infinity for draws of this very evidence, else for weights of which next
    to none are positive. The log evidence is None for chains of NUTS, and in the base-rate family, which has none.
    """
    khat, quality = answered.quality.khat, answered.quality
    has_evidence = answered.weighted.model.family is not Family.BASE_RATE
    evidence = log_evidence(answered.weighted) if has_evidence else None
    return {
        "model": name,
        "method": answered.method["name"],
        "from": answered.method["from_fit"],
        "khat": round(khat, 4) if np.isfinite(khat) else None,
        "ess": round(quality.ess, 1),
        "max_error": round(quality.error, 5),
        "log_evidence": None if evidence is None else round(evidence[0], 4),
        "log_evidence_mcse": None if evidence is None else round(evidence[1], 4),
        "problems": list(answered.problems),
    }


def answer_rows(
    questions: Sequence[Question], answered: Mapping[str, Posterior], models: Mapping[str, Settings]
) -> list[dict[str, Any]]:
    """Every outcome of every open question: `p` and `mcse` by version, and which pairs of versions lie `apart`.

    None where a version's codebook has no such outcome, or its draws are not reliable. Apart means further than
    `ERRORS` times the root of the sum of both squared Monte Carlo errors.
    """
    rows = []
    for question in questions:
        found: dict[str, dict[str, tuple[float, float]]] = {}
        for name, posterior in answered.items():
            if posterior.is_reliable:
                summaries = posterior.summary(question.id)
                for outcome, (mean, mcse, _, _) in zip(outcomes(question, models[name]), summaries, strict=True):
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
    """The sums of joint scores, and their differences to the first version.

    None for a version whose draws were not reliable in some step, which `problems` says; a difference to such a version
    is None, too.
    """
    reference = next(iter(scored.values()))
    rows = []
    for name, scores in scored.items():
        if scores.steps:
            difference = scores.joint - reference.joint
            comparable = not (scores.problems or reference.problems)
            rows.append(
                {
                    "model": name,
                    "log_score": None if scores.problems else float(scores.joint.sum()),
                    "mcse": None if scores.problems else scores.mcse,
                    "difference": float(difference.sum()) if comparable else None,
                    "se": block_error(difference) if comparable else None,
                    "n_steps": len(scores.steps),
                    "problems": list(scores.problems),
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
            comparable = not (scores.problems or reference.problems)
            rows.append(
                {
                    "indicator": indicator,
                    "n_windows": len(own),
                    "seen": sum(own),
                    "model": name,
                    "log_score": None if scores.problems else float(values.sum()),
                    "difference": float((values - base).sum()) if comparable else None,
                }
            )
    return rows


def step_rows(scored: Mapping[str, Prequential]) -> list[dict[str, Any]]:
    """The joint score of every step by version; None where the draws behind it were not reliable."""
    return [
        {
            "first": steps[0].first.isoformat(),
            "log_score": {
                name: None if step.problems else step.joint for name, step in zip(scored, steps, strict=True)
            },
        }
        for steps in zip(*(one.steps for one in scored.values()), strict=True)
    ]
