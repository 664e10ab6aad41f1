"""Estimative language as data, and the word for a probability.

Bands are half open, [low, high); the last one includes its end. Where a scale leaves its outermost ends out, they are
counted with the nearest band, and the number stands beside the word anyway.
"""

from dataclasses import dataclass

__all__ = ["ICD203", "Band", "Scale", "words"]


@dataclass(frozen=True, slots=True)
class Band:
    """One term and the probabilities it stands for."""

    term: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scale:
    """A published scale of terms, from low to high."""

    name: str
    source: str
    bands: tuple[Band, ...]


#: Stated as 01-05, 05-20, 20-45, 45-55, 55-80, 80-95, 95-99 percent.
ICD203 = Scale(
    "ICD 203",
    "Office of the Director of National Intelligence, Intelligence Community Directive 203 (2015), Analytic Standards",
    (
        Band("almost no chance", 0.0, 0.05),
        Band("very unlikely", 0.05, 0.20),
        Band("unlikely", 0.20, 0.45),
        Band("roughly even chance", 0.45, 0.55),
        Band("likely", 0.55, 0.80),
        Band("very likely", 0.80, 0.95),
        Band("almost certain", 0.95, 1.0),
    ),
)


def words(p: float, scale: Scale = ICD203) -> str:
    """The term for a probability.

    Raises
    ------
    ValueError
        If `p` is not within 0 and 1.
    """
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"{p} is not a probability")
    return next((band.term for band in scale.bands if p < band.high), scale.bands[-1].term)
