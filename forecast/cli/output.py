"""What goes to the terminal: tables that fit, one JSON document, progress, findings. Results to stdout, else stderr."""

import csv
import json
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from shutil import get_terminal_size
from typing import Any

from forecast.cli.table import table
from forecast.errors import Finding
from forecast.words import words

__all__ = [
    "digits",
    "inert",
    "interval",
    "print_csv",
    "print_findings",
    "print_json",
    "print_table",
    "probability",
    "reporting",
    "say",
    "say_folded",
    "signed",
    "tell",
]

#: Tables are laid out for this width where the output is no terminal.
WIDTH = 80

#: Fewest decimals of a printed probability; the Monte Carlo error may call for no more.
FEWEST_DIGITS, MOST_DIGITS = 2, 4

#: A change of fewer Monte Carlo errors than this is shown as noise: 95% of mere noise is.
NOISE = 2.0


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


#: What a spreadsheet would run: a cell that begins like a formula, behind any number of our own apostrophes.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def print_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with the keys of the first one as header; what is nothing is an empty cell.

    A text that begins with ``= + - @``, a tab or a carriage return, or with apostrophes and one of these, gets one more
    apostrophe in front, so that a spreadsheet shows it; taking one away from such cells gives every text back.
    """
    if rows:
        is_shown = sys.stdout.isatty()
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            cells = {key: _cell(value) for key, value in row.items()}
            writer.writerow({k: inert(v) if is_shown and isinstance(v, str) else v for k, v in cells.items()})


def _cell(value: Any) -> Any:
    return "'" + value if isinstance(value, str) and _FORMULA.match(value) else value


def say_folded(text: str, first: str = "") -> None:
    """A sentence of the result, folded at the width; ids and dates stay whole, further lines are indented."""
    print(
        textwrap.fill(
            inert(text),
            WIDTH,
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
    """The document, and nothing else."""
    print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2))


def print_findings(findings: Iterable[Finding]) -> None:
    """One block per finding: where, what, what would be accepted."""
    for finding in findings:
        place = finding.where()
        tell(f"{finding.level}: {place + ': ' if place else ''}{finding.message}")
        if finding.accepted:
            tell(f"       accepted: {finding.accepted}")


def digits(mcse: float) -> int:
    """Decimals of a probability that its Monte Carlo error supports, from 2 to 4."""
    shown = FEWEST_DIGITS
    while shown < MOST_DIGITS and mcse < 10.0 ** -(shown + 1) / 2:
        shown += 1
    return shown


def probability(p: float | None, mcse: float = 1.0) -> str:
    """A probability with the decimals its error supports; never 0 or 1 unless it is.

    Near the edge of a band of words it gets more decimals, so that the printed number and its word agree.
    """
    if p is None:
        return ""
    n = digits(mcse)
    while n < MOST_DIGITS and words(round(p, n)) != words(p):
        n += 1
    return _decimals(p, n)


def interval(low: float, high: float) -> str:
    """The ends of an interval of probabilities, with as few decimals as its width deserves; no word stands beside."""
    return f"{_decimals(low, FEWEST_DIGITS)}-{_decimals(high, FEWEST_DIGITS)}"


def _decimals(p: float, n: int) -> str:
    """A probability with n decimals; never 0 or 1 unless it is."""
    text = f"{p:.{n}f}"
    edge = 10.0**-n
    if float(text) == 0.0 and p > 0.0:
        return f"<{edge:.{n}f}"
    if float(text) == 1.0 and p < 1.0:
        return f">{1 - edge:.{n}f}"
    return text


def signed(change: float | None, mcse: float | None = None) -> str:
    """A difference of two probabilities with its sign; none where there is nothing to compare.

    In parentheses where another seed could as well have made it.
    """
    if change is None:
        return ""
    text = f"{change:+.2f}"
    if float(text) == 0.0:
        text = "0.00"
    return f"({text})" if mcse is not None and abs(change) < NOISE * mcse else text


def print_table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = (), wrap: Sequence[int] = ()
) -> None:
    """A table as wide as the terminal at most; see `cli.table.table`."""
    width = get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
    for line in table(headers, [[inert(cell) for cell in row] for row in rows], width, right, wrap):
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
    began = time.monotonic()
    last: list[str] = []

    def report(stage: str, _done: float | None, remark: str) -> None:
        if last != [stage]:
            last[:] = [stage]
            tell(f"[{time.monotonic() - began:5.1f} s] {stage}{' (' + remark + ')' if remark else ''}")

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
