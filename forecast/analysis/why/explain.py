"""Why a number is what it is, or why it moved: rows in log-odds that add up exactly, and what single pieces carry.

The rows are differences of neighbouring nodes (`analysis.why.nodes`), so they depend on the order of the path. The ends
are the numbers on record; `sampling` is what separates them from what is computed now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from forecast.analysis.why.change import Change, Estimate, Point, after_change, error_after, log_odds
from forecast.analysis.why.leave_out import LeftOut, left_out
from forecast.analysis.why.nodes import Node, path_between, path_from_nothing
from forecast.analysis.why.paired import Pairs
from forecast.analysis.why.recorded import Recorded
from forecast.analysis.why.sensitivity import Varied, variants
from forecast.errors import Finding, InputError
from forecast.inference.stored_draws import DrawSource
from forecast.ledger.records import Answer
from forecast.model.answers import outcomes
from forecast.model.arrays import arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.version import Settings
from forecast.scenario.validation import nearest

if TYPE_CHECKING:
    from forecast.analysis.confidence import Confidence
    from forecast.analysis.stability import Stability

__all__ = ["Explanation", "Row", "explain", "waterfall"]

#: Log-odds of the same draws differ by no more.
ROUNDING = 1e-9

#: Share of the effective draws that must remain where one piece of evidence is left out.
LEAST_WITHOUT = 0.1

#: What lies nearer to 0 or 1 is 0 or 1 but for the rounding of sums.
SETTLED = 1e-12


@dataclass(frozen=True, slots=True)
class Row:
    """One step of the path: the change of log-odds, its Monte Carlo error, and the probability after it."""

    kind: str
    label: str
    log_odds: float
    mcse: float
    p_after: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Rows from `p_from` to `p_to`; without rows `reason` says why. `earlier` is None for the path from no evidence.

    `stability` and `confidence` are of the later answer; None if it is closed, or was not judged.
    """

    question: str
    ask: str
    outcome: str
    earlier: Recorded | None
    later: Recorded
    p_from: float | None
    p_to: float | None
    rows: tuple[Row, ...] = ()
    leave_one_out: tuple[LeftOut, ...] = ()
    by_source: bool = True
    sensitivity: tuple[Varied, ...] = ()
    power_scaling: tuple[tuple[str, float], ...] = ()
    reason: str | None = None
    stability: "Stability | None" = None
    confidence: "Confidence | None" = None


def explain(
    source: DrawSource,
    earlier: Recorded | None,
    later: Recorded,
    question: str,
    outcome: str | None,
    sources: Mapping[str, EvidenceSet] | None,
    *,
    alternatives: bool = True,
) -> Explanation:
    """Explain the probability of an outcome in a forecast, from no evidence or since an earlier forecast.

    Parameters
    ----------
    source
        Chooses draws.
    earlier, later
        The forecasts; without an earlier one the path begins at no evidence.
    question, outcome
        What is asked; by default `yes`, or the outcome whose log-odds moved most.
    sources
        The later forecast's evidence without each source, see `leave_out.by_source`.
    alternatives
        Whether to say, besides the rows, what leaving out pieces of evidence and other conventions would do.

    Raises
    ------
    InputError
        If a forecast does not ask the question, does not know the outcome, or the forecasts are of two scenarios.
    DiagnosticError
        If no draws are good enough.
    """
    if earlier is not None and earlier.forecast.scenario != later.forecast.scenario:
        message = f"{earlier.id} is a forecast of {earlier.forecast.scenario}, {later.id} of {later.forecast.scenario}."
        raise InputError(Finding("error", message, key="--since", accepted="two forecasts of one scenario"))
    asks = later.question(question)
    path = path_from_nothing(later, question) if earlier is None else path_between(earlier, later, question)
    reason = _closed(later, question) or (_closed(earlier, question) if earlier else None)
    if reason is not None:
        return Explanation(question, asks.ask, outcome or "", earlier, later, None, None, reason=reason)
    ends = later.answers(question)
    if outcome is not None and outcome not in ends:
        message = f"question {question} has no outcome '{outcome}'{nearest(outcome, ends)}"
        raise InputError(Finding("error", message, found=outcome, accepted=", ".join(ends)))
    pairs = Pairs(source, later.forecast.seed)
    outcome = outcome or _moved_most(pairs, path[0], earlier, later, question)
    if any(outcome not in outcomes(asks, node.model) for node in path):
        message = f"{path[0].label} knows no outcome '{outcome}' of {question}."
        raise InputError(Finding("error", message, found=outcome, accepted=", ".join(outcomes(asks, path[0].model))))
    points = [_point(node, outcome) for node in path]
    # before the walk: its particles are good enough too, but the draws of the forecast itself are better
    whole = pairs.start(points[-1])[0]
    first, last, changes = _walk(pairs, points)
    started = earlier.answers(question)[outcome] if earlier is not None else None
    rows, reason = waterfall(path, first, last, changes, started, ends[outcome])
    recorded = ends[outcome].p
    assert recorded is not None
    left, varied = _alternatives(pairs, whole, points[-1], later, recorded, sources) if alternatives else ((), ())
    return Explanation(
        question,
        asks.ask,
        outcome,
        earlier,
        later,
        first.p if started is None else started.p,
        recorded,
        tuple(rows),
        left,
        sources is not None,
        varied,
        reason=reason,
    )


