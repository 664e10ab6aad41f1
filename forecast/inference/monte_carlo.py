"""Effective sample sizes and Monte Carlo errors of posterior means, in numpy: of chains, and of particles.

Geyer's initial monotone positive sequence over the averaged autocovariance of the chains, as in Vehtari et al.
(2021), 'Rank-normalization, folding, and localization: an improved R-hat', Bayesian Analysis 16(2), section 3.2.
ArviZ computes the same (`ess(method="mean")`) and is the oracle of the tests; it takes seconds to import, and these
numbers are printed with every forecast.
"""

import numpy as np

from forecast.inference.draws import Ints
from forecast.model.version import Floats

__all__ = ["ancestral_error", "effective_size", "mcse_of_mean"]


def effective_size(values: Floats) -> float:
    """Effective sample size for the mean of draws (chain, draw); each chain is split in two.

    Constant draws count in full.
    """
    if np.ptp(values) < np.finfo(float).resolution:
        return float(values.size)
    half = values.shape[1] // 2
    chains = np.concatenate([values[:, :half], values[:, -half:]])
    n_chains, n_draws = chains.shape
    centred = chains - chains.mean(axis=1, keepdims=True)
    # autocovariance of every chain by Fourier transform, padded against wrapping round
    spectrum = np.fft.rfft(centred, n=2 * n_draws, axis=1)
    covariance = np.fft.irfft(spectrum * np.conj(spectrum), axis=1)[:, :n_draws].mean(axis=0) / n_draws
    within = covariance[0] * n_draws / (n_draws - 1)
    total = covariance[0] + chains.mean(axis=1).var(ddof=1)
    correlation = 1 - (within - covariance) / total
    correlation[0] = 1.0
    pairs = correlation[0 : n_draws - n_draws % 2 : 2] + correlation[1::2]
    # the pairs before the first that is not positive count, and of that one its first half; the last lags never do
    last = max((n_draws - 3) // 2, 0)
    stopped = np.flatnonzero(pairs[:last] <= 0)
    n_pairs = int(stopped[0]) if stopped.size else last
    kept = np.minimum.accumulate(pairs[:n_pairs])
    time = -1 + 2 * kept.sum() + max(correlation[2 * n_pairs], 0.0)
    return float(n_chains * n_draws / max(time, 1 / np.log10(n_chains * n_draws)))


def mcse_of_mean(values: Floats) -> float:
    """Monte Carlo standard error of the mean of draws (chain, draw)."""
    spread = float(values.std(ddof=1))
    return spread / float(np.sqrt(effective_size(values)))


def ancestral_error(influence: Floats, ancestry: Ints, n_ancestors: int, n_islands: int) -> float:
    """Monte Carlo standard error of an estimate from particles: the larger of two estimates of it.

    Particles that descend from one draw are not independent, those of different draws are. So (i) the error is the root
    of the summed squares of what each ancestor's descendants contribute together (Lee and Whiteley 2018, 'Variance
    estimation in the particle filter', Biometrika 105), less what a fixed number of draws from each chain takes away;
    and (ii) it is what the spread between islands says, which have nothing in common.

    Parameters
    ----------
    influence
        How much every particle moves the estimate, (chain, draw): w (x - mean) for a mean with weights w that sum to
        one. Chains of one island lie `n_islands` apart.
    ancestry
        Numbers of the draws that particles began as, (chain, draw), from 0 in every chain.
    n_ancestors
        How many draws a chain began with.
    n_islands
        Number of islands.
    """
    n_chains = len(influence)
    numbers = ancestry + n_ancestors * np.arange(n_chains)[:, None]
    sums = np.bincount(numbers.ravel(), weights=influence.ravel(), minlength=n_chains * n_ancestors)
    families = sums.reshape(n_chains, n_ancestors)
    totals = families.sum(axis=1)
    within = float((np.square(families).sum(axis=1) - np.square(totals) / n_ancestors).sum())
    islands = totals.reshape(-1, n_islands).sum(axis=0)
    between = n_islands / (n_islands - 1) * float(np.square(islands - islands.mean()).sum())
    return float(np.sqrt(max(within * n_ancestors / (n_ancestors - 1), between, 0.0)))
