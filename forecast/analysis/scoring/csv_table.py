"""A CSV file as rows of named cells with their lines; what cannot be read is found, all of it."""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from forecast.errors import Finding
from forecast.scenario.dates import parse_day
from forecast.scenario.validation import nearest
from forecast.scenario.yaml_text import read_text

__all__ = ["Cells", "Table", "read_table"]


@dataclass(frozen=True, slots=True)
class Cells:
    """One row: its file, the line on which it begins, and its cells by column."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def get(self, column: str) -> str:
        """The cell, empty where there is no such column."""
        return self.cells.get(column, "")

    def error(self, message: str, column: str | None = None, accepted: str | None = None) -> Finding:
        """A finding about this row, which quotes the cell."""
        found = self.cells.get(column) if column else None
        return Finding("error", message, self.file, self.line, column, found, accepted)

    def number(self, column: str, findings: list[Finding]) -> float | None:
        """The cell as a finite number; None with a finding otherwise."""
        try:
            value = float(self.cells[column])
        except ValueError:
            value = float("nan")
        if abs(value) < float("inf"):
            return value
        findings.append(self.error(f"'{self.cells[column]}' is no number", column, "a finite number"))
        return None

    def probability(self, column: str, findings: list[Finding]) -> float | None:
        """The cell as a probability; None with a finding otherwise."""
        value = self.number(column, findings)
        if value is None or 0.0 <= value <= 1.0:
            return value
        findings.append(self.error(f"{self.cells[column]} is no probability", column, "a number from 0 to 1"))
        return None

    def has_day(self, column: str, findings: list[Finding]) -> bool:
        """Whether the cell is a day; if not, a finding says so."""
        try:
            parse_day(self.cells[column])
        except ValueError as error:
            findings.append(self.error(str(error), column, "a day as YYYY-MM-DD"))
            return False
        return True


@dataclass(frozen=True, slots=True)
class Table:
    """A file with its columns and rows; at least one row."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Cells, ...]

    def __iter__(self) -> Iterator[Cells]:
        return iter(self.rows)

    def check_columns(self, required: Collection[str], optional: Collection[str], findings: list[Finding]) -> bool:
        """Whether the columns are those required, and none that is unknown; if not, findings say so."""
        accepted = list(dict.fromkeys((*required, *optional)))
        before = len(findings)
        for name in required:
            if name not in self.columns:
                message = f"there is no column '{name}'"
                findings.append(Finding("error", message, self.file, 1, name, accepted=", ".join(accepted)))
        for name in self.columns:
            if name not in accepted:
                message = f"unknown column '{name}'{nearest(name, accepted)}"
                findings.append(Finding("error", message, self.file, 1, name, name, ", ".join(accepted)))
        return len(findings) == before


def read_table(path: Path, findings: list[Finding]) -> Table | None:
    """Read a CSV file; None, with findings, if it has no rows or a cell cannot be told from its neighbours.

    Empty lines are passed over; a row begins on the line that its `Cells` name, also where quoted cells have line ends.
    """
    name = str(path)
    text = read_text(path, name, findings)
    if text is None:
        return None
    before = len(findings)
    columns: tuple[str, ...] = ()
    rows: list[Cells] = []
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped) and not columns:
                columns = tuple(stripped)
                findings.extend(_odd_columns(columns, name, line))
            elif any(stripped) and len(stripped) != len(columns):
                message = f"{len(stripped)} cells under {len(columns)} columns"
                accepted = "one cell for each column; a text with commas in double quotes"
                findings.append(Finding("error", message, name, line, accepted=accepted))
            elif any(stripped):
                rows.append(Cells(name, line, dict(zip(columns, stripped, strict=True))))
            line = reader.line_num + 1
    except csv.Error as error:
        findings.append(Finding("error", f"this is not CSV: {error}", name, line))
    if len(findings) == before and not rows:
        message = "there are no rows below the columns" if columns else "this file is empty"
        findings.append(Finding("error", message, name, accepted="a line of columns, and a line for every row"))
    return None if len(findings) > before else Table(name, columns, tuple(rows))


def _odd_columns(columns: tuple[str, ...], name: str, line: int) -> Iterator[Finding]:
    if len(columns) == 1 and (";" in columns[0] or "\t" in columns[0]):
        message = "the columns are not separated by commas"
        yield Finding("error", message, name, line, found=columns[0][:80], accepted="commas")
    for number, column in enumerate(columns):
        if not column:
            yield Finding("error", f"column {number + 1} has no name", name, line, accepted="a name")
        elif column in columns[:number]:
            yield Finding("error", f"column '{column}' stands here twice", name, line, column, column, "once")
