"""Scores of single forecasts and of sets of forecasts, in numpy: small where the forecast was good, but for AUC.

Probabilities have their outcomes on the last axis and sum to one there; logarithms are natural. `scoringrules` has the
same scores but loads scipy and numba, seconds of import; it is what the tests compare with.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BINS",
    "Murphy",
    "auc",
    "brier",
    "crps_of_samples",
    "log_score",
    "murphy",
    "placements",
    "ranked_probability",
    "weighted_interval",
]

Floats = NDArray[np.float64]

#: Edges of the classes of forecasts in Murphy's decomposition: tenths, the usual choice.
BINS = tuple(step / 10 for step in range(11))


def brier(p: Floats, observed: NDArray[np.intp]) -> Floats:
    """Brier score on the scale from 0 to 1: half the squared distance to what happened, over all outcomes.

    Parameters
    ----------
    p
        Probabilities, shape (forecast, outcome).
    observed
        Position of what happened, shape (forecast,).

    Returns
    -------
    Floats
        Shape (forecast,). Of two outcomes it is `(p - 1)^2` or `p^2`; twice this is Brier's own form, from 0 to 2
        (Brier 1950).
    """
    return np.asarray(((p - _one_hot(p, observed)) ** 2).sum(axis=-1) / 2)


def log_score(p: Floats, observed: NDArray[np.intp]) -> Floats:
    """Minus the natural logarithm of the probability of what happened; infinite where that was zero (Good 1952)."""
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(np.take_along_axis(p, observed[..., None], axis=-1)[..., 0]))


def ranked_probability(p: Floats, observed: NDArray[np.intp]) -> Floats:
    """Ranked probability score of ordered outcomes: squared distances of cumulative probabilities, summed.

    Shape (forecast,), from 0 to the number of outcomes less one; of two outcomes it is the Brier score from 0 to 1
    (Epstein 1969).
    """
    return np.asarray(((np.cumsum(p, axis=-1) - np.cumsum(_one_hot(p, observed), axis=-1)) ** 2)[..., :-1].sum(axis=-1))


def _one_hot(p: Floats, observed: NDArray[np.intp]) -> Floats:
    return np.asarray(np.arange(p.shape[-1]) == observed[..., None], dtype=np.float64)


def placements(p: Floats, happened: NDArray[np.bool_]) -> Floats:
    """Of every forecast, the share of forecasts of the other outcome that it is on the right side of; ties are half.

    The mean over forecasts of either outcome is the area under the ROC curve; the spread of the shares is what its
    standard error is made of (DeLong, DeLong and Clarke-Pearson 1988).

    Parameters
    ----------
    p
        Probabilities of the event, shape (forecast,).
    happened
        Whether it happened, same shape; both must occur.
    """
    yes, no = np.sort(p[happened]), np.sort(p[~happened])
    share = np.empty_like(p)
    low, high = np.searchsorted(no, p[happened], "left"), np.searchsorted(no, p[happened], "right")
    share[happened] = (low + high) / (2 * len(no))
    low, high = np.searchsorted(yes, p[~happened], "left"), np.searchsorted(yes, p[~happened], "right")
    share[~happened] = 1 - (low + high) / (2 * len(yes))
    return share


def auc(p: Floats, happened: NDArray[np.bool_]) -> float | None:
    """Area under the ROC curve: how often an event that happened had the larger p than one that did not; ties are half.

    None if everything happened or nothing.
    """
    if happened.all() or not happened.any():
        return None
    return float(placements(p, happened)[happened].mean())


class Murphy(NamedTuple):
    """Parts of a mean Brier score: `reliability - resolution + uncertainty + within_bins`.

    `within_bins` is what is lost by looking at classes of forecasts: zero where all forecasts of a class are equal.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float


def murphy(p: Floats, happened: NDArray[np.bool_], edges: tuple[float, ...] | None = BINS) -> Murphy:
    """Take a mean Brier score of an event (from 0 to 1) apart (Murphy 1973; Stephenson, Coelho and Jolliffe 2008).

    Parameters
    ----------
    p
        Probabilities of the event, shape (forecast,), at least one.
    happened
        Whether it happened, same shape.
    edges
        Edges of the classes, from 0 to 1; a class holds its lower edge. None makes a class of every distinct forecast.

    Returns
    -------
    Murphy
        Parts that add up to the score exactly.
    """
    y = happened.astype(np.float64)
    if edges is None:
        number = np.unique(p, return_inverse=True)[1]
    else:
        number = np.searchsorted(np.asarray(edges[1:-1]), p, side="right")
    number = np.unique(number, return_inverse=True)[1]
    size = np.bincount(number)
    p_class, y_class = np.bincount(number, p) / size, np.bincount(number, y) / size
    share, base = size / len(p), y.mean()
    spread = p - p_class[number]
    return Murphy(
        reliability=float((share * (p_class - y_class) ** 2).sum()),
        resolution=float((share * (y_class - base) ** 2).sum()),
        uncertainty=float(base * (1 - base)),
        within_bins=float((spread**2).mean() - 2 * (spread * (y - y_class[number])).mean()),
    )


class IntervalScore(NamedTuple):
    """Weighted interval scores and their parts, each of shape (forecast,); the parts add up to `score`."""

    score: Floats
    dispersion: Floats
    overprediction: Floats
    underprediction: Floats


def weighted_interval(levels: Floats, quantiles: Floats, observed: Floats) -> IntervalScore:
    """Weighted interval score of forecasts by quantiles (Bracher, Ray, Gneiting and Reich 2021).

    It is twice the mean quantile (pinball) loss over the levels. Too high a forecast is `overprediction`, also where
    it is the median that is too high; `dispersion` is what the width of the intervals costs.

    Parameters
    ----------
    levels
        Levels within 0 and 1, ascending and symmetric about one half, shape (level,).
    quantiles
        Forecasts, not falling along the last axis, shape (forecast, level).
    observed
        What came, shape (forecast,).
    """
    n_levels = len(levels)
    above = np.maximum(quantiles - observed[:, None], 0.0)
    below = np.maximum(observed[:, None] - quantiles, 0.0)
    loss = 2 * (levels * below + (1 - levels) * above) / n_levels
    lower, middle = levels < 0.5, levels == 0.5
    # an interval costs its width, and once more what lies beyond its nearer end; the median only what it is off by
    over = (2 * above[:, lower].sum(axis=1) + above[:, middle].sum(axis=1)) / n_levels
    under = (2 * below[:, ~lower & ~middle].sum(axis=1) + below[:, middle].sum(axis=1)) / n_levels
    score = loss.sum(axis=1)
    return IntervalScore(score, score - over - under, over, under)


def crps_of_samples(samples: Floats, observed: float) -> float:
    """Continuous ranked probability score of the empirical distribution of a sample (Gneiting and Raftery 2007).

    `mean |x - y| - mean |x - x'| / 2`, the second mean over all pairs of draws; the sum over pairs is taken from the
    sorted draws.
    """
    x = np.sort(samples)
    n = len(x)
    pairs = ((2 * np.arange(1, n + 1) - n - 1) * x).sum() / n**2
    return float(np.abs(x - observed).mean() - pairs)
