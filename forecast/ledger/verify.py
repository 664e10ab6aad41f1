"""Whether a ledger is what was once written: every chain is walked, every hash made again, every reference followed.

A change of any byte of any record shows, and so does a record removed, inserted or moved. What cannot show from inside
is a log whose tail was cut or which was rewritten from some record to its end: for that, keep a head and pass it here.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from forecast.canonical import canonical_json, file_sha256, short_id
from forecast.errors import Finding, InputError, LedgerError
from forecast.ledger.connection import sqlite_errors
from forecast.ledger.fits import contradictions
from forecast.ledger.records import PREFIXES, Evidence, Forecast, ModelRecord, Retraction, Workings, content_digest
from forecast.ledger.store import Ledger
from forecast.ledger.tables import chain_hash, expected_schema, first_prev
from forecast.ledger.timing import order_problem

__all__ = ["MIN_HEAD", "Problem", "verify", "verify_file"]

#: A head may be shortened to its first 16 digits (64 bits); a log with the same, shorter beginning could be made.
MIN_HEAD = 16

_HEAD = re.compile(rf"[0-9a-f]{{{MIN_HEAD},64}}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and in which record; a note (on a draws file) does not break the ledger."""

    level: Literal["error", "note"]
    message: str
    log: str | None = None
    seq: int | None = None
    id: str | None = None

    def __str__(self) -> str:
        place = f"log {self.log} record {self.seq} ({self.id}): " if self.seq is not None else ""
        return f"{place}{self.message}"


@dataclass(frozen=True, slots=True)
class _Row:
    """One record as its bytes stand in the file. `json` is None for a link, `digest` then is what the link says."""

    log: str
    seq: int
    id: str
    prev: str
    hash: str
    json: bytes | None
    digest: str

    def problem(self, message: str) -> Problem:
        return Problem("error", message, self.log, self.seq, self.id)


@dataclass(slots=True)
class _Seen:
    """What the walk meets: ids, evidence sets by log, and which evidence set a forecast used."""

    names: set[str]
    evidence: set[tuple[str, str]] = field(default_factory=set)
    used: list[tuple[_Row, str]] = field(default_factory=list)


def verify(ledger: Ledger, head: str | None = None, fits_folder: Path | None = None) -> list[Problem]:
    """Everything that is wrong with a ledger, in the order of its records; nothing is written.

    Parameters
    ----------
    ledger
        Open for reading or writing.
    head
        A hash noted earlier, whole or its first 16 digits or more; must be in the chain of some log.
    fits_folder
        Where the draws files are; without it they are not looked at.

    Returns
    -------
    list of Problem
        Empty if nothing is wrong.

    Raises
    ------
    InputError
        If `head` is no hash.
    """
    if head is not None and not _HEAD.fullmatch(head.strip().lower()):
        raise InputError(
            Finding("error", f"'{head}' is no head.", found=head, accepted=f"{MIN_HEAD} to 64 hexadecimal digits")
        )
    problems: list[Problem] = []
    connection = ledger.connection
    with sqlite_errors(ledger.path):
        connection.execute("BEGIN")  # one state of the ledger, whatever others append meanwhile
    try:
        with sqlite_errors(ledger.path):
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # takes the lock, or says who holds it
        problems += _size(connection, ledger.path)
        problems += _file(connection)
        problems += _records(connection, head)
        problems += _fits(ledger, fits_folder) if fits_folder is not None else []
    except (sqlite3.Error, UnicodeDecodeError) as error:
        problems.append(Problem("error", f"{ledger.path}: SQLite cannot read the file to its end ({error})."))
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return problems


def verify_file(path: Path) -> list[Problem]:
    """Whether the file of a workspace is there and empty: it reads as a ledger that holds nothing, and is none."""
    try:
        is_empty = path.stat().st_size == 0
    except OSError:
        return []
    message = (
        f"{path} is an empty file, no ledger: a run was killed while making it, or what it held is lost. If there "
        "were forecasts, put a backup in its place, or remove it and bring them back with `forecast ledger import "
        "FILE.jsonl`; else `forecast update SCENARIO` begins a log in it."
    )
    return [Problem("error", message)] if is_empty else []


def _size(connection: sqlite3.Connection, path: Path) -> Iterator[Problem]:
    """Whether the file has all its bytes; SQLite takes what is missing of the last page for zeros."""
    if connection.execute("PRAGMA database_list").fetchone()[2]:
        pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        found = path.stat().st_size
        if found < pages * size:
            yield Problem("error", f"{path} was cut: {found} of {pages * size} bytes are there. Restore a backup.")


