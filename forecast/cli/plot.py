"""`--plot FILE`: checked before anything is computed, drawn after everything is printed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["checked", "drawn"]


def checked(path: Path | None) -> None:
    """Refuse a file that cannot be drawn to.

    Raises
    ------
    InputError
        If its ending or its folder will not do.
    """
    if path is not None:
        from forecast.report.draw import check_plot

        check_plot(path)


def drawn(path: Path | None, chart: Callable[[], Any]) -> bool:
    """Draw what was printed, if that was asked for; false where there is nothing to draw, which is said."""
    if path is None:
        return True
    from forecast.cli.output import tell
    from forecast.report.draw import draw

    try:
        made = chart()
    except ValueError as error:
        tell(f"nothing drawn: {error}")
        return False
    draw(made, path)
    tell(f"drawn in {path}")
    return True
