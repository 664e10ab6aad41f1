"""The log evidence that draws of sequential Monte Carlo have found: a diagnostic of one version.

It is the logarithm of the mean of the likelihood over the prior. The likelihood is a ratio to constants of the
version's own prior, and outside watches it is tempered (docs/method.md, 'Comparing versions'): differences between
versions are not Bayes factors.
"""

import numpy as np

from forecast.inference.monte_carlo import ancestral_error
from forecast.inference.psis import log_sum_exp
from forecast.inference.reweight import WeightedDraws
from forecast.model.version import Floats

__all__ = ["family_weights", "log_evidence"]


def log_evidence(weighted: WeightedDraws) -> tuple[float, float] | None:
    """Log evidence and its Monte Carlo standard error.

    Parameters
    ----------
    weighted
        Particles with weights for their own or for other evidence: the mean ratio of the two likelihoods is added.

    Returns
    -------
    tuple of float, or None
        None for chains of NUTS, which do not know it.
    """
    draws = weighted.proposal.draws
    own = draws.meta.get("log_evidence")
    if own is None or draws.log_likelihood is None or draws.ancestry is None:
        return None
    log_ratios = weighted.filtered.log_likelihood.sum(axis=1) - draws.log_likelihood.ravel()
    log_weights = np.full(log_ratios.size, -np.log(log_ratios.size))
    if draws.log_weights is not None:
        log_weights = draws.log_weights.ravel()
    found = float(own) + log_sum_exp(log_weights + log_ratios)
    meta = draws.meta
    by_chain = weighted.weights.reshape(weighted.shape)
    return found, ancestral_error(by_chain, draws.ancestry, meta["ancestors"], meta["islands"])


def family_weights(weighted: WeightedDraws, values: Floats) -> Floats:
    """Sums of values (D,) over the particles that descend from the same draw, (chain, ancestor).

    Particles that are moved keep the numbers of their ancestors, so that such sums of different evidence can be added
    as long as the particles have a common beginning.
    """
    draws = weighted.proposal.draws
    assert draws.ancestry is not None
    n_chains, n_ancestors = draws.n_chains, int(draws.meta["ancestors"])
    numbers = draws.ancestry + n_ancestors * np.arange(n_chains)[:, None]
    sums = np.bincount(numbers.ravel(), weights=values, minlength=n_chains * n_ancestors)
    return sums.reshape(n_chains, n_ancestors)
