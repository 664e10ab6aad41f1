"""Pareto-smoothed importance sampling in numpy: smoothed weights, and k-hat, which says whether to trust them.

Vehtari, Simpson, Gelman, Yao and Gabry (2024), 'Pareto smoothed importance sampling', JMLR 25(72), arXiv 1507.02646;
the generalised Pareto distribution is fitted as Zhang and Stephens (2009) do, 'A new and efficient estimation method
for the generalized Pareto distribution', Technometrics 51(3), with the prior on k of the former. ArviZ computes the
same and is the oracle of the tests, but takes seconds to import. Mind the sign: ArviZ's `psislw` takes log
*likelihoods* and negates them; here larger is heavier.
"""

import numpy as np

from forecast.model.version import Floats

__all__ = ["log_sum_exp", "pareto_khat", "psis"]

#: Fewest ratios in the tail that say anything about its shape.
MIN_TAIL = 5

#: Prior of k: as many observations of `_PRIOR_K` as `_PRIOR_WEIGHT`, for small tails.
_PRIOR_K, _PRIOR_WEIGHT = 0.5, 10

#: Grid of the profile likelihood: how far it reaches, in first quartiles.
_GRID_REACH = 3


def psis(log_ratios: Floats, relative_efficiency: float = 1.0) -> tuple[Floats, float]:
    """Smooth the largest importance ratios, and normalise.

    Parameters
    ----------
    log_ratios
        Logarithms of target over proposal, up to a constant, (S,); minus infinity where the target is zero.
    relative_efficiency
        Effective over nominal number of draws of the proposal, in (0, 1]; smaller lengthens the tail that is smoothed.

    Returns
    -------
    array
        Logarithms of weights that sum to one, (S,), in the order given.
    float
        k-hat. Up to 0.7 the weights can be relied upon. Minus infinity where the tail does not vary (nothing to
        smooth); infinity where too few ratios are positive, and NaN where no Pareto tail fits: then nothing is
        smoothed, and neither is below 0.7.
    """
    shifted = log_ratios - log_ratios.max()
    order = np.argsort(shifted)
    n_tail = _tail_length(len(shifted), relative_efficiency)
    if n_tail < MIN_TAIL:
        return shifted - log_sum_exp(shifted), np.inf
    tail, cutoff = shifted[order[-n_tail:]], shifted[order[-n_tail - 1]]
    khat, sigma = _tail_shape(tail, cutoff)
    if np.isfinite(khat):
        middles = np.arange(0.5, n_tail) / n_tail
        spread = np.expm1(-khat * np.log1p(-middles)) / khat if khat else -np.log1p(-middles)
        smoothed = np.log(np.exp(cutoff) + sigma * spread)
        shifted[order[-n_tail:]] = np.minimum(smoothed, tail[-1])
    return shifted - log_sum_exp(shifted), khat


def pareto_khat(log_values: Floats, relative_efficiency: float = 1.0) -> float:
    """Shape of the upper tail of positive values from their logarithms (S,); see `psis`."""
    n_tail = _tail_length(len(log_values), relative_efficiency)
    if n_tail < MIN_TAIL:
        return np.inf
    upper = np.sort(np.partition(log_values, -n_tail - 1)[-n_tail - 1 :])
    return _tail_shape(upper[1:] - upper[-1], upper[0] - upper[-1])[0]


def log_sum_exp(values: Floats) -> float:
    """Logarithm of the sum of exponentials."""
    highest = values.max()
    return float(highest + np.log(np.exp(values - highest).sum()))


def _tail_length(n_draws: int, relative_efficiency: float) -> int:
    """Number of largest ratios that form the tail: min(S / 5, 3 sqrt(S / efficiency)), never more than S / 5."""
    if n_draws * relative_efficiency > 225:
        return int(3 * np.sqrt(n_draws / relative_efficiency))
    return n_draws // 5


def _tail_shape(tail: Floats, cutoff: float) -> tuple[float, float]:
    """k-hat and sigma of a tail of sorted logarithms whose largest is 0, beyond the next smaller value."""
    if not np.isfinite(tail[0]):
        return np.inf, np.nan
    if tail[-1] - tail[0] < np.finfo(float).tiny:
        return -np.inf, np.nan
    return _fit_pareto(np.exp(tail) - np.exp(cutoff))


def _fit_pareto(exceedances: Floats) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution from its sorted sample (n,), n at least 5.

    The posterior mean of theta = k / sigma over a grid (Zhang and Stephens 2009, equations 3 to 6; their k has the
    other sign), and from it both parameters.
    """
    n = len(exceedances)
    n_grid = 30 + int(np.sqrt(n))
    quartile = exceedances[int(n / 4 + 0.5) - 1]
    if quartile <= exceedances[0]:
        return np.nan, np.nan
    theta = 1 / exceedances[-1] + (1 - np.sqrt(n_grid / (np.arange(1, n_grid + 1) - 0.5))) / (_GRID_REACH * quartile)
    shape = np.log1p(-theta[:, None] * exceedances).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        profile = n * (np.log(-theta / shape) - shape - 1)
    weight = np.exp(profile - log_sum_exp(profile))
    kept = weight >= 10 * np.finfo(float).eps
    theta_mean = float((theta[kept] * weight[kept]).sum() / weight[kept].sum())
    k = float(np.log1p(-theta_mean * exceedances).mean())
    sigma = -k / theta_mean
    if not np.isfinite(k) or not sigma > 0:
        return (np.inf if np.isnan(k) else np.nan), np.nan
    return (n * k + _PRIOR_WEIGHT * _PRIOR_K) / (n + _PRIOR_WEIGHT), sigma
