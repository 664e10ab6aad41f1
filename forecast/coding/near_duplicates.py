"""Events that may be one event told twice: they do not count until somebody has decided.

News repeats itself and data sets overlap. An event near one of the same kind is held back, with the reason; the first
of a run counts. What a person has decided in the files stands.
"""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from forecast.scenario.dates import When
from forecast.scenario.schema import Report

__all__ = ["PREFIX", "Twins"]

#: Begins the ids of events that an import has made: `auto-CLASS-ACTOR-ACTOR-DATE`.
PREFIX = "auto-"

_DATE = re.compile(r"-\d{4}(?:-Q[1-4]|(?:-\d\d){0,2})(?:_\d{4}(?:-Q[1-4]|(?:-\d\d){0,2}))?$")

type _Rows = list[tuple[date, date, str]]


@dataclass(frozen=True, slots=True)
class Twins:
    """Counted events, by kind and date: by indicator those coded by hand, by class and actors those of imports."""

    by_hand: dict[str, _Rows]
    imported: dict[str, _Rows]
    counted: set[str]
    longest_days: int

    @classmethod
    def of(cls, reports: Iterable[Report]) -> "Twins":
        """The events that are on file."""
        by_hand: dict[str, _Rows] = {}
        imported: dict[str, _Rows] = {}
        counted: set[str] = set()
        longest = 0
        for report in reports:
            if not report.counts or report.denies or report.when is None or report.indicator is None:
                continue
            counted.add(report.event)
            longest = max(longest, report.when.n_days)
            row = (report.when.first, report.when.last, report.event)
            if report.event.startswith(PREFIX):
                imported.setdefault(_kind(report.event), []).append(row)
            else:
                by_hand.setdefault(report.indicator, []).append(row)
        for rows in (*by_hand.values(), *imported.values()):
            rows.sort()
        return cls(by_hand, imported, counted, longest)

    def doubt(self, event: str, indicator: str, when: When, near_days: int, apart_days: int | None) -> str | None:
        """Why an event does not count by itself; None if it does, and then it counts for those to come.

        Parameters
        ----------
        event
            Id that an import has made.
        indicator, when
            What it is, and when.
        near_days
            So near to an event that was coded by hand, of the same indicator, it may be that one.
        apart_days
            So near to an imported event of the same class and actors it may be that one; None if the class counts by
            months or years, and so cannot count twice.
        """
        if event in self.counted:
            return None
        other = self._near(self.by_hand.get(indicator, []), when, near_days)
        if other is not None:
            return f"may be the event {other}, on file already; decide which"
        kind = _kind(event)
        if apart_days is not None:
            other = self._near(self.imported.get(kind, []), when, apart_days)
            if other is not None:
                return f"within {apart_days} days of {other}; decide whether it is another event"
        self.counted.add(event)
        insort(self.imported.setdefault(kind, []), (when.first, when.last, event))
        return None

    def _near(self, rows: _Rows, when: When, days: int) -> str | None:
        """The earliest event within so many days."""
        reach = timedelta(days=days)
        begin = bisect_left(rows, (when.first - reach - timedelta(days=max(self.longest_days, when.n_days)),))
        for first, last, event in rows[begin:]:
            if first > when.last + reach:
                return None
            if last >= when.first - reach:
                return event
        return None


def _kind(event: str) -> str:
    """Class and actors of an imported event: its id without the date."""
    return _DATE.sub("", event)
