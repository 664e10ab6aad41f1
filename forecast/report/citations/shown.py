"""What pages of `report` and `render` consist of: elements and attributes that show a text where it stands.

Whatever is not named here might hide a number or put another in its place, so nothing else is believed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ANYWHERE", "DRAWN", "RULED", "WITH_MARKS", "Element", "wrong"]


@dataclass(frozen=True, slots=True)
class Element:
    """How an element may be written: its attributes, its classes, and whether it stands within a line."""

    attributes: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    in_line: bool = False


def _element(attributes: str = "", classes: str = "", *, in_line: bool = False) -> Element:
    names = frozenset((*attributes.split(), *(["class"] if classes else [])))
    return Element(names, frozenset(classes.split()), in_line)


_HEADING = _element("id tabindex")
_CELL = "number whole broken"

#: Elements in which a cited number may stand.
WITH_MARKS: Mapping[str, Element] = {
    "html": _element("lang data-charts"),
    "body": _element(),
    "main": _element("id tabindex"),
    "section": _element("id aria-labelledby"),
    "div": _element("role aria-labelledby tabindex", "columns table draft"),
    "figure": _element("id", "chart"),
    "details": _element("open data-folded", "fold data"),
    "table": _element("id"),
    "thead": _element(),
    "tbody": _element(),
    "tr": _element("id"),
    "th": _element("scope", _CELL),
    "td": _element("", _CELL),
    "ul": _element(),
    "ol": _element("start"),
    "li": _element(),
    "p": _element("", "answer warning note"),
    "blockquote": _element(),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _HEADING),
    "span": _element("id", "at", in_line=True),
    "strong": _element(in_line=True),
    "em": _element(in_line=True),
}

#: All others, and these where no number stands; metadata, style sheet and scripts are looked at apart.
ANYWHERE: Mapping[str, Element] = {
    **WITH_MARKS,
    "header": _element("", "masthead"),
    "nav": _element("aria-label", "contents"),
    "footer": _element(),
    "section": _element("id aria-labelledby", "cited-list"),
    "div": _element(
        "role aria-labelledby aria-label tabindex data-static data-chart data-drawn",
        "columns table draft drawing switches",
    ),
    "p": _element("", "answer warning note subtitle"),
    "ul": _element("", "cited-list"),
    "summary": _element(),
    "figcaption": _element(),
    "caption": _element("id"),
    "colgroup": _element(),
    "col": _element("width"),
    "dl": _element(),
    "dt": _element(),
    "dd": _element(),
    "hr": _element(),
    "br": _element(),
    "pre": _element(),
    "a": _element("id href rel title data-citation", "skip cited", in_line=True),
    "code": _element("class", in_line=True),
    "s": _element(in_line=True),
    "img": _element("src alt title"),
}

#: What charts are drawn with, and their switches.
DRAWN = frozenset(
    re.findall(
        r"\w+",
        "svg g path rect line circle ellipse polygon polyline text tspan title defs clippath lineargradient "
        "radialgradient stop pattern mask div button form",
    )
)

#: Ids that the style sheet has rules for.
RULED = frozenset(("chart-value", "told", "results"))


def wrong(tag: str, attributes: Mapping[str, str | None], elements: Mapping[str, Element]) -> str:
    """What of an element is not as our pages have it; empty if all is."""
    known = elements.get(tag)
    if known is None:
        return f"<{tag[:40]}>"
    for name, value in attributes.items():
        if name not in known.attributes:
            return f"<{tag} {name[:40]}>"
        classes = set((value or "").split()) if name == "class" and known.classes else set()
        if classes - known.classes or (name == "id" and (value or "").strip() in RULED):
            return f'<{tag} {name}="{(value or "")[:40]}">'
    return f"<{tag}> without a class" if tag == "details" and not attributes.get("class") else ""
