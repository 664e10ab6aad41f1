"""Whether a run of a Word document is seen as it stands: its properties and those of its styles, by name and value.

Only properties are believed that neither hide a text nor put its characters elsewhere (ECMA-376 part 1, 17.3 and 17.7);
word processors write many more, and of those it is not known here what they do.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["WORD", "Looks", "is_on", "local", "value"]

#: Namespaces of Word's own elements, transitional and strict.
WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)

#: Smallest letters, in half points, and shortest lines and rows of a fixed height, in twentieths of a point.
MIN_SIZE, MIN_LINE = 8, 100

#: Least contrast of a colour with white (WCAG 2.2, relative luminance).
MIN_CONTRAST = 1.9

_OFF = ("0", "false", "off")
_THEME = re.compile(r"(?:background|light)\d")
_LIGHT = frozenset(("yellow", "cyan", "green", "magenta", "lightGray", "white", "none"))


def local(tag: object) -> str:
    """A name without its namespace: strict and transitional documents have different ones."""
    return str(tag).rpartition("}")[2]


def value(element: "Element", name: str = "val", default: str = "") -> str:
    """An attribute of Word's own."""
    found = (element.get(f"{{{namespace}}}{name}") for namespace in WORD)
    return next((text for text in found if text is not None), default)


def is_on(element: "Element") -> bool:
    """Whether a property that is on or off is on."""
    return value(element, default="1") not in _OFF


def _number(element: "Element", name: str = "val") -> float:
    try:
        return float(value(element, name) or 0)
    except ValueError:
        return float("nan")


def _light(colour: str) -> bool:
    """Whether a colour cannot be told from white paper."""
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", colour):
        return colour not in ("", "auto")
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) < MIN_CONTRAST


def _coloured(element: "Element") -> bool:
    return _light(value(element)) or bool(_THEME.match(value(element, "themeColor")))


def _shaded(element: "Element") -> bool:
    """Whether a ground is darker than the letters on it may be."""
    fill = value(element, "fill")
    dark = bool(re.fullmatch(r"[0-9A-Fa-f]{6}", fill)) and not _light(fill)
    return (
        dark
        or value(element, default="clear") not in ("clear", "nil")
        or value(element, "themeFill").startswith(("dark", "text"))
    )


def _never(_: "Element") -> bool:
    return False


def _fixed(element: "Element", line: str, rule: str) -> bool:
    return value(element, rule) == "exact" and not _number(element, line) >= MIN_LINE


#: Properties of runs, and when they make a text something else than what is read; all others always do.
_RUN: Mapping[str, Callable[["Element"], bool]] = {
    **dict.fromkeys(
        re.findall(
            r"\w+",
            "rStyle rFonts b bCs i iCs u lang kern noProof szCs bdr cs em emboss imprint outline shadow caps smallCaps "
            "snapToGrid rPrChange ins moveTo effect eastAsianLayout oMath",
        ),
        _never,
    ),
    **dict.fromkeys(("vanish", "webHidden", "specVanish", "strike", "dstrike", "rtl", "del", "moveFrom"), is_on),
    "color": _coloured,
    "shd": _shaded,
    "highlight": lambda element: value(element) not in _LIGHT,
    "sz": lambda element: not _number(element) >= MIN_SIZE,
    "position": lambda element: not abs(_number(element)) <= 12,
    "w": lambda element: not 40 <= _number(element) <= 250,
    "spacing": lambda element: not -20 <= _number(element) <= 100,
    "vertAlign": _never,
}

#: The same of paragraphs.
_PARAGRAPH: Mapping[str, Callable[["Element"], bool]] = {
    **dict.fromkeys(
        re.findall(
            r"\w+",
            "pStyle keepNext keepLines pageBreakBefore widowControl numPr suppressLineNumbers pBdr tabs "
            "suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN adjustRightInd "
            "snapToGrid contextualSpacing mirrorIndents suppressOverlap jc textAlignment outlineLvl divId cnfStyle rPr "
            "sectPr pPrChange",
        ),
        _never,
    ),
    "bidi": is_on,
    "shd": _shaded,
    "spacing": lambda element: _fixed(element, "line", "lineRule"),
    "ind": lambda element: any(
        not abs(_number(element, name)) <= 6000 for name in ("left", "start", "firstLine", "hanging")
    ),
}

