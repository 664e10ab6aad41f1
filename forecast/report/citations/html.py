"""Cited numbers in a page: links of the class `cited`, and the list as a data block, which no browser runs.

<a class="cited" href="#cited-3" data-citation="fc-7k2mqx4adn/regime-2025:durable number latest">0.41</a>
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from forecast.report.blocks import Cited
from forecast.report.citations.adjacent_text import OBJECT
from forecast.report.citations.html_limits import check_limits
from forecast.report.citations.listing import ANCHOR, Listing, anchor, number_of
from forecast.report.citations.reading import Piece, Reading, gathered
from forecast.report.citations.shown import ANYWHERE, DRAWN, WITH_MARKS, wrong
from forecast.report.plain import visible

__all__ = ["data", "mark", "read"]


def mark(cited: Cited, n: int) -> str:
    """A cited number as the n-th of the page, counted from 1."""
    citation = escape(str(cited.citation))
    return f'<a class="cited" href="#{anchor(n)}" data-citation="{citation}">{escape(visible(cited.text))}</a>'


def data(listing: Listing) -> str:
    """The list that programs read."""
    return f'<script type="application/json" id="{ANCHOR}">{listing.text()}</script>'


def read(text: str) -> Reading:
    """The marks and the list of a page, whatever program saved it last.

    The page is parsed as browsers do. What stands in other elements, or with other attributes, than `report` and
    `render` write is doubted: it may be hidden, or something else may be shown in its place.
    """
    from selectolax.lexbor import LexborHTMLParser

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    check_limits(text)
    page = LexborHTMLParser(text)
    found = _Page()
    if page.root is not None:
        found.walk(page.root)
    of_head = list(_of_head(page)) if found.has_marks else []
    other = _other_version(page) if of_head else ""
    # what another version wrote cannot be held against this one's style sheet; its numbers can be checked all the same
    doubts, notes = ([*found.told()], [other]) if other else ([*found.told(), *of_head], [])
    return Reading(
        gathered(found.pieces),
        found.lists[-1] if found.lists else None,
        _printed(page),
        "".join(piece.text for piece in found.pieces),
        tuple(doubts),
        tuple(notes),
    )


#: Elements whose text is never shown.
_SILENT = frozenset(("head", "title", "script", "style", "template"))

#: Strange elements that are told one by one.
_TOLD = 3


class _Page:
    """Collects visible text, marks and data blocks."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.lists: list[str] = []
        self.has_marks = False
        self._strange: dict[str, None] = {}

    def told(self) -> list[str]:
        """What no page of ours has."""
        names = list(self._strange)
        more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
        return (
            [f"the page has {', '.join(names[:_TOLD])}{more}, which `report` and `render` never write"] if names else []
        )

    def walk(self, root: Any) -> None:
        """Read an element and all in it; without recursion, for pages nest as deep as they like."""
        stack: list[tuple[Any, _Within] | Piece] = [(root, _Within())]
        while stack:
            entry = stack.pop()
            if isinstance(entry, Piece):
                self.pieces.append(entry)
                continue
            node, within = entry
            if node.is_text_node:
                self.pieces.append(
                    Piece(" ".join((node.text_content or "").split("\n")), within.n, within.citation, within.doubt)
                )
            elif node.is_element_node:
                inner = self._element(node, within, stack)
                if inner is not None:
                    children = []
                    child = node.child
                    while child is not None:
                        children.append((child, inner))
                        child = child.next
                    stack += reversed(children)

    def _element(self, node: Any, within: "_Within", stack: list[Any]) -> "_Within | None":
        """Look at an element; where its children stand, None if nothing of them is seen."""
        tag, attributes = str(node.tag), dict(node.attributes)
        if tag == "script" and attributes.get("id") == ANCHOR:
            self.lists.append(node.text() or "")
        if tag in _SILENT and not (within.in_drawing and tag == "title"):
            if tag == "template":
                self._strange["<template>"] = None
            return None
        if (
            tag == "div"
            and attributes.get("id") == "chart-value"
            and "hidden" in attributes
            and node.parent.tag == "body"
        ):
            return None  # shows values of a chart under the pointer
        if within.in_drawing:
            if tag.lower() not in DRAWN:
                self._strange[f"<{tag[:40]}> in a chart"] = None
            self.pieces.append(Piece("\n"))
            return replace(within, doubt="stands in a chart")
        strange = wrong(tag, attributes, ANYWHERE)
        if strange:
            self._strange[strange] = None
        self._edge(tag, strange, stack, within)
        doubt = within.doubt
        n = (number_of(attributes.get("href") or "") or 0) if tag == "a" else 0
        if within.n:
            doubt = doubt or f"holds <{tag[:40]}>"
        elif n:
            self.has_marks = True
            if strange or attributes.get("class") != "cited":
                doubt = doubt or strange or "is a link of another kind"
            self.pieces.append(Piece("", n, attributes.get("data-citation"), doubt))
            return replace(within, n=n, citation=attributes.get("data-citation"), doubt=doubt)
        else:
            inside = wrong(tag, attributes, WITH_MARKS)
            doubt = doubt or (f"stands in {inside}" if inside else "")
        in_drawing = tag == "div" and attributes.get("class") in ("drawing", "switches") and node.parent.tag == "figure"
        return replace(within, doubt=doubt, in_drawing=in_drawing)

    def _edge(self, tag: str, strange: str, stack: list[Any], within: "_Within") -> None:
        """Where an element begins and ends a line ends, if the element is one; what is strange stands in the line."""
        if strange or tag == "img":
            edge = Piece(OBJECT, within.n, within.citation, within.doubt)
        elif not ANYWHERE[tag].in_line:
            edge = Piece("\n", within.n, within.citation, within.doubt)
        else:
            return
        self.pieces.append(edge)
        stack.append(edge)


