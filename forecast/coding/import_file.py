"""The evidence file of an import: what is on file, below it what is new, and the proof that a scenario can read it."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from forecast.errors import Finding, InputError
from forecast.scenario.cells import harmless as harmless_text
from forecast.scenario.csv_text import COLUMNS, parse_csv
from forecast.scenario.nodes import plain
from forecast.scenario.parts import Parts
from forecast.scenario.record import Scenario
from forecast.scenario.rules_evidence import broken_evidence_rules
from forecast.scenario.schema import Report
from forecast.scenario.validation import findings_of
from forecast.scenario.yaml_text import MAX_BYTES, read_text

__all__ = ["WRITTEN", "Sheet", "evidence_sheet", "harmless"]

#: Columns of a new file.
WRITTEN = (
    *("id", "event", "indicator", "when", "known", "source", "origin", "claim", "asserted_as", "grade"),
    *("use", "reason", "locator", "note", "coded_by", "coded_on"),
)

_NUMBER = re.compile(r"[+-]?[\d.,]+([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole text of the file, and the rows that were not on file before."""

    text: str
    added: Sequence[Mapping[str, str]]


def evidence_sheet(scenario: Scenario, path: Path, rows: Sequence[Mapping[str, str]]) -> Sheet:
    """Add rows to the evidence file of an import.

    Parameters
    ----------
    scenario
        As it was read; a report that any of its files has is not written again.
    path
        The file; begun if there is none. Its lines stay as they are.
    rows
        Fields as the columns of evidence in CSV are called.

    Raises
    ------
    InputError
        If the file lacks a column, would become too large, or what is new breaks a rule of the scenario.
    """
    old = _old(path)
    header = _header(path, old)
    # also what somebody has added since the scenario was read
    on_file = {*scenario.marks.get("reports", {}), *_ids(old)}
    added = [row for row in rows if row["id"] not in on_file]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n" if "\r\n" in old else "\n")
    if not old:
        writer.writerow(header)
    for row in added:
        writer.writerow([harmless(row.get(column, "")) for column in header])
    whole = old + ("\n" if old and not old.endswith("\n") else "") + text.getvalue()
    if len(whole.encode()) > MAX_BYTES:
        message = f"the evidence file would have more than {MAX_BYTES // 2**20} MiB, the most that is read"
        accepted = "a shorter span, fewer classes, or a larger `one_per` in the importer"
        raise InputError(Finding("error", message, str(path), accepted=accepted))
    _refuse_broken(scenario, path, ",".join(header) + "\n" + _body(text.getvalue(), has_header=not old))
    return Sheet(whole, added)


def harmless(cell: str) -> str:
    """The text for a cell by the one rule for all (`scenario.cells`); numbers of a data set stay numbers."""
    marked = harmless_text(cell)
    return cell if marked is not cell and _NUMBER.fullmatch(cell) else marked


def _old(path: Path) -> str:
    if not path.exists():
        return ""
    findings: list[Finding] = []
    text = read_text(path, str(path), findings)
    if text is None:
        raise InputError(findings)
    return text


def _ids(old: str) -> set[str]:
    return {row["id"].strip() for row in csv.DictReader(io.StringIO(old, newline="")) if row.get("id")}


def _header(path: Path, old: str) -> list[str]:
    """The columns of the file, in its order."""
    header = next((row for row in csv.reader(io.StringIO(old, newline="")) if any(row)), list(WRITTEN))
    columns = [name.strip() for name in header]
    missing = [name for name in WRITTEN if name not in columns]
    if missing:
        message = f"this file has no column {', '.join(missing)}, which the import fills"
        accepted = "the columns, which may be empty, or another name for this file"
        raise InputError(Finding("error", message, str(path), 1, accepted=accepted))
    return columns


def _body(text: str, *, has_header: bool) -> str:
    return text.split("\n", 1)[1] if has_header else text


def _refuse_broken(scenario: Scenario, path: Path, text: str) -> None:
    """Read what is new as `check` would, with the rules over all evidence; its source is added with it."""
    findings: list[Finding] = []
    shown_as = path.relative_to(scenario.workspace).as_posix()
    marks = {kind: dict(entries) for kind, entries in scenario.marks.items()}
    new: list[Report] = []
    for node in parse_csv(text, shown_as, findings):
        raw = plain(node)
        try:
            report = Report.model_validate(raw)
        except ValidationError as error:
            findings += findings_of(error, Report, node, ("reports", raw.get("id", "?")))
            continue
        marks["reports"][report.id] = node
        new.append(report)
    parts = Parts(
        scenario.file,
        scenario.sources,
        (*scenario.reports, *new),
        scenario.models,
        scenario.codebooks,
        scenario.resolutions,
        marks,
    )
    findings += broken_evidence_rules(parts)
    errors = [finding for finding in findings if finding.level == "error"]
    if errors:
        raise InputError(errors[:20])


assert set(WRITTEN) <= set(COLUMNS)
