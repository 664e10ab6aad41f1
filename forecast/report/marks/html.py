"""Cited numbers in a page: links of the class `cited`, and the list as a data block, which no browser runs.

<a class="cited" href="#cited-3" data-citation="fc-7k2mqx4adn/regime-2025:durable number latest">0.41</a>
"""

import re
from html import escape
from html.parser import HTMLParser

from forecast.report.blocks import Cited
from forecast.report.marks.listing import ANCHOR, TITLE, Listing, anchor, grouped, number_of
from forecast.report.marks.reading import Piece, Reading, gathered

__all__ = ["data", "entries", "listed", "mark", "read"]

#: What of a page is not seen, whatever stands in it.
_UNSEEN = frozenset(
    (
        "head",
        "iframe",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "script",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
    )
)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
#: Elements that stand within a line; all others begin and end a block.
_INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi bdo cite code data del dfn em font i ins kbd label mark q s samp small span strong sub sup time "
        "u var wbr",
    )
)


def mark(cited: Cited, n: int) -> str:
    """A cited number as the n-th of the page, counted from 1."""
    citation = escape(str(cited.citation))
    return f'<a class="cited" href="#{anchor(n)}" data-citation="{citation}">{escape(cited.text)}</a>'


def listed(listing: Listing) -> str:
    """The list at the end of a page: a section with the entries, and the data block."""
    return (
        f'<section id="numbers-cited"><h2>{TITLE}</h2>\n<p>{escape(listing.source())}</p>\n'
        f"{entries(listing)}\n{data(listing)}\n</section>"
    )


def entries(listing: Listing) -> str:
    """The entries of the list that readers see."""
    rows = []
    for citation, places in grouped(listing.citations):
        numbers = ", ".join(f'<span id="{anchor(n)}">{n}</span>' for n in places)
        rows.append(f"<li>{numbers}: <code>{escape(str(citation))}</code></li>")
    return f'<ul class="cited-list">\n{"\n".join(rows)}\n</ul>'


def data(listing: Listing) -> str:
    """The list that programs read."""
    return f'<script type="application/json" id="{ANCHOR}">{listing.text()}</script>'


def read(text: str) -> Reading:
    """The marks and the list of a page, whatever program saved it last.

    What the page hides with elements, the attribute `hidden` or a style of its own is not seen; what its style sheets
    and scripts do is not known here.
    """
    page = _Page()
    page.feed(text)
    page.close()
    return Reading(gathered(page.pieces), page.lists[-1] if page.lists else None)


class _Page(HTMLParser):
    """Collects visible text, marks and data blocks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self.lists: list[str] = []
        self._open: list[tuple[str, bool]] = []  # elements that are open, and whether they are seen
        self._n = 0
        self._citation: str | None = None
        self._in_list = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag not in _INLINE:
            self.pieces.append(Piece("\n"))
        if tag in _VOID:
            return
        hides = tag in _UNSEEN or "hidden" in told or _hides(told.get("style", ""))
        self._open.append((tag, self._seen and not hides))
        if tag == "script" and told.get("id") == ANCHOR:
            self._in_list = True
            self.lists.append("")
        elif tag == "a":
            n = number_of(told.get("href", "")) or 0
            self._n, self._citation = n, told.get("data-citation") if n else None
            if n:
                self.pieces.append(Piece("", n, self._citation))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.pieces.append(Piece("\n"))
        names = [name for name, _ in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]
        if tag == "a":
            self._n, self._citation = 0, None
        self._in_list = self._in_list and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._in_list:
            self.lists[-1] += data
        elif self._seen:
            self.pieces.append(Piece(" ".join(data.split("\n")), self._n, self._citation))

    @property
    def _seen(self) -> bool:
        return not self._open or self._open[-1][1]


def _hides(style: str) -> bool:
    """Whether a style takes an element out of sight."""
    rules = {part.partition(":")[0].strip(): part.partition(":")[2].strip() for part in style.lower().split(";")}
    gone = {("display", "none"), ("visibility", "hidden"), ("opacity", "0"), ("font-size", "0")}
    return any(rules.get(name, "").removesuffix("!important").strip() == value for name, value in gone)
