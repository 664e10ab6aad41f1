"""The forward recursion over regimes in numpy, for all draws at once.

    predicted_t = filtered_{t-1} ((1 - f_t) I + f_t P),   predicted_0 = initial
    s_t = sum_k predicted_t[k] exp(log_emission_t[k]),     filtered_t = predicted_t exp(log_emission_t) / s_t
    log p(step t | steps before) = log s_t

Axes are (draw, step, regime) as everywhere. In memory draws are innermost, which makes operations on a few regimes of
many draws several times faster; `draws_innermost` gives an array that layout, and the recursion itself works on it.
`inference.filter_op` is the same recursion with its gradient, for NUTS; tests hold both against the enumeration of all
paths.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from forecast.model.version import Floats

__all__ = [
    "Filtered",
    "Step",
    "check_no_regime_lost",
    "check_possible",
    "draws_innermost",
    "forward",
    "log_likelihood",
    "move_by",
    "recursion",
    "step_weights",
    "without_moves",
]

#: Least normal number: a regime whose probability is below it cannot count, and dividing by less would overflow.
TINY = float(np.finfo(float).tiny)

#: Log-likelihoods of the recursion and of all steps at once may differ by this much, relative to their size.
MAX_GAP = 1e-6

#: Share of a nominal step by which the regime moves, largest log-emission (D,), and exp of the rest (K, D).
Step = tuple[float, Floats, Floats]


@dataclass(frozen=True, slots=True)
class Filtered:
    """Result of the recursion for D draws, T steps and K regimes."""

    log_likelihood: Floats  # (D, T) log p(step t | steps before, draw)
    filtered: Floats  # (D, T, K) P(regime in t | steps to t, draw)
    evidence: Floats  # (D, T, K) exp(log_emission) / s_t: what multiplies a predicted probability

    def take(self, draws: Floats | slice) -> "Filtered":
        """Some draws, by a slice or by their numbers."""
        return Filtered(self.log_likelihood[draws], self.filtered[draws], self.evidence[draws])


def draws_innermost(array: Floats) -> Floats:
    """The same array (draw, ...), in memory with its first axis last."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 0, -1)), -1, 0)


def move_by(state: Floats, move: Floats, fraction: float) -> Floats:
    """Move a state (D, K) or (D, tally, K) by a fraction of a nominal step with transition matrices (D, K, K)."""
    if fraction == 0.0:
        return state
    rows = move.reshape((len(move), *([1] * (state.ndim - 2)), *move.shape[1:])) if state.ndim > 2 else move
    # regime by regime, in the memory order of the state: with draws innermost several times faster than einsum
    moved = state[..., 0, None] * rows[..., 0, :]
    for regime in range(1, state.shape[-1]):
        moved += state[..., regime, None] * rows[..., regime, :]
    if fraction == 1.0:
        return moved
    return (1 - fraction) * state + fraction * moved


def recursion(state: Floats, move: Floats, steps: Iterable[Step]) -> Iterator[tuple[Floats, Floats, Floats]]:
    """The recursion itself, step by step, on arrays with the draws last.

    Parameters
    ----------
    state
        P(regime) before the first of the steps, (K, D).
    move
        Transition matrices of one nominal step, (K, K, D).
    steps
        What every step adds.

    Yields
    ------
    log p(step | steps before) (D,), P(regime | steps so far) (K, D), exp(log-emission) / s (K, D)
        A draw in which a step is impossible in every regime has minus infinity, and its state is left as predicted.
    """
    for fraction, highest, weights in steps:
        if fraction == 1.0:
            state = (state[:, None] * move).sum(axis=0)
        elif fraction:
            state = (1 - fraction) * state + fraction * (state[:, None] * move).sum(axis=0)
        joint = state * weights
        total = joint.sum(axis=0)
        if total.min() > TINY:
            log_total = np.log(total) + highest
            evidence = weights / total
            state = joint / total
        else:
            log_total, state, evidence = _underflown(state, highest, weights, joint, total)
        yield log_total, state, evidence


