"""The forward recursion over regimes in numpy, vectorised over draws: the fast path.

    predicted_t = filtered_{t-1} ((1 - f_t) I + f_t P),   predicted_0 = initial
    s_t = sum_k predicted_t[k] exp(log_emission_t[k]),     filtered_t = predicted_t exp(log_emission_t) / s_t
    log p(step t | steps before) = log s_t

`inference.filter_op` is the same recursion with its gradient, for NUTS; tests hold both against the enumeration of all
paths.
"""

from dataclasses import dataclass

import numpy as np

from forecast.model.version import Floats

__all__ = ["Filtered", "forward", "move_by"]


@dataclass(frozen=True, slots=True)
class Filtered:
    """Result of the recursion for D draws, T steps and K regimes."""

    log_likelihood: Floats  # (D, T) log p(step t | steps before, draw)
    filtered: Floats  # (D, T, K) P(regime in t | steps to t, draw)
    evidence: Floats  # (D, T, K) exp(log_emission) / s_t: what multiplies a predicted probability


def move_by(state: Floats, move: Floats, fraction: float) -> Floats:
    """Move a state (D, ..., K) by a fraction of a nominal step with transition matrices (D, K, K)."""
    if fraction == 0.0:
        return state
    rows = move.reshape((len(move), *([1] * (state.ndim - 2)), *move.shape[1:])) if state.ndim > 2 else move
    # regime by regime, in the memory order of the state: with draws innermost several times faster than einsum
    moved = state[..., 0, None] * rows[..., 0, :]
    for regime in range(1, state.shape[-1]):
        moved += state[..., regime, None] * rows[..., regime, :]
    return (1 - fraction) * state + fraction * moved


def forward(initial: Floats, move: Floats, moves: Floats, log_emission: Floats) -> Filtered:
    """Run the recursion.

    Parameters
    ----------
    initial
        P(regime) before the first step, (K,).
    move
        Transition matrices of one nominal step, (D, K, K).
    moves
        Share of a nominal step by which the regime moves into each step, (T,).
    log_emission
        (D, T, K).

    Raises
    ------
    ValueError
        If a step is impossible in every regime.
    """
    n_draws, n_steps, n_regimes = log_emission.shape
    log_likelihood = np.empty((n_draws, n_steps))
    filtered = np.empty((n_draws, n_steps, n_regimes))
    evidence = np.empty((n_draws, n_steps, n_regimes))
    state = np.broadcast_to(initial, (n_draws, n_regimes))
    for step in range(n_steps):
        predicted = move_by(state, move, float(moves[step]))
        highest = log_emission[:, step].max(axis=1, keepdims=True)
        weights = np.exp(log_emission[:, step] - highest)
        joint = predicted * weights
        total = joint.sum(axis=1, keepdims=True)
        if not np.all(total > 0):
            raise ValueError(f"step {step} is impossible in every regime")
        log_likelihood[:, step] = np.log(total[:, 0]) + highest[:, 0]
        state = joint / total
        filtered[:, step] = state
        evidence[:, step] = weights / total
    return Filtered(log_likelihood, filtered, evidence)
