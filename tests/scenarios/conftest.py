"""The real scenarios of this repository, read once; they are not to be written to."""

from datetime import date
from functools import cache

from forecast.model.as_of import KnownReport, snapshot
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

from ..workspaces import ROOT

CASES = ("armenia-csto", "philippines-us", "iran-russia")


@cache
def case(name: str) -> Scenario:
    """A scenario of the repository."""
    return read_scenario(ROOT, name)


def on_file(name: str, day: str) -> dict[str, KnownReport]:
    """All reports of a scenario as they stood on a day, by id."""
    return {row.report.id: row for row in snapshot(case(name), "v2", date.fromisoformat(day)).reports}
