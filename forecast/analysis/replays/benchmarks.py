"""Forecasts of automatic questions that need no model: how often it was so far, and one half."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from math import expm1, log1p

import numpy as np

from forecast.analysis.replays.automatic import Recorded, Window, lag_days, watch_on
from forecast.model.priors import constants
from forecast.model.version import Settings
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Watch

__all__ = ["ONE_HALF", "PRIOR_YEARS", "climatology", "shrunk_climatology"]

#: What is said by somebody who knows nothing.
ONE_HALF = 0.5

#: Weight of the codebook's mean rate in the shrunk climatology, in years of observation.
PRIOR_YEARS = 1.0

DAYS_PER_YEAR = 365.25


def climatology(asked: Iterable[Window], earlier: Iterable[Window]) -> Mapping[Window, float]:
    """What is said by somebody who knows only how often it was yes so far: (n + 1) / (N + 2), after Laplace.

    N earlier windows of the same indicator and length, watched alike, had been decided by the day, n of them with yes.

    Parameters
    ----------
    asked
        Windows to forecast.
    earlier
        All windows there are, from the first day of the scenario.
    """
    past: dict[tuple[str, int, bool], list[Window]] = {}
    for window in earlier:
        past.setdefault((window.indicator, window.months, window.watched), []).append(window)
    found = {}
    for window in asked:
        rows = past.get((window.indicator, window.months, window.watched), ())
        over = [row for row in rows if row.decided <= window.as_of]
        found[window] = (sum(row.outcome for row in over) + 1) / (len(over) + 2)
    return found


def shrunk_climatology(
    asked: Iterable[Window], scenario: Scenario, model: Settings, recorded: Recorded
) -> Mapping[Window, float]:
    """What is said by somebody who knows the codebook's mean rate and how many events were recorded so far.

    Events are a Poisson process whose rate has the prior Gamma(m b, b): m is the codebook's mean rate of recorded
    events, b is `PRIOR_YEARS`. After n events in T years the chance of none within w years is
    ((b + T) / (b + T + w)) ** (m b + n), the negative binomial's (Gelman et al., Bayesian Data Analysis, section 2.6).

    Parameters
    ----------
    asked
        Windows to forecast. T begins with the watch, or with the scenario where there is none, and ends where reports
        of earlier events have come (`lag_days`).
    scenario, model
        The scenario, and the version whose codebook has watches and rates; m averages over the prior of the regimes,
        and over the prior of the watch's detection.
    recorded
        Events of the scenario.
    """
    watches = {name: scenario.codebooks[model.version].indicators[name].watch for name in model.events}
    mean_rate = dict(zip(model.events, constants(model, np.empty((0, 2))).mean_rate, strict=True))
    found = {}
    for window in asked:
        watch = watch_on(watches[window.indicator], window.as_of) if window.watched else None
        first = max(scenario.start, watch.from_) if watch is not None else scenario.start
        last = window.as_of - timedelta(days=lag_days(watch))
        years = max(_years(first, last), 0.0)
        n = recorded.within(window.indicator, first, last, window.as_of) if years > 0 else 0
        shape = mean_rate[window.indicator] * _mean_detection(model, watch) * PRIOR_YEARS + n
        ahead = _years(window.as_of + timedelta(days=1), window.last)
        found[window] = -expm1(-shape * log1p(ahead / (PRIOR_YEARS + years)))
    return found


def _years(first: date, last: date) -> float:
    return ((last - first).days + 1) / DAYS_PER_YEAR


def _mean_detection(model: Settings, watch: Watch | None) -> float:
    if watch is None:
        return 1.0
    return float(constants(model, np.array([watch.detection])).mean_detection[0])
