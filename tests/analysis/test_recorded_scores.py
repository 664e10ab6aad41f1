"""Scores by hand, and which recorded forecasts are set against each other."""

from dataclasses import replace
from math import inf, log
from typing import Any

import pytest

from forecast.analysis.recorded_scores import paired_scores, score_answer
from forecast.ledger.records import Answer, Entry

from ..ledger.samples import forecast

IDENTITIES = {"v1": "1" * 64, "v2": "2" * 64}


def entry(model: str, p: float, *, question: str = "q", ask: str = "occurs", **fields: Any) -> Entry:
    """A recorded forecast of one question."""
    rows = tuple(
        Answer(question, "?", ask, outcome, chance, 0.0, 0.0, 1.0, closed=False, resolved=None)
        for outcome, chance in (("yes", p), ("no", 1 - p))
    )
    made = replace(
        forecast(), **{"model": model, "model_identity": IDENTITIES[model], "kind": "live", "answers": rows, **fields}
    )
    return Entry("log", 1, "fc-x", "", "", made.to_content())


def test_scores_by_hand():
    assert score_answer({"yes": 0.7, "no": 0.3}, "yes") == (pytest.approx(0.09), pytest.approx(log(0.7)))
    three = {"a": 0.5, "b": 0.3, "c": 0.2}
    # half of (0.5 - 0)^2 + (0.3 - 1)^2 + (0.2 - 0)^2
    assert score_answer(three, "b") == (pytest.approx(0.39), pytest.approx(log(0.3)))
    assert score_answer({"yes": 0.0, "no": 1.0}, "yes") == (1.0, -inf)


def rows(*entries: Entry, resolved: dict[str, str] | None = None) -> list[tuple[Any, ...]]:
    found = paired_scores(entries, IDENTITIES, resolved or {"q": "yes", "r": "no"})
    keys = ("kind", "questions", "model", "n", "brier")
    return [tuple(pytest.approx(row[key]) if key == "brier" else row[key] for key in keys) for row in found]


def test_only_days_and_questions_that_both_have_are_scored():
    one = [entry("v1", 0.6, as_of="2024-01-01"), entry("v1", 0.1, as_of="2024-02-01")]
    two = [entry("v2", 0.9, as_of="2024-01-01"), entry("v2", 0.9, question="r", as_of="2024-02-01")]

    assert rows(*one, *two) == [
        ("live", "settled by events", "v1", 1, 0.16),
        ("live", "settled by events", "v2", 1, 0.01),
    ]
    assert rows(*one) == []
    assert rows(one[1], two[0]) == []


def test_live_and_replay_and_questions_judged_by_people_stand_apart():
    made = [
        entry(model, p, as_of="2024-01-01", **fields)
        for model, p in (("v1", 0.5), ("v2", 0.8))
        for fields in ({}, {"kind": "replay"})
    ]
    judged = [entry(model, 0.5, as_of="2024-01-01", ask="stays", question="r") for model in ("v1", "v2")]

    assert [row[:4] for row in rows(*made, *judged)] == [
        ("live", "judged by people", "v1", 1),
        ("live", "judged by people", "v2", 1),
        ("live", "settled by events", "v1", 1),
        ("live", "settled by events", "v2", 1),
        ("replay", "settled by events", "v1", 1),
        ("replay", "settled by events", "v2", 1),
    ]


def test_an_edited_version_an_annulled_question_and_an_earlier_computation_do_not_count():
    edited = entry("v2", 0.9, as_of="2024-01-01", model_identity="3" * 64)
    first, last = entry("v1", 0.1, as_of="2024-01-01"), entry("v1", 0.6, as_of="2024-01-01")
    other = entry("v2", 0.9, as_of="2024-01-01")

    assert rows(first, edited) == []
    assert rows(first, other, resolved={"q": "annulled"}) == []
    assert rows(first, last, other)[0] == ("live", "settled by events", "v1", 1, 0.16)


def test_an_impossible_outcome_has_no_finite_log_score():
    made = [entry(model, p, as_of="2024-01-01") for model, p in (("v1", 0.0), ("v2", 0.5))]

    assert [row["log_score"] for row in paired_scores(made, IDENTITIES, {"q": "yes"})] == [
        None,
        pytest.approx(log(0.5)),
    ]
