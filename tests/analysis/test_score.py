"""Tables of scores: what is pooled, what is not, and that every number is the one it says it is."""

import math
from datetime import date, timedelta

import numpy as np
import pytest

from forecast.analysis.scoring.rows import Row, horizon
from forecast.analysis.scoring.score import finite, flat, score_rows

DAY = date(2024, 1, 1)


def row(question="q1", p=0.7, observed="yes", **changes):
    """A forecast of yes, replayed on the first of January for a question that ends half a year later."""
    known = {
        "scenario": "toy",
        "question": question,
        "question_kind": "occurs",
        "kind": "replay",
        "model": "v2",
        "as_of": DAY,
        "ends": DAY + timedelta(days=180),
        "outcomes": ("yes", "no"),
        "p": p if isinstance(p, tuple) else (p, 1 - p),
        "observed": observed,
    }
    return Row(**{**known, **changes})


def regimes(p, observed, **changes):
    return row(
        question_kind="state",
        outcomes=("durable", "transactional", "fragile"),
        p=p,
        observed=observed,
        ordered=True,
        **changes,
    )


def test_scores_by_hand():
    # Brier (.09 + .49 + .01) / 3; the pairs are (.7, .7) and (.9, .7): AUC .75
    (table,) = score_rows([row("a", 0.7), row("b", 0.7, "no"), row("c", 0.9)])
    assert table["brier"] == pytest.approx(0.59 / 3)
    assert table["log_score"] == pytest.approx(-(math.log(0.7) + math.log(0.3) + math.log(0.9)) / 3)
    assert table["auc"] == pytest.approx(0.75)
    assert (table["n"], table["n_questions"], table["n_impossible"]) == (3, 3, 0)
    assert (table["rps"], table["skill"], table["brier_low"]) == (None, None, None)


def test_live_and_replay_models_and_what_people_judge_are_never_pooled():
    rows = [
        row(),
        row(kind="live"),
        row(kind="given"),
        row(model="v0"),
        row(question_kind="stays"),
        regimes((0.5, 0.3, 0.2), "durable"),
        row(outcomes=("a", "b", "c"), p=(0.2, 0.3, 0.5), observed="a"),
    ]
    tables = score_rows(rows)
    assert [(t["kind"], t["section"], t["model"], t["headline"], t["n"]) for t in tables] == [
        ("given", "events", "v2", True, 1),
        ("live", "events", "v2", True, 1),
        ("replay", "events", "v0", True, 1),
        ("replay", "events", "v2", True, 1),
        ("replay", "categories", "v2", True, 1),
        ("replay", "stays", "v2", False, 1),
        ("replay", "state", "v2", False, 1),
    ]


def test_regimes_have_a_ranked_score_and_no_auc():
    # by hand: Brier (.25 + .09 + .04) / 2, ranked (.5 - 1)^2 + (.8 - 1)^2
    (table,) = score_rows([regimes((0.5, 0.3, 0.2), "durable")])
    assert table["brier"] == pytest.approx(0.19)
    assert table["rps"] == pytest.approx(0.29)
    assert table["auc"] is None


def test_the_1950_scale_doubles_everything_made_of_brier_scores_and_nothing_else():
    rng = np.random.default_rng(1)
    rows = [row(f"q{n % 9}", float(rng.random()), str(rng.choice(["yes", "no"]))) for n in range(30)]
    rows += [row(r.question, 0.5, r.observed, model="v0", is_reference=True) for r in rows[:9]]
    (_, one), (_, two) = (score_rows(rows, "0-1"), score_rows(rows, "0-2"))
    for name in ("brier", "brier_low", "brier_high"):
        assert two[name] == pytest.approx(2 * one[name])
    for part in ("murphy", "corp"):
        assert two[part] == {name: pytest.approx(2 * value) for name, value in one[part].items()}
    for name in ("log_score", "auc", "skill", "calibration", "n"):
        assert two[name] == one[name]


@pytest.mark.parametrize("sizes", [(2,), (3,), (2, 3, 4)])
def test_the_parts_of_every_table_add_up_to_its_brier_score(sizes):
    rng = np.random.default_rng(3)
    rows = []
    for n in range(40):
        k = int(rng.choice(sizes))
        p = rng.dirichlet(np.ones(k))
        names = tuple("abcd"[:k])
        rows.append(
            row(f"q{n}", outcomes=names, p=tuple(p.tolist()), observed=str(rng.choice(names)), question_kind="state")
        )
    (table,) = score_rows(rows)
    murphy, corp = table["murphy"], table["corp"]
    assert murphy["reliability"] - murphy["resolution"] + murphy["uncertainty"] + murphy[
        "within_bins"
    ] == pytest.approx(table["brier"])
    assert corp["miscalibration"] - corp["discrimination"] + corp["uncertainty"] == pytest.approx(table["brier"])


