"""Futures drawn from the model: parameters, a path of regimes given today's evidence, and what watches newly show.

Between the as-of date and a later day a watch shows events that it did not show before, those of days to come and
those of past days whose reports come late: Poisson given the regime, with the rate x the detection x the days newly
exposed. So what is drawn here is what the likelihood of the evidence on that later day expects, given today's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecast.model.arrays import Arrays, Placed, arrays, exposed_days, with_certain_terms
from forecast.model.as_of import KnownWatch, goes_on_until
from forecast.model.evidence_set import EvidenceSet
from forecast.model.filter import Filtered
from forecast.model.priors import Natural
from forecast.model.version import Floats, Settings

__all__ = ["Later", "Seen", "later", "newly_seen", "sample_paths", "with_seen"]


@dataclass(frozen=True, slots=True)
class Seen:
    """An event that a watch (its number) newly shows, on a day (ordinal) of a step."""

    watch: int
    step: int
    day: int


@dataclass(frozen=True, slots=True)
class Later:
    """Today's evidence on the grid to a later day: `before` as known today, `silent` if nothing more is seen.

    Both have the same steps, terms and watches in the same order; `silent` has one more term for every watch, which
    stands for a certain event in it. `newly` (T, W) is the share of each nominal step that is newly exposed.
    """

    before: Arrays
    silent: Arrays
    newly: Floats


def later(evidence: EvidenceSet, model: Settings, day: date) -> Later:
    """Let the open watches, and those that have begun by then, run on to a later day.

    Parameters
    ----------
    evidence
        As of today.
    model
        The settings.
    day
        The later day; somebody goes on searching until then.
    """
    before = arrays(evidence, model, day)
    every = (*evidence.watches, *evidence.instruments)
    running = replace(
        evidence,
        watches=tuple(_runs_on(watch, every, day) for watch in evidence.watches),
        instruments=tuple(_runs_on(watch, every, day) for watch in evidence.instruments),
    )
    after = arrays(running, model, day)
    known = with_certain_terms(before)
    # what was told on days that are searched only later keeps the weight it has today
    silent = replace(
        known,
        watches=after.watches,
        silent=after.silent,
        by_step=np.concatenate([known.weight, after.exposure], axis=1),
    )
    return Later(before, silent, np.maximum(after.exposure - before.exposure, 0.0))


def _runs_on(watch: KnownWatch, every: Iterable[KnownWatch], day: date) -> KnownWatch:
    if watch.closed is not None or watch.first > day:
        return watch
    return replace(watch, until=goes_on_until(watch, every, day))


def with_seen(ahead: Later, seen: Iterable[Seen]) -> Arrays:
    """The evidence of the later day if these events, and no others, are newly seen, each of them certain."""
    silent, n_terms = ahead.silent, len(ahead.before.term_ratio)
    by_step, placed = silent.by_step.copy(), list(silent.placed)
    number = max((part.event for part in placed), default=-1)
    for event, row in enumerate(seen, start=number + 1):
        term = n_terms + row.watch
        by_step[row.step, term] += 1.0
        placed.append(Placed(event, int(silent.watch_indicator[row.watch]), row.step, term, row.day, row.day, 1.0))
    return replace(silent, by_step=by_step, placed=tuple(placed))


def sample_paths(
    draws: NDArray[np.int64], result: Filtered, parameters: Natural, moves: Floats, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Paths of regimes (N, T) given the evidence, one for each number of a draw (N,): the filter, sampled backwards.

    P(k_T) is the filter's last, and P(k_t | k_t+1, ...) is in proportion to filtered_t[k] times the probability of the
    move from k to k_t+1 (Chib 1996, 'Calculating posterior distributions and modal estimates in Markov mixture models',
    Journal of Econometrics 75(1)).
    """
    n_steps, n_regimes = result.filtered.shape[1:]
    paths = np.empty((len(draws), n_steps), dtype=np.int64)
    paths[:, -1] = _choose(result.filtered[draws, -1], rng)
    for step in range(n_steps - 2, -1, -1):
        following = paths[:, step + 1]
        stay = (1 - moves[step + 1]) * (np.arange(n_regimes) == following[:, None])
        into = stay + moves[step + 1] * parameters.move[draws, :, following]
        paths[:, step] = _choose(result.filtered[draws, step] * into, rng)
    return paths


def _choose(weights: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """One position for every row of weights (N, K), which need not sum to one."""
    edges = np.cumsum(weights, axis=1)
    chosen: NDArray[np.int64] = (rng.random((len(weights), 1)) * edges[:, -1:] >= edges[:, :-1]).sum(axis=1)
    return chosen


def newly_seen(
    ahead: Later,
    draws: NDArray[np.int64],
    paths: NDArray[np.int64],
    parameters: Natural,
    model: Settings,
    rng: np.random.Generator,
) -> list[tuple[Seen, ...]]:
    """What the watches newly show until the later day, for each future.

    Parameters
    ----------
    ahead
        The evidence of both days.
    draws, paths
        Number of the draw (N,) and path of regimes (N, T) of each future.
    parameters, model
        Draws and settings.
    rng
        Source of chance.
    """
    futures: list[list[Seen]] = [[] for _ in draws]
    for number, indicator in enumerate(ahead.before.watch_indicator):
        yearly = parameters.rate[draws[:, None], indicator, paths] * parameters.detection[draws, number][:, None]
        counts = rng.poisson(yearly * ahead.newly[:, number] * model.step.years)
        for future, step in np.argwhere(counts):
            days, chances = _days(ahead, number, int(step))
            futures[future] += [
                Seen(number, int(step), int(day)) for day in rng.choice(days, counts[future, step], p=chances)
            ]
    return [tuple(sorted(events, key=lambda seen: (seen.day, seen.watch))) for events in futures]


def _days(ahead: Later, watch: int, step: int) -> tuple[NDArray[np.int64], Floats]:
    """The days of a step, and how probable each is to be that of an event newly seen."""
    grid = ahead.before.steps
    days = np.arange(int(grid.first[step]), int(grid.last[step]) + 1)
    old, new = ahead.before.watches[watch], ahead.silent.watches[watch]
    newly = np.array([exposed_days(new, day, day) - exposed_days(old, day, day) for day in days.tolist()])
    newly = np.maximum(newly, 0.0)
    return days, newly / newly.sum()
