"""What appending, looking up and retracting promise."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from forecast.canonical import canonical_json, sha256
from forecast.errors import InputError, LedgerError, WorkspaceError
from forecast.ledger.latest import earlier_of
from forecast.ledger.records import Entry, FitRow, Kind, Workings
from forecast.ledger.store import Ledger, open_ledger
from forecast.ledger.verify import verify, verify_file

from .samples import MODEL, evidence, forecast

MADE_AT = "2024-01-09T08:00:00+00:00"


def test_a_forecast_reads_back_equal(ledger: Ledger, path: Path) -> None:
    entry = ledger.append_forecast(forecast(), evidence())
    with open_ledger(path, read_only=True) as again:
        (read,) = again.forecasts()
    assert read == entry
    assert read.forecast == forecast()
    assert not read.stored


def test_the_evidence_set_is_recorded_once_per_identity(ledger: Ledger) -> None:
    for number, set_number in ((0, 0), (1, 0), (2, 1)):
        ledger.append_forecast(forecast(number, set_number=set_number), evidence(set_number))
    assert [entry.type for entry in ledger.entries()] == ["evidence", "forecast", "forecast", "evidence", "forecast"]
    assert ledger.evidence(forecast(set_number=1).evidence_identity) == evidence(1)


def test_an_unknown_evidence_set_is_an_error(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match=r"holds no evidence set 00"):
        ledger.evidence("00")


def test_evidence_of_another_identity_is_not_recorded(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="the evidence set is not"):
        ledger.append_forecast(forecast(), evidence(1))
    assert list(ledger.entries()) == []


def test_the_model_is_recorded_once_per_identity_and_read_back(ledger: Ledger) -> None:
    ledger.append_forecast(forecast(0), evidence(), MODEL)
    ledger.append_forecast(forecast(1, set_number=1), evidence(1), MODEL)
    assert [entry.type for entry in ledger.entries()] == ["evidence", "model", "forecast", "evidence", "forecast"]
    assert ledger.model(forecast().model_identity) == MODEL
    assert verify(ledger) == []


def test_an_unknown_model_is_none(ledger: Ledger) -> None:
    ledger.append_forecast(forecast(0), evidence())
    assert ledger.model(forecast().model_identity) is None


def test_a_model_of_another_identity_is_not_recorded(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="the model is not"):
        ledger.append_forecast(forecast(), evidence(), MODEL | {"tau": 0.6})
    assert list(ledger.entries()) == []


def test_the_same_key_returns_the_stored_forecast(ledger: Ledger) -> None:
    first = ledger.append_forecast(forecast(), evidence())
    again = ledger.append_forecast(forecast(made_at=MADE_AT), evidence())
    assert again == replace(first, stored=True)
    assert len(list(ledger.forecasts())) == 1


def test_force_appends_the_same_key_and_find_key_gives_the_last(ledger: Ledger) -> None:
    ledger.append_forecast(forecast(), evidence())
    forced = ledger.append_forecast(forecast(made_at=MADE_AT), evidence(), force=True)
    assert not forced.stored
    assert ledger.find_key(forecast().key) == forced


def test_the_same_record_is_never_there_twice(ledger: Ledger) -> None:
    first = ledger.append_forecast(forecast(), evidence())
    assert ledger.append_forecast(forecast(), evidence(), force=True) == replace(first, stored=True)


def test_a_retracted_forecast_does_not_answer_for_its_key(ledger: Ledger) -> None:
    first = ledger.append_forecast(forecast(), evidence())
    ledger.retract(first.id, "S13 was coded twice", MADE_AT)
    assert ledger.find_key(forecast().key) is None
    assert not ledger.append_forecast(forecast(made_at=MADE_AT), evidence()).stored


def test_a_retracted_forecast_stays_and_says_so(ledger: Ledger) -> None:
    first = ledger.append_forecast(forecast(), evidence())
    ledger.retract(first.id, "S13 was coded twice", MADE_AT)
    (entry,) = ledger.forecasts()
    assert entry.retracted is not None
    assert entry.retracted.reason == "S13 was coded twice"
    assert list(ledger.forecasts(retracted=False)) == []


def test_retracting_twice_returns_the_first_retraction(ledger: Ledger) -> None:
    first = ledger.append_forecast(forecast(), evidence())
    retraction = ledger.retract(first.id, "S13 was coded twice", MADE_AT)
    assert ledger.retract(first.id, "again", "2025-01-01T00:00:00Z") == replace(retraction, stored=True)


def test_only_forecasts_can_be_retracted_and_only_with_a_reason(ledger: Ledger) -> None:
    first = ledger.append_forecast(forecast(), evidence())
    retraction = ledger.retract(first.id, "wrong", MADE_AT)
    with pytest.raises(InputError, match="is no forecast"):
        ledger.retract(retraction.id, "I did not mean it", MADE_AT)
    with pytest.raises(InputError, match="needs a reason"):
        ledger.retract(first.id, " ", MADE_AT)


def test_what_could_not_be_read_back_is_not_written(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match=r"made_at is .2024-01-07 noon.\. Accepted: an instant in UTC"):
        ledger.append_forecast(forecast(made_at="2024-01-07 noon"), evidence())
    with pytest.raises(ValueError, match="Out of range float"):
        ledger.append_forecast(forecast(method={"khat": float("nan")}), evidence())
    assert list(ledger.entries()) == []


def test_an_id_is_found_by_its_beginning(ledger: Ledger) -> None:
    entry = ledger.append_forecast(forecast(), evidence())
    assert ledger.entry(entry.id[:6]) == ledger.entry(entry.id.upper()) == entry


def test_an_ambiguous_beginning_lists_the_candidates(ledger: Ledger) -> None:
    ids = [ledger.append_forecast(forecast(number), evidence()).id for number in range(10)]
    with pytest.raises(InputError, match=f"'fc-' names several records .* Accepted: one of {ids[0]}, .* and 2 more"):
        ledger.entry("fc-")


def test_an_unknown_id_names_the_nearest(ledger: Ledger) -> None:
    entry = ledger.append_forecast(forecast(), evidence())
    with pytest.raises(InputError, match=f"is in no log of .* nearest: {entry.id}"):
        ledger.entry(entry.id[:-1] + "1")


type Made = tuple[str, str, str, Kind]


def recorded(ledger: Ledger, made: Sequence[Made]) -> list[Entry]:
    """Forecasts on record, each by its as-of day, instant made, version and kind."""
    return [
        ledger.append_forecast(
            forecast(n, as_of=as_of, made_at=made_at, model=model, kind=kind), evidence(), allow_clock=True
        )
        for n, (as_of, made_at, model, kind) in enumerate(made)
    ]


def test_latest_is_live_of_the_default_version_by_as_of_and_then_by_the_instant_made(ledger: Ledger) -> None:
    made: list[Made] = [
        ("2024-02-01", "2024-03-01T00:00:00.5+00:00", "v1", "replay"),
        ("2024-02-01", "2024-03-01T00:00:00+00:00", "v2", "live"),
        ("2024-01-01", "2024-05-01T00:00:00+00:00", "v2", "replay"),
        ("2024-03-01", "2024-03-01T00:00:00+00:00", "v2", "live"),
    ]
    entries = recorded(ledger, made)
    assert ledger.latest("dprk-russia") == entries[3]
    assert ledger.latest("dprk-russia", model="v1") == entries[0]
    record = forecast(9, as_of="2024-01-15", made_at=made[-1][1], model="v1", kind="live")
    own = ledger.append_forecast(record, evidence())
    assert ledger.latest("dprk-russia") == entries[3]
    assert ledger.latest("dprk-russia", default_model="v1") == own
    assert ledger.latest("dprk-russia", default_model="v0") == entries[3]
    ledger.retract(own.id, "wrong", made[-1][1])
    ledger.retract(entries[3].id, "wrong", made[-1][1])
    assert ledger.latest("dprk-russia", default_model="v1") == entries[1]
    ledger.retract(entries[1].id, "wrong", made[-1][1])
    assert ledger.latest("dprk-russia") == entries[0]
    assert ledger.latest("elsewhere") is None


@pytest.mark.parametrize(
    ("as_of", "kind", "earlier"),
    [
        ("2024-02-01", "live", 0),
        ("2024-02-02", "live", 4),
        ("2024-01-15", "replay", 5),
        ("2024-01-10", "replay", 0),
        ("2024-01-07", "live", None),
        ("2024-01-07", "replay", None),
    ],
    ids=[
        "of an earlier day, though two of the same day are on record",
        "of several of one day the last made",
        "a replay with a replay",
        "a replay with a live one where no replay is earlier",
        "the first live one with nothing",
        "the first of all with nothing",
    ],
)
def test_a_forecast_is_compared_with_the_last_as_of_an_earlier_day(
    ledger: Ledger, as_of: str, kind: Kind, earlier: int | None
) -> None:
    made: list[Made] = [
        ("2024-01-07", "2024-01-07T09:00:00+00:00", "v2", "live"),
        ("2024-01-30", "2024-01-30T09:00:00+00:00", "v1", "live"),
        ("2024-01-31", "2024-01-31T09:00:00+00:00", "v2", "live"),
        ("2024-02-01", "2024-02-01T09:00:00+00:00", "v2", "live"),
        ("2024-02-01", "2024-02-01T10:00:00+00:00", "v2", "live"),
        ("2024-01-10", "2024-05-01T09:00:00+00:00", "v2", "replay"),
    ]
    entries = recorded(ledger, made)
    ledger.retract(entries[2].id, "wrong", made[-1][1])
    found = earlier_of(ledger.forecasts("dprk-russia"), "v2", as_of, kind)
    assert found is None if earlier is None else found is not None and found.id == entries[earlier].id


def test_forecasts_are_chosen_by_scenario_model_and_kind(ledger: Ledger) -> None:
    a = ledger.append_forecast(forecast(0, scenario="a", model="v1"), evidence())
    b = ledger.append_forecast(forecast(1, scenario="b", model="v1", kind="replay"), evidence())
    assert list(ledger.forecasts()) == [a, b]
    assert list(ledger.forecasts("a")) == [a]
    assert list(ledger.forecasts(model="v1", kind="replay")) == [b]
    assert ledger.scenarios() == {"a": 1, "b": 1}


def test_the_chain_is_over_the_whole_digest_of_each_content(ledger: Ledger) -> None:
    entry = ledger.append_forecast(forecast(), evidence())
    first = next(ledger.entries())
    by_hand = sha256(f"forecast ledger {first.log}")
    assert first.prev == by_hand
    for content in (first.content, entry.content):
        by_hand = sha256(by_hand + sha256(canonical_json(content)))
    assert ledger.head() == (entry.log, by_hand) == ledger.heads()[0]


def test_two_workspaces_have_two_logs(ledger: Ledger, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "other.db", create=True) as other:
        assert other.own_log != ledger.own_log
        assert other.head() != ledger.head()


def test_a_missing_file_reads_as_an_empty_ledger_and_is_not_made(path: Path) -> None:
    with open_ledger(path, read_only=True) as ledger:
        assert list(ledger.entries()) == []
        assert ledger.head() == ("", "")
        assert ledger.latest("dprk-russia") is None
        assert ledger.find_key(forecast().key) is None
        assert ledger.fits("m") == []
        assert verify(ledger) == []
    assert not path.parent.exists()


def test_a_missing_file_is_made_only_when_asked_for(path: Path) -> None:
    with pytest.raises(LedgerError, match=r"there is no ledger\. It is made by `forecast update SCENARIO`"):
        open_ledger(path)
    path.parent.mkdir()
    path.touch()
    with pytest.raises(LedgerError, match="the file is empty"):
        open_ledger(path)


def test_an_empty_file_reads_as_an_empty_ledger_until_it_is_verified(path: Path) -> None:
    """A process that is killed while it makes a ledger leaves an empty file."""
    path.parent.mkdir()
    path.touch()
    with open_ledger(path, read_only=True) as ledger:
        assert list(ledger.entries()) == []
    (problem,) = verify_file(path)
    assert (problem.level, f"{path} is an empty file, no ledger" in problem.message) == ("error", True)
    with open_ledger(path, create=True) as ledger:
        assert verify(ledger) == []
    assert verify_file(path) == []


@pytest.mark.parametrize("mode", [{"read_only": True}, {"create": True}, {}])
@pytest.mark.parametrize(
    ("content", "draws", "message"),
    [
        (b"", True, "an empty file, no ledger, beside draws of forecasts: the records that it held are lost"),
        (b"\n", False, "1 bytes without tables, no ledger; what it held is lost"),
        (b"S", True, "1 bytes without tables, no ledger; what it held is lost"),
    ],
    ids=["emptied", "newline", "beginning"],
)
def test_a_ledger_that_was_emptied_is_not_taken_for_a_new_one(
    path: Path, content: bytes, draws: bool, message: str, mode: dict[str, bool]
) -> None:
    """Neither does anybody read 'no forecasts' out of it, nor is a new log begun over the old one's draws."""
    folder = path.parent / "draws"
    folder.mkdir(parents=True)
    path.write_bytes(content)
    if draws:
        (folder / "a.npz").touch()
    with pytest.raises(LedgerError, match=message) as raised:
        open_ledger(path, **mode)
    assert "`forecast ledger restore FILE.jsonl`" in str(raised.value)
    assert path.read_bytes() == content


