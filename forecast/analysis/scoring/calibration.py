"""Calibration without bins of one's own choosing: CORP reliability diagrams by isotonic regression.

Dimitriadis, Gneiting and Jordan (2021), Stable reliability diagrams for probabilistic classifiers, PNAS 118.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["BAND", "RESAMPLES", "Block", "Corp", "calibration", "corp", "isotonic"]

Floats = NDArray[np.float64]

#: Percentiles of the consistency band.
BAND = (5.0, 95.0)

#: Resampled outcomes behind a band: its ends then lie within about one percentage point of rank.
RESAMPLES = 1000

#: Most distinct forecasts that a band is computed on; more are gathered into as many groups of equal size.
MOST_POINTS = 200

#: Of the resampled outcomes: a diagram is the same each time it is drawn.
SEED = 20210223


class Block(NamedTuple):
    """Forecasts that isotonic regression pools: mean `p`, share `observed`, their number `n`, and the band.

    `low` and `high` hold 90% of what a calibrated forecaster would be seen to reach at this p.
    """

    p: float
    observed: float
    n: int
    low: float
    high: float


class Corp(NamedTuple):
    """Parts of a mean Brier score from 0 to 1: `miscalibration - discrimination + uncertainty`, without bins."""

    miscalibration: float
    discrimination: float
    uncertainty: float


def isotonic(values: Floats, weights: Floats) -> Floats:
    """The closest sequence that does not fall, in weighted squares, by pooling adjacent violators.

    Parameters
    ----------
    values, weights
        Shape (point,), in the order in which they must not fall; weights are positive (Ayer et al. 1955).

    Returns
    -------
    Floats
        Shape (point,).
    """
    means: list[float] = []
    masses: list[float] = []
    sizes: list[int] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        mean, mass, size = value, weight, 1
        while means and means[-1] >= mean:
            before = masses.pop()
            mean = (means.pop() * before + mean * mass) / (before + mass)
            mass += before
            size += sizes.pop()
        means.append(mean)
        masses.append(mass)
        sizes.append(size)
    return np.repeat(np.array(means), sizes)


def corp(p: Floats, happened: NDArray[np.bool_]) -> Corp:
    """Take a mean Brier score of an event apart by isotonic recalibration; the parts add up exactly.

    Parameters
    ----------
    p
        Probabilities of the event, shape (forecast,), at least one.
    happened
        Whether it happened, same shape.
    """
    y = happened.astype(np.float64)
    number, _, fitted = _fit(p, y)
    score, recalibrated = ((p - y) ** 2).mean(), ((fitted[number] - y) ** 2).mean()
    uncertainty = y.mean() * (1 - y.mean())
    return Corp(float(score - recalibrated), float(uncertainty - recalibrated), float(uncertainty))


def calibration(p: Floats, happened: NDArray[np.bool_], cluster: NDArray[np.intp]) -> list[Block]:
    """The steps of the reliability diagram, each with the band of a calibrated forecaster.

    The band resamples outcomes as if every p were right and fits each resample in the same way. Forecasts of one
    cluster share one random number: what makes one of them come out high makes all of them.

    Parameters
    ----------
    p
        Probabilities of the event, shape (forecast,), at least one.
    happened
        Whether it happened, same shape.
    cluster
        Number of every forecast's question, same shape.
    """
    number, size, fitted = _fit(p, happened.astype(np.float64))
    starts = np.flatnonzero(np.diff(fitted, prepend=-1.0))
    points = np.bincount(number, p) / size
    n = np.add.reduceat(size, starts)
    means = np.add.reduceat(points * size, starts) / n
    ends = _band(p, cluster, means)
    return [
        Block(float(mean), float(fitted[start]), int(count), float(low), float(high))
        for mean, start, count, low, high in zip(means, starts, n, *ends, strict=True)
    ]


def _fit(p: Floats, y: Floats) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Of every forecast the number of its distinct value; of every distinct value how many, and the fit."""
    number = np.unique(p, return_inverse=True)[1]
    size = np.bincount(number).astype(np.float64)
    return number, size, isotonic(np.bincount(number, y) / size, size)


def _band(p: Floats, cluster: NDArray[np.intp], at: Floats) -> tuple[Floats, Floats]:
    distinct, number = np.unique(p, return_inverse=True)
    if len(distinct) > MOST_POINTS:
        rank = np.argsort(np.argsort(p, kind="stable"), kind="stable")
        number = rank * MOST_POINTS // len(p)
        distinct = np.bincount(number, p) / np.bincount(number)
    size = np.bincount(number).astype(np.float64)
    rng = np.random.default_rng(SEED)
    n_clusters = int(cluster.max()) + 1
    fits = np.empty((RESAMPLES, len(distinct)))
    for row in fits:
        happened = rng.random(n_clusters)[cluster] < p
        row[:] = isotonic(np.bincount(number, happened) / size, size)
    low, high = np.percentile(fits, BAND, axis=0)
    return np.interp(at, distinct, low), np.interp(at, distinct, high)