def _file(connection: sqlite3.Connection) -> Iterator[Problem]:
    """What SQLite says of its file, and whether tables and guards are as they were made."""
    for (line,) in connection.execute("PRAGMA integrity_check").fetchall():
        if line != "ok":
            yield Problem("error", f"SQLite's integrity check: {line}.")
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    found = {(kind, name): sql for kind, name, sql in rows}
    expected = expected_schema(connection.execute("PRAGMA user_version").fetchone()[0])
    for kind, name in sorted(expected.keys() - found.keys()):
        yield Problem("error", f"the {kind} {name} is missing: something else than forecast wrote to this file.")
    for kind, name in sorted(found.keys() - expected.keys()):
        if kind == "trigger":
            yield Problem("error", f"the trigger {name} is not forecast's: something else wrote to this file.")
    for kind, name in sorted(expected.keys() & found.keys()):
        if found[kind, name] != expected[kind, name]:
            yield Problem("error", f"the {kind} {name} was altered: something else than forecast wrote to this file.")


def _records(connection: sqlite3.Connection, head: str | None) -> Iterator[Problem]:
    own = connection.execute(f"SELECT {_bytes('log')}, {_bytes('first_prev')} FROM own").fetchone()
    own_log = _text(own[0]) if own else ""
    if own and first_prev(own_log) != _text(own[1]):
        yield Problem("error", f"the row that says which log this workspace appends to ({own_log}) was altered.")
    rows = _rows(connection)
    if not own_log and connection.execute("PRAGMA database_list").fetchone()[2]:  # a file, not in memory
        yield Problem("error", "nothing says which log this workspace appends to: the row of `own` was taken out.")
    chains: dict[str, list[_Row]] = {}
    for row in rows:
        chains.setdefault(row.log, []).append(row)
    hashes = {first_prev(log) for log in (*chains, own_log) if log}
    seen = _Seen(names={row.id for row in rows})
    for log, chain in chains.items():
        hashes |= {row.hash for row in chain}
        yield from _chain(chain, seen, is_own=log == own_log)
    for row, identity in seen.used:
        if (row.log, identity) not in seen.evidence:
            yield row.problem(f"its log lacks the evidence set {identity} that it used.")
    if head is not None and not any(value.startswith(head.strip().lower()) for value in hashes):
        yield Problem("error", f"head {head} is in no log of this ledger: the tail was cut or the log rewritten.")


def _rows(connection: sqlite3.Connection) -> list[_Row]:
    """All records and links by log and place; read as bytes, because a damaged text may be no UTF-8."""
    places = f"{_bytes('log')}, coalesce(CAST(seq AS INTEGER), 0), {_bytes('id')}, {_bytes('prev')}, {_bytes('hash')}"
    records = connection.execute(f"SELECT {places}, {_bytes('json')} FROM records NOT INDEXED").fetchall()
    links = connection.execute(f"SELECT {places}, {_bytes('digest')} FROM links NOT INDEXED").fetchall()
    rows = [
        _Row(_text(log), seq, _text(name), _text(prev), _text(hash_), text, hashlib.sha256(text).hexdigest())
        for log, seq, name, prev, hash_, text in records
    ]
    rows += [
        _Row(_text(log), seq, _text(name), _text(prev), _text(hash_), None, _text(digest))
        for log, seq, name, prev, hash_, digest in links
    ]
    return sorted(rows, key=lambda row: (row.log, row.seq, row.json is None))


def _bytes(column: str) -> str:
    """SQL for the bytes of a column; damage can make NULL of a value that may not be NULL."""
    return f"coalesce(CAST({column} AS BLOB), x'')"


def _text(value: bytes) -> str:
    return value.decode(errors="backslashreplace")


