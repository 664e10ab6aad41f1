"""Ledgers as JSON Lines: the copy of a scenario's records that is tracked, merged and read like a ledger.

One record per line, `{content, hash, id, log, prev, seq}`, sorted by log and place. Of records that belong to other
scenarios the line holds the whole digest in place of the content, `{digest, hash, id, log, prev, seq}`: so the chain of
an export can be walked from its first record, while nothing of the others is told.

Lines are never changed, and an export keeps the lines that are in the file already. So the copies of two people merge
as the union of their lines: with `scenarios/*/ledger.jsonl merge=union` in `.gitattributes` git does it without a
conflict, and here lines may come in any order and more than once. Two different records in one place of one log are a
fork, and are refused.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from forecast.canonical import canonical_json, sha256
from forecast.errors import Finding, InputError, LedgerError
from forecast.ledger.connection import At, connect_memory, nothing, sqlite_errors, transaction
from forecast.ledger.files import replace_atomically
from forecast.ledger.records import Content, content_digest
from forecast.ledger.store import Ledger, open_ledger
from forecast.ledger.verify import Problem, verify

__all__ = [
    "Imported",
    "export_jsonl",
    "import_jsonl",
    "open_examined",
    "open_for_reading",
    "read_jsonl",
    "verify_jsonl",
]

_FORMS = {
    "log": re.compile(r"[0-9a-z]{1,64}"),
    "id": re.compile(r"[a-z]{1,8}-[a-z2-7]{10}"),
    **dict.fromkeys(("prev", "hash", "digest"), re.compile(r"[0-9a-f]{64}")),
}
#: How the file of a workspace begins.
SQLITE = b"SQLite format 3\0"

_KEYS = ({"log", "seq", "id", "prev", "hash", "content"}, {"log", "seq", "id", "prev", "hash", "digest"})
_ACCEPTED = "one line per record as `forecast ledger export` writes them"


@dataclass(frozen=True, slots=True)
class Imported:
    """How many records an import added, how many were there already, and the logs of the file."""

    n_added: int
    n_present: int
    logs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One record of an export; `content` is None where only its digest is told. `number` is the line in the file."""

    log: str
    seq: int
    id: str
    prev: str
    hash: str
    digest: str
    content: Content | None
    number: int | None = None

    @property
    def place(self) -> tuple[str, int]:
        return self.log, self.seq

    def text(self) -> str:
        line = {"log": self.log, "seq": self.seq, "id": self.id, "prev": self.prev, "hash": self.hash}
        told = {"digest": self.digest} if self.content is None else {"content": self.content}
        return canonical_json(line | told) + "\n"


def export_jsonl(ledger: Ledger, path: Path, scenario: str | None = None, at: At = nothing) -> int:
    """Write the records of all logs, or those of one scenario, together with the lines that `path` holds already.

    Parameters
    ----------
    ledger
        What to export.
    path
        The file; replaced as a whole, or left as it was.
    scenario
        Only its forecasts, the evidence sets and models they used, their workings and retractions; of others the
        digest.
    at
        Called at the points of `files.replace_atomically`.

    Returns
    -------
    int
        Number of lines in the file.

    Raises
    ------
    LedgerError
        If the ledger does not verify.
    InputError
        If there is no forecast of the scenario, the file holds something else, or one of its lines is a fork.
    WorkspaceError
        If the file cannot be written.
    """
    problems = [problem for problem in verify(ledger) if problem.level == "error"]
    if problems:
        raise LedgerError(f"{ledger.path}: does not verify, so nothing was exported. First: {problems[0]}")
    lines = _lines(ledger)
    if scenario is not None:
        lines = _of_scenario(lines, scenario, ledger)
    there = _read(path) if path.exists() else []
    united, forks = _united([*there, *lines])
    if forks:
        raise InputError(_fork(fork, path, ledger.path) for fork in forks)
    text = "".join(line.text() for line in united)
    replace_atomically(path, lambda file: file.write(text.encode()), at)
    return len(united)


