"""How a probability changes between two kinds of evidence, with both sides computed from the same draws.

What two answers owe to the same draws cancels in their difference, so its error is far smaller than that of either.
Where draws made for one side say too little about the other, they are moved in between, in pieces: each piece is a
difference on the same particles, and what the moves themselves change is kept apart as noise of the sampling.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from forecast.inference import smc
from forecast.inference.draws import Draws
from forecast.inference.posterior import Question
from forecast.inference.psis import log_sum_exp
from forecast.inference.reweight import (
    MAX_KHAT,
    MIN_ESS,
    ProposalDraws,
    WeightedDraws,
    raw_for,
    same_prior,
    with_watches,
)
from forecast.inference.stored_draws import (
    MAX_BRIDGE_STEPS,
    DrawSource,
    bridge_steps,
    check_reliable,
    is_worn,
)
from forecast.model.answers import filtered, outcomes
from forecast.model.arrays import Arrays
from forecast.model.priors import natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Family

__all__ = [
    "Change",
    "Estimate",
    "Pairs",
    "Point",
    "after_change",
    "difference_error",
    "error_after",
    "log_odds",
    "total",
]

#: Share of the effective draws that must remain where draws for one side answer for the other, and in a step of a move.
#: A row from fewer draws is noisier, but every move costs time and adds noise of its own.
EFFECTIVE = 0.35

#: Sweeps after a move of particles from one piece of evidence to the next.
SWEEPS = 2


@dataclass(frozen=True, slots=True)
class Point:
    """A model with evidence, and what is asked there: for each question, an outcome."""

    model: Settings
    data: Arrays
    asked: tuple[tuple[Question, str], ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The probability of one outcome at a point; `values` (D,) is the probability in every draw."""

    weighted: WeightedDraws
    values: Floats

    @property
    def p(self) -> float:
        """The probability."""
        return self.weighted.mean(self.values)

    @property
    def influence(self) -> Floats:
        """How much every draw moves the probability, (D,)."""
        return self.weighted.influence(self.values)

    @property
    def influence_on_log_odds(self) -> Floats:
        """How much every draw moves the log-odds, (D,); zero where the probability is 0 or 1."""
        spread = self.p * (1 - self.p)
        return self.influence / spread if spread > 0 else np.zeros_like(self.values)

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the log-odds."""
        return self.weighted.error(self.influence_on_log_odds)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of log-odds with its Monte Carlo error, and apart from it what moving the draws changed, with its error.

    `p` is the probability after it, as the draws have it.
    """

    log_odds: float
    error: float
    noise: float
    noise_error: float
    p: float


def log_odds(p: float) -> float:
    """Log-odds of a probability; infinite for 0 and 1."""
    with np.errstate(divide="ignore"):
        return float(np.log(p) - np.log1p(-p))


def after_change(p: float | None, change: Change) -> float:
    """A recorded probability after a change of its log-odds; where it has none, the probability as computed."""
    if p is None or not (0.0 < p < 1.0 and np.isfinite(change.log_odds)):
        return change.p
    return float(1.0 / (1.0 + np.exp(-(log_odds(p) + change.log_odds))))


def error_after(p: float, change: Change) -> float:
    """Monte Carlo standard error of the difference of probabilities that a change leads to, at its end."""
    return p * (1 - p) * change.error


def difference_error(here: Estimate, there: Estimate, change: Change) -> float:
    """Monte Carlo standard error of the difference of two probabilities as their draws have them."""
    if here.weighted.proposal is there.weighted.proposal:
        return there.weighted.error(there.influence - here.influence)
    return there.p * (1 - there.p) * float(np.hypot(change.error, change.noise_error))


def total(changes: Sequence[Change]) -> Change:
    """Changes one after the other as one."""
    errors = [(change.error, change.noise_error) for change in changes]
    error, noise_error = np.sqrt(np.square(errors).sum(axis=0)).tolist()
    sums = sum(change.log_odds for change in changes), sum(change.noise for change in changes)
    return Change(sums[0], error, sums[1], noise_error, changes[-1].p)


