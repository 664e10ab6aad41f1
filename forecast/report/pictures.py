"""Charts that only reports have: answers over the bands of words, a question over time, regimes, single pieces.

As in `report.charts` every function draws numbers as they are given. What colour tells, shape or dash tells too, and
sizes are for a page: letters stay legible in print.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from forecast.report.charts import LEGEND
from forecast.report.colours import DOWN, QUIET, TOTAL, UP
from forecast.words import Band

__all__ = ["HEIGHT", "WIDTH", "answers", "left_out", "over_time", "regimes", "sized", "watch"]

#: Pixels of a chart's plane on a page, and of one row; letters of eleven pixels come out at eight points.
WIDTH, HEIGHT, ROW = 440, 210, 22

#: Width of a letter of a band's name, in pixels.
LETTER = 4.6

#: Longest label beside an axis, in pixels.
LABEL = 190

_DAYS = "%Y-%m-%d"


def answers(rows: Sequence[Mapping[str, Any]], bands: Sequence[Band]) -> dict[str, Any]:
    """Every open answer as a point with its range, over the bands of the words.

    Parameters
    ----------
    rows
        `label`, `p`, `low`, `high` of each.
    bands
        Of the scale.
    """
    edges = [{"at": band.low} for band in bands[1:]]
    terms = [
        {
            "at": (band.low + band.high) / 2,
            "term": (term := band.term.replace(" ", "\n", 1)),
            "room": band.high - band.low,
            "needs": LETTER * max(map(len, term.split("\n"))),
        }
        for band in bands
    ]
    unit = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("p:Q", scale=unit, title="probability; bar: 90% range if rates were known", axis=alt.Axis(format=".1f"))
    y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABEL, grid=False, domain=False, ticks=False))
    base = alt.Chart(alt.InlineData(values=list(rows))).encode(
        y=y,
        tooltip=[
            alt.Tooltip("label:N"),
            alt.Tooltip("p:Q", format=".3f"),
            alt.Tooltip("low:Q", format=".3f"),
            alt.Tooltip("high:Q", format=".3f"),
        ],
    )
    rules = alt.Chart(alt.InlineData(values=edges)).mark_rule(strokeDash=[2, 3], color=QUIET, opacity=0.8)
    names = alt.Chart(alt.InlineData(values=terms)).mark_text(
        align="center", baseline="bottom", fontSize=8.5, lineBreak="\n", lineHeight=9, color=TOTAL, dy=-13
    )
    chart = alt.layer(
        rules.encode(x=alt.X("at:Q", scale=unit)),
        names.encode(
            x=alt.X("at:Q", scale=unit),
            y=alt.value(0),
            text="term:N",
            # on a phone names of narrow bands would cover each other
            opacity=alt.condition(
                f"width > {WIDTH * 0.7} || datum.room * width > 0.75 * datum.needs", alt.value(1), alt.value(0)
            ),
        ),
        base.mark_bar(height=5, color=UP, opacity=0.35, cornerRadius=2).encode(
            x=alt.X("low:Q", scale=unit), x2="high:Q"
        ),
        base.mark_point(filled=True, size=70, color=UP, opacity=1).encode(x=x),
    )
    return _made(chart.properties(width=WIDTH, height=max(ROW * len(rows), 2 * ROW)))


def over_time(
    rows: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]], bands: Sequence[Band]
) -> dict[str, Any]:
    """Forecasts of one question over time: a line for every outcome, edges of words as rules, days of events as marks.

    Parameters
    ----------
    rows
        Of `history`, of one model.
    events
        `known`, `event` and the `number` of those that are marked, by day.
    bands
        Of the scale.
    """
    unit = alt.Scale(domain=[0, 1], nice=False)
    # named, or the legends of colour and shape would be two
    outcomes = alt.Scale(domain=list(dict.fromkeys(row["outcome"] for row in rows)))
    # room at both ends, or the first and the last point would be cut
    days = alt.Scale(type="utc", padding=8)
    x = alt.X("as_of:T", title="as of", scale=days, axis=alt.Axis(format=_DAYS, tickCount=6, labelOverlap="greedy"))
    last = {(row["as_of"], row["kind"], row["outcome"]): row for row in rows}
    values = [{**row, "last": last[row["as_of"], row["kind"], row["outcome"]] is row} for row in rows]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=x,
        color=alt.Color("outcome:N", title=None, scale=outcomes, legend=alt.Legend(**LEGEND)),
        tooltip=[
            alt.Tooltip("as_of:N", title="as of"),
            alt.Tooltip("outcome:N"),
            alt.Tooltip("kind:N"),
            alt.Tooltip("p:Q", format=".3f"),
            alt.Tooltip("forecast:N"),
        ],
    )
    # one line goes through the last forecast of each day, and never from a replay to a live one
    drawn = base.transform_filter("datum.last").encode(detail="kind:N")
    band = drawn.mark_area(opacity=0.13).encode(y=alt.Y("low:Q", scale=unit), y2="high:Q")
    line = drawn.mark_line(strokeWidth=2).encode(
        y=alt.Y("p:Q", scale=unit, title="probability; band: 90% range if rates were known"),
        strokeDash=alt.StrokeDash("outcome:N", title=None, scale=outcomes, legend=alt.Legend(**LEGEND)),
    )
    shape = alt.Shape("outcome:N", title=None, scale=outcomes, legend=alt.Legend(**LEGEND))
    points = [
        base.transform_filter(f"datum.kind {sign} 'live'")
        .mark_point(size=60, strokeWidth=1.5, opacity=1, filled=filled, fill=alt.Undefined if filled else "white")
        .encode(y="p:Q", shape=shape)
        for sign, filled in (("!==", False), ("===", True))
    ]
    edges = alt.Chart(alt.InlineData(values=[{"at": one.low, "term": one.term} for one in bands]))
    layers: list[Any] = [
        edges.transform_filter("datum.at > 0")
        .mark_rule(strokeDash=[1, 4], color=QUIET, opacity=0.9)
        .encode(y=alt.Y("at:Q", scale=unit)),
        edges.mark_text(align="left", baseline="bottom", fontSize=8, dx=4, dy=-1, color=TOTAL).encode(
            y=alt.Y("at:Q", scale=unit), x=alt.value("width"), text="term:N"
        ),
        band,
        line,
        *points,
    ]
    if events:
        marks = alt.Chart(alt.InlineData(values=list(events))).encode(
            x=alt.X("known:T", scale=days),
            tooltip=[alt.Tooltip("known:N", title="known"), alt.Tooltip("event:N")],
        )
        layers += [
            marks.mark_rule(color=QUIET, opacity=0.45, strokeWidth=1).encode(y=alt.value(0), y2=alt.value(HEIGHT)),
            marks.mark_text(fontSize=9, fontWeight="bold", dy=-6, color=TOTAL).encode(y=alt.value(0), text="number:N"),
        ]
    return _made(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT))


def regimes(document: Mapping[str, Any]) -> dict[str, Any]:
    """Regimes by step (`analysis.regimes`): as seen now with a band, and as seen then, dashed; a panel each."""
    values = [
        {"first": row["first"], "regime": row["regime"], "p": row[key], "low": row["low"], "high": row["high"]}
        | {"seen": seen}
        for row in document["rows"]
        for key, seen in (("p", "as seen now"), ("then", "as seen then"))
    ]
    unit = alt.Scale(domain=[0, 1], nice=False)
    panels = []
    for number, name in enumerate(document["regimes"]):
        own = [row for row in values if row["regime"] == name]
        base = alt.Chart(alt.InlineData(values=own)).encode(
            x=alt.X(
                "first:T",
                title="step" if number == len(document["regimes"]) - 1 else None,
                scale=alt.Scale(type="utc"),
                axis=alt.Axis(format="%Y-%m", tickCount=6),
            )
        )
        area = base.mark_area(opacity=0.15, color=UP).encode(y=alt.Y("low:Q", scale=unit), y2="high:Q")
        line = base.mark_line(strokeWidth=1.8).encode(
            y=alt.Y("p:Q", scale=unit, title=name, axis=alt.Axis(values=[0, 0.5, 1])),
            color=alt.Color(
                "seen:N",
                title=None,
                scale=alt.Scale(domain=["as seen now", "as seen then"], range=[UP, TOTAL]),
                legend=alt.Legend(**LEGEND),
            ),
            strokeDash=alt.StrokeDash(
                "seen:N", scale=alt.Scale(domain=["as seen now", "as seen then"], range=[[1, 0], [4, 3]]), title=None
            ),
            tooltip=[
                alt.Tooltip("first:N", title="step"),
                alt.Tooltip("regime:N"),
                alt.Tooltip("seen:N"),
                alt.Tooltip("p:Q", format=".3f"),
            ],
        )
        panels.append(alt.layer(area, line).properties(width=WIDTH + 60, height=70))
    return _made(alt.vconcat(*panels, spacing=8))


def left_out(rows: Sequence[Mapping[str, Any]], p: float) -> dict[str, Any]:
    """The probability without each origin: from the answer with everything to the one without.

    Parameters
    ----------
    rows
        `what` and `p`, and whether the word `survives`.
    p
        With everything.
    """
    values = [
        {"what": row["what"], "p": row["p"], "all": p, "word": _survival(row["survives"]), "place": at}
        for at, row in enumerate(rows)
    ]
    x = alt.X(
        "p:Q",
        title="probability without it; rule: with everything",
        scale=alt.Scale(zero=False),
        axis=alt.Axis(tickCount=6, labelOverlap="greedy"),
    )
    y = alt.Y("what:N", sort=alt.EncodingSortField("place"), title=None, axis=alt.Axis(labelLimit=LABEL))
    shapes = ["the word is the same", "the word changes"]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=y, tooltip=[alt.Tooltip("what:N"), alt.Tooltip("p:Q", format=".3f"), alt.Tooltip("word:N")]
    )
    whole = alt.Chart(alt.InlineData(values=[{"at": p}])).mark_rule(color=TOTAL).encode(x=alt.X("at:Q"))
    chart = alt.layer(
        whole,
        base.mark_rule(color=QUIET, strokeWidth=2).encode(x=x, x2="all:Q"),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            x=x,
            shape=alt.Shape("word:N", title=None, scale=alt.Scale(domain=shapes, range=["circle", "diamond"])),
            color=alt.Color(
                "word:N",
                title=None,
                scale=alt.Scale(domain=shapes, range=[UP, DOWN]),
                legend=alt.Legend(**LEGEND),
            ),
        ),
    )
    return _made(chart.properties(width=WIDTH, height=ROW * max(len(rows), 2)))


def _survival(survives: bool) -> str:
    return "the word is the same" if survives else "the word changes"


def watch(document: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Where the answer would go if an indicator were seen, or not (`watch`): two points of different shape for each."""
    listed = list(rows)
    values = [
        {"indicator": row["indicator"], "p": row[key], "what": what, "place": at}
        for at, row in enumerate(listed)
        for key, what in (("p_if_seen", "if seen"), ("p_if_not", "if not"))
    ]
    spans = [{"indicator": row["indicator"], "a": row["p_if_seen"], "b": row["p_if_not"]} for row in listed]
    unit = alt.Scale(domain=[0, 1], nice=False)
    names = [row["indicator"] for row in listed]
    y = alt.Y("indicator:N", sort=names, title=None, axis=alt.Axis(labelLimit=LABEL))
    domain = ["if seen", "if not"]
    chart = alt.layer(
        alt.Chart(alt.InlineData(values=[{"at": document["p"]}]))
        .mark_rule(color=TOTAL)
        .encode(x=alt.X("at:Q", scale=unit)),
        alt.Chart(alt.InlineData(values=spans))
        .mark_rule(color=QUIET)
        .encode(x=alt.X("a:Q", scale=unit), x2="b:Q", y=y),
        alt.Chart(alt.InlineData(values=values))
        .mark_point(size=65, opacity=1, filled=True)
        .encode(
            x=alt.X("p:Q", scale=unit, title=f"probability of {document['outcome']}; the rule is today's"),
            y=y,
            shape=alt.Shape("what:N", title=None, scale=alt.Scale(domain=domain, range=["circle", "square"])),
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=domain, range=[UP, DOWN]),
                legend=alt.Legend(**LEGEND),
            ),
            tooltip=[alt.Tooltip("indicator:N"), alt.Tooltip("what:N"), alt.Tooltip("p:Q", format=".3f")],
        ),
    )
    return _made(chart.properties(width=WIDTH, height=ROW * max(len(listed), 2)))


def _made(chart: Any) -> dict[str, Any]:
    specification: dict[str, Any] = chart.to_dict()
    return specification


def sized(chart: Any, width: int = WIDTH) -> dict[str, Any]:
    """The specification of a chart of `report.charts` for a page: as wide as others, its title left to the caption."""
    return _narrowed(_made(chart), width)


def _narrowed(value: dict[str, Any], width: int) -> dict[str, Any]:
    made = {key: inner for key, inner in value.items() if key != "title"}
    if isinstance(made.get("width"), int) and made["width"] > width:
        made["width"] = width
    for key in ("layer", "vconcat", "hconcat", "concat"):
        if key in made:
            made[key] = [_narrowed(inner, width) for inner in made[key]]
    if isinstance(made.get("height"), int) and "width" in made and made["height"] > width:
        made["height"] = width  # a square stays one
    return made
