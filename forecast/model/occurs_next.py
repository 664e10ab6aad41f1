"""Whether any event falls into windows that open on the day after the as-of date, for many windows at once.

The regimes of all windows move together, so that one pass answers for all indicators and ends. `model.answers.answer`
gives the same for one question; here it is several times faster.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np

from forecast.model.arrays import Arrays
from forecast.model.filter import Filtered
from forecast.model.occurs import Ahead, days_to_come, spans_ahead
from forecast.model.priors import Natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Occurs, State, Stays

__all__ = ["answer_next", "is_next"]


def is_next(question: State | Stays | Occurs, data: Arrays) -> bool:
    """Whether a question asks for at least one event in a window that opens on the day after the as-of date."""
    if not isinstance(question, Occurs) or question.at_least != 1:
        return False
    tomorrow = date.fromordinal(int(data.steps.last[-1])) + timedelta(days=1)
    return question.between[0] == tomorrow <= question.ends


def answer_next(
    questions: Sequence[Occurs], result: Filtered, parameters: Natural, model: Settings, data: Arrays
) -> dict[str, Floats]:
    """Probability of yes and no in every draw, (D, 2), by question.

    Parameters
    ----------
    questions
        Those for which `is_next` holds.
    result, parameters, model, data
        As for `model.answers.answer`.
    """
    kinds = list(dict.fromkeys(_kind(question) for question in questions))
    spans = {ends: spans_ahead(ends, model, data.steps) for ends in {question.ends for question in questions}}
    longest = max(spans.values(), key=len, default=[])
    move = np.ascontiguousarray(np.moveaxis(parameters.move, 0, -1))
    # P(nothing so far, regime): (kind, K, D), draws innermost
    none = np.repeat(np.ascontiguousarray(result.filtered[:, -1].T)[None], len(kinds), axis=0)
    found: dict[date, Floats] = {}
    examples = {_kind(question): question for question in questions}

    def onwards(none: Floats, span: Ahead) -> Floats:
        moved = _moved(none, move, span.fraction)
        for place, kind in enumerate(kinds):
            question = examples[kind]
            days = days_to_come(question, span.first, span.last, parameters, data.watches)[:, 0]
            rate = parameters.rate[:, model.events.index(question.indicator)].T
            moved[place] *= np.exp(-rate * (days * span.years_per_day))
        return moved

    for number, span in enumerate(longest):
        after = onwards(none, span)
        for ends in _ending(spans, number):
            own = spans[ends][number]
            # a window may end within a step
            found[ends] = (after if own == span else onwards(none, own)).sum(axis=1)
        none = after
    places = {kind: place for place, kind in enumerate(kinds)}
    return {question.id: _yes_no(found[question.ends][places[_kind(question)]]) for question in questions}


def _kind(question: Occurs) -> tuple[str, str]:
    return question.indicator, question.settled_by


def _ending(spans: dict[date, list[Ahead]], number: int) -> Iterable[date]:
    return (ends for ends, own in spans.items() if len(own) == number + 1)


def _moved(state: Floats, move: Floats, fraction: float) -> Floats:
    """A new state (..., K, D) after a fraction of a nominal step, with transition matrices (K, K, D)."""
    if fraction == 0.0:
        return state.copy()
    moved: Floats = state[:, 0, None] * move[0]
    for regime in range(1, state.shape[1]):
        moved += state[:, regime, None] * move[regime]
    return moved if fraction == 1.0 else (1 - fraction) * state + fraction * moved


def _yes_no(none: Floats) -> Floats:
    no: Floats = np.clip(none, 0.0, 1.0)
    return np.stack([1.0 - no, no], axis=-1)
