"""Three cases from the world: what was counted by hand in their collections, and the as-of days stated there.

Numbers of items, their years and the items known on a day are those that the collectors of the facts wrote down before
anything was coded here; further rows and grounds for not counting were counted by hand from the same lists.
"""

import re
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_identity, evidence_set
from forecast.model.version import settings
from forecast.plan import Request
from forecast.scenario.check import check
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario
from forecast.update import update

from ..workspaces import ROOT
from .conftest import CASES, case, on_file

#: Items of every year, of the day of the event, as the collections state them.
PER_YEAR = {
    "armenia-csto": {2018: 4, 2019: 4, 2020: 6, 2021: 5, 2022: 7, 2023: 14, 2024: 13, 2025: 8, 2026: 9},
    "philippines-us": {2016: 10, 2017: 7, 2018: 5, 2019: 4, 2020: 12, 2021: 7, 2022: 7, 2023: 6, 2024: 11},
    "iran-russia": {2021: 5, 2022: 10, 2023: 11, 2024: 14, 2025: 22, 2026: 8},
}

#: Items by what they may become: 'ARM-021' is one, 'ARM-021-meeting' is a further row of it.
ITEM = re.compile(r"[A-Z]{3}-\d{3}")

FURTHER = {
    "armenia-csto": {
        *("ARM-021-meeting", "ARM-026-meeting", "ARM-046-meeting"),
        *("ARM-036-bound", "ARM-047-denial", "ARM-068-threat"),
    },
    "philippines-us": {
        *("PHL-008-denial", "PHL-024-visit", "PHL-029-denial"),
        *("PHL-043-visit", "PHL-057-meeting", "PHL-065-visit"),
    },
    "iran-russia": {
        *("IRN-001-visit", "IRN-028-visit", "IRN-051-visit", "IRN-061-visit", "IRN-042-meeting"),
        *("IRN-013-denial-russia", "IRN-013-denial-iran", "IRN-014-denial-russia"),
        *("IRN-034-denial-iran", "IRN-034-denial-russia", "IRN-052-denial"),
    },
}

#: The last item known on a day; items are numbered in the order in which they became known, within these days.
KNOWN_ON = [
    ("armenia-csto", "2023-01-05", 26),
    ("armenia-csto", "2024-03-31", 43),
    ("armenia-csto", "2025-06-30", 58),
    ("philippines-us", "2016-12-31", 10),
    ("philippines-us", "2020-02-29", 30),
    ("philippines-us", "2023-01-31", 53),
    ("iran-russia", "2022-12-31", 15),
    ("iran-russia", "2024-06-30", 30),
    ("iran-russia", "2025-06-30", 51),
    ("iran-russia", "2026-02-27", 65),
]

#: Items without a page, as the collections list them.
WITHOUT_PAGE = {
    "armenia-csto": {11},
    "philippines-us": {1, 11, 15, 16, 19, 35, 42},
    "iran-russia": set[int](),
}

#: Answers of the collections to those of their questions that are put here, or to the nearest question.
ANSWERS = {
    "armenia-csto": {
        "exit-notice-2023": "no",
        "new-tie-2023": "yes",
        "exit-notice-2024": "no",
        "steps-2024": "yes",
        "base-ends-2024": "no",
        "leaders-twice-2024": "yes",
        "leaders-2025": "yes",
        "eu-application-2025": "no",
    },
    "philippines-us": {
        "step-2017": "no",
        "exercise-2017": "yes",
        "leaders-2017": "yes",
        "restored-2020": "no",
        "restored-2021": "yes",
        "leaders-2022": "no",
        "sites-2023": "yes",
        "article-four-2024": "no",
    },
    "iran-russia": {
        "su-35-2023": "no",
        "commitment-2023": "no",
        "commitment-2024": "no",
        "leaders-twice-2025": "yes",
        "backing-2026": "yes",
    },
}


def events(name: str, indicator: str, day: str = "2026-11-25") -> set[str]:
    """Events of an indicator that count on a day."""
    counted = [row.report for row in on_file(name, day).values() if row.counted]
    return {report.event for report in counted if report.indicator == indicator}


def number(report: str) -> int:
    return int(report[4:7])


@pytest.mark.parametrize("name", CASES)
def test_check_finds_neither_errors_nor_warnings(name: str) -> None:
    findings = check(case(name), date(2026, 11, 25))
    assert [f for f in findings if f.level != "note" and not (f.file or "").endswith("/regimes.yaml")] == []


