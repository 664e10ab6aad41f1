"""The rows of a data set's file, one at a time: packed or not, with or without a header, in memory that does not grow.

Nothing about a file is believed: packed data are unpacked within limits, lines and columns are counted, and bytes that
are no text of the stated encoding end the reading with their line. Encodings and quoting
are stated, not guessed: a wrong encoding is silent, and a wrong quoting makes one row of many. Every line is counted as
what it was, and the counts must add up.
"""

import csv
import gzip
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn, cast

from forecast.errors import Finding, InputError
from forecast.scenario.validation import nearest

__all__ = ["MAX_BYTES", "MAX_LINE_BYTES", "MAX_RATIO", "Layout", "LineCounts", "Row", "Table", "open_table"]

#: Of text, unpacked. All of GDELT 1.0 for a year is about half of it.
MAX_BYTES = 8 * 2**30
#: A line of the data sets that we know has a few thousand bytes.
MAX_LINE_BYTES = 2**20
#: Tables pack to a tenth or a twentieth; beyond this, and beyond `FREE_BYTES`, somebody built a bomb.
MAX_RATIO = 200
FREE_BYTES = 64 * 2**20

#: Lines in which the header is looked for: some exports begin with a page of conditions.
HEADER_LINES = 40

DELIMITERS = ("\t", ",", ";", "|")

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PACKED = ".zip with one table in it, .gz, or the table itself"


@dataclass(slots=True)
class LineCounts:
    """What became of the lines of a file, while its rows are read.

    Attributes
    ----------
    lines
        All lines that were read.
    preamble, header, blank
        Lines before the header, of the header, and without any text.
    in_rows, rows
        Lines that are in rows, and the rows: fewer where cells hold line ends.
    unquoted
        Cells that stood in quotation marks, in a file where these are characters like any other.
    """

    lines: int = 0
    preamble: int = 0
    header: int = 0
    blank: int = 0
    in_rows: int = 0
    rows: int = 0
    unquoted: int = 0

    def check(self, path: Path) -> None:
        """Refuse a file whose lines do not add up.

        Raises
        ------
        InputError
            With the counts.
        """
        found = self.preamble + self.header + self.blank + self.in_rows
        if found != self.lines:
            message = (
                f"{self.lines} lines were read, but {self.preamble} before the header, {self.header} of the header, "
                f"{self.blank} empty and {self.in_rows} in rows are {found}"
            )
            _refuse(path, message, "a file of which every line is counted; please report this one")


class Row(NamedTuple):
    """One row: the line on which it ends, counted from 1, and its cells."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """What is known about a file before it is opened.

    Attributes
    ----------
    required
        Columns that must be there; each a group of spellings, of which one suffices.
    header
        Columns of files that have no header line, in their order; files with one may have them in any order.
    n_optional
        How many of the last columns of `header` older files lack.
    encoding
        Of the text, where no byte order mark says that it is UTF-8.
    quoted
        False where quotation marks are characters like any other (in tab-separated files only): a row is a line then,
        and only the marks around a whole cell are taken off.
    line_breaks
        True where cells in quotes really hold line ends. Otherwise a row over several lines that each look like a row
        is refused: a quotation mark was not closed.
    strip_end
        What some exports leave at the ends of lines.
    otherwise
        What the user can do about a file in which a required column is missing.
    """

    required: tuple[tuple[str, ...], ...] = ()
    header: tuple[str, ...] = ()
    n_optional: int = 0
    encoding: str = "utf-8"
    quoted: bool = True
    line_breaks: bool = False
    strip_end: str = ""
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """An open file: `columns` as it names them, `rows` to be read once; `counts` grows while they are read."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    counts: LineCounts = field(default_factory=LineCounts)

    @property
    def n_preamble(self) -> int:
        """Lines before the header."""
        return self.counts.preamble

    def position(self, names: Sequence[str]) -> int | None:
        """Where the first of these columns stands that is there at all; capitals and spaces do not matter."""
        folded = [_folded(column) for column in self.columns]
        return next((folded.index(_folded(name)) for name in names if _folded(name) in folded), None)


@contextmanager
def open_table(path: Path, layout: Layout) -> Iterator[Table]:
    """Open a file and find its columns.

    Raises
    ------
    InputError
        If there is no such file, it is damaged, over a limit, in another encoding, or lacks columns. What is wrong
        further down is raised while `rows` are read.
    """
    with ExitStack() as stack:
        counts = LineCounts()
        lines = _counted(_lines(path, layout, stack), counts)
        first = list(islice(lines, HEADER_LINES))
        delimiter, columns, counts.preamble, counts.header = _columns(path, first, layout)
        whole = chain(first, lines)
        for _ in range(counts.preamble + counts.header):
            next(whole)
        by_line = not layout.quoted and delimiter == "\t"
        rows = _rows_by_line(whole, len(columns), counts) if by_line else None
        yield Table(columns, rows or _quoted_rows(path, whole, layout, delimiter, len(columns), counts), counts)


