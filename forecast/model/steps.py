"""The grid of time: calendar months, quarters or ISO weeks, cut at the start and at the as-of date.

A step is a span of days that belongs to one calendar period; its `fraction` is the share of that period it covers.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from forecast.model.version import Floats
from forecast.scenario.schema import Step

__all__ = ["Steps", "steps_between"]


@dataclass(frozen=True, slots=True)
class Steps:
    """T consecutive spans of days; `first` and `last` are proleptic ordinals, both included.

    `period_days` is the length of the whole calendar period, `years` its nominal length (1/12 for a month).
    """

    first: NDArray[np.int64]  # (T,)
    last: NDArray[np.int64]  # (T,)
    period_days: NDArray[np.int64]  # (T,)
    years: float

    def __len__(self) -> int:
        return len(self.first)

    @property
    def fraction(self) -> Floats:
        """Share of the calendar period that each step covers, in (0, 1], shape (T,)."""
        return (self.last - self.first + 1) / self.period_days

    def labels(self) -> list[str]:
        """First day of each step, ISO."""
        return [date.fromordinal(int(day)).isoformat() for day in self.first]


def steps_between(first: date, last: date, step: Step) -> Steps:
    """The steps that cover all days from `first` to `last`, both included; none if `last` is before `first`."""
    starts: list[int] = []
    ends: list[int] = []
    lengths: list[int] = []
    day = first
    while day <= last:
        begin, end = _period(day, step)
        starts.append(day.toordinal())
        ends.append(min(end, last).toordinal())
        lengths.append((end - begin).days + 1)
        if end >= last:
            break
        day = end + timedelta(days=1)
    return Steps(np.array(starts, int), np.array(ends, int), np.array(lengths, int), step.years)


def _period(day: date, step: Step) -> tuple[date, date]:
    """First and last day of the calendar period that contains a day."""
    if step is Step.WEEK:
        begin = day - timedelta(days=day.weekday())
        return begin, begin + timedelta(days=6)
    months = 1 if step is Step.MONTH else 3
    month = day.month - (day.month - 1) % months
    begin = date(day.year, month, 1)
    after = month + months
    following = date(day.year + 1, 1, 1) if after > 12 else date(day.year, after, 1)
    return begin, following - timedelta(days=1)
