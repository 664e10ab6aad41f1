"""Dates as analysts know them: a day, or an honest interval of days.

`parse_when` reads `2023-09-12`, `2023-09`, `2023-Q3`, `2023` and `2023-07-25/2023-07-27`.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime

__all__ = ["ACCEPTED_DAY", "ACCEPTED_WHEN", "When", "now", "parse_day", "parse_when", "today"]

ACCEPTED_DAY = "a day as YYYY-MM-DD"
ACCEPTED_WHEN = "YYYY-MM-DD, or imprecise: YYYY-MM, YYYY-Q1..Q4, YYYY, or FIRST/LAST of these"

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_YEAR = re.compile(r"(\d{4})")


@dataclass(frozen=True, slots=True)
class When:
    """The days between which something happened, both included; `text` is what the analyst wrote."""

    first: date
    last: date
    text: str

    @property
    def is_precise(self) -> bool:
        """True when the day is known."""
        return self.first == self.last

    @property
    def n_days(self) -> int:
        """Length in days, at least 1."""
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        return self.text


def now() -> datetime:
    """The present instant in UTC: the only place where the program reads the system's clock."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in UTC."""
    return now().date()


def parse_day(text: str) -> date:
    """Read `YYYY-MM-DD`.

    Raises
    ------
    ValueError
        If the text has another form or names a day that does not exist.
    """
    match = _DAY.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not {ACCEPTED_DAY}")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise ValueError(f"'{text}' is not a day of the calendar") from error


def parse_when(text: str) -> When:
    """Read a date with its precision.

    Raises
    ------
    ValueError
        If the text is in none of the accepted forms, names no day of the calendar, or ends before it begins.
    """
    text = text.strip()
    if "/" in text:
        first, _, last = text.partition("/")
        begin, end = _span(first.strip()), _span(last.strip())
        if end[1] < begin[0]:
            raise ValueError(f"'{text}' ends before it begins")
        return When(begin[0], end[1], text)
    return When(*_span(text), text)


def _span(text: str) -> tuple[date, date]:
    """First and last day of one day, month, quarter or year."""
    if match := _YEAR.fullmatch(text):
        year = _year(match[1], text)
        return date(year, 1, 1), date(year, 12, 31)
    if match := _QUARTER.fullmatch(text):
        year, month = _year(match[1], text), 3 * int(match[2]) - 2
        return date(year, month, 1), date(year, month + 2, monthrange(year, month + 2)[1])
    if match := _MONTH.fullmatch(text):
        year, month = _year(match[1], text), int(match[2])
        if not 1 <= month <= 12:
            raise ValueError(f"'{text}' is not a month of the calendar")
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    if _DAY.fullmatch(text):
        day = parse_day(text)
        return day, day
    raise ValueError(f"'{text}' is not a date")


def _year(digits: str, text: str) -> int:
    if digits == "0000":
        raise ValueError(f"'{text}' is not a year of the calendar")
    return int(digits)
