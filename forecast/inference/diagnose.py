"""Whether draws may be used: R-hat, effective sample size, divergences, energy; and what to do if not.

Thresholds after Vehtari et al. (2021), 'Rank-normalization, folding, and localization: an improved R-hat', and
Betancourt (2016), 'Diagnosing suboptimal cotangent disintegrations in Hamiltonian Monte Carlo'.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import arviz_stats.base
import numpy as np

from forecast.inference.draws import Draws
from forecast.inference.reweight import MIN_ESS
from forecast.model.version import Floats

__all__ = ["Diagnosis", "diagnose"]

MAX_RHAT = 1.01
MIN_BFMI = 0.3

#: What varies less than this does not vary: an answer that is settled.
STILL = 1e-12


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The worst value of every diagnostic, and a sentence for each that failed."""

    rhat: float
    ess: float
    divergences: int
    bfmi: float
    problems: tuple[str, ...]


def diagnose(draws: Draws, answers: Mapping[str, Floats]) -> Diagnosis:
    """Judge a fit by its parameters and by the answers that will be published.

    Parameters
    ----------
    draws
        Of NUTS, with `divergences` and `bfmi` in their `meta`.
    answers
        Probability of every outcome in every draw, (chain, draw), by a name for messages.

    Returns
    -------
    Diagnosis
        R-hat is the largest over all parameters and answers, the effective sample size the smallest over all answers
        (bulk and mean). What does not vary at all is left out.
    """
    rhats = {name: _rhat(values) for name, values in answers.items()}
    rhats |= {name: _rhat(values.reshape((*values.shape[:2], -1))) for name, values in draws.arrays.items()}
    sizes = {name: _ess(values) for name, values in answers.items()}
    worst_rhat, worst_ess = max(rhats, key=rhats.__getitem__), min(sizes, key=sizes.__getitem__)
    rhat, ess = rhats[worst_rhat], sizes[worst_ess]
    divergences, bfmi = int(draws.meta["divergences"]), float(min(draws.meta["bfmi"]))
    problems: list[str] = []
    if not rhat < MAX_RHAT:
        problems.append(f"R-hat of {worst_rhat} is {rhat:.3f} (must be below {MAX_RHAT}): the chains disagree")
    if not ess > MIN_ESS:
        problems.append(f"effective sample size of {worst_ess} is {ess:.0f} (must be above {MIN_ESS:.0f})")
    if divergences:
        problems.append(f"{divergences} divergent transitions (must be 0): part of the posterior was not reached")
    if not bfmi > MIN_BFMI:
        problems.append(f"energy: the fraction of missing information is {bfmi:.2f} (must be above {MIN_BFMI})")
    return Diagnosis(rhat, ess, divergences, bfmi, tuple(problems))


def _rhat(values: Floats) -> float:
    """Largest R-hat over the last axis, if there is one; 1 where nothing varies, infinite where one is no number."""
    if not np.isfinite(values).all():
        return np.inf
    varying = values[..., np.ptp(values, axis=(0, 1)) > STILL] if values.ndim == 3 else values
    if varying.size == 0 or np.ptp(varying) <= STILL:
        return 1.0
    return float(np.max(arviz_stats.base.array_stats.rhat(varying, chain_axis=0, draw_axis=1)))


def _ess(values: Floats) -> float:
    if not np.isfinite(values).all():
        return 0.0
    if np.ptp(values) <= STILL:
        return float(values.size)
    ess = arviz_stats.base.array_stats.ess
    return min(float(ess(values, chain_axis=0, draw_axis=1, method=method)) for method in ("bulk", "mean"))
