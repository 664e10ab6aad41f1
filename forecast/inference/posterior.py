"""Draws with the answers they give: sampled now, or taken from a stored fit to exactly the same evidence.

This module imports neither PyMC nor ArviZ; it asks for them only when a fit is made.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecast.inference.draws import Draws, flat
from forecast.inference.monte_carlo import effective_size, mcse_of_mean
from forecast.model.answers import answer, filtered, outcomes
from forecast.model.arrays import Arrays
from forecast.model.priors import natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Occurs, State, Stays

__all__ = ["INTERVAL", "MIN_ESS", "Posterior", "Progress", "Sampler", "nuts", "reused", "sampled"]

#: What reports progress: stage, share done in [0, 1] or None, a remark such as the rate.
Progress = Callable[[str, float | None, str], None]
Sampler = Callable[[Settings, Arrays, int, Progress], Draws]

#: Ends of the printed interval: the 90% range over draws of the probability given the parameters.
INTERVAL = (0.05, 0.95)

#: Least effective sample size for the mean of any answer.
MIN_ESS = 400.0


@dataclass(frozen=True, slots=True)
class Posterior:
    """Draws and, by question, the probability of every outcome in every draw, (chain, draw, outcome).

    `method` is what gets recorded; `problems` are sentences about diagnostics that failed.
    """

    draws: Draws
    answers: Mapping[str, Floats]
    method: Mapping[str, Any]
    problems: tuple[str, ...]

    def summary(self, question: str) -> list[tuple[float, float, float, float]]:
        """For every outcome: mean, its Monte Carlo standard error, and the ends of the interval over draws."""
        return [
            (
                float(values.mean()),
                mcse_of_mean(values),
                *(float(end) for end in np.quantile(values, INTERVAL)),  # type: ignore[misc]
            )
            for values in np.moveaxis(self.answers[question], -1, 0)
        ]


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
        Its draws' `meta` carries the diagnosis, so that a stored file tells how good it is.
    """
    from forecast.inference.diagnose import diagnose

    answers = _answers(draws, questions, model, data)
    diagnosis = diagnose(draws, _by_outcome(answers, questions, model))
    meta = {
        **draws.meta,
        "rhat": round(diagnosis.rhat, 5),
        "ess": round(diagnosis.ess, 1),
    }
    method = {"name": "nuts", "khat": None, "from_fit": None} | _recorded(meta)
    return Posterior(replace(draws, meta=meta), answers, method, diagnosis.problems)


def reused(
    draws: Draws, digest: str, questions: Sequence[State | Stays | Occurs], model: Settings, data: Arrays
) -> Posterior | None:
    """Answer open questions with stored draws of a fit to exactly this model and evidence.

    Returns
    -------
    Posterior or None
        None where the effective sample size does not suffice for one of these questions.
    """
    answers = _answers(draws, questions, model, data)
    ess = min(effective_size(values) for values in _by_outcome(answers, questions, model).values())
    if not ess > MIN_ESS:
        return None
    method = {"name": "nuts", "khat": None} | _recorded(draws.meta) | {"ess": round(ess, 1), "from_fit": digest}
    return Posterior(draws, answers, method, ())


def _recorded(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What of a fit's meta goes on record."""
    keys = ("sampler", "chains", "tune", "draws", "rhat", "ess", "divergences", "bfmi")
    return {key: meta[key] for key in keys if key in meta} | {"seconds": round(sum(meta["seconds"].values()), 1)}


def _answers(
    draws: Draws, questions: Sequence[State | Stays | Occurs], model: Settings, data: Arrays
) -> dict[str, Floats]:
    parameters = natural(np, flat(draws), model, data.fixed)
    result = filtered(parameters, model, data)
    shape = (draws.n_chains, -1)
    return {
        question.id: answer(question, result, parameters, model, data).reshape((*shape, len(outcomes(question, model))))
        for question in questions
    }


def _by_outcome(
    answers: Mapping[str, Floats], questions: Sequence[State | Stays | Occurs], model: Settings
) -> dict[str, Floats]:
    """Answers (chain, draw) by `question:outcome`."""
    return {
        f"{question.id}:{outcome}": answers[question.id][..., position]
        for question in questions
        for position, outcome in enumerate(outcomes(question, model))
    }
