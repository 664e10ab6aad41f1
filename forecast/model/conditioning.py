"""Conditioning on more than the evidence: a condition holds today, or nothing is seen of an indicator ahead.

`model.answers.ahead` multiplies it into the regimes' probabilities, so that its rows become P(outcome and what is given
| draw). Events seen ahead are Poisson given the regime, so that nothing is seen in a span with the probability
exp(- rate x days x share seen): the regime moves into the span first, as for every count.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from forecast.model.arrays import Arrays
from forecast.model.as_of import goes_on_until
from forecast.model.priors import Natural
from forecast.model.version import Floats, Settings

__all__ = ["NOTHING", "Conditioning", "Unseen", "holds_today", "unseen"]


@dataclass(frozen=True, slots=True)
class Unseen:
    """Nothing is seen of an event indicator.

    Whatever is seen before the window ends has happened in it; how late it is reported does not matter.
    """

    indicator: int
    yearly: Floats  # (D, K) true events per year
    seen: tuple[tuple[int, int, Floats], ...]  # first and last day (ordinals), share of true events seen (D, 1)

    def days(self, first: int, last: int) -> Floats:
        """Days from `first` to `last`, each weighed by the share of true events that is seen, (D, 1)."""
        days = np.zeros((len(self.yearly), 1))
        for begin, end, share in self.seen:
            days = days + share * max(min(last, end) - max(first, begin) + 1, 0)
        return days


@dataclass(frozen=True, slots=True)
class Conditioning:
    """Factors of the regimes' probabilities: `now` (D, K) as of today, `unseen` in every span ahead."""

    now: Floats | None = None
    unseen: Unseen | None = None

    def today(self, state: Floats) -> Floats:
        """A state (D, ..., K) as of today times the probability of what is given about today."""
        return state if self.now is None else state * _spread(self.now, state)

    def ahead(self, state: Floats, first: int, last: int, years_per_day: float) -> Floats:
        """A state (D, ..., K) within the span of days `first` to `last`, times that of what is given about it."""
        if self.unseen is None:
            return state
        expected = self.unseen.yearly * self.unseen.days(first, last) * years_per_day
        return state * _spread(np.exp(-expected), state) if expected.any() else state

    def uncounted(self, indicator: int, first: int, last: int) -> Floats | float:
        """Days (D, 1) of a span on which an event that counts would be seen, and so did not happen by what is given."""
        if self.unseen is None or self.unseen.indicator != indicator:
            return 0.0
        return self.unseen.days(first, last)


#: Nothing beside the evidence.
NOTHING = Conditioning()


def _spread(factor: Floats, state: Floats) -> Floats:
    return factor.reshape((factor.shape[0], *(1,) * (state.ndim - 2), factor.shape[1]))


def holds_today(condition: int, parameters: Natural) -> Conditioning:
    """A condition holds as of today, known for certain."""
    return Conditioning(now=parameters.holds[:, condition])


def unseen(
    indicator: int, window: tuple[int, int], parameters: Natural, model: Settings, data: Arrays
) -> tuple[Conditioning, bool]:
    """Nothing is seen of an event indicator in a window ahead.

    Parameters
    ----------
    indicator
        Its number.
    window
        First and last day, as ordinals.
    parameters, model, data
        Draws, settings, evidence.

    Returns
    -------
    Conditioning
        With the detection of the watches that are open, or will begin, in the window; without any, everything that
        happens is seen.
    bool
        Whether such a watch exists.
    """
    spans = [
        (
            max(window[0], watch.first.toordinal()),
            goes_on_until(watch, data.watches, date.fromordinal(window[1])).toordinal(),
            parameters.detection[:, [number]],
        )
        for number, watch in enumerate(data.watches)
        if watch.indicator == model.events[indicator] and watch.closed is None and watch.first.toordinal() <= window[1]
    ]
    complete = (*window, np.ones((len(parameters.rate), 1)))
    return Conditioning(unseen=Unseen(indicator, parameters.rate[:, indicator], tuple(spans) or (complete,))), bool(
        spans
    )