def _point(node: Node, outcome: str) -> Point:
    return Point(node.model, node.data(), ((node.question, outcome),))


def _walk(pairs: Pairs, points: Sequence[Point]) -> tuple[Estimate, Estimate, list[Change]]:
    """The probability at the first and the last point, and the changes between neighbouring ones."""
    here = pairs.start(points[0])
    first, changes = here[0], []
    for point, following in pairwise(points):
        here, (change,) = pairs.step(here, point, following)
        changes.append(change)
    return first, here[0], changes


def _alternatives(
    pairs: Pairs,
    whole: Estimate,
    point: Point,
    later: Recorded,
    recorded: float,
    sources: Mapping[str, EvidenceSet] | None,
) -> tuple[tuple[LeftOut, ...], tuple[Varied, ...]]:
    """The recorded probability without single pieces of evidence, and under other conventions."""

    def change(model: Settings, evidence: EvidenceSet) -> tuple[float, float]:
        data = arrays(evidence, model, later.as_of)
        _, (found,) = pairs.step([whole], point, Point(model, data, point.asked), least=LEAST_WITHOUT)
        p = after_change(recorded, found)
        return p, error_after(p, found)

    @cache  # where an origin or a source reports one event alone, the same is left out with the event
    def without(evidence: EvidenceSet) -> tuple[float, float]:
        return change(later.model, evidence)

    left = [LeftOut(by, name, *without(rest)) for by, name, rest in left_out(later.evidence, sources)]
    varied = [
        Varied(convention, what, *change(model, evidence))
        for convention, what, model, evidence in variants(later.model, later.evidence)
    ]
    return tuple(left), tuple(varied)


def waterfall(
    path: Sequence[Node],
    first: Estimate,
    last: Estimate,
    changes: Sequence[Change],
    started: Answer | None,
    ended: Answer,
) -> tuple[list[Row], str | None]:
    """The rows from one end to the other, or the reason why there are none.

    Parameters
    ----------
    path
        The nodes.
    first, last
        The probability at the first and at the last node.
    changes
        Between neighbouring nodes.
    started, ended
        The recorded answers at the ends; `started` is None for the path from no evidence.
    """
    recorded = [answer.p for answer in (started, ended) if answer is not None and answer.p is not None]
    if not all(SETTLED < p < 1.0 - SETTLED for p in (*recorded, first.p, *(change.p for change in changes))):
        return [], "the probability is 0 or 1 on the way: log-odds are infinite"
    rows: list[Row] = []
    if started is not None:
        assert started.p is not None
        change, error = _sampling(started, log_odds(first.p), first.error)
        rows.append(Row("sampling", f"noise of {path[0].label}", -change, error, first.p))
    reached = log_odds(first.p)
    for node, step in zip(path[1:], changes, strict=True):
        reached += step.log_odds
        rows.append(Row(node.kind, node.label, step.log_odds, step.error, _probability(reached)))
    assert ended.p is not None
    own_noise = float(np.sqrt(sum(step.noise_error**2 for step in changes)))
    change, error = _sampling(ended, reached, float(np.hypot(last.error, own_noise)))
    rows.append(Row("sampling", "noise of this forecast", change, error, ended.p))
    return rows, None


def _probability(log_odds_: float) -> float:
    return float(1.0 / (1.0 + np.exp(-log_odds_)))


def _sampling(recorded: Answer, computed: float, error: float) -> tuple[float, float]:
    """Recorded minus computed log-odds, and its Monte Carlo error, as if their draws had nothing in common.

    Where nothing separates the two they are the same draws, and there is no error.
    """
    assert recorded.p is not None
    assert recorded.mcse is not None
    change = log_odds(recorded.p) - computed
    if abs(change) < ROUNDING:
        return change, 0.0
    own = recorded.mcse / (recorded.p * (1 - recorded.p))
    return change, float(np.hypot(own, error))


def _closed(forecast: Recorded, question: str) -> str | None:
    answers = list(forecast.answers(question).values())
    if answers and answers[0].closed:
        how = f"resolved as {answers[0].resolved}" if answers[0].resolved else "over, and not resolved yet"
        return f"{question} is {how} in {forecast.id}: it has no probability there"
    return None


def _moved_most(pairs: Pairs, start: Node, earlier: Recorded | None, later: Recorded, question: str) -> str:
    """`yes`; of regimes the one whose log-odds moved most, among those that both ends know."""
    ends = {name: answer.p for name, answer in later.answers(question).items() if answer.p is not None}
    if "yes" in ends:
        return "yes"
    if earlier is not None:
        begins = {name: answer.p for name, answer in earlier.answers(question).items() if answer.p is not None}
    else:
        names = outcomes(start.question, start.model)
        asked = tuple((start.question, name) for name in names)
        found = pairs.start(Point(start.model, start.data(), asked))
        begins = {name: estimate.p for name, estimate in zip(names, found, strict=True)}
    finite = [name for name in ends if name in begins and 0 < ends[name] < 1 and 0 < begins[name] < 1]
    return max(finite, key=lambda name: abs(log_odds(ends[name]) - log_odds(begins[name])), default=next(iter(ends)))
