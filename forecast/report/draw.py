"""Charts as files: an interactive page that needs no network, or a figure for print."""

from pathlib import Path
from typing import Any

from forecast.ledger.files import replace_atomically
from forecast.report.target import check_target

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
    """
    import vl_convert

    specification = chart.to_json(ensure_ascii=False)
    match path.suffix.lower():
        case ".html":
            # the specification stands in a script of the page, which what a label says must not end
            page = vl_convert.vegalite_to_html(specification.replace("<", STAND_IN), bundle=True)
            content = page.replace(STAND_IN, r"\u003c").encode()
        case ".svg":
            content = vl_convert.vegalite_to_svg(specification).encode()
        case _:
            content = vl_convert.vegalite_to_png(specification, scale=SCALE)
    replace_atomically(path, lambda file: file.write(content))
