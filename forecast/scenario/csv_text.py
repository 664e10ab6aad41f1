"""Evidence in CSV into the same marked tree as evidence in YAML: one row, one report."""

import csv
import io
from pathlib import Path

from forecast.errors import Finding
from forecast.scenario.nodes import Node
from forecast.scenario.validation import nearest
from forecast.scenario.yaml_text import read_text

__all__ = ["COLUMNS", "parse_csv", "read_csv"]

#: Columns of evidence in CSV: the fields of a report, flat.
COLUMNS = (
    "id",
    "indicator",
    "event",
    "label",
    "when",
    "known",
    "source",
    "origin",
    "claim",
    "quote",
    "locator",
    "asserted_as",
    "denies",
    "grade",
    "p_true_low",
    "p_true_high",
    "use",
    "reason",
    "note",
    "speaker",
    "attributed_to",
    "coded_by",
    "coded_on",
    "withdrawn_on",
    "withdrawn_reason",
)

_FLAGS = ("denies", "use")


def read_csv(path: Path, shown_as: str, findings: list[Finding]) -> tuple[Node, ...]:
    """Read the reports of one file; what is wrong with it is added to `findings`."""
    text = read_text(path, shown_as, findings)
    return () if text is None else parse_csv(text, shown_as, findings)


def parse_csv(text: str, shown_as: str, findings: list[Finding]) -> tuple[Node, ...]:
    """Turn rows into reports. Empty cells are absent; a row with only empty cells is passed over.

    The mark of a report is the line on which its row begins, also where quoted cells contain line ends.
    """
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    reports: list[Node] = []
    header: list[str] | None = None
    line = 1
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if any(cells):
                if header is None:
                    header = _header(cells, shown_as, line, findings)
                    if header is None:
                        return ()
                elif len(cells) != len(header):
                    found = f"{len(cells)} cells under {len(header)} columns"
                    accepted = "one cell for each column; a text with commas in double quotes"
                    findings.append(Finding("error", found, shown_as, line, accepted=accepted))
                else:
                    reports.append(_report(header, cells, shown_as, line))
            line = rows.line_num + 1
    except csv.Error as error:
        findings.append(Finding("error", f"this is not CSV: {error}", shown_as, line))
    return tuple(reports)


def _header(cells: list[str], shown_as: str, line: int, findings: list[Finding]) -> list[str] | None:
    """The columns; None with findings if a report cannot be read under them."""
    if len(cells) == 1 and (";" in cells[0] or "\t" in cells[0]):
        message = "the columns are not separated by commas"
        findings.append(Finding("error", message, shown_as, line, found=cells[0][:80], accepted="commas"))
        return None
    before = len(findings)
    for number, name in enumerate(cells):
        if name in COLUMNS and name not in cells[:number]:
            continue
        message = f"column {number + 1}, '{name}', stands here twice" if name in COLUMNS else f"unknown column '{name}'"
        if name not in COLUMNS:
            message += nearest(name, COLUMNS)
        findings.append(Finding("error", message, shown_as, line, name, found=name, accepted=", ".join(COLUMNS)))
    return None if len(findings) > before else cells


def _report(header: list[str], cells: list[str], shown_as: str, line: int) -> Node:
    """One row as the mapping that YAML would have given."""
    flat = {name: Node(cell, shown_as, line) for name, cell in zip(header, cells, strict=True) if cell}
    for name in _FLAGS:
        # spreadsheets write TRUE
        if name in flat and cells[header.index(name)].lower() in ("true", "false"):
            flat[name] = Node(cells[header.index(name)].lower(), shown_as, line)
    ends = tuple(flat.pop(name) for name in ("p_true_low", "p_true_high") if name in flat)
    if ends:
        flat["p_true"] = Node(ends, shown_as, line)
    withdrawn = {
        key: flat.pop(name) for key, name in (("on", "withdrawn_on"), ("reason", "withdrawn_reason")) if name in flat
    }
    if withdrawn:
        flat["withdrawn"] = Node(withdrawn, shown_as, line)
    return Node(flat, shown_as, line)
