"""The grid of time against the calendar."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.model.steps import steps_between
from forecast.scenario.schema import Step

from .. import naive

DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))


@given(DAYS, st.integers(0, 800), st.sampled_from(list(Step)))
def test_every_day_lies_in_exactly_one_step_of_its_own_calendar_period(first, n_days, step):
    last = first + timedelta(days=n_days)
    grid = steps_between(first, last, step)
    days = [date.fromordinal(int(day)) for a, b in zip(grid.first, grid.last, strict=True) for day in range(a, b + 1)]
    assert days == list(naive.days_between(first, last))
    expected = naive.days_by_step(first, last, step)
    assert [int(n) for n in grid.last - grid.first + 1] == [len(days) for days in expected]
    # counted with datetime.isocalendar and the months of dates
    assert grid.period_days.tolist() == [naive.period_days(days[0], step) for days in expected]


@given(DAYS, st.integers(0, 400), st.sampled_from(list(Step)))
def test_fractions_are_in_0_to_1_and_whole_but_for_the_ends(first, n_days, step):
    fraction = steps_between(first, first + timedelta(days=n_days), step).fraction
    assert np.all((fraction > 0) & (fraction <= 1))
    assert np.all(fraction[1:-1] == 1)


def test_february_of_a_leap_year_has_29_days():
    for year, days in ((2023, 28), (2024, 29), (1900, 28), (2000, 29)):
        assert steps_between(date(year, 2, 10), date(year, 2, 10), Step.MONTH).period_days.tolist() == [days]


def test_months_are_cut_at_both_ends():
    grid = steps_between(date(2023, 11, 16), date(2024, 2, 10), Step.MONTH)
    np.testing.assert_allclose(grid.fraction, [15 / 30, 1, 1, 10 / 29])
    assert grid.labels() == ["2023-11-16", "2023-12-01", "2024-01-01", "2024-02-01"]


def test_iso_weeks_run_from_monday_to_sunday_across_the_new_year():
    # 2024-12-30 is a Monday, of ISO week 2025-W01
    grid = steps_between(date(2024, 12, 28), date(2025, 1, 6), Step.WEEK)
    assert grid.labels() == ["2024-12-28", "2024-12-30", "2025-01-06"]
    np.testing.assert_allclose(grid.fraction, [2 / 7, 1, 1 / 7])


def test_quarters_begin_in_january_april_july_and_october():
    grid = steps_between(date(2023, 1, 1), date(2024, 3, 31), Step.QUARTER)
    assert grid.labels() == ["2023-01-01", "2023-04-01", "2023-07-01", "2023-10-01", "2024-01-01"]
    assert grid.period_days.tolist() == [90, 91, 92, 92, 91]


@pytest.mark.parametrize(("step", "years"), [(Step.MONTH, 1 / 12), (Step.WEEK, 7 / 365.25), (Step.QUARTER, 0.25)])
def test_a_step_has_its_nominal_length(step, years):
    assert steps_between(date(2023, 1, 1), date(2023, 1, 1), step).years == years


def test_one_day_is_one_step():
    assert len(steps_between(date(2023, 1, 31), date(2023, 1, 31), Step.MONTH)) == 1


def test_there_are_no_steps_before_the_first_day():
    grid = steps_between(date(2023, 1, 2), date(2023, 1, 1), Step.MONTH)
    assert len(grid) == 0
    assert grid.labels() == []
