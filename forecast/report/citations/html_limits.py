"""Limits of the pages that `verify` reads: within them the time is linear in the size of the page.

A parser of HTML keeps every element that was opened and not closed, and opens some of them again in each paragraph; it
compares every attribute of an element with the others. A page of half a megabyte can so take minutes. Programs that
save a page close what they open.
"""

import re

from forecast.report.citations.reading import UnreadableError

__all__ = ["MAX_ATTRIBUTES", "MAX_OPEN", "check_limits"]

#: Attributes of one element; `report` and `render` write fewer than twenty.
MAX_ATTRIBUTES = 256

#: Elements open at one place.
MAX_OPEN = 256

#: Elements without an end tag, and those that the next of their kind ends.
_NEVER_OPEN = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"),
        *("p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "optgroup", "colgroup"),
        *("rb", "rt", "rtc", "rp", "html", "head", "body"),
    )
)

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)|<!--")
_ATTRIBUTE = re.compile(r"""[^\s"'>/=][^\s>/=]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]*))?|["'=]""")
_REST = re.compile(r"[\s/]*")


def check_limits(text: str) -> None:
    """Refuse a page with more open elements or attributes than any report has; one pass over its tags.

    Raises
    ------
    UnreadableError
        With the limit and the line.
    """
    opened: dict[str, int] = {}
    n_open, at = 0, 0
    while (match := _TAG.search(text, at)) is not None:
        if match[0] == "<!--":
            end = text.find("-->", match.end())
            at = len(text) if end < 0 else end + 3
            continue
        tag, at = match[2].lower(), match.end()
        at, is_empty = _after_attributes(text, at)
        if tag in ("script", "style", "title", "textarea") and not match[1]:
            end = _find_end(text, tag, at)
            at = len(text) if end < 0 else end
        if tag in _NEVER_OPEN:
            continue
        if match[1]:
            if opened.get(tag, 0):
                opened[tag] -= 1
                n_open -= 1
        elif not is_empty:
            opened[tag] = opened.get(tag, 0) + 1
            n_open += 1
            if n_open > MAX_OPEN:
                raise UnreadableError(f"more than {MAX_OPEN} elements are open in line {_line(text, at)}")


def _find_end(text: str, tag: str, at: int) -> int:
    """Where the end tag of an element without elements is; -1 if there is none."""
    match = re.compile(f"</{tag}", re.IGNORECASE).search(text, at)
    return -1 if match is None else match.start()


def _after_attributes(text: str, at: int) -> tuple[int, bool]:
    """Where a tag ends, and whether it closes itself."""
    n = 0
    while True:
        rest = _REST.match(text, at)
        assert rest is not None  # it matches nothing, too
        at = rest.end()
        if at >= len(text):
            return at, False
        if text[at] == ">":
            return at + 1, rest[0].endswith("/")
        found = _ATTRIBUTE.match(text, at)
        at = found.end() if found is not None and found.end() > at else at + 1
        n += 1
        if n > MAX_ATTRIBUTES:
            raise UnreadableError(f"an element has more than {MAX_ATTRIBUTES} attributes in line {_line(text, at)}")


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
