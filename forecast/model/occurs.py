"""Whether at least n events fall into a window: the filter with a count that saturates at n beside the regime.

Axes are (draw, count, regime). Known events raise the count with the probability that they are real; what is still to
come, or has happened and has not been seen, is Poisson given the regime.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forecast.model.arrays import Arrays, Placed, exposed_days
from forecast.model.emission import ratios
from forecast.model.filter import Filtered, move_by
from forecast.model.known import KnownWatch
from forecast.model.priors import Natural
from forecast.model.reliability import real
from forecast.model.steps import Steps, steps_between
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Family, Occurs

__all__ = ["Ahead", "occurs", "spans_ahead", "step_of"]


@dataclass(frozen=True, slots=True)
class Ahead:
    """Days after the as-of date within one calendar period of `period_days`; ordinals, both included.

    `fraction` is the share of a nominal step by which the regime moves, 0 in a static model.
    """

    first: int
    last: int
    period_days: float
    fraction: float


def spans_ahead(last: date, model: Settings, steps: Steps) -> list[Ahead]:
    """Spans from the day after the as-of date to `last`; none if that is not after it."""
    first = date.fromordinal(int(steps.last[-1])) + timedelta(days=1)
    grid = steps_between(first, last, model.step)
    moving = model.family is not Family.STATIC
    return [
        Ahead(int(a), int(b), float(period), float(b - a + 1) / float(period) if moving else 0.0)
        for a, b, period in zip(grid.first, grid.last, grid.period_days, strict=True)
    ]


def step_of(day: int, steps: Steps) -> int:
    """Number of the step that contains a day; 0 for earlier days, T for days after the as-of date."""
    if day > steps.last[-1]:
        return len(steps)
    return max(int(np.searchsorted(steps.first, day, side="right")) - 1, 0)


def occurs(question: Occurs, result: Filtered, parameters: Natural, model: Settings, data: Arrays) -> Floats:
    """P(at least n events of the indicator in the window) for every draw, (D,).

    Parameters
    ----------
    question
        The window, n, and whether the record or the truth settles it.
    result
        The filter's result for the same parameters and data.
    parameters, model, data
        Draws, settings, evidence.
    """
    indicator = model.events.index(question.indicator)
    opens, closes = question.between[0].toordinal(), question.between[1].toordinal()
    n_draws, n_steps, n_regimes = result.filtered.shape
    start = step_of(opens, data.steps)
    # in the memory order of the filter: with draws innermost, as in `inference.bench`, this is several times faster
    counts = np.zeros_like(result.filtered, shape=(n_draws, question.at_least + 1, n_regimes))
    counts[:, 0] = result.filtered[:, min(start, n_steps - 1)]
    known = _known_events(indicator, (opens, closes), parameters, model, data)
    yearly = parameters.rate[:, indicator]
    for step in range(start, n_steps):
        if step > start:
            counts = move_by(counts, parameters.move, float(data.moves[step])) * result.evidence[:, step][:, None]
        for probability in known.get(step, ()):
            counts = _raise_by_one(counts, probability)
        first, last = max(int(data.steps.first[step]), opens), min(int(data.steps.last[step]), closes)
        days = _unseen_days(question, first, last, parameters, data.silent)
        counts = _raise_by_poisson(counts, yearly * days * (model.step.years / data.steps.period_days[step]))
    for span in spans_ahead(question.between[1], model, data.steps):
        counts = move_by(counts, parameters.move, span.fraction)
        if span.last >= opens:
            days = _days_to_come(question, max(span.first, opens), span.last, parameters, data.watches)
            counts = _raise_by_poisson(counts, yearly * days * (model.step.years / span.period_days))
    return np.clip(counts[:, -1].sum(axis=-1), 0.0, 1.0)


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


def _days_to_come(
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