def _refuse(path: Path, message: str, accepted: str | None = None, line: int | None = None) -> NoReturn:
    raise InputError(Finding("error", message, str(path), line, accepted=accepted))


def _lines(path: Path, layout: Layout, stack: ExitStack) -> Iterator[str]:
    """The text of the file, line by line."""
    try:
        file, packed = _opened(path, stack)
        yield from _decoded(path, file, packed, layout)
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        _refuse(path, f"the packed file is damaged: {error}", "a file that unpacks; fetch it again")
    except NotImplementedError as error:
        _refuse(path, f"the archive is packed in a way that is not read: {error}", _PACKED)
    except FileNotFoundError:
        _refuse(path, "there is no such file")
    except OSError as error:
        _refuse(path, f"the file cannot be read: {error.strerror or error}")


def _opened(path: Path, stack: ExitStack) -> tuple[BinaryIO, int | None]:
    """The bytes of the table, and how many bytes it is packed in (None if it is not). Content decides, not the name."""
    raw = stack.enter_context(path.open("rb"))
    magic = raw.read(4)
    raw.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return cast("BinaryIO", stack.enter_context(gzip.open(raw))), path.stat().st_size
    if magic != b"PK\x03\x04":
        return raw, None
    archive = stack.enter_context(zipfile.ZipFile(raw))
    members = [
        member for member in archive.infolist() if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:5]) or "nothing"
        _refuse(path, f"the archive holds {len(members)} files: {names}", _PACKED)
    if members[0].flag_bits & 1:
        _refuse(path, "the archive is locked with a password", _PACKED)
    unpacked = stack.enter_context(archive.open(members[0]))
    return cast("BinaryIO", unpacked), max(members[0].compress_size, 1)


def _decoded(path: Path, file: BinaryIO, packed: int | None, layout: Layout) -> Iterator[str]:
    encoding = layout.encoding
    n_bytes = 0
    number = 0
    while data := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        n_bytes += len(data)
        if len(data) > MAX_LINE_BYTES:
            accepted = f"lines of at most {MAX_LINE_BYTES // 2**20} MiB"
            _refuse(path, f"this line is longer than {MAX_LINE_BYTES // 2**20} MiB; is this a table?", accepted, number)
        if n_bytes > MAX_BYTES:
            _refuse(path, f"the text is larger than {MAX_BYTES // 2**30} GiB", "several smaller files", number)
        if packed is not None and n_bytes > max(FREE_BYTES, MAX_RATIO * packed):
            message = f"the file unpacks to more than {MAX_RATIO} times its size: no table packs so well"
            _refuse(path, message, "a file that you trust, unpacked by hand", number)
        if number == 1:
            if data.startswith(_UTF16_MARKS):
                _refuse(path, "the text is UTF-16", "UTF-8; save the file in this encoding", 1)
            if data.startswith(_UTF8_MARK):
                data, encoding = data[len(_UTF8_MARK) :], "utf-8"
        try:
            text = data.decode(encoding)
        except UnicodeError as error:
            byte = f" (byte 0x{data[error.start]:02x})" if isinstance(error, UnicodeDecodeError) else ""
            message = f"the text is not {encoding}{byte}"
            _refuse(path, message, "the encoding of the file, such as --encoding cp1252 or latin-1", number)
        except LookupError:
            _refuse(path, f"there is no encoding '{encoding}'", "utf-8, cp1252, latin-1, ...")
        if "\0" in text:
            _refuse(path, "the text contains a NUL character; is this a table?", "text", number)
        if layout.strip_end:
            body = text.rstrip("\r\n")
            text = body.rstrip(layout.strip_end) + text[len(body) :]
        yield text


def _counted(lines: Iterator[str], counts: LineCounts) -> Iterator[str]:
    for line in lines:
        counts.lines += 1
        yield line


def _rows_by_line(lines: Iterator[str], n_columns: int, counts: LineCounts) -> Iterator[Row]:
    """Rows of a tab-separated file in which quotation marks are characters: every line is one."""
    number = counts.preamble + counts.header
    for line in lines:
        number += 1
        text = line.rstrip("\r\n")
        if not text:
            counts.blank += 1
            continue
        cells = text.split("\t")
        if '"' in text:
            cells = _without_quotes(text, cells, n_columns, counts)
        counts.in_rows += 1
        counts.rows += 1
        yield Row(number, cells)


def _without_quotes(text: str, cells: list[str], n_columns: int, counts: LineCounts) -> list[str]:
    """Take the marks off cells that stand in them; some years of a data set quote, and most do not."""
    if len(cells) != n_columns:  # perhaps a cell in quotes holds a tab
        try:
            quoted: list[str] = next(csv.reader([text], delimiter="\t", strict=True), [])
        except csv.Error:
            return cells
        if len(quoted) == n_columns:
            counts.unquoted += 1
            return quoted
        return cells
    for at, cell in enumerate(cells):
        if len(cell) > 1 and cell[0] == cell[-1] == '"':
            cells[at] = cell[1:-1].replace('""', '"')
            counts.unquoted += 1
    return cells


