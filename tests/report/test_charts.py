"""Charts draw the numbers of the documents as they are, and say so where there is nothing to draw."""

import re
from typing import Any

import pytest

from forecast.errors import InputError
from forecast.report.charts import calibration, foresight, over_time, waterfall
from forecast.report.draw import check_plot, draw
from forecast.report.pictures import over_time as on_a_page
from forecast.words import ICD203

EXPLAINED: dict[str, Any] = {
    "question": "treaty",
    "outcome": "yes",
    "reason": None,
    "from": {"forecast": None, "as_of": None, "model": "v2", "p": 0.2},
    "to": {"forecast": "fc-aaaaaaaaaa", "as_of": "2024-07-31", "model": "v2", "p": 0.5},
    "rows": [
        {"label": "summit", "log_odds": 1.0, "mcse": 0.01, "p_after": 0.4},
        {
            "label": "quarrel <script>alert(1)</script>",
            "log_odds": -0.5,
            "mcse": 0.01,
            "p_after": 0.3,
        },
        {"label": "summit", "log_odds": 0.75, "mcse": 0.0, "p_after": 0.5},
    ],
}


def history_row(**fields: Any) -> dict[str, Any]:
    row = {
        "as_of": "2024-01-31",
        "question": "q",
        "outcome": "yes",
        "model": "v2",
        "kind": "replay",
        "forecast": "fc-a",
    }
    return row | {"p": 0.4, "low": 0.1, "high": 0.8, "retracted": None} | fields


def values(specification: dict[str, Any]) -> list[dict[str, Any]]:
    """All rows of data of a specification."""
    return [row for rows in specification["datasets"].values() for row in rows]


def test_bars_of_a_waterfall_begin_where_the_one_before_ended() -> None:
    bars = [row for row in values(waterfall(EXPLAINED).to_dict()) if "what" in row]
    assert [(bar["from"], bar["to"]) for bar in bars] == [(0.0, 1.0), (1.0, 0.5), (0.5, 1.25), (0.0, 1.25)]
    assert [bar["way"] for bar in bars] == ["up", "down", "up", "together"]
    # two rows of one name would be one place on the axis
    assert [bar["what"] for bar in bars][:3:2] == ["summit", "summit (2)"]


def test_lines_over_time_are_the_rows_of_history_without_what_was_retracted() -> None:
    rows = [
        history_row(),
        history_row(as_of="2024-02-29", p=0.5),
        history_row(as_of="2024-03-31", p=None),
        history_row(as_of="2024-03-31", retracted="a mistake"),
    ]
    days = [
        {"as_of": "2024-02-29", "new_events": ["summit", "visit"]},
        {"as_of": "2024-03-31", "new_events": []},
    ]
    drawn = values(over_time(rows, days).to_dict())
    assert {(row["as_of"], row["p"]) for row in drawn if "p" in row} == {("2024-01-31", 0.4), ("2024-02-29", 0.5)}
    assert [row["new"] for row in drawn if "new" in row] == ["summit, visit"]


def test_every_question_has_a_panel() -> None:
    specification = over_time([history_row(), history_row(question="r")]).to_dict()
    assert [panel["layer"][0]["title"] for panel in specification["vconcat"]] == ["q", "r"]


STEPS = [
    {"first": "2024-01-01", "log_score": {"v0": -1.0, "v1": None, "v2": -0.5}},
    {"first": "2024-02-01", "log_score": {"v0": -1.0, "v1": -2.0, "v2": -1.25}},
]
COMPARED = {
    "scenario": "toy",
    "reference": "v0",
    "models": [{"model": "v0"}, {"model": "v1"}, {"model": "v2"}],
    "prequential": [
        {"model": "v0", "problems": []},
        {"model": "v1", "problems": ["islands differ"]},
        {"model": "v2", "problems": []},
    ],
    "by_step": STEPS,
}


def test_foresight_sums_the_gain_over_the_reference_for_every_version_that_has_a_score() -> None:
    rows = values(foresight(COMPARED).to_dict())
    assert [(row["model"], row["sum"]) for row in rows] == [("v0", 0.0), ("v0", 0.0), ("v2", 0.5), ("v2", 0.25)]


def test_foresight_beyond_a_reference_without_a_score_is_refused() -> None:
    document = COMPARED | {"prequential": [{"model": "v0", "problems": ["islands differ"]}]}
    with pytest.raises(ValueError, match="the draws of v0, to which the others are compared, are not reliable"):
        foresight(document)


def test_calibration_has_a_panel_for_every_table_with_forecasts() -> None:
    step = {"p": 0.2, "observed": 0.25, "n": 8, "low": 0.0, "high": 0.5}
    table = {"model": "v2", "kind": "live", "section": "events", "n": 8, "calibration": [step]}
    specification = calibration({"tables": [table, table | {"calibration": []}]}).to_dict()
    assert len(specification["vconcat"]) == 1
    assert step in values(specification)


@pytest.mark.parametrize(
    ("chart", "message"),
    [
        (lambda: waterfall(EXPLAINED | {"rows": [], "reason": "it is closed"}), "it is closed"),
        (lambda: over_time([]), "no forecast to draw"),
        (lambda: foresight({"by_step": []}), "no prequential score"),
        (lambda: calibration({"tables": []}), "no calibration"),
    ],
)
def test_where_there_is_nothing_to_draw_it_is_said(chart: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        chart()


def test_one_specification_makes_page_and_figures(tmp_path) -> None:
    chart = waterfall(EXPLAINED)
    for name in ("a.html", "a.svg", "a.png"):
        draw(chart, check_plot(tmp_path / name))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    figure = (tmp_path / "a.svg").read_text()
    assert "summit" in figure
    assert "<script" not in figure
    page = (tmp_path / "a.html").read_text()
    # the page carries its libraries: nothing is fetched, and what labels say is data
    assert not re.search(r"<script[^>]*\ssrc=|<link[^>]*\shref=", page)
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize(
    ("name", "message"), [("a.pdf", "names no format"), ("nowhere/a.svg", "no folder"), ("b.svg", "is a folder")]
)
def test_a_file_that_cannot_be_drawn_to_is_refused_at_once(tmp_path, name: str, message: str) -> None:
    (tmp_path / "b.svg").mkdir()
    with pytest.raises(InputError, match=message):
        check_plot(tmp_path / name)


def _layers(specification: dict) -> list[dict]:
    return [layer for layer in specification["layer"] if isinstance(layer.get("mark"), dict)]


def test_live_points_are_full_replays_hollow_and_no_line_joins_them() -> None:
    rows = [
        {"as_of": day, "kind": kind, "outcome": "yes", "p": 0.5, "low": 0.4, "high": 0.6, "forecast": f"fc-{n}"}
        for n, (day, kind) in enumerate(
            [("2024-01-01", "replay"), ("2024-02-01", "replay"), ("2024-02-01", "live"), ("2024-02-01", "live")]
        )
    ]
    specification = on_a_page(rows, [], ICD203.bands)
    points = [layer for layer in _layers(specification) if layer["mark"]["type"] == "point"]
    hollow, full = points
    assert (hollow["mark"]["filled"], hollow["mark"]["fill"]) == (False, "white")
    assert full["mark"]["filled"] is True
    assert "fill" not in full["mark"]  # null would draw nothing
    (line,) = (layer for layer in _layers(specification) if layer["mark"]["type"] == "line")
    assert line["encoding"]["detail"]["field"] == "kind"
    # of two on one day the line goes through the last
    (values,) = (found for found in specification["datasets"].values() if "last" in found[0])
    assert [row["last"] for row in values] == [True, True, False, True]
