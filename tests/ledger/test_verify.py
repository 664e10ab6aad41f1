"""Whatever is done to a record behind the ledger's back shows."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from forecast.canonical import canonical_json, sha256
from forecast.errors import ForecastError, InputError, LedgerError
from forecast.ledger.exchange import export_jsonl
from forecast.ledger.import_log import import_jsonl
from forecast.ledger.records import Evidence, content_digest, content_id
from forecast.ledger.store import LEDGER_FILE, Head, Ledger, open_ledger
from forecast.ledger.tables import chain_hash, first_prev
from forecast.ledger.verify import Problem, verify

from .samples import MODEL, evidence, forecast
from .test_store import FIT

MADE_AT = "2024-01-09T08:00:00+00:00"
COLUMNS = ("log", "id", "prev", "hash", "json")
ROWS = st.integers(0, 100)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with every type of record, and a colleague's log of which one scenario was sent."""
    folder = tmp_path_factory.mktemp("full")
    with open_ledger(folder / "colleague.db", create=True) as colleague:
        for number, scenario in enumerate(("a", "b", "a")):
            colleague.append_forecast(forecast(number, set_number=number, scenario=scenario), evidence(number), MODEL)
        export_jsonl(colleague, folder / "a.jsonl", "a")
    path = folder / LEDGER_FILE
    with open_ledger(path, create=True) as ledger:
        entry = ledger.append_forecast(forecast(10, since="fc-aaaaaaaaaa"), evidence())
        ledger.append_forecast(forecast(11, set_number=1), evidence(1), MODEL)
        ledger.retract(entry.id, "S13 was coded twice", MADE_AT)
        ledger.append_forecast(forecast(12, made_at=MADE_AT), evidence())
        import_jsonl(ledger, folder / "a.jsonl", datetime.now(UTC), ["colleague"])
        assert verify(ledger) == []
    return path


