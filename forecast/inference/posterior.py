"""Answers from weighted draws: what a forecast records, and whether it may.

This module imports neither PyMC nor ArviZ; it asks for them only when NUTS samples.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecast.inference.draws import Draws, flat
from forecast.inference.reweight import (
    ProposalDraws,
    Quality,
    Summary,
    WeightedDraws,
    quality,
    watch_names,
    weigh,
)
from forecast.model.answers import answer, filtered, outcomes
from forecast.model.arrays import Arrays
from forecast.model.priors import natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Occurs, State, Stays

__all__ = ["Posterior", "Progress", "Question", "Sampler", "answered", "nuts", "sampled_by_nuts"]

Question = State | Stays | Occurs

#: What reports progress: stage, share done in [0, 1] or None, a remark such as the rate.
Progress = Callable[[str, float | None, str], None]

#: Draws from the posterior by NUTS.
Sampler = Callable[[Settings, Arrays, int, Progress], Draws]

#: What of the draws' own account goes on record.
_RECORDED = (
    "sampler",
    "chains",
    "tune",
    "draws",
    "rhat",
    "ess",
    "divergences",
    "bfmi",
    "islands",
    "particles",
    "steps",
    "sweeps",
    "log_evidence",
    "log_evidence_mcse",
    "island_sd",
    "distinct_ancestors",
    "moves",
    "moved_from",
)


@dataclass(frozen=True, slots=True)
class Posterior:
    """Weighted draws and, by question, the probability of every outcome in every draw, (D, outcome).

    `quality` is of weights and answers; `method` is what gets recorded; `problems` are sentences about diagnostics that
    failed: with any, the answers must not be published.
    """

    weighted: WeightedDraws
    answers: Mapping[str, Floats]
    quality: Quality
    method: Mapping[str, Any]
    problems: tuple[str, ...]

    @property
    def draws(self) -> Draws:
        """The draws, without their weights for this evidence."""
        return self.weighted.proposal.draws

    @property
    def is_reliable(self) -> bool:
        """Whether the answers may be published."""
        return not self.problems

    @property
    def versions(self) -> Mapping[str, str]:
        """Versions of the libraries that made the draws."""
        return dict(self.draws.meta.get("versions", {}))

    def summary(self, question: str) -> list[Summary]:
        """For every outcome: mean, its Monte Carlo standard error, and the ends of the interval over draws."""
        return [self.weighted.summary(values) for values in np.moveaxis(self.answers[question], -1, 0)]


def answered(weighted: WeightedDraws, questions: Sequence[Question]) -> Posterior:
    """Answer open questions with weighted draws, and judge weights and answers.

    Where the evidence is that of the draws, the method on record is that of the draws; else it is `reweight`.
    """
    answers = weighted.answers(questions)
    found = quality(weighted, answers)
    meta = weighted.proposal.draws.meta
    own = "smc" if weighted.proposal.draws.ancestry is not None else "nuts"
    if weighted.khat == -np.inf:
        how: dict[str, Any] = {"name": own, "khat": None}
    else:
        how = {"name": "reweight", "khat": round(found.khat, 4)}
    stored = weighted.proposal.id if weighted.proposal.is_stored else None
    method = how | _on_record(meta) | {"ess": round(found.ess, 1), "from_fit": stored}
    if own == "smc":
        method["max_error"] = round(found.error, 5)
    return Posterior(weighted, answers, found, method, found.problems)


def sampled_by_nuts(draws: Draws, questions: Sequence[Question], model: Settings, data: Arrays) -> Posterior:
    """Answer open questions with fresh draws of NUTS, and judge them.

    Returns
    -------
    Posterior
        Its draws carry their diagnosis and their log-likelihood, so that a stored file says how good it is and can be
        reweighted.
    """
    from forecast.inference.diagnose import diagnose

    shape = draws.shape
    parameters = natural(np, flat(draws), model, data.fixed)
    result = filtered(parameters, model, data)
    answers = {question.id: answer(question, result, parameters, model, data) for question in questions}
    by_outcome = {
        f"{question.id}:{outcome}": answers[question.id][:, position].reshape(shape)
        for question in questions
        for position, outcome in enumerate(outcomes(question, model))
    }
    log_likelihood = result.log_likelihood.sum(axis=1).reshape(shape)
    diagnosis = diagnose(draws, by_outcome or {"the log-likelihood": log_likelihood})
    meta = {**draws.meta, "rhat": round(diagnosis.rhat, 5), "ess": round(diagnosis.ess, 1)}
    kept = replace(draws, meta=meta, log_likelihood=log_likelihood, watches=watch_names(data))
    method = {"name": "nuts", "khat": None, "from_fit": None} | _on_record(meta)
    weighted = weigh(ProposalDraws(f"nuts {meta.get('seed')}", model, kept, data), model, data)
    judged = Quality(-np.inf, diagnosis.ess, quality(weighted, answers).error, diagnosis.problems)
    return Posterior(weighted, answers, judged, method, diagnosis.problems)


def _on_record(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What of the draws' own account goes on record."""
    seconds = round(sum(meta.get("seconds", {}).values()), 1)
    return {key: meta[key] for key in _RECORDED if key in meta} | {"seconds": seconds}


def nuts(model: Settings, data: Arrays, seed: int, progress: Progress) -> Draws:
    """Sample with NUTS; see `inference.fit.fit`."""
    progress("loading PyMC", None, "")
    with _without_collecting():
        from forecast.inference.fit import fit

        return fit(model, data, seed, progress)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Switch off the cyclic garbage collector: it walks millions of live objects of imports and compilers in vain.

    Saves about a fifth of the time of a fit.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()  # what the libraries made will live as long as the process: never walk it again
            gc.enable()