@dataclass(frozen=True, slots=True)
class _Within:
    """Where an element stands: in which mark, why its text may not be seen, and whether in a chart."""

    n: int = 0
    citation: str | None = None
    doubt: str = ""
    in_drawing: bool = False


def _printed(page: Any) -> dict[int, str]:
    """What the list that readers see says at each place: the text of the item that the place is in."""
    printed: dict[int, list[str]] = {}
    said: dict[int, str] = {}
    for node in page.css("[id^='cited-']"):
        n = number_of(node.attributes.get("id") or "")
        item = _item_of(node)
        if not n or item is None:
            continue
        if item.mem_id not in said:
            said[item.mem_id] = _NUMBERS.sub("", item.text())
        name = node.text()
        one = said[item.mem_id] if name.strip() == str(n) else f"{name}: {said[item.mem_id]}"
        printed.setdefault(n, []).append(one)
    return {n: " and ".join(texts) for n, texts in printed.items()}


def _item_of(node: Any) -> Any:
    """The list item that an element is or is in; None if it is in none. Pages nest no deeper than `MAX_OPEN`."""
    while node is not None and node.tag != "li":
        node = node.parent
    return node


_NUMBERS = re.compile(r"^(?:\s*\d+[\s,]*)+:?\s*")

#: Metadata that says nothing of how a page looks.
_METADATA = frozenset(("viewport", "referrer", "color-scheme", "generator", "author", "date"))

_DATA = "application/json"


def _other_version(page: Any) -> str:
    """What to tell of a page that says that another version wrote it; empty if it was this one."""
    from forecast.report.html import generator

    told = next((node.attributes.get("content") for node in page.css("meta[name='generator']")), None) or ""
    if told == generator() or not told.startswith("forecast "):
        return ""
    return (
        f"the page says that another version wrote it ({told[:60]}; this is {generator()}): whether its style sheet "
        "and script show the numbers as they stand was not checked"
    )


def _of_head(page: Any) -> Iterator[str]:
    """Whether style sheet, scripts and policy of a page are those that we write."""
    from forecast.report.html import policy, style_sheet
    from forecast.report.script import charts_script

    styles = [node.text() or "" for node in page.css("style")]
    scripts = [node for node in page.css("script") if node.attributes.get("type") != _DATA]
    if styles != [style_sheet()]:
        yield "the page's style sheet is not the one of the version that wrote it: it may show other numbers"
    texts = [node.text() or "" for node in scripts]
    if texts and (any(node.attributes for node in scripts) or texts != [charts_script()]):
        yield "the page's script is not the one of the version that wrote it: it may show other numbers"
    yield from _of_policy(page, policy(*styles, *texts))
    if page.css("link, base"):
        yield "the page takes something from elsewhere"


def _of_policy(page: Any, wanted: str) -> Iterator[str]:
    """The policy stands before everything that it is about."""
    found = []
    for node in page.css("meta"):
        told = dict(node.attributes)
        equivalent = (told.get("http-equiv") or "").lower()
        if equivalent == "content-security-policy":
            before, other = node.prev, []
            while before is not None:
                other += [before.tag] if before.is_element_node and before.tag != "meta" else []
                before = before.prev
            found.append("" if other or node.parent.tag != "head" else told.get("content"))
        elif (equivalent and equivalent != "content-type") or (
            told.get("name") or next(iter(_METADATA))
        ).lower() not in _METADATA:
            yield f"the page has a <meta> of another kind ({(equivalent or told.get('name') or '')[:40]})"
    if found != [wanted]:
        yield "the page's policy, which keeps everything out that could show other numbers, is gone or changed"