@pytest.mark.parametrize("name", CASES)
def test_every_item_of_the_collection_is_on_file_and_further_rows_are_named(name: str) -> None:
    reports = {report.id: report for report in case(name).reports}
    items = [report for key, report in reports.items() if ITEM.fullmatch(key)]
    assert set(reports) - {report.id for report in items} == FURTHER[name]
    # ARM-068 is dated to the recall, a day after the item; the year is the same
    assert Counter(report.when.first.year for report in items if report.when) == PER_YEAR[name]


@pytest.mark.parametrize(("name", "day", "last"), KNOWN_ON)
def test_exactly_the_items_that_the_collection_says_were_known_are_known(name: str, day: str, last: int) -> None:
    seen = {number(key) for key in on_file(name, day) if ITEM.fullmatch(key)}
    assert seen == set(range(1, last + 1))


@pytest.mark.parametrize(("name", "day", "last"), KNOWN_ON)
def test_what_became_known_later_changes_nothing_that_is_seen_on_a_day(name: str, day: str, last: int) -> None:
    whole, as_of = case(name), date.fromisoformat(day)
    cut = replace(
        whole,
        reports=tuple(report for report in whole.reports if report.known <= as_of),
        resolutions={key: value for key, value in whole.resolutions.items() if value.known <= as_of},
    )
    assert len(cut.reports) < len(whole.reports)
    assert len(cut.resolutions) < len(whole.resolutions)
    assert identity(whole, as_of) == identity(cut, as_of)
    assert snapshot(whole, "v2", as_of).resolutions == cut.resolutions


def identity(scenario: Scenario, as_of: date) -> str:
    return evidence_identity(
        evidence_set(snapshot(scenario, "v2", as_of), scenario.file.start, settings(scenario, "v2"))
    )


@pytest.mark.parametrize("name", CASES)
def test_grounds_for_not_counting_name_nothing_that_became_known_later(name: str) -> None:
    known_on = {report.id: report.known for report in case(name).reports}
    for report in case(name).reports:
        named = ITEM.findall(report.reason or "")
        assert all(known_on[other] <= report.known for other in named), report.id


@pytest.mark.parametrize("name", CASES)
def test_items_without_a_page_are_on_file_and_do_not_count(name: str) -> None:
    on_day = on_file(name, "2026-11-25").items()
    reports = {key: row for key, row in on_day if row.report.source == "general-knowledge"}
    assert {number(key) for key in reports} == WITHOUT_PAGE[name]
    assert not any(row.counted for row in reports.values())
    assert {row.grade for row in reports.values()} <= {"F6"}
    assert all((row.report.note or "").startswith("General knowledge, unsourced.") for row in reports.values())


@pytest.mark.parametrize("name", CASES)
def test_every_other_source_has_an_address(name: str) -> None:
    without = {key for key, source in case(name).sources.items() if source.url is None}
    assert without <= {"general-knowledge"}


@pytest.mark.parametrize("name", CASES)
def test_questions_are_resolved_as_the_collection_resolves_them(name: str) -> None:
    resolutions = case(name).resolutions
    assert {question: resolutions[question].outcome for question in ANSWERS[name]} == ANSWERS[name]


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_resolved_beyond_the_search(name: str) -> None:
    scenario = case(name)
    until = scenario.file.searched_until
    assert until is not None
    ends = {question.id: question.ends for question in scenario.file.questions}
    # a window may end some days after the search where the answer was in before, or the days are owned up to
    late = {key: r for key, r in scenario.resolutions.items() if r.on > until}
    assert set(late) <= {"article-four-2024"}
    assert all("were not searched" in (resolution.note or "") for resolution in late.values())
    assert {key for key, end in ends.items() if end > until + timedelta(days=30)}.isdisjoint(scenario.resolutions)


@pytest.mark.parametrize("name", CASES)
def test_no_range_of_the_shared_codebook_is_changed(name: str) -> None:
    shared = yaml.safe_load((ROOT / "scenarios/codebooks/alliance.yaml").read_text())["indicators"]
    for version in ("v0", "v1", "v2"):
        own = case(name).codebooks[version].indicators
        for indicator, entry in shared.items():
            ranges = entry.get("per_year") or entry["holds"]
            assert {regime: list(range_) for regime, range_ in own[indicator].ranges.items()} == ranges


@pytest.mark.parametrize("name", CASES)
def test_an_indicator_made_for_a_question_is_no_evidence(name: str) -> None:
    shared = yaml.safe_load((ROOT / "scenarios/codebooks/alliance.yaml").read_text())["indicators"]
    scenario = case(name)
    added = set(scenario.codebook.indicators) - set(shared)
    assert added
    assert not any(scenario.codebook.indicators[indicator].watch for indicator in added)
    assert not any(report.indicator in added for report in scenario.reports)


