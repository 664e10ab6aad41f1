"""Reading records out of the SQLite file: entries with what retracts them, the end of a log, an id by its beginning.

Everything is read at once: a cursor left open would keep other processes from writing.
"""

import json
import sqlite3
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from forecast.canonical import sha256, short_id
from forecast.errors import Finding, InputError, LedgerError
from forecast.ledger.connection import sqlite_errors
from forecast.ledger.records import Content, Entry, Retraction, content_digest
from forecast.ledger.tables import default_name, first_prev

__all__ = ["LIVING", "end_of", "foreign_names", "named", "own_log", "select_entries", "value_of"]

_N_CANDIDATES = 8


def value_of(key: str) -> str:
    """SQL for the value of one key of the content; word for word what the indexes are made over."""
    return f"json_extract(json, '$.{key}')"


_RETRACTED = f"FROM records WHERE {value_of('type')} = 'retraction' AND {value_of('of')} IS NOT NULL"

#: SQL that leaves out what was retracted: by the own log, or by the log that the record is in. No other log has a say.
LIVING = (
    f"id NOT IN (SELECT {value_of('of')} {_RETRACTED} AND log = (SELECT log FROM own)) "
    f"AND (log, id) NOT IN (SELECT log, {value_of('of')} {_RETRACTED})"
)


def own_log(connection: sqlite3.Connection, path: Path) -> str:
    """Id of the log that a ledger appends to; empty for an export that was read, which has none."""
    with sqlite_errors(path):
        row = connection.execute("SELECT log FROM own").fetchone()
    return str(row[0]) if row else ""


def select_entries(connection: sqlite3.Connection, path: Path, where: str, *values: object) -> list[Entry]:
    """The records for which the SQL condition holds, the own log first, each log in the order of its chain."""
    order = "ORDER BY log IS NOT (SELECT log FROM own), log, seq"
    with sqlite_errors(path):
        rows = connection.execute(
            f"SELECT log, seq, id, prev, hash, json FROM records WHERE {where} {order}", values
        ).fetchall()
        disowning = connection.execute(
            f"SELECT log, json FROM records WHERE {value_of('type')} = 'retraction' {order}"
        ).fetchall()
    own, names = own_log(connection, path), foreign_names(connection, path)
    retractions: dict[tuple[str, str], Retraction] = {}
    for log, text in disowning:
        retraction = Retraction.from_content(_parsed(text, path))
        retractions.setdefault((log, retraction.of), retraction)
    for log, seq, name, _, _, text in rows:
        if not _is_named(name, text):
            raise LedgerError(f"{path}: record {seq} of log {log} ({name}) was altered; see `forecast ledger verify`.")
    return [
        Entry(
            log,
            seq,
            name,
            prev,
            hash_,
            _parsed(text, path),
            retractions.get((own, name)) or retractions.get((log, name)),
            foreign=None if log == own or not own else names.get(log) or default_name(log),
        )
        for log, seq, name, prev, hash_, text in rows
    ]


def foreign_names(connection: sqlite3.Connection, path: Path) -> dict[str, str]:
    """The names of imported logs by log; a ledger that an earlier version wrote has none."""
    with sqlite_errors(path):
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'foreign_logs'").fetchone():
            return {}
        return dict(connection.execute("SELECT log, name FROM foreign_logs").fetchall())


def _is_named(name: str, text: object) -> bool:
    """Whether a record's id is that of its content; the whole chain is for `verify` to walk."""
    prefix, dash, _ = str(name).partition("-")
    return isinstance(text, str) and short_id(prefix + dash, sha256(text)) == name


def _parsed(text: str, path: Path) -> Content:
    try:
        content = json.loads(text)
    except (ValueError, TypeError) as error:  # damage can make NULL of a text
        raise LedgerError(f"{path}: a record is no JSON ({error}). `forecast ledger verify` names it.") from error
    if not isinstance(content, Mapping):
        raise LedgerError(f"{path}: a record is no JSON object. `forecast ledger verify` names it.")
    return content


def end_of(connection: sqlite3.Connection, path: Path, log: str) -> tuple[int, str]:
    """Number of records of a log and the hash of the last; 0 and the hash it begins from if there is none."""
    with sqlite_errors(path):
        row = connection.execute(
            "SELECT seq, hash FROM (SELECT log, seq, hash FROM records UNION ALL SELECT log, seq, hash FROM links) "
            "WHERE log = ? ORDER BY seq DESC LIMIT 1",
            (log,),
        ).fetchone()
    return (int(row[0]), str(row[1])) if row else (0, first_prev(log))


def named(connection: sqlite3.Connection, path: Path, ref: str) -> Entry:
    """The record with this id, or with the only id that begins so; a record in two logs is one record.

    Raises
    ------
    InputError
        If none does (the nearest ids are named) or several do (they are listed).
    """
    wanted = ref.strip().lower()
    found = select_entries(connection, path, "id >= ? AND id < ? || char(1114111)", wanted, wanted) if wanted else []
    found = [entry for entry in found if entry.id == wanted] or found
    if not found:
        raise InputError(_unknown(connection, path, ref, wanted))
    if len({content_digest(entry.content) for entry in found}) == 1:
        return found[0]
    ids = list(dict.fromkeys(entry.id for entry in found))
    more = f" and {len(ids) - _N_CANDIDATES} more" if len(ids) > _N_CANDIDATES else ""
    listed = f"one of {', '.join(ids[:_N_CANDIDATES])}{more}"
    raise InputError(Finding("error", f"'{ref}' names several records of {path}.", found=ref, accepted=listed))


def _unknown(connection: sqlite3.Connection, path: Path, ref: str, wanted: str) -> Finding:
    with sqlite_errors(path):
        unsent = connection.execute("SELECT log FROM links WHERE id = ?", (wanted,)).fetchone()
        ids = [row[0] for row in connection.execute("SELECT DISTINCT id FROM records ORDER BY id").fetchall()]
    if unsent:
        message = f"'{ref}' is of another scenario, whose records of log {unsent[0]} were not imported into {path}."
        return Finding("error", message, found=ref, accepted="an id whose scenario was imported too")
    nearest = get_close_matches(wanted, ids, n=3, cutoff=0.5)
    accepted = f"an id as `forecast ledger log` lists them{'; nearest: ' + ', '.join(nearest) if nearest else ''}"
    return Finding("error", f"'{ref}' is in no log of {path}.", found=ref, accepted=accepted)
