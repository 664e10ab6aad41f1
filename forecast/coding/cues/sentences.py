"""A text into paragraphs and sentences, each with its place; headings, references and by-lines are told apart.

The ends of sentences are found by sentencex.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Note", "Sentence", "notes", "sentences"]

#: Marks of notes: [1], [iv], superscripts. They are blanked out, so that a sentence ends before them.
_MARK = re.compile(r"\[(\d{1,3}|[ivxlc]{1,7})\]|[¹²³⁴-⁹]+")
_REFERENCE = re.compile(r"^\s*(?:\[(?P<a>\d{1,3}|[ivxlc]{1,7})\]|(?P<b>\d{1,3})[.)])\s+(?=.*(?:https?://|\"|“|\d{4}))")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)

_MONTH_ENDS = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\.(?=\s+[A-Z])"
)

#: A paragraph of a few words without an end is a heading or a by-line.
HEADING_WORDS = 14


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of running text: `text[start:end]`, its numbers from 1, and the marks of notes that follow it."""

    start: int
    end: int
    paragraph: int
    number: int
    marks: tuple[str, ...] = ()
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote or endnote: its mark, its text and the address in it."""

    mark: str
    text: str
    url: str | None


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text in their order, without notes and lists of references."""
    return list(_sentences(text))


def notes(text: str) -> dict[str, Note]:
    """The notes of a text by mark."""
    found: dict[str, Note] = {}
    for start, end in _paragraphs(text):
        match = _REFERENCE.match(text[start:end])
        if match is None:
            continue
        mark = match["a"] or match["b"]
        rest = text[start + match.end() : end]
        # the address may stand in a paragraph of its own
        after = text[end : end + 300].lstrip()
        address = _ADDRESS.search(rest) or _ADDRESS.match(after)
        found.setdefault(mark, Note(mark, rest.strip(), address[0].rstrip(").,;") if address else None))
    return found


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Places of lines with something on them: in extracted text a line is a paragraph."""
    for match in re.finditer(r"[^\r\n]+", text):
        if match[0].strip():
            yield match.start(), match.end()


def _split(line: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """A sentence in two where the name of a month ends it, which is taken for an abbreviation: `on 22 May. Arland`."""
    for match in _MONTH_ENDS.finditer(line, first, last):
        yield first, match.end()
        first = match.end()
    yield first, last


def _sentences(text: str) -> Iterator[Sentence]:
    from sentencex import get_sentence_boundaries

    paragraph = 0
    for start, end in _paragraphs(text):
        line = text[start:end]
        if _REFERENCE.match(line) or _ADDRESS.match(line.lstrip()):
            continue
        paragraph += 1
        # a mark of a note becomes spaces of its length: places stay
        blank = _MARK.sub(lambda match: " " * len(match[0]), line)
        number = 0
        heading = len(blank.split()) <= HEADING_WORDS and not re.search(r"[.!?…][\"”’')\]]*\s*$", blank)
        found = [(one["start_index"], one["end_index"]) for one in get_sentence_boundaries("en", blank)]
        bounds = [part for first, last in found for part in _split(blank, first, last)]
        for position, (first, last) in enumerate(bounds):
            inner = blank[first:last]
            if not inner.strip():
                continue
            begin = first + len(inner) - len(inner.lstrip())
            finish = first + len(inner.rstrip())
            number += 1
            upto = bounds[position + 1][0] if position + 1 < len(bounds) else len(line)
            # marks stand behind the point, before the next sentence's first word
            following = blank[finish : max(upto, finish)]
            reach = upto + (len(blank[upto:]) - len(blank[upto:].lstrip())) if not following.strip() else upto
            marks = tuple(match[1] or match[0] for match in _MARK.finditer(line, first, min(reach, len(line))))
            yield Sentence(start + begin, start + finish, paragraph, number, marks, heading)
