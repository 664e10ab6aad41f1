"""Charts of what commands print as JSON: one specification each, for the interactive page and for the printed figure.

Every function takes a document as docs/cli.md lists it and draws its numbers as they are; nothing is computed but sums
along an axis. Altair writes Vega-Lite specifications and checks them while writing, and needs no data frames for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import altair as alt

from forecast.digits import probability
from forecast.report.colours import DOWN, QUIET, TOTAL, UP

__all__ = ["calibration", "foresight", "over_time", "waterfall"]

Document = Mapping[str, Any]

#: Below the chart, in full colour whatever the opacity of what it names.
LEGEND: dict[str, Any] = {"orient": "bottom", "symbolOpacity": 1}

type Drawing = alt.LayerChart | alt.FacetChart | alt.VConcatChart

#: Width of a chart and height of a panel, in pixels; the height of one row of a waterfall.
WIDTH, HEIGHT, ROW = 620, 260, 18


def waterfall(document: Document) -> Drawing:
    """Why a probability is what it is (`explain`): a bar for every row, from the log-odds before it to those after it.

    Raises
    ------
    ValueError
        If the document has no rows; its `reason` says why.
    """
    if not document["rows"]:
        raise ValueError(document["reason"] or "there is nothing to explain")
    start, end = document["from"], document["to"]
    total = sum(row["log_odds"] for row in document["rows"])
    levels = list(accumulate((row["log_odds"] for row in document["rows"]), initial=0.0))
    labels = _told_apart(row["label"] for row in document["rows"])
    bars = [
        {
            "place": place,
            "what": label,
            "from": before,
            "to": after,
            "way": "up" if row["log_odds"] >= 0 else "down",
            "log_odds": row["log_odds"],
            "mcse": row["mcse"],
            "p_after": row["p_after"],
        }
        for place, (row, label, before, after) in enumerate(
            zip(document["rows"], labels, levels, levels[1:], strict=False)
        )
    ]
    bars.append(
        {
            "place": len(bars),
            "what": "together",
            "from": 0.0,
            "to": total,
            "way": "together",
            "log_odds": total,
            "mcse": None,
            "p_after": end["p"],
        }
    )
    since = start["forecast"] or "no evidence"
    title = alt.TitleParams(
        f"{document['question']}: {document['outcome']}, from {probability(start['p'])} to {probability(end['p'])}",
        subtitle=f"{since} to {end['forecast']} (as of {end['as_of']}, model {end['model']}); order matters",
    )
    base = alt.Chart(alt.InlineData(values=bars), title=title).encode(
        y=alt.Y("what:N", sort=alt.EncodingSortField("place"), title=None, axis=alt.Axis(labelLimit=260)),
        tooltip=[
            alt.Tooltip("what:N"),
            alt.Tooltip("log_odds:Q", format="+.3f"),
            alt.Tooltip("mcse:Q", format=".3f", title="Monte Carlo error"),
            alt.Tooltip("p_after:Q", format=".3f", title="p after"),
        ],
    )
    colour = alt.Color(
        "way:N",
        scale=alt.Scale(domain=["up", "down", "together"], range=[UP, DOWN, TOTAL]),
        legend=alt.Legend(title=None, **LEGEND),
    )
    body = base.mark_bar(height=ROW - 6).encode(x=alt.X("from:Q", title="change of log-odds"), x2="to:Q", color=colour)
    zero = alt.Chart(alt.InlineData(values=[{"at": 0}])).mark_rule(color=QUIET).encode(x="at:Q")
    return alt.layer(zero, body).properties(width=WIDTH, height=ROW * len(bars))


def _told_apart(labels: Iterable[str]) -> list[str]:
    """The labels, with a number behind one that stands there before: an axis would take them for one place."""
    seen: dict[str, int] = {}
    found = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        found.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return found


def over_time(rows: Iterable[Mapping[str, Any]], days: Sequence[Mapping[str, Any]] = (), title: str = "") -> Drawing:
    """Forecasts over time (`history`, `replay`): a panel for every question, a line for every outcome and model.

    Parameters
    ----------
    rows
        History rows; those of a closed question have no p.
    days
        What had become known by each day, as in `replay --json`; days with news get a rule.
    title
        Stands above all panels.

    Raises
    ------
    ValueError
        If no row has a probability.
    """
    drawn = [
        {key: row[key] for key in ("as_of", "question", "outcome", "model", "kind", "p", "low", "high", "forecast")}
        | {"line": f"{row['outcome']}, {row['model']}, {row['kind']}"}
        for row in rows
        if row["p"] is not None and not row.get("retracted")
    ]
    if not drawn:
        raise ValueError("there is no forecast to draw")
    news = [{"as_of": day["as_of"], "new": ", ".join(day["new_events"])} for day in days if day["new_events"]]
    panels = [
        _panel([row for row in drawn if row["question"] == question], news, question, number)
        for number, question in enumerate(dict.fromkeys(row["question"] for row in drawn))
    ]
    joined: alt.VConcatChart = alt.vconcat(*panels, title=title).resolve_scale(color="independent")
    return joined


def _panel(rows: Sequence[Mapping[str, Any]], news: Sequence[Mapping[str, Any]], question: str, number: int) -> Drawing:
    pick = alt.selection_point(f"pick_{number}", fields=["line"], bind="legend")
    probability = alt.Scale(domain=[0, 1])
    lines = alt.Chart(alt.InlineData(values=list(rows)), title=question).encode(
        x=_days("as_of", "as of"),
        color=alt.Color("line:N", title=None, legend=alt.Legend(**LEGEND, columns=2, labelLimit=300)),
        opacity=alt.condition(pick, alt.value(1.0), alt.value(0.12)),
    )
    band = lines.mark_area(opacity=0.15).encode(
        y=alt.Y("low:Q", scale=probability, title="p; band: 90% range if rates were known"),
        y2="high:Q",
        opacity=alt.condition(pick, alt.value(0.15), alt.value(0.02)),
    )
    line = lines.mark_line(point=True).encode(
        y=alt.Y("p:Q", scale=probability),
        tooltip=[
            alt.Tooltip("as_of:N", title="as of"),
            alt.Tooltip("line:N"),
            alt.Tooltip("p:Q", format=".3f"),
            alt.Tooltip("low:Q", format=".3f"),
            alt.Tooltip("high:Q", format=".3f"),
            alt.Tooltip("forecast:N"),
        ],
    )
    layers: list[Any] = [band, line.add_params(pick)]
    if news:
        rules = alt.Chart(alt.InlineData(values=list(news))).mark_rule(color=QUIET, strokeDash=[2, 3])
        layers.insert(
            0,
            rules.encode(
                x=_days("as_of", "as of"), tooltip=[alt.Tooltip("as_of:N"), alt.Tooltip("new:N", title="new")]
            ),
        )
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _days(field: str, title: str) -> alt.X:
    """An axis of days; in UTC, or a day would begin on the evening before west of Greenwich."""
    return alt.X(f"{field}:T", title=title, scale=alt.Scale(type="utc"), axis=alt.Axis(format="%Y-%m-%d", tickCount=8))


def foresight(document: Document) -> Drawing:
    """Which version foresaw better (`compare`): the prequential log score beyond the reference's, summed over steps.

    Raises
    ------
    ValueError
        If nothing was watched in all versions, or the reference has no reliable score.
    """
    steps = document["by_step"]
    if not steps:
        raise ValueError("no indicator is watched in all these versions, so there is no prequential score to draw")
    reference = document["reference"]
    failed = {row["model"] for row in document["prequential"] if row["problems"]}
    if reference in failed:
        raise ValueError(f"the draws of {reference}, to which the others are compared, are not reliable")
    rows = []
    for model in (row["model"] for row in document["models"] if row["model"] not in failed):
        gains = [step["log_score"][model] - step["log_score"][reference] for step in steps]
        for step, gain, sum_ in zip(steps, gains, accumulate(gains), strict=True):
            rows.append({"first": step["first"], "model": model, "gain": gain, "sum": sum_})
    title = alt.TitleParams(
        f"{document['scenario']}: log score beyond {reference}, summed over steps",
        subtitle="log p(counts of a step in watches | evidence known the day before); higher is better",
    )
    chart = alt.Chart(alt.InlineData(values=rows), title=title).encode(
        x=_days("first", "step"),
        y=alt.Y("sum:Q", title=f"log score beyond {reference}"),
        color=alt.Color("model:N", title=None, legend=alt.Legend(**LEGEND)),
        tooltip=[
            alt.Tooltip("first:N", title="step"),
            alt.Tooltip("model:N"),
            alt.Tooltip("gain:Q", format="+.3f", title="in this step"),
            alt.Tooltip("sum:Q", format="+.3f", title="so far"),
        ],
    )
    return alt.layer(chart.mark_line(point=True)).properties(width=WIDTH, height=HEIGHT)


def calibration(document: Document) -> Drawing:
    """How often what was forecast came about (`score`): a reliability diagram for every table, with consistency bands.

    Raises
    ------
    ValueError
        If nothing was scored.
    """
    panels = [_reliability(table) for table in document["tables"] if table["calibration"]]
    if not panels:
        raise ValueError("no forecast was scored, so there is no calibration to draw")
    return alt.vconcat(*panels)


def _reliability(table: Mapping[str, Any]) -> Drawing:
    unit = alt.Scale(domain=[0, 1])
    points = alt.Chart(
        alt.InlineData(values=list(table["calibration"])),
        title=f"{table['model']}, {table['kind']}, {table['section']}: {table['n']} forecasts",
    ).encode(x=alt.X("p:Q", scale=unit, title="forecast"))
    band = points.mark_area(color=QUIET, opacity=0.25).encode(
        y=alt.Y("low:Q", scale=unit, title="observed; band: nine of ten calibrated forecasters"), y2="high:Q"
    )
    ideal = alt.Chart(alt.InlineData(values=[{"p": 0, "y": 0}, {"p": 1, "y": 1}]))
    diagonal = ideal.mark_line(color=QUIET, strokeDash=[4, 4]).encode(x="p:Q", y="y:Q")
    marks = points.mark_line(color=UP, point=alt.OverlayMarkDef(color=UP)).encode(
        y=alt.Y("observed:Q", scale=unit),
        tooltip=[
            alt.Tooltip("p:Q", format=".3f"),
            alt.Tooltip("observed:Q", format=".3f"),
            alt.Tooltip("n:Q"),
        ],
    )
    return alt.layer(diagonal, band, marks).properties(width=HEIGHT + 60, height=HEIGHT + 60)
