"""What goes to the terminal: tables that fit, one JSON document, progress, findings. Results to stdout, else stderr."""

import csv
import json
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from forecast.cli.pictures import EVERY, showable
from forecast.cli.table import table
from forecast.errors import Finding
from forecast.scenario.cells import harmless

if TYPE_CHECKING:
    from forecast.api import Records

__all__ = [
    "inert",
    "print_csv",
    "print_findings",
    "print_json",
    "print_table",
    "reporting",
    "say",
    "say_folded",
    "tell",
]

#: Tables are laid out for this width where the output is no terminal.
WIDTH = 80

#: Seconds after which a stage that goes on is named again where progress goes to a file.
SECONDS_PER_LINE = 5.0

#: Characters that steer a terminal or turn the order of what it shows: control characters and bidirectional marks.
_STEERING = {
    code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    for code in (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def inert(text: str) -> str:
    """A text in which characters that would steer a terminal are spelled out: texts come from anybody's files."""
    return text.translate(_STEERING)


def say(text: str = "") -> None:
    """A line of the result."""
    print(inert(text))


def print_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with the keys of the first one as header; what is nothing is an empty cell.

    A text that begins like a formula gets an apostrophe in front, so that a spreadsheet shows it; see `scenario.cells`.
    """
    if rows:
        is_shown = sys.stdout.isatty()
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            cells = {key: _cell(value) for key, value in row.items()}
            writer.writerow({k: inert(v) if is_shown and isinstance(v, str) else v for k, v in cells.items()})


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value


def _columns() -> int:
    """Of the terminal; of what is no terminal always the same."""
    return get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH


def say_folded(text: str, first: str = "") -> None:
    """A sentence of the result, folded at the width; ids and dates stay whole, further lines are indented."""
    print(
        textwrap.fill(
            inert(text),
            min(WIDTH, _columns()),
            initial_indent=first,
            subsequent_indent="  ",
            break_on_hyphens=False,
            break_long_words=False,
        )
    )


def tell(text: str) -> None:
    """A line beside the result."""
    print(inert(text), file=sys.stderr, flush=True)


def print_json(document: Any) -> None:
    """The document, and nothing else; in escapes where the output has not all characters."""
    print(json.dumps(document, ensure_ascii=not showable(EVERY), allow_nan=False, indent=2))


def print_found(found: "Records", tables: Callable[[Any], None], *, as_json: bool, as_csv: bool = False) -> None:
    """What a verb found: its document as JSON, its rows as CSV, or the tables that are made of the document."""
    if as_json:
        print_json(found.document)
    elif as_csv:
        print_csv(found.rows)
    else:
        tables(found.document)


def print_findings(findings: Iterable[Finding]) -> None:
    """One block per finding: where, what, what would be accepted."""
    for finding in findings:
        place = finding.where()
        tell(f"{finding.level}: {place + ': ' if place else ''}{finding.message}")
        if finding.accepted:
            tell(f"       accepted: {finding.accepted}")


def print_table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = (), wrap: Sequence[int] = ()
) -> None:
    """A table as wide as the terminal at most; see `cli.table.table`."""
    cells = [[inert(cell) for cell in row] for row in rows]
    for line in table(headers, cells, _columns(), right, wrap, stack=sys.stdout.isatty()):
        print(line)


@contextmanager
def reporting(quiet: bool) -> Iterator[Callable[[str, float | None, str], None]]:
    """What to call with (stage, share done or None, remark): a bar on a terminal, else a line per stage."""
    if quiet:
        yield lambda *_: None
    elif sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _lines()


def _lines() -> Callable[[str, float | None, str], None]:
    """A line when the stage changes, and every `SECONDS_PER_LINE` while it goes on."""
    began = time.monotonic()
    last: tuple[str, float] = "", began

    def report(stage: str, _done: float | None, remark: str) -> None:
        nonlocal last
        now = time.monotonic()
        if stage != last[0] or now - last[1] >= SECONDS_PER_LINE:
            last = stage, now
            tell(f"[{now - began:5.1f} s] {stage}{' (' + remark + ')' if remark else ''}")

    return report


@contextmanager
def _bar() -> Iterator[Callable[[str, float | None, str], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[remark]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None, remark="")

        def report(stage: str, done: float | None, remark: str) -> None:
            progress.update(
                task, description=stage, total=None if done is None else 1.0, completed=done or 0.0, remark=remark
            )

        yield report
