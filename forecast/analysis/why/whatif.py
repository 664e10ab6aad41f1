"""The forecast under suppositions beside today's, from the same draws; nothing is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from forecast.analysis.anchors import prior_draws, stored_anchors
from forecast.analysis.why.edits import Edit, Suppositions, suppose
from forecast.analysis.why.pool import Refit
from forecast.errors import DiagnosticError
from forecast.inference.cached_reweighter import CachedReweighter
from forecast.inference.monte_carlo import mcse_of_mean
from forecast.inference.posterior import summarised
from forecast.inference.reweight import MAX_KHAT, MIN_ESS, ProposalDraws, WeightedDraws, judge, serves
from forecast.ledger.store import Ledger
from forecast.model.answers import outcomes
from forecast.model.arrays import Arrays, arrays
from forecast.model.version import Floats
from forecast.plan import Plan, Question, Request, plan
from forecast.scenario.record import Scenario

__all__ = ["Beside", "WhatIf", "whatif"]


@dataclass(frozen=True, slots=True)
class Beside:
    """One outcome: (p, Monte Carlo error, low, high) today and under the suppositions, the change and its error."""

    question: Question
    outcome: str
    today: tuple[float, float, float, float]
    then: tuple[float, float, float, float]
    change: float
    change_mcse: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Answers side by side; `anchors` gave today's and the supposed ones, `khat` and `ess` are the worst."""

    plan: Plan
    edits: list[Edit]
    answers: list[Beside]
    closed: dict[str, str | None]
    anchors: tuple[str, str]
    khat: float
    ess: float


class _Side(NamedTuple):
    """What one of the two asks."""

    plan: Plan
    data: Arrays


class _Answered(NamedTuple):
    weighed: WeightedDraws
    values: dict[str, Floats]
    khat: float
    ess: float

    @property
    def serves(self) -> bool:
        return serves(self.khat, self.ess)


def whatif(
    scenario: Scenario, request: Request, typed: Suppositions, today: date, ledger: Ledger, refit: Refit | None = None
) -> WhatIf:
    """Forecast with suppositions, beside the forecast without.

    Parameters
    ----------
    scenario, request, today
        What is forecast, and the present day; see `forecast.plan.plan`.
    typed
        What is supposed.
    ledger
        Knows stored draws.
    refit
        Samples where no draws at hand serve both sides.

    Raises
    ------
    InputError
        If the request or a supposition cannot be.
    DiagnosticError
        If no draws at hand serve both sides and `refit` is not given, or new ones do not serve either.
    """
    without = plan(scenario, request, today, ledger)
    supposed, edits = suppose(scenario, without.version, without.as_of, typed)
    with_edits = plan(supposed, request, today, ledger)
    sides = (
        _Side(without, arrays(without.evidence, without.model, without.as_of)),
        _Side(with_edits, arrays(with_edits.evidence, with_edits.model, with_edits.as_of)),
    )
    anchors = [
        prior_draws(without.model, sides[1].data, without.seed),
        *stored_anchors(ledger, scenario.workspace, scenario.id, without.model, without.as_of),
    ]
    answered = _by_the_same(anchors, sides)
    if refit is not None and not all(one.serves for one in answered):
        # the supposed evidence first: its draws may serve today's too
        made = [anchor for side in reversed(sides) if (anchor := refit(without.model, side.data)) is not None]
        answered = _by_the_same([*made, *anchors], sides)
        if not all(one.serves for one in answered) and len(made) == len(sides):
            answered = _each_by_its_own(made[::-1], sides)
    khat, ess = max(one.khat for one in answered), min(one.ess for one in answered)
    if not all(one.serves for one in answered):
        next_step = "new draws do not serve either" if refit else "--refit samples for it (minutes)"
        raise DiagnosticError(
            f"no draws at hand serve both forecasts: k-hat {khat:.2f} (at most {MAX_KHAT}), "
            f"effective sample size {ess:.0f} (at least {MIN_ESS:.0f}). {next_step[0].upper()}{next_step[1:]}."
        )
    closed = {
        question.id: resolution.outcome if (resolution := without.snapshot.resolutions.get(question.id)) else None
        for question in without.questions
        if without.is_closed(question)
    }
    names = (answered[0].weighed.anchor.id, answered[1].weighed.anchor.id)
    return WhatIf(without, edits, list(_beside(without, *answered)), closed, names, khat, ess)


def _by_the_same(anchors: Sequence[ProposalDraws], sides: tuple[_Side, _Side]) -> tuple[_Answered, _Answered]:
    """Both sides from the anchor whose smaller effective sample size is largest: differences then have less noise."""

    def weighed(anchor: ProposalDraws) -> list[WeightedDraws]:
        bench = CachedReweighter(anchor, sides[0].plan.model)
        return [bench.weigh(side.data, keep=True) for side in sides]

    pairs = [weighed(anchor) for anchor in anchors]
    best = min(pairs, key=lambda pair: (-min(one.ess for one in pair), pair[0].anchor.id))
    return _answered(best[0], sides[0]), _answered(best[1], sides[1])


def _each_by_its_own(anchors: Sequence[ProposalDraws], sides: tuple[_Side, _Side]) -> tuple[_Answered, _Answered]:
    one, other = (
        _answered(CachedReweighter(anchor, side.plan.model).weigh(side.data), side)
        for anchor, side in zip(anchors, sides, strict=True)
    )
    return one, other


def _answered(weighed: WeightedDraws, side: _Side) -> _Answered:
    made = side.plan
    values = {question.id: weighed.answer(question, made.model, side.data) for question in made.open_questions}
    return _Answered(weighed, values, *judge(weighed, values))


def _beside(made: Plan, today: _Answered, then: _Answered) -> list[Beside]:
    rows = []
    paired = today.weighed.anchor.id == then.weighed.anchor.id
    for question in made.open_questions:
        for column, outcome in enumerate(outcomes(question, made.model)):
            columns = [
                (
                    one.weighed.weights.reshape(one.weighed.shape),
                    one.values[question.id][:, column].reshape(one.weighed.shape),
                )
                for one in (today, then)
            ]
            before, after = (summarised(*pair) for pair in columns)
            parts = [
                weights.size * weights * (values - summary[0])
                for (weights, values), summary in zip(columns, (before, after), strict=True)
            ]
            error = mcse_of_mean(parts[1] - parts[0]) if paired else float(np.hypot(before[1], after[1]))
            rows.append(Beside(question, outcome, before, after, after[0] - before[0], error))
    return rows
