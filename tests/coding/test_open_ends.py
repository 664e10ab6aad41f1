"""Tables of spells: no year at risk is lost, and every row is counted."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.coding.base_rates import DAYS_PER_YEAR, base_rate
from forecast.coding.spells import Columns, Spells, read_spells
from forecast.documents.base_rate import base_rate_document
from forecast.errors import InputError

from ..cases import case_folder

NAMED = Columns("begin", "end", "cause")
LAST = date(2018, 12, 31)

#: 1990-01-01 to 2018-12-31, and to 2000-01-01, in days.
TO_LAST, TEN_YEARS = 10591, 3652


def table(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "pacts.csv"
    path.write_text("\n".join(["name,begin,end,cause", *rows]) + "\n")
    return path


def all_rows(spells: Spells) -> int:
    return len(spells.spells) + spells.n_filtered + sum(spells.skipped.values())


def check_pacts(path: Path) -> None:
    """One ends before it begins, one on its first day, one after the last coded day; four are open; one expired."""
    spells = read_spells(path, (), NAMED, LAST)
    assert spells.skipped == {"ends before it begins": 1}
    assert (spells.n_rows, len(spells.spells), spells.n_open, spells.n_cut) == (8, 7, 4, 1)
    assert all_rows(spells) == spells.n_rows
    rate = base_rate(spells)
    assert (rate.n, rate.causes) == (7, {"violated": 1, "expired": 1})
    assert rate.years_at_risk == pytest.approx((5 * TO_LAST + 0.5 + TEN_YEARS) / DAYS_PER_YEAR, rel=1e-12)


def test_the_case_of_odd_durations_has_its_right_years_at_risk():
    check_pacts(case_folder("18-base-rate-durations") / "pacts.csv")


def test_open_ends_are_understood_in_every_usual_form(tmp_path: Path):
    rows = [
        *("a,1990-01-01,1980-01-01,violated", "b,1990-01-01,1990-01-01,violated", "c,1990-01-01,,"),
        *("d,1990-01-01,2019-05-01,violated", "e,1990-01-01,9999-12-31,", "f,1990-01-01,2000-01-01,expired"),
        *("g,1990-01-01,0,", "h,1990-01-01,-9,"),
    ]
    check_pacts(table(tmp_path, *rows))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1990", "1995-03-02", "2017", "2020", "", "0"]),
            st.sampled_from(["", "0", "-9", "9999", "9999-12-31", "NA", "1980", "2000", "2019-05-01"]),
        ),
        min_size=1,
        max_size=12,
    ),
    st.permutations(["name", "begin", "end", "cause"]),
    st.sampled_from([",", ";", "\t"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_of_a_table_is_counted(tmp_path: Path, rows: list[tuple[str, str]], order: list[str], delimiter: str):
    path = tmp_path / "pacts.csv"
    cells_of = [{"name": "x", "begin": begin, "end": end, "cause": ""} for begin, end in rows]
    lines = [order, *([cells[column] for column in order] for cells in cells_of)]
    path.write_text("\n".join(delimiter.join(cells) for cells in lines))
    spells = read_spells(path, (), NAMED, LAST)
    assert spells.n_rows == len(rows) == all_rows(spells)
    # whatever begins by the last coded day and is open has its years at risk
    opened = ("", "0", "-9", "9999", "9999-12-31", "NA")
    assert spells.n_open == sum(b in ("1990", "1995-03-02", "2017") and e in opened for b, e in rows)
    if spells.spells:
        rate = base_rate(spells, in_force=(date(2018, 1, 1), LAST)) if spells.n_open else base_rate(spells)
        assert rate.n + rate.n_outside == len(spells.spells)


def test_an_end_that_cannot_be_read_is_asked_about(tmp_path: Path):
    path = table(
        tmp_path, "a,1990-01-01,ongoing,", "b,1990-01-01,2000-01-01,", "c,1991-01-01,ongoing,", "d,1991,3.4.99,"
    )
    with pytest.raises(InputError) as caught:
        read_spells(path, (), NAMED, LAST)
    assert [(finding.line, finding.found) for finding in caught.value.findings()] == [(2, "ongoing"), (5, "3.4.99")]
    assert "of 2 rows is no day" in str(caught.value)
    assert "--open-end TEXT" in str(caught.value)
    spells = read_spells(path, (), NAMED, LAST, open_ends=("Ongoing", "3.4.99"))
    assert (spells.n_open, len(spells.spells)) == (3, 4)


def test_an_open_year_is_never_thousands_of_years_at_risk(tmp_path: Path):
    path = table(tmp_path, "a,1990-01-01,9999-12-31,", "b,1990-01-01,2000-01-01,")
    with pytest.raises(InputError, match=r"1 rows have no end, .*--coded-until"):
        read_spells(path, (), NAMED)
    document = base_rate_document(
        path, begin="begin", end="end", cause="cause", coded_until="2018-12-31", in_force="1995/2018"
    )
    assert (document["rows"], document["n"], document["open"], document["outside"]) == (2, 2, 1, 0)
    assert document["years_at_risk"] < 30


def test_atop_codes_for_what_is_not_known_are_no_dates(tmp_path: Path):
    path = tmp_path / "atop.csv"
    path.write_text(
        "begyr,begmo,begday,endyr,endmo,endday,term\n1990,1,1,0,0,0,\n1990,-9,-9,2000,-9,0,2\n1990,1,1,9999,12,31,\n"
        "-9,1,1,2000,1,1,1\n1990,1,1,-9,-9,-9,\n"
    )
    spells = read_spells(path, censored_on=LAST)
    assert (spells.n_open, spells.skipped, spells.n_rows) == (3, {"no begin": 1}, 5)
    assert [(spell.begin, spell.end) for spell in spells.spells][1] == (date(1990, 7, 15), date(2000, 7, 15))
