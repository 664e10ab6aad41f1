"""A replay: the same numbers however it is computed, on record once, and from nothing that was known later."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forecast.analysis.replays import recorder, segment
from forecast.analysis.replays.replay import Span
from forecast.analysis.replays.steps import SEGMENT
from forecast.errors import InputError, WorkspaceError
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger

from ..replays import BY_NUTS, N_DAYS, SPAN, days_of, diverging, killing, numbers, replay_toy
from ..workspaces import ROOT, add_report, edit, exact, forecast_toy, never, records, write_toy

#: Monte Carlo errors by which two right answers may differ; the largest of some hundred is about 3.
MAX_Z = 4.0

#: The version without evidence alone: half the work, where it does not matter which.
ALONE = replace(SPAN, models=("v0",))


def alone(found):
    return {place: row for place, row in found.items() if place[0] == "v0"}


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
    assert made.from_prior + made.moved == 2 * N_DAYS
    assert records(workspace).count("forecast") == 2 * N_DAYS


def test_each_segment_starts_from_the_prior_and_moves_through_its_days(serial):
    started = [entry.forecast for entry in serial[1].entries if "moved_from" not in entry.forecast.method]
    firsts = [serial[1].days[0].isoformat(), serial[1].days[SEGMENT].isoformat()]
    assert [(one.model, one.as_of) for one in started] == [(model, day) for model in ("v1", "v0") for day in firsts]
    assert {one.extra["chain"]["after"] for one in started} == {None}
    for before, entry in zip(serial[1].entries, serial[1].entries[1:], strict=False):
        method = entry.forecast.method
        if "moved_from" in method:
            assert method["moved_from"] == entry.forecast.extra["chain"]["after"] == before.forecast.key
            assert method["sweeps"] >= 2


def test_the_first_day_of_a_segment_is_what_update_samples_from_the_prior(serial, toy):
    """To the last digit: the seed comes from model, evidence and day alone."""
    first = serial[1].entries[0].forecast
    forecast = forecast_toy(toy, made_on=date(2026, 1, 1), as_of=serial[1].days[0], method="smc", sampler=never)
    assert forecast.forecast.answers == first.answers


def test_a_day_inside_a_segment_agrees_with_the_same_day_from_the_prior(serial, toy):
    """Within Monte Carlo errors, of all answers; and not to the digit, because the particles came another way."""
    last = next(entry.forecast for entry in serial[1].entries if entry.forecast.as_of == "2024-04-30")
    other = forecast_toy(toy, made_on=date(2026, 1, 1), as_of=date(2024, 4, 30), method="smc", sampler=never).forecast
    pairs = [(a, b) for a, b in zip(last.answers, other.answers, strict=True) if a.mcse]
    z = np.array([(a.p - b.p) / np.hypot(a.mcse, b.mcse) for a, b in pairs])
    assert len(z) >= 6
    assert 0 < np.abs(z).max() <= MAX_Z


def test_the_sizes_of_the_moves_stay_those_of_the_first_day(toy, monkeypatch):
    sizes = []
    real = segment.smc.move

    def move(*arguments, **options):
        moved = real(*arguments, **options)
        sizes.append((options["scales"], moved.draws.meta["scales"]))
        return moved

    monkeypatch.setattr(segment.smc, "move", move)
    replay_toy(toy, replace(SPAN, last=date(2023, 8, 31)))
    assert len(sizes) == 6  # three days after the first, of two versions
    for scales in (sizes[:3], sizes[3:]):
        assert all(one == scales[0][0] for pair in scales for one in pair)


def test_particles_are_kept_of_the_last_day_alone_while_a_segment_runs_and_afterwards(serial, toy):
    seen = []

    def look(point):
        if point == "ledger: committed":
            seen.append(len(list((toy / DRAWS_FOLDER).glob("*.npz"))))

    replay_toy(toy, ALONE, at=look)
    # the second day's particles are written before its record, and those of the first are deleted after it
    assert seen[:4] == [1, 2, 2, 2]
    assert max(seen) == 3
    ends = [entry for entry in serial[1].entries if entry.forecast.model == "v0" and entry.forecast.fit]
    assert [entry.forecast.as_of for entry in ends] == ["2024-04-30", "2024-06-30"]
    kept = {path.stem for path in (toy / DRAWS_FOLDER).glob("*.npz")}
    assert kept == {entry.forecast.fit for entry in ends}
    with open_ledger(toy / LEDGER_FILE, read_only=True) as ledger:
        assert {fit.sha256 for fit in ledger.fits()} == kept


def test_the_oldest_particles_are_deleted_where_there_are_too_many(serial, toy, monkeypatch):
    size = max(path.stat().st_size for path in (serial[0] / DRAWS_FOLDER).glob("*.npz"))
    monkeypatch.setattr(recorder, "MAX_BYTES", size)
    replay_toy(toy, ALONE)
    kept = {path.stem for path in (toy / DRAWS_FOLDER).glob("*.npz")}
    assert kept == {serial[1].entries[-1].forecast.fit}
    assert numbers(toy) == alone(numbers(serial[0]))
    records(toy)


@pytest.mark.cluster
def test_processes_give_the_numbers_of_one_digit_for_digit(serial, toy):
    replay_toy(toy, jobs=2)
    assert numbers(toy) == numbers(serial[0])
    records(toy)


def test_what_is_on_record_is_not_computed_again(serial, done, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(segment, "_by_particles", never)
        again = replay_toy(done)
    assert [entry.id for entry in again.entries] == [entry.id for entry in serial[1].entries]
    assert (again.from_prior, again.moved) == (serial[1].from_prior, serial[1].moved)
    assert len(records(done)) == len(records(serial[0]))


def test_other_forecasts_and_fits_in_the_ledger_change_no_number(serial, toy):
    for day in (date(2023, 6, 30), date(2023, 7, 15), date(2024, 2, 29)):
        forecast_toy(toy, made_on=date(2026, 1, 1), as_of=day, seed=11)
        forecast_toy(toy, made_on=date(2026, 1, 1), as_of=day, method="nuts")
    replay_toy(toy)
    assert numbers(toy) == numbers(serial[0])


def test_a_later_end_goes_on_with_the_chain(serial, toy):
    replay_toy(toy, replace(ALONE, last=date(2023, 9, 15)))
    assert len(numbers(toy)) == 4
    replay_toy(toy, replace(ALONE, last=date(2024, 5, 31)))
    replay_toy(toy, ALONE)
    assert numbers(toy) == alone(numbers(serial[0]))


def test_a_replay_that_broke_off_goes_on_to_the_same_numbers(serial, toy):
    seen = []

    def stop(point):
        seen.append(point)
        if seen.count("ledger: committed") == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay_toy(toy, ALONE, at=stop)
    assert len(numbers(toy)) == 5
    replay_toy(toy, ALONE)
    assert numbers(toy) == alone(numbers(serial[0]))


@pytest.mark.parametrize("altered", [False, True], ids=["deleted", "altered"])
def test_particles_that_are_no_longer_there_are_computed_again(serial, toy, altered):
    replay_toy(toy, replace(ALONE, last=date(2023, 9, 15)))
    for path in (toy / DRAWS_FOLDER).glob("*.npz"):
        path.unlink()
        if altered:
            path.write_text("something else")
    replay_toy(toy, ALONE)
    assert numbers(toy) == alone(numbers(serial[0]))
    kept = {path.stem for path in (toy / DRAWS_FOLDER).glob("*.npz")}
    assert {entry.forecast.fit for entry in serial[1].entries if entry.forecast.model == "v0"} - {None} == kept
    records(toy)


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


def test_evidence_that_nobody_expected_is_sampled_from_the_prior(toy):
    """Eight meetings seen in one month are far from anything that the particles of January expect."""
    for number in range(8):
        add_report(
            toy,
            f"id: M{number}, indicator: meeting, event: m{number}, when: 2024-02-{10 + number}, known: 2024-02-20, "
            "coded_on: 2024-02-20, claim: They met., asserted_as: fact, grade: A1",
        )
    made = replay_toy(toy, replace(SPAN, last=date(2024, 3, 31)))
    assert made.problems == ()
    methods = {entry.forecast.as_of: entry.forecast.method for entry in made.entries if entry.forecast.model == "v1"}
    assert [day for day, method in methods.items() if "moved_from" not in method] == ["2023-05-31", "2024-02-29"]
    assert all(method["max_error"] <= 0.01 for method in methods.values())


def test_a_day_that_needs_more_sweeps_gets_them(toy, serial, monkeypatch):
    """Where the first attempt of every move fails, the second is recorded."""
    real = segment.answered

    def answered(weighted, questions):
        found = real(weighted, questions)
        few = weighted.proposal.draws.meta["sweeps"] == segment.SWEEPS[0]
        return replace(found, problems=("too few sweeps",)) if few else found

    monkeypatch.setattr(segment, "answered", answered)
    made = replay_toy(toy, replace(SPAN, last=date(2023, 7, 31)))
    sweeps = [entry.forecast.method["sweeps"] for entry in made.entries if "moved_from" in entry.forecast.method]
    assert sweeps == [segment.SWEEPS[1]] * 4
    assert [entry.forecast.method.get("moved_from") is None for entry in made.entries] == [True, False, False] * 2


def test_a_day_whose_particles_fail_is_named_and_not_recorded_and_the_rest_is(toy, monkeypatch):
    """The day after it starts from the prior."""
    real = segment._by_particles

    def failing(day, data, start):
        found = real(day, data, start)
        fails = day.as_of == date(2023, 7, 31) and day.model.family.value == "regime"
        return replace(found, problems=("islands disagree",)) if fails else found

    with monkeypatch.context() as patch:
        patch.setattr(segment, "_by_particles", failing)
        made = replay_toy(toy, replace(SPAN, last=date(2023, 9, 30)))
    assert made.problems == ("toy v1 2023-07-31: not recorded: islands disagree",)
    found = numbers(toy)
    assert ("v1", "2023-07-31") not in found
    assert len(found) == 2 * 5 - 1
    assert "moved_from" not in found["v1", "2023-08-31"][3]
    assert not replay_toy(toy, replace(SPAN, last=date(2023, 9, 30))).problems
    assert ("v1", "2023-07-31") in numbers(toy)


def test_evidence_that_is_impossible_under_the_prior_is_said_and_the_rest_goes_on(toy, monkeypatch):
    def impossible(*_, **__):
        raise ValueError("the evidence is impossible under every draw")

    monkeypatch.setattr(segment.smc, "sample", impossible)
    made = replay_toy(toy, replace(SPAN, last=date(2023, 6, 30)))
    assert made.entries == ()
    assert len(made.problems) == 4
    assert made.problems[0] == (
        "toy v1 2023-05-31: not recorded: model v1: the evidence is impossible under every draw"
    )


def test_nuts_samples_every_day_where_it_is_asked_for(toy):
    made = replay_toy(toy, BY_NUTS, sampler=diverging)
    assert len(made.problems) == 1
    assert "toy v1 2024-05-31: not recorded: 3 divergent transitions" in made.problems[0]
    assert {entry.forecast.method["name"] for entry in made.entries} == {"nuts"}
    assert len(made.entries) == 2 * N_DAYS - 1
    assert not list((toy / DRAWS_FOLDER).glob("*.npz"))
    assert not replay_toy(toy, BY_NUTS, sampler=exact).problems
    assert ("v1", "2024-05-31") in numbers(toy)


@pytest.mark.slow
def test_a_process_that_is_killed_ends_the_replay_and_what_was_finished_stays(serial, toy):
    with pytest.raises(WorkspaceError, match=r"ended before its work was done .*Run the same command again"):
        replay_toy(toy, BY_NUTS, jobs=2, sampler=killing)
    finished = numbers(toy)
    assert 0 < len(finished) < 2 * N_DAYS
    replay_toy(toy, BY_NUTS, jobs=2, sampler=exact)
    assert finished.items() <= numbers(toy).items()
    assert len(numbers(toy)) == 2 * N_DAYS


def test_days_without_an_open_question_are_left_out_with_a_note(toy):
    made = replay_toy(toy, Span(date(2024, 11, 1), date(2025, 2, 28)))
    assert [day for model, day in numbers(toy) if model == "v1"] == ["2024-11-30", "2024-12-31"]
    assert made.notes[0] == "2025-01-31: every question is over or resolved; no forecast with v1"


def test_a_replay_as_of_today_is_still_a_replay(toy):
    made = replay_toy(toy, Span(date(2024, 1, 1), date(2024, 1, 31)), today=date(2024, 1, 31))
    assert {entry.forecast.kind for entry in made.entries} == {"replay"}


def test_automatic_answers_are_recorded_with_the_forecast(serial):
    """For every event indicator, watched (meeting from 2024) or not."""
    for entry in serial[1].entries:
        rows = entry.forecast.extra["automatic"]
        names = [(row["indicator"], row["horizon"]) for row in rows]
        assert names == [(name, months) for name in ("dispute", "meeting") for months in (3, 6, 12)]
        assert 0 < rows[0]["p"] < rows[1]["p"] < rows[2]["p"] < 1


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (Span(date(2022, 12, 1), date(2023, 5, 1)), "2022-12-01 is before the start of toy"),
        (Span(date(2023, 12, 1), date(2026, 1, 2)), "2026-01-02 is in the future"),
        (Span(date(2023, 12, 1), date(2023, 5, 1)), "2023-12-01 is after 2023-05-01"),
        (Span(date(2023, 5, 1), date(2023, 5, 30)), "no month ends from 2023-05-01 to 2023-05-30"),
        (Span(date(2023, 5, 1), date(2023, 6, 30), models=("v7",)), "v7"),
        (Span(date(2023, 5, 1), date(2023, 6, 30), every="day"), "Unknown period 'day'"),
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
    again = replay_toy(done, today=date(2026, 1, 2))
    assert again.entries[3].id != entry.id
    assert again.entries[3].forecast.answers == entry.forecast.answers
