"""Counts and exposures of a case by regime, against counting by hand."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.model.counts import YEAR_DAYS, case_counts, counts
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Period

from ..workspaces import add_report, edit, write_toy

TODAY = date(2026, 1, 1)


def period(first: str, last: str, regime: str) -> Period:
    return Period.model_validate({"from": first, "to": last, "regime": regime, "why": "x", "source": "y"})


PERIODS = (period("2023-01-01", "2024-03-31", "durable"), period("2024-04-01", "2024-06-30", "fragile"))


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> Scenario:
    """The toy, whose meetings are watched from 2024 to the end of June with reports that take a day, and four more."""
    workspace: Path = write_toy(tmp_path_factory.mktemp("toy"))
    edit(workspace, "toy/indicators.yaml", "lag_days: [1, 14]", "lag_days: [1, 1]")
    for name, when, grade in (
        ("inside", "2024-02-10", "B1"),
        ("doubtful", "2024-02-11", "C5"),
        ("imprecise", "2024-03-20/2024-04-18", "A1"),
        ("last-day", "2024-06-30", "A1"),
    ):
        add_report(
            workspace,
            f"id: X-{name}, indicator: meeting, event: {name}, when: {when}, known: 2024-07-02, claim: They met., "
            f"asserted_as: fact, grade: {grade}, coded_on: 2024-08-01",
        )
    return read_scenario(workspace, "toy")


def test_events_and_watched_years_by_hand(toy):
    """Watched from 1 January to 30 June 2024, a leap year: 91 days durable, 90 fragile (the last day's reports have
    not arrived). `inside` is durable, the middle of `imprecise` is 3 April; the summit of 2023 was not watched.
    """
    found = case_counts(toy, PERIODS, TODAY)

    cells = {(cell.indicator, cell.regime): (cell.n, cell.years) for cell in found.cells}
    assert cells == {
        ("meeting", "durable"): (1, pytest.approx(91 / YEAR_DAYS)),
        ("meeting", "fragile"): (2, pytest.approx(90 / YEAR_DAYS)),
    }
    assert found.left_out == {"not more likely real than not": 1, "on a day that nobody watched": 2}
    assert found.years["durable"] == pytest.approx(456 / YEAR_DAYS)
    assert found.n_events == 3


def test_days_in_no_period_are_left_out(toy):
    found = case_counts(toy, PERIODS[1:], TODAY)
    assert {cell.regime for cell in found.cells} == {"fragile"}
    assert found.left_out["on a day in no period"] == 1


def test_a_period_that_nobody_could_report_from_yet_has_no_cell(toy):
    found = case_counts(toy, [period("2024-06-30", "2024-06-30", "fragile")], TODAY)
    assert found.cells == ()
    assert found.left_out["on a day whose reports cannot have arrived"] == 1


def test_a_base_rate_version_counts_the_same(toy):
    """Counts are of the evidence, which that family does not use."""
    file = toy.file.model_copy(update={"default_model": "v0"})
    from dataclasses import replace

    assert case_counts(replace(toy, file=file), PERIODS, TODAY) == case_counts(toy, PERIODS, TODAY)


@settings(max_examples=25)
@given(st.lists(st.dates(date(2024, 1, 2), date(2024, 6, 29)), max_size=5, unique=True), st.randoms())
def test_cutting_periods_and_their_order_change_nothing(toy, cuts, random):
    whole = case_counts(toy, PERIODS, TODAY)
    pieces = []
    for one in PERIODS:
        edges = [one.from_, *sorted(cut for cut in cuts if one.from_ < cut <= one.to)]
        ends = [date.fromordinal(edge.toordinal() - 1) for edge in edges[1:]] + [one.to]
        pieces += [period(str(a), str(b), one.regime) for a, b in zip(edges, ends, strict=True)]
    random.shuffle(pieces)
    cut = case_counts(toy, pieces, TODAY)

    assert [(c.regime, c.n) for c in sorted(cut.cells, key=lambda c: c.regime)] == [
        (c.regime, c.n) for c in sorted(whole.cells, key=lambda c: c.regime)
    ]
    assert sum(c.years for c in cut.cells) == pytest.approx(sum(c.years for c in whole.cells), abs=1e-12)


def test_the_order_of_cases_changes_no_number(toy):
    from dataclasses import replace

    one = case_counts(toy, PERIODS, TODAY)
    two = replace(one, case="another", cells=tuple(replace(cell, case="another", n=5) for cell in one.cells))
    ranges = {"meeting": {"durable": (1.0, 3.0), "fragile": (0.1, 0.5)}}
    first, second = counts([one, two], ranges), counts([two, one], ranges)

    assert first.cases == ("another", "toy")
    for name in ("n", "years", "case", "indicator", "regime", "watch", "detection"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert first.only("toy").n.tolist() == [1, 2]
    assert first.without("toy").n.tolist() == [5, 5]
    assert first.without("toy").cases == first.cases
