"""How a probability changes between two kinds of evidence, with both sides computed from the same draws.

What two answers owe to the same draws cancels in their difference, so its error is far smaller than that of either.
Where draws made for one side say too little about the other, they are moved in between, in pieces: each piece is a
difference on the same particles, and what the moves themselves change is kept apart as noise of the sampling.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from forecast.analysis.why.change import Change, Estimate, Point, estimates, noises, paired, total, unpaired
from forecast.inference import smc
from forecast.inference.draws import Draws
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
from forecast.model.answers import filtered
from forecast.model.priors import natural
from forecast.model.version import Floats
from forecast.scenario.schema import Family

__all__ = ["Pairs"]

#: Share of the effective draws that must remain where draws for one side answer for the other, and in a step of a move.
#: A row from fewer draws is noisier, but every move costs time and adds noise of its own.
EFFECTIVE = 0.35

#: Sweeps after a move of particles from one piece of evidence to the next.
SWEEPS = 2


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
        return estimates(found.weighted, point)

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
            return there, paired(here, there)
        moved = self._at_its_evidence(here, point)
        if moved is None or not self._is_near(moved, following):
            there = self.start(following)
            return there, unpaired(here, there)
        noise = noises(here, moved)
        there = self._on_the_same(moved, following, least)
        if there is not None:
            changes = paired(moved, there)
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
        return estimates(weighted, following)

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
        return estimates(self.source.weigh(named, point.model, point.data, keep=True), point)

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
        return estimates(self.source.weigh(named, point.model, point.data, keep=True), point)

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
        changes = [paired(*piece) for piece in pieces]
        jumps = [noises(after, before) for (_, after), (before, _) in pairwise(pieces)]
        jumps.append(noises(pieces[-1][1], there))
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
        estimates(_with_weights(particles, begin, own), begin),
        estimates(_with_weights(particles, end, new - log_sum_exp(new)), end),
    )


def _with_weights(particles: ProposalDraws, point: Point, log_weights: Floats) -> WeightedDraws:
    parameters = natural(np, raw_for(particles, point.data), point.model, point.data.fixed)
    result = filtered(parameters, point.model, point.data)
    ess = float(1.0 / np.exp(2 * log_weights).sum())
    return WeightedDraws(particles, point.model, point.data, parameters, result, log_weights, 0.0, ess)
