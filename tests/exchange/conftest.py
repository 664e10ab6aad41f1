"""The toy with replays by two versions, a live forecast, one replaced and one retracted; most questions resolved."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from forecast.api import Workspace
from forecast.ledger.store import LEDGER_FILE, open_ledger

from ..workspaces import forecast_toy, write_toy

#: A day after all questions of the toy.
LATER = date(2026, 1, 1)

#: Beside the toy's own resolution of dispute-2024.
RESOLUTIONS = """\
unbroken-2025: {outcome: no, on: 2025-01-01, known: 2025-01-05, source: paper}
regime-2025: {outcome: fragile, on: 2025-01-01, known: 2025-01-05, source: paper}
"""

DAYS = (date(2024, 2, 1), date(2024, 3, 1), date(2024, 5, 1))
LIVE = date(2024, 4, 1)


@pytest.fixture(scope="session")
def recorded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = write_toy(tmp_path_factory.mktemp("toy"))
    for model in ("v0", "v1"):
        for day in DAYS:
            forecast_toy(workspace, made_on=LATER, as_of=day, model=model)
    forecast_toy(workspace, made_on=LIVE)
    replaced = forecast_toy(workspace, made_on=date(2026, 2, 1), as_of=DAYS[0], force=True, seed=9)
    assert replaced.entry is not None
    retracted = forecast_toy(workspace, made_on=LATER, as_of=date(2024, 2, 15))
    assert retracted.entry is not None
    Workspace(workspace).retract(retracted.entry.id, "coded twice")
    with (workspace / "scenarios/toy/resolutions.yaml").open("a") as file:
        file.write(RESOLUTIONS)
    return workspace


@pytest.fixture
def recorded(recorded_once: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(recorded_once, tmp_path / "toy"))


@pytest.fixture(scope="session")
def ledger(recorded_once: Path):
    """Open for reading."""
    with open_ledger(recorded_once / LEDGER_FILE, read_only=True) as opened:
        yield opened