def import_jsonl(ledger: Ledger, path: Path, at: At = nothing) -> Imported:
    """Add the logs of a file to the ledger, unchanged; what is there already is left, so that again changes nothing.

    Parameters
    ----------
    ledger
        Open for writing.
    path
        What `export_jsonl` wrote, merged or not.
    at
        Called at `ledger: transaction begun`, `ledger: lines inserted` and `ledger: committed`.

    Raises
    ------
    InputError
        With every line that is wrong, or that forks a log of the ledger; nothing is imported then.
    """
    lines = _read(path)
    with transaction(ledger.connection, ledger.path):
        at("ledger: transaction begun")
        own = ledger.own_log
        records, links = _hashes(ledger, "records"), _hashes(ledger, "links")
        findings, added = [], []
        for line in lines:
            known = records.get(line.place) or links.get(line.place)
            if known is not None and known != line.hash:
                findings.append(_fork(line, path, ledger.path))
            elif known is None and line.log == own and line.content is None:
                findings.append(_taken_back(line, path))
            elif known is None or (line.content is not None and line.place not in records):
                added.append(line)
        if findings:
            raise InputError(findings)
        _insert(ledger.connection, added)
        at("ledger: lines inserted")
    at("ledger: committed")
    return Imported(len(added), len(lines) - len(added), tuple(sorted({line.log for line in lines})))


def read_jsonl(path: Path) -> Ledger:
    """A ledger for reading, in memory, that holds what the file holds and has no log of its own.

    Raises
    ------
    InputError
        With every line that is wrong.
    """
    return _loaded(_read(path), path)


def verify_jsonl(path: Path, head: str | None = None) -> list[Problem]:
    """Everything that is wrong with an export; see `verify.verify`.

    Raises
    ------
    InputError
        If the file cannot be read, none of its lines is a record, or `head` is no hash.
    """
    lines, findings = _parsed_lines(path)
    if findings and not lines:
        raise InputError(findings)
    if not lines:
        return [Problem("error", f"{path} holds no record: an export has one at least, so this one was cut.")]
    if findings:
        return [Problem("error", str(finding)) for finding in findings]
    with _loaded(lines, path) as ledger:
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
        lines, findings = _parsed_lines(path)
        if not lines:
            empty = Finding("error", "holds no record.", str(path), accepted=_ACCEPTED)
            raise InputError(findings or empty)
        problems += [Problem("error", str(finding)) for finding in findings]
        ledger = _loaded(lines, path)
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


def _lines(ledger: Ledger) -> list[_Line]:
    """Every record and link of a ledger that verifies, sorted; a record whose link is there too counts once."""
    with sqlite_errors(ledger.path):
        records = ledger.connection.execute("SELECT log, seq, id, prev, hash, json FROM records").fetchall()
        links = ledger.connection.execute("SELECT log, seq, id, prev, hash, digest FROM links").fetchall()
    lines = []
    for log, seq, name, prev, hash_, text in records:
        lines.append(_Line(log, seq, name, prev, hash_, sha256(text), json.loads(text)))
    lines += [_Line(log, seq, name, prev, hash_, digest, None) for log, seq, name, prev, hash_, digest in links]
    return _united(lines)[0]


def _hashes(ledger: Ledger, table: str) -> dict[tuple[str, int], str]:
    rows = ledger.connection.execute(f"SELECT log, seq, hash FROM {table}").fetchall()
    return {(log, seq): hash_ for log, seq, hash_ in rows}


def _of_scenario(lines: list[_Line], scenario: str, ledger: Ledger) -> list[_Line]:
    """Leave out the content of what is not the scenario's, and of every log what follows its last record of it."""
    forecasts = [line for line in lines if _is(line, "forecast") and (line.content or {})["scenario"] == scenario]
    if not forecasts:
        known = ", ".join(ledger.scenarios()) or "nothing yet"
        message = f"{ledger.path} holds no forecast of '{scenario}'."
        raise InputError(Finding("error", message, found=scenario, accepted=f"a scenario with a forecast: {known}"))
    ids = {line.id for line in forecasts}
    used = {
        (kind, line.log, (line.content or {})[f"{kind}_identity"])
        for line in forecasts
        for kind in ("evidence", "model")
    }
    kept = {line.place for line in forecasts}
    for line in lines:
        content = line.content or {}
        if (content.get("type"), line.log, content.get("identity")) in used or (
            (_is(line, "retraction") or _is(line, "workings")) and content["of"] in ids
        ):
            kept.add(line.place)
    ends: dict[str, int] = {}
    for log, seq in kept:
        ends[log] = max(seq, ends.get(log, 0))
    return [
        line if line.place in kept else replace(line, content=None)
        for line in lines
        if line.seq <= ends.get(line.log, 0)
    ]


def _is(line: _Line, kind: str) -> bool:
    return line.content is not None and line.content.get("type") == kind


