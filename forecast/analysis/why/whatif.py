"""The forecast under suppositions next to today's, from the same draws as far as possible; nothing is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from forecast.analysis.why.change import Change, Estimate, Point, difference_error
from forecast.analysis.why.edits import Edit, Suppositions, suppose
from forecast.analysis.why.paired import Pairs
from forecast.inference.posterior import Progress, Sampler
from forecast.inference.reweight import Summary
from forecast.inference.stored_draws import DrawSource
from forecast.ledger.draw_store import LedgerDraws
from forecast.ledger.store import Ledger
from forecast.model.answers import outcomes
from forecast.model.arrays import arrays
from forecast.plan import Plan, Question, Request, plan
from forecast.scenario.record import Scenario

__all__ = ["Compared", "WhatIf", "whatif"]


@dataclass(frozen=True, slots=True)
class Compared:
    """One outcome: (p, Monte Carlo error, low, high) today and as supposed, the change and its Monte Carlo error."""

    question: Question
    outcome: str
    today: Summary
    supposed: Summary
    change: float
    change_mcse: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Answers to open questions under both, and how closed questions were resolved.

    `same_draws` says whether both come from the same draws; else these were moved from one to the other.
    """

    plan: Plan
    edits: list[Edit]
    answers: list[Compared]
    closed: dict[str, str | None]
    same_draws: bool


def whatif(
    scenario: Scenario,
    request: Request,
    typed: Suppositions,
    today: date,
    ledger: Ledger,
    *,
    sampler: Sampler | None = None,
    progress: Progress = lambda *_: None,
) -> WhatIf:
    """Forecast with suppositions, next to the forecast without.

    Parameters
    ----------
    scenario, request, today
        What is forecast, and the present day; see `forecast.plan.plan`.
    typed
        What is supposed.
    ledger
        Knows stored draws.
    sampler
        NUTS, where sequential Monte Carlo fails its diagnostics; None to refuse.
    progress
        Called at every stage.

    Raises
    ------
    InputError
        If the request or a supposition cannot be.
    DiagnosticError
        If no draws are good enough.
    """
    without = plan(scenario, request, today, ledger)
    supposed, edits = suppose(scenario, without.version, without.as_of, typed)
    with_edits = plan(supposed, request, today, ledger)
    store = LedgerDraws(ledger, scenario.workspace, scenario.id, without.model)
    pairs = Pairs(DrawSource(store, "auto", sampler, progress), without.seed)
    points = _point(without, without.open_questions), _point(with_edits, without.open_questions)
    here = pairs.start(points[0])
    there, changes = pairs.step(here, *points)
    closed = {
        question.id: resolution.outcome if (resolution := without.snapshot.resolutions.get(question.id)) else None
        for question in without.questions
        if without.is_closed(question)
    }
    sides = zip(points[0].asked, here, there, changes, strict=True)
    answers = [_compared(asked, before, after, change) for asked, before, after, change in sides]
    same = here[0].weighted.proposal is there[0].weighted.proposal
    return WhatIf(without, edits, answers, closed, same)


def _point(made: Plan, questions: Sequence[Question]) -> Point:
    data = arrays(made.evidence, made.model, made.as_of)
    asked = ((question, outcome) for question in questions for outcome in outcomes(question, made.model))
    return Point(made.model, data, tuple(asked))


def _compared(asked: tuple[Question, str], here: Estimate, there: Estimate, change: Change) -> Compared:
    question, outcome = asked
    before, after = (one.weighted.summary(one.values) for one in (here, there))
    return Compared(question, outcome, before, after, after[0] - before[0], difference_error(here, there, change))
