"""Probabilities of the outcomes of one forecast: whether they sum to one, but for the rounding of their decimals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["FEWEST_DECIMALS", "SUM_ERROR", "RoundedSums", "completed", "decimals_of"]

#: How far probabilities may sum from one whatever their decimals: computed ones miss it by floating point.
SUM_ERROR = 1e-6

#: With fewer decimals, rounding explains too much: thirds written 0.3 miss one by a tenth.
FEWEST_DECIMALS = 3

_HALF = 0.5


@dataclass(slots=True)
class RoundedSums:
    """How many forecasts were divided by their sum, which rounding kept from one, and the sums farthest from it."""

    n: int = 0
    low: float = float("inf")
    high: float = float("-inf")

    def note(self) -> list[str]:
        """What a reader must know; empty if there was none."""
        if not self.n:
            return []
        return [
            f"sums of the probabilities of {self.n} forecasts are from {self.low:.7g} to {self.high:.7g}, which is the "
            "rounding of their decimals; each was divided by its sum"
        ]


def decimals_of(text: str) -> int:
    """Digits after the decimal point, or comma, of a number as it is written; 17 for another form."""
    mantissa = text.replace(",", ".").partition(".")[2]
    return len(mantissa) if mantissa.isdigit() or not mantissa else 17


def completed(
    names: tuple[str, ...], p: Sequence[float], texts: Callable[[], Sequence[str]], rounded: RoundedSums
) -> tuple[tuple[str, ...], tuple[float, ...]] | float:
    """Outcomes with probabilities that sum to one; or their sum, if that is another and rounding does not explain it.

    Parameters
    ----------
    names, p
        Outcomes and their probabilities; of yes and no, one is enough.
    texts
        The probabilities as they are written.
    rounded
        Counts the forecasts that are divided by a sum that rounding kept from one.
    """
    if len(names) == 1 and names[0] in ("yes", "no"):
        yes = p[0] if names[0] == "yes" else 1.0 - p[0]
        return ("yes", "no"), (yes, 1.0 - yes)
    total = sum(p)
    if abs(total - 1.0) > SUM_ERROR:
        fewest = min(map(decimals_of, texts()))
        # as many halves of the last decimal as there are outcomes
        if fewest < FEWEST_DECIMALS or abs(total - 1.0) > len(names) * _HALF * 10.0**-fewest + SUM_ERROR:
            return total
        rounded.n += 1
        rounded.low, rounded.high = min(rounded.low, total), max(rounded.high, total)
    return names, tuple(value / total for value in p)
