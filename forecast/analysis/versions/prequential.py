"""The prequential log score: how probable each step's counts were to a version that knew only what came before.

For every step with windows that all versions watch, log p(counts seen in them | evidence known on the day before the
step): a mixture over draws and regimes of products of Poisson probabilities, with detection and exposure (Dawid 1984,
'Present position and potential developments: the prequential approach', JRSS A 147). Evidence outside watches is known
before a step and shapes the prediction, but is never itself predicted: what authors choose to report is not a count.

The probability of the counts is a ratio of two marginal likelihoods, with and without them. Particles are led along the
days: they are weighted for the next evidence, and moved where too few of them would count (Chopin 2002, 'A sequential
particle filter method for static models', Biometrika 89).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby

import numpy as np

from forecast.analysis.versions.step_counts import StepCounts
from forecast.analysis.versions.watch_windows import Window
from forecast.inference.draws import Ints
from forecast.inference.log_evidence import family_weights, log_evidence
from forecast.inference.monte_carlo import ancestral_error
from forecast.inference.psis import log_sum_exp
from forecast.inference.reweight import WeightedDraws, prior_draws
from forecast.inference.stored_draws import DrawSource
from forecast.model.arrays import Arrays, arrays
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import EvidenceSet, evidence_set
from forecast.model.steps import Steps
from forecast.model.version import Floats, Settings
from forecast.scenario.record import Scenario

__all__ = ["Influence", "Prequential", "StepScore", "error_of_sum", "evidence_before", "prequential"]

#: The evidence that a version knows on a day.
Knows = Callable[[date], EvidenceSet]


@dataclass(frozen=True, slots=True)
class Influence:
    """How much the descendants of every draw move a score: sums of weights, (chain, ancestor)."""

    families: Floats
    n_islands: int

    @property
    def error(self) -> float:
        """Monte Carlo standard error."""
        n_chains, n_ancestors = self.families.shape
        numbers: Ints = np.tile(np.arange(n_ancestors), (n_chains, 1))
        return ancestral_error(self.families, numbers, n_ancestors, self.n_islands)


@dataclass(frozen=True, slots=True)
class StepScore:
    """The score of one step that begins on `first`: of all its counts together, and of each indicator by itself.

    `influences` are by the draws that the particles began as; particles with one beginning share their errors.
    `problems` are sentences about diagnostics that failed: with any, the score must not be used.
    """

    first: date
    joint: float
    by_indicator: Mapping[str, float]
    influences: Mapping[str, Influence]
    problems: tuple[str, ...]


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
    def problems(self) -> tuple[str, ...]:
        """What failed, each with the first step in which it did."""
        found: dict[str, date] = {}
        for step in self.steps:
            for problem in step.problems:
                found.setdefault(problem, step.first)
        return tuple(f"{problem}, in the step from {first}" for problem, first in found.items())


def evidence_before(scenario: Scenario, model: Settings, windows: Sequence[Window], number: int) -> Knows:
    """What version number `number` knows on a day, with the watches of its windows.

    A watch that will open later says nothing yet, but its detection enters the prediction: it is an instrument.
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
    *,
    seed: int,
    number: int = 0,
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
    knows
        The version's evidence on a day.
    seed
        Of all draws and moves; no stored draws are used, so that scores are a function of files and seed.
    number
        The version's place among the watches of a window.
    progress
        Called with the share done.
    """
    scores: list[StepScore] = []
    rows = [
        (step, list(group)) for step, group in groupby(zip(windows, counts, strict=True), key=lambda pair: pair[0].step)
    ]
    walk = _Walk(model, seed)
    for step, seen in rows:
        first = date.fromordinal(int(grid.first[step]))
        day = first - timedelta(days=1)
        before = arrays(knows(day), model, day)
        scores.append(walk.score(StepCounts(seen, grid, step, model, before, number), first))
        progress(len(scores) / len(rows))
    return Prequential(tuple(scores), error_of_sum(scores))


@dataclass(slots=True)
class _Walk:
    """Particles on their way from step to step; `_beginnings` names the draws that they began as, by their id."""

    model: Settings
    seed: int
    # the draws used last are nearest to the next evidence: older ones would only cost time
    _source: DrawSource = field(default_factory=lambda: DrawSource(most_kept=2))
    _beginnings: dict[str, str] = field(default_factory=dict)

    def score(self, counts: StepCounts, first: date) -> StepScore:
        """The score of one step; steps come in order."""
        seed = self.seed + 2 * first.toordinal()
        after, left_out = counts.with_counts()
        without, problems = self._draws(counts.data, seed)
        with_them, others = self._draws(after, seed + 1)
        joint = _log_evidence(with_them) - _log_evidence(without) + left_out
        return StepScore(
            first,
            joint,
            {name: _marginal(counts, name, without, with_them, joint) for name in counts.indicators},
            self._influences(without, with_them),
            tuple(dict.fromkeys((*problems, *others))),
        )

    def _draws(self, data: Arrays, seed: int) -> tuple[WeightedDraws, tuple[str, ...]]:
        """Draws weighted for evidence, and what is wrong with them."""
        if not self._beginnings:
            prior = self._source.remember(prior_draws(self.model, data, self.seed))
            self._beginnings[prior.id] = prior.id
            if not len(data.steps):
                return self._source.weigh(prior, self.model, data, keep=True), ()
        found = self._source.draws_for(self.model, data, (), seed=seed, keep=True)
        proposal = found.weighted.proposal
        start = str(proposal.draws.meta.get("moved_from", proposal.id))
        self._beginnings.setdefault(proposal.id, self._beginnings.get(start, start))
        return found.weighted, found.problems

    def _influences(self, without: WeightedDraws, with_them: WeightedDraws) -> dict[str, Influence]:
        """How much the draws move the logarithm of the ratio of the two marginal likelihoods."""
        found: dict[str, Influence] = {}
        for sign, weighted in ((-1.0, without), (1.0, with_them)):
            begun = self._beginnings[weighted.proposal.id]
            families = sign * family_weights(weighted, weighted.weights)
            if begun in found:
                families = families + found[begun].families
            found[begun] = Influence(families, int(weighted.proposal.draws.meta["islands"]))
        return found


def _log_evidence(weighted: WeightedDraws) -> float:
    found = log_evidence(weighted)
    assert found is not None  # the walk has particles only
    return found[0]


def _marginal(
    counts: StepCounts, indicator: str, without: WeightedDraws, with_them: WeightedDraws, joint: float
) -> float:
    """Log-probability of one indicator's counts alone.

    It is a mean over the draws for the evidence before the step, or, over draws for the evidence with all counts, the
    joint probability times the mean of its own probability over the joint one. The second is better where draws before
    the step hardly expect the counts; taken is the one whose terms vary less.
    """
    candidates = [without.log_weights + counts.log_probability(without, [indicator])]
    if with_them.proposal is not without.proposal:
        ratio = counts.log_probability(with_them, [indicator]) - counts.log_probability(with_them, counts.indicators)
        candidates.append(joint + with_them.log_weights + ratio)
    # sum of squares over the square of the sum: the inverse of an effective sample size
    best = min(candidates, key=lambda terms: log_sum_exp(2 * terms) - 2 * log_sum_exp(terms))
    return log_sum_exp(best)


def error_of_sum(scores: Sequence[StepScore]) -> float:
    """Monte Carlo standard error of the sum of scores: particles with one beginning share their errors, others do not.

    What the descendants of each draw contribute to the sum is added up over the steps first (Lee and Whiteley 2018,
    'Variance estimation in the particle filter', Biometrika 105).
    """
    sums: dict[str, Influence] = {}
    for score in scores:
        for begun, influence in score.influences.items():
            families = influence.families + (sums[begun].families if begun in sums else 0.0)
            sums[begun] = Influence(families, influence.n_islands)
    return float(np.sqrt(sum(influence.error**2 for influence in sums.values())))
