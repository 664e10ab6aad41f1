"""Forecasts of the shipped scenarios keep their identity: wording, labels and layout change no hash."""

import pytest

from forecast.scenario.workspace import scenario_names

from .golden_hashes import DAYS, WORKSPACE, committed_hashes, golden_hashes

HINT = "see golden_hashes.py before you write the file again"


def test_every_shipped_scenario_has_golden_hashes():
    assert sorted(DAYS) == sorted(scenario_names(WORKSPACE)) == sorted(committed_hashes())
    assert all(len(set(days)) == 5 for days in DAYS.values())


@pytest.mark.parametrize("name", sorted(DAYS))
@pytest.mark.parametrize("what", ["model_identity", "evidence_identity", "plan_identity", "forecast_key"])
def test_hashes_of_shipped_scenarios_do_not_move(name, what):
    def picked(hashes):
        return {(version, day): row[what] for version, days in hashes.items() for day, row in days.items()}

    assert picked(golden_hashes(name)) == picked(committed_hashes()[name]), HINT