@pytest.mark.parametrize("name", CASES)
def test_regimes_of_hindsight_cover_the_case_without_gap_or_overlap(name: str) -> None:
    scenario = case(name)
    text = (scenario.folder / "regimes.yaml").read_text()
    assert text.startswith("# HINDSIGHT.")
    assert "No\n# forecast ever reads this file" in text
    periods = yaml.safe_load(text)["periods"]
    assert periods[0]["from"] == scenario.file.start
    assert periods[-1]["to"] == scenario.file.searched_until
    for before, after in pairwise(periods):
        assert after["from"] == before["to"] + timedelta(days=1)
    assert {period["regime"] for period in periods} <= set(scenario.codebook.regimes)
    assert all(set(period) == {"from", "to", "regime", "why", "source"} for period in periods)


@pytest.mark.parametrize("name", CASES)
def test_states_are_resolved_by_the_period_that_holds_the_day(name: str) -> None:
    scenario = case(name)
    periods = yaml.safe_load((scenario.folder / "regimes.yaml").read_text())["periods"]
    states = {q.id: q.ends for q in scenario.file.questions if q.kind == "state" and q.id in scenario.resolutions}
    assert states
    for question, day in states.items():
        (regime,) = [period["regime"] for period in periods if period["from"] <= day <= period["to"]]
        assert scenario.resolutions[question].outcome == regime


# Armenia


def test_freeze_and_words_about_leaving_are_no_notice_of_exit() -> None:
    rows = on_file("armenia-csto", "2026-11-25")
    assert rows["ARM-042"].report.indicator == "withdrawal_step"
    assert rows["ARM-048"].report.indicator == "friction"
    assert events("armenia-csto", "csto_exit_notice") == set()
    assert case("armenia-csto").resolutions["exit-notice-2024"].outcome == "no"


def test_three_russian_forces_leave_in_steps_of_their_own_and_each_once() -> None:
    steps = events("armenia-csto", "withdrawal_step")
    assert {"peacekeepers-leave-2024-04", "airport-guards-2024", "provinces-2024-05", "agarak-2024-12"} <= steps
    (airport,) = [
        row.report.id
        for row in on_file("armenia-csto", "2026-11-25").values()
        if row.counted and row.report.event == "airport-guards-2024"
    ]
    assert airport == "ARM-043"


def test_only_appeals_that_went_unmet_are_failed_obligations() -> None:
    # those of October 2020 and November 2021 were under the treaty of 1997 and were answered; May 2021, September 2022
    # and the fall of Karabakh are the cases
    assert events("armenia-csto", "failed_obligation") == {
        "sev-lake-unanswered-2021",
        "article-4-2022-09",
        "karabakh-2023-09",
    }


@pytest.mark.parametrize(
    "report",
    [
        pytest.param("ARM-026", id="trade figure"),
        pytest.param("ARM-030", id="ban read as politics 2023"),
        pytest.param("ARM-067", id="ban read as politics 2026"),
        pytest.param("ARM-056", id="parade attended together"),
        pytest.param("ARM-023", id="arms from a state that is no rival"),
        pytest.param("ARM-069", id="election not recognised for three days"),
    ],
)
def test_traps_of_armenia_do_not_count(report: str) -> None:
    row = on_file("armenia-csto", "2026-11-25")[report]
    assert not row.counted
    assert row.why


def test_a_recall_for_consultations_is_contested_by_who_recalled() -> None:
    rows = on_file("armenia-csto", "2024-05-24")
    assert rows["ARM-047-denial"].report.denies
    assert rows["ARM-047-denial"].report.event == rows["ARM-047"].report.event


# The Philippines


def test_a_suspended_notice_restores_nothing() -> None:
    rows = on_file("philippines-us", "2026-11-25")
    assert not any(rows[key].counted for key in ("PHL-032", "PHL-036", "PHL-040"))
    assert events("philippines-us", "formal_commitment", "2021-07-29") == set()
    assert events("philippines-us", "formal_commitment", "2021-07-30") == {"vfa-restored-2021-07"}


def test_the_notice_is_doubtful_on_the_day_it_was_announced_and_certain_on_the_day_it_was_served() -> None:
    event = "vfa-notice-2020-02"

    def voices(day: str) -> dict[str, tuple[str | None, bool]]:
        rows = on_file("philippines-us", day).values()
        return {r.report.id: (r.grade, r.report.denies) for r in rows if r.counted and r.report.event == event}

    assert voices("2020-02-07") == {}
    assert voices("2020-02-10") == {"PHL-029": ("B4", False), "PHL-029-denial": ("B4", True)}
    assert voices("2020-02-11") == {"PHL-029": ("B4", False), "PHL-030": ("A1", False)}


