"""Standard error of a sum of scores that follow each other in time, from overlapping blocks.

Neighbouring steps are not independent. Sums over blocks of b consecutive steps keep what they share: Künsch (1989),
'The jackknife and the bootstrap for general stationary observations', Annals of Statistics 17; in the unbiased form of
Meketon and Schmeiser (1984), 'Overlapping batch means: something for nothing?', Winter Simulation Conference.
"""

import numpy as np

from forecast.model.version import Floats

__all__ = ["MIN_BLOCKS", "block_error", "block_length"]

#: Fewest blocks side by side from which an error is estimated; with fewer there is none.
MIN_BLOCKS = 8


def block_length(n: int) -> int:
    """Number of steps in a block: the cube root of their number, the optimal order (Künsch 1989), rounded down."""
    # a little above: the cube root of 27 must not become 2
    return max(int(n ** (1 / 3) + 1e-9), 1)


def block_error(values: Floats) -> float | None:
    """Standard error of the sum of values (n,) in order of time; None where fewer than `MIN_BLOCKS` blocks fit.

    With block means m_j, n b / ((n - b)(n - b + 1)) sum_j (m_j - m)^2 estimates n times the variance of the mean m.
    """
    n = len(values)
    length = block_length(n)
    if n // length < MIN_BLOCKS:
        return None
    total = np.concatenate([[0.0], np.cumsum(values)])
    means = (total[length:] - total[:-length]) / length
    # identical scores leave only the rounding of the running sum
    spread = float(((means - values.mean()) ** 2).sum()) if np.ptp(values) > 0 else 0.0
    long_run = n * length / ((n - length) * (n - length + 1)) * spread
    return float(np.sqrt(n * long_run))
