"""The tables of a ledger, what guards them, and how everything derived is made again.

`records` is the ledger: one row per record, in one chain per log. `links` holds, for imported logs only, the place in
the chain of records whose content was not sent (another scenario's). `own` says which log this workspace appends to.
These three are append-only by triggers and are never migrated. `foreign_logs` holds the name that an imported log was
given; it is no part of any chain. `fits` and the indexes are derived.

Format 1 had no `foreign_logs`; `upgrade` adds it, and no record changes.

The chain: the first `prev` of a log is `first_prev(log)`, and `hash = SHA-256(prev + digest)` where `digest` is the
whole SHA-256 of the content's canonical JSON. The short id stands for 50 bits of that digest: enough to name a record,
too few to chain by, since another content with the same id could be searched for and put in its place.
"""

import sqlite3
from collections.abc import Iterable
from functools import cache

from forecast.canonical import sha256
from forecast.ledger.fits import TABLE as FITS_TABLE
from forecast.ledger.fits import insert_fit
from forecast.ledger.records import FitRow

__all__ = [
    "APPLICATION_ID",
    "FORMAT",
    "adopt_log",
    "chain_hash",
    "create_tables",
    "default_name",
    "expected_schema",
    "first_prev",
    "rebuild_derived",
    "upgrade",
]

APPLICATION_ID = 0x66637374  # "fcst": tells a ledger from any other SQLite file
FORMAT = 2

_TABLES = (
    # Without row ids the primary key is the only way to name a row, so that REPLACE has no second way in.
    """CREATE TABLE records (
    log TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL,
    json TEXT NOT NULL, PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE links (
    log TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL,
    digest TEXT NOT NULL, PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE own (
    one INTEGER PRIMARY KEY CHECK (one = 1), log TEXT NOT NULL, first_prev TEXT NOT NULL
) STRICT, WITHOUT ROWID""",
)

# `imported_at` is empty for a log that was imported before logs had names.
_FOREIGN_LOGS = """CREATE TABLE foreign_logs (
    log TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, imported_at TEXT NOT NULL
) STRICT, WITHOUT ROWID"""

_GUARDED = {"records": "log = NEW.log AND seq = NEW.seq", "links": "log = NEW.log AND seq = NEW.seq", "own": "1"}

_TRIGGERS = tuple(
    statement
    for table, same_row in _GUARDED.items()
    for statement in (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
        # INSERT OR REPLACE deletes the old row without firing the trigger on DELETE.
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same_row}) "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    )
)

_INDEXES = (
    "CREATE INDEX records_id ON records (id)",
    "CREATE INDEX records_type ON records (json_extract(json, '$.type'), json_extract(json, '$.scenario'))",
    "CREATE INDEX records_key ON records (json_extract(json, '$.key'))",
    "CREATE INDEX records_identity ON records (json_extract(json, '$.identity'))",
)


def first_prev(log: str) -> str:
    """What the first record of a log has as `prev`: binds the chain to its log."""
    return sha256(f"forecast ledger {log}")


def chain_hash(prev: str, digest: str) -> str:
    """Hash of a record: over the hash before it and the whole digest of its content, 64 hexadecimal digits each."""
    return sha256(prev + digest)


def default_name(log: str) -> str:
    """The name of a foreign log that nobody has named: it was imported before logs had names."""
    return f"imported-{log[:8]}"


def create_tables(connection: sqlite3.Connection, own: str | None) -> None:
    """Make every table, guard and index; within a transaction of the caller."""
    for statement in (*_TABLES, _FOREIGN_LOGS, *_TRIGGERS, *_INDEXES, FITS_TABLE):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    if own is not None:
        connection.execute("INSERT INTO own VALUES (1, ?, ?)", (own, first_prev(own)))


def upgrade(connection: sqlite3.Connection) -> None:
    """Bring a ledger of format 1 to this format; within a transaction of the caller. Records keep their bytes."""
    if connection.execute("PRAGMA user_version").fetchone()[0] >= FORMAT:
        return  # another process was first
    connection.execute(_FOREIGN_LOGS)
    foreign = connection.execute(
        "SELECT log FROM records UNION SELECT log FROM links EXCEPT SELECT log FROM own"
    ).fetchall()
    names: dict[str, str] = {}
    for (log,) in foreign:
        name = default_name(log)
        names[log] = name if name not in names.values() else f"imported-{log}"
    connection.executemany("INSERT INTO foreign_logs VALUES (?, ?, '')", names.items())
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def adopt_log(connection: sqlite3.Connection, log: str) -> None:
    """Make `log` the own log of a ledger whose own log holds no record; within a transaction of the caller."""
    connection.execute("DROP TRIGGER own_no_update")
    connection.execute("UPDATE own SET log = ?, first_prev = ?", (log, first_prev(log)))
    connection.execute(next(statement for statement in _TRIGGERS if "TRIGGER own_no_update" in statement))
    connection.execute("DELETE FROM foreign_logs WHERE log = ?", (log,))


@cache
def expected_schema(version: int = FORMAT) -> dict[tuple[str, str], str]:
    """The SQL of every table, trigger and index of a format by (type, name), as SQLite itself writes it down."""
    connection = sqlite3.connect(":memory:")
    try:
        create_tables(connection, None)
        if version < FORMAT:
            connection.execute("DROP TABLE foreign_logs")
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {(kind, name): sql for kind, name, sql in rows}
    finally:
        connection.close()


def rebuild_derived(connection: sqlite3.Connection, fits: Iterable[FitRow]) -> None:
    """Make triggers, indexes and `fits` again, the last from the rows given; within a transaction of the caller."""
    for kind in ("TRIGGER", "INDEX"):
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = ? AND sql IS NOT NULL", (kind.lower(),)
        ).fetchall()
        for (name,) in names:
            quoted = name.replace('"', '""')
            connection.execute(f'DROP {kind} "{quoted}"')
    connection.execute("DROP TABLE IF EXISTS fits")
    for statement in (*_TRIGGERS, *_INDEXES, FITS_TABLE):
        connection.execute(statement)
    for fit in fits:
        insert_fit(connection, fit)
