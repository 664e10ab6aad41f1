"""Probabilities at the edge: one that rounding made 0 or 1 is neither.

With much evidence, one minus a small probability rounds to one, and a small one may become zero. Read as certainty,
that is wrong: only a regime that the model cannot reach has probability zero.
"""

import math

import numpy as np

from forecast.model.version import Settings
from forecast.scenario.schema import Family, Occurs, State, Stays

__all__ = ["CERTAIN", "IMPOSSIBLE", "certain_outcomes", "inside"]

#: The floating-point numbers next to 1 and 0, between which a probability lies that is neither; 0 has the smallest
#: with all its digits.
CERTAIN, IMPOSSIBLE = math.nextafter(1.0, 0.0), float(np.finfo(np.float64).tiny)


def certain_outcomes(question: State | Stays | Occurs, model: Settings) -> tuple[bool, ...]:
    """For every outcome, whether the model itself, without any evidence, may make it certain or impossible.

    Parameters
    ----------
    question
        A question that is open.
    model
        Whose regimes and changes are asked.
    """
    if isinstance(question, Occurs):
        return (False, False)
    if isinstance(question, Stays):
        is_fixed = model.family is not Family.REGIME or bool(model.absorbing.all())
        return (is_fixed, is_fixed)
    reached = model.initial > 0
    if model.family is Family.REGIME:
        leads = (model.goes_to > 0) & ~model.absorbing[:, None]
        for _ in model.regimes:
            reached = reached | leads[reached].any(axis=0)
    n_reached = int(reached.sum())
    return tuple(bool(not is_reached or n_reached == 1) for is_reached in reached)


def inside(p: float, may_be_certain: bool) -> float:
    """The probability, or the nearest to it that is neither 0 nor 1, unless it may be certain."""
    if may_be_certain:
        return min(max(p, 0.0), 1.0)
    return min(max(p, IMPOSSIBLE), CERTAIN)
