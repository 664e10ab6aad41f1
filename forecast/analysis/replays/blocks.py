"""Intervals for scores of forecasts made day after day, whose windows overlap: blocks of days are what varies.

Forecasts of neighbouring days ask about the same events and are right or wrong together. Blocks at least as long as the
longest window keep what depends on each other together (Künsch 1989).
"""

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.scoring.intervals import COVERAGE, student_t

__all__ = ["FEWEST_BLOCKS", "half_width"]

Floats = NDArray[np.float64]

#: Fewest blocks that must fit side by side: below, the standard error itself is too poorly known.
FEWEST_BLOCKS = 8


def half_width(influence: Floats, day: NDArray[np.intp], block: int) -> float | None:
    """Half the width of the 90% interval of a statistic, from what every row contributes to its error.

    With S the sums of influences over all `n - b + 1` runs of b neighbouring days, the variance of the sum over n days
    is `n / b` times the mean of S squared (Künsch 1989, 'The jackknife and the bootstrap for general stationary
    observations', Annals of Statistics 17); the quantile is Student's t with the number of blocks side by side less
    one.

    Parameters
    ----------
    influence
        First-order effect of every row on the statistic, shape (row,); sums to zero. Of a mean it is
        `(x - mean) / n`.
    day
        Number of every row's day, shape (row,).
    block
        Days in a block, at least 1.

    Returns
    -------
    float or None
        None where fewer than `FEWEST_BLOCKS` blocks fit side by side from the first day to the last.
    """
    sums = np.bincount(day - day.min(), influence)
    n = len(sums)
    if n // block < FEWEST_BLOCKS:
        return None
    runs = np.lib.stride_tricks.sliding_window_view(sums, block).sum(axis=1)
    variance = n / block * float((runs**2).mean())
    return student_t((1 + COVERAGE) / 2, n // block - 1) * float(np.sqrt(variance))
