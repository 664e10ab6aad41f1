"""Any ledger for reading: an export, in memory, or the file of a workspace; and what is wrong with it."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from forecast.canonical import canonical_json
from forecast.errors import Finding, InputError, LedgerError
from forecast.ledger.connection import connect_memory, sqlite_errors
from forecast.ledger.lines import ACCEPTED, Line, parsed_lines
from forecast.ledger.store import Ledger, open_ledger
from forecast.ledger.verify import Problem, verify

__all__ = ["insert_lines", "open_examined", "open_for_reading", "read_jsonl", "verified_lines", "verify_jsonl"]

#: How the file of a workspace begins.
SQLITE = b"SQLite format 3\0"


def read_jsonl(path: Path) -> Ledger:
    """A ledger for reading, in memory, that holds what the file holds and has no log of its own.

    Raises
    ------
    InputError
        With every line that is wrong.
    """
    return _in_memory(verified_lines(path), path)


def verify_jsonl(path: Path, head: str | None = None) -> list[Problem]:
    """Everything that is wrong with an export; see `verify.verify`.

    Raises
    ------
    InputError
        If the file cannot be read, none of its lines is a record, or `head` is no hash.
    """
    lines, findings = parsed_lines(path)
    if findings and not lines:
        raise InputError(findings)
    if not lines:
        return [Problem("error", f"{path} holds no record: an export has one at least, so this one was cut.")]
    if findings:
        return [Problem("error", str(finding)) for finding in findings]
    with _in_memory(lines, path) as ledger:
        return verify(ledger, head)


def open_examined(path: Path) -> tuple[Ledger, list[Problem]]:
    """A ledger for reading and everything that is wrong with it: what can be read of a damaged one is read.

    Raises
    ------
    InputError
        If no line of the file is a record, or it is no ledger.
    """
    problems: list[Problem] = []
    if path.suffix == ".jsonl":
        lines, findings = parsed_lines(path)
        if not lines:
            empty = Finding("error", "holds no record.", str(path), accepted=ACCEPTED)
            raise InputError(findings or empty)
        problems += [Problem("error", str(finding)) for finding in findings]
        ledger = _in_memory(lines, path)
    else:
        ledger = open_for_reading(path)
    try:
        return ledger, [*problems, *(problem for problem in verify(ledger) if problem.level == "error")]
    except BaseException:
        ledger.close()
        raise


def open_for_reading(path: Path) -> Ledger:
    """A ledger for reading: a file of JSON Lines (`.jsonl`), or the SQLite file of a workspace."""
    if path.suffix == ".jsonl":
        return read_jsonl(path)
    accepted = "FILE.jsonl as `forecast ledger export` writes it, or the ledger.db of a workspace"
    if path.is_dir():
        raise InputError(Finding("error", f"{path} is a folder.", found=str(path), accepted=accepted))
    try:
        with path.open("rb") as file:
            begin = file.read(len(SQLITE))
    except OSError as error:
        raise LedgerError(f"{path} cannot be read ({error.strerror}). Accepted: {accepted}.") from error
    if begin != SQLITE:
        raise InputError(Finding("error", f"{path} is no ledger.", found=str(path), accepted=accepted))
    return open_ledger(path, read_only=True)


def verified_lines(path: Path) -> list[Line]:
    """The lines of a file, sorted, each place once, and the whole verified.

    Raises
    ------
    InputError
        With every line that is wrong.
    """
    lines, findings = parsed_lines(path)
    if not findings:
        numbers = {line.place: line.number for line in lines}
        with _in_memory(lines, path) as ledger:
            findings = [
                Finding("error", str(problem), str(path), numbers.get((problem.log or "", problem.seq or 0)))
                for problem in verify(ledger)
            ]
    if findings:
        raise InputError(sorted(findings, key=lambda finding: finding.line or 0))
    return lines


def _in_memory(lines: Iterable[Line], path: Path) -> Ledger:
    connection = connect_memory(query_only=False)
    try:
        with sqlite_errors(path):
            insert_lines(connection, lines)
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return Ledger(connection, path)


def insert_lines(connection: sqlite3.Connection, lines: Iterable[Line]) -> None:
    """Write lines into the tables: those with a content are records, the others links of the chain."""
    for line in lines:
        table, last = ("links", line.digest) if line.content is None else ("records", canonical_json(line.content))
        values = (line.log, line.seq, line.id, line.prev, line.hash, last)
        connection.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)", values)
