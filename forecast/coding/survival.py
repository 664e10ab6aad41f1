"""How long things last, from spells that may begin late and may not have ended: the product-limit estimators.

Kaplan and Meier (1958) for survival, Aalen and Johansen (1978) for the incidence of one cause among others, both with
delayed entry. Intervals follow Kalbfleisch and Prentice (1980): Greenwood's variance on the scale log(-log S).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Curve", "kaplan_meier"]

type Floats = NDArray[np.float64]

#: The normal quantile of a two-sided 95% interval.
Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Curve:
    """A survival curve with its incidence by cause, as steps.

    Attributes
    ----------
    times
        Ages (T,) at which something ended, ascending.
    survival
        Share (T,) that lasts beyond each of `times`.
    variance
        Greenwood's sum (T,): the variance of log S.
    incidence
        By cause: share (T,) that has ended from it by each of `times`; causes and survival sum to one.
    """

    times: Floats
    survival: Floats
    variance: Floats
    incidence: dict[str, Floats]

    def lasting(self, age: float) -> float:
        """Share that lasts beyond an age."""
        at = self._step(age)
        return 1.0 if at < 0 else float(self.survival[at])

    def interval(self, age: float) -> tuple[float, float]:
        """95% interval of `lasting`; without width where nothing or everything has ended."""
        at = self._step(age)
        share = self.lasting(age)
        if at < 0 or share <= 0.0:
            return share, share
        half = Z_95 * float(np.sqrt(self.variance[at])) / abs(float(np.log(share)))
        return share ** float(np.exp(half)), share ** float(np.exp(-half))

    def ended(self, cause: str, age: float) -> float:
        """Share that has ended from one cause by an age, the others competing."""
        at = self._step(age)
        return 0.0 if at < 0 else float(self.incidence[cause][at])

    @property
    def median(self) -> float | None:
        """Smallest age beyond which no more than half last; None if it was not reached."""
        reached = np.flatnonzero(self.survival <= 0.5)
        return float(self.times[reached[0]]) if reached.size else None

    def _step(self, age: float) -> int:
        return int(np.searchsorted(self.times, age, side="right")) - 1


def kaplan_meier(entered: Floats, left: Floats, causes: Sequence[str | None]) -> Curve:
    """Estimate how long spells last.

    Parameters
    ----------
    entered
        Age (N,) at which each spell came under observation, 0 unless it began before.
    left
        Age (N,) at which it ended or was last seen; above `entered`.
    causes
        Why it ended; None if it was last seen unended.

    Returns
    -------
    Curve
        Over the distinct ages at which something ended; endings of one age count together.

    Raises
    ------
    ValueError
        If a spell leaves before it enters.
    """
    if np.any(left <= entered):
        raise ValueError("a spell leaves before it enters")
    has_ended = np.array([cause is not None for cause in causes], dtype=bool)
    times, numbers = np.unique(left[has_ended], return_counts=True)
    # at risk just before t: entered before it and not yet left
    at_risk = np.searchsorted(np.sort(entered), times, side="left") - np.searchsorted(np.sort(left), times, side="left")
    survival = np.cumprod(1.0 - numbers / at_risk)
    with np.errstate(divide="ignore"):
        variance = np.cumsum(numbers / (at_risk * (at_risk - numbers).astype(np.float64)))
    before = np.concatenate([[1.0], survival[:-1]]) if times.size else survival
    incidence = {}
    for cause in sorted({cause for cause in causes if cause is not None}):
        from_it = left[np.array([other == cause for other in causes], dtype=bool)]
        ages, counts = np.unique(from_it, return_counts=True)
        share = np.zeros_like(survival)
        share[np.searchsorted(times, ages)] = counts
        incidence[cause] = np.cumsum(before * share / at_risk)
    return Curve(times, survival, variance, incidence)
