"""Regimes given everything known by the as-of date, for every step before it: the filter, and what came later.

    backward_T = 1,   backward_t = ((1 - f_{t+1}) I + f_{t+1} P) (e_{t+1} backward_{t+1})
    P(regime in t | all steps) = filtered_t backward_t

with e_t the emission over the step's likelihood (`Filtered.evidence`), so that every product sums to one: the
forward-backward recursion of Rabiner, A tutorial on hidden Markov models (Proc. IEEE 77, 1989), with scaled variables.
"""

import numpy as np

from forecast.model.filter import Filtered
from forecast.model.version import Floats

__all__ = ["smoothed"]


def smoothed(result: Filtered, move: Floats, moves: Floats) -> Floats:
    """P(regime in t | all steps, draw), (D, T, K).

    Parameters
    ----------
    result
        The filter's result.
    move
        Transition matrices of one nominal step, (D, K, K).
    moves
        Share of a nominal step by which the regime moves into each step, (T,).
    """
    backward = np.ones_like(result.filtered)
    for step in range(result.filtered.shape[1] - 2, -1, -1):
        after = result.evidence[:, step + 1] * backward[:, step + 1]
        share = float(moves[step + 1])
        backward[:, step] = (1 - share) * after + share * np.einsum("dij,dj->di", move, after)
    found: Floats = result.filtered * backward
    return found