def test_a_file_cut_within_its_last_page_is_found_by_its_length(ledger: Ledger, path: Path) -> None:
    """SQLite fills up what is missing of a page with zeros and finds nothing wrong."""
    ledger.append_forecast(forecast(), evidence())
    ledger.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    with open_ledger(path, read_only=True) as cut:
        problems = [str(problem) for problem in verify(cut)]
    assert f"{path} was cut: {len(whole) - 100} of {len(whole)} bytes are there. Restore a backup." in problems


@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_a_file_that_was_cut_is_damaged_for_every_reader(ledger: Ledger, path: Path, share: float) -> None:
    ledger.append_forecast(forecast(), evidence())
    ledger.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(LedgerError, match="damaged, or no ledger"), open_ledger(path, read_only=True) as cut:
        verify(cut)
    with pytest.raises(LedgerError, match="damaged, or no ledger"):
        open_ledger(path, create=True)


def test_reading_never_writes(ledger: Ledger, path: Path) -> None:
    ledger.append_forecast(forecast(), evidence())
    ledger.close()
    before = path.read_bytes(), path.stat().st_mtime_ns, list(path.parent.iterdir())
    with open_ledger(path, read_only=True) as reading:
        list(reading.entries())
        assert verify(reading) == []
        with pytest.raises(WorkspaceError, match="readonly"):
            reading.append_forecast(forecast(1), evidence())
    assert (path.read_bytes(), path.stat().st_mtime_ns, list(path.parent.iterdir())) == before


