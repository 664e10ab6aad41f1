"""The counts of one step, as draws for the evidence before it predict them, and as evidence of one more step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import lgamma, log

import numpy as np

from forecast.analysis.versions.watch_windows import Window
from forecast.inference.reweight import WeightedDraws, watch_names
from forecast.model.arrays import Arrays, with_certain_terms
from forecast.model.filter import move_by
from forecast.model.steps import Steps
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Family

__all__ = ["StepCounts"]


@dataclass(frozen=True, slots=True)
class StepCounts:
    """Windows of step `step` of a grid with the number of events seen in each, and the evidence before the step.

    `number` is the version's place among the watches of a window.
    """

    seen: Sequence[tuple[Window, int]]
    grid: Steps
    step: int
    model: Settings
    data: Arrays
    number: int

    @property
    def indicators(self) -> list[str]:
        """The indicators that have a window in the step, in order."""
        return list(dict.fromkeys(window.indicator for window, _ in self.seen))

    def log_probability(self, weighted: WeightedDraws, indicators: Sequence[str]) -> Floats:
        """Log-probability of the counts of some indicators in every draw, given the evidence before the step, (D,).

        A mixture over the regimes of the step of products of Poisson probabilities. The draws are weighted for the
        evidence before the step, or for `with_counts`.
        """
        predicted = self._predicted(weighted)
        log_poisson = np.zeros(predicted.shape)
        rate, detection = weighted.parameters.rate, weighted.parameters.detection
        for window, count in self.seen:
            if window.indicator in indicators:
                column, years = self._watched(window)
                expected = rate[:, self.model.events.index(window.indicator)] * detection[:, [column]] * years
                log_poisson += count * np.log(expected) - expected - lgamma(count + 1)
        highest = log_poisson.max(axis=1)
        mean: Floats = (predicted * np.exp(log_poisson - highest[:, None])).sum(axis=1)
        with np.errstate(divide="ignore"):
            return np.log(mean) + highest

    def with_counts(self) -> tuple[Arrays, float]:
        """The evidence before the step with one more step, in which the counts are certain events and silence.

        Returns
        -------
        Arrays
            With the steps of the grid to this one.
        float
            What its log-likelihood leaves out: log p(counts | draw) minus the log-likelihood of the last step. The
            emission has rate detection / ref where the Poisson probability of n events in x years has
            (rate detection x)^n / n!.
        """
        base = with_certain_terms(self.data)
        n_watches = len(base.watches)
        n_known = len(self.data.term_ratio)
        row, left_out = np.zeros(n_known + 2 * n_watches), 0.0
        for window, count in self.seen:
            column, years = self._watched(window)
            row[n_known + column] += count
            row[n_known + n_watches + column] += years / self.model.step.years
            left_out += count * log(base.watch_scale[column] * years) - lgamma(count + 1)
        end = self.step + 1
        grid = self.grid
        steps = Steps(grid.first[:end], grid.last[:end], grid.period_days[:end], grid.years)
        return replace(
            base,
            steps=steps,
            moves=np.append(base.moves, self._fraction),
            by_step=np.concatenate([base.by_step, row[None]]),
        ), left_out

    @property
    def _fraction(self) -> float:
        """Share of a nominal step by which the regime moves into the step."""
        moves = self.step > 0 and self.model.family is not Family.STATIC
        return float(self.grid.fraction[self.step]) if moves else 0.0

    def _watched(self, window: Window) -> tuple[int, float]:
        """Number of the window's watch, and the years in it in which an event would be counted."""
        name = window.indicator, window.watches[self.number].first.isoformat()
        years_per_day = self.model.step.years / float(self.grid.period_days[self.step])
        return watch_names(self.data).index(name), window.exposed_days(self.number) * years_per_day

    def _predicted(self, weighted: WeightedDraws) -> Floats:
        """P(regime in the step | evidence before it, draw), (D, K)."""
        filtered = weighted.filtered.filtered
        if self.step == 0:
            return np.broadcast_to(self.model.initial, (len(filtered), len(self.model.initial)))
        return move_by(filtered[:, self.step - 1], weighted.parameters.move, self._fraction)