def test_skill_is_measured_on_the_occasions_that_both_have_forecast():
    later = DAY + timedelta(days=31)
    rows = [
        row("a", 0.8),
        row("b", 0.6, "no"),
        row("c", 0.1),  # v0 has no forecast of it
        row("a", 0.9, as_of=later),  # nor one of that day
        row("a", 0.5, model="v0", is_reference=True),
        row("b", 0.5, "no", model="v0", is_reference=True),
        row("a", 0.9, model="v0", is_reference=True, kind="live"),  # never beside a replay
    ]
    table = next(t for t in score_rows(rows) if (t["kind"], t["model"]) == ("replay", "v2"))
    assert table["skill"] == pytest.approx(1 - (0.04 + 0.36) / (0.25 + 0.25))
    assert (table["n_paired"], table["reference"]) == (2, "v0")


def test_the_benchmark_has_no_skill_against_itself():
    tables = score_rows([row(model="v0", is_reference=True), row()])
    assert [(t["model"], t["skill"] is None) for t in tables] == [("v0", True), ("v2", False)]


def test_only_one_model_can_be_asked_for_and_still_meets_its_benchmark():
    (table,) = score_rows([row(p=0.9), row(model="v0", p=0.5, is_reference=True)], model="v2")
    assert (table["model"], table["skill"]) == ("v2", pytest.approx(1 - 0.01 / 0.25))


def test_an_impossible_outcome_is_counted_and_json_has_null_for_infinity():
    (table,) = score_rows([row(p=0.0), row("b", 0.5)])
    assert (table["log_score"], table["n_impossible"]) == (math.inf, 1)
    assert flat([table])[0]["log_score"] == math.inf
    assert (finite(table)["log_score"], finite(table)["brier"]) == (None, table["brier"])


def test_forecasting_the_same_questions_daily_leaves_interval_and_skill_where_they_were():
    rng = np.random.default_rng(4)
    once = [row(f"q{n}", float(rng.random()), str(rng.choice(["yes", "no"]))) for n in range(12)]
    once += [row(r.question, 0.4, r.observed, model="v0", is_reference=True) for r in once]

    def daily(rows):
        return [
            Row(**{name: getattr(r, name) for name in r.__slots__} | {"as_of": DAY + timedelta(days=day)})
            for r in rows
            for day in range(7)
        ]

    one, many = score_rows(once, model="v2")[0], score_rows(daily(once), model="v2")[0]
    for name in ("brier", "log_score", "auc", "skill"):
        for end in ("", "_low", "_high"):
            assert many[name + end] == pytest.approx(one[name + end]), name + end
    assert one["brier_low"] < one["brier"] < one["brier_high"]


def test_tables_are_divided_by_horizon_kind_of_question_and_scenario():
    rows = [
        row("a", ends=DAY + timedelta(days=91)),
        row("b", ends=DAY + timedelta(days=92)),
        row("c", ends=DAY + timedelta(days=400), scenario="other"),
        row("d", ends=None, question_kind="automatic"),
    ]
    by = score_rows(rows)[0]["by"]
    assert [(part["part"], part["n"]) for part in by["horizon"]] == [
        ("up to 3 months", 1),
        ("3 to 6 months", 1),
        ("over 12 months", 1),
    ]
    assert [(part["part"], part["n"]) for part in by["question_kind"]] == [("automatic", 1), ("occurs", 3)]
    assert [(part["part"], part["n"]) for part in by["scenario"]] == [("other", 1), ("toy", 3)]


def test_a_horizon_that_is_not_known_is_none():
    assert horizon(row(as_of=None)) is None


def test_flat_rows_have_single_values_and_the_same_columns():
    rows = flat(score_rows([row(), row(model="v0"), regimes((0.5, 0.3, 0.2), "durable")]))
    assert {tuple(each) for each in rows} == {tuple(rows[0])}
    assert not any(isinstance(value, dict | list) for each in rows for value in each.values())
    assert {(each["by"], each["part"]) for each in rows} >= {("all", "all"), ("horizon", "3 to 6 months")}


def test_no_rows_make_no_tables():
    assert score_rows([]) == []