@dataclass(slots=True)
class Pairs:
    """Goes from point to point with the same draws as long as they are good enough.

    Parameters
    ----------
    source
        Chooses draws where none are in hand.
    seed
        Of all moves and samples on the way.
    """

    source: DrawSource
    seed: int
    _n_moves: int = field(default=0)
    _renewed: tuple[ProposalDraws, Point, list[Estimate]] | None = field(default=None)

    def start(self, point: Point) -> list[Estimate]:
        """Estimates at a point, from the draws that answer best.

        Raises
        ------
        DiagnosticError
            If no draws are good enough.
        """
        questions = list({question.id: question for question, _ in point.asked}.values())
        found = self.source.draws_for(point.model, point.data, questions, seed=self.seed, keep=True)
        check_reliable(found, f"model {point.model.version}")
        return _estimates(found.weighted, point)

    def step(
        self, here: Sequence[Estimate], point: Point, following: Point, *, least: float = EFFECTIVE
    ) -> tuple[list[Estimate], list[Change]]:
        """Go to the following point.

        Parameters
        ----------
        here
            Estimates at `point`.
        point, following
            Where the draws are, and where they go; both ask the same outcomes, in the same order.
        least
            Share of the effective draws that must remain for the same draws to be used on both sides.

        Returns
        -------
        list of Estimate
            At the following point.
        list of Change
            For every outcome asked.
        """
        there = self._on_the_same(here, following, least)
        if there is not None:
            return there, _paired(here, there)
        moved = self._at_its_evidence(here, point)
        if moved is None or not self._is_near(moved, following):
            there = self.start(following)
            return there, _unpaired(here, there)
        noise = _noises(here, moved)
        there = self._on_the_same(moved, following, least)
        if there is not None:
            changes = _paired(moved, there)
        else:
            there, changes = self._in_pieces(moved, point, following)
        return there, [total(parts) for parts in zip(noise, changes, strict=True)]

    def _on_the_same(self, here: Sequence[Estimate], following: Point, least: float) -> list[Estimate] | None:
        """Estimates at the following point from the draws in hand; None where they say too little about it."""
        proposal = here[0].weighted.proposal
        if not same_prior(proposal.model, following.model):
            return None
        try:
            weighted = self.source.weigh(proposal, following.model, following.data, keep=True)
        except ValueError:
            return None  # impossible under some of the draws
        own = proposal.draws.log_weights
        own_size = float(1.0 / np.exp(2 * own).sum()) if own is not None else float(proposal.draws.n_draws)
        if weighted.ess < max(least * own_size, MIN_ESS) or not weighted.khat <= MAX_KHAT:
            return None
        return _estimates(weighted, following)

    def _at_its_evidence(self, here: Sequence[Estimate], point: Point) -> list[Estimate] | None:
        """Estimates from draws moved to the evidence of the point; None where they cannot be moved."""
        weighted = here[0].weighted
        proposal = weighted.proposal
        if proposal.data is None or not same_prior(proposal.model, point.model):
            return None
        if weighted.khat == -np.inf and not (proposal.draws.meta.get("moves", 0) and is_worn(proposal)):
            return list(here)
        # one piece of evidence after the other is left out of the same point
        if self._renewed is None or self._renewed[0] is not proposal or self._renewed[1] is not point:
            renewed = self._sampled(point) if is_worn(proposal) else self._moved(proposal, point)
            self._renewed = proposal, point, renewed
        return self._renewed[2]

    def _sampled(self, point: Point) -> list[Estimate]:
        """Estimates from draws that begin with the prior again."""
        questions = list({question.id: question for question, _ in point.asked}.values())
        fresh = DrawSource(None, "smc", progress=self.source.progress)
        found = fresh.draws_for(point.model, point.data, questions, seed=self.seed + self._n_moves)
        named = self.source.remember(check_reliable(found, f"model {point.model.version}").weighted.proposal)
        return _estimates(self.source.weigh(named, point.model, point.data, keep=True), point)

    def _is_near(self, here: Sequence[Estimate], following: Point) -> bool:
        """Whether a bridge from draws at their own evidence is short; a longer way is shorter from the prior."""
        proposal = here[0].weighted.proposal
        if following.model.family is Family.STATIC or not same_prior(proposal.model, following.model):
            return False
        try:
            weighted = self.source.weigh(proposal, following.model, following.data, keep=True)
        except ValueError:
            return False
        return bridge_steps(weighted) <= MAX_BRIDGE_STEPS

    def _moved(self, proposal: ProposalDraws, point: Point, observe: smc.Observer = lambda *_: None) -> list[Estimate]:
        self._n_moves += 1
        seed = self.seed + self._n_moves
        found = smc.move(
            proposal, point.model, point.data, seed, sweeps=SWEEPS, between=SWEEPS, share=EFFECTIVE, observe=observe
        )
        named = self.source.remember(replace(found, id=f"{self.seed} step {self._n_moves}"))
        return _estimates(self.source.weigh(named, point.model, point.data, keep=True), point)

    def _in_pieces(
        self, here: Sequence[Estimate], point: Point, following: Point
    ) -> tuple[list[Estimate], list[Change]]:
        """Move the draws to the following point, and add up what changes on the same particles on the way."""
        proposal = here[0].weighted.proposal
        pieces: list[tuple[list[Estimate], list[Estimate]]] = []

        def observe(swarm: smc.Swarm, power: float, to: float, log_ratios: Floats) -> None:
            begin = point if power == 0.0 else following
            pieces.append(_piece(swarm, proposal, begin, following, (to - power) * log_ratios))

        there = self._moved(proposal, following, observe)
        changes = [_paired(*piece) for piece in pieces]
        jumps = [_noises(after, before) for (_, after), (before, _) in pairwise(pieces)]
        jumps.append(_noises(pieces[-1][1], there))
        return there, [total(parts) for parts in zip(*changes, *jumps, strict=True)]


