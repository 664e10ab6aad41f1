"""Rates of several cases that have something in common, and what they say of a case nobody has seen.

`expected_counts` is written once over an array namespace, as `model.priors.natural` is: numpy for draws, PyTensor for
the sampler (docs/method.md, 'Learning rates from cases').
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np

from forecast.model.counts import Counts
from forecast.model.priors import SHARED, Z90, logitnormal_from_range, lognormal_from_range
from forecast.model.version import Floats

__all__ = [
    "RAW",
    "NewCase",
    "elicited",
    "expected_counts",
    "learned_ranges",
    "log_predictive",
    "new_case",
    "shapes",
    "tied",
]

#: Sampled parameters and their dimensions after chain and draw: standard normal, but for `pooled`, uniform on (0, 1).
RAW: Mapping[str, tuple[str, ...]] = {
    "pooled": (),
    "typical": ("indicator", "regime"),
    "own": ("case", "indicator", "regime"),
    "coverage_common": ("case",),
    "coverage_own": ("watch",),
}

#: Nodes of the trapezium rule by which a case nobody has seen is averaged over: of its rate, and of its detection.
RATE_NODES = 31
DETECTION_NODES = 17

#: Standard deviations to which the rule reaches, and those beyond which no quantile is looked for.
REACH, FARTHEST = 6.0, 12.0

#: Halvings of the span in which a quantile lies: to 1e-8.
HALVINGS = 32


@dataclass(frozen=True, slots=True)
class NewCase:
    """The standard error of a log rate in a case nobody has seen: normal with `mean` (D, I, K) and `scale` (D,)."""

    mean: Floats
    scale: Floats


def shapes(data: Counts) -> dict[str, tuple[int, ...]]:
    """Shapes of the sampled parameters, without chain and draw."""
    sizes = {
        "indicator": len(data.indicators),
        "regime": len(data.regimes),
        "case": len(data.cases),
        "watch": len(data.watches),
    }
    return {name: tuple(sizes[dim] for dim in dims) for name, dims in RAW.items()}


def expected_counts(xp: Any, raw: Mapping[str, Any], data: Counts, cells: Any) -> Any:
    """Logarithm of the expected number of events in every cell, (..., R), in the namespace `xp`.

    log(detection x rate x years) with

        log rate[y,i,k]    = m + s (sqrt(h) (L typical[i])[k] + sqrt(1-h) (L own[y,i])[k])
        logit detection[w] = m + s (sqrt(c) coverage_common[y] + sqrt(1-c) coverage_own[w])

    for case y, where h is `pooled`, c `priors.SHARED`, L a square root of the correlation c between regimes; m and s
    come from the stated ranges.

    Parameters
    ----------
    xp
        numpy or `pytensor.tensor`.
    raw
        As `RAW` says; in numpy with leading axes of draws.
    data
        Ranges, and whose watch is whose.
    cells
        Table (R, 5): years, then case, indicator, regime and watch as whole numbers.
    """
    years, case, indicator, regime, watch = (cells[:, column] for column in range(5))
    case, indicator, regime, watch = (part.astype("int64") for part in (case, indicator, regime, watch))
    pooled = raw["pooled"][..., None]
    typical, own = (tied(raw[name]) for name in ("typical", "own"))
    error = xp.sqrt(pooled) * typical[..., indicator, regime] + xp.sqrt(1 - pooled) * own[..., case, indicator, regime]
    log_rate = lognormal_from_range(data.per_year)
    location, scale = _taken(xp, log_rate, indicator, regime)
    stated = logitnormal_from_range(data.detection)
    kept = np.sqrt(SHARED) * raw["coverage_common"][..., data.watch_case] + np.sqrt(1 - SHARED) * raw["coverage_own"]
    logit_detection = stated[:, 0] + stated[:, 1] * kept
    log_detection = -xp.log1p(xp.exp(-logit_detection))
    return location + scale * error + log_detection[..., watch] + xp.log(years)


def tied(standard: Any) -> Any:
    """Standard normal errors (..., K) with the correlation `SHARED` between regimes, from independent ones.

    As `model.priors.natural` ties them with one variable more, which NUTS would have to hold still.
    """
    n = standard.shape[-1] if isinstance(standard, np.ndarray) else standard.type.shape[-1]
    root = np.linalg.cholesky(np.full((n, n), SHARED) + (1 - SHARED) * np.eye(n))
    return (standard[..., None, :] * root).sum(-1)


def _taken(xp: Any, table: Floats, indicator: Any, regime: Any) -> tuple[Any, Any]:
    """Location and scale by cell."""
    if xp is np:
        return table[indicator, regime, 0], table[indicator, regime, 1]
    constant = xp.as_tensor(table)
    return constant[indicator, regime, 0], constant[indicator, regime, 1]


def new_case(raw: Mapping[str, Floats]) -> NewCase:
    """What draws (D, ...) say of a case nobody has seen: its own parts are standard normal again."""
    pooled = raw["pooled"]
    return NewCase(np.sqrt(pooled)[:, None, None] * tied(raw["typical"]), np.sqrt(1 - pooled))


def elicited(data: Counts) -> NewCase:
    """What the stated ranges say of a case nobody has seen, in one draw: the prior, whatever `pooled` is."""
    return NewCase(np.zeros((1, len(data.indicators), len(data.regimes))), np.ones(1))


def learned_ranges(case: NewCase, data: Counts) -> Floats:
    """80% ranges (I, K, 2) of events per year in a case nobody has seen: quantiles of a mixture over draws."""
    log_rate = lognormal_from_range(data.per_year)
    ends = np.stack([_quantile(case, z) for z in (-Z90, Z90)], axis=-1)
    ranges: Floats = np.exp(log_rate[..., :1] + log_rate[..., 1:] * ends)
    return ranges


def _quantile(case: NewCase, z: float) -> Floats:
    """Where the distribution function of the error (I, K), averaged over draws, is that of the normal one at `z`."""
    low = np.full(case.mean.shape[1:], -FARTHEST)
    high = -low
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = _normal_cdf((middle - case.mean) / case.scale[:, None, None]).mean(axis=0) < NormalDist().cdf(z)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found: Floats = (low + high) / 2
    return found


def _normal_cdf(x: Floats) -> Floats:
    """Distribution function of the standard normal, from a table: to 1e-7."""
    grid, values = _cdf_table()
    found: Floats = np.interp(x, grid, values)
    return found


@cache
def _cdf_table() -> tuple[Floats, Floats]:
    grid = np.linspace(-9.0, 9.0, 18001)
    return grid, np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in grid])


def log_predictive(case: NewCase, data: Counts) -> Floats:
    """Log-probability of the count of every cell in a case nobody has seen, (R, D): one column for each draw.

    Averaged over the case's own rate, and over detection as the case states it; the average over draws is left to the
    caller, who needs it for the Monte Carlo error.
    """
    log_rate, stated = lognormal_from_range(data.per_year), logitnormal_from_range(data.detection)
    (own, own_weights), (kept, kept_weights) = _normal_rule(RATE_NODES), _normal_rule(DETECTION_NODES)
    weights = own_weights[:, None] * kept_weights
    rows = []
    for n, years, i, k, w in zip(data.n, data.years, data.indicator, data.regime, data.watch, strict=True):
        error = case.mean[:, i, k, None] + case.scale[:, None] * own
        log_detection = -np.log1p(np.exp(-(stated[w, 0] + stated[w, 1] * kept)))
        log_mean = (log_rate[i, k, 0] + log_rate[i, k, 1] * error)[..., None] + log_detection + math.log(years)
        log_p = n * log_mean - np.exp(log_mean) - math.lgamma(n + 1)
        highest = log_p.max(axis=(1, 2))
        rows.append(highest + np.log((weights * np.exp(log_p - highest[:, None, None])).sum(axis=(1, 2))))
    return np.array(rows).reshape(len(data.n), len(case.scale))


def _normal_rule(n_nodes: int) -> tuple[Floats, Floats]:
    """Nodes and weights of the trapezium rule for the standard normal distribution."""
    nodes = np.linspace(-REACH, REACH, n_nodes)
    density = np.exp(-(nodes**2) / 2)
    return nodes, density / density.sum()
