"""Which recorded forecasts are scored, and what is said of the others."""

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from forecast.analysis.scoring.resolved import HINDSIGHT, resolved_rows, score_document
from forecast.canonical import sha256
from forecast.ledger.records import Answer, Entry, Forecast, Retraction, content_id
from forecast.scenario.schema import Resolution

from ..builders import make_scenario

QUESTIONS = [
    {
        "id": "attack",
        "ask": "?",
        "kind": "occurs",
        "indicator": "attack",
        "between": (date(2023, 2, 1), date(2023, 6, 30)),
    },
    {"id": "now", "ask": "?", "kind": "state", "on": date(2023, 5, 1)},
    {"id": "holds", "ask": "?", "kind": "stays", "in": ["peace"], "until": date(2023, 4, 30)},
]

#: Well after all of it.
LATER = date(2024, 1, 1)


def settled(outcome="yes", on=date(2023, 4, 10), known=date(2023, 4, 12)):
    return Resolution(outcome=outcome, on=on, known=known, source="paper")


def scenario(questions=QUESTIONS, **resolutions):
    resolutions = resolutions or {"attack": settled(), "now": settled("peace", date(2023, 5, 1), date(2023, 5, 2))}
    return make_scenario(questions=questions, resolutions=resolutions)


def entry(as_of="2023-03-01", *, p=0.3, model="v1", retracted=False, questions=None, seq=1, **changes):
    """A recorded replay of the three questions."""
    asked = questions or [question.model_dump(mode="json", by_alias=True) for question in scenario().file.questions]
    outcomes = {"attack": ("yes", "no"), "now": ("war", "peace"), "holds": ("yes", "no")}
    kinds = {"attack": "occurs", "now": "state", "holds": "stays"}
    answers = tuple(
        Answer(name, "?", kinds[name], outcome, value, 0.0, 0.0, 1.0, closed=False, resolved=None)
        for name in ("attack", "now", "holds")
        for outcome, value in zip(outcomes[name], (p, 1 - p), strict=True)
    )
    forecast = Forecast(
        **{
            "scenario": "toy",
            "title": "A toy",
            "model": model,
            "family": "base-rate" if model == "v0" else "regime",
            "model_identity": sha256(model),
            "evidence_identity": sha256("evidence"),
            "as_of": as_of,
            "made_at": f"2026-01-01T00:00:{seq:02}+00:00",
            "kind": "replay",
            "key": sha256(f"{as_of} {model} {p} {seq}"),
            "seed": 1,
            "method": MappingProxyType({}),
            "fit": None,
            "versions": MappingProxyType({}),
            "questions": tuple(asked),
            "evidence_counts": MappingProxyType({}),
            "warnings": (),
            "since": None,
            "answers": answers,
            **changes,
        }
    )
    content = forecast.to_content()
    name = content_id({**content, "method": {}, "versions": {}, "evidence_counts": {}})
    disowned = Retraction(name, "a mistake", "2026-02-01T00:00:00+00:00") if retracted else None
    return Entry("log", seq, name, "", "", content, disowned)


def test_an_answer_is_set_beside_what_happened():
    rows = resolved_rows(scenario(), [entry()], LATER).rows
    assert [(row.question, row.outcomes, row.p, row.observed, row.ordered) for row in rows] == [
        ("attack", ("yes", "no"), (0.3, 0.7), "yes", False),
        ("now", ("war", "peace"), (0.3, 0.7), "peace", True),
    ]
    assert (rows[0].as_of, rows[0].ends) == (date(2023, 3, 1), date(2023, 6, 30))
    assert (rows[0].scenario, rows[0].model, rows[0].kind, rows[0].question_kind) == ("toy", "v1", "replay", "occurs")


def left_out(*entries, on=LATER, **resolutions):
    return resolved_rows(scenario(**resolutions), entries, on).left_out


def test_a_question_settled_early_waits_for_its_last_day():
    # known on 12 April; those that end early end as yes, and scoring them at once would flatter who says yes
    assert resolved_rows(scenario(), [entry()], date(2023, 6, 30)).left_out["the question is not over"] == 1
    assert [row.question for row in resolved_rows(scenario(), [entry()], date(2023, 7, 1)).rows] == ["attack", "now"]


def test_what_is_not_resolved_or_not_yet_known_to_be_is_not_scored():
    assert left_out(entry())["the question is over but not resolved"] == 1
    late = settled(known=date(2023, 12, 31))
    assert left_out(entry(), on=date(2023, 12, 30), attack=late)["the question is over but not resolved"] == 3
    assert left_out(entry(), on=date(2023, 12, 31), attack=late)["the question is over but not resolved"] == 2


def test_an_annulled_question_is_never_scored():
    found = resolved_rows(scenario(attack=settled("annulled")), [entry()], LATER)
    assert (found.rows, found.left_out["the question was annulled"]) == ((), 1)


