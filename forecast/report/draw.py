"""Charts as files: an interactive page that needs no network, or a figure for print."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forecast.ledger.files import replace_atomically
from forecast.report.fonts import chart_converter
from forecast.report.png import png
from forecast.report.target import check_target
from forecast.report.theme import FONT

__all__ = ["SUFFIXES", "check_plot", "draw"]

#: What `--plot` can write.
SUFFIXES = (".html", ".svg", ".png")

#: Pixels of a PNG for one of the chart.
SCALE = 2.0


#: Stands for '<' where the converter would undo its escape; a character of private use, which no text has.
STAND_IN = "\ue000"


def check_plot(path: Path) -> Path:
    """A path that a chart can be written to; see `report.target.check_target`."""
    return check_target(path, SUFFIXES, "--plot")


def draw(chart: Any, path: Path) -> None:
    """Write a chart to a file whose ending says how; an old file stays whole until the new one is.

    Raises
    ------
    WorkspaceError
        If the file cannot be written.
    InputError
        If the chart has text that the program's fonts lack and the file holds pixels.
    """
    converter = chart_converter()
    specification = _with_our_font(chart.to_dict())
    match path.suffix.lower():
        case ".html":
            # the specification stands in a script of the page, which what a label says must not end
            text = json.dumps(specification, ensure_ascii=False).replace("<", STAND_IN)
            page = converter.vegalite_to_html(text, bundle=True)
            content = page.replace(STAND_IN, r"\u003c").encode()
        case ".svg":
            content = converter.vegalite_to_svg(specification).encode()
        case _:
            content = png(specification, scale=SCALE)
    replace_atomically(path, lambda file: file.write(content))


def _with_our_font(specification: Mapping[str, Any]) -> dict[str, Any]:
    return {**specification, "config": {"font": FONT, **specification.get("config", {})}}
