"""Charts as pictures of pixels: every text in them is drawn with the program's fonts, or refused."""

from collections.abc import Mapping
from typing import Any

from forecast.report.fonts import chart_converter, check_shown, svg_texts

__all__ = ["png"]

#: What shows texts in the fonts of its reader.
_OTHER_FORMATS = "a file with the ending .html, .svg or .md, which is shown with the reader's own fonts"


def png(specification: Mapping[str, Any], *, scale: float, ppi: float | None = None) -> bytes:
    """Draw a Vega-Lite specification.

    Parameters
    ----------
    specification
        With its look, as `theme.themed` gives it.
    scale, ppi
        Pixels for one of the chart; dots to the inch that the file gives as its density.

    Raises
    ------
    InputError
        If the fonts lack a character of a text in the picture.
    ValueError
        If the specification cannot be drawn.
    """
    converter = chart_converter()
    svg = converter.vegalite_to_svg(dict(specification))
    check_shown(svg_texts(svg), "a chart", _OTHER_FORMATS)
    drawn: bytes = converter.svg_to_png(svg, scale=scale, ppi=ppi)
    return drawn