@pytest.mark.parametrize("table", ["records", "links", "own"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {t} SET log = 'x'",
        "DELETE FROM {t}",
        "INSERT OR REPLACE INTO {t} SELECT * FROM {t}",
        "REPLACE INTO {t} SELECT * FROM {t}",
    ],
)
def test_the_tables_are_append_only(ledger: Ledger, table: str, change: str) -> None:
    ledger.append_forecast(forecast(), evidence())
    columns = f"'{'a' * 16}', 1, 'fc-aaaaaaaaaa', '', '', ''"
    ledger.connection.execute(f"INSERT INTO links VALUES ({columns})")
    with pytest.raises(sqlite3.IntegrityError, match="the ledger is append-only"):
        ledger.connection.execute(change.format(t=table))


def test_another_sqlite_file_is_refused_and_left_as_it_was(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    before = path.read_bytes()
    for arguments in ({"create": True}, {"read_only": True}, {}):
        with pytest.raises(LedgerError, match=r"ledger\.db: a SQLite file, but no ledger"):
            open_ledger(path, **arguments)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but long enough to have a header" * 10)
    with pytest.raises(LedgerError, match=r"ledger\.db: damaged, or no ledger \(file is not a database\)"):
        open_ledger(path, read_only=True)


def test_a_ledger_of_a_later_format_is_refused(ledger: Ledger, path: Path) -> None:
    ledger.connection.execute("PRAGMA user_version = 3")
    with pytest.raises(LedgerError, match="written in format 3 by a later version"):
        open_ledger(path, read_only=True)


def test_a_busy_ledger_names_the_file_and_what_to_do(ledger: Ledger, path: Path) -> None:
    with open_ledger(path, create=True) as other:
        other.connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match=r"ledger\.db: another process holds the ledger. .* run this again"):
            ledger.append_forecast(forecast(), evidence())
        assert list(ledger.entries()) == []


