"""The days on which questions were asked, from a table with the columns `question,as_of`."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from forecast.analysis.replays.days import Every
from forecast.analysis.replays.replay import Method, Span
from forecast.errors import Finding, InputError
from forecast.scenario.dates import ACCEPTED_DAY, parse_day
from forecast.scenario.record import Scenario
from forecast.scenario.yaml_text import read_text

__all__ = ["COLUMNS", "read_asked", "span_of"]

COLUMNS = ("question", "as_of")


def span_of(
    scenarios: Sequence[Scenario],
    first: date | str | None,
    last: date | str | None,
    every: Every,
    models: tuple[str, ...],
    method: Method,
    asked: Path | None,
    today: date,
) -> Span:
    """The span from the first day to the last, or of the days in a file.

    Raises
    ------
    InputError
        If there is neither a first and a last day nor a file, there are both, or one cannot be read.
    """
    ends = {"--from": first, "--to": last}
    if asked is not None:
        if given := [key for key, day in ends.items() if day is not None]:
            message = f"{given[0]} and --days exclude each other."
            raise InputError(Finding("error", message, key=given[0], accepted="--from and --to, or --days alone"))
        rows = read_asked(asked, scenarios, today)
        days = [day for _, day in rows]
        return Span(min(days), max(days), every, models, method, rows)
    missing = [key for key, day in ends.items() if day is None]
    if missing:
        raise InputError(
            Finding("error", f"Missing option '{key}'.", key=key, accepted="--from DATE --to DATE, or --days FILE")
            for key in missing
        )
    assert first is not None
    assert last is not None
    return Span(_day(first, "--from"), _day(last, "--to"), every, models, method)


def _day(value: date | str, key: str) -> date:
    try:
        return parse_day(value) if isinstance(value, str) else value
    except ValueError as error:
        raise InputError(Finding("error", f"{error}.", key=key, found=str(value), accepted=ACCEPTED_DAY)) from error


def read_asked(path: Path, scenarios: Sequence[Scenario], today: date) -> frozenset[tuple[str, date]]:
    """Read which question was asked on which day.

    Parameters
    ----------
    path
        A CSV file; further columns are ignored, as are empty rows.
    scenarios
        Their questions may be asked.
    today
        No day may be later.

    Returns
    -------
    frozenset of tuple
        Ids of questions, and days.

    Raises
    ------
    InputError
        With file and line of everything that is wrong: columns, days, questions that no scenario has, days before the
        scenario's start, in the future or after the question's last day, rows that repeat another.
    """
    findings: list[Finding] = []
    text = read_text(path, str(path), findings)
    asked: dict[tuple[str, date], int] = {}
    if text is not None:
        rows = _rows(text, str(path), findings)
        for line, question, day in rows:
            found = _checked(question, day, scenarios, today)
            if isinstance(found, Finding):
                findings.append(_at(found, str(path), line))
            elif found in asked:
                message = f"this repeats line {asked[found]}."
                findings.append(Finding("error", message, str(path), line, accepted="every question and day once"))
            else:
                asked[found] = line
        if not rows and not findings:
            message = "there is no row below the header." if text.strip() else "the file is empty."
            findings.append(Finding("error", message, str(path), accepted=",".join(COLUMNS) + " and rows below"))
    if findings:
        raise InputError(findings)
    return frozenset(asked)


def _rows(text: str, shown_as: str, findings: list[Finding]) -> list[tuple[int, str, str]]:
    """Line, question and day of every row."""
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    places: list[int] | None = None
    width, line, found = 0, 1, []
    try:
        for row in table:
            cells = [cell.strip() for cell in row]
            if any(cells) and places is None:
                if missing := [name for name in COLUMNS if cells.count(name) != 1]:
                    message = f"the header needs the column '{missing[0]}' exactly once."
                    accepted = ",".join(COLUMNS)
                    findings.append(Finding("error", message, shown_as, line, found=row[0][:80], accepted=accepted))
                    return []
                places, width = [cells.index(name) for name in COLUMNS], len(cells)
            elif any(cells) and places is not None:
                if len(cells) == width:
                    found.append((line, *(cells[place] for place in places)))
                else:
                    message = f"{len(cells)} cells under {width} columns."
                    findings.append(Finding("error", message, shown_as, line, accepted="one cell for each column"))
            line = table.line_num + 1
    except csv.Error as error:
        findings.append(Finding("error", f"this is not CSV: {error}", shown_as, line))
    return found  # type: ignore[return-value]


def _checked(question: str, day: str, scenarios: Sequence[Scenario], today: date) -> tuple[str, date] | Finding:
    known = {one.id: (one, scenario) for scenario in scenarios for one in scenario.file.questions}
    if question not in known:
        accepted = ", ".join(known)
        return Finding("error", f"Unknown question '{question}'.", key="question", found=question, accepted=accepted)
    try:
        as_of = parse_day(day)
    except ValueError as error:
        return Finding("error", f"{error}.", key="as_of", found=day, accepted="a day as YYYY-MM-DD")
    entry, scenario = known[question]
    last = min(entry.ends, today)
    if not scenario.start <= as_of <= last:
        message = f"'{question}' cannot be asked on {as_of}."
        accepted = f"a day from {scenario.start}, the start of {scenario.id}, to {last}"
        return Finding("error", message, key="as_of", found=day, accepted=accepted)
    return question, as_of


def _at(finding: Finding, file: str, line: int) -> Finding:
    return Finding(finding.level, finding.message, file, line, finding.key, finding.found, finding.accepted)
