"""Settings that differ, and no others: what a family switches off differs from nothing."""

from dataclasses import replace
from datetime import date
from typing import Any

from forecast.analysis.versions.settings_diff import differing_settings
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Codebook, GradeTable, ModelVersion

from ..builders import GRADE_COUNTS, make_codebook, make_scenario


def versions(**changes: Any) -> Scenario:
    """Two versions, of which the second has other models, codebooks or grade tables."""
    base = make_scenario(families={"v1": "regime", "v2": "regime"})
    return replace(base, **{kind: {**getattr(base, kind), "v2": value} for kind, value in changes.items()})


def rows(scenario: Scenario, *names: str) -> dict[str, list[Any]]:
    found = differing_settings(scenario, names or ("v1", "v2"))
    return {row["setting"]: list(row["values"].values()) for row in found}


def edited(**changes: Any) -> Codebook:
    """The codebook with other values at `part__name__key`."""
    fields = make_codebook().model_dump(by_alias=True, exclude_none=True)
    for path, value in changes.items():
        part, name, key = path.split("__")
        fields[part].setdefault(name, {})[key] = value
    return Codebook.model_validate(fields)


def test_equal_versions_differ_in_nothing():
    assert rows(versions()) == {}


def test_each_differing_range_prior_stay_and_departure_is_one_row():
    codebook = edited(
        indicators__attack__per_year={"war": (2.0, 9.0), "peace": (0.1, 0.5)},
        indicators__border__holds={"war": (0.1, 0.4), "peace": (0.5, 0.9)},
        regimes__war__stays={"years": (0.5, 3.0)},
        regimes__peace__goes_to={"war": 2.5},
        regimes__peace__absorbing=True,
    )

    assert rows(versions(codebooks=codebook)) == {
        "regime war: stays, years": [[0.5, 2.0], [0.5, 3.0]],
        "regime peace: absorbing": [False, True],
        "regime peace: goes to war": [1.0, 2.5],
        "attack: per year in war": [[2.0, 6.0], [2.0, 9.0]],
        "border: holds in peace": [[0.7, 0.9], [0.5, 0.9]],
    }


def test_options_and_grades_are_rows():
    grades = {**GRADE_COUNTS, "B2": [7.0, 3.0]}
    model = ModelVersion(version="v2", family="regime", notes="?", tau=0.9, told={"rumour": 0.5}, reliability="mine")
    scenario = versions(models=model, grade_tables=GradeTable.model_validate({"means": "mine", "grades": grades}))

    assert rows(scenario) == {
        "tau": [0.6, 0.9],
        "grade table": ["admiralty-wide", "mine"],
        "grade B2 (true, false)": [GRADE_COUNTS["B2"], [7.0, 3.0]],
    }


def test_watches_are_rows():
    codebook = make_codebook(watches={"attack": [{"from": date(2023, 2, 1), "detection": (0.5, 0.9)}]})

    assert rows(versions(codebooks=codebook)) == {
        "attack: watches": ["none", "2023-02-01 to open, detection 0.5-0.9, lag 1-14 days"]
    }


def test_what_a_version_lacks_is_one_row():
    fields = make_codebook().model_dump(by_alias=True, exclude_none=True)
    del fields["indicators"]["rumour"]

    assert rows(versions(codebooks=Codebook.model_validate(fields))) == {"rumour": ["event", "absent"]}


def test_what_a_family_switches_off_differs_from_nothing():
    scenario = make_scenario(families={"v0": "base-rate", "v1": "static", "v2": "regime"})
    other = ModelVersion(version="v0", family="base-rate", notes="?", tau=1.0)
    scenario = replace(scenario, models={**scenario.models, "v0": other})

    assert rows(scenario, "v0", "v1", "v2") == {"family": ["base-rate", "static", "regime"]}
    codebook = edited(regimes__war__stays={"years": (0.5, 3.0)})
    scenario = replace(scenario, codebooks={**scenario.codebooks, "v2": codebook})
    # the static version makes no use of stays
    assert rows(scenario, "v1", "v2") == {"family": ["static", "regime"]}
    assert rows(scenario, "v0", "v1", "v2")["regime war: stays, years"] == [[0.5, 2.0], None, [0.5, 3.0]]
