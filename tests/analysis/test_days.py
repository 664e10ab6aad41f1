"""The days of a replay, by hand from a calendar."""

from datetime import date

import pytest

from forecast.analysis.replays.days import days_between, days_per_year, months_after
from forecast.scenario.schema import Step


def test_a_month_has_its_last_day_in_the_span_or_none():
    found = days_between(date(2024, 1, 31), date(2024, 4, 29), "month", Step.WEEK)
    assert found == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]
    assert days_between(date(2024, 2, 1), date(2024, 2, 28), "month", Step.MONTH) == []


def test_quarters_and_weeks_end_as_calendars_say():
    assert days_between(date(2023, 11, 5), date(2024, 7, 1), "quarter", Step.MONTH) == [
        date(2023, 12, 31),
        date(2024, 3, 31),
        date(2024, 6, 30),
    ]
    # 2024 began on a Monday: ISO weeks end on the 7th and the 14th of January
    assert days_between(date(2024, 1, 2), date(2024, 1, 14), "week", Step.MONTH) == [
        date(2024, 1, 7),
        date(2024, 1, 14),
    ]


@pytest.mark.parametrize(("step", "n"), [(Step.MONTH, 12), (Step.QUARTER, 4), (Step.WEEK, 53)])
def test_step_is_the_scenarios_own(step, n):
    year = days_between(date(2023, 1, 1), date(2023, 12, 31), "step", step)
    assert year == days_between(date(2023, 1, 1), date(2023, 12, 31), step.value, Step.MONTH)
    assert days_per_year("step", step) == n


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 1, 31), 3, date(2024, 4, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 4, 30), 1, date(2024, 5, 31)),
        (date(2024, 1, 30), 1, date(2024, 2, 29)),
        (date(2024, 11, 15), 3, date(2025, 2, 15)),
        (date(2024, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_after_a_day_end_of_month_stays_end_of_month(day, months, expected):
    assert months_after(day, months) == expected
