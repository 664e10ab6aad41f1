"""Ledgers as JSON Lines: the copy of a scenario's records that is tracked, merged and read like a ledger.

Records are sorted by log and place. Of records that belong to other scenarios the line holds the whole digest in place
of the content (`lines`): so the chain of an export can be walked from its first record, while nothing of the others is
told.

Lines are never changed, and an export keeps the lines that are in the file already. So the copies of two people merge
as the union of their lines: with `scenarios/*/ledger.jsonl merge=union` in `.gitattributes` git does it without a
conflict. A fork is refused.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from forecast.canonical import sha256
from forecast.errors import Finding, InputError, LedgerError
from forecast.ledger.connection import At, nothing, sqlite_errors
from forecast.ledger.files import replace_atomically
from forecast.ledger.lines import Line, fork_finding, united
from forecast.ledger.reading import verified_lines
from forecast.ledger.store import Ledger
from forecast.ledger.verify import verify

__all__ = ["export_jsonl"]


def export_jsonl(ledger: Ledger, path: Path, scenario: str | Sequence[str] | None = None, at: At = nothing) -> int:
    """Write the records of all logs, or those of some scenarios, together with the lines that `path` holds already.

    Parameters
    ----------
    ledger
        What to export.
    path
        The file; replaced as a whole, or left as it was.
    scenario
        One or several: only their forecasts, the evidence sets and models they used, their workings and retractions;
        of other records the digest.
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
        lines = _of_scenarios(lines, [scenario] if isinstance(scenario, str) else scenario, ledger)
    there = verified_lines(path) if path.exists() else []
    merged, forks = united([*there, *lines])
    if forks:
        raise InputError(fork_finding(fork, path, ledger.path) for fork in forks)
    text = "".join(line.text() for line in merged)
    replace_atomically(path, lambda file: file.write(text.encode()), at)
    return len(merged)


def _lines(ledger: Ledger) -> list[Line]:
    """Every record and link of a ledger that verifies, sorted; a record whose link is there too counts once."""
    with sqlite_errors(ledger.path):
        records = ledger.connection.execute("SELECT log, seq, id, prev, hash, json FROM records").fetchall()
        links = ledger.connection.execute("SELECT log, seq, id, prev, hash, digest FROM links").fetchall()
    lines = []
    for log, seq, name, prev, hash_, text in records:
        lines.append(Line(log, seq, name, prev, hash_, sha256(text), json.loads(text)))
    lines += [Line(log, seq, name, prev, hash_, digest, None) for log, seq, name, prev, hash_, digest in links]
    return united(lines)[0]


def _of_scenarios(lines: list[Line], scenarios: Sequence[str], ledger: Ledger) -> list[Line]:
    """Leave out the content of what is not the scenarios', and of every log what follows its last record of them."""
    there = ledger.scenarios(foreign=True)
    missing = [name for name in scenarios if name not in there]
    if missing:
        accepted = f"a scenario with a forecast: {', '.join(there) or 'nothing yet'}"
        raise InputError(
            Finding("error", f"{ledger.path} holds no forecast of '{name}'.", found=name, accepted=accepted)
            for name in missing
        )
    forecasts = [line for line in lines if _is(line, "forecast") and (line.content or {})["scenario"] in scenarios]
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


def _is(line: Line, kind: str) -> bool:
    return line.content is not None and line.content.get("type") == kind
