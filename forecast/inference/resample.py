"""Weighted draws as draws of equal weight, for programs that know no weights."""

from dataclasses import replace

import numpy as np

from forecast.inference.draws import Draws, Ints
from forecast.inference.reweight import STILL, WeightedDraws, raw_for

__all__ = ["equal_draws", "has_equal_weights", "systematic"]


def has_equal_weights(weighted: WeightedDraws) -> bool:
    """Whether all draws weigh the same."""
    return float(np.ptp(weighted.log_weights)) < STILL


def systematic(weighted: WeightedDraws, n: int | None = None) -> Ints:
    """Numbers of draws that stand for all with equal weights, (n,), by default as many as there are draws.

    A systematic sample with a fixed offset is the same every time, and takes every draw n times its weight, rounded up
    or down (Douc, Cappé and Moulines 2005, 'Comparison of resampling schemes for particle filtering').
    """
    n = weighted.log_weights.size if n is None else n
    edges = np.cumsum(weighted.weights)
    places = (np.arange(n) + 0.5) / n * edges[-1]
    found: Ints = np.minimum(np.searchsorted(edges, places), len(edges) - 1)
    return found


def equal_draws(weighted: WeightedDraws) -> Draws:
    """Draws of equal weight for the evidence that the draws are weighted for, with its watches.

    Returns
    -------
    Draws
        The chains or islands as they are, where their draws weigh the same. Otherwise one chain: islands have weights
        by what they found of the evidence, and what is drawn from all of them has no islands any more. Draws then
        repeat. `ancestry` numbers the ancestors of all islands from 0, `meta["resampled"]` is true.
    """
    draws, raw = weighted.proposal.draws, raw_for(weighted.proposal, weighted.data)
    watches = tuple((watch.indicator, watch.first.isoformat()) for watch in weighted.data.watches)
    log_likelihood = weighted.filtered.log_likelihood.sum(axis=1)
    if has_equal_weights(weighted):
        arrays = {name: values.reshape((*draws.shape, *values.shape[1:])) for name, values in raw.items()}
        return replace(
            draws,
            arrays=arrays,
            watches=watches,
            log_likelihood=log_likelihood.reshape(draws.shape),
            log_weights=None,
        )
    rows = systematic(weighted)
    numbers = None
    meta = {**draws.meta, "resampled": True}
    if draws.ancestry is not None:
        n_ancestors = int(draws.meta["ancestors"])
        numbers = (draws.ancestry + n_ancestors * np.arange(draws.n_chains)[:, None]).ravel()[None, rows]
        meta |= {"ancestors": n_ancestors * draws.n_chains}
    return Draws(
        {name: values[None, rows] for name, values in raw.items()},
        meta,
        log_likelihood[None, rows],
        watches,
        ancestry=numbers,
    )
