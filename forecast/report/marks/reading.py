"""What a reader of any format finds: the marks in the order of reading, with the text that is seen, and the list.

A reader gives the visible text of the document in pieces, each within a mark or not. Word processors cut what stands in
one mark into several pieces, so neighbours with the same number are one mark.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

__all__ = ["Mark", "Piece", "Reading", "UnreadableError", "gathered"]

#: Characters kept on both sides of a mark, to see what touches it.
BESIDE = 3


class UnreadableError(ValueError):
    """The file is not a document of its format, or is made to harm its readers."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Visible text; `n` is the number of the mark it stands in, 0 for none.

    `citation` is what the mark says itself, None where it says nothing. A line feed ends a block of text.
    """

    text: str
    n: int = 0
    citation: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark as found; `before` and `after` are the characters of the same block that stand beside it."""

    n: int
    citation: str | None
    text: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The marks in the order of reading, and the text of the list of citations, None where there is none."""

    marks: tuple[Mark, ...]
    listing: str | None


def gathered(pieces: Iterable[Piece]) -> tuple[Mark, ...]:
    """The marks among the pieces; neighbours with the same number and citation are one."""
    runs = [(key, "".join(piece.text for piece in run)) for key, run in groupby(pieces, lambda p: (p.n, p.citation))]
    marks = []
    for at, ((n, citation), text) in enumerate(runs):
        if n:
            before = "".join(other for _, other in runs[max(at - BESIDE, 0) : at]).rpartition("\n")[2][-BESIDE:]
            after = "".join(other for _, other in runs[at + 1 : at + 1 + BESIDE]).partition("\n")[0][:BESIDE]
            marks.append(Mark(n, citation, text, before, after))
    return tuple(marks)
