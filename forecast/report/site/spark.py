"""A line of the size of a word: probabilities over time, between nought and one, as SVG without any library."""

from collections.abc import Sequence

from markupsafe import Markup

__all__ = ["spark"]

WIDTH, HEIGHT, MARGIN = 96.0, 24.0, 3.0

#: Points that are drawn at most: the last ones.
MOST = 60


def spark(points: Sequence[tuple[int, float]], label: str) -> Markup:
    """The line.

    Parameters
    ----------
    points
        Day (any count of days) and probability, in the order of days.
    label
        What it shows, in words: pictures have no numbers that can be read.
    """
    shown = points[-MOST:]
    if not shown:
        return Markup()
    first, last = shown[0][0], shown[-1][0]
    span = (last - first) or 1
    width, height = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    places = [
        (MARGIN + (width * (day - first) / span if last > first else width), MARGIN + height * (1 - p))
        for day, p in shown
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    return Markup(
        '<svg class="spark" role="img" aria-label="{}" width="{:.0f}" height="{:.0f}" viewBox="0 0 {:.0f} {:.0f}">'
        '<line class="half" x1="{:.0f}" y1="{:.0f}" x2="{:.0f}" y2="{:.0f}"/><polyline points="{}"/>'
        '<circle cx="{:.1f}" cy="{:.1f}" r="2.5"/></svg>'
    ).format(
        label, WIDTH, HEIGHT, WIDTH, HEIGHT, MARGIN, HEIGHT / 2, WIDTH - MARGIN, HEIGHT / 2, path, x, y
    )  # fmt: skip
