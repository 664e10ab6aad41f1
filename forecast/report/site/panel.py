"""Forecasts of one question over time as a small picture: a line and a 90% band for every outcome, without any library.

A chart of Vega takes a tenth of a second a panel to draw; a site has thousands.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from forecast.digits import probability
from forecast.report.html import environment
from forecast.report.plain import visible

__all__ = ["panels"]

WIDTH, HEIGHT = 340.0, 180.0
LEFT, RIGHT, TOP, BOTTOM = 30.0, 10.0, 8.0, 22.0

#: Colours of lines: classes of the style sheet, used again after the last.
N_COLOURS = 7

#: Radius of points, in pixels; without them where more would touch each other.
RADIUS, MOST_POINTS = 2.2, 60


def panels(rows: Iterable[Mapping[str, Any]], asks: Mapping[str, str], about: str) -> Markup:
    """A picture for every question.

    Parameters
    ----------
    rows
        Rows of `history` of one kind and one model, in the order of days.
    asks
        What each question asks.
    about
        What the pictures have in common, for those who do not see them.
    """
    by_question: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for row in rows:
        by_question.setdefault(row["question"], {}).setdefault(row["outcome"], []).append(row)
    drawn = [
        {"ask": visible(asks.get(question, question)), "legend": _legend(lines), "svg": _panel(lines, about)}
        for question, lines in by_question.items()
        if max(map(len, lines.values())) > 1
    ]
    return Markup(environment().get_template("panels.html").render(panels=drawn))


def _legend(lines: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[tuple[int, str]]:
    return [(number % N_COLOURS, visible(outcome)) for number, outcome in enumerate(lines)]


def _panel(lines: Mapping[str, Sequence[Mapping[str, Any]]], about: str) -> Markup:
    days = sorted({row["as_of"] for rows in lines.values() for row in rows})
    first, last = (date.fromisoformat(day).toordinal() for day in (days[0], days[-1]))
    span = max(last - first, 1)

    def x(row: Mapping[str, Any]) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (date.fromisoformat(row["as_of"]).toordinal() - first) / span

    parts = [Markup(_axes(days[0], days[-1]))]
    for number, rows in enumerate(lines.values()):
        edge = [(x(row), _y(row["high"])) for row in rows] + [(x(row), _y(row["low"])) for row in reversed(rows)]
        parts.append(Markup('<polygon class="band c{}" points="{}"/>').format(number % N_COLOURS, _points(edge)))
    for number, (outcome, rows) in enumerate(lines.items()):
        path = [(x(row), _y(row["p"])) for row in rows]
        parts.append(Markup('<polyline class="c{}" points="{}"/>').format(number % N_COLOURS, _points(path)))
        radius = RADIUS if len(rows) <= MOST_POINTS else 0.9
        parts += (
            Markup('<circle class="c{}" cx="{:.1f}" cy="{:.1f}" r="{}"><title>{}</title></circle>').format(
                number % N_COLOURS, *place, radius, f"{visible(outcome)}, {row['as_of']}: {probability(row['p'])}"
            )
            for place, row in zip(path, rows, strict=True)
        )
    label = f"{about} from {days[0]} to {days[-1]}: " + "; ".join(
        f"{visible(outcome)} from {probability(rows[0]['p'])} to {probability(rows[-1]['p'])}"
        for outcome, rows in lines.items()
    )
    return Markup('<svg class="panel" role="img" aria-label="{}" viewBox="0 0 {:.0f} {:.0f}">{}</svg>').format(
        label, WIDTH, HEIGHT, Markup("").join(parts)
    )


def _axes(first: str, last: str) -> str:
    levels = "".join(
        f'<line class="grid" x1="{LEFT:.0f}" x2="{WIDTH - RIGHT:.0f}" y1="{_y(level):.1f}" y2="{_y(level):.1f}"/>'
        f'<text x="{LEFT - 6:.0f}" y="{_y(level) + 4:.1f}" text-anchor="end">{level:g}</text>'
        for level in (0.0, 0.5, 1.0)
    )
    below = HEIGHT - 5
    return levels + (
        f'<text x="{LEFT:.0f}" y="{below:.0f}">{escape(first)}</text>'
        f'<text x="{WIDTH - RIGHT:.0f}" y="{below:.0f}" text-anchor="end">{escape(last)}</text>'
    )


def _y(p: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - p)


def _points(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
