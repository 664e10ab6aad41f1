"""Krippendorff's alpha: how far coders agree beyond what their values would give by chance, and how sure that is.

alpha = 1 - D_o / D_e (docs/method.md, 'Agreement of coders'), from coincidences of values within units, for any number
of coders, with missing values, on a nominal, ordinal or interval scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["Alpha", "Level", "alpha"]

Level = Literal["nominal", "ordinal", "interval"]
Floats = npt.NDArray[np.float64]

RESAMPLES = 2000

#: Equal-tailed.
INTERVAL = 0.95

#: Resamples in which all values are equal have no alpha. Where more of them are so, the others would flatter.
MOST_UNDEFINED = 0.05

#: Numbers in one step of the resampling: 64 MB.
BLOCK = 8_000_000


@dataclass(frozen=True, slots=True)
class Alpha:
    """Agreement on one field.

    Attributes
    ----------
    n_units, n_values
        Units with at least two values, and the values in them; all others say nothing about agreement.
    agree
        Share of the pairs of values within units that are equal; None without pairs.
    value
        Alpha; None if there are no pairs, or all values are equal: then there is nothing to agree on.
    low, high
        Ends of the bootstrap interval. None where it cannot be had: all pairs are equal, or too many resamples have
        one value only.
    """

    n_units: int
    n_values: int
    agree: float | None
    value: float | None
    low: float | None
    high: float | None


def alpha(
    units: Sequence[Sequence[object | None]], level: Level, *, seed: int = 0, resamples: int = RESAMPLES
) -> Alpha:
    """Krippendorff's alpha with a bootstrap interval.

    Parameters
    ----------
    units
        For each unit the values of its coders, None where one has none. Numbers on the ordinal and the interval scale.
    level
        Scale: how far apart two values are. `ordinal` counts the values between them, `interval` takes the square of
        their difference.
    seed
        Of the resampling of units with replacement. The same seed gives the same interval.
    resamples
        How many; 0 for no interval.

    Notes
    -----
    K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011); the same, Content Analysis (4th ed., 2019), ch.
    12. Units are resampled whole, as the values in one unit are not independent of each other.
    """
    paired = [[value for value in unit if value is not None] for unit in units]
    paired = [unit for unit in paired if len(unit) > 1]
    if not paired:
        return Alpha(0, 0, None, None, None, None)
    found = {value for unit in paired for value in unit}
    values = sorted(found, key=str) if level == "nominal" else sorted(found, key=float)  # type: ignore[arg-type]
    coincidences = _coincidences(paired, values)
    n_values = sum(map(len, paired))
    agree = float(np.trace(coincidences.sum(axis=0)) / n_values)
    scale = np.arange(len(values), dtype=float) if level == "nominal" else np.array(values, dtype=float)
    ones = np.ones((1, len(paired)))
    (whole,) = _alphas(ones, coincidences, scale, level)
    if not np.isfinite(whole):
        return Alpha(len(paired), n_values, agree, None, None, None)
    if agree == 1.0:
        # every resample would agree, too: that is no measure of how sure it is
        return Alpha(len(paired), n_values, agree, float(whole), None, None)
    low, high = _interval(coincidences, scale, level, seed, resamples)
    return Alpha(len(paired), n_values, agree, float(whole), low, high)


def _coincidences(units: Sequence[Sequence[object]], values: Sequence[object]) -> Floats:
    """(U, C, C): pairs of values in each unit, every value in pairs that weigh 1 together."""
    position = {value: number for number, value in enumerate(values)}
    table = np.zeros((len(units), len(values), len(values)))
    for number, unit in enumerate(units):
        counts = np.bincount([position[value] for value in unit], minlength=len(values)).astype(float)
        table[number] = (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    return table


def _alphas(weights: Floats, coincidences: Floats, scale: Floats, level: Level) -> Floats:
    """Alpha (R,) of samples in which unit u stands `weights[r, u]` times; NaN where all values are equal."""
    n_units, n_categories, _ = coincidences.shape
    table = (weights @ coincidences.reshape(n_units, -1)).reshape(-1, n_categories, n_categories)  # o_ck
    counts = table.sum(axis=2)  # n_c
    squared = _squared_differences(counts, scale, level)
    n = counts.sum(axis=1)
    observed = (table * squared).sum(axis=(1, 2))
    expected = np.einsum("rc,rck,rk->r", counts, squared, counts) / (n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, 1 - observed / expected, np.nan)


def _squared_differences(counts: Floats, scale: Floats, level: Level) -> Floats:
    """(R or 1, C, C): what separates two values; on the ordinal scale that depends on how many lie between."""
    if level == "nominal":
        return (1 - np.eye(len(scale)))[None]
    if level == "interval":
        return ((scale[:, None] - scale[None, :]) ** 2)[None]
    up_to = np.cumsum(counts, axis=1)
    # ranks: half of a value's own, and all below it
    middle = up_to - counts / 2
    difference: Floats = (middle[:, :, None] - middle[:, None, :]) ** 2
    return difference


def _interval(
    coincidences: Floats, scale: Floats, level: Level, seed: int, resamples: int
) -> tuple[float | None, float | None]:
    n_units, n_categories, _ = coincidences.shape
    rng = np.random.default_rng(seed)
    rows = max(1, BLOCK // max(n_units, n_categories**2))
    drawn: list[Floats] = []
    left = resamples
    while left > 0:
        weights = rng.multinomial(n_units, np.full(n_units, 1 / n_units), size=min(rows, left)).astype(float)
        drawn.append(_alphas(weights, coincidences, scale, level))
        left -= rows
    sampled = np.concatenate(drawn) if drawn else np.array([])
    known = sampled[np.isfinite(sampled)]
    if len(known) == 0 or len(known) < (1 - MOST_UNDEFINED) * len(sampled):
        return None, None
    tail = (1 - INTERVAL) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)