def test_a_forecast_made_when_the_answer_was_known_is_none():
    assert left_out(entry("2023-04-12"))["the answer could be known then"] == 1
    assert "the answer could be known then" not in left_out(entry("2023-04-11"))


def test_a_retracted_forecast_is_not_scored():
    assert left_out(entry(retracted=True)) == {"the forecast was retracted": 3}


def test_a_model_counts_once_for_a_day_with_its_last_forecast():
    found = resolved_rows(
        scenario(), [entry(p=0.9, seq=2), entry(p=0.2, seq=1), entry(p=0.5, seq=1, model="v9")], LATER
    )
    assert [(row.model, row.p[0]) for row in found.rows if row.question == "attack"] == [("v1", 0.9), ("v9", 0.5)]
    assert found.left_out["a later forecast of the same model and day stands in its place"] == 3


def test_a_record_that_an_imported_log_holds_too_counts_once():
    one = entry()
    found = resolved_rows(scenario(), [one, replace(one, log="theirs", seq=7)], LATER)
    assert len(found.rows) == 2
    assert "a later forecast of the same model and day stands in its place" not in found.left_out


def test_live_forecasts_and_replays_of_one_day_both_count():
    found = resolved_rows(scenario(), [entry(), entry(kind="live", seq=2)], LATER)
    assert {row.kind for row in found.rows} == {"live", "replay"}


def test_a_question_that_was_changed_is_not_scored_by_its_new_answer():
    moved = [{**QUESTIONS[0], "between": (date(2023, 2, 1), date(2023, 7, 31))}, *QUESTIONS[1:]]
    found = resolved_rows(scenario(moved), [entry()], LATER)
    assert (found.left_out["the question was changed since"], [row.question for row in found.rows]) == (1, ["now"])


def test_new_wording_and_the_day_that_the_program_filled_in_are_no_change():
    asked = [{**row.model_dump(mode="json", by_alias=True), "ask": "Really?"} for row in scenario().file.questions]
    asked[2]["from"] = "2023-03-01"
    found = resolved_rows(scenario(holds=settled("no")), [entry(questions=asked)], LATER)
    assert [(row.question, row.observed) for row in found.rows] == [("holds", "no")]


def test_a_question_that_was_taken_out_and_an_outcome_that_was_none_then_are_named():
    assert resolved_rows(scenario(QUESTIONS[1:]), [entry()], LATER).left_out[
        "the scenario has no such question any more"
    ]
    assert left_out(entry(), now=settled("truce"))["what happened was none of the outcomes then"] == 1


def test_a_name_that_stood_for_two_models_is_announced():
    found = resolved_rows(scenario(), [entry(), entry("2023-03-02", model_identity=sha256("edited"))], LATER)
    assert len(found.warnings) == 1
    assert "'v1' names 2 different models" in found.warnings[0]


def test_closed_answers_and_other_scenarios_are_passed_over():
    closed = tuple(replace(answer, p=None, closed=True) for answer in entry().forecast.answers)
    found = resolved_rows(scenario(), [entry(answers=closed), entry(scenario="other", seq=2)], LATER)
    assert (found.rows, found.left_out) == ((), {})


def test_the_document_measures_skill_against_the_base_rate_version():
    entries = [entry(p=0.8), entry(p=0.5, model="v0", seq=2)]
    document = score_document([scenario()], entries, LATER, model="v1")
    events = next(table for table in document["tables"] if table["section"] == "events")
    assert (events["reference"], events["skill"]) == ("v0", pytest.approx(1 - 0.04 / 0.25))
    assert {table["model"] for table in document["tables"]} == {"v1"}
    assert document["warnings"] == [HINDSIGHT]
    assert document["left_out"] == [{"why": "the question is over but not resolved", "n": 1}]


def test_a_foreign_forecast_is_scored_by_the_name_of_its_log_and_is_no_benchmark():
    theirs = replace(entry(p=0.9, seq=2), foreign="anna")
    benchmark = replace(entry(p=0.5, model="v0", seq=3), foreign="anna")
    found = resolved_rows(scenario(), [theirs, entry(), benchmark], LATER)
    attack = {row.model: (row.p[0], row.is_reference) for row in found.rows if row.question == "attack"}
    assert attack == {"v1": (0.3, False), "v1 @anna": (0.9, False), "v0 @anna": (0.5, False)}
    tables = score_document([scenario()], [theirs, entry(), benchmark], LATER)["tables"]
    assert {table["reference"] for table in tables} == {None}
    # the version alone is ours
    only = resolved_rows(scenario(), [theirs, entry(), benchmark], LATER, "v1").rows
    assert {row.model for row in only} == {"v1"}


def test_a_record_that_an_imported_log_holds_again_is_our_own():
    ours = entry()
    again = replace(ours, log="other", foreign="anna")
    for entries in ([ours, again], [again, ours]):
        assert {row.model for row in resolved_rows(scenario(), entries, LATER).rows} == {"v1"}
