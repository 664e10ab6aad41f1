"""Whether a version could have produced what its watches saw: counts, and the longest silence, against replicates.

All named regimes can be wrong, and probabilities divided among them do not show it. So every draw of the posterior
makes the watched period once more: a path of regimes drawn backwards through the filter, then events by its rates,
detection and lags. What the record shows should not be rare among the replicates (Gelman, Meng and Stern 1996,
'Posterior predictive assessment of model fitness via realized discrepancies', Statistica Sinica 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.versions.watch_windows import Window
from forecast.inference.reweight import WeightedDraws, watch_names
from forecast.model.arrays import exposed_days
from forecast.model.simulate import sample_paths
from forecast.model.version import Floats

__all__ = ["MISFIT", "Check", "predictive_check"]

Ints = NDArray[np.int64]

#: Two-sided tail probability below which a version is said to misfit, shared among all its checks (Bonferroni).
MISFIT = 0.02


@dataclass(frozen=True, slots=True)
class Check:
    """One statistic of one indicator in its watches: as seen, and over replicates the ends of the 90% range and tails.

    `statistic` is `count` or `longest silence` (in watched days). `p` is twice the smaller tail, ties on both sides, at
    most 1; `misfit` says whether it is below `MISFIT` divided by the number of checks.
    """

    indicator: str
    statistic: str
    observed: int
    low: float
    high: float
    p: float
    misfit: bool


def predictive_check(
    weighted: WeightedDraws,
    windows: Sequence[Window],
    seen: Sequence[Sequence[int]],
    rng: np.random.Generator,
) -> list[Check]:
    """Check counts and longest silences of every watched indicator, one replicate for each draw.

    Parameters
    ----------
    weighted
        Draws weighted for the evidence.
    windows, seen
        The version's own windows with the days (ordinals) of the events seen in each, all counted at the end.
    rng
        Draws the replicates.
    """
    regimes = sample_paths(
        np.arange(len(weighted.weights)), weighted.filtered, weighted.parameters, weighted.data.moves, rng
    )
    indicators = list(dict.fromkeys(window.indicator for window in windows))
    limit = MISFIT / max(2 * len(indicators), 1)
    checks = []
    for indicator in sorted(indicators):
        own = [(window, days) for window, days in zip(windows, seen, strict=True) if window.indicator == indicator]
        record = _Record([window for window, _ in own])
        days = record.positions(np.array(sorted(day for _, days in own for day in days), dtype=np.int64))
        draws, positions = record.replicate(weighted, regimes, rng)
        n_draws = len(regimes)
        statistics = {
            "count": (len(days), np.bincount(draws, minlength=n_draws)),
            "longest silence": (
                int(_longest_silence(np.zeros_like(days), days, 1, record.n_days)[0]),
                _longest_silence(draws, positions, n_draws, record.n_days),
            ),
        }
        for name, (observed, replicates) in statistics.items():
            at_most, at_least = (
                weighted.mean(_share(replicates <= observed)),
                weighted.mean(_share(replicates >= observed)),
            )
            p = min(1.0, 2 * min(at_most, at_least))
            _, _, low, high = weighted.summary(replicates.astype(float))
            checks.append(Check(indicator, name, observed, low, high, p, p < limit))
    return checks


def _share(found: NDArray[np.bool_]) -> Floats:
    return found.astype(float)


class _Record:
    """The watched days of one indicator, laid end to end: what no watch covers is left out."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self.windows = windows
        lengths = [window.last - window.first + 1 for window in windows]
        self._begins = np.cumsum([0, *lengths[:-1]])
        self._first = np.array([window.first for window in windows])
        self.n_days = sum(lengths)

    def positions(self, days: Ints) -> Ints:
        """Places of days (ordinals within windows) among the watched days, from 0."""
        window = np.searchsorted(self._first, days, side="right") - 1
        found: Ints = self._begins[window] + days - self._first[window]
        return found

    def replicate(self, weighted: WeightedDraws, regimes: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Events of one more record for each draw: the draw of every event, and its place among the watched days."""
        model, data = weighted.model, weighted.data
        n_draws = len(regimes)
        rates = weighted.parameters.rate[:, model.events.index(self.windows[0].indicator)]
        draws, positions = [], []
        for begin, window in zip(self._begins, self.windows, strict=True):
            watch = window.watches[0]
            detection = weighted.parameters.detection[
                :, watch_names(data).index((watch.indicator, watch.first.isoformat()))
            ]
            years = window.exposed_days(0) * model.step.years / data.steps.period_days[window.step]
            expected = rates[np.arange(n_draws), regimes[:, window.step]] * detection * years
            events = np.repeat(np.arange(n_draws), rng.poisson(expected))
            chances = np.array([exposed_days(watch, day, day) for day in range(window.first, window.last + 1)])
            draws.append(events)
            positions.append(begin + rng.choice(len(chances), size=len(events), p=chances / chances.sum()))
        return np.concatenate(draws), np.concatenate(positions)


def _longest_silence(draws: Ints, positions: Ints, n_draws: int, n_days: int) -> Ints:
    """Most days without an event, (D,), from the draw and the place of every event; the ends of the record count."""
    everyone = np.arange(n_draws)
    owner = np.concatenate([draws, everyone, everyone])
    place = np.concatenate([positions, np.full(n_draws, -1), np.full(n_draws, n_days)])
    order = np.lexsort((place, owner))
    owner, place = owner[order], place[order]
    longest = np.zeros(n_draws, dtype=np.int64)
    within = owner[1:] == owner[:-1]
    np.maximum.at(longest, owner[1:][within], (np.diff(place) - 1)[within])
    return np.maximum(longest, 0)
