"""What the files of a workspace say now of a scenario on record, where they are at hand."""

from pathlib import Path

from forecast.errors import ForecastError
from forecast.model.version import Settings, settings
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario
from forecast.scenario.workspace import scenario_names

__all__ = ["files_at_hand", "settings_at_hand"]


def files_at_hand(workspace: Path, scenario: str) -> Scenario | None:
    """A scenario of the workspace; None where its folder is not here, as of an imported log.

    Raises
    ------
    InputError
        If its folder is here and anything in it is wrong.
    """
    return read_scenario(workspace, scenario) if scenario in scenario_names(workspace) else None


def settings_at_hand(workspace: Path, scenario: str, version: str) -> Settings | None:
    """The settings of a model version as the files have them now; None where they cannot be read."""
    try:
        return settings(read_scenario(workspace, scenario), version)
    except ForecastError:
        return None
