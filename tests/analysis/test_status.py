"""Where a scenario stands: what its last forecast did not use, what has gone stale, what changed, what is due."""

import shutil
from dataclasses import replace
from datetime import date

import pytest

from forecast.analysis.status import Unused, status
from forecast.api import Workspace
from forecast.canonical import sha256
from forecast.errors import LedgerError
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.scenario.read import read_scenario

from ..workspaces import DAY, add_report, edit, forecast_toy, noon, write_toy

REPORTS, SCENARIO = "toy/evidence/reports.yaml", "toy/scenario.yaml"
NEXT = date(2024, 2, 20)


@pytest.fixture(scope="module")
def live_once(tmp_path_factory):
    workspace = write_toy(tmp_path_factory.mktemp("status") / "toy")
    forecast_toy(workspace, made_on=DAY)
    return workspace


@pytest.fixture
def live(live_once, tmp_path):
    """The toy with one live forecast as of `DAY`."""
    shutil.copytree(live_once, tmp_path / "toy")
    return tmp_path / "toy"


def look(workspace, today=NEXT):
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        return status(read_scenario(workspace, "toy"), ledger, today)


def put(workspace, as_of, p=None, **changes):
    """One more record, like the first, in which some answers have another p."""
    with open_ledger(workspace / LEDGER_FILE) as ledger:
        first = next(ledger.forecasts("toy"))
        answers = tuple(
            replace(row, p=(p or {}).get((row.question, row.outcome), row.p)) for row in first.forecast.answers
        )
        made = replace(
            first.forecast,
            as_of=as_of.isoformat(),
            made_at=f"{as_of}T12:00:00+00:00",
            key=sha256(f"{as_of} {changes}"),
            answers=answers,
            **changes,
        )
        return ledger.append_forecast(made, ledger.evidence(made.evidence_identity), allow_clock=True).id


def test_after_a_forecast_nothing_is_unused_and_its_age_is_counted_in_days(live):
    found = look(live)
    assert found.unused == Unused()
    assert not found.unused
    assert found.last.content["as_of"] == "2024-02-01"
    assert found.age_days == 19


def test_without_a_forecast_everything_that_counts_is_unused(tmp_path):
    found = look(write_toy(tmp_path / "toy"))
    assert found.last is None
    assert found.age_days is None
    assert found.unused == Unused(("R1", "R2", "R3"), ("fish", "seaside", "summit"), ())


def test_a_report_is_unused_from_the_day_on_which_it_was_known(live):
    add_report(
        live,
        "id: R5, indicator: dispute, event: quota, when: 2024-02-03, known: 2024-02-10, coded_on: 2024-02-10, "
        "claim: x, grade: A2",
    )
    assert not look(live, date(2024, 2, 9)).unused
    assert look(live, date(2024, 2, 10)).unused == Unused(("R5",), ("quota",), ())


def test_what_does_not_count_is_never_unused(live):
    add_report(live, "id: R5, claim: x, asserted_as: speculation, known: 2024-02-03, coded_on: 2024-02-03")
    assert not look(live).unused


def test_another_grade_makes_a_report_new_and_a_withdrawal_takes_its_event_away(live):
    edit(live, REPORTS, "grade: C3}", "grade: A1}")
    edit(live, REPORTS, "grade: B1}", "grade: B1, withdrawn: {on: 2024-02-10, reason: wrong}}")
    assert look(live, date(2024, 2, 9)).unused == Unused(("R2",), ("fish",), ())
    assert look(live, date(2024, 2, 10)).unused == Unused(("R2",), ("fish",), ("summit",))


def test_a_date_that_was_narrowed_changes_an_event_without_a_new_report(live):
    edit(live, REPORTS, "when: 2023-09,", "when: 2023-09-05,")
    found = look(live).unused
    assert found == Unused((), ("fish",), ())
    assert found


def test_of_several_reports_of_one_origin_only_the_one_that_has_its_say_is_new(live):
    for number, day in ((5, "2024-02-03"), (6, "2024-02-08")):
        add_report(
            live,
            f"id: R{number}, indicator: dispute, event: fish, when: 2023-09, known: {day}, coded_on: {day}, claim: x, "
            "grade: A2, origin: wire",
        )
    assert look(live).unused == Unused(("R6",), ("fish",), ())


def test_a_version_that_uses_no_evidence_leaves_none_unused(live):
    edit(live, SCENARIO, "default_model: v1", "default_model: v0")
    put(live, date(2024, 2, 5), model="v0", family="base-rate")
    assert look(live).last.content["model"] == "v0"
    assert not look(live).unused


@pytest.mark.parametrize(
    ("step", "last_fresh", "first_stale"),
    [
        ("month", date(2024, 7, 31), date(2024, 8, 1)),
        ("week", date(2024, 7, 7), date(2024, 7, 8)),
        ("quarter", date(2024, 9, 30), date(2024, 10, 1)),
    ],
)
def test_coding_is_stale_once_a_whole_step_went_by_since_the_last_search(tmp_path, step, last_fresh, first_stale):
    workspace = write_toy(tmp_path / "toy")
    edit(workspace, SCENARIO, "step: month", f"step: {step}")
    # searched until 2024-06-30
    assert not look(workspace, last_fresh).stale
    assert look(workspace, first_stale).stale


def test_where_nothing_is_searched_the_day_of_the_last_coding_counts(tmp_path):
    workspace = write_toy(tmp_path / "toy")
    edit(workspace, SCENARIO, "searched_until: 2024-06-30\n", "")
    edit(
        workspace,
        "toy/indicators.yaml",
        "    watch: [{from: 2024-01-01, detection: [0.7, 0.95], lag_days: [1, 14]}]\n",
        "    means: They meet\n",
    )
    found = look(workspace, date(2024, 3, 4))
    assert (found.looked, found.last_coded, found.stale) == (date(2024, 2, 1), date(2024, 2, 1), True)
    assert not look(workspace, date(2024, 3, 3)).stale


