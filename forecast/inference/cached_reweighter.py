"""Draws weighted for many evidence sets that differ little: what these have in common is computed once.

Numbers are those of `reweight.weigh`. A column of the emission (a term, or a watch's silence) is kept by what it says,
a step's emission by the columns it adds up, and the filter begins at the first step in which a run differs from the one
kept before. Leaving one event out so costs the steps after that event. Axes are as everywhere, draws first; in memory
draws are innermost, which makes operations on the few regimes of many draws several times faster.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np

from forecast.inference.reweight import ProposalDraws, WeightedDraws, raw_for, same_prior, weigh_run
from forecast.model.arrays import Arrays
from forecast.model.emission import values
from forecast.model.filter import (
    Filtered,
    check_no_regime_lost,
    check_possible,
    draws_innermost,
    recursion,
    without_moves,
)
from forecast.model.priors import Natural, natural
from forecast.model.version import Floats, Settings

__all__ = ["CachedReweighter"]

#: Columns that are computed in one go, and emissions of steps that are kept: both bound the memory.
CHUNK, MOST_STEPS = 64, 2000

#: What decides a step: the share by which the regime moves into it, and (column, weight) of all that it adds up.
_Step = tuple[float, tuple[tuple[int, float], ...]]


@dataclass(frozen=True, slots=True)
class _Run:
    """A pass of the filter: arrays have the axes (step, regime, draw), the fast ones here."""

    steps: list[_Step]
    log_likelihood: Floats  # (T, D)
    filtered: Floats  # (T, K, D)
    evidence: Floats  # (T, K, D)


class CachedReweighter:
    """Draws and a model with the same prior, and what has been computed with them so far."""

    def __init__(self, proposal: ProposalDraws, model: Settings) -> None:
        if not same_prior(proposal.model, model):
            raise ValueError(f"draws {proposal.id} have another prior than model {model.version}")
        self.proposal = proposal
        self.model = model
        self._parameters: dict[Hashable, Natural] = {}
        self._numbers: dict[Hashable, int] = {}
        self._columns: list[Floats] = []
        self._emissions: dict[_Step, tuple[Floats, Floats]] = {}
        self._kept: _Run | None = None

    def weigh(self, data: Arrays, *, keep: bool = False) -> WeightedDraws:
        """Weigh the draws for evidence; with `keep`, what is weighed next may share the beginning of this run."""
        parameters = self._natural(data)
        numbers = self._columns_of(parameters, data)
        steps: list[_Step] = [
            (float(move), tuple((numbers[column], float(row[column])) for column in np.flatnonzero(row)))
            for move, row in zip(data.moves, data.by_step, strict=True)
        ]
        run = self._pass(steps)
        if keep:
            self._kept = run
        if not data.moves.any():
            weights = data.by_step.sum(axis=0)
            total = np.zeros((len(self.model.regimes), self.proposal.draws.n_draws))
            for column in np.flatnonzero(weights):
                total += weights[column] * self._columns[numbers[column]]
            check_no_regime_lost(run.log_likelihood, without_moves(self.model.initial, total))
        result = Filtered(run.log_likelihood.T, run.filtered.transpose(2, 0, 1), run.evidence.transpose(2, 0, 1))
        return weigh_run(self.proposal, self.model, data, parameters, result)

    def _natural(self, data: Arrays) -> Natural:
        """Parameters with units; only detection hangs on the watches."""
        key = tuple((watch.indicator, watch.first, watch.detection) for watch in data.watches)
        if key not in self._parameters:
            made = natural(np, raw_for(self.proposal, data), self.model, data.fixed)
            self._parameters[key] = Natural(
                *map(draws_innermost, (made.rate, made.holds, made.move, made.truth, made.detection))
            )
        return self._parameters[key]

    def _columns_of(self, parameters: Natural, data: Arrays) -> list[int]:
        """Numbers of the columns of `by_step`; those not met before are computed."""
        keys = _meanings(data)
        missing = [position for position, key in enumerate(keys) if key not in self._numbers]
        n_terms = len(data.term_ratio)
        terms = [position for position in missing if position < n_terms]
        chunks = [terms[start : start + CHUNK] for start in range(0, len(terms), CHUNK)]
        if missing and missing[-1] >= n_terms:
            chunks.append([])  # no term: the silence of the watches alone
        for chunk in chunks:
            part = replace(
                data,
                term_ratio=data.term_ratio[chunk],
                term_temper=data.term_temper[chunk],
                term_grades=data.term_grades.take(chunk),
            )
            table = values(np, parameters, self.model, part)
            positions = chunk or range(n_terms, len(keys))
            for column, position in enumerate(positions):
                if keys[position] not in self._numbers:
                    self._numbers[keys[position]] = len(self._columns)
                    self._columns.append(np.ascontiguousarray(table[:, column].T))
        return [self._numbers[key] for key in keys]

    def _emission(self, step: _Step) -> tuple[Floats, Floats]:
        """Largest log-emission over regimes (D,), and exp of the rest (K, D)."""
        if step not in self._emissions:
            if len(self._emissions) >= MOST_STEPS:
                self._emissions.clear()
            total = np.zeros((len(self.model.regimes), self.proposal.draws.n_draws))
            for column, weight in step[1]:
                total += weight * self._columns[column]
            highest = total.max(axis=0)
            self._emissions[step] = highest, np.exp(total - highest)
        return self._emissions[step]

    def _pass(self, steps: list[_Step]) -> _Run:
        """The recursion of `model.filter.forward`, from the first step that differs from the run kept."""
        move = np.moveaxis(next(iter(self._parameters.values())).move, 0, -1)
        n_regimes, n_draws = len(self.model.regimes), self.proposal.draws.n_draws
        shape = (len(steps), n_regimes, n_draws)
        run = _Run(steps, np.empty((len(steps), n_draws)), np.empty(shape), np.empty(shape))
        begin = 0
        state = np.repeat(self.model.initial[:, None], n_draws, axis=1)
        if self._kept is not None:
            begin = _n_equal(self._kept.steps, steps)
            for mine, theirs in (
                (run.log_likelihood, self._kept.log_likelihood),
                (run.filtered, self._kept.filtered),
                (run.evidence, self._kept.evidence),
            ):
                mine[:begin] = theirs[:begin]
            state = run.filtered[begin - 1] if begin else state
        emissions = ((step[0], *self._emission(step)) for step in steps[begin:])
        for number, found in enumerate(recursion(state, move, emissions), start=begin):
            run.log_likelihood[number], run.filtered[number], run.evidence[number] = found
            check_possible(run.log_likelihood[number], number)
        return run


def _n_equal(some: list[_Step], others: list[_Step]) -> int:
    """How many steps both begin with alike."""
    pairs = enumerate(zip(some, others, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(some), len(others)))


def _meanings(data: Arrays) -> list[Hashable]:
    """What each column of `by_step` says, whatever its place: equal meanings have equal values in every draw."""
    named = [(watch.indicator, watch.first, watch.detection) for watch in data.watches]
    n_spans, n_events = data.unwatched.shape
    rows: list[Hashable] = [
        *named,
        *((data.unwatched[span].tobytes(), event) for span in range(n_spans) for event in range(n_events)),
    ]
    grades = data.term_grades
    terms = zip(data.term_ratio, data.term_temper, grades.offset, grades.linear, strict=True)
    return [
        *(
            (
                rows[ratio] if ratio < len(rows) else int(ratio) - len(rows),
                float(temper),
                float(offset),
                linear.tobytes(),
            )
            for ratio, temper, offset, linear in terms
        ),
        *(("silence", name) for name in named),
    ]