def _underflown(
    state: Floats, highest: Floats, weights: Floats, joint: Floats, total: Floats
) -> tuple[Floats, Floats, Floats]:
    """A step in which the regimes that the evidence allows have no probability, in some draws.

    The largest emission may belong to a regime that cannot be: then the others are too small for double precision
    unless they are scaled by the largest among those that can.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log_weights = np.where(state > 0, np.log(weights), -np.inf)
        lead = log_weights.max(axis=0)
        possible = np.isfinite(lead)
        rescue = ~(total > TINY) & possible
        scaled = np.where(rescue, np.exp(log_weights - np.where(possible, lead, 0.0)), weights)
        highest = np.where(rescue, highest + lead, highest)
        joint = np.where(rescue, state * scaled, joint)
        total = joint.sum(axis=0)
        alive = total > 0
        divisor = np.where(alive, total, 1.0)
        log_total = np.where(alive, np.log(np.where(alive, total, 1.0)) + highest, -np.inf)
        evidence = np.where(alive, scaled / np.maximum(divisor, TINY), 0.0)
        return log_total, np.where(alive, joint / divisor, state), evidence


def step_weights(log_emission: Floats) -> tuple[Floats, Floats]:
    """Largest log-emission over the regimes, and exp of the rest; regimes on the last axis but one, draws last."""
    highest = log_emission.max(axis=-2)
    return highest, np.exp(log_emission - highest[..., None, :])


def log_likelihood(initial: Floats, move: Floats, moves: Floats, log_emission: Floats) -> Floats:
    """Log-likelihood of all steps together, (D,); minus infinity where a step is impossible.

    Parameters
    ----------
    initial
        P(regime) before the first step, (K,).
    move
        Transition matrices, (K, K, D).
    moves
        Share of a nominal step by which the regime moves into each step, (T,).
    log_emission
        (T, K, D).
    """
    if not moves.any():
        return without_moves(initial, log_emission.sum(axis=0))
    n_regimes, n_draws = log_emission.shape[1:]
    highest, weights = step_weights(log_emission)
    state = np.broadcast_to(initial[:, None], (n_regimes, n_draws))
    total = np.zeros(n_draws)
    for log_total, _, _ in recursion(state, move, zip(moves.tolist(), highest, weights, strict=True)):
        total += log_total
    return total


def without_moves(initial: Floats, log_emission: Floats) -> Floats:
    """Log-likelihood (D,) where the regime never changes, from P(regime) (K,) and the sum of all steps (K, D)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = np.where(initial > 0, np.log(initial), -np.inf)[:, None] + log_emission
        highest = joint.max(axis=0)
        total: Floats = highest + np.log(np.exp(joint - highest).sum(axis=0))
    return np.where(np.isfinite(highest), total, -np.inf)


def forward(initial: Floats, move: Floats, moves: Floats, log_emission: Floats) -> Filtered:
    """Run the recursion and keep every step.

    Parameters
    ----------
    initial
        P(regime) before the first step, (K,), or in every draw (D, K).
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
    shape = (n_steps, n_regimes, n_draws)
    by_step, filtered, evidence = np.empty((n_steps, n_draws)), np.empty(shape), np.empty(shape)
    highest, weights = step_weights(np.moveaxis(draws_innermost(log_emission), 0, -1))
    state = np.ascontiguousarray(np.broadcast_to(initial, (n_draws, n_regimes)).T)
    moving = np.moveaxis(draws_innermost(move), 0, -1)
    steps = zip(moves.tolist(), highest, weights, strict=True)
    for step, found in enumerate(recursion(state, moving, steps)):
        by_step[step], filtered[step], evidence[step] = found
        check_possible(by_step[step], step)
    if not moves.any() and initial.ndim == 1:
        check_no_regime_lost(by_step, without_moves(initial, log_emission.sum(axis=1).T))
    return Filtered(by_step.T, np.moveaxis(filtered, -1, 0), np.moveaxis(evidence, -1, 0))


def check_no_regime_lost(by_step: Floats, total: Floats) -> None:
    """Refuse what the recursion cannot represent where the regime never changes.

    Early steps may make a regime less probable than the least number, so that nothing can bring it back; if later steps
    do, the log-likelihood of the steps (T, D) is not that of all of them at once, (D,).

    Raises
    ------
    ValueError
        If they differ in any draw.
    """
    gap = np.abs(by_step.sum(axis=0) - total)
    if not np.all(gap <= MAX_GAP * (1 + np.abs(total))):
        raise ValueError("steps contradict each other by more than a factor of 1e300, too much to be computed")


def check_possible(log_likelihood: Floats, step: int) -> None:
    """Refuse a step that is impossible in every regime, in any draw.

    Raises
    ------
    ValueError
        With the number of the step.
    """
    if not np.all(np.isfinite(log_likelihood)):
        raise ValueError(f"step {step} is impossible in every regime")