def _united(lines: Iterable[_Line]) -> tuple[list[_Line], list[_Line]]:
    """One line per place, the one with the content if there is one, sorted; and the lines that contradict another."""
    by_place: dict[tuple[str, int], _Line] = {}
    forks = []
    for line in lines:
        there = by_place.setdefault(line.place, line)
        if (there.id, there.prev, there.hash, there.digest) != (line.id, line.prev, line.hash, line.digest):
            forks.append(line if line.number is not None else there)
        elif there.content is None:
            by_place[line.place] = line
    return sorted(by_place.values(), key=lambda line: line.place), forks


def _read(path: Path) -> list[_Line]:
    """The lines of a file, sorted, each place once, and the whole verified."""
    lines, findings = _parsed_lines(path)
    if not findings:
        numbers = {line.place: line.number for line in lines}
        with _loaded(lines, path) as ledger:
            findings = [
                Finding("error", str(problem), str(path), numbers.get((problem.log or "", problem.seq or 0)))
                for problem in verify(ledger)
            ]
    if findings:
        raise InputError(sorted(findings, key=lambda finding: finding.line or 0))
    return lines


def _parsed_lines(path: Path) -> tuple[list[_Line], list[Finding]]:
    """The lines of a file, sorted, each place once; and what is wrong with single lines or between two of a place."""
    try:
        texts = path.read_bytes().split(b"\n")  # no other character ends a line: claims may hold U+2028
    except OSError as error:
        raise InputError(
            Finding("error", f"cannot be read ({error.strerror}).", str(path), accepted=_ACCEPTED)
        ) from error
    lines, findings = [], []
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            continue
        try:
            lines.append(_parsed(text, number))
        except (ValueError, RecursionError) as error:
            findings.append(Finding("error", f"{error}.", str(path), number, accepted=_ACCEPTED))
    united, forks = _united(lines)
    findings += [_fork(fork, path, path) for fork in forks]
    return united, sorted(findings, key=lambda finding: finding.line or 0)


def _parsed(text: bytes, number: int) -> _Line:
    if text.startswith((b"<<<<<<<", b"=======", b">>>>>>>")):
        raise ValueError("a conflict that git left; delete this line and keep the records around it")
    line = json.loads(text.decode(), object_pairs_hook=_unique_keys)
    if not isinstance(line, Mapping) or set(line) not in _KEYS:
        found = ", ".join(line) if isinstance(line, Mapping) else repr(line)
        raise ValueError(f"not the keys of a record: {found}")
    for key, form in _FORMS.items():
        if key in line and not (isinstance(line[key], str) and form.fullmatch(line[key])):
            raise ValueError(f"{key} is {line[key]!r}")
    if type(line["seq"]) is not int or not 0 < line["seq"] < 2**63:
        raise ValueError(f"seq is {line['seq']!r}")
    content: Any = line.get("content")
    if "content" in line and not isinstance(content, Mapping):
        raise ValueError(f"content is {content!r}")
    digest = line["digest"] if content is None else content_digest(content)
    return _Line(line["log"], line["seq"], line["id"], line["prev"], line["hash"], digest, content, number)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, for `object_pairs_hook`; of two equal keys a reader sees one and the program the other."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice")
    return value


def _loaded(lines: Iterable[_Line], path: Path) -> Ledger:
    connection = connect_memory(query_only=False)
    try:
        with sqlite_errors(path):
            _insert(connection, lines)
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return Ledger(connection, path)


def _insert(connection: sqlite3.Connection, lines: Iterable[_Line]) -> None:
    for line in lines:
        table, last = ("links", line.digest) if line.content is None else ("records", canonical_json(line.content))
        values = (line.log, line.seq, line.id, line.prev, line.hash, last)
        connection.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)", values)


def _fork(line: _Line, path: Path, other: Path) -> Finding:
    return Finding(
        "error",
        f"log {line.log} record {line.seq} ({line.id}) is another one in {other}: one workspace is a copy of the other "
        "and both went on, or a record was altered. Nothing was written. `forecast ledger verify` on each tells which.",
        str(path),
        line.number,
        accepted="logs that agree wherever they overlap",
    )


def _taken_back(line: _Line, path: Path) -> Finding:
    return Finding(
        "error",
        f"log {line.log} record {line.seq} ({line.id}) is of this workspace's own log and missing in its ledger: an "
        "older copy of the ledger was put in place. Nothing was written.",
        str(path),
        line.number,
        accepted="an export of the whole ledger, or the newer ledger.db",
    )
