"""Opening the SQLite file of a ledger, writing to it all or nothing, and saying what went wrong in the user's words."""

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast.errors import ForecastError, LedgerError, WorkspaceError
from forecast.ledger.tables import APPLICATION_ID, FORMAT, create_tables, upgrade

__all__ = ["BUSY_SECONDS", "DRAWS", "At", "connect", "connect_memory", "nothing", "sqlite_errors", "transaction"]

#: Called at named points, to report progress; a test kills the process there.
type At = Callable[[str], None]

#: Folder of draws, beside the file.
DRAWS = "draws"

#: How long to wait for another process; a record takes it a few milliseconds.
BUSY_SECONDS = 10.0


def nothing(point: str) -> None:
    """Do nothing at a named point."""


def connect_memory(*, query_only: bool) -> sqlite3.Connection:
    """A ledger in memory that holds nothing and has no log of its own."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    create_tables(connection, None)
    if query_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def connect(
    path: Path, *, create: bool, read_only: bool, busy_seconds: float = BUSY_SECONDS, at: At = nothing
) -> sqlite3.Connection:
    """Open the file for reading or writing; a file that is not there reads as an empty ledger.

    For reading too SQLite gets a connection that could write, and is then told not to: only so can it undo what a
    killed process left half written, and where the folder cannot be written it falls back to reading by itself.

    Raises
    ------
    WorkspaceError
        If the folder or the file cannot be read or written.
    LedgerError
        If the file is busy, is no ledger, lost what it held, was written by a later version, or is missing and must
        not be made.
    """
    if create and read_only:
        raise ValueError("a ledger opened for reading cannot be made")
    if not _exists(path):
        if read_only:
            return connect_memory(query_only=True)
        if not create:
            raise LedgerError(f"{path}: there is no ledger. It is made by `forecast update SCENARIO`.")
        _make_folder(path.parent)
    before = _size_and_draws(path)
    with sqlite_errors(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}",
            uri=True,
            timeout=busy_seconds,
            isolation_level=None,
        )
    try:
        with sqlite_errors(path):
            if _is_ledger(connection, path):
                pass
            elif (lost := _lost(path, *before)) is not None:
                raise LedgerError(lost)
            elif read_only:
                connection.close()
                return connect_memory(query_only=True)
            elif create:
                _create(connection, path, at)
            else:
                raise LedgerError(f"{path}: the file is empty. The ledger is made by `forecast update SCENARIO`.")
            if read_only:
                connection.execute("PRAGMA query_only = ON")
            else:
                connection.execute("PRAGMA journal_mode = DELETE")
                # FULL, and the folder as well: a power cut then cannot bring an undone journal back to life.
                connection.execute("PRAGMA synchronous = EXTRA")
                _upgraded(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _upgraded(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a ledger that an earlier version wrote to this format, before anything else is written to it."""
    if connection.execute("PRAGMA user_version").fetchone()[0] < FORMAT:
        with transaction(connection, path):
            upgrade(connection)


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise WorkspaceError(f"{path}: cannot be read ({error.strerror}). Check the folder and its owner.") from error
    return True


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"{folder}: the folder cannot be made ({error.strerror}). Nothing was recorded. "
            "Accepted: a workspace that you may write to; choose one with -C DIR."
        ) from error


def _is_ledger(connection: sqlite3.Connection, path: Path) -> bool:
    """False for a file without tables, which a process killed while making the ledger leaves behind."""
    # the tables first: another process may commit all of it between two of these statements
    if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return False
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise LedgerError(f"{path}: a SQLite file, but no ledger of forecast. Move it away or name another workspace.")
    if version > FORMAT:
        raise LedgerError(
            f"{path}: written in format {version} by a later version of forecast. Accepted: format {FORMAT}. "
            "Upgrade with `uv sync`."
        )
    return True


def _size_and_draws(path: Path) -> tuple[int, bool]:
    """Bytes of the file, 0 if there is none, and whether draws lie beside it; a failure to look shows on opening."""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    return size, any((path.parent / DRAWS).glob("*.npz"))


def _lost(path: Path, size: int, has_draws: bool) -> str | None:
    """What became of a file without tables; None where a process that was killed while making it left it empty.

    Tables are committed before any draws are written. Size and draws were looked at before the tables, so that another
    process that makes a ledger meanwhile is no loss.
    """
    cure = (
        "Put a backup in its place, or remove it and bring the records back with `forecast ledger restore FILE.jsonl`; "
        "if there are none, remove it, and `forecast update SCENARIO` begins a new log."
    )
    if size and path.stat().st_size:
        return f"{path}: {path.stat().st_size} bytes without tables, no ledger; what it held is lost. {cure}"
    if has_draws:
        return f"{path}: an empty file, no ledger, beside draws of forecasts: the records that it held are lost. {cure}"
    return None


def _create(connection: sqlite3.Connection, path: Path, at: At) -> None:
    with transaction(connection, path):
        if not _is_ledger(connection, path):  # another process may have been first
            create_tables(connection, secrets.token_hex(8))
            at("ledger: tables made")


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """One `BEGIN IMMEDIATE`: committed at the end of the block, undone if anything at all is raised within."""
    with sqlite_errors(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite itself undoes it when the disk is full
                connection.execute("ROLLBACK")
            raise


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(error, path) from error
    except UnicodeDecodeError as error:  # a damaged text; or SQLite's message, when it quotes one
        raise _damaged(error, path) from error


def _meaning(error: sqlite3.Error, path: Path) -> ForecastError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LedgerError(
            f"{path}: another process holds the ledger. Nothing was recorded. Wait for it to end and run this again; "
            f"`fuser {path}` names it."
        )
    if name == "SQLITE_READONLY_ROLLBACK":
        return LedgerError(
            f"{path}: a killed process left a half-written record, which cannot be undone where nothing may be "
            "written. Run `forecast ledger verify` once where the folder can be written."
        )
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return WorkspaceError(
            f"{path.parent}: the disk is full or fails ({error}). Nothing was recorded. Make room "
            "(`forecast doctor --prune` removes what can be computed again) and run this again."
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return WorkspaceError(
            f"{path}: cannot be opened or written ({error}). Nothing was recorded. "
            "Accepted: a workspace that you may write to; choose one with -C DIR."
        )
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return _damaged(error, path)
    return LedgerError(f"{path}: cannot be used ({error}). `forecast ledger verify` says which record is wrong.")


def _damaged(error: Exception, path: Path) -> LedgerError:
    return LedgerError(
        f"{path}: damaged, or no ledger ({error}). Move it away and bring the records back with "
        "`forecast ledger restore FILE.jsonl`, or restore a backup."
    )
