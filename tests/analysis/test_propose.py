"""What the evidence proposes as resolutions: enough certain events for yes, a searched and silent record for no."""

from dataclasses import replace
from datetime import date

import pytest

from forecast.analysis.scoring.propose import propose
from forecast.scenario.read import read_scenario
from forecast.scenario.schema import Family, Resolution, Withdrawal

from ..builders import make_codebook, make_report, make_scenario
from ..workspaces import copy_dprk

LATER = date(2024, 6, 1)

#: By 1 July everything of the window has been searched for: its end and 30 days.
WATCH = {"from": date(2023, 1, 1), "detection": (0.7, 0.9), "lag_days": (1.0, 29.5)}


def case(*reports, searched=date(2023, 12, 31), watch=WATCH, **question):
    asked = {
        "id": "attack",
        "ask": "?",
        "kind": "occurs",
        "indicator": "attack",
        "between": (date(2023, 2, 1), date(2023, 6, 1)),
        **question,
    }
    codebook = make_codebook(watches={"attack": [watch]} if watch else None)
    return make_scenario(reports=reports, questions=[asked], codebook=codebook, searched_until=searched)


def proposed(scenario, as_of=LATER):
    (row,) = propose(scenario, as_of)[0]
    return (row.outcome, row.on, row.known, row.source)


def undecided(scenario, as_of=LATER):
    proposals, (row,) = propose(scenario, as_of)
    assert proposals == []
    return row.why


def attack(name, day, known=None, **fields):
    return make_report(name, when=date(2023, *day), known=date(2023, *(known or day)), **fields)


def test_enough_certain_events_are_a_yes_on_the_day_of_the_last_that_was_needed():
    reports = [attack("A", (3, 1)), attack("B", (4, 1), known=(4, 9)), attack("C", (5, 1))]
    assert proposed(case(*reports)) == ("yes", date(2023, 3, 1), date(2023, 3, 1), "A")
    assert proposed(case(*reports, at_least=2)) == ("yes", date(2023, 4, 1), date(2023, 4, 9), "A, B")


def test_reports_of_one_event_are_one_event():
    twice = [attack("A", (3, 1)), attack("A2", (3, 1), event="A", source="agency", origin="agency")]
    assert proposed(case(*twice)) == ("yes", date(2023, 3, 1), date(2023, 3, 1), "A, A2")
    assert proposed(case(*twice, at_least=2))[0] == "no"


def test_it_is_known_from_the_day_on_which_the_evidence_sufficed():
    # D5 is more likely false than true; a second origin a week later makes it certain enough
    weak = attack("A", (3, 1), grade="D5")
    strong = attack("A2", (3, 1), known=(3, 8), event="A", grade="A1", source="agency", origin="agency")
    assert proposed(case(weak, strong)) == ("yes", date(2023, 3, 1), date(2023, 3, 8), "A, A2")


def test_a_yes_needs_no_watch_and_not_the_end_of_the_window():
    scenario = case(attack("A", (3, 1)), watch=None, settled_by="truth")
    assert proposed(scenario, date(2023, 3, 1)) == ("yes", date(2023, 3, 1), date(2023, 3, 1), "A")


def test_nothing_that_became_known_later_is_used():
    scenario = case(attack("A", (3, 1), known=(5, 20)))
    assert undecided(scenario, date(2023, 5, 19)) == "its window runs until 2023-06-01"
    assert proposed(scenario, date(2023, 5, 20))[2] == date(2023, 5, 20)


def test_what_was_withdrawn_is_no_event():
    report = attack("A", (3, 1)).model_copy(update={"withdrawn": Withdrawal(on=date(2023, 4, 1), reason="false")})
    assert proposed(case(report))[0] == "no"


def test_a_watched_searched_and_silent_window_is_a_no_once_late_reports_have_come():
    assert proposed(case(), date(2023, 7, 1)) == (
        "no",
        date(2023, 6, 1),
        date(2023, 7, 1),
        "Evidence of this scenario, searched to 2023-12-31: no events of attack within the window",
    )
    assert undecided(case(), date(2023, 6, 30)) == "reports may come until 2023-07-01"
    assert undecided(case(), date(2023, 6, 1)) == "its window runs until 2023-06-01"


