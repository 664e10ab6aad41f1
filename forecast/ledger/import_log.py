"""Bringing exported logs in: as foreign logs with a name, or, into an empty workspace, as its own log again.

Only this workspace's program extends its own log. What a file has beyond it is refused, for the chain proves that the
records belong together, not who wrote them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from forecast.errors import Finding, InputError
from forecast.ledger.connection import At, nothing, transaction
from forecast.ledger.content_checks import content_findings
from forecast.ledger.lines import Line, fork_finding
from forecast.ledger.reading import insert_lines, verified_lines
from forecast.ledger.store import Ledger
from forecast.ledger.tables import adopt_log, default_name
from forecast.scenario.fields import ID_PATTERN

__all__ = ["Imported", "Restored", "check_jsonl", "import_jsonl", "restore_jsonl"]

ACCEPTED_NAME = "a name as `anna`: letters, digits, -, _ and ., not `latest`; or LOG=NAME for each log of the file"

#: Not to be taken for `SCENARIO@latest`.
RESERVED = ("latest",)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many records an import added, how many were there already, and the logs of the file.

    `names` has the name of every foreign log of the file.
    """

    n_added: int
    n_present: int
    logs: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Restored:
    """The log that the workspace continues, its records, and the other logs of the file, which were left out."""

    log: str
    n_records: int
    head: str
    others: tuple[str, ...]


def check_jsonl(path: Path, now: datetime) -> None:
    """Refuse a file of which no log could be taken in, before a ledger is made for it.

    Raises
    ------
    InputError
        With every line that is wrong.
    """
    findings = content_findings(verified_lines(path), path, now)
    if findings:
        raise InputError(findings)


def import_jsonl(ledger: Ledger, path: Path, now: datetime, names: Sequence[str] = (), at: At = nothing) -> Imported:
    """Add the logs of a file to the ledger as foreign logs; what is there already is left as it is.

    Parameters
    ----------
    ledger
        Open for writing.
    path
        What `export_jsonl` wrote, merged or not. Records of the own log may be in it if the ledger has them.
    now
        The present instant.
    names
        The name of the only new log of the file, or `LOG=NAME` for each; LOG may be shortened.
    at
        Called at `ledger: transaction begun`, `ledger: lines inserted` and `ledger: committed`.

    Raises
    ------
    InputError
        With every line that is wrong, forks a log of the ledger, or would extend the own log; and if a new log has no
        name. Nothing is imported then.
    """
    lines = verified_lines(path)
    with transaction(ledger.connection, ledger.path):
        at("ledger: transaction begun")
        own = ledger.own_log
        added, findings = _new_lines(ledger, lines, path)
        findings += [_not_ours(line, path) for line in added if line.log == own]
        findings += content_findings((line for line in lines if line.log != own), path, now)
        logs = sorted({line.log for line in lines})
        given = _names(ledger, [log for log in logs if log != own], names, path, findings)
        if findings:
            raise InputError(sorted(findings, key=lambda finding: finding.line or 0))
        insert_lines(ledger.connection, added)
        for log, name in given.items():
            ledger.connection.execute(
                "INSERT INTO foreign_logs VALUES (?, ?, ?) ON CONFLICT (log) DO UPDATE SET name = excluded.name",
                (log, name, now.isoformat(timespec="seconds")),
            )
        at("ledger: lines inserted")
    at("ledger: committed")
    foreign = ledger.foreign_logs()
    return Imported(len(added), len(lines) - len(added), tuple(logs), {log: foreign[log] for log in logs if log != own})


def restore_jsonl(
    ledger: Ledger, path: Path, now: datetime, log: str | None = None, head: str | None = None, at: At = nothing
) -> Restored:
    """Make a log of a file the own log of a ledger whose own log holds nothing, so that it is continued.

    Parameters
    ----------
    ledger
        Open for writing.
    path
        The whole export of the workspace that was lost.
    now
        The present instant.
    log
        Which log, where the file has several; may be shortened.
    head
        A hash noted earlier, which must be in the log.
    at
        As in `import_jsonl`.

    Raises
    ------
    InputError
        With everything that is wrong; nothing is written then.
    """
    lines = verified_lines(path)
    logs = sorted({line.log for line in lines})
    chosen = _chosen(logs, log, path)
    mine = [line for line in lines if line.log == chosen]
    with transaction(ledger.connection, ledger.path):
        at("ledger: transaction begun")
        own = ledger.own_log
        n_own = sum(entry.log == own for entry in ledger.entries())
        if n_own:
            message = f"the log {own} of this workspace holds {n_own} records already; nothing was written."
            accepted = "an empty workspace; or `forecast ledger import FILE --name NAME`, which adds a foreign log"
            raise InputError(Finding("error", message, str(ledger.path), accepted=accepted))
        added, findings = _new_lines(ledger, mine, path)
        findings += [_left_out(line, path) for line in mine if line.content is None][:1]
        findings += content_findings(mine, path, now)
        if head is not None and not any(line.hash.startswith(head.strip().lower()) for line in mine):
            message = f"head {head} is not in log {chosen}: the file is older, was cut, or the log was rewritten."
            findings.append(Finding("error", message, str(path), key="--head", found=head))
        if findings:
            raise InputError(sorted(findings, key=lambda finding: finding.line or 0))
        insert_lines(ledger.connection, added)
        adopt_log(ledger.connection, chosen)
        at("ledger: lines inserted")
    at("ledger: committed")
    return Restored(chosen, len(mine), mine[-1].hash, tuple(other for other in logs if other != chosen))