def test_words_of_a_president_are_friction_and_never_a_step() -> None:
    rows = on_file("philippines-us", "2026-11-25")
    for report in ("PHL-003", "PHL-006", "PHL-010", "PHL-038", "PHL-039"):
        assert rows[report].report.indicator == "friction"
    assert events("philippines-us", "withdrawal_step") == {"patrols-on-hold-2016-10", "vfa-notice-2020-02"}


@pytest.mark.parametrize(
    "report",
    [
        pytest.param("PHL-031", id="exercise cancelled for a pandemic"),
        pytest.param("PHL-041", id="sale cleared"),
        pytest.param("PHL-055", id="sites named after they were granted"),
        pytest.param("PHL-059", id="treaty not invoked in March 2024"),
        pytest.param("PHL-062", id="treaty not invoked in June 2024"),
        pytest.param("PHL-064", id="understanding with the rival on supplies"),
        pytest.param("PHL-069", id="purchase planned"),
    ],
)
def test_traps_of_the_philippines_do_not_count(report: str) -> None:
    row = on_file("philippines-us", "2026-11-25")[report]
    assert not row.counted
    assert row.why


def test_what_is_halted_or_put_off_is_friction_and_neither_arms_nor_aid() -> None:
    assert {"rifles-2016-10", "mcc-quarrel-2016-12"} <= events("philippines-us", "friction")
    assert events("philippines-us", "aid", "2020-12-31") == set()


# Iran


def test_drones_are_one_event_denied_by_two_and_then_admitted_by_one() -> None:
    def stances(day: str) -> dict[str, bool]:
        scenario = case("iran-russia")
        as_of = date.fromisoformat(day)
        evidence = evidence_set(snapshot(scenario, "v2", as_of), scenario.file.start, settings(scenario, "v2"))
        (drones,) = [event for event in evidence.events if event.id == "drones-to-russia-2022"]
        return {origin.origin: origin.denies for origin in drones.origins}

    denied = {"us-government": False, "russian-government": True, "iranian-government": True}
    assert stances("2022-08-31") == denied
    assert stances("2022-11-04") == denied | {"ukrainian-government": False}
    assert stances("2022-11-05") == denied | {"ukrainian-government": False, "iranian-government": False}


def test_missiles_remain_an_allegation_that_both_deny() -> None:
    rows = [r for r in on_file("iran-russia", "2026-11-25").values() if r.report.event == "missiles-to-russia-2024"]
    assert {(row.report.origin, row.report.denies, row.grade) for row in rows if row.counted} == {
        ("us-government", False, "B3"),
        ("iranian-government", True, "D4"),
        ("russian-government", True, "D4"),
    }


def test_the_treaty_is_one_commitment_and_its_stages_do_not_count_again() -> None:
    assert events("iran-russia", "formal_commitment") == {
        "information-security-2021-01",
        "security-memorandum-2024-04",
        "treaty-2025-01",
    }
    rows = on_file("iran-russia", "2026-11-25")
    assert [key for key, row in rows.items() if row.report.event == "treaty-2025-01" and row.counted] == ["IRN-042"]


def test_where_no_duty_was_owed_nothing_failed() -> None:
    assert events("iran-russia", "failed_obligation") == set()
    assert on_file("iran-russia", "2026-11-25")["IRN-051"].why.startswith("No duty, no failure")


@pytest.mark.parametrize(
    "report",
    [
        pytest.param("IRN-003", id="leaked tape of a minister"),
        pytest.param("IRN-041", id="leaked tape of a general"),
        pytest.param("IRN-017", id="fighters announced in March 2023"),
        pytest.param("IRN-023", id="fighters announced in November 2023"),
        pytest.param("IRN-054", id="fighters alleged in 2025"),
        pytest.param("IRN-059", id="arms ordered"),
        pytest.param("IRN-019", id="vote of a bloc"),
        pytest.param("IRN-021", id="vote of another bloc"),
        pytest.param("IRN-030", id="diplomat below a minister"),
        pytest.param("IRN-052", id="advice behind closed doors, denied"),
        pytest.param("IRN-069", id="abstention"),
    ],
)
def test_traps_of_iran_do_not_count(report: str) -> None:
    row = on_file("iran-russia", "2026-11-25")[report]
    assert not row.counted
    assert row.why


# Slow: real fits


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("version", ["v0", "v2"])
def test_a_forecast_as_of_the_end_of_the_search_passes_its_diagnostics(name: str, version: str, tmp_path: Path) -> None:
    for part in ("codebooks", name):
        shutil.copytree(ROOT / "scenarios" / part, tmp_path / "scenarios" / part)
    scenario = read_scenario(tmp_path, name)
    made = update(scenario, Request(version, scenario.file.searched_until))
    assert made.problems == ()
    assert made.entry is not None