#: The same of rows of tables, which may be in any other way.
_ROW: Mapping[str, Callable[["Element"], bool]] = {
    "hidden": is_on,
    "del": is_on,
    "trHeight": lambda element: _fixed(element, "val", "hRule"),
}

#: The same of cells.
_CELL: Mapping[str, Callable[["Element"], bool]] = {
    **dict.fromkeys(("tcW", "tcBorders", "noWrap", "tcMar", "vAlign", "gridSpan", "cnfStyle"), _never),
    "shd": _shaded,
    "vMerge": lambda element: value(element) != "restart",
    "hMerge": lambda element: value(element) != "restart",
    "hideMark": is_on,
    "tcFitText": is_on,
}


class Looks:
    """What the styles of a document make of runs and paragraphs; each style is looked at once."""

    def __init__(self, styles: "Element | None") -> None:
        self._styles: dict[str, Element] = {}
        self._default: dict[str, str] = {}
        self._base: tuple[str, ...] = ()
        self._found: dict[str, tuple[str, ...]] = {}
        for element in styles if styles is not None else ():
            if local(element.tag) == "style":
                name = value(element, "styleId")
                self._styles[name] = element
                if value(element, "default", "0") not in _OFF:
                    self._default[value(element, "type")] = name
            elif local(element.tag) == "docDefaults":
                self._base = tuple(of_children(element))

    def of_run(self, properties: "Element | None") -> list[str]:
        """What may change how a run looks, from its own properties and its style."""
        return [*_of(properties, _RUN), *self.of_style(_named(properties, "rStyle"), "character")]

    def of_paragraph(self, properties: "Element | None") -> list[str]:
        """The same of a paragraph, with the defaults of the document."""
        return [*self._base, *_of(properties, _PARAGRAPH), *self.of_style(_named(properties, "pStyle"), "paragraph")]

    def of_table(self, properties: "Element | None") -> list[str]:
        """The same of a table's style."""
        return self.of_style(_named(properties, "tblStyle"), "table")

    def of_row(self, properties: "Element | None") -> list[str]:
        """The same of a row."""
        return [
            local(one.tag)
            for one in (properties if properties is not None else ())
            if _ROW.get(local(one.tag), _never)(one)
        ]

    def of_cell(self, properties: "Element | None") -> list[str]:
        """The same of a cell: those that are one with the cell above show nothing of their own."""
        return list(_of(properties, _CELL))

    def of_style(self, name: str, kind: str) -> list[str]:
        """The same of a style and those it is based on."""
        found: list[str] = []
        name = name if name in self._styles else self._default.get(kind, "")
        seen: set[str] = set()
        while name in self._styles and name not in seen:
            seen.add(name)
            if name not in self._found:
                self._found[name] = tuple(f"{one} in the style {name[:40]}" for one in of_children(self._styles[name]))
            found += self._found[name]
            name = _named(self._styles[name], "basedOn")
        return found


def of_children(element: "Element") -> Iterator[str]:
    """Properties of runs and paragraphs anywhere in an element that change how a text looks."""
    for inner in element.iter():
        if local(inner.tag) == "rPr":
            yield from _of(inner, _RUN)
        elif local(inner.tag) == "pPr":
            yield from _of(inner, _PARAGRAPH)
        elif local(inner.tag) == "trPr":
            yield from (local(one.tag) for one in inner if _ROW.get(local(one.tag), _never)(one))


def _named(properties: "Element | None", name: str) -> str:
    return next((value(one) for one in (properties if properties is not None else ()) if local(one.tag) == name), "")


def _of(properties: "Element | None", known: Mapping[str, Callable[["Element"], bool]]) -> Iterator[str]:
    for one in properties if properties is not None else ():
        name, namespace = local(one.tag), str(one.tag).rpartition("}")[0].removeprefix("{")
        changes = known.get(name)
        if namespace not in WORD or changes is None or changes(one):
            yield f"has the property {name[:40]}"
