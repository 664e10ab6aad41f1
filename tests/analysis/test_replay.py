"""A replay: the same numbers however it is computed, on record once, and from nothing that was known later."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from forecast.analysis.replays.replay import SEGMENT, Span
from forecast.canonical import is_unaltered
from forecast.errors import InputError, WorkspaceError
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger

from ..replays import N_DAYS, SPAN, days_of, diverging, dying, numbers, replay_toy
from ..workspaces import ROOT, add_report, edit, exact, forecast_toy, never, records, write_toy


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    """Processes that a test starts import its functions from here."""
    monkeypatch.syspath_prepend(str(ROOT))


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    """The toy replayed by one process; not to be written to."""
    workspace = write_toy(tmp_path_factory.mktemp("serial"))
    return workspace, replay_toy(workspace)


@pytest.fixture
def toy(tmp_path):
    return write_toy(tmp_path / "toy")


@pytest.fixture
def done(serial, tmp_path):
    """A copy of the replayed toy."""
    return Path(shutil.copytree(serial[0], tmp_path / "done"))


def test_every_day_and_model_is_on_record_once_as_a_replay(serial):
    workspace, made = serial
    assert len(made.days) == N_DAYS > SEGMENT
    assert set(numbers(workspace)) == set(days_of(made))
    assert {entry.forecast.kind for entry in made.entries} == {"replay"}
    assert made.fits + made.reweighted == 2 * N_DAYS
    assert records(workspace).count("forecast") == 2 * N_DAYS


def test_each_segment_begins_with_a_fit_of_its_own(serial):
    fitted = {entry.forecast.as_of for entry in serial[1].entries if entry.forecast.method["from_fit"] is None}
    assert {serial[1].days[0].isoformat(), serial[1].days[SEGMENT].isoformat()} <= fitted


@pytest.mark.cluster
def test_processes_give_the_numbers_of_one_digit_for_digit(serial, toy):
    replay_toy(toy, jobs=2)
    assert numbers(toy) == numbers(serial[0])
    records(toy)


def test_what_is_on_record_is_not_computed_again(serial, done):
    again = replay_toy(done, sampler=never)
    assert [entry.id for entry in again.entries] == [entry.id for entry in serial[1].entries]
    assert (again.fits, again.reweighted) == (serial[1].fits, serial[1].reweighted)
    assert len(records(done)) == len(records(serial[0]))


def test_other_forecasts_and_fits_in_the_ledger_change_no_number(serial, toy):
    for day in (date(2023, 6, 30), date(2023, 7, 15), date(2024, 2, 29)):
        forecast_toy(toy, made_on=date(2026, 1, 1), as_of=day, seed=11)
        forecast_toy(toy, made_on=date(2026, 1, 1), as_of=day, method="nuts")
    replay_toy(toy)
    assert numbers(toy) == numbers(serial[0])


def test_a_later_end_goes_on_with_the_chain(serial, toy):
    replay_toy(toy, replace(SPAN, last=date(2023, 9, 15)))
    assert len(numbers(toy)) == 8
    replay_toy(toy, replace(SPAN, last=date(2024, 5, 31)))
    replay_toy(toy)
    assert numbers(toy) == numbers(serial[0])


def test_a_replay_that_broke_off_goes_on_to_the_same_numbers(serial, toy):
    seen = []

    def stop(point):
        seen.append(point)
        if seen.count("ledger: committed") == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay_toy(toy, at=stop)
    assert len(numbers(toy)) == 5
    replay_toy(toy)
    assert numbers(toy) == numbers(serial[0])


@pytest.mark.parametrize("altered", [False, True], ids=["deleted", "altered"])
def test_draws_that_are_no_longer_there_are_made_again(serial, toy, altered):
    replay_toy(toy, replace(SPAN, last=date(2023, 9, 15)))
    for path in (toy / DRAWS_FOLDER).glob("*.npz"):
        path.unlink()
        if altered:
            path.write_text("something else")
    replay_toy(toy)
    assert numbers(toy) == numbers(serial[0])
    # and kept: what was recorded since names a file that is there
    with open_ledger(toy / LEDGER_FILE, read_only=True) as ledger:
        since = {entry.forecast.fit for entry in ledger.forecasts() if entry.content["as_of"] > "2023-09-15"}
    assert all(is_unaltered(toy / DRAWS_FOLDER / f"{fit}.npz", fit) for fit in since)


def test_nothing_that_became_known_later_reaches_a_day(serial, toy):
    """Reports known and questions resolved after a day leave its numbers as they are, to the digit."""
    add_report(
        toy,
        "id: R9, indicator: meeting, event: late, when: 2023-06-01, known: 2024-03-10, coded_on: 2024-04-01, "
        "claim: They met., asserted_as: fact, grade: A1",
    )
    edit(toy, "toy/resolutions.yaml", "known: 2024-03-15", "known: 2024-04-15")
    replay_toy(toy)
    before, after = numbers(serial[0]), numbers(toy)
    assert before.keys() == after.keys()
    same = {place for place in before if before[place] == after[place]}
    assert {place for place in before if place[1] < "2024-03-10"} <= same
    assert ("v1", "2024-03-31") not in same


def test_weights_that_do_not_serve_are_replaced_by_a_fit(toy):
    """Eight meetings seen in one month are far from anything the fit of last May expects."""
    for number in range(8):
        add_report(
            toy,
            f"id: M{number}, indicator: meeting, event: m{number}, when: 2024-02-{10 + number}, known: 2024-02-20, "
            "coded_on: 2024-02-20, claim: They met., asserted_as: fact, grade: A1",
        )
    made = replay_toy(toy, replace(SPAN, last=date(2024, 3, 31)))
    methods = {entry.forecast.as_of: entry.forecast.method for entry in made.entries if entry.forecast.model == "v1"}
    fitted = [day for day, method in methods.items() if method["from_fit"] is None]
    assert fitted[:2] == ["2023-05-31", "2024-02-29"]
    weighed = [method for method in methods.values() if method["name"] == "reweight"]
    assert weighed
    assert all(method["khat"] <= 0.7 and method["ess"] >= 400 for method in weighed)


def test_a_fit_that_fails_is_named_and_not_recorded_and_the_rest_is(serial, toy):
    made = replay_toy(toy, sampler=diverging)
    assert len(made.problems) == 1
    assert "toy v1 2024-05-31: not recorded: 3 divergent transitions" in made.problems[0]
    expected = numbers(serial[0])
    del expected["v1", "2024-05-31"]
    del expected["v1", "2024-06-30"]  # it now begins with a fit of its own
    found = numbers(toy)
    assert found.pop(("v1", "2024-06-30"))[4] == "2024-06-30"
    assert found == expected
    assert not replay_toy(toy).problems
    assert ("v1", "2024-05-31") in numbers(toy)


@pytest.mark.slow
def test_a_process_that_is_killed_ends_the_replay_and_what_was_finished_stays(serial, toy):
    with pytest.raises(WorkspaceError, match=r"ended before its work was done .*Run the same command again"):
        replay_toy(toy, jobs=2, sampler=dying)
    finished, expected = numbers(toy), numbers(serial[0])
    assert 0 < len(finished) < len(expected)
    replay_toy(toy, jobs=2)
    assert numbers(toy) == expected


def test_days_without_an_open_question_are_left_out_with_a_note(toy):
    made = replay_toy(toy, Span(date(2024, 11, 1), date(2025, 2, 28)))
    assert [day for model, day in numbers(toy) if model == "v1"] == ["2024-11-30", "2024-12-31"]
    assert made.notes[0] == "2025-01-31: every question is over or resolved; no forecast with v1"


def test_a_replay_as_of_today_is_still_a_replay(toy):
    made = replay_toy(toy, Span(date(2024, 1, 1), date(2024, 1, 31)), today=date(2024, 1, 31))
    assert {entry.forecast.kind for entry in made.entries} == {"replay"}


def test_automatic_answers_are_recorded_with_the_forecast(serial):
    last = [entry.forecast for entry in serial[1].entries if entry.forecast.as_of == "2024-02-29"]
    for forecast in last:
        rows = forecast.extra["automatic"]
        assert [(row["indicator"], row["horizon"]) for row in rows] == [("meeting", n) for n in (3, 6, 12)]
        assert 0 < rows[0]["p"] < rows[1]["p"] < rows[2]["p"] < 1
    assert serial[1].entries[0].forecast.extra["automatic"] == []


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (Span(date(2022, 12, 1), date(2023, 5, 1)), "2022-12-01 is before the start of toy"),
        (Span(date(2023, 12, 1), date(2026, 1, 2)), "2026-01-02 is in the future"),
        (Span(date(2023, 12, 1), date(2023, 5, 1)), "2023-12-01 is after 2023-05-01"),
        (Span(date(2023, 5, 1), date(2023, 5, 30)), "no month ends from 2023-05-01 to 2023-05-30"),
        (Span(date(2023, 5, 1), date(2023, 6, 30), models=("v7",)), "v7"),
        (Span(date(2023, 5, 1), date(2023, 6, 30), every="day"), "'day' is no rhythm"),
    ],
)
def test_what_cannot_be_replayed_is_said_and_nothing_is_written(toy, span, said):
    with pytest.raises(InputError, match=said):
        replay_toy(toy, span, sampler=never)
    assert not (toy / LEDGER_FILE).exists()


def test_all_that_is_wrong_is_said_at_once(toy):
    with pytest.raises(InputError) as error:
        replay_toy(toy, Span(date(2022, 1, 1), date(2027, 1, 1), models=("v7",)), sampler=never)
    assert len(error.value.findings()) == 3


def test_a_retracted_day_is_forecast_anew(done, serial):
    entry = serial[1].entries[3]
    with open_ledger(done / LEDGER_FILE) as ledger:
        ledger.retract(entry.id, "by mistake", "2026-01-01T12:00:00+00:00")
    again = replay_toy(done, sampler=exact, today=date(2026, 1, 2))
    assert again.entries[3].id != entry.id
    assert again.entries[3].forecast.answers == entry.forecast.answers
