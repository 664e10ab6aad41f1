"""Whether at least n events fall into a window: the filter with a count that saturates at n beside the regime.

Axes are (draw, count, regime). Known events raise the count with the probability that they are real; what is still to
come, or has happened and has not been seen, is Poisson given the regime.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forecast.model.arrays import Arrays, Placed, exposed_days
from forecast.model.as_of import KnownWatch
from forecast.model.conditioning import NOTHING, Conditioning
from forecast.model.emission import ratios
from forecast.model.filter import Filtered, move_by
from forecast.model.priors import Natural
from forecast.model.reliability import real
from forecast.model.steps import Steps, steps_between
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Family, Occurs

__all__ = ["Ahead", "days_to_come", "occurs_by_step", "occurs_so_far", "occurs_within", "spans_ahead", "step_of"]


@dataclass(frozen=True, slots=True)
class Ahead:
    """Days after the as-of date within one calendar period; ordinals, both included.

    `fraction` is the share of a nominal step by which the regime moves, 0 in a static model; `years_per_day` the
    nominal length of a day.
    """

    first: int
    last: int
    years_per_day: float
    fraction: float


def spans_ahead(last: date, model: Settings, steps: Steps) -> list[Ahead]:
    """Spans from the day after the as-of date to `last`; none if that is not after it."""
    first = date.fromordinal(int(steps.last[-1])) + timedelta(days=1)
    grid = steps_between(first, last, model.step)
    moving = model.family is not Family.STATIC
    return [
        Ahead(int(a), int(b), grid.years / float(period), float(b - a + 1) / float(period) if moving else 0.0)
        for a, b, period in zip(grid.first, grid.last, grid.period_days, strict=True)
    ]


def step_of(day: int, steps: Steps) -> int:
    """Number of the step that contains a day; 0 for earlier days, T for days after the as-of date."""
    if day > steps.last[-1]:
        return len(steps)
    return max(int(np.searchsorted(steps.first, day, side="right")) - 1, 0)


def occurs_so_far(question: Occurs, result: Filtered, parameters: Natural, model: Settings, data: Arrays) -> Floats:
    """P(count of events so far, regime on the as-of date) for every draw, (D, count, K).

    Parameters
    ----------
    question
        The window, n, and whether the record or the truth settles it.
    result
        The filter's result for the same parameters and data.
    parameters, model, data
        Draws, settings, evidence.
    """
    counts = _none(question, result.filtered[:, -1])
    for _, counts in occurs_by_step(question, result, parameters, model, data):  # noqa: B007 - the last is wanted
        pass
    return counts


def occurs_by_step(
    question: Occurs,
    result: Filtered,
    parameters: Natural,
    model: Settings,
    data: Arrays,
    begun: tuple[int, Floats] | None = None,
) -> Iterator[tuple[int, Floats]]:
    """Every step from the window's first on, with the counts (D, count, K) at its end; nothing if it is all ahead.

    Parameters
    ----------
    question, result, parameters, model, data
        As for `occurs_so_far`.
    begun
        A step and the counts at its end, from evidence that is the same up to there: it goes on from them.
    """
    indicator = model.events.index(question.indicator)
    opens, closes = question.between[0].toordinal(), question.between[1].toordinal()
    start, n_steps = step_of(opens, data.steps), len(data.steps)
    if start == n_steps:
        return
    first_step, counts = (begun[0] + 1, begun[1]) if begun else (start, _none(question, result.filtered[:, start]))
    known = _known_events(indicator, (opens, closes), parameters, model, data)
    yearly = parameters.rate[:, indicator]
    for step in range(first_step, n_steps):
        if step > start:
            counts = move_by(counts, parameters.move, float(data.moves[step])) * result.evidence[:, step][:, None]
        for probability in known.get(step, ()):
            counts = _raise_by_one(counts, probability)
        first, last = max(int(data.steps.first[step]), opens), min(int(data.steps.last[step]), closes)
        days = _unseen_days(question, first, last, parameters, data.silent)
        counts = _raise_by_poisson(counts, yearly * days * (model.step.years / data.steps.period_days[step]))
        yield step, counts


def _none(question: Occurs, state: Floats) -> Floats:
    """A state (D, K) in which nothing has been counted, (D, count, K)."""
    # in the memory order of the filter: with draws innermost this is several times faster
    counts = np.zeros_like(state, shape=(len(state), question.at_least + 1, state.shape[1]))
    counts[:, 0] = state
    return counts


def occurs_within(
    question: Occurs,
    counts: Floats,
    span: Ahead,
    parameters: Natural,
    model: Settings,
    data: Arrays,
    conditioning: Conditioning = NOTHING,
) -> Floats:
    """Counts (D, count, K) raised by what happens within a span ahead, into which the regime has moved."""
    opens = question.between[0].toordinal()
    if span.last < opens:
        return counts
    indicator, first = model.events.index(question.indicator), max(span.first, opens)
    days = days_to_come(question, first, span.last, parameters, data.watches)
    days = np.maximum(days - conditioning.uncounted(indicator, first, span.last), 0.0)
    return _raise_by_poisson(counts, parameters.rate[:, indicator] * days * span.years_per_day)


def _known_events(
    indicator: int, window: tuple[int, int], parameters: Natural, model: Settings, data: Arrays
) -> dict[int, list[Floats]]:
    """By step: for each known event, P(it is real and lies in the window | report, regime, draw), (D, K).

    An event whose date spreads over several steps is still one event: it raises the count once, in the step that has
    most of its days within the window.
    """
    opens, closes = window
    events: dict[int, list[Placed]] = {}
    for part in data.placed:
        if part.indicator == indicator and part.first <= closes and part.last >= opens:
            events.setdefault(part.event, []).append(part)
    if not events:
        return {}
    terms = sorted({part.term for parts in events.values() for part in parts})
    truth = dict(zip(terms, real(np, parameters.truth, data.term_grades.take(terms)).T, strict=True))
    table = ratios(np, parameters, model, data)
    rows: dict[int, list[Floats]] = {}
    for parts in events.values():
        in_window = np.zeros((len(table), len(model.regimes)))
        days_in: dict[int, int] = {}
        for part in parts:
            days = min(part.last, closes) - max(part.first, opens) + 1
            days_in[part.step] = days_in.get(part.step, 0) + days
            share = part.share * days / (part.last - part.first + 1)
            probability = truth[part.term][:, None]
            rho = probability * table[:, data.term_ratio[part.term]]
            in_window += share * rho / (rho + 1 - probability)
        rows.setdefault(max(days_in, key=lambda step: days_in[step]), []).append(in_window)
    return rows


def _unseen_days(
    question: Occurs, first: int, last: int, parameters: Natural, watches: tuple[KnownWatch, ...]
) -> Floats:
    """Past days (D, 1) whose events no report can have told of yet, each day weighed by the share that may still count.

    By truth: all days, less what a watch would have shown. By record: what a watch shows of days that it covers, less
    what would have arrived; nobody watches other days.
    """
    days = np.zeros((len(parameters.rate), 1))
    if last < first:
        return days
    if question.settled_by == "truth":
        days += last - first + 1
    for number, watch in enumerate(watches):
        if watch.indicator != question.indicator:
            continue
        exposed = exposed_days(watch, first, last)
        if question.settled_by == "record":
            closed = watch.closed.toordinal() if watch.closed else last
            exposed -= max(min(last, closed) - max(first, watch.first.toordinal()) + 1, 0)
        days -= parameters.detection[:, [number]] * exposed
    return np.maximum(days, 0.0)


def days_to_come(
    question: Occurs, first: int, last: int, parameters: Natural, watches: tuple[KnownWatch, ...]
) -> Floats:
    """Days ahead (D, 1), each weighed by the share of true events that will settle the question.

    By truth every event does. By record what the watch begun last will show, or before any the first that will begin;
    without any watch of the indicator the record is taken to be complete.
    """
    own = sorted(
        (watch.first.toordinal(), number)
        for number, watch in enumerate(watches)
        if watch.indicator == question.indicator
    )
    days = np.zeros((len(parameters.rate), 1))
    if question.settled_by == "truth" or not own:
        return days + (last - first + 1)
    for position, (begins, number) in enumerate(own):
        begin = first if position == 0 else max(first, begins)
        end = last if position == len(own) - 1 else min(last, own[position + 1][0] - 1)
        days = days + parameters.detection[:, [number]] * max(end - begin + 1, 0)
    return days


def _raise_by_one(counts: Floats, probability: Floats) -> Floats:
    """Raise the count by one with a probability (D, K); n stays n."""
    raised = np.empty_like(counts)  # in the memory order of the counts, whatever that of the probability
    np.multiply(counts, 1 - probability[:, None], out=raised)
    raised[:, 1:] += counts[:, :-1] * probability[:, None]
    raised[:, -1] += counts[:, -1] * probability
    return raised


def _raise_by_poisson(counts: Floats, expected: Floats) -> Floats:
    """Raise the count by a Poisson number with expectation (D, K); n stays n."""
    if not expected.any():
        return counts
    n = counts.shape[1] - 1
    raised = np.zeros_like(counts)
    chance = np.exp(-expected)
    for more in range(n):
        raised[:, more:n] += counts[:, : n - more] * chance[:, None]
        chance = chance * expected / (more + 1)
    # slice by slice: numpy sums over short axes slowly
    raised[:, n] = counts[:, n]
    for count in range(n):
        raised[:, n] += counts[:, count] - raised[:, count]
    return raised
