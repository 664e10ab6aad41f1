"""Suppositions are what the same edits in the files would be; both sides come from the same draws if possible."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forecast.analysis.why.edits import Suppositions, suppose
from forecast.api import Workspace
from forecast.errors import DiagnosticError, InputError
from forecast.inference import smc, stored_draws
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set
from forecast.model.version import settings
from forecast.plan import Request, plan
from forecast.scenario.read import read_scenario

from ..workspaces import DAY, add_report, edit, exact, forecast_toy, never, noon, records, write_toy

LATER = date(2026, 1, 1)
REPORTS = "toy/evidence/reports.yaml"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path / "toy")


def evidence_of(scenario, as_of=DAY):
    return evidence_set(snapshot(scenario, "v1", as_of), scenario.start, settings(scenario, "v1"))


def supposed(toy, as_of=DAY, **typed):
    scenario, edits = suppose(read_scenario(toy, "toy"), "v1", as_of, Suppositions(**typed))
    return evidence_of(scenario, as_of), [edit.means for edit in edits]


@pytest.mark.parametrize(
    ("typed", "file", "old", "new"),
    [
        ({"drop": ["R2"]}, REPORTS, "asserted_as: fact, grade: C3", "asserted_as: fact, use: false, reason: x"),
        ({"drop": ["fish"]}, REPORTS, "asserted_as: fact, grade: C3", "asserted_as: fact, use: false, reason: x"),
        ({"grade": ["R2=A1"]}, REPORTS, "grade: C3", "grade: A1"),
        ({"grade": ["fish=A1"]}, REPORTS, "grade: C3", "grade: A1"),
        ({"date": ["summit=2023-06"]}, REPORTS, "when: 2023-05-04", "when: 2023-06"),
        ({"date": ["R1=2023-05-01/2023-05-09"]}, REPORTS, "when: 2023-05-04", "when: 2023-05-01/2023-05-09"),
        (
            {"watch": ["dispute@2023-08-01..2023-12-31=0.3-0.6"]},
            "toy/indicators.yaml",
            "indicators:\n",
            "indicators:\n  dispute:\n    watch: [{from: 2023-08-01, to: 2023-12-31, detection: [0.3, 0.6]}]\n",
        ),
    ],
)
def test_a_supposition_is_the_same_edit_in_the_files(toy, typed, file, old, new):
    found, _ = supposed(toy, **typed)
    before = evidence_of(read_scenario(toy, "toy"))
    edit(toy, file, old, new)
    assert found == evidence_of(read_scenario(toy, "toy"))
    assert found != before


def test_an_added_report_is_one_more_event_of_its_own_origin(toy):
    found, means = supposed(toy, add=["dispute@2023-12", "meeting@2024-01-20=A1"])
    add_report(
        toy,
        "id: what-if-1, indicator: dispute, when: 2023-12, known: 2024-02-01, claim: x, grade: B2, origin: what-if-1",
    )
    add_report(
        toy,
        "id: what-if-2, indicator: meeting, when: 2024-01-20, known: 2024-02-01, claim: x, grade: A1, "
        "origin: what-if-2",
    )
    assert found == evidence_of(read_scenario(toy, "toy"))
    assert means == [
        "one more report of dispute, 2023-12, graded B2 (by default)",
        "one more report of meeting, 2024-01-20, graded A1",
    ]


def test_several_suppositions_hold_at_once(toy):
    found, means = supposed(
        toy, drop=["R1", "seaside"], grade=["fish=B2"], add=["meeting@2024-01-20"], watch=["dispute@2023-08-01"]
    )
    assert [(event.id, event.origins[0].grade) for event in found.events] == [("fish", "B2"), ("what-if-1", "B2")]
    assert {watch.indicator for watch in found.watches} == {"meeting", "dispute"}
    assert means == [
        "dispute watched from 2023-08-01 to now, detection 0.5 to 0.9 (by default)",
        "event fish (1 report) graded B2 instead of C3",
        "without report R1",
        "without event seaside (1 report)",
        "one more report of meeting, 2024-01-20, graded B2 (by default)",
    ]


def test_an_origin_is_dropped_from_every_event(toy):
    for name, event in (("R5", "summit"), ("R6", "row")):
        add_report(
            toy,
            f"id: {name}, indicator: {'meeting' if event == 'summit' else 'dispute'}, event: {event}, "
            "when: 2023-05-04, claim: x, grade: D4, origin: wire",
        )
    found, means = supposed(toy, drop=["wire"])
    assert means == ["without origin wire (2 reports)"]
    assert {event.id: [voice.origin for voice in event.origins] for event in found.events} == {
        "fish": ["paper"],
        "seaside": ["paper"],
        "summit": ["paper"],
    }


def test_a_new_grade_replaces_later_revisions_too(toy):
    edit(toy, REPORTS, "grade: C3}", "grade: C3, revised: [{on: 2024-01-20, grade: E5, reason: doubts}]}")
    found, means = supposed(toy, grade=["R2=A1"])
    assert found.events[0].origins[0].grade == "A1"
    assert means == ["report R2 graded A1 instead of E5"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "nothing is supposed"),
        ({"drop": ["R9"]}, r"called 'R9'.*Accepted: the id of a report, an event or an origin"),
        ({"drop": ["sumit"]}, "called 'sumit'; did you mean 'summit'"),
        ({"drop": ["R4"]}, "report R4 does not count as of 2024-02-01: asserted as speculation"),
        ({"grade": ["R2"]}, "'R2' cannot be read"),
        ({"grade": ["R2=G7"]}, "'G7' is not a grade"),
        ({"grade": ["R9=A1"]}, "called 'R9'"),
        ({"date": ["R2=yesterday"]}, "'yesterday' is not a date"),
        ({"date": ["paper=2023-05"]}, "no report, event or origin that counts is called 'paper'"),
        ({"date": ["R2=2024-01-20"]}, "R2 was known on 2024-01-07, before 2024-01-20"),
        ({"date": ["R2=2022-05"]}, "2022-05-01 is before the start of toy"),
        ({"add": ["meeting"]}, "'meeting' cannot be read"),
        ({"add": ["meting@2024-01-09"]}, "there is no indicator 'meting'; did you mean 'meeting'"),
        ({"add": ["meeting@2024-02-02"]}, "2024-02-02 is after the as-of date 2024-02-01"),
        ({"add": ["meeting@2022-02-02"]}, "2022-02-02 is before the start"),
        ({"add": ["meeting@2024-01-09=Z1"]}, "cannot be read"),
        ({"watch": ["dispute"]}, "'dispute' cannot be read"),
        ({"watch": ["dispute@2024-13-01"]}, "is not a day of the calendar"),
        ({"watch": ["meeting@2023-06-01"]}, "meeting is watched from 2024-01-01 to now already"),
        ({"watch": ["dispute@2023-06-01..2023-05-01"]}, "2023-05-01 is before 2023-06-01"),
        ({"watch": ["dispute@2023-06-01=0.9-0.3"]}, "is no range of probabilities"),
        ({"watch": ["dispute@2023-06-01=0.9-1.0"]}, "is no range of probabilities"),
        ({"watch": ["dispute@2024-03-01"]}, "2024-03-01 is after the as-of date"),
    ],
)
def test_what_cannot_be_supposed_is_an_error(toy, typed, message):
    with pytest.raises(InputError, match=message):
        supposed(toy, **typed)


def test_all_that_is_wrong_is_said_at_once(toy):
    with pytest.raises(InputError) as caught:
        supposed(toy, drop=["R9"], grade=["R2=G7"], add=["x@2024-01-01"])
    assert [finding.key for finding in caught.value.findings()] == ["--grade", "--drop", "--add"]


def test_a_report_that_was_not_known_yet_cannot_be_dropped(toy):
    with pytest.raises(InputError, match="report R1 was known on 2024-01-07 only, after 2024-01-05"):
        supposed(toy, date(2024, 1, 5), drop=["R1"])


def test_a_watch_after_the_last_search_is_refused(toy):
    with pytest.raises(InputError, match=r"nobody has searched after 2024-06-30 \(`searched_until`\)"):
        supposed(toy, date(2024, 8, 1), watch=["dispute@2024-07-05"])


def test_a_watch_over_an_imprecise_event_is_refused_as_in_the_files(toy):
    edit(toy, REPORTS, "when: 2023-09,", "when: 2023-03/2023-09,")
    with pytest.raises(InputError, match="spans more than 3 steps while dispute is watched"):
        supposed(toy, watch=["dispute@2023-02-01"])
    with pytest.raises(InputError, match="spans more than 3 steps while meeting is watched"):
        supposed(toy, date(2024, 6, 20), add=["meeting@2024-01/2024-06"])


def whatif(toy, **options):
    case = Workspace(toy).open("toy")
    return case.whatif(**({"as_of": DAY, "clock": noon(LATER), "sampler": never} | options)).document


def test_today_is_the_forecast_on_record_and_then_is_the_one_of_edited_files(toy):
    made = forecast_toy(toy, made_on=LATER, as_of=DAY)
    document = whatif(toy, grade=["fish=A1"], add=["dispute@2024-01-20=A1"])
    recorded = {(a.question, a.outcome): (a.p, a.mcse) for a in made.forecast.answers if a.p is not None}
    assert {(a["question"], a["outcome"]) for a in document["today"]} == set(recorded)
    for answer in document["today"]:
        p, mcse = recorded[answer["question"], answer["outcome"]]
        assert answer["p"] == pytest.approx(p, abs=4 * (mcse + answer["mcse"]))

    edit(toy, REPORTS, "grade: C3}", "grade: A1}")
    add_report(
        toy, "id: R7, indicator: dispute, when: 2024-01-20, known: 2024-01-21, claim: x, grade: A1, origin: other"
    )
    after = forecast_toy(toy, made_on=LATER, as_of=DAY, method="nuts")
    then = {(a.question, a.outcome): (a.p, a.mcse) for a in after.forecast.answers if a.p is not None}
    moved = 0
    for before, answer in zip(document["today"], document["then"], strict=True):
        p, mcse = then[answer["question"], answer["outcome"]]
        assert answer["p"] == pytest.approx(p, abs=4 * (mcse + answer["mcse"]))
        assert answer["change"] == pytest.approx(answer["p"] - before["p"], abs=1e-12)
        moved += abs(answer["change"]) > 10 * answer["change_mcse"]
    assert moved > 4


def test_the_change_has_less_noise_than_its_sides(toy):
    document = whatif(toy, grade=["fish=A1"])
    for before, after in zip(document["today"], document["then"], strict=True):
        assert after["change_mcse"] < 0.7 * np.hypot(before["mcse"], after["mcse"])
    assert document["same_draws"] is True


@pytest.mark.parametrize("typed", [{"grade": ["fish=A1"]}, {"drop": ["summit"], "add": ["dispute@2024-01-20=A1"]}])
def test_the_answers_to_a_question_sum_to_one_on_both_sides(toy, typed):
    document = whatif(toy, **typed)
    for side in ("today", "then"):
        sums = {}
        for answer in document[side]:
            sums[answer["question"]] = sums.get(answer["question"], 0.0) + answer["p"]
        assert sums == pytest.approx(dict.fromkeys(sums, 1.0), abs=1e-9)
    changes = {}
    for answer in document["then"]:
        changes[answer["question"]] = changes.get(answer["question"], 0.0) + answer["change"]
    assert changes == pytest.approx(dict.fromkeys(changes, 0.0), abs=1e-9)


def test_the_same_suppositions_twice_have_the_same_numbers(toy):
    assert whatif(toy, grade=["fish=A1"]) == whatif(toy, grade=["fish=A1"])


def test_what_changes_nothing_changes_nothing(toy):
    document = whatif(toy, grade=["fish=C3"])
    assert {(answer["change"], answer["change_mcse"]) for answer in document["then"]} == {(0.0, 0.0)}


def test_nothing_is_recorded(toy):
    whatif(toy, drop=["fish"])
    assert not (toy / ".forecast").exists()
    forecast_toy(toy, made_on=LATER, as_of=DAY)
    before, draws = records(toy), sorted((toy / ".forecast/draws").iterdir())
    whatif(toy, add=CONTRARY, watch=["dispute@2023-01-01=0.9-0.95"])
    assert records(toy) == before
    assert sorted((toy / ".forecast/draws").iterdir()) == draws


WATCH = "{from: 2023-01-01, detection: [0.9, 0.95]}"
CONTRARY = [f"dispute@2023-{month:02}-{day:02}=A1" for month in range(1, 13) for day in (3, 13, 23)]


def test_what_no_common_draws_can_answer_is_sampled_on_each_side(toy):
    """Three disputes a month, watched: a rate tenfold of what the prior thinks possible."""
    document = whatif(toy, add=CONTRARY, watch=["dispute@2023-01-01=0.9-0.95"])
    assert document["same_draws"] is False
    today, then = (
        next(
            answer for answer in document[side] if (answer["question"], answer["outcome"]) == ("regime-2025", "fragile")
        )
        for side in ("today", "then")
    )
    assert then["change"] > 0.1
    # nothing is paired: the error is that of two independent answers
    assert then["change_mcse"] == pytest.approx(np.hypot(today["mcse"], then["mcse"]), rel=0.2)

    edit(toy, "toy/indicators.yaml", "indicators:\n", f"indicators:\n  dispute: {{watch: [{WATCH}]}}\n")
    for number, text in enumerate(CONTRARY):
        day = text.removeprefix("dispute@").removesuffix("=A1")
        add_report(
            toy, f"id: W{number}, indicator: dispute, when: {day}, known: {DAY}, claim: x, grade: A1, origin: o{number}"
        )
    made = forecast_toy(toy, made_on=LATER, as_of=DAY, method="smc")
    recorded = next(a for a in made.forecast.answers if (a.question, a.outcome) == ("regime-2025", "fragile"))
    assert then["p"] == pytest.approx(recorded.p, abs=4 * np.hypot(then["mcse"], recorded.mcse))


def test_where_the_sampler_and_nuts_fail_it_is_refused_with_the_reason(toy, monkeypatch):
    def divergent(model, data, seed, progress):
        draws = exact(model, data, seed, progress)
        return replace(draws, meta={**draws.meta, "divergences": 3})

    monkeypatch.setattr(smc.Effort.__init__, "__defaults__", (80, 1))
    monkeypatch.setattr(smc, "MOST_PARTICLES", 80)
    monkeypatch.setattr(stored_draws, "MAX_SWEEPS", 1)
    with pytest.raises(DiagnosticError, match=r"model v1: 3 divergent transitions|effective sample size") as caught:
        whatif(toy, drop=["fish"], sampler=divergent)
    assert caught.value.exit_code == 1


def test_the_plan_of_today_is_left_alone(toy):
    scenario = read_scenario(toy, "toy")
    with open_ledger(toy / LEDGER_FILE, read_only=True) as ledger:
        before = plan(scenario, Request(as_of=DAY), LATER, ledger).identity
        suppose(scenario, "v1", DAY, Suppositions(drop=["fish"], watch=["dispute@2023-08-01"]))
        assert plan(scenario, Request(as_of=DAY), LATER, ledger).identity == before


def test_with_stored_draws_the_answers_are_those_of_new_ones(toy):
    forecast_toy(toy, made_on=LATER, as_of=DAY)
    stored = whatif(toy, drop=["fish"])
    shutil.rmtree(toy / ".forecast")
    fresh = whatif(toy, drop=["fish"])
    for one, other in zip(stored["then"], fresh["then"], strict=True):
        assert one["p"] == pytest.approx(other["p"], abs=4 * (one["mcse"] + other["mcse"]))
