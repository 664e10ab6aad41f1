"""A chart as SVG inside a page: drawn without a browser, and nothing in it but shapes and text."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from forecast.report.fonts import chart_converter
from forecast.report.theme import themed

__all__ = ["inline_svg"]

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"

#: What a chart consists of; links, images, scripts and foreign content are left out with all that is in them.
_SHAPES = frozenset(
    [
        "svg",
        "g",
        "path",
        "rect",
        "line",
        "circle",
        "ellipse",
        "polygon",
        "polyline",
        "text",
        "tspan",
        "title",
        "defs",
        "clipPath",
        "linearGradient",
        "radialGradient",
        "stop",
        "pattern",
        "mask",
    ]
)

#: Roles within an image mean nothing: the image as a whole has its description.
_DROPPED = re.compile(r"on.*|style|role|aria-.*|tabindex|.*href", re.IGNORECASE)
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")


def inline_svg(specification: Mapping[str, Any], prefix: str) -> str:
    """Draw a Vega-Lite specification; ids of gradients and clips begin with `prefix`, so that charts share a page.

    Raises
    ------
    ValueError
        If the specification cannot be drawn.
    """
    root = ElementTree.fromstring(chart_converter().vegalite_to_svg(themed(specification)))
    _clean(root, prefix)
    ElementTree.register_namespace("", _SVG)
    root.set("focusable", "false")
    root.set("aria-hidden", "true")
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element, prefix: str) -> None:
    for child in list(element):
        if child.tag.removeprefix(f"{{{_SVG}}}") not in _SHAPES:
            element.remove(child)
        else:
            _clean(child, prefix)
    for name, value in list(element.attrib.items()):
        if _DROPPED.fullmatch(name.rpartition("}")[2]):
            del element.attrib[name]
        elif name == "id":
            element.set(name, f"{prefix}-{value}")
        elif "url(" in value:
            reference = _REFERENCE.fullmatch(value.strip())
            element.set(name, f"url(#{prefix}-{reference[1]})" if reference else "none")
