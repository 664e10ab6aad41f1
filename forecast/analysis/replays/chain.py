"""A chain of forecasts over days, each weighed from the chain's last fit, or fitted anew where that does not serve.

A chain is cut into segments of fixed length. A segment begins with a fit of its own and knows no other draws, so its
numbers are the same whatever lies in the ledger, and whichever process walks it; sums of matrix products hang on the
number of threads in their last digit, so there is one. A `Day` holds all that one forecast is
computed from, which is what was known on it: it can be sent to another machine.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from forecast.inference.cached_reweighter import CachedReweighter
from forecast.inference.draws import Draws
from forecast.inference.posterior import Posterior, Progress, Sampler, reweighted, sampled
from forecast.inference.reweight import ProposalDraws
from forecast.model.arrays import Arrays, arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.frame import Frame, in_frame, watch_columns
from forecast.model.version import Settings
from forecast.scenario.schema import Occurs, State, Stays

__all__ = ["Day", "Made", "Run", "Segment", "advance", "walk"]


@dataclass(frozen=True, slots=True)
class Day:
    """What one forecast of a chain is computed from; `key` names it, `questions` are all that are asked."""

    key: str
    as_of: date
    model: Settings
    evidence: EvidenceSet
    questions: tuple[State | Stays | Occurs, ...]
    seed: int
    frame: Frame


@dataclass(frozen=True, slots=True)
class Made:
    """One forecast of a chain, as far as it is recorded.

    `fitted` are the draws where it was fitted anew; otherwise `of` is the key of the day whose fit was weighed.
    `problems` are sentences about diagnostics that failed.
    """

    key: str
    of: str
    method: Mapping[str, Any]
    versions: Mapping[str, str]
    answers: Mapping[str, list[tuple[float, float, float, float]]]
    problems: tuple[str, ...]
    fitted: Draws | None

    def summary(self, question: str) -> list[tuple[float, float, float, float]]:
        """For every outcome: mean, its Monte Carlo standard error, and the ends of the interval over draws."""
        return self.answers[question]


@dataclass(frozen=True, slots=True)
class Segment:
    """Days that follow each other, and the fit they begin from, if the segment was begun before.

    `chain` names scenario and model version: days of one chain share a compilation.
    """

    chain: str
    days: tuple[Day, ...]
    anchor: ProposalDraws | None = None


#: Walks segments and gives forecasts as they are made, those of one segment in their order.
type Run = Callable[[Sequence[Segment], Sampler], Generator[Made]]


def walk(segment: Segment, sampler: Sampler, progress: Progress) -> Generator[Made]:
    """Forecast the days of a segment, one after the other."""
    anchor = segment.anchor
    for day in segment.days:
        made, anchor = advance(day, anchor, sampler, progress)
        yield made


def advance(
    day: Day, anchor: ProposalDraws | None, sampler: Sampler, progress: Progress
) -> tuple[Made, ProposalDraws | None]:
    """Forecast one day from the last fit, or from a new one if there is none or any answer refuses it.

    Returns
    -------
    Made
        The forecast; if a new fit failed its diagnostics, with the problems.
    ProposalDraws or None
        The fit that the next day begins from. A fit that failed is none.
    """
    progress("weighing", None, f"as of {day.as_of}")
    data = arrays(day.evidence, day.model, day.as_of)
    if anchor is not None:
        with threadpool_limits(1, "blas"):
            # a bench for every day: what one keeps between days would show in the last digit after a resumption
            weighed = CachedReweighter(anchor, day.model).weigh(data)
            posterior = reweighted(weighed, day.questions, day.model, data)
            if not posterior.problems:
                return _made(day, anchor.id, posterior), anchor
    draws = sampler(day.model, in_frame(data, day.model, day.frame), day.seed, progress)
    with threadpool_limits(1, "blas"):
        posterior = sampled(_of_the_day(draws, data, day.frame), day.questions, day.model, data)
        made = replace(_made(day, day.key, posterior), fitted=posterior.draws)
    return made, anchor if posterior.problems else ProposalDraws(day.key, day.model, posterior.draws)


def _of_the_day(draws: Draws, data: Arrays, around: Frame) -> Draws:
    """Draws without the watches of the frame that the day does not know; they are draws from the prior."""
    own = draws.arrays["detection_own"][..., watch_columns(data.watches, around)]
    return replace(draws, arrays={**draws.arrays, "detection_own": np.ascontiguousarray(own)})


def _made(day: Day, of: str, posterior: Posterior) -> Made:
    answers = {question.id: posterior.summary(question.id) for question in day.questions}
    return Made(day.key, of, posterior.method, posterior.versions, answers, posterior.problems, None)