def test_a_case_that_is_over_and_resolved_is_not_stale(live):
    path = live / "scenarios/toy/resolutions.yaml"
    path.write_text(
        path.read_text()
        + "".join(
            f"{name}: {{outcome: annulled, on: 2025-01-01, source: paper}}\n"
            for name in ("regime-2025", "unbroken-2025", "meeting-2024", "regime-2023")
        )
    )
    found = look(live, date(2025, 2, 1))
    assert (found.n_open, found.due, found.stale) == (0, (), False)


def test_a_question_is_due_from_the_day_after_its_last_until_its_resolution_is_known(live):
    def due(today):
        return [row.question for row in look(live, today).due]

    assert due(date(2024, 12, 31)) == ["regime-2023"]
    assert due(date(2025, 1, 1)) == ["meeting-2024", "regime-2023"]
    path = live / "scenarios/toy/resolutions.yaml"
    late = "meeting-2024: {outcome: yes, on: 2024-03-01, known: 2025-01-05, source: paper}\n"
    path.write_text(path.read_text() + late)
    assert due(date(2025, 1, 4)) == ["regime-2025", "unbroken-2025", "meeting-2024", "regime-2023"]
    assert due(date(2025, 1, 5)) == ["regime-2025", "unbroken-2025", "regime-2023"]


def test_words_that_changed_between_the_last_two_live_forecasts_are_named(live):
    put(live, date(2024, 2, 5), {("unbroken-2025", "yes"): 0.449, ("meeting-2024", "yes"): 0.30})
    put(live, date(2024, 2, 9), {("unbroken-2025", "yes"): 0.451, ("meeting-2024", "yes"): 0.44})
    found = look(live)
    assert found.last.content["as_of"] == "2024-02-09"
    assert found.before.content["as_of"] == "2024-02-05"
    assert [(row.question, row.outcome, row.before.text, row.word.text) for row in found.changed] == [
        ("unbroken-2025", "yes", "unlikely", "roughly even chance")
    ]


def test_words_are_those_of_the_scenarios_own_scale(live):
    edit(live, SCENARIO, "default_model: v1", "default_model: v1\nwords: phia")
    put(live, date(2024, 2, 5), {("unbroken-2025", "yes"): 0.36})
    put(live, date(2024, 2, 9), {("unbroken-2025", "yes"): 0.41})
    changed = [row for row in look(live).changed if row.question == "unbroken-2025"]
    assert [(row.before.text, row.word.text) for row in changed] == [
        ("between unlikely and realistic possibility", "realistic possibility")
    ]


def test_a_single_live_forecast_has_nothing_before_it_not_even_a_replay(live):
    put(live, date(2024, 1, 20), {("unbroken-2025", "yes"): 0.01}, kind="replay")
    found = look(live)
    assert found.before is None
    assert found.changed == ()


def test_words_are_compared_with_those_of_an_earlier_day_not_of_an_hour_before(live):
    put(live, date(2024, 2, 5), {("unbroken-2025", "yes"): 0.449})
    put(live, date(2024, 2, 9), {("unbroken-2025", "yes"): 0.46})
    put(live, date(2024, 2, 9), {("unbroken-2025", "yes"): 0.47}, seed=8)
    found = look(live)
    assert found.before.content["as_of"] == "2024-02-05"
    assert [(row.p_before, row.p) for row in found.changed if row.question == "unbroken-2025"] == [(0.449, 0.47)]


def test_the_last_live_forecast_goes_before_later_replays_and_other_versions(live):
    put(live, date(2024, 2, 10), kind="replay")
    put(live, date(2024, 2, 11), model="v0", family="base-rate")
    assert look(live).last.content["as_of"] == "2024-02-01"


def test_without_a_live_forecast_the_last_replay_stands_for_it(tmp_path):
    workspace = write_toy(tmp_path / "toy")
    forecast_toy(workspace, made_on=NEXT, as_of=DAY)
    found = look(workspace)
    assert (found.last.content["kind"], found.before) == ("replay", None)


def test_a_retracted_forecast_is_not_the_last(live):
    later = put(live, date(2024, 2, 9))
    with open_ledger(live / LEDGER_FILE) as ledger:
        ledger.retract(later, "a mistake", "2024-02-10T08:00:00+00:00")
    assert look(live).last.content["as_of"] == "2024-02-01"


def test_evidence_that_no_version_can_read_is_an_error_of_the_ledger(live):
    with open_ledger(live / LEDGER_FILE) as ledger:
        first = next(ledger.forecasts("toy")).forecast
        odd = {"events": [{"id": "x"}]}
        made = replace(first, evidence_identity=sha256('{"events":[{"id":"x"}]}'), as_of="2024-02-09", key=sha256("x"))
        ledger.append_forecast(made, odd)
    with pytest.raises(LedgerError, match=r"the evidence set of fc-.* cannot be read"):
        look(live)


def test_what_is_wrong_with_one_scenario_hides_no_other(live, tmp_path):
    shutil.copytree(live / "scenarios/toy", live / "scenarios/broken")
    (live / "scenarios/broken/scenario.yaml").write_bytes(b"\xff\xfe\x00 [[[[ \x1b[31m")
    found = Workspace(live).status(clock=noon(NEXT))
    assert [row["scenario"] for row in found.rows] == ["toy"]
    assert {error["scenario"] for error in found.document["errors"]} == {"broken"}
    assert found.findings[0].file == "scenarios/broken/scenario.yaml"
