"""Dates that need more than their own words: numeric ones, whose order of day and month the rest of the text shows, and
`the same day`, which refers to the date before.
"""

import re
from collections import Counter
from datetime import date, timedelta
from typing import Literal

from forecast.scenario.dates import When, parse_when

__all__ = ["Order", "by_context", "numeric", "numeric_order"]

type Order = Literal["day-first", "month-first"] | None


def numeric_order(text: str, published: date, dateline: str = "") -> Order:
    """Whether numeric dates of a text begin with the day or the month, as far as its unambiguous ones tell.

    A date that can be read in one way only decides: by a number above 12, or because the other reading lies after
    the day of publication. A dateline from the United States decides where none does; None where nothing does.
    """
    votes: Counter[str] = Counter()
    for match in _NUMERIC.finditer(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        ways = [(second, first, "day-first"), (first, second, "month-first")]
        valid = [name for month, day, name in ways if _day(year, month, day, published) is not None]
        if len(set(valid)) == 1 and first != second and match[2] == "/":
            votes[valid[0]] += 1
    if votes["day-first"] != votes["month-first"]:
        return "day-first" if votes["day-first"] > votes["month-first"] else "month-first"
    return "month-first" if _AMERICAN.search(dateline) else None


#: `a week later` than a month is some day; than a year, no day in particular.
MOST_DAYS = 31

_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([./])(\d{1,2})\2(\d{4})(?!\d)")
_AMERICAN = re.compile(r"WASHINGTON|NEW YORK|LOS ANGELES|CHICAGO")


def _day(year: int, month: int, day: int, published: date) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if published == date.max or (found - published).days <= 0 else None


def numeric(match: re.Match[str], published: date, order: Order) -> tuple[str | None, str | None]:
    """A numeric date, and its other reading where the text does not decide between them."""
    first, second, year = int(match["na"]), int(match["nb"]), int(match["ny"])

    def made(month: int, day: int) -> str | None:
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            return None

    day_first, month_first = made(second, first), made(first, second)
    if match["sep"] == "." or order == "day-first":
        return day_first or month_first, None
    if order == "month-first":
        return month_first or day_first, None
    if day_first is None or month_first is None or day_first == month_first:
        return day_first or month_first, None
    # what lies after the day of publication is the less likely reading
    late = published.isoformat()
    if (day_first > late) != (month_first > late):
        return (month_first, None) if day_first > late else (day_first, None)
    return day_first, month_first


def by_context(match: re.Match[str], last: str | None, published: date) -> str | None:
    """`the same day`, `the following month`, `on the 12th`: from the date that was told before, or the publication."""
    words = " ".join(match["context"].lower().split())
    before = parse_when(last) if last else None
    if match["nth_day"]:
        day = int(re.sub(r"\D", "", match["nth_day"]))
        base = before.first if before is not None and before.n_days <= 31 else published
        month = base.year * 12 + base.month - 1
        if base == published and day > published.day:
            month -= 1
        return date(month // 12, month % 12 + 1, day).isoformat()
    return None if before is None or last is None else _moved(before, last, words)


def _moved(before: When, last: str, words: str) -> str | None:
    """The date before, moved by a day, week, month or year."""
    by = -1 if words.endswith(("earlier", "before")) else 0 if "same" in words else 1
    unit = re.search(r"day|week|month|year", words)
    if unit is None or (unit[0] in ("day", "week") and by and before.n_days > MOST_DAYS):
        return None
    if unit[0] == "day":
        return last if by == 0 or not before.is_precise else (before.first + timedelta(days=by)).isoformat()
    if unit[0] == "week":
        monday = before.first - timedelta(days=before.first.weekday()) + timedelta(weeks=by)
        return f"{monday}/{monday + timedelta(days=6)}"
    if unit[0] == "month":
        months = before.first.year * 12 + before.first.month - 1 + by
        return f"{months // 12:04d}-{months % 12 + 1:02d}"
    return f"{before.first.year + by:04d}"