def _piece(
    swarm: smc.Swarm, proposal: ProposalDraws, begin: Point, end: Point, log_ratios: Floats
) -> tuple[list[Estimate], list[Estimate]]:
    """Estimates on the particles of a swarm: as they are, and with the weights of the next step of a bridge."""
    n_islands, n_each = swarm.shape
    named = with_watches(proposal, end.data).draws.watches
    arrays = {
        name: np.ascontiguousarray(values).reshape((n_islands, n_each, *values.shape[1:]))
        for name, values in swarm.particles.raw(end.model).items()
    }
    ancestry = swarm.ancestry.reshape(n_islands, n_each) % swarm.n_ancestors
    draws = Draws(arrays, {"islands": n_islands, "ancestors": swarm.n_ancestors}, watches=named, ancestry=ancestry)
    particles = ProposalDraws("particles on their way", end.model, draws)
    own = np.repeat(swarm.log_evidence - log_sum_exp(swarm.log_evidence) - np.log(n_each), n_each)
    new = own + log_ratios
    return (
        _estimates(_with_weights(particles, begin, own), begin),
        _estimates(_with_weights(particles, end, new - log_sum_exp(new)), end),
    )


def _with_weights(particles: ProposalDraws, point: Point, log_weights: Floats) -> WeightedDraws:
    parameters = natural(np, raw_for(particles, point.data), point.model, point.data.fixed)
    result = filtered(parameters, point.model, point.data)
    ess = float(1.0 / np.exp(2 * log_weights).sum())
    return WeightedDraws(particles, point.model, point.data, parameters, result, log_weights, 0.0, ess)


def _estimates(weighted: WeightedDraws, point: Point) -> list[Estimate]:
    """The outcomes asked at a point; each question is answered once."""
    answers = {question.id: weighted.answer(question) for question, _ in point.asked}
    return [
        Estimate(weighted, answers[question.id][:, outcomes(question, point.model).index(outcome)])
        for question, outcome in point.asked
    ]


def _paired(here: Sequence[Estimate], there: Sequence[Estimate]) -> list[Change]:
    """Changes between estimates from the same draws."""
    return [
        Change(
            log_odds(after.p) - log_odds(before.p),
            after.weighted.error(after.influence_on_log_odds - before.influence_on_log_odds),
            0.0,
            0.0,
            after.p,
        )
        for before, after in zip(here, there, strict=True)
    ]


def _unpaired(here: Sequence[Estimate], there: Sequence[Estimate]) -> list[Change]:
    """Changes between estimates from draws that have nothing in common."""
    return [
        Change(log_odds(after.p) - log_odds(before.p), float(np.hypot(before.error, after.error)), 0.0, 0.0, after.p)
        for before, after in zip(here, there, strict=True)
    ]


def _noises(here: Sequence[Estimate], there: Sequence[Estimate]) -> list[Change]:
    """What moving the draws changed where the evidence is the same: noise of the sampling."""
    return [Change(0.0, 0.0, one.log_odds, one.error, one.p) for one in _unpaired(here, there)]
