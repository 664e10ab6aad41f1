"""Files that do not fit their importer: which rows could not be read, and which importer or date format would fit."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from forecast.coding.mapping import Importer, Named, importer_names, read_importer
from forecast.coding.rows import Row, Table, open_table
from forecast.errors import Finding, ForecastError, InputError

__all__ = ["MOST_UNREADABLE", "Rejected", "fitting_importers", "naming_others", "refuse_unreadable"]

#: Share of rows that may be unreadable; with more, the file is not what the importer is for.
MOST_UNREADABLE = 0.5

#: Rows by which it is found out whether an importer fits.
TRIED_ROWS = 50

#: Dates as data sets write them.
FORMATS = (
    *("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%B %d, %Y", "%b %d, %Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%m/%d/%Y %H:%M:%S"),
    *("%Y-%m", "%Y%m", "%Y", "%Y%m%d%H%M%S"),
)

#: Samples of unreadable dates that are kept.
FEW = 20


@dataclass(slots=True)
class Rejected:
    """Rows that could not be read for one reason: the first of them, and how many there are."""

    first: Row
    n: int = 0


@contextmanager
def naming_others(file: Path, chosen: Named, folder: Path, encoding: str | None) -> Iterator[None]:
    """Where a file has not the columns of its importer, name the importers that would read it."""
    try:
        yield
    except InputError as error:
        findings = list(error.findings())
        if not any("there is no column" in finding.message for finding in findings):
            raise
        names = fitting_importers(file, chosen, folder, encoding)
        if not names:
            raise
        raise InputError([_fits(file, chosen, names), *findings]) from error


def refuse_unreadable(
    file: Path, chosen: Named, folder: Path, encoding: str | None, rejected: Mapping[str, Rejected], n_rows: int
) -> None:
    """Refuse a file of which most rows could not be read.

    Parameters
    ----------
    file, chosen, encoding
        What was read, and how.
    folder
        Of the scenario, whose importers may fit.
    rejected
        Rows that could not be read, by reason.
    n_rows
        All rows.

    Raises
    ------
    InputError
        With the numbers by reason, the first line of each, and what would fit.
    """
    n_rejected = sum(one.n for one in rejected.values())
    if n_rejected <= MOST_UNREADABLE * n_rows:
        return
    findings = [
        Finding(
            "error",
            f"{n_rejected} of {n_rows} rows cannot be read as {chosen.name}; nothing was written",
            str(file),
            accepted="a file of which most rows can be read",
        )
    ]
    names = fitting_importers(file, chosen, folder, encoding)
    if names:
        findings.append(_fits(file, chosen, names))
    with open_table(file, chosen.layout(encoding)) as table:
        at = table.position(chosen.says.columns.date) or 0
        texts = [row.cells[at].strip() for row in islice(table.rows, FEW) if len(row.cells) == len(table.columns)]
        n_columns, column = len(table.columns), table.columns[at]
    for why, one in rejected.items():
        cells = one.first.cells
        if len(cells) != n_columns:
            message = f"{one.n} rows: {why}; this one has {len(cells)} cells for {n_columns} columns"
            findings.append(Finding("error", message, str(file), one.first.line))
            continue
        message = f"{one.n} rows: {why}; here '{cells[at].strip()}' in column '{column}'"
        accepted = ", ".join(chosen.says.dates.formats)
        formats = _reading(texts)
        if formats:
            listed = ", ".join(repr(text) for text in formats)
            accepted += f"; a mapping with `dates: {{formats: [{listed}]}}` reads these"
        findings.append(Finding("error", message, str(file), one.first.line, found=cells[at], accepted=accepted))
    raise InputError(findings)


def _fits(file: Path, chosen: Named, names: list[str]) -> Finding:
    message = f"the file does not fit the importer {chosen.name}; it fits {', '.join(names)}"
    return Finding("error", message, str(file), key="--as", found=chosen.name, accepted=" or ".join(names))


def fitting_importers(file: Path, chosen: Named, folder: Path, encoding: str | None) -> list[str]:
    """Names of the other importers whose columns a file has and whose dates can be read in most of its first rows."""
    names = []
    for name in importer_names(folder):
        if name == chosen.name:
            continue
        with suppress(ForecastError):
            other = read_importer(name, folder)
            with open_table(file, other.layout(encoding)) as table:
                if _fits_rows(table, other.says):
                    names.append(name)
    return names


def _fits_rows(table: Table, says: Importer) -> bool:
    at = table.position(says.columns.date)
    assert at is not None  # a required column
    rows = list(islice(table.rows, TRIED_ROWS))
    split = says.each.split if says.each is not None else None
    readable = [
        row
        for row in rows
        if len(row.cells) == len(table.columns)
        and any(_reads(text, form) for text in row.cells[at].split(split) for form in says.dates.formats)
    ]
    return len(readable) > (1 - MOST_UNREADABLE) * len(rows)


def _reading(texts: list[str]) -> list[str]:
    """The formats that read every one of some dates."""
    wanted = [text for text in texts if text]
    return [form for form in FORMATS if wanted and all(_reads(text, form) for text in wanted)][:3]


def _reads(text: str, form: str) -> bool:
    text = text.strip()
    try:
        day = datetime.strptime(text, form)
    except ValueError:
        return False
    return not text.isdigit() or len(day.strftime(form)) == len(text)
