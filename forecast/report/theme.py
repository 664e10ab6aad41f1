"""How charts look: one configuration for page and print, and which colour stands for which in the dark.

A chart is drawn once, in the colours for paper. Pages turn them by their names: a style sheet overrides the colours
that an SVG gives as attributes, so the same drawing serves light and dark, with and without scripts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.report.colours import DOWN, QUIET, TOTAL, UP
from forecast.report.fonts import FAMILY

__all__ = ["CATEGORIES", "CONFIG", "DARK", "FONT", "GRID", "INK", "MUTED", "RAMP", "themed"]

#: Drawing programs have the first of these; a page is shown in its reader's own.
FONT = f"'{FAMILY}', system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', Helvetica, Arial, sans-serif"

INK, MUTED, GRID = "#1b1f24", "#57606a", "#d8dee4"

#: Lines of one panel: at least 3:1 against white (WCAG 2.2, 1.4.11), told apart with any colour vision in this order.
CATEGORIES = (UP, DOWN, "#00795c", "#a3437a", "#8a6100", "#5b4bc4", "#4d4d4d")

#: Shares that add up to one: from light to full.
RAMP = ("#cfe3f1", "#8fbfe0", "#3f8fc4", UP, "#003d61")

#: What a colour for paper becomes on a dark page, at the same contrast.
DARK: Mapping[str, str] = {
    INK: "#e8ebee",
    MUTED: "#a9b3bd",
    GRID: "#353c44",
    UP: "#5eb3ea",
    DOWN: "#ff9a57",
    TOTAL: "#d0d4d9",
    QUIET: "#98a1ab",
    "#00795c": "#3fd0a4",
    "#a3437a": "#e78fc2",
    "#8a6100": "#e3b64a",
    "#5b4bc4": "#aaa0ff",
    "#4d4d4d": "#c4c9cf",
    "#000": "#e8ebee",
    "#000000": "#e8ebee",
    "black": "#e8ebee",
    "#ddd": "#353c44",
    "white": "#14181d",
    "#ffffff": "#14181d",
}

_TEXT = {"labelFont": FONT, "titleFont": FONT}

CONFIG: Mapping[str, Any] = {
    "background": None,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        **_TEXT,
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "labelFontSize": 11,
        "titleFontSize": 11,
        "gridColor": GRID,
        "domainColor": QUIET,
        "tickColor": QUIET,
    },
    "legend": {**_TEXT, "labelColor": INK, "titleColor": MUTED, "labelFontSize": 11, "titleFontWeight": "normal"},
    "header": {**_TEXT, "labelColor": INK, "titleColor": MUTED},
    "title": {
        "font": FONT,
        "subtitleFont": FONT,
        "color": INK,
        "subtitleColor": MUTED,
        "anchor": "start",
        "fontSize": 13,
        "fontWeight": 600,
        "subtitleFontSize": 11,
    },
    "range": {"category": list(CATEGORIES), "ramp": list(RAMP), "ordinal": list(RAMP)},
    "text": {"font": FONT, "color": INK},
    "rule": {"color": QUIET},
    "line": {"strokeWidth": 2},
    "point": {"filled": True, "size": 36},
}

#: Longest text of a chart; the table beside it has all of it.
LONGEST = 300

#: Control characters, what puts others into another order, and what no text has.
_UNSEEN = dict.fromkeys(
    (
        *(*range(9), 11, 12, *range(14, 32), *range(127, 160)),
        *(*range(0x202A, 0x202F), *range(0x2066, 0x206A)),
        *(*range(0xD800, 0xE000), 0xFFFE, 0xFFFF),
    ),
    "\N{REPLACEMENT CHARACTER}",
)


def themed(specification: Mapping[str, Any]) -> dict[str, Any]:
    """A specification with this look, wherever it asks for none itself; texts that no drawing can hold are cut."""
    made: dict[str, Any] = _drawable(specification)
    # Altair writes its own defaults for the size of a view, which nothing uses that has a size
    made["config"] = _merged(CONFIG, made.get("config", {}))
    return made


def _drawable(value: Any) -> Any:
    if isinstance(value, str):
        return (value if len(value) <= LONGEST else value[: LONGEST - 1] + "…").translate(_UNSEEN)
    if isinstance(value, Mapping):
        return {str(_drawable(key)): _drawable(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_drawable(inner) for inner in value]
    return value


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in over.items():
        known = both.get(key)
        both[key] = _merged(known, value) if isinstance(known, Mapping) and isinstance(value, Mapping) else value
    return both
