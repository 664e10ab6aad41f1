"""The prequential log score: how probable each step's counts were to a version that knew only what came before.

For every step with windows that all versions watch, log p(counts seen in them | evidence known on the day before the
step): a mixture over draws and regimes of products of Poisson probabilities, with detection and exposure (Dawid 1984,
'Present position and potential developments: the prequential approach', JRSS A 147). Evidence outside watches is known
before a step and shapes the prediction, but is never itself predicted: what authors choose to tell is not a count.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from math import lgamma

import numpy as np

from forecast.analysis.versions.serve import Served, serve
from forecast.analysis.versions.watch_windows import Window
from forecast.inference.monte_carlo import mcse_of_mean
from forecast.inference.reweight import ProposalDraws, WeightedDraws, watch_names
from forecast.model.arrays import Arrays, arrays
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import EvidenceSet, evidence_set
from forecast.model.filter import move_by
from forecast.model.steps import Steps
from forecast.model.version import Floats, Settings
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Family

__all__ = ["Prequential", "StepScore", "error_of_sum", "evidence_before", "prequential"]

#: The evidence that a version knows on a day.
Knows = Callable[[date], EvidenceSet]

#: The draws that may serve for the evidence of a day, those used last given.
Candidates = Callable[[date, ProposalDraws | None], Iterable[ProposalDraws]]

#: Samples for the evidence of a day.
Refit = Callable[[Arrays], ProposalDraws]


@dataclass(frozen=True, slots=True)
class StepScore:
    """The score of one step that begins on `first`: of all its counts together, and of each indicator by itself.

    `influence` (draw,) is what each draw adds to the error of `joint`; `anchor` names the draws.
    """

    first: date
    joint: float
    by_indicator: Mapping[str, float]
    khat: float
    ess: float
    reliable: bool
    anchor: str
    influence: Floats
    shape: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Prequential:
    """Scores of all steps in order, and the Monte Carlo error of their sum."""

    steps: tuple[StepScore, ...]
    mcse: float

    @property
    def joint(self) -> Floats:
        """The score of every step, (n,)."""
        return np.array([step.joint for step in self.steps])

    @property
    def n_unreliable(self) -> int:
        """Steps for which no draws served."""
        return sum(not step.reliable for step in self.steps)


def evidence_before(scenario: Scenario, model: Settings, windows: Sequence[Window], number: int) -> Knows:
    """What version number `number` knows on a day, with the watches of its windows.

    A watch that will open later tells nothing yet, but its detection enters the prediction: it is an instrument.
    """
    watches = {(window.indicator, window.watches[number].first): window.watches[number] for window in windows}

    def evidence(day: date) -> EvidenceSet:
        if day < scenario.start:
            found = EvidenceSet(scenario.start, model.step, (), (), ())
        else:
            found = evidence_set(snapshot(scenario, model.version, day), scenario.start, model)
        there = {(watch.indicator, watch.first) for watch in (*found.watches, *found.instruments)}
        ahead = [replace(watch, until=None) for name, watch in watches.items() if name not in there]
        instruments = sorted((*found.instruments, *ahead), key=lambda watch: (watch.indicator, watch.first))
        return replace(found, instruments=tuple(instruments))

    return evidence


def prequential(
    model: Settings,
    windows: Sequence[Window],
    counts: Sequence[int],
    grid: Steps,
    knows: Knows,
    candidates: Candidates,
    *,
    number: int = 0,
    refit: Refit | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Prequential:
    """Score every step that has a window, each from the evidence known before it.

    Parameters
    ----------
    model
        The version's settings.
    windows, counts
        In order of days, and how many events were seen in each.
    grid
        The steps that windows number.
    knows, candidates, refit
        The version's evidence on a day; draws that may serve for it; what samples where they do not, if it may.
    number
        The version's place among the watches of a window.
    progress
        Called with the share done.
    """
    scores: list[StepScore] = []
    last: ProposalDraws | None = None
    rows = [
        (step, list(group)) for step, group in groupby(zip(windows, counts, strict=True), key=lambda pair: pair[0].step)
    ]
    for step, seen in rows:
        first = date.fromordinal(int(grid.first[step]))
        day = first - timedelta(days=1)
        data = arrays(knows(day), model, day)
        fraction = float(grid.fraction[step]) if step > 0 and model.family is not Family.STATIC else 0.0
        counting = _Counting(seen, number, fraction, float(grid.period_days[step]), model, data)
        served = serve(candidates(day, last), model, data, counting.wanted, refit)
        last = served.weighed.anchor
        scores.append(counting.score(served, first))
        progress(len(scores) / len(rows))
    return Prequential(tuple(scores), error_of_sum(scores))


class _Counting:
    """The counts of one step as predicted from weighed draws of the evidence before it."""

    def __init__(
        self,
        seen: Sequence[tuple[Window, int]],
        number: int,
        fraction: float,
        period_days: float,
        model: Settings,
        data: Arrays,
    ) -> None:
        self._seen, self._number, self._fraction = seen, number, fraction
        self._years_per_day = model.step.years / period_days
        self._model, self._names = model, watch_names(data)

    def wanted(self, weighed: WeightedDraws) -> dict[str, Floats]:
        """What the weights are judged by: the probability of all counts in every draw, up to a factor."""
        return {"counts": _mixed(self._predicted(weighed), self._log_poisson(weighed).sum(axis=0))[0][:, None]}

    def score(self, served: Served, first: date) -> StepScore:
        """Log-probabilities over draws and regimes, of all counts and of each indicator's."""
        weighed = served.weighed
        predicted, log_poisson = self._predicted(weighed), self._log_poisson(weighed)
        indicators = [window.indicator for window, _ in self._seen]
        values, shift = _mixed(predicted, log_poisson.sum(axis=0))
        mean = float(weighed.weights @ values)
        marginal = {}
        for name in dict.fromkeys(indicators):
            own = log_poisson[[other == name for other in indicators]].sum(axis=0)
            part, part_shift = _mixed(predicted, own)
            marginal[name] = float(np.log(weighed.weights @ part) + part_shift)
        influence = len(values) * weighed.weights * (values / mean - 1)
        return StepScore(
            first,
            float(np.log(mean) + shift),
            marginal,
            served.khat,
            served.ess,
            served.reliable,
            weighed.anchor.id,
            influence,
            weighed.shape,
        )

    def _predicted(self, weighed: WeightedDraws) -> Floats:
        """P(regime in the step | evidence before, draw), (D, K)."""
        filtered = weighed.filtered.filtered
        if filtered.shape[1] == 0:  # the first step of the scenario
            return np.broadcast_to(self._model.initial, (len(filtered), len(self._model.initial)))
        return move_by(filtered[:, -1], weighed.parameters.move, self._fraction)

    def _log_poisson(self, weighed: WeightedDraws) -> Floats:
        """Log-probability of every window's count given regime and draw, (window, D, K)."""
        rate, detection = weighed.parameters.rate, weighed.parameters.detection
        rows = []
        for window, count in self._seen:
            column = self._names.index((window.indicator, window.watches[self._number].first.isoformat()))
            years = window.exposed_days(self._number) * self._years_per_day
            expected = rate[:, self._model.events.index(window.indicator)] * detection[:, [column]] * years
            rows.append(count * np.log(expected) - expected - lgamma(count + 1))
        return np.array(rows)


def _mixed(predicted: Floats, log_values: Floats) -> tuple[Floats, float]:
    """Mean over regimes of exp(log_values), (D,), and the logarithm of the factor that was taken out of it."""
    shift = float(log_values.max())
    return (predicted * np.exp(log_values - shift)).sum(axis=1), shift


def error_of_sum(scores: Sequence[StepScore]) -> float:
    """Monte Carlo standard error of the sum of scores: steps that share draws share their error, others do not.

    By the delta method each score's error is the mean over draws of their influence (as in
    `inference.reweight.weighted_mean`), so that of a sum is the mean of summed influences.
    """
    variance = 0.0
    ordered = sorted(scores, key=lambda score: score.anchor)
    for _, group in groupby(ordered, key=lambda score: score.anchor):
        same = list(group)
        parts = np.sum([score.influence for score in same], axis=0).reshape(same[0].shape)
        variance += mcse_of_mean(parts) ** 2
    return float(np.sqrt(variance))
