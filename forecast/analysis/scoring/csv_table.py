"""A table of forecasts as columns of codes: a million rows in some tens of megabytes; what cannot be read is found.

Every column holds its distinct texts once, and for each row the number of its text. Rows are made where a finding or a
small file needs one. CSV may be separated by commas, semicolons, tabs or bars, and then have decimal commas; Parquet is
read with pyarrow.
"""

import csv
import math
import re
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.coding.rows import DELIMITERS
from forecast.errors import Finding
from forecast.scenario.dates import parse_day
from forecast.scenario.validation import nearest

__all__ = ["MAX_BYTES", "Cells", "Codes", "Table", "joined_tables", "made_table", "number_of", "read_table"]

type Codes = NDArray[np.int32]

#: Of the largest file; a million rows have some hundred megabytes at most.
MAX_BYTES = 2 * 2**30

_PARQUET = (".parquet", ".pq")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")


def number_of(text: str) -> float:
    """The number that a text is, with a decimal point or a decimal comma; NaN if it is none that is finite."""
    try:
        value = float(text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text)
    except ValueError:
        return float("nan")
    return value if abs(value) < float("inf") else float("nan")


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
        value = number_of(self.cells[column])
        if not math.isnan(value):
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
    """A file with its columns and rows; at least one row.

    Attributes
    ----------
    file
        Its name; of several files that of their folder.
    columns
        Names in their order.
    codes, values
        By column: for every row the number of its text (row,), and the texts.
    lines
        The line on which every row begins, (row,).
    files
        Of several files their names; `of_file` (row,) says which row is of which.
    """

    file: str
    columns: tuple[str, ...]
    codes: dict[str, Codes]
    values: dict[str, list[str]]
    lines: NDArray[np.int64]
    files: tuple[str, ...] = ()
    of_file: Codes | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Cells]:
        return (self.row(at) for at in range(len(self)))

    def row(self, at: int) -> Cells:
        """The row at a place, counted from 0."""
        cells = {name: self.values[name][self.codes[name][at]] for name in self.columns}
        file = self.files[self.of_file[at]] if self.of_file is not None else self.file
        return Cells(file, int(self.lines[at]), cells)

    def column(self, name: str, default: str = "") -> tuple[Codes, list[str]]:
        """Codes and texts of a column; one text for all rows where there is no such column."""
        if name in self.codes:
            return self.codes[name], self.values[name]
        return np.zeros(len(self), dtype=np.int32), [default]

    def mapped(self, name: str, read: Callable[[str], float]) -> NDArray[np.float64]:
        """A number for every row (row,), read once for each distinct text of a column."""
        codes, values = self.column(name)
        return np.array([read(text) for text in values], dtype=np.float64)[codes]

    def taken(self, where: NDArray[Any]) -> "Table":
        """The rows that a mask or places name."""
        of_file = None if self.of_file is None else self.of_file[where]
        codes = {name: column[where] for name, column in self.codes.items()}
        return Table(self.file, self.columns, codes, self.values, self.lines[where], self.files, of_file)

    def with_columns(self, columns: Sequence[str], new: dict[str, tuple[Codes, list[str]]]) -> "Table":
        """The same rows with other columns: new ones, and those of the table that are named."""
        found = {name: new[name] if name in new else (self.codes[name], self.values[name]) for name in columns}
        codes = {name: column[0] for name, column in found.items()}
        values = {name: column[1] for name, column in found.items()}
        return Table(self.file, tuple(columns), codes, values, self.lines, self.files, self.of_file)

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