@pytest.mark.parametrize(
    ("scenario", "why"),
    [
        (
            case(settled_by="truth"),
            "a search settles it, not this record (no events of attack within the window)",
        ),
        (case(watch=None), "'attack' was not watched on 2023-02-01"),
        (case(watch={**WATCH, "to": date(2023, 5, 1)}), "'attack' was not watched on 2023-05-02"),
        (
            case(searched=date(2023, 6, 30)),
            "the record must be searched to 2023-07-01 first; it is searched to 2023-06-30",
        ),
        (case(attack("A", (3, 1), grade="D5")), "it hangs on A: doubtful, or perhaps outside the window"),
        (
            case(make_report("A", when=(date(2023, 5, 25), date(2023, 6, 5)))),
            "it hangs on A: doubtful, or perhaps outside the window",
        ),
        (
            case(attack("A", (3, 1)), attack("B", (4, 1), grade="D5"), at_least=2),
            "it hangs on B: doubtful, or perhaps outside the window",
        ),
    ],
)
def test_silence_that_settles_nothing_says_why(scenario, why):
    assert undecided(scenario) == why


@pytest.mark.parametrize("day", [(1, 31), (6, 2)])
def test_events_outside_the_window_do_not_count(day):
    assert proposed(case(attack("A", day)))[0] == "no"


def test_an_event_that_was_only_denied_does_not_stand_in_the_way_of_a_no():
    assert proposed(case(attack("A", (3, 1), denies=True)))[0] == "no"


def test_what_people_judge_and_what_is_resolved_is_never_proposed():
    questions = [
        {"id": "now", "ask": "?", "kind": "state", "on": date(2023, 5, 1)},
        {"id": "holds", "ask": "?", "kind": "stays", "in": ["peace"], "until": date(2025, 5, 1)},
        {
            "id": "attack",
            "ask": "?",
            "kind": "occurs",
            "indicator": "attack",
            "between": (date(2023, 2, 1), date(2023, 6, 1)),
        },
    ]
    done = {"attack": Resolution(outcome="no", on=date(2023, 6, 1), known=date(2023, 6, 1), source="paper")}
    scenario = make_scenario(questions=questions, resolutions=done, reports=[attack("A", (3, 1))])
    proposals, left = propose(scenario, LATER)
    assert proposals == []
    assert [(row.question, row.why) for row in left] == [
        ("now", "people judge it with the codebook"),
        ("holds", "it runs until 2025-05-01"),
    ]


def test_the_real_case_proposes_what_its_authors_wrote_down_by_themselves(tmp_path):
    # scenarios/dprk-russia/resolutions.yaml was written by people before this was
    scenario = read_scenario(copy_dprk(tmp_path), "dprk-russia")
    proposals, _ = propose(replace(scenario, resolutions={}), date(2026, 11, 24))
    assert len(proposals) >= 6
    assert {row.question: row.outcome for row in proposals} == {
        row.question: scenario.resolutions[row.question].outcome for row in proposals
    }
    # their day of the dispatch is that of the first report; the program needs an event that is over
    same_day = [row for row in proposals if row.question != "troops-2025"]
    assert all(row.on == scenario.resolutions[row.question].on for row in same_day)


def test_what_happened_is_the_same_where_the_default_model_is_the_benchmark():
    """A base-rate version hears no evidence; a question is settled by what happened all the same."""
    scenario = case(attack("A", (3, 1)))
    models = {"v0": scenario.models["v1"].model_copy(update={"version": "v0", "family": Family.BASE_RATE})}
    benchmark = replace(
        scenario,
        models=models,
        file=scenario.file.model_copy(update={"default_model": "v0"}),
        codebooks={"v0": scenario.codebooks["v1"]},
        grade_tables={"v0": scenario.grade_tables["v1"]},
    )
    assert proposed(benchmark) == proposed(scenario) == ("yes", date(2023, 3, 1), date(2023, 3, 1), "A")


def test_a_yes_is_known_from_the_day_on_which_a_grade_was_revised_or_a_denial_withdrawn():
    """By hand: doubted until 20 March and 2 April; nothing was reported on these days."""
    revised = attack("A", (3, 1), grade="D5", revised=[{"on": date(2023, 3, 20), "grade": "A1", "reason": "official"}])
    assert proposed(case(revised)) == ("yes", date(2023, 3, 1), date(2023, 3, 20), "A")
    denial = attack(
        "B", (3, 1), event="A", denies=True, grade="A1", origin="ministry",
        withdrawn={"on": date(2023, 4, 2), "reason": "admitted"},
    )  # fmt: skip
    doubted = attack("A", (3, 1), grade="B2")
    assert proposed(case(doubted, denial)) == ("yes", date(2023, 3, 1), date(2023, 4, 2), "A")


def test_a_report_that_was_withdrawn_is_no_source():
    """Too doubtful by itself while it counted; the second origin is enough by itself."""
    gone = attack("A", (3, 1), grade="D5", withdrawn={"on": date(2023, 3, 2), "reason": "an error"})
    left = attack("A2", (3, 1), known=(3, 8), event="A", grade="A1", source="agency", origin="agency")
    assert proposed(case(gone, left)) == ("yes", date(2023, 3, 1), date(2023, 3, 8), "A2")
