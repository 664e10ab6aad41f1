"""What a reader of any format finds: the marks in the order of reading, with the text that is seen, and the list.

A reader gives the visible text of the document in pieces, each within a mark or not. Word processors cut what stands in
one mark into several pieces, so neighbours with the same number are one mark. Where a reader cannot say that a text is
seen as it stands, it says why: such a number is never ok.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from forecast.report.citations.adjacent_text import after_mark, before_mark, turned

__all__ = ["BESIDE", "Mark", "Piece", "Reading", "UnreadableError", "gathered"]

#: Characters that are seen and kept on both sides of a mark, to tell what touches it.
BESIDE = 3


class UnreadableError(ValueError):
    """The file is not a document of its format, or is made to harm its readers."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Visible text; `n` is the number of the mark it stands in, 0 for none.

    `citation` is what the mark says itself, None where it says nothing. A line feed ends a block of text. `doubt` says
    why a reader may see something else than this text.
    """

    text: str
    n: int = 0
    citation: str | None = None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark as found.

    `before` and `after` are the characters of the same block that stand beside it and are seen, `doubts` why a reader
    may see something else than `text`.
    """

    n: int
    citation: str | None
    text: str
    before: str = ""
    after: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a document.

    Parameters
    ----------
    marks
        In the order of reading.
    listing
        Text of the list of citations for programs, None where there is none.
    printed
        What the list for readers says at each place; None where the format does not tell its entries apart.
    text
        The visible text, blocks divided by line feeds.
    doubts
        Why a reader may see something else than the text anywhere in the document.
    notes
        What could not be looked at.
    """

    marks: tuple[Mark, ...]
    listing: str | None
    printed: Mapping[int, str] | None = None
    text: str = ""
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def gathered(pieces: Iterable[Piece]) -> tuple[Mark, ...]:
    """The marks among the pieces; neighbours with the same number and citation are one."""
    runs = [(key, list(run)) for key, run in groupby(pieces, lambda piece: (piece.n, piece.citation))]
    texts = ["".join(piece.text for piece in run) for _, run in runs]
    line = ""  # of the block so far
    found: list[tuple[int, str, tuple[str, ...]]] = []
    for at, ((n, _), run) in enumerate(runs):
        if n:
            doubts = dict.fromkeys(piece.doubt for piece in run if piece.doubt)
            if turned(line):
                doubts["stands where characters before it change the order of what follows"] = None
            found.append((at, line[-_LINE:], tuple(doubts)))
        line = (line + texts[at]).rpartition("\n")[2]
        # what is far away matters for the order of characters only
        line = line if len(line) <= 2 * _LINE else _shortened(line)
    marks = []
    for at, before, doubts_of in found:
        (n, citation), _ = runs[at]
        marks.append(Mark(n, citation, texts[at], before_mark(before, BESIDE), _after(texts, at), doubts_of))
    return tuple(marks)


#: Characters of a line that are kept in full.
_LINE = 4000


def _shortened(line: str) -> str:
    """The end of a line, with a sign before it if the order of its characters is changed."""
    return ("\u202e" if turned(line[:-_LINE]) else "") + line[-_LINE:]


def _after(texts: list[str], at: int) -> str:
    """The characters after a run; of the others only as many as it takes."""
    text = ""
    for later in range(at + 1, len(texts)):
        other = texts[later]
        text += other[:_LINE]
        if "\n" in other or len(after_mark(text, BESIDE)) >= BESIDE or len(text) > _LINE:
            break
    return after_mark(text, BESIDE)
