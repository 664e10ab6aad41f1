"""A segment of a replay: particles start from the prior on its first day and are moved through its days.

A segment uses no other draws, so its numbers are the same whatever the ledger holds and whichever process computes
them. Sums of matrix products depend on the number of threads in their last digit, so there is one. A `Day` holds
everything that one forecast is computed from, which is what was known on it: it can be sent to another machine.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from forecast.errors import DiagnosticError
from forecast.inference import smc
from forecast.inference.cached_reweighter import CachedReweighter
from forecast.inference.draws import Draws
from forecast.inference.posterior import Posterior, Question, Sampler, answered, sampled_by_nuts
from forecast.inference.reweight import ProposalDraws
from forecast.inference.stored_draws import MAX_BRIDGE_STEPS, MIN_ANCESTORS, DrawSource
from forecast.model.arrays import Arrays, arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.frame import Frame, in_frame, watch_columns
from forecast.model.version import Settings

__all__ = ["SWEEPS", "Day", "DayForecast", "Run", "Segment", "advance", "particles_of", "walk"]

#: Sweeps after the last step of a move, tried in turn; where none is enough, the day starts from the prior.
SWEEPS = (2, 8)


@dataclass(frozen=True, slots=True)
class Day:
    """What one forecast of a replay is computed from.

    `key` names it, `questions` are all that are asked, and `frame` is for NUTS alone.
    """

    key: str
    as_of: date
    model: Settings
    evidence: EvidenceSet
    questions: tuple[Question, ...]
    seed: int
    frame: Frame


@dataclass(frozen=True, slots=True)
class DayForecast:
    """One forecast of a replay, as far as it is recorded.

    `draws` are what it was computed from; `problems` are sentences about diagnostics that failed, and then there may be
    no answers and no draws.
    """

    key: str
    method: Mapping[str, Any]
    versions: Mapping[str, str]
    answers: Mapping[str, list[tuple[float, float, float, float]]]
    problems: tuple[str, ...]
    draws: Draws | None

    def summary(self, question: str) -> list[tuple[float, float, float, float]]:
        """For every outcome: mean, its Monte Carlo standard error, and the ends of the interval over draws."""
        return self.answers[question]


@dataclass(frozen=True, slots=True)
class Segment:
    """Days that follow each other, and the particles of the day before them where the segment was interrupted.

    `chain` names scenario and model version: NUTS compiles once for the days of a chain.
    """

    chain: str
    days: tuple[Day, ...]
    start: ProposalDraws | None = None


#: Computes segments and yields forecasts as they are ready, those of one segment in their order. NUTS, if it is given,
#: samples every day instead of the particles.
type Run = Callable[[Sequence[Segment], Sampler | None], Generator[DayForecast]]


def walk(segment: Segment, nuts: Sampler | None) -> Generator[DayForecast]:
    """Forecast the days of a segment, one after the other."""
    start = segment.start
    for day in segment.days:
        forecast, start = advance(day, start, nuts)
        yield forecast


def advance(day: Day, start: ProposalDraws | None, nuts: Sampler | None) -> tuple[DayForecast, ProposalDraws | None]:
    """Forecast one day.

    Parameters
    ----------
    day
        What it is computed from. Its seed does not depend on what was computed before.
    start
        Particles of the day before; None to start from the prior.
    nuts
        Samples the day instead, if it is given.

    Returns
    -------
    DayForecast
        With problems where no attempt passed the diagnostics.
    ProposalDraws or None
        The particles that the next day starts from; None after NUTS and after a failure.
    """
    data = arrays(day.evidence, day.model, day.as_of)
    if nuts is not None:
        return _forecast(day, _by_nuts(day, data, nuts)), None
    with threadpool_limits(1, "blas"):
        try:
            found = _by_particles(day, data, start)
        except DiagnosticError as error:
            return DayForecast(day.key, {}, {}, {}, (str(error).removesuffix("."),), None), None
        forecast = _forecast(day, found)
    if forecast.problems or forecast.draws is None:
        return forecast, None
    return forecast, ProposalDraws(day.key, day.model, forecast.draws, data)


def particles_of(day: Day, draws: Draws) -> ProposalDraws:
    """Stored particles of a day, as `advance` returned them."""
    return ProposalDraws(day.key, day.model, draws, arrays(day.evidence, day.model, day.as_of))


def _by_particles(day: Day, data: Arrays, start: ProposalDraws | None) -> Posterior:
    """The first attempt that passes its diagnostics: moves with more and more sweeps, then more and more particles."""
    if start is not None:
        for found in _moved(day, data, start):
            if found.is_reliable:
                return found
    return DrawSource(method="smc").draws_for(day.model, data, day.questions, seed=day.seed)


class _TooFarError(Exception):
    """A move would take more steps than it takes from the prior."""


def _stop_where_far(_swarm: smc.Swarm, power: float, following: float, _log_ratios: object) -> None:
    if power == 0.0 and following * MAX_BRIDGE_STEPS < 1.0:
        raise _TooFarError


def _moved(day: Day, data: Arrays, start: ProposalDraws) -> Iterator[Posterior]:
    """The particles of the day before, moved with as many sweeps as `SWEEPS` says; none where it is too far."""
    meta = start.draws.meta
    if meta["distinct_ancestors"] < MIN_ANCESTORS:
        return
    for sweeps in SWEEPS:
        try:
            moved = smc.move(
                start, day.model, data, day.seed, sweeps=sweeps, scales=meta["scales"], observe=_stop_where_far
            )
        except (_TooFarError, ValueError):
            return  # it is far from what was known before, or impossible under every particle
        yield answered(CachedReweighter(moved, day.model).weigh(data), day.questions)


def _by_nuts(day: Day, data: Arrays, nuts: Sampler) -> Posterior:
    """Sampled in terms of the frame, whose further watches are then left out: their detections are from the prior."""
    draws = nuts(day.model, in_frame(data, day.model, day.frame), day.seed, lambda *_: None)
    own = draws.arrays["detection_own"][..., watch_columns(data.watches, day.frame)]
    draws = replace(draws, arrays={**draws.arrays, "detection_own": np.ascontiguousarray(own)})
    with threadpool_limits(1, "blas"):
        return sampled_by_nuts(draws, day.questions, day.model, data)


def _forecast(day: Day, posterior: Posterior) -> DayForecast:
    answers = {question.id: posterior.summary(question.id) for question in day.questions}
    # without the time that it took: files of the same particles are then equal byte for byte
    meta = {name: value for name, value in posterior.draws.meta.items() if name != "seconds"}
    draws = replace(posterior.draws, meta=meta)
    return DayForecast(day.key, posterior.method, posterior.versions, answers, posterior.problems, draws)