@contextmanager
def unguarded(path: Path) -> Iterator[Ledger]:
    """A copy in memory without triggers and indexes, as somebody with any SQLite tool can make of the file."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    source = sqlite3.connect(path)
    source.backup(connection)
    source.close()
    names = connection.execute("SELECT type, name FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql <> ''")
    for kind, name in names.fetchall():
        connection.execute(f"DROP {kind} {name}")
    with Ledger(connection, path) as ledger:
        yield ledger


def of_records(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.seq is not None]


def pick(ledger: Ledger, table: str, number: int) -> tuple[Any, ...]:
    """One row (log, seq, id, prev, hash, json or digest) of a table, whatever the number."""
    rows = ledger.connection.execute(f"SELECT * FROM {table} ORDER BY log, seq").fetchall()
    row: tuple[Any, ...] = rows[number % len(rows)]
    return row


@settings(max_examples=300)
@given(ROWS, st.sampled_from(COLUMNS), st.integers(0, 5000), st.integers(1, 255))
def test_any_changed_byte_of_any_record_shows(full: Path, number: int, column: str, at: int, mask: int) -> None:
    with unguarded(full) as ledger:
        row = pick(ledger, "records", number)
        changed = bytearray(row[("log", "seq", *COLUMNS[1:]).index(column)].encode())
        changed[at % len(changed)] ^= mask
        ledger.connection.execute(
            f"UPDATE records SET {column} = CAST(? AS TEXT) WHERE log = ? AND seq = ?", (bytes(changed), *row[:2])
        )
        assert of_records(verify(ledger))


@given(ROWS, st.sampled_from(("log", "id", "prev", "hash", "digest")), st.integers(0, 63), st.integers(1, 255))
def test_any_changed_byte_of_a_link_shows(full: Path, number: int, column: str, at: int, mask: int) -> None:
    with unguarded(full) as ledger:
        row = pick(ledger, "links", number)
        changed = bytearray(row[("log", "seq", "id", "prev", "hash", "digest").index(column)].encode())
        place = at % len(changed)
        assume(not (column == "id" and place < 2))  # the type, and so the prefix, is not told by a link
        changed[place] ^= mask
        ledger.connection.execute(
            f"UPDATE links SET {column} = CAST(? AS TEXT) WHERE log = ? AND seq = ?", (bytes(changed), *row[:2])
        )
        assert of_records(verify(ledger))


@given(ROWS, st.integers(-(2**63), 2**63 - 1))
def test_any_changed_number_shows(full: Path, number: int, seq: int) -> None:
    with unguarded(full) as ledger:
        row = pick(ledger, "records", number)
        taken = ledger.connection.execute("SELECT 1 FROM records WHERE log = ? AND seq = ?", (row[0], seq)).fetchone()
        assume(not taken)
        ledger.connection.execute("UPDATE records SET seq = ? WHERE log = ? AND seq = ?", (seq, *row[:2]))
        assert of_records(verify(ledger))


@given(ROWS)
def test_any_removed_record_shows(full: Path, number: int) -> None:
    with unguarded(full) as ledger:
        heads = ledger.heads()
        log, seq, *_, hash_, _ = pick(ledger, "records", number)
        ledger.connection.execute("DELETE FROM records WHERE log = ? AND seq = ?", (log, seq))
        if Head(log, hash_) in heads:
            problems = verify(ledger, head=hash_)
            assert "the tail was cut or the log rewritten" in str(problems[-1])
        else:
            assert of_records(verify(ledger))


@given(ROWS, ROWS)
def test_any_two_exchanged_records_show(full: Path, one: int, other: int) -> None:
    with unguarded(full) as ledger:
        a, b = pick(ledger, "records", one), pick(ledger, "records", other)
        assume(a[:2] != b[:2])
        where = "WHERE log = ? AND seq = ?"
        ledger.connection.execute(f"UPDATE records SET seq = -1 {where}", a[:2])
        ledger.connection.execute(f"UPDATE records SET log = ?, seq = ? {where}", (*a[:2], *b[:2]))
        ledger.connection.execute(f"UPDATE records SET log = ?, seq = ? {where}", (*b[:2], a[0], -1))
        assert of_records(verify(ledger))


@given(ROWS)
def test_any_inserted_record_shows_however_well_it_is_made(full: Path, number: int) -> None:
    with unguarded(full) as ledger:
        log, seq, _, prev, *_ = pick(ledger, "records", number)
        for table in ("records", "links"):  # two steps, for at no time may two rows have one place
            ledger.connection.execute(f"UPDATE {table} SET seq = -seq - 1 WHERE log = ? AND seq >= ?", (log, seq))
            ledger.connection.execute(f"UPDATE {table} SET seq = -seq WHERE log = ? AND seq < 0", (log,))
        _insert(ledger, log, seq, prev, Evidence(sha256("{}"), {}).to_content())
        assert of_records(verify(ledger))


def _insert(ledger: Ledger, log: str, seq: int, prev: str, content: dict[str, Any]) -> None:
    ledger.connection.execute(
        "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)",
        (log, seq, content_id(content), prev, chain_hash(prev, content_digest(content)), canonical_json(content)),
    )


def _append(ledger: Ledger, content: dict[str, Any]) -> None:
    log, prev = ledger.heads()[0]
    seq = max(entry.seq for entry in ledger.entries() if entry.log == log)
    _insert(ledger, log, seq + 1, prev, content)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**20), st.integers(1, 255))
def test_a_damaged_file_never_passes_for_the_whole_one(full: Path, at: int, mask: int) -> None:
    with open_ledger(full, read_only=True) as ledger:
        whole = list(ledger.entries())
    damaged = bytearray(full.read_bytes())
    damaged[at % len(damaged)] ^= mask
    copy = full.with_name("damaged.db")
    copy.write_bytes(damaged)
    try:
        with open_ledger(copy, read_only=True) as ledger:
            if not verify(ledger):
                assert list(ledger.entries()) == whole
    except ForecastError:
        pass


def test_the_record_and_what_is_wrong_with_it_are_named(full: Path) -> None:
    with unguarded(full) as ledger:
        log = ledger.own_log
        entry = ledger.find_key(forecast(11).key)
        assert entry is not None
        ledger.connection.execute(
            "UPDATE records SET json = replace(json, '0.06', '0.07') WHERE log = ? AND seq = ?", (log, entry.seq)
        )
        (problem,) = of_records(verify(ledger))
    assert (problem.log, problem.seq, problem.id) == (log, entry.seq, entry.id)
    assert str(problem) == (
        f"log {log} record {entry.seq} ({entry.id}): neither id nor hash is that of the content: "
        "the content was altered."
    )


def test_a_content_with_a_matching_id_in_place_of_another_shows(full: Path) -> None:
    with unguarded(full) as ledger:
        entry = ledger.find_key(forecast(11).key)
        assert entry is not None
        other = replace(entry.forecast, title="another").to_content()
        ledger.connection.execute(
            "UPDATE records SET json = ?, id = ? WHERE log = ? AND seq = ?",
            (canonical_json(other), content_id(other), entry.log, entry.seq),
        )
        (problem,) = of_records(verify(ledger))
    assert "hash is not that of prev and content" in problem.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type": "note"}', "not what was written: it is not canonical"),
        ('{"a":1,"a":1,"type":"note"}', "it is not canonical"),
        ('{"a":NaN,"type":"note"}', "the JSON cannot be read"),
        ("[" * 100_000, "the JSON cannot be read"),
        ("[1]", "it is no object with a type"),
        ('{"set":{},"type":"evidence"}', "not what was written: an evidence set lacks 'identity'"),
        ('{"identity":"0","set":{},"type":"evidence"}', "not the one that its identity names"),
        ('{"made_at":"2024-01-07T12:00:00Z","of":"fc-a","reason":"r","type":"retraction"}', "retracts fc-a, which"),
        (canonical_json(forecast(0, set_number=9).to_content()), "its log lacks the evidence set"),
    ],
)
def test_a_record_in_the_chain_that_makes_no_sense_shows(full: Path, text: str, message: str) -> None:
    with unguarded(full) as ledger:
        ((log, prev), *_) = ledger.heads()
        digest = sha256(text)
        ledger.connection.execute(
            "INSERT INTO records VALUES (?, 99, 'xx-aaaaaaaaaa', ?, ?, ?)", (log, prev, chain_hash(prev, digest), text)
        )
        assert message in "\n".join(map(str, of_records(verify(ledger))))


def test_a_type_of_a_later_version_is_walked_and_not_reproached(full: Path) -> None:
    with unguarded(full) as ledger:
        _append(ledger, {"type": "weather", "in": "Pyongyang"})
        assert of_records(verify(ledger)) == []


def test_an_own_record_replaced_by_its_link_shows(full: Path) -> None:
    with unguarded(full) as ledger:
        entry = next(ledger.forecasts())
        place = (entry.log, entry.seq)
        ledger.connection.execute(
            "INSERT INTO links VALUES (?, ?, ?, ?, ?, ?)",
            (*place, entry.id, entry.prev, entry.hash, content_digest(entry.content)),
        )
        assert of_records(verify(ledger)) == []
        ledger.connection.execute("UPDATE links SET id = 'fc-aaaaaaaaaa' WHERE log = ? AND seq = ?", place)
        assert "do not agree" in of_records(verify(ledger))[0].message
        ledger.connection.execute("UPDATE links SET id = ? WHERE log = ? AND seq = ?", (entry.id, *place))
        ledger.connection.execute("DELETE FROM records WHERE log = ? AND seq = ?", place)
        assert "its content: it was taken out" in of_records(verify(ledger))[0].message


def test_a_head_noted_earlier_is_found_as_long_as_nothing_was_cut(ledger: Ledger) -> None:
    noted = [ledger.head().hash]
    for number in range(3):
        ledger.append_forecast(forecast(number), evidence())
        noted.append(ledger.head().hash)
    assert noted[0] == first_prev(ledger.own_log)
    for head in noted:
        assert verify(ledger, head=head) == verify(ledger, head=head[:16].upper()) == []
    (problem,) = verify(ledger, head=sha256("another"))
    assert problem.message.endswith("is in no log of this ledger: the tail was cut or the log rewritten.")


@pytest.mark.parametrize("head", ["", "3f9c...e1", "3f9c", "g" * 64, "a" * 65])
def test_a_head_too_short_to_prove_anything_is_refused(ledger: Ledger, head: str) -> None:
    with pytest.raises(InputError, match=r"is no head\. Accepted: 16 to 64 hexadecimal digits"):
        verify(ledger, head=head)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("DROP TRIGGER records_no_delete", "the trigger records_no_delete is missing"),
        ("CREATE TRIGGER mine AFTER INSERT ON records BEGIN SELECT 1; END", "the trigger mine is not forecast's"),
        ("DROP TABLE links", "the table links is missing"),
        ("DROP TRIGGER own_no_delete; DELETE FROM own", "the row of `own` was taken out"),
        (
            "DROP TRIGGER own_no_update; CREATE TRIGGER own_no_update BEFORE UPDATE ON own BEGIN SELECT 1; END",
            "the trigger own_no_update was altered",
        ),
    ],
)
def test_guards_and_tables_that_are_gone_or_altered_show(ledger: Ledger, sql: str, message: str) -> None:
    ledger.connection.executescript(sql)
    assert message in "\n".join(map(str, verify(ledger)))


def test_missing_and_altered_draws_are_notes(ledger: Ledger, tmp_path: Path) -> None:
    there = tmp_path / "there.npz"
    there.write_bytes(b"draws")
    ledger.record_fit(replace(FIT, sha256=sha256("draws"), file="there.npz"))
    assert verify(ledger, fits_folder=tmp_path) == []
    there.write_bytes(b"other draws")
    ledger.record_fit(replace(FIT, sha256="gone", file="gone.npz", as_of="2023-01-01"))
    altered, missing = verify(ledger, fits_folder=tmp_path)
    assert (altered.level, missing.level) == ("note", "note")
    assert "there.npz: the draws were altered" in altered.message
    assert "gone.npz: the draws are missing" in missing.message
    assert verify(ledger) == []


def test_a_list_of_draws_that_is_gone_hides_nothing_else(ledger: Ledger, tmp_path: Path) -> None:
    ledger.connection.execute("DROP TABLE fits")
    missing, note = verify(ledger, fits_folder=tmp_path)
    assert "the table fits is missing" in missing.message
    assert note.level == "note"


def test_an_altered_record_is_not_read_as_if_it_were_good(full: Path) -> None:
    with unguarded(full) as ledger:
        ledger.connection.execute("UPDATE records SET json = replace(json, '\"ess\":1840.5', '\"ess\":9840.5')")
        with pytest.raises(
            LedgerError, match=r"record 2 of log \w+ \(fc-\w+\) was altered; see `forecast ledger verify`"
        ):
            list(ledger.forecasts())