def _chain(chain: list[_Row], seen: _Seen, *, is_own: bool) -> Iterator[Problem]:
    """Walk one log. A wrong hash is reported where it stands, and not again by the record that follows it."""
    seq, ends = 0, {first_prev(chain[0].log)}
    last: _Row | None = None
    timed: Mapping[str, Any] | None = None  # the last content that says when it was made
    for row in chain:
        computed = chain_hash(row.prev, row.digest)
        if last is not None and row.seq == last.seq:
            if (row.id, row.prev, row.hash, row.digest) != (last.id, last.prev, last.hash, last.digest):
                yield row.problem("its content and its link, imported separately, do not agree.")
            continue
        if row.seq != seq + 1:
            missing = f"record {seq + 1} is" if row.seq == seq + 2 else f"records {seq + 1} to {row.seq - 1} are"
            yield row.problem(f"{missing} missing before it." if row.seq > seq else "its number is not above 0.")
        elif row.prev not in ends:
            yield row.problem("prev is not the hash of the record before it: altered, moved, or a record was inserted.")
        content: Mapping[str, Any] = {}
        if row.json is not None:
            try:
                content = _parsed(row.json)
                yield from _meaning(row, content, seen)
                behind = order_problem(timed, content)
                if behind is not None:
                    yield Problem("note", f"{behind}: the clock was set back.", row.log, row.seq, row.id)
                timed = content if "made_at" in content else timed
            except (LedgerError, ValueError, RecursionError) as error:
                yield row.problem(f"the JSON cannot be read, or is not what was written: {error}.")
        elif is_own:
            yield row.problem("a record of this workspace's own log without its content: it was taken out.")
        yield from _names(row, computed, content.get("type"))
        seq, ends, last = row.seq, {row.hash, computed}, row


def _parsed(text: bytes) -> Mapping[str, Any]:
    """The content of a record; every key stands in it once, or it would not be canonical."""
    content = json.loads(text.decode())
    if canonical_json(content).encode() != text:
        raise ValueError("it is not canonical")
    if not isinstance(content, Mapping) or not isinstance(content.get("type"), str):
        raise ValueError("it is no object with a type")
    return content


def _meaning(row: _Row, content: Mapping[str, Any], seen: _Seen) -> Iterator[Problem]:
    """Whether a record can be read, an evidence set is what it is called, and what is retracted is there."""
    match content["type"]:
        case "evidence":
            record = Evidence.from_content(content)
            if content_digest(record.set) != record.identity:
                yield row.problem("the evidence set is not the one that its identity names.")
            seen.evidence.add((row.log, record.identity))
        case "model":
            settings = ModelRecord.from_content(content)
            if content_digest(settings.settings) != settings.identity:
                yield row.problem("the model is not the one that its identity names.")
        case "forecast":
            seen.used.append((row, Forecast.from_content(content).evidence_identity))
        case "retraction":
            of = Retraction.from_content(content).of
            if of not in seen.names:
                yield row.problem(f"it retracts {of}, which is in no log of this ledger.")
        case "workings":
            of = Workings.from_content(content).of
            if of not in seen.names:
                yield row.problem(f"it works out {of}, which is in no log of this ledger.")


def _names(row: _Row, computed: str, kind: object) -> Iterator[Problem]:
    """Whether content, id and hash of one record belong together."""
    fits_hash = row.hash == computed
    fits_id = _is_id(row.id, row.digest, kind)
    if not fits_hash and not fits_id:
        yield row.problem("neither id nor hash is that of the content: the content was altered.")
    elif not fits_hash:
        yield row.problem("hash is not that of prev and content: hash or prev was altered.")
    elif not fits_id:
        yield row.problem("id is not that of the content: the id was altered.")


def _is_id(name: str, digest: str, kind: object) -> bool:
    """A type of a later version has a prefix not known here; the rest of the id is checked all the same."""
    try:
        if isinstance(kind, str) and kind in PREFIXES:
            return name == short_id(PREFIXES[kind], digest)
        prefix, dash, _ = name.partition("-")
        return name == short_id(prefix + dash, digest)
    except ValueError:  # the digest of a link is no hexadecimal number
        return False


def _fits(ledger: Ledger, folder: Path) -> Iterator[Problem]:
    """Draws can be computed again: a missing or altered file costs time, not the record. An edited row is an error."""
    try:
        fits, faults = ledger.examined_fits()
    except LedgerError as error:
        yield Problem("note", f"the draws files cannot be listed: {error}")
        return
    # of records that are wrong themselves enough was said
    with suppress(LedgerError):
        faults += contradictions(fits, ledger.forecasts())
    for fault in faults:
        yield Problem("error", f"{fault}; `forecast doctor --prune` makes the table anew.")
    for fit in fits:
        path = folder / fit.file
        try:
            if file_sha256(path) != fit.sha256:
                yield Problem("note", f"{path}: the draws were altered; `forecast doctor --prune` forgets them.")
        except FileNotFoundError:
            yield Problem("note", f"{path}: the draws are missing; `forecast doctor --prune` forgets them.")
        except OSError as error:
            yield Problem("note", f"{path}: the draws cannot be read ({error.strerror}).")