def _quoted_rows(
    path: Path, lines: Iterator[str], layout: Layout, delimiter: str, n_columns: int, counts: LineCounts
) -> Iterator[Row]:
    """Rows of a file in which cells may stand in quotes, and hold line ends; lines without any text are passed over."""
    before = counts.preamble + counts.header
    taken: list[str] = []

    def take() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    reader = csv.reader(take(), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if len(taken) > 1 and not layout.line_breaks and _are_rows(taken, delimiter, n_columns):
                _refuse_open_quote(path, before + 1, before + len(taken))
            before += len(taken)
            if cells:
                counts.in_rows += len(taken)
                counts.rows += 1
                yield Row(before, cells)
            else:
                counts.blank += len(taken)
            taken.clear()
    except csv.Error as error:
        if "unexpected end" in str(error):
            _refuse_open_quote(path, before + 1, before + len(taken))
        _refuse(path, f"this is no table: {error}", "texts with quotes in double quotes", before + len(taken))


def _are_rows(lines: Sequence[str], delimiter: str, n_columns: int) -> bool:
    """Whether lines that quotes have joined look like rows of their own: one between them is, or all are."""
    for line in lines[1:-1]:
        try:
            if n_columns > 1 and len(next(csv.reader([line], delimiter=delimiter, strict=True), [])) == n_columns:
                return True
        except csv.Error:
            continue
    return n_columns > 1 and all(line.count(delimiter) >= n_columns - 1 for line in lines)


def _refuse_open_quote(path: Path, first: int, last: int) -> NoReturn:
    message = f"a quotation mark that opens in line {first} closes in line {last} or not at all: rows would be lost"
    accepted = (
        "quotes in pairs; or a mapping that says what the file does: `layout: {quotes: false}` if its quotation marks "
        "are characters (tab-separated files), `layout: {line_breaks: true}` if its cells hold line ends"
    )
    _refuse(path, message, accepted, first)


def _columns(path: Path, first: list[str], layout: Layout) -> tuple[str, tuple[str, ...], int, bool]:
    """Delimiter, columns, number of lines before the header, and whether there is one."""
    if not any(line.strip() for line in first):
        _refuse(path, "the file is empty", "a table with a header")
    nearest_header: list[str] = []
    most_found = -1
    for delimiter in DELIMITERS:
        for number, line in enumerate(first):
            cells = _cells(line, layout, delimiter)
            names = {_folded(cell) for cell in cells}
            n_found = sum(any(_folded(name) in names for name in group) for group in layout.required)
            if n_found == len(layout.required) and len(cells) > 1:
                _refuse_twice(path, cells, layout, number + 1)
                return delimiter, tuple(cells), number, True
            if (n_found, len(cells)) > (most_found, len(nearest_header)):
                most_found, nearest_header = n_found, cells
    for delimiter in DELIMITERS:
        n_cells = len(_cells(first[0], layout, delimiter))
        if layout.header and len(layout.header) - layout.n_optional <= n_cells <= len(layout.header):
            return delimiter, layout.header[:n_cells], 0, False
    raise InputError(_missing(path, nearest_header, layout))


def _cells(line: str, layout: Layout, delimiter: str) -> list[str]:
    text = line.rstrip("\r\n")
    if not layout.quoted and delimiter == "\t":
        cells = text.split("\t")
        return [cell.strip() for cell in _without_quotes(text, cells, len(cells), LineCounts())]
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter, strict=True), [])]
    except csv.Error:
        return []


def _refuse_twice(path: Path, cells: list[str], layout: Layout, line: int) -> None:
    names = [_folded(cell) for cell in cells]
    for group in layout.required:
        for name in group:
            if names.count(_folded(name)) > 1:
                _refuse(path, f"the column '{name}' stands here twice", "each column once", line)


def _missing(path: Path, there: list[str], layout: Layout) -> list[Finding]:
    """What keeps the line that looks most like a header from being one."""
    names = {_folded(cell) for cell in there}
    found = ", ".join(there)[:160]
    missing = [group for group in layout.required if not any(_folded(name) in names for name in group)]
    if layout.otherwise:
        message = f"there is no column {', '.join(f"'{group[0]}'" for group in missing)}"
        return [Finding("error", message, str(path), found=found, accepted=layout.otherwise)]
    findings = [
        Finding(
            "error",
            f"there is no column '{group[0]}'{nearest(group[0], there) or f'; there are {found}'}",
            str(path),
            found=found,
            accepted=" or ".join(f"'{name}'" for name in group),
        )
        for group in missing
    ]
    if layout.header:
        n = len(layout.header)
        numbers = f"{n - layout.n_optional} to {n}" if layout.n_optional else str(n)
        accepted = f"a header with the columns, or {numbers} cells in every line"
        message = "the first line is no header, and has another number of cells than files without one"
        findings.insert(0, Finding("error", message, str(path), 1, found=found, accepted=accepted))
    return findings


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
