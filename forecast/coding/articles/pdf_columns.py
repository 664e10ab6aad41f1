"""The text of a printed page in the order of its columns.

A page is cut where an empty strip runs between the pieces of many lines. What goes across the strip (a title) parts the
page into bands, each of which is read column by column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Piece", "by_columns"]

#: A gap between columns is wider than this share of the height of a line; a space between words is a quarter.
GAP_HEIGHTS = 1.2

#: So many lines have text on both sides of the strip.
FEWEST_LINES = 4

#: Cells of a table are shorter than lines of prose, in characters on average.
FEWEST_CHARS = 12

#: Lines share a baseline if it differs by less than this share of their height.
BASELINE = 0.6

#: Columns within columns.
DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text and its box; y grows upward."""

    left: float
    bottom: float
    right: float
    top: float
    text: str

    @property
    def height(self) -> float:
        """Height of the box, at least a point."""
        return max(self.top - self.bottom, 1.0)


def by_columns(pieces: Sequence[Piece], depth: int = 0) -> str | None:
    """The text with one column after the other; None where there are no columns.

    Parameters
    ----------
    pieces
        All of a page.
    depth
        Of columns in which this part stands.
    """
    whole = [piece for piece in pieces if piece.text.strip()]
    lines = _lines(whole)
    strip = _strip(lines) if depth < DEEPEST else None
    if strip is None:
        return None
    low, high = strip
    parts: list[str] = []
    band: list[Piece] = []
    for line in lines:
        if any(piece.left < low and piece.right > high for piece in line):
            parts += [*_band(band, low, depth), _text([line])]
            band = []
        else:
            band += line
    parts += _band(band, low, depth)
    return "\n\n".join(part for part in parts if part)


def _band(band: Sequence[Piece], low: float, depth: int) -> list[str]:
    sides = ([p for p in band if p.right <= low + 1], [p for p in band if p.right > low + 1])
    return [by_columns(side, depth + 1) or _text(_lines(side)) for side in sides]


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces by line, from the top, each from the left."""
    found: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: (-(one.bottom + one.top), one.left)):
        middle = (piece.bottom + piece.top) / 2
        if found:
            first = found[-1][0]
            height = max(piece.height, first.height)
            if abs((first.bottom + first.top) / 2 - middle) < BASELINE * height:
                found[-1].append(piece)
                continue
        found.append([piece])
    return [sorted(line, key=lambda one: one.left) for line in found]


def _strip(lines: Sequence[Sequence[Piece]]) -> tuple[float, float] | None:
    """Left and right edge of an empty strip between columns."""
    gaps = []
    for number, line in enumerate(lines):
        for first, second in pairwise(line):
            if second.left - first.right > GAP_HEIGHTS * max(first.height, second.height):
                gaps.append((first.right, second.left, number))
    best: tuple[int, float, float] | None = None
    for _, right, _ in gaps:
        here = [gap for gap in gaps if gap[0] < right <= gap[1] + 2]
        low, high = max((gap[0] for gap in here), default=0.0), min((gap[1] for gap in here), default=0.0)
        n_lines = len({gap[2] for gap in here})
        if low < high and (best is None or n_lines > best[0]):
            best = (n_lines, low, high)
    if best is None or best[0] < FEWEST_LINES:
        return None
    _, low, high = best
    beside = [piece for line in lines for piece in line if piece.right <= low + 1 or piece.left >= high - 1]
    across = sum(any(piece.left < low and piece.right > high for piece in line) for line in lines)
    length = sum(len(piece.text.strip()) for piece in beside) / max(len(beside), 1)
    return (low, high) if length >= FEWEST_CHARS and best[0] > across else None


def _text(lines: Sequence[Sequence[Piece]]) -> str:
    return "\n".join(" ".join(piece.text.strip() for piece in line) for line in lines)
