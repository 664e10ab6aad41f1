"""From 80% ranges to priors, and from standard parameters to rates, probabilities and transitions.

`natural` is written once over an array namespace: numpy for draws (leading axes allowed), `pytensor.tensor` for the
PyMC model. Sampled parameters are standard (non-centred); everything with a unit is computed from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from forecast.model.version import Floats, ReferenceClass, Settings

__all__ = [
    "Constants",
    "Natural",
    "beta_median",
    "constants",
    "draw_prior",
    "log_base_rate",
    "logit",
    "logitnormal_from_range",
    "logitnormal_mean",
    "lognormal_from_range",
    "natural",
    "stay_quantile",
]

#: 90th percentile of the standard normal distribution: half the width of an 80% range in standard deviations.
Z90 = 1.2815515655446004

#: Share of a rate's error on the log scale that all regimes have in common (docs/method.md, 'Parameters').
SHARED = 0.5

#: Nodes and weights of the standard normal distribution for the trapezium rule.
_NODES = np.linspace(-9.0, 9.0, 361)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()


@dataclass(frozen=True, slots=True)
class Natural:
    """Parameters with units, as arrays or tensors; `...` is the axis of draws in numpy, absent in PyMC."""

    rate: Any  # (..., I, K) true events per year
    holds: Any  # (..., C, K) probability
    move: Any  # (..., K, K) transition probabilities over one nominal step
    truth: Any  # (..., G) probability that a report of a grade is true
    detection: Any  # (..., W) share of true events that the coding contains

    def take(self, draws: Any) -> "Natural":
        """Some draws, by a slice or by their numbers; in numpy."""
        return Natural(self.rate[draws], self.holds[draws], self.move[draws], self.truth[draws], self.detection[draws])


@dataclass(frozen=True, slots=True)
class Constants:
    """Location and scale of every range, and the means of the stated priors; plain arrays, never sampled."""

    log_rate: Floats  # (I, K, 2) location and scale
    logit_holds: Floats  # (C, K, 2)
    log_stay: Floats  # (K, 2) of years
    logit_detection: Floats  # (W, 2)
    mean_rate: Floats  # (I,) events per year, over the prior of regimes
    mean_holds: Floats  # (C,)
    mean_detection: Floats  # (W,)
    spread: Floats  # (K, K-1, K) puts a row of `goes_to` without its diagonal back in place


def logit(p: Any) -> Any:
    """Log-odds of a probability in (0, 1)."""
    return np.log(p) - np.log1p(-p)


def lognormal_from_range(ranges: Floats) -> Floats:
    """Location and scale (..., 2) of the normal log of a positive quantity with 80% range (..., 2)."""
    low, high = np.log(ranges[..., 0]), np.log(ranges[..., 1])
    return np.stack([(low + high) / 2, (high - low) / (2 * Z90)], axis=-1)


def logitnormal_from_range(ranges: Floats) -> Floats:
    """Location and scale (..., 2) of the normal logit of a probability with 80% range (..., 2)."""
    low, high = logit(ranges[..., 0]), logit(ranges[..., 1])
    return np.stack([(low + high) / 2, (high - low) / (2 * Z90)], axis=-1)


def logitnormal_mean(location_scale: Floats) -> Floats:
    """Mean of a logit-normal distribution, by the trapezium rule: exact to rounding for so smooth an integrand."""
    location, scale = location_scale[..., 0, None], location_scale[..., 1, None]
    mean: Floats = (_WEIGHTS / (1 + np.exp(-(location + scale * _NODES)))).sum(-1)
    return mean


def beta_median(counts: Floats) -> Floats:
    """Medians of Beta distributions with parameters (..., 2), both at least 0.5."""
    medians = [_beta_median(a, b) for a, b in counts.reshape(-1, 2).tolist()]
    return np.array(medians, dtype=float).reshape(counts.shape[:-1])


@lru_cache(4096)  # all grades, for every evidence set that is looked at
def _beta_median(a: float, b: float) -> float:
    """The density in theta, with p = sin(theta)^2, is smooth enough for the trapezium rule on a fine grid."""
    theta, log_sin, log_cos = _angles()
    log_density = (2 * a - 1) * log_sin + (2 * b - 1) * log_cos
    mass = np.cumsum(np.exp(log_density - log_density.max()))
    mass /= mass[-1]
    # half a cell back: the cumulative sum of the trapezium rule ends in the middle of its last cell
    middle = np.interp(0.5, mass - np.diff(mass, prepend=0.0) / 2, theta)
    return float(np.sin(middle) ** 2)


@cache
def _angles() -> tuple[Floats, Floats, Floats]:
    """Angles inside (0, pi / 2), and the logarithms of their sines and cosines."""
    theta = np.linspace(0.0, np.pi / 2, 4001)[1:-1]
    return theta, np.log(np.sin(theta)), np.log(np.cos(theta))


def constants(model: Settings, detection: Floats) -> Constants:
    """Locations, scales and prior means of a model version.

    Parameters
    ----------
    model
        The settings.
    detection
        80% ranges (W, 2) of the watches' detection.
    """
    log_rate = lognormal_from_range(model.per_year)
    logit_holds = logitnormal_from_range(model.holds)
    logit_detection = logitnormal_from_range(detection)
    n = len(model.regimes)
    spread = np.zeros((n, n - 1, n))
    for regime in range(n):
        for position, to in enumerate(to for to in range(n) if to != regime):
            spread[regime, position, to] = 1.0
    return Constants(
        log_rate=log_rate,
        logit_holds=logit_holds,
        log_stay=lognormal_from_range(model.stays),
        logit_detection=logit_detection,
        mean_rate=np.exp(log_rate[..., 0] + log_rate[..., 1] ** 2 / 2) @ model.initial,
        mean_holds=logitnormal_mean(logit_holds) @ model.initial,
        mean_detection=logitnormal_mean(logit_detection),
        spread=spread,
    )


def natural(xp: Any, raw: Mapping[str, Any], model: Settings, fixed: Constants) -> Natural:
    """Parameters with units from standard ones, in the array namespace `xp` (numpy or `pytensor.tensor`).

    Parameters
    ----------
    xp
        The namespace.
    raw
        `indicator_common` (..., I + C) and `indicator_own` (..., I + C, K), events before conditions, `stay_own`
        (..., K) and `detection_own` (..., W), all standard normal; `goes_to` (..., K, K-1), rows of a simplex; `truth`
        (..., G), probabilities.
    model, fixed
        The settings and their constants.

    Returns
    -------
    Natural
        Rates in events per year, probabilities, and the transition matrix of one nominal step,
        P[k,k] = exp(-dt / stay[k]), P[k,j] = (1 - P[k,k]) goes_to[k,j]. The error of a log rate (or of the logit of
        `holds`) is s (sqrt(c) common + sqrt(1-c) own): its spread is the stated one for any share c.
    """
    error = np.sqrt(SHARED) * raw["indicator_common"][..., None] + np.sqrt(1 - SHARED) * raw["indicator_own"]
    n_events = len(model.events)
    rate = xp.exp(fixed.log_rate[..., 0] + fixed.log_rate[..., 1] * error[..., :n_events, :])
    holds = _expit(xp, fixed.logit_holds[..., 0] + fixed.logit_holds[..., 1] * error[..., n_events:, :])
    stay = xp.exp(fixed.log_stay[:, 0] + fixed.log_stay[:, 1] * raw["stay_own"])
    remain = xp.where(model.absorbing, 1.0, xp.exp(-model.step.years / stay))
    goes_to = (raw["goes_to"][..., None] * fixed.spread).sum(-2)
    n = len(model.regimes)
    move = remain[..., None] * np.eye(n) + (1 - remain)[..., None] * goes_to
    detection = _expit(xp, fixed.logit_detection[:, 0] + fixed.logit_detection[:, 1] * raw["detection_own"])
    return Natural(rate=rate, holds=holds, move=move, truth=raw["truth"], detection=detection)


def _expit(xp: Any, x: Any) -> Any:
    return 1 / (1 + xp.exp(-x))


def log_base_rate(xp: Any, log_stay: Any, model: Settings) -> Any:
    """Weight that the reference classes give to mean stays, on the log scale and up to a constant.

    sum over classes of r log Poisson(n | E / stay), for `log_stay` (..., K) in log years; 0.0 without classes.
    """
    return sum((_log_class(xp, log_stay[..., rate.regime], rate) for rate in model.base_rates), start=0.0)


def _log_class(xp: Any, log_stay: Any, rate: ReferenceClass) -> Any:
    log_expected = np.log(rate.years_at_risk) - log_stay
    return rate.relevance * (rate.endings * log_expected - xp.exp(log_expected))


# the annotation is a text: evaluated, it would load numpy.random in commands that draw nothing
def draw_prior(model: Settings, fixed: Constants, n_draws: int, rng: "np.random.Generator") -> dict[str, Floats]:
    """Independent draws of the standard parameters from the prior, base rates included.

    Returns
    -------
    dict
        Arrays as `natural` takes them, with a leading axis of `n_draws`.
    """
    n_indicators = len(model.events) + len(model.conditions)
    n_regimes, n_watches = len(model.regimes), len(fixed.logit_detection)
    simplex = np.ones((n_draws, n_regimes, 1))
    if n_regimes > 2:
        simplex = _draw_simplex(rng, goes_to_concentrations(model), n_draws)
    return {
        "indicator_common": rng.standard_normal((n_draws, n_indicators)),
        "indicator_own": rng.standard_normal((n_draws, n_indicators, n_regimes)),
        "stay_own": _draw_stays(model, fixed, rng.random((n_draws, n_regimes))),
        "goes_to": simplex,
        "truth": rng.beta(model.grades[:, 0], model.grades[:, 1], size=(n_draws, len(model.grades))),
        "detection_own": rng.standard_normal((n_draws, n_watches)),
    }


def _draw_simplex(rng: "np.random.Generator", concentrations: Floats, n_draws: int) -> Floats:
    """Dirichlet draws (n_draws, K, K-1) for rows of concentrations (K, K-1)."""
    gammas = rng.standard_gamma(concentrations, size=(n_draws, *concentrations.shape))
    totals = gammas.sum(-1, keepdims=True)
    empty = totals[..., 0] == 0.0
    if not empty.any():
        simplex: Floats = gammas / totals
        return simplex
    # tiny concentrations: every gamma of a row is below the least number. The shares do not hang on the total, so fresh
    # ones serve, drawn as logarithms: if G is gamma(a + 1) and U uniform, G U^(1/a) is gamma(a)
    logs = np.log(rng.standard_gamma(concentrations + 1.0, size=gammas.shape))
    logs += np.log1p(-rng.random(gammas.shape)) / concentrations
    fresh = np.exp(logs - logs.max(-1, keepdims=True))
    fresh /= fresh.sum(-1, keepdims=True)
    return np.where(empty[..., None], fresh, gammas / np.where(totals == 0.0, 1.0, totals))


def goes_to_concentrations(model: Settings) -> Floats:
    """Dirichlet concentrations (K, K-1) of where a departure leads, the diagonal left out."""
    n = len(model.regimes)
    return np.array([[model.goes_to[k, j] for j in range(n) if j != k] for k in range(n)]).reshape(n, n - 1)


def _draw_stays(model: Settings, fixed: Constants, uniforms: Floats) -> Floats:
    """Standard stays from uniforms (n_draws, K), by the inverse of the cumulative distribution."""
    columns = [_standard_stay(model, fixed, regime, uniforms[:, regime]) for regime in range(uniforms.shape[1])]
    return np.stack(columns, axis=1)


def stay_quantile(model: Settings, fixed: Constants, regime: int, p: float) -> float:
    """Quantile of the mean stay in a regime, in years, base rates included."""
    standard = _standard_stay(model, fixed, regime, np.array([p]))[0]
    return float(np.exp(fixed.log_stay[regime, 0] + fixed.log_stay[regime, 1] * standard))


def _standard_stay(model: Settings, fixed: Constants, regime: int, p: Floats) -> Floats:
    """Quantiles of the standard stay of a regime, from its density on a fine grid."""
    grid = np.linspace(-8.0, 8.0, 8001)
    log_stay = fixed.log_stay[regime, 0] + fixed.log_stay[regime, 1] * grid
    log_density = -(grid**2) / 2
    for rate in model.base_rates:
        if rate.regime == regime:
            log_density = log_density + _log_class(np, log_stay, rate)
    density = np.exp(log_density - log_density.max())
    # the trapezium rule: half of the first and of the last interval belong to each point
    cumulative = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return np.interp(p, cumulative / cumulative[-1], grid)