class _Builder:
    """Columns that grow by rows of texts."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self._known: list[dict[str, int]] = [{} for _ in columns]
        self._codes = [array("i") for _ in columns]
        self._lines = array("q")

    def add(self, line: int, cells: Iterable[str]) -> None:
        self._lines.append(line)
        for cell, known, codes in zip(cells, self._known, self._codes, strict=True):
            codes.append(known.setdefault(cell, len(known)))

    def table(self, name: str) -> Table:
        codes = {
            column: np.frombuffer(one, dtype=np.int32) if len(one) else np.empty(0, dtype=np.int32)
            for column, one in zip(self.columns, self._codes, strict=True)
        }
        values = {column: list(known) for column, known in zip(self.columns, self._known, strict=True)}
        lines = np.frombuffer(self._lines, dtype=np.int64) if len(self._lines) else np.empty(0, dtype=np.int64)
        return Table(name, self.columns, codes, values, lines)


def read_table(path: Path, findings: list[Finding]) -> Table | None:
    """Read a CSV or Parquet file; None, with findings, if it has no rows or a cell cannot be told from its neighbours.

    Empty lines are passed over; a row begins on the line that its `Cells` name, also where quoted cells have line ends.
    """
    name, before = str(path), len(findings)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            message = f"the file has {size / 2**20:.0f} MiB; at most {MAX_BYTES // 2**20} MiB are read"
            findings.append(Finding("error", message, name, accepted="several files, scored one by one"))
            return None
        if path.suffix.lower() in _PARQUET:
            made = _parquet(path, name, findings)
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                made = _csv(file, name, findings)
    except UnicodeDecodeError as error:
        message = f"the text is not UTF-8 (byte 0x{error.object[error.start]:02x})"
        findings.append(Finding("error", message, name, accepted="UTF-8; save the file in this encoding"))
        return None
    except OSError as error:
        findings.append(Finding("error", f"the file cannot be read: {error.strerror or error}", name))
        return None
    if len(findings) == before and (made is None or not len(made)):
        message = "there are no rows below the columns" if made is not None else "this file is empty"
        findings.append(Finding("error", message, name, accepted="a line of columns, and a line for every row"))
    return None if len(findings) > before else made


def _csv(file: Iterable[str], name: str, findings: list[Finding]) -> Table | None:
    builder: _Builder | None = None
    lines = iter(file)
    first = next((line for line in _counted(lines) if line[1].strip()), None)
    if first is None:
        return None
    skipped, begin = first
    delimiter = max(DELIMITERS, key=lambda sign: (begin.count(sign), sign == ","))
    if not begin.count(delimiter):
        delimiter = ","
    reader = csv.reader(_with(begin, lines), strict=True, delimiter=delimiter)
    line = skipped
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                pass
            elif builder is None:
                builder = _Builder(stripped)
                findings.extend(_odd_columns(builder.columns, name, line))
            elif len(stripped) != len(builder.columns):
                message = f"{len(stripped)} cells under {len(builder.columns)} columns"
                accepted = "one cell for each column; a text with commas in double quotes"
                findings.append(Finding("error", message, name, line, accepted=accepted))
            else:
                builder.add(line, stripped)
            line = skipped + reader.line_num
    except csv.Error as error:
        findings.append(Finding("error", f"this is not CSV: {error}", name, line))
    return None if builder is None else builder.table(name)


def _counted(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(lines, start=1))


def _with(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _parquet(path: Path, name: str, findings: list[Finding]) -> Table | None:
    """A Parquet file: numbers and days as CSV would have them, what is null as empty."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    codes: dict[str, Codes] = {}
    values: dict[str, list[str]] = {}
    try:
        file = pq.ParquetFile(path)
        names = file.schema_arrow.names
        findings.extend(_odd_columns(tuple(names), name, 1))
        if len(set(names)) < len(names):
            return None
        n_rows = file.metadata.num_rows
        for column in names:
            whole = pa.chunked_array([batch.column(0) for batch in file.iter_batches(columns=[column])])
            if pa.types.is_dictionary(whole.type):
                whole = whole.cast(whole.type.value_type)
            if not pa.types.is_floating(whole.type):
                whole = pc.fill_null(whole.cast(pa.string()), "")
            encoded = whole.dictionary_encode(null_encoding="encode").combine_chunks()
            codes[column] = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
            values[column] = ["" if value is None else _text(value) for value in encoded.dictionary.to_pylist()]
    except (pa.ArrowException, ValueError) as error:
        findings.append(Finding("error", f"this is no Parquet table: {str(error).splitlines()[0]}", name))
        return None
    return Table(name, tuple(names), codes, values, np.arange(1, n_rows + 1, dtype=np.int64))


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value).strip()


def made_table(file: str, columns: dict[str, list[str]], lines: Sequence[int]) -> Table:
    """A table of texts by column."""
    builder = _Builder(tuple(columns))
    for line, cells in zip(lines, zip(*columns.values(), strict=True), strict=True):
        builder.add(line, cells)
    return builder.table(file)


def joined_tables(file: str, tables: Sequence[Table], columns: Sequence[str]) -> Table:
    """The rows of several tables below each other; a column that one lacks is empty there."""
    codes: dict[str, Codes] = {}
    values: dict[str, list[str]] = {}
    for name in columns:
        known: dict[str, int] = {}
        parts = []
        for table in tables:
            own, texts = table.column(name)
            parts.append(np.array([known.setdefault(text, len(known)) for text in texts], dtype=np.int32)[own])
        codes[name], values[name] = np.concatenate(parts), list(known)
    of_file = np.repeat(np.arange(len(tables), dtype=np.int32), [len(table) for table in tables])
    lines = np.concatenate([table.lines for table in tables])
    return Table(file, tuple(columns), codes, values, lines, tuple(table.file for table in tables), of_file)


def _odd_columns(columns: tuple[str, ...], name: str, line: int) -> Iterator[Finding]:
    for number, column in enumerate(columns):
        if not column:
            yield Finding("error", f"column {number + 1} has no name", name, line, accepted="a name")
        elif column in columns[:number]:
            yield Finding("error", f"column '{column}' stands here twice", name, line, column, column, "once")
