"""The days of a replay: the last day of every calendar period that lies within a span."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, get_args

from forecast.scenario.schema import Step

__all__ = ["EVERY", "Every", "days_between", "days_per_year", "months_after"]

type Every = Literal["month", "quarter", "week", "step"]

EVERY: tuple[str, ...] = get_args(Every.__value__)


def days_between(first: date, last: date, every: Every, step: Step) -> list[date]:
    """Last days of all months, quarters or ISO weeks (to Sunday) that lie within a span, both ends included.

    Parameters
    ----------
    first, last
        The span; a period that ends after `last` has no day in it.
    every
        The period; `step` is that of the scenario.
    step
        The scenario's step.
    """
    period = step if every == "step" else Step(every)
    return [day for day in _ends(first, period, last) if day >= first]


def _ends(first: date, period: Step, last: date) -> Iterator[date]:
    day = _end(first, period)
    while day <= last:
        yield day
        day = _end(day + timedelta(days=1), period)


def _end(day: date, period: Step) -> date:
    """Last day of the period that contains a day."""
    if period is Step.WEEK:
        return day + timedelta(days=6 - day.weekday())
    months = 1 if period is Step.MONTH else 3
    return _month_end(day.year, day.month + (-day.month) % months)


def _month_end(year: int, month: int) -> date:
    """Last day of a month; months beyond 12 belong to later years."""
    year, month = year + month // 12, month % 12 + 1
    return date(year, month, 1) - timedelta(days=1)


def months_after(day: date, months: int) -> date:
    """The same day of the month some months later; the last day of a month leads to the last day of a month."""
    end = _month_end(day.year, day.month + months)
    is_last = day == _month_end(day.year, day.month)
    return end if is_last or day.day > end.day else end.replace(day=day.day)


def days_per_year(every: Every, step: Step) -> int:
    """How many of the days lie in a year, rounded up."""
    return {Step.MONTH: 12, Step.QUARTER: 4, Step.WEEK: 53}[step if every == "step" else Step(every)]
