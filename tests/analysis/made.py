"""Forecasts made in memory as if they had been recorded, for explanations without files; naive reference values."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from forecast.analysis.why.explain import Explanation, explain
from forecast.analysis.why.recorded import Recorded
from forecast.canonical import sha256
from forecast.inference.reweight import prior_draws, weigh
from forecast.inference.stored_draws import DrawSource
from forecast.ledger.records import Answer, Forecast
from forecast.model.answers import answer, filtered, outcomes
from forecast.model.arrays import Arrays, arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.priors import draw_prior, natural
from forecast.model.version import Floats, Settings, model_identity
from forecast.plan import Question


def made(
    name: str, model: Settings, evidence: EvidenceSet, as_of: date, questions: Sequence[Question], **changes: Any
) -> Recorded:
    """A forecast whose numbers are those of reweighted draws of the prior; `changes` are to the record."""
    data = arrays(evidence, model, as_of)
    weighed = weigh(prior_draws(model, data, seed=99), model, data)
    answers = []
    for question in questions:
        for outcome, values in zip(outcomes(question, model), weighed.answer(question).T, strict=True):
            p = float(weighed.weights @ values)
            spread = float(np.sqrt(weighed.weights @ (values - p) ** 2 / weighed.ess))
            answers.append(
                Answer(question.id, question.ask, question.kind, outcome, p, spread, p, p, closed=False, resolved=None)
            )
    record = Forecast(
        scenario="toy",
        title="A toy",
        model=model.version,
        family=model.family.value,
        model_identity=model_identity(model),
        evidence_identity=sha256(name),
        as_of=as_of.isoformat(),
        made_at="2026-01-01T12:00:00+00:00",
        kind="replay",
        key=sha256(name),
        seed=changes.pop("seed", 7),
        method={"name": "nuts"},
        fit=None,
        versions={},
        questions=tuple(question.model_dump(mode="json", by_alias=True) for question in questions),
        evidence_counts={},
        warnings=(),
        since=None,
        answers=changes.pop("answers", tuple(answers)),
        **changes,
    )
    return Recorded(name, record, model, evidence, as_of)


def explained(
    earlier: Recorded | None, later: Recorded, question: str = "q", outcome: str | None = None, **options: Any
) -> Explanation:
    """An explanation by sequential Monte Carlo alone: there is no ledger and there are no files of draws."""
    return explain(DrawSource(), earlier, later, question, outcome, None, **options)


def naive(model: Settings, data: Arrays, question: Question, n_times: int = 30, seed: int = 0) -> Floats:
    """P(outcome) and the Monte Carlo error of its log-odds, (outcome, 2), without anything that the engine does.

    The ratio of plain means over independent draws of the prior, 4,000 at a time.
    """
    likelihood, values = [], []
    for number in range(n_times):
        prior = draw_prior(model, data.fixed, 4000, np.random.default_rng([seed, number]))
        parameters = natural(np, prior, model, data.fixed)
        result = filtered(parameters, model, data)
        likelihood.append(result.log_likelihood.sum(axis=1))
        values.append(answer(question, result, parameters, model, data))
    logs, x = np.concatenate(likelihood), np.concatenate(values)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    p = weights @ x
    error = np.sqrt(np.square(weights) @ np.square(x - p)) / (p * (1 - p))
    found: Floats = np.stack([p, error], axis=-1)
    return found