FIT = FitRow(
    sha256("d"), f"{sha256('d')}.npz", "m", "e", "dprk-russia", "2024-01-07", MADE_AT, 4000, 1840.5, 2**64 - 1, "nuts"
)


def test_fits_are_remembered_latest_first_and_forgotten(ledger: Ledger) -> None:
    earlier = replace(FIT, sha256="earlier", as_of="2023-12-01")
    other = replace(FIT, sha256="other", model_identity="m2")
    for fit in (earlier, FIT, other, FIT):
        ledger.record_fit(fit)
    assert ledger.fits("m") == [FIT, earlier]
    assert len(ledger.fits()) == 3
    ledger.forget_fit(FIT.sha256)
    ledger.forget_fit("never there")
    assert ledger.fits("m") == [earlier]


def test_what_is_derived_can_be_made_again(ledger: Ledger) -> None:
    first = ledger.append_forecast(forecast(), evidence())
    ledger.append_forecast(forecast(1, method={"name": "reweight", "from_fit": first.forecast.fit}), evidence())
    ledger.connection.executescript(
        "DROP TABLE fits; DROP INDEX records_key; DROP TRIGGER records_no_update;"
        "CREATE TRIGGER strange AFTER INSERT ON records BEGIN SELECT 1; END"
    )
    assert len(verify(ledger)) == 4
    ledger.rebuild([FIT])
    assert verify(ledger) == []
    assert {fit.sha256 for fit in ledger.fits()} == {FIT.sha256, first.forecast.fit}
    assert [fit.n_draws for fit in ledger.fits(forecast().model_identity)] == [4000]


