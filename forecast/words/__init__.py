"""Estimative language: published scales as data, and the word for a probability.

A scale is a file in `scales/`, and a new one is one file more (TOML: reading YAML would cost every command a tenth of a
second). Where bands touch, their common end belongs to the upper one. Where a scale leaves a gap, a probability in it
has no term of its own: the text names the terms on both sides. What lies beyond the outermost ends is counted with the
nearest band, for the number stands beside the word anyway.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

__all__ = ["DEFAULT", "ICD203", "SCALES", "Band", "Scale", "Worded", "span", "word", "words"]

#: The scale where nobody asks for another.
DEFAULT = "icd203"


@dataclass(frozen=True, slots=True)
class Band:
    """One term and the probabilities it stands for, from `low` (included) to `high`.

    `closed` says whether `high` is included; `percent` are the ends as published.
    """

    term: str
    low: float
    high: float
    closed: bool
    percent: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scale:
    """A published scale of terms, from low to high.

    `id` is how it is asked for, `name` how it is called beside its words; `note` says what a reader must know of it.
    """

    id: str
    name: str
    title: str
    publisher: str
    year: int
    url: str
    note: str
    bands: tuple[Band, ...]

    @property
    def source(self) -> str:
        """Publisher, title and year in one line."""
        return f"{self.publisher}, {self.title} ({self.year})"


@dataclass(frozen=True, slots=True)
class Worded:
    """The word for a probability.

    `text` is what is printed. `band` is None in a gap. `place` counts along the scale: 0 is the lowest band, 1 the gap
    above it, whether there is one or not, 2 the next band.
    """

    text: str
    band: Band | None
    place: int
    scale: Scale

    @property
    def in_gap(self) -> bool:
        """Whether the scale leaves the probability between two terms."""
        return self.band is None


def word(p: float, scale: Scale | None = None) -> Worded:
    """The word for a probability on a scale, ICD 203 unless another is given.

    Raises
    ------
    ValueError
        If `p` is not within 0 and 1.
    """
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"{p} is not a probability")
    scale = scale or ICD203
    bands = scale.bands
    for number, band in enumerate(bands):
        if p < band.low:
            return Worded(f"between {bands[number - 1].term} and {band.term}", None, 2 * number - 1, scale)
        if p < band.high or (band.closed and p == band.high):
            return Worded(band.term, band, 2 * number, scale)
    raise AssertionError("the last band ends at 1")


def words(p: float, scale: Scale | None = None) -> str:
    """What is printed beside a probability: the text of its word."""
    return word(p, scale).text


def span(found: Iterable[Worded]) -> str:
    """One text for several words of a scale: the lowest and the highest term, as in 'unlikely to likely'.

    Raises
    ------
    ValueError
        If there is no word.
    """
    ordered = sorted(found, key=lambda one: one.place)
    if not ordered:
        raise ValueError("no words")
    first, last = ordered[0], ordered[-1]
    if first.place == last.place:
        return first.text
    bands = first.scale.bands
    return f"{bands[first.place // 2].term} to {bands[(last.place + 1) // 2].term}"


def _scale(name: str, content: Mapping[str, Any]) -> Scale:
    """A scale from its file, its outermost bands stretched to 0 and 1."""
    entries = content["bands"]
    last = len(entries) - 1
    bands = []
    for number, entry in enumerate(entries):
        low, high = entry["percent"]
        touched = number < last and entries[number + 1]["percent"][0] == high
        bands.append(
            Band(
                term=entry["term"],
                low=0.0 if number == 0 else low / 100,
                high=1.0 if number == last else high / 100,
                closed=not touched and not entry.get("below", False),
                percent=(low, high),
            )
        )
    told = {key: content[key] for key in ("name", "title", "publisher", "year", "url", "note")}
    return Scale(id=name, **told, bands=tuple(bands))


def _scales() -> dict[str, Scale]:
    # the default first: lists of what is accepted begin with it
    paths = Path(__file__).with_name("scales").glob("*.toml")
    found = sorted(paths, key=lambda path: (path.stem != DEFAULT, path.stem))
    return {path.stem: _scale(path.stem, tomllib.loads(path.read_text(encoding="utf-8"))) for path in found}


#: All scales by id, the default one first.
SCALES: Mapping[str, Scale] = MappingProxyType(_scales())

ICD203 = SCALES[DEFAULT]
