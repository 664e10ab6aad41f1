"""Which recorded forecasts of versions are set against each other, and their means by hand."""

from dataclasses import replace
from datetime import date
from math import log
from typing import Any

import pytest

from forecast.analysis.scoring.rows import Row
from forecast.analysis.versions.recorded_scores import paired_scores, rows_of_versions
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.scenario.read import read_scenario

from ..workspaces import DAY, forecast_toy, write_toy


def row(model: str, p: float, day: date = date(2024, 1, 1), **fields: Any) -> Row:
    """A forecast that the event happens, which it did."""
    made = Row("toy", "q", "occurs", "live", model, day, date(2024, 6, 1), ("yes", "no"), (p, 1 - p), "yes")
    return replace(made, **fields)


def scored(*rows: Row) -> list[tuple[Any, ...]]:
    found = paired_scores(rows, ["v1", "v2"])
    keys = ("kind", "questions", "model", "n", "brier")
    return [tuple(pytest.approx(one[key]) if key == "brier" else one[key] for key in keys) for one in found]


def test_only_days_and_questions_that_both_have_are_scored() -> None:
    one = [row("v1", 0.6), row("v1", 0.1, date(2024, 2, 1))]
    two = [row("v2", 0.9), row("v2", 0.9, date(2024, 2, 1), question="r")]
    # (0.6 - 1)^2 and (0.9 - 1)^2
    assert scored(*one, *two) == [
        ("live", "settled by events", "v1", 1, 0.16),
        ("live", "settled by events", "v2", 1, 0.01),
    ]
    assert scored(*one) == []
    assert scored(one[1], two[0]) == []


def test_probabilities_of_other_outcomes_are_not_held_against_each_other() -> None:
    """A version whose codebook has a third regime divides one among three."""
    state = {"question": "r", "question_kind": "state"}
    three = replace(row("v2", 0.5, **state), outcomes=("yes", "no", "both"), p=(0.5, 0.25, 0.25))
    assert scored(row("v1", 0.5, **state), three) == []


def test_live_and_replay_and_questions_judged_by_people_stand_apart() -> None:
    made = [row(model, p, kind=kind) for model, p in (("v1", 0.5), ("v2", 0.8)) for kind in ("live", "replay")]
    judged = [row(model, 0.5, question_kind="stays", question="r") for model in ("v1", "v2")]
    assert [one[:4] for one in scored(*made, *judged)] == [
        ("live", "judged by people", "v1", 1),
        ("live", "judged by people", "v2", 1),
        ("live", "settled by events", "v1", 1),
        ("live", "settled by events", "v2", 1),
        ("replay", "settled by events", "v1", 1),
        ("replay", "settled by events", "v2", 1),
    ]


def test_an_impossible_outcome_has_no_finite_log_score() -> None:
    made = [row("v1", 0.0), row("v2", 0.5)]
    assert [one["log_score"] for one in paired_scores(made, ["v1", "v2"])] == [None, pytest.approx(-log(0.5))]


def test_forecasts_from_before_a_version_was_edited_are_not_its_own(tmp_path) -> None:
    workspace = write_toy(tmp_path)
    made = forecast_toy(workspace, made_on=date(2026, 1, 1), as_of=DAY)
    scenario = read_scenario(workspace, "toy")
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        entries = list(ledger.forecasts())
    known = {"v1": made.forecast.model_identity}
    assert {one.question for one in rows_of_versions(scenario, entries, known, date(2026, 1, 1))} == {"dispute-2024"}
    assert rows_of_versions(scenario, entries, {"v1": "0" * 64}, date(2026, 1, 1)) == []
    # the question was not over
    assert rows_of_versions(scenario, entries, known, date(2024, 5, 1)) == []
