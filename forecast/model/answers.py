"""Answers to questions, exact for every draw: the filtered regimes as of the date, rolled forward.

Nothing is simulated. The axes are (draw, outcome); outcomes are the regimes of a `state` question, else (yes, no).
"""

from datetime import date

import numpy as np

from forecast.model.arrays import Arrays
from forecast.model.emission import log_emission
from forecast.model.filter import Filtered, forward, move_by
from forecast.model.occurs import occurs, spans_ahead, step_of
from forecast.model.priors import Natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Occurs, State, Stays

__all__ = ["YES_NO", "answer", "filtered", "is_over", "outcomes"]

YES_NO = ("yes", "no")

#: Draws per block: keeps the largest intermediate array at some tens of megabytes.
BLOCK = 500


def outcomes(question: State | Stays | Occurs, model: Settings) -> tuple[str, ...]:
    """Names along the outcome axis."""
    return model.regimes if isinstance(question, State) else YES_NO


def is_over(question: State | Stays | Occurs, as_of: date) -> bool:
    """Whether the question's last day has passed."""
    return question.ends < as_of


def filtered(parameters: Natural, model: Settings, data: Arrays) -> Filtered:
    """Run emission and filter over all draws, in blocks.

    Parameters
    ----------
    parameters
        With a leading axis of draws.
    model, data
        Settings and evidence.
    """
    n_draws = len(parameters.rate)
    blocks = [
        forward(model.initial, part.move, data.moves, log_emission(np, part, model, data))
        for part in (_block(parameters, start) for start in range(0, n_draws, BLOCK))
    ]
    return Filtered(
        np.concatenate([block.log_likelihood for block in blocks]),
        np.concatenate([block.filtered for block in blocks]),
        np.concatenate([block.evidence for block in blocks]),
    )


def _block(parameters: Natural, start: int) -> Natural:
    part = slice(start, start + BLOCK)
    return Natural(
        parameters.rate[part],
        parameters.holds[part],
        parameters.move[part],
        parameters.truth[part],
        parameters.detection[part],
    )


def answer(
    question: State | Stays | Occurs, result: Filtered, parameters: Natural, model: Settings, data: Arrays
) -> Floats:
    """Probability of every outcome in every draw, (D, outcomes); rows sum to one.

    Parameters
    ----------
    question
        A question whose last day has not passed. A `stays` question without `from` begins on the as-of date.
    result
        The filter's result for the same parameters and data.
    parameters, model, data
        Draws, settings, evidence.
    """
    if isinstance(question, State):
        state = result.filtered[:, -1]
        for span in spans_ahead(question.on, model, data.steps):
            state = move_by(state, parameters.move, span.fraction)
        return state
    if isinstance(question, Stays):
        yes = _stays(question, result, parameters, model, data)
    else:
        yes = occurs(question, result, parameters, model, data)
    return np.stack([yes, 1 - yes], axis=-1)


def _stays(question: Stays, result: Filtered, parameters: Natural, model: Settings, data: Arrays) -> Floats:
    """P(regime within the set, without a break, from `from` to `until`)."""
    inside = np.array([name in question.regimes for name in model.regimes], dtype=float)
    as_of = int(data.steps.last[-1])
    begin = question.from_.toordinal() if question.from_ else as_of
    start = step_of(begin, data.steps)
    if start < len(data.steps):
        state = result.filtered[:, start] * inside
        for step in range(start + 1, len(data.steps)):
            moved = move_by(state, parameters.move, float(data.moves[step]))
            state = moved * result.evidence[:, step] * inside
    else:
        state = result.filtered[:, -1]
    for span in spans_ahead(question.until, model, data.steps):
        state = move_by(state, parameters.move, span.fraction)
        if span.last >= begin:
            state = state * inside
    total: Floats = state.sum(axis=-1)
    return np.clip(total, 0.0, 1.0)
