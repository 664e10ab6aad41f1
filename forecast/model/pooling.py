"""Rates of several cases that have something in common, and what they say of a case nobody has seen.

`expected_counts` is written once over an array namespace, as `model.priors.natural` is: numpy for draws, PyTensor for
the sampler (docs/method.md, 'Learning rates from cases').
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from forecast.model.counts import Counts
from forecast.model.priors import SHARED, Z90, logitnormal_from_range, lognormal_from_range
from forecast.model.version import Floats

__all__ = ["RAW", "NewCase", "elicited", "expected_counts", "learned_ranges", "log_predictive", "new_case", "shapes"]

#: Sampled parameters and their dimensions after chain and draw: standard normal, but for `pooled`, uniform on (0, 1).
RAW: Mapping[str, tuple[str, ...]] = {
    "pooled": (),
    "indicator_common": ("indicator",),
    "indicator_own": ("indicator", "regime"),
    "case_common": ("case", "indicator"),
    "case_own": ("case", "indicator", "regime"),
    "coverage_common": ("case",),
    "coverage_own": ("watch",),
}

#: Equally probable points by which a case nobody has seen is averaged over: of its rate, and of its detection.
RATE_POINTS, DETECTION_POINTS = 32, 16


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

        log rate[c,i,k]   = m + s (sqrt(h) (sqrt(q) u[i] + sqrt(1-q) v[i,k]) + sqrt(1-h) (sqrt(q) a[c,i] + ...))
        logit detection[w] = m + s (sqrt(q) d[c] + sqrt(1-q) e[w])

    where h is `pooled`, q `priors.SHARED`, and m and s come from the stated ranges.

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
    pooled = raw["pooled"][..., None, None]
    typical = np.sqrt(SHARED) * raw["indicator_common"][..., None] + np.sqrt(1 - SHARED) * raw["indicator_own"]
    own = np.sqrt(SHARED) * raw["case_common"][..., None] + np.sqrt(1 - SHARED) * raw["case_own"]
    error = xp.sqrt(pooled) * typical
    error = error[..., indicator, regime] + xp.sqrt(1 - pooled[..., 0]) * own[..., case, indicator, regime]
    log_rate = lognormal_from_range(data.per_year)
    location, scale = _taken(xp, log_rate, indicator, regime)
    stated = logitnormal_from_range(data.detection)
    kept = np.sqrt(SHARED) * raw["coverage_common"][..., data.watch_case] + np.sqrt(1 - SHARED) * raw["coverage_own"]
    logit_detection = stated[:, 0] + stated[:, 1] * kept
    log_detection = -xp.log1p(xp.exp(-logit_detection))
    return location + scale * error + log_detection[..., watch] + xp.log(years)


def _taken(xp: Any, table: Floats, indicator: Any, regime: Any) -> tuple[Any, Any]:
    """Location and scale by cell."""
    if xp is np:
        return table[indicator, regime, 0], table[indicator, regime, 1]
    constant = xp.as_tensor(table)
    return constant[indicator, regime, 0], constant[indicator, regime, 1]


def new_case(raw: Mapping[str, Floats]) -> NewCase:
    """What draws (D, ...) say of a case nobody has seen: its own parts are standard normal again."""
    pooled = raw["pooled"]
    typical = np.sqrt(SHARED) * raw["indicator_common"][..., None] + np.sqrt(1 - SHARED) * raw["indicator_own"]
    return NewCase(np.sqrt(pooled)[:, None, None] * typical, np.sqrt(1 - pooled))


def elicited(data: Counts) -> NewCase:
    """What the stated ranges say of a case nobody has seen, in one draw: the prior, whatever `pooled` is."""
    return NewCase(np.zeros((1, len(data.indicators), len(data.regimes))), np.ones(1))


def learned_ranges(case: NewCase, data: Counts) -> Floats:
    """80% ranges (I, K, 2) of events per year in a case nobody has seen."""
    points = case.mean[:, None] + case.scale[:, None, None, None] * _points(RATE_POINTS)[None, :, None, None]
    log_rate = lognormal_from_range(data.per_year)
    tails = NormalDist().cdf(-Z90), NormalDist().cdf(Z90)
    ends = np.quantile(points.reshape(-1, *points.shape[2:]), tails, axis=0)
    ranges: Floats = np.exp(log_rate[..., 0] + log_rate[..., 1] * ends).transpose(1, 2, 0)
    return ranges


def log_predictive(case: NewCase, data: Counts) -> Floats:
    """Log-probability of the count of every cell in a case nobody has seen, (R, D): one column for each draw.

    Averaged over the case's own rate, and over detection as the case states it; the average over draws is left to the
    caller, who needs it for the Monte Carlo error.
    """
    log_rate, stated = lognormal_from_range(data.per_year), logitnormal_from_range(data.detection)
    own, kept = _points(RATE_POINTS), _points(DETECTION_POINTS)
    rows = []
    for n, years, i, k, w in zip(data.n, data.years, data.indicator, data.regime, data.watch, strict=True):
        error = case.mean[:, i, k, None] + case.scale[:, None] * own
        log_detection = -np.log1p(np.exp(-(stated[w, 0] + stated[w, 1] * kept)))
        log_mean = (log_rate[i, k, 0] + log_rate[i, k, 1] * error)[..., None] + log_detection + math.log(years)
        log_p = n * log_mean - np.exp(log_mean) - math.lgamma(n + 1)
        highest = log_p.max(axis=(1, 2))
        rows.append(highest + np.log(np.exp(log_p - highest[:, None, None]).mean(axis=(1, 2))))
    return np.array(rows).reshape(len(data.n), len(case.scale))


def _points(n: int) -> Floats:
    """Points of the standard normal distribution, each the middle of an n-th of its probability."""
    normal = NormalDist()
    return np.array([normal.inv_cdf((number + 0.5) / n) for number in range(n)])
