"""`.forecast/` kept in order: what is left over is found, and only that goes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.ledger.files import _machine
from forecast.ledger.records import FitRow
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger
from forecast.upkeep import examine

from .ledger.samples import evidence, forecast

FIT = "f" * 64


@pytest.fixture
def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def kept(tmp_path: Path, dead: int) -> Path:
    """A workspace with draws on record, draws of a draft, what a killed run left, and what a running one is writing."""
    with open_ledger(tmp_path / LEDGER_FILE, create=True) as ledger:
        ledger.append_forecast(forecast(fit=FIT), evidence())
        for sha256 in (FIT, "d" * 64):
            ledger.record_fit(
                FitRow(
                    sha256,
                    f"{sha256}.npz",
                    "m",
                    "e",
                    "toy",
                    "2024-01-07",
                    "2024-01-07T12:00:00+00:00",
                    4,
                    1.0,
                    1,
                    "nuts",
                )
            )
    folder = tmp_path / DRAWS_FOLDER
    folder.mkdir()
    for name in (FIT, "d" * 64):
        (folder / f"{name}.npz").write_bytes(b"x" * 100)
    for pid in (dead, os.getpid()):
        (folder / f".tmp-{pid}-{_machine()}-{'0' * 16}").write_bytes(b"half")
    return tmp_path


def names(workspace: Path) -> list[str]:
    return sorted(path.name for path in (workspace / DRAWS_FOLDER).iterdir())


def test_what_is_left_over_is_found_and_nothing_is_changed(kept: Path, dead: int) -> None:
    before = names(kept)
    found = examine(kept, prune=False)
    assert [path.name.split("-")[1] for path in found.leftovers] == [str(dead)]
    assert [path.stem for path in found.orphans] == ["d" * 64]
    assert found.orphan_bytes == 100
    assert names(kept) == before


def test_pruning_takes_what_is_left_over_and_forgets_it(kept: Path) -> None:
    examine(kept, prune=True)
    assert names(kept) == [f".tmp-{os.getpid()}-{_machine()}-{'0' * 16}", f"{FIT}.npz"]
    with open_ledger(kept / LEDGER_FILE, read_only=True) as ledger:
        assert [fit.sha256 for fit in ledger.fits()] == [FIT]
        assert len(list(ledger.forecasts())) == 1
    again = examine(kept, prune=True)
    assert (again.leftovers, again.orphans) == ([], [])


def test_versions_of_everything_that_makes_numbers_are_listed(tmp_path: Path) -> None:
    assert set(examine(tmp_path, prune=False).versions) == {
        "python", "forecast", "numpy", "pymc", "nutpie", "pytensor", "arviz",
    }  # fmt: skip


def test_a_workspace_without_a_ledger_is_left_without_one(tmp_path: Path) -> None:
    found = examine(tmp_path, prune=True)
    assert (found.leftovers, found.orphans, found.orphan_bytes) == ([], [], 0)
    assert list(tmp_path.iterdir()) == []
