"""R-hat, effective sample sizes and Monte Carlo errors of posterior means, in numpy.

After Vehtari et al. (2021), 'Rank-normalization, folding, and localization: an improved R-hat', Bayesian Analysis
16(2): effective sizes by Geyer's initial monotone positive sequence over the averaged autocovariance of the chains
(section 3.2), R-hat of rank-normalised draws and of their distances from the median (section 4). ArviZ computes the
same and is the oracle of the tests; it takes seconds to import and several times as long to rank, and these numbers
are needed with every forecast.
"""

from functools import cache
from statistics import NormalDist

import numpy as np

from forecast.model.version import Floats

__all__ = ["bulk_effective_size", "effective_size", "mcse_of_mean", "rhat"]


def rhat(values: Floats) -> float:
    """R-hat of draws (chain, draw): the larger of rank-normalised split R-hat and the same of folded draws.

    Infinite where a draw is not finite; 1 where no draw differs from another.
    """
    if not np.isfinite(values).all():
        return np.inf
    chains = _halves(values)
    folded = np.abs(chains - np.median(chains))
    return max(_split_rhat(_rank_normal(chains)), _split_rhat(_rank_normal(folded)))


def bulk_effective_size(values: Floats) -> float:
    """Effective sample size of rank-normalised draws (chain, draw): that of the bulk of the distribution.

    Zero where a draw is not finite.
    """
    if not np.isfinite(values).all():
        return 0.0
    return _size_of(_rank_normal(_halves(values)))


def effective_size(values: Floats) -> float:
    """Effective sample size for the mean of draws (chain, draw); each chain is split in two.

    Constant draws count in full.
    """
    if np.ptp(values) < np.finfo(float).resolution:
        return float(values.size)
    return _size_of(_halves(values))


def mcse_of_mean(values: Floats) -> float:
    """Monte Carlo standard error of the mean of draws (chain, draw)."""
    spread = float(values.std(ddof=1))
    return spread / float(np.sqrt(effective_size(values)))


def _halves(values: Floats) -> Floats:
    """Every chain split in two; the middle draw of an odd number is left out."""
    half = values.shape[1] // 2
    return np.concatenate([values[:, :half], values[:, -half:]])


def _split_rhat(chains: Floats) -> float:
    n_draws = chains.shape[1]
    between = n_draws * chains.mean(axis=1).var(ddof=1)
    within = chains.var(axis=1, ddof=1).mean()
    if within == 0:
        return 1.0 if between == 0 else np.inf
    return float(np.sqrt((between / within + n_draws - 1) / n_draws))


def _rank_normal(chains: Floats) -> Floats:
    """Normal scores of the ranks among all draws; equal draws share their mean rank."""
    draws = chains.ravel()
    order = np.argsort(draws)
    ordered = draws[order]
    begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    ends = np.append(begins[1:], len(draws))
    # the mean of ranks begin + 1 to end is half of a whole number
    scores = _normal_scores(len(draws))[begins + ends - 1]
    ranked = np.empty(len(draws))
    ranked[order] = np.repeat(scores, ends - begins)
    return ranked.reshape(chains.shape)


@cache
def _normal_scores(n_draws: int) -> Floats:
    """Normal quantiles of ranks 1, 1.5, 2 ... n, moved inside (0, 1) as Blom (1958) does: (2 n - 1,)."""
    quantile = NormalDist().inv_cdf
    return np.array([quantile((twice / 2 - 3 / 8) / (n_draws + 1 / 4)) for twice in range(2, 2 * n_draws + 1)])


def _size_of(chains: Floats) -> float:
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
