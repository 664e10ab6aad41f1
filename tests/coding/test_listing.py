"""Filters of reports: each lets through what it names, and says so where nothing can be meant."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forecast.coding.listing import Wish, listed
from forecast.errors import InputError
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

from ..workspaces import add_report, write_toy


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    workspace = write_toy(tmp_path_factory.mktemp("toy"))
    add_report(
        workspace,
        "id: R5, indicator: meeting, event: summit, when: 2023-05, claim: No summit, denies: true, grade: B4, "
        "origin: agency, known: 2024-03-01, coded_on: 2024-03-02, coded_by: 'Ann, B.', "
        "revised: [{on: 2024-05-01, grade: A1, reason: confirmed}], withdrawn: {on: 2024-06-01, reason: an error}",
    )
    return read_scenario(workspace, "toy")


@pytest.mark.parametrize(
    ("wish", "reports"),
    [
        ({}, "R1 R2 R3 R4 R5"),
        ({"indicator": ["meeting"]}, "R1 R5"),
        ({"indicator": ["meeting", "threat"]}, "R1 R3 R5"),
        ({"event": ["summit"], "origin": ["agency"]}, "R5"),
        ({"source": ["paper"], "origin": ["paper"]}, "R1 R2 R3 R4"),
        ({"coded_by": ["Ann, B."]}, "R5"),
        ({"since": date(2023, 9, 30)}, "R2 R3"),
        ({"until": date(2023, 5, 3)}, "R5"),
        ({"since": date(2023, 5, 4), "until": date(2023, 5, 4)}, "R1 R5"),
        ({"counted": True}, "R1 R2 R3"),
        ({"counted": False}, "R4 R5"),
        ({"counted": True, "known_by": date(2024, 5, 31)}, "R1 R2 R3 R5"),
        ({"known_by": date(2024, 2, 29)}, "R1 R2 R3 R4"),
        ({"grade": ["B"]}, "R1 R3"),
        ({"grade": ["B"], "known_by": date(2024, 4, 1)}, "R1 R3 R5"),
        ({"grade": ["1"]}, "R1 R5"),
        ({"grade": ["c3", "A"]}, "R2 R5"),
        ({"text": "SUMMIT"}, "R5"),
        ({"text": "both cland"}, "R3"),
        ({"text": "leaders quarrel"}, ""),
    ],
)
def test_a_filter_lets_through_what_it_names(toy: Scenario, wish: dict[str, Any], reports: str):
    assert [row.report.id for row in listed(toy, Wish(**wish))] == reports.split()


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"indicator": ["meting"]}, "no report has the indicator 'meting'; did you mean 'meeting'"),
        ({"event": ["sumit"]}, "no report has the event 'sumit'; did you mean 'summit'"),
        ({"coded_by": ["zz"]}, "no report has the coded by 'zz'"),
        ({"grade": ["B7"]}, "'B7' is no grade"),
        ({"grade": ["22"]}, "'22' is no grade"),
        ({"grade": [""]}, "'' is no grade"),
        ({"since": date(2024, 1, 2), "until": date(2024, 1, 1)}, "until 2024-01-01 is before since 2024-01-02"),
    ],
)
def test_what_nothing_can_fit_is_an_error(toy: Scenario, wish: dict[str, Any], message: str):
    with pytest.raises(InputError, match=message):
        listed(toy, Wish(**wish))


def test_an_indicator_of_the_codebook_without_reports_gives_an_empty_list(tmp_path: Path):
    workspace = write_toy(tmp_path)
    path = workspace / "scenarios/toy/evidence/reports.yaml"
    path.write_text("reports: []\n")
    assert listed(read_scenario(workspace, "toy"), Wish(indicator=["threat"])) == []