def _new_lines(ledger: Ledger, lines: Iterable[Line], path: Path) -> tuple[list[Line], list[Finding]]:
    """The lines that the ledger does not hold, and a finding for every line that contradicts what it holds."""
    records, links = _hashes(ledger, "records"), _hashes(ledger, "links")
    findings, added = [], []
    for line in lines:
        known = records.get(line.place) or links.get(line.place)
        if known is not None and known != line.hash:
            findings.append(fork_finding(line, path, ledger.path))
        elif known is None or (line.content is not None and line.place not in records):
            added.append(line)
    return added, findings


def _hashes(ledger: Ledger, table: str) -> dict[tuple[str, int], str]:
    rows = ledger.connection.execute(f"SELECT log, seq, hash FROM {table}").fetchall()
    return {(log, seq): hash_ for log, seq, hash_ in rows}


def _not_ours(line: Line, path: Path) -> Finding:
    return Finding(
        "error",
        f"log {line.log} record {line.seq} ({line.id}) would extend this workspace's own log, which only its own "
        "`forecast` does. Either somebody else wrote it, or an older copy of the ledger was put in place. Nothing was "
        "written.",
        str(path),
        line.number,
        accepted="the logs of others; an own log that was lost comes back with `forecast ledger restore FILE` in a "
        "workspace without ledger",
    )


def _left_out(line: Line, path: Path) -> Finding:
    message = (
        f"log {line.log} record {line.seq} ({line.id}) is without content: this is an export of some scenarios only."
    )
    return Finding("error", message, str(path), line.number, accepted="an export of the whole ledger")


def _chosen(logs: Sequence[str], log: str | None, path: Path) -> str:
    fitting = [one for one in logs if one.startswith(log or "")]
    if len(fitting) == 1:
        return fitting[0]
    accepted = f"--log with one of {', '.join(logs)}" if logs else "an export of the whole ledger"
    what = f"'{log}' names {len(fitting) or 'none'} of its logs" if log else f"it holds {len(logs) or 'no'} logs"
    raise InputError(Finding("error", f"{what}.", str(path), key="--log", found=log, accepted=accepted))


def _names(
    ledger: Ledger, foreign: Sequence[str], names: Sequence[str], path: Path, findings: list[Finding]
) -> dict[str, str]:
    """The name to write for each log that gets one; a finding for every log without a name and every wrong name."""
    known = ledger.foreign_logs()
    # a log from before there were names, or one that is new
    unnamed = [log for log in foreign if log not in known or known[log] == default_name(log)]
    given: dict[str, str] = {}
    for text in names:
        begin, equals, name = text.rpartition("=")
        of = [log for log in foreign if log.startswith(begin)] if equals else unnamed or list(foreign)
        if len(of) != 1:
            message = f"'{text}' names {len(of) or 'none'} of the foreign logs of this file ({', '.join(foreign)})."
            findings.append(Finding("error", message, str(path), key="--name", found=text, accepted=ACCEPTED_NAME))
        elif not re.fullmatch(ID_PATTERN, name) or name in RESERVED:
            findings.append(
                Finding(
                    "error", f"'{name}' cannot be the name of a log.", key="--name", found=name, accepted=ACCEPTED_NAME
                )
            )
        elif name in {other for log, other in {**known, **given}.items() if log != of[0]}:
            message = f"another imported log has the name '{name}'."
            findings.append(Finding("error", message, key="--name", found=name, accepted="a name of its own"))
        else:
            given[of[0]] = name
    if not names:
        for log in (log for log in foreign if log not in known):
            message = (
                f"log {log} is new here and has no name. It is a foreign log: its forecasts are shown with its name."
            )
            findings.append(Finding("error", message, str(path), key="--name", accepted=ACCEPTED_NAME))
    elif not findings:
        for log in (log for log in foreign if log not in known and log not in given):
            message = f"log {log} is new here and has no name."
            findings.append(Finding("error", message, str(path), key="--name", accepted=ACCEPTED_NAME))
    return given
