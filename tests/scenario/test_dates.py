from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.scenario.dates import parse_day, parse_when


@given(st.dates())
def test_a_day_reads_back_as_itself(day):
    assert parse_day(day.isoformat()) == day
    when = parse_when(day.isoformat())
    assert (when.first, when.last, when.is_precise) == (day, day, True)


@given(st.dates(), st.dates())
def test_a_span_holds_exactly_the_days_between_its_ends(one, other):
    first, last = min(one, other), max(one, other)
    when = parse_when(f"{first}/{last}")
    assert (when.first, when.last) == (first, last)
    assert when.n_days == (last - first).days + 1


@given(st.integers(1, 9999))
def test_the_quarters_of_a_year_fill_it_without_gap(year):
    quarters = [parse_when(f"{year:04}-Q{number}") for number in (1, 2, 3, 4)]
    whole = parse_when(f"{year:04}")
    assert sum(quarter.n_days for quarter in quarters) == whole.n_days
    assert all(after.first - before.last == timedelta(1) for before, after in pairwise(quarters))


def test_a_month_ends_on_its_last_day_in_leap_years_too():
    assert parse_when("2024-02").last == date(2024, 2, 29)
    assert parse_when("2100-02").last == date(2100, 2, 28)


def test_a_span_of_imprecise_dates_reaches_from_the_first_to_the_last_day():
    when = parse_when("2023-Q3/2023-11")
    assert (when.first, when.last) == (date(2023, 7, 1), date(2023, 11, 30))


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-30",
        "2023-13",
        "2023-Q5",
        "0000",
        "23-01-01",
        "2023-1-1",
        "12/09/2023",
        "",
        "/",
        "2023-02/2023-01",
        "now",
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=r"is not|ends before"):
        parse_when(text)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_dates(text):
    try:
        when = parse_when(text)
    except ValueError:
        return
    assert when.first <= when.last
