"""Cited numbers in Markdown: links into the list at the end, whose titles are the citations.

    [0.41](#cited-3 "fc-7k2mqx4adn/regime-2025:durable number latest")

The list stands at the end for readers, and in an HTML comment for the program.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from forecast.report.blocks import Cited
from forecast.report.citations.adjacent_text import OBJECT
from forecast.report.citations.listing import ANCHOR, TITLE, Listing, anchor, grouped, number_of
from forecast.report.citations.reading import Piece, Reading, gathered

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["comment", "escaped", "listed", "mark", "read"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>~|#&!^$@\"'])")
_PLAIN = re.compile(r"[^\w .:/#~+-]")
#: Pieces of HTML that are told one by one.
TOLD = 3

_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_PLACE = re.compile(r'<span id="([A-Za-z0-9_.:-]+)">')
_COMMENTS = re.compile(r"(?:\s*<!--(?!-?>)(?:(?!--)[^<>])*-->)+\s*")
_NOTE = re.compile(r"\[\^[^\]]+\]:")
_SHORTCODE = re.compile(r":[a-z0-9_+-]+:$")
_COMMENT = re.compile(rf"<!--\s*{ANCHOR}\s+(.*?)\s*-->", re.DOTALL)


def escaped(text: str) -> str:
    """A text in which nothing is Markdown; in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def mark(cited: Cited, n: int) -> str:
    """A cited number as the n-th of the document, counted from 1; also for cells of tables."""
    title = _PLAIN.sub(lambda match: f"&#{ord(match[0])};", str(cited.citation))
    return f'[{escaped(cited.text)}](#{anchor(n)} "{title}")'


def listed(listing: Listing, level: int = 2) -> str:
    """The list at the end of a document: heading, entries, and the comment that programs read."""
    entries = [
        f"- {', '.join(f'<span id="{anchor(n)}">{n}</span>' for n in places)}: {escaped(str(citation))}"
        for citation, places in grouped(listing.citations)
    ]
    head = f"{'#' * level} {TITLE}\n\n{listing.source()}\n\n"
    return f"{head}{'\n'.join(entries)}\n\n{comment(listing)}\n"


def comment(listing: Listing) -> str:
    """The list for programs, as an HTML comment."""
    return f"<!-- {ANCHOR} {listing.text()} -->"


def read(text: str) -> Reading:
    """The marks and the list of a Markdown document, whatever program saved it last.

    HTML is believed only where `report` and `render` write it: places of the list, and comments; elsewhere it might
    hide a number in programs that show it.
    """
    from markdown_it import MarkdownIt

    found = _Found()
    front = _FRONT.match(text)
    body = text[front.end() :] if front else text
    # a program that knows no front matter takes it for text
    found.strange += [
        f"'{line.strip()[:60]}'" for line in (front[0] if front else "").splitlines() if line.lstrip()[:1] == "<"
    ]
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body):
        if token.type == "html_block":
            found.block(token.content)
        elif token.type == "inline":
            found.inline(token.children or ())
        elif token.type in ("fence", "code_block"):
            found.pieces.append(Piece(f"{token.content}\n"))
    strange = found.strange
    more = f" and {len(strange) - TOLD} more" if len(strange) > TOLD else ""
    doubts = (f"the text has HTML that may hide numbers: {', '.join(strange[:TOLD])}{more}",) if strange else ()
    return Reading(
        gathered(found.pieces),
        found.lists[-1] if found.lists else None,
        found.printed,
        "".join(piece.text for piece in found.pieces),
        doubts,
    )


@dataclass(slots=True)
class _Found:
    """Collects the text of blocks; what stands in comments is not seen."""

    pieces: list[Piece] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    printed: dict[int, str] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def block(self, content: str) -> None:
        """HTML of its own lines."""
        self.lists += _COMMENT.findall(content)
        if not _COMMENTS.fullmatch(content):
            self.strange.append(f"'{' '.join(content.split())[:60]}'")
            self.pieces.append(Piece(f"{OBJECT}\n"))

    def inline(self, tokens: "Sequence[Token]") -> None:
        """The text of a block."""
        start = len(self.pieces)
        n, citation, doubt, struck = 0, None, "", 0
        for token in tokens:
            kind = token.type
            if kind == "link_open":
                n = number_of(str(token.attrGet("href") or "")) or 0
                title = token.attrGet("title")
                citation = str(title) if n and title else None
                doubt = "is struck through" if struck else ""
                self.pieces.append(Piece("", n, citation, doubt))
            elif kind == "link_close":
                n, citation, doubt = 0, None, ""
            elif kind in ("s_open", "s_close"):
                struck += 1 if kind == "s_open" else -1
                if n:
                    doubt = "is struck through"
            elif kind == "image":
                self.pieces.append(Piece(OBJECT, n, citation, doubt or ("is a picture" if n else "")))
            elif kind == "html_inline":
                self._tag(token.content, n, citation)
            elif kind in ("text", "code_inline"):
                self.pieces.append(Piece(token.content, n, citation, doubt))
            elif kind in ("softbreak", "hardbreak"):
                self.pieces.append(Piece(" ", n, citation, doubt))
        self._end(start)

    def _tag(self, content: str, n: int, citation: str | None) -> None:
        place = _PLACE.fullmatch(content)
        if place is None and content != "</span>":
            self.strange.append(f"'{content[:60]}'")
            self.pieces.append(Piece(OBJECT, n, citation, "has HTML in it" if n else ""))
        elif place is not None and number_of(place[1]):
            self.places.append(number_of(place[1]) or 0)

    def _end(self, start: int) -> None:
        """The end of a block: what an entry of the list says, and what other programs make of signs around marks."""
        text = "".join(piece.text for piece in self.pieces[start:])
        note = "stands in a footnote, which is shown only if something leads to it" if _NOTE.match(text) else ""
        before, at = "", 0
        for index in range(start, len(self.pieces)):
            piece = self.pieces[index]
            at += len(piece.text)
            if piece.n and not piece.doubt:
                sign = _SHORTCODE.search(before) or (before[-1:] == text[at : at + 1] and before.endswith(("~", "$")))
                doubt = note or ("stands in signs that some programs replace" if sign else "")
                self.pieces[index] = replace(piece, doubt=doubt) if doubt else piece
            elif not piece.n:
                before = (before + piece.text)[-60:]
        if self.places:
            numbers, _, said = text.partition(":")
            shown = said.strip() if numbers.strip() == ", ".join(map(str, self.places)) else text
            for n in self.places:
                self.printed[n] = f"{self.printed[n]} and {shown}" if n in self.printed else shown
            self.places.clear()
        self.pieces.append(Piece("\n"))