def test_a_forecast_from_the_draws_of_an_earlier_one_is_not_taken_for_the_fit_that_made_them(ledger: Ledger) -> None:
    """The same evidence asked another question: the draws were made with the seed of the first, not of the second."""
    first = ledger.append_forecast(forecast(), evidence())
    fit = first.forecast.fit
    ledger.append_forecast(forecast(1, seed=99, fit=fit, method={"name": "nuts", "from_fit": fit}), evidence())
    ledger.rebuild()
    assert [(row.sha256, row.seed) for row in ledger.fits()] == [(fit, first.forecast.seed)]


def _workings(of: str) -> Workings:
    return Workings(of, "demo", "explain", {"question": "q"}, "0.1.0", {"rows": [{"log_odds": 0.5, "mcse": 0.01}]})


def test_workings_are_recorded_once_and_the_chain_holds(ledger: Ledger) -> None:
    entry = ledger.append_forecast(forecast(), evidence())
    first = ledger.append_workings(_workings(entry.id))
    again = ledger.append_workings(_workings(entry.id))
    assert again == replace(first, stored=True)
    assert first.id.startswith("wk-")
    assert Workings.from_content(ledger.entry(first.id).content) == _workings(entry.id)
    assert verify(ledger) == []


def test_workings_of_a_forecast_that_no_log_holds_are_not_recorded(ledger: Ledger) -> None:
    ledger.append_forecast(forecast(), evidence())
    with pytest.raises(InputError, match="is in no log"):
        ledger.append_workings(_workings("fc-aaaaaaaaaa"))
    assert [entry.type for entry in ledger.entries()] == ["evidence", "forecast"]
