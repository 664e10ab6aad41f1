"""Shell completion of scenario, question and forecast ids and of importers; silent where there is no workspace."""

from collections.abc import Iterator

__all__ = ["forecasts", "importers", "questions", "scales", "scenarios"]


def scenarios(incomplete: str) -> list[str]:
    """Ids of scenarios that begin so."""
    return [name for name in _names() if name.startswith(incomplete)]


def questions(incomplete: str) -> list[str]:
    """Scenarios, and after a slash the questions of one; forecasts after `fc-`."""
    if incomplete.startswith("fc-"):
        return forecasts(incomplete)
    name, slash, _ = incomplete.partition("/")
    if not slash:
        return scenarios(incomplete)
    return [ref for ref in _questions(name) if ref.startswith(incomplete)]


def forecasts(incomplete: str) -> list[str]:
    """Ids of recorded forecasts that begin so."""
    from forecast.api import Workspace
    from forecast.errors import ForecastError

    try:
        with Workspace.find().ledger() as ledger:
            return [entry.id for entry in ledger.forecasts(foreign=True) if entry.id.startswith(incomplete)]
    except ForecastError:
        return []


def importers(incomplete: str) -> list[str]:
    """Importers of the program that begin so."""
    from forecast.coding.mapping import importer_names

    return [name for name in importer_names() if name.startswith(incomplete)]


def scales(incomplete: str) -> list[str]:
    """Scales of words that begin so."""
    from forecast.words import SCALES

    return [name for name in SCALES if name.startswith(incomplete)]


def proposers(incomplete: str) -> list[str]:
    """Proposers that are installed and begin so."""
    from forecast.coding.proposers.protocol import proposer_names

    return [name for name in proposer_names() if name.startswith(incomplete)]


def _names() -> list[str]:
    from forecast.errors import ForecastError
    from forecast.scenario.workspace import find_workspace, scenario_names

    try:
        import os
        from pathlib import Path

        return scenario_names(find_workspace(Path(os.environ.get("FORECAST_HOME") or Path.cwd())))
    except ForecastError:
        return []


def _questions(name: str) -> Iterator[str]:
    from forecast.api import Workspace
    from forecast.errors import ForecastError

    try:
        case = Workspace.find().open(name)
    except ForecastError:
        return
    for question in case.scenario.questions:
        yield f"{name}/{question}"
