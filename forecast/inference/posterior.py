"""Draws with the answers they give: sampled now, or those of a stored fit, weighed for today's evidence.

This module imports neither PyMC nor ArviZ; it asks for them only when a fit is made.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecast.inference.draws import Draws, flat
from forecast.inference.reweight import Weighed, judge, shortfalls, watch_names, weighted_mean
from forecast.model.answers import answer, filtered, outcomes
from forecast.model.arrays import Arrays
from forecast.model.priors import natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Occurs, State, Stays

__all__ = ["INTERVAL", "Posterior", "Progress", "Sampler", "nuts", "reweighted", "sampled", "summarised"]

#: What reports progress: stage, share done in [0, 1] or None, a remark such as the rate.
Progress = Callable[[str, float | None, str], None]
Sampler = Callable[[Settings, Arrays, int, Progress], Draws]

#: Ends of the printed interval: the 90% range over draws of the probability given the parameters.
INTERVAL = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Posterior:
    """Draws and, by question, the probability of every outcome in every draw, (chain, draw, outcome).

    `weights` (chain, draw) sum to one. `method` is what gets recorded; `problems` are sentences about diagnostics that
    failed.
    """

    draws: Draws
    answers: Mapping[str, Floats]
    weights: Floats
    method: Mapping[str, Any]
    problems: tuple[str, ...]

    @property
    def versions(self) -> Mapping[str, str]:
        """Versions of the libraries that made the draws."""
        return dict(self.draws.meta.get("versions", {}))

    def summary(self, question: str) -> list[tuple[float, float, float, float]]:
        """For every outcome: mean, its Monte Carlo standard error, and the ends of the interval over draws."""
        return [summarised(self.weights, values) for values in np.moveaxis(self.answers[question], -1, 0)]


def summarised(weights: Floats, values: Floats) -> tuple[float, float, float, float]:
    """Mean, Monte Carlo standard error and interval of values (chain, draw) with weights that sum to one."""
    mean, mcse = weighted_mean(weights, values)
    low, high = _interval(weights, values)
    return mean, mcse, low, high


def _interval(weights: Floats, values: Floats) -> tuple[float, float]:
    """Quantiles at `INTERVAL`: interpolated between equal draws, else the inverse of the weighted distribution.

    `np.quantile` gives the same, and loads numpy's masked arrays for it.
    """
    order = np.argsort(values, axis=None)
    ordered = values.ravel()[order]
    if np.ptp(weights) == 0:
        low, high = np.interp(np.array(INTERVAL) * (ordered.size - 1), np.arange(ordered.size), ordered)
    else:
        cumulative = np.cumsum(weights.ravel()[order])
        low, high = ordered[np.searchsorted(cumulative, np.array(INTERVAL) * cumulative[-1])]
    return float(low), float(high)


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


def sampled(draws: Draws, questions: Sequence[State | Stays | Occurs], model: Settings, data: Arrays) -> Posterior:
    """Answer open questions with fresh draws of NUTS, and judge them.

    Returns
    -------
    Posterior
        Its draws carry their diagnosis and their log-likelihood, so that a stored file tells how good it is and can be
        weighed anew.
    """
    from forecast.inference.diagnose import diagnose

    shape = draws.shape
    parameters = natural(np, flat(draws), model, data.fixed)
    result = filtered(parameters, model, data)
    answers = {
        question.id: _by_chain(answer(question, result, parameters, model, data), shape) for question in questions
    }
    diagnosis = diagnose(draws, _by_outcome(answers, questions, model))
    meta = {**draws.meta, "rhat": round(diagnosis.rhat, 5), "ess": round(diagnosis.ess, 1)}
    log_likelihood = result.log_likelihood.sum(axis=1).reshape(shape)
    kept = replace(draws, meta=meta, log_likelihood=log_likelihood, watches=watch_names(data))
    method = {"name": "nuts", "khat": None, "from_fit": None} | _recorded(meta)
    return Posterior(kept, answers, np.full(shape, 1 / draws.n_draws), method, diagnosis.problems)


def reweighted(
    weighed: Weighed, questions: Sequence[State | Stays | Occurs], model: Settings, data: Arrays
) -> Posterior:
    """Answer open questions with the draws of a stored fit, weighed for this evidence, and judge them.

    Returns
    -------
    Posterior
        `problems` says what is wrong where the draws must not be used for this evidence. Where the evidence is the
        same, the draws are simply those of the fit, and the method is its own.
    """
    anchor = weighed.anchor
    flat_answers = {question.id: weighed.answer(question, model, data) for question in questions}
    khat, ess = judge(weighed, flat_answers)
    same = weighed.khat == -np.inf
    found = {"name": "nuts", "khat": None} if same else {"name": "reweight", "khat": round(khat, 4)}
    method = found | _recorded(anchor.draws.meta) | {"ess": round(ess, 1), "from_fit": anchor.id}
    answers = {name: _by_chain(values, weighed.shape) for name, values in flat_answers.items()}
    return Posterior(anchor.draws, answers, weighed.weights.reshape(weighed.shape), method, shortfalls(khat, ess))


def _recorded(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What of a fit's meta goes on record."""
    keys = ("sampler", "chains", "tune", "draws", "rhat", "ess", "divergences", "bfmi")
    return {key: meta[key] for key in keys if key in meta} | {"seconds": round(sum(meta["seconds"].values()), 1)}


def _by_chain(values: Floats, shape: tuple[int, int]) -> Floats:
    return values.reshape((*shape, values.shape[-1]))


def _by_outcome(
    answers: Mapping[str, Floats], questions: Sequence[State | Stays | Occurs], model: Settings
) -> dict[str, Floats]:
    """Answers (chain, draw) by `question:outcome`."""
    return {
        f"{question.id}:{outcome}": answers[question.id][..., position]
        for question in questions
        for position, outcome in enumerate(outcomes(question, model))
    }
