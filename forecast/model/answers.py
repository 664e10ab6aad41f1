"""Answers to questions, exact for every draw: the filtered regimes as of the date, rolled forward.

Nothing is simulated. The axes are (draw, outcome); outcomes are the regimes of a `state` question, else (yes, no).
"""

from datetime import date

import numpy as np

from forecast.model.arrays import Arrays
from forecast.model.conditioning import NOTHING, Conditioning
from forecast.model.emission import log_emission
from forecast.model.filter import Filtered, forward, move_by
from forecast.model.occurs import occurs_so_far, occurs_within, spans_ahead, step_of
from forecast.model.priors import Natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Occurs, State, Stays

__all__ = ["YES_NO", "ahead", "answer", "filtered", "is_over", "outcomes", "state_as_of"]

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
        for part in (parameters.take(slice(start, start + BLOCK)) for start in range(0, n_draws, BLOCK))
    ]
    return Filtered(
        np.concatenate([block.log_likelihood for block in blocks]),
        np.concatenate([block.filtered for block in blocks]),
        np.concatenate([block.evidence for block in blocks]),
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
    state = state_as_of(question, result, parameters, model, data)
    # the sum is known to be one: what is broken need not be followed
    return ahead(question, state[:, 1:] if isinstance(question, Stays) else state, parameters, model, data)


def state_as_of(
    question: State | Stays | Occurs, result: Filtered, parameters: Natural, model: Settings, data: Arrays
) -> Floats:
    """Where a question stands on the as-of date: P(tally, regime) in every draw, (D, tally, K).

    The tally of a `state` question is nothing, of a `stays` question broken or unbroken, of an `occurs` question the
    count of events that saturates at n. Arguments are those of `answer`.
    """
    if isinstance(question, State):
        return result.filtered[:, [-1]]
    if isinstance(question, Occurs):
        return occurs_so_far(question, result, parameters, model, data)
    now = result.filtered[:, -1]
    unbroken = _unbroken(question, result, parameters, model, data)
    return np.stack([np.maximum(now - unbroken, 0.0), unbroken], axis=1)


def _unbroken(question: Stays, result: Filtered, parameters: Natural, model: Settings, data: Arrays) -> Floats:
    """P(stay unbroken so far, regime on the as-of date) in every draw, (D, K)."""
    inside = _inside(question, model)
    start = step_of(_begins(question, data), data.steps)
    if start == len(data.steps):
        return result.filtered[:, -1]
    state = result.filtered[:, start] * inside
    for step in range(start + 1, len(data.steps)):
        state = move_by(state, parameters.move, float(data.moves[step])) * result.evidence[:, step] * inside
    return state


def ahead(
    question: State | Stays | Occurs,
    state: Floats,
    parameters: Natural,
    model: Settings,
    data: Arrays,
    conditioning: Conditioning = NOTHING,
) -> Floats:
    """Probability of every outcome in every draw, (D, outcomes), from where the question stands.

    Parameters
    ----------
    question, parameters, model, data
        As for `answer`.
    state
        As `state_as_of` gives it, (D, tally, K).
    conditioning
        What is taken as given beside the evidence: then the result is P(outcome and what is given), and rows sum to the
        probability of the latter. Days after the question's last are left out of it.
    """
    state = conditioning.today(state)
    for span in spans_ahead(question.ends, model, data.steps):
        state = conditioning.ahead(
            move_by(state, parameters.move, span.fraction), span.first, span.last, span.years_per_day
        )
        if isinstance(question, Stays) and span.last >= _begins(question, data):
            state = _broken(state, _inside(question, model))
        elif isinstance(question, Occurs):
            state = occurs_within(question, state, span, parameters, model, data, conditioning)
    if isinstance(question, State):
        return state[:, 0]
    yes = np.clip(state[:, -1].sum(axis=-1), 0.0, 1.0)
    total = 1.0 if conditioning is NOTHING else state.sum(axis=(1, 2))
    return np.stack([yes, np.maximum(total - yes, 0.0)], axis=-1)


def _begins(question: Stays, data: Arrays) -> int:
    return question.from_.toordinal() if question.from_ else int(data.steps.last[-1])


def _inside(question: Stays, model: Settings) -> Floats:
    return np.array([name in question.regimes for name in model.regimes], dtype=float)


def _broken(state: Floats, inside: Floats) -> Floats:
    """A state (D, 2, K) of broken and unbroken, or of unbroken alone: what is outside the set is broken for good."""
    left = state * inside
    if state.shape[1] == 2:
        left[:, 0] = state[:, 0] + state[:, 1] - left[:, 1]
    return left
