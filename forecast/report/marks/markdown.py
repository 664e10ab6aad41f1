"""Cited numbers in Markdown: links into the list at the end, whose titles are the citations.

    [0.41](#cited-3 "fc-7k2mqx4adn/regime-2025:durable number latest")

The list stands at the end for readers, and in an HTML comment for the program.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from forecast.report.blocks import Cited
from forecast.report.marks.listing import ANCHOR, TITLE, Listing, anchor, grouped, number_of
from forecast.report.marks.reading import Piece, Reading, gathered

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["PANDOC_FORMAT", "comment", "escaped", "for_pandoc", "listed", "mark", "read"]

#: How pandoc reads the Markdown of documents: nothing that could speak to the program that sets the page.
PANDOC_FORMAT = "commonmark-raw_html+pipe_tables+strikeout+bracketed_spans+attributes"

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>~|#&!^$@\"'])")
_PLAIN = re.compile(r"[^\w .:/#~+-]")
_SPAN = re.compile(r'<span id="(cited-\d+)">(\d+)</span>')
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


def for_pandoc(text: str) -> str:
    """The Markdown of a document as pandoc takes it (`PANDOC_FORMAT`): places as spans, without the comment."""
    return _COMMENT.sub("", _SPAN.sub(r"[\2]{#\1}", text))


def read(text: str) -> Reading:
    """The marks and the list of a Markdown document, whatever program saved it last."""
    from markdown_it import MarkdownIt

    comments = []
    pieces = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        if token.type == "html_block":
            comments += _COMMENT.findall(token.content)
        elif token.type == "inline":
            pieces += [*_pieces(token.children or ()), Piece("\n")]
        elif token.type in ("fence", "code_block"):
            pieces.append(Piece(f"{token.content}\n"))
    return Reading(gathered(pieces), comments[-1] if comments else None)


def _pieces(tokens: "Sequence[Token]") -> Iterator[Piece]:
    """The text of a block; what stands in HTML comments and tags is not seen."""
    n, citation = 0, None
    for token in tokens:
        if token.type == "link_open":
            n = number_of(str(token.attrGet("href") or "")) or 0
            title = token.attrGet("title")
            citation = str(title) if n and title else None
            yield Piece("", n, citation)
        elif token.type == "link_close":
            n, citation = 0, None
        elif token.type in ("text", "code_inline", "image"):
            yield Piece(token.content, n, citation)
        elif token.type in ("softbreak", "hardbreak"):
            yield Piece(" ", n, citation)
