"""`.forecast/` kept in order: what is left over is found, and only that goes."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from forecast.canonical import is_unaltered, sha256
from forecast.doctor import examine
from forecast.ledger.files import _machine
from forecast.ledger.records import FitRow
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger
from forecast.ledger.verify import verify

from .ledger.samples import evidence, forecast

#: The content of draws files and what it hashes to; of a fit on record, of a draft, of a draft that was altered since,
#: of one that the ledger does not remember.
RECORDED, DRAFT, ALTERED, UNKNOWN = (sha256(text) for text in ("recorded", "draft", "altered", "unknown"))


@pytest.fixture
def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def kept(tmp_path: Path, dead: int) -> Path:
    """A workspace with draws of all kinds, what a killed run left, and what a running one is writing."""
    with open_ledger(tmp_path / LEDGER_FILE, create=True) as ledger:
        ledger.append_forecast(forecast(fit=RECORDED), evidence())
        for digest in (RECORDED, DRAFT, ALTERED):
            ledger.record_fit(
                FitRow(
                    digest,
                    f"{digest}.npz",
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
    for text in ("recorded", "draft", "altered", "unknown"):
        (folder / f"{sha256(text)}.npz").write_text(text)
    (folder / f"{ALTERED}.npz").write_text("something else")
    for pid in (dead, os.getpid()):
        (folder / f".tmp-{pid}-{_machine()}-{'0' * 16}").write_bytes(b"half")
    return tmp_path


def names(workspace: Path) -> list[str]:
    return sorted(path.name for path in (workspace / DRAWS_FOLDER).iterdir())


def test_what_is_left_over_is_found_and_nothing_is_changed(kept: Path, dead: int) -> None:
    before = names(kept)
    found = examine(kept, prune=False)
    assert [path.name.split("-")[1] for path in found.leftovers] == [str(dead)]
    assert {path.stem for path in found.orphans} == {ALTERED, UNKNOWN}
    assert found.orphan_bytes == len("something else" + "unknown")
    assert names(kept) == before


def test_pruning_takes_what_is_left_over_and_keeps_the_fits_of_drafts(kept: Path) -> None:
    examine(kept, prune=True)
    running = f".tmp-{os.getpid()}-{_machine()}-{'0' * 16}"
    assert names(kept) == [running, *sorted(f"{digest}.npz" for digest in (RECORDED, DRAFT))]
    with open_ledger(kept / LEDGER_FILE, read_only=True) as ledger:
        assert {fit.sha256 for fit in ledger.fits()} == {RECORDED, DRAFT}
        assert len(list(ledger.forecasts())) == 1
    again = examine(kept, prune=True)
    assert (again.leftovers, again.orphans) == ([], [])


def test_what_another_process_records_meanwhile_is_kept(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft's draws that are written and remembered while the files are looked through."""
    late = sha256("late")

    def slowly(path: Path, digest: str) -> bool:
        with open_ledger(kept / LEDGER_FILE) as ledger:
            if late not in {fit.sha256 for fit in ledger.fits()}:
                (kept / DRAWS_FOLDER / f"{late}.npz").write_text("late")
                ledger.record_fit(replace(ledger.fits()[0], sha256=late, file=f"{late}.npz"))
        return is_unaltered(path, digest)

    monkeypatch.setattr("forecast.doctor.is_unaltered", slowly)
    assert late not in {path.stem for path in examine(kept, prune=True).orphans}
    assert f"{late}.npz" in names(kept)
    with open_ledger(kept / LEDGER_FILE, read_only=True) as ledger:
        assert {fit.sha256 for fit in ledger.fits()} == {RECORDED, DRAFT, late}


@pytest.mark.parametrize("text", [None, "something else"], ids=["missing", "altered"])
def test_pruning_forgets_a_fit_whose_draws_cannot_be_used(kept: Path, text: str | None) -> None:
    path = kept / DRAWS_FOLDER / f"{RECORDED}.npz"
    path.unlink()
    if text is not None:
        path.write_text(text)
    examine(kept, prune=True)
    with open_ledger(kept / LEDGER_FILE, read_only=True) as ledger:
        assert [fit.sha256 for fit in ledger.fits()] == [DRAFT]
        assert verify(ledger, None, kept / DRAWS_FOLDER) == []
        assert len(list(ledger.forecasts())) == 1


def test_versions_of_everything_that_makes_numbers_are_listed(tmp_path: Path) -> None:
    assert set(examine(tmp_path, prune=False).versions) == {
        "python", "forecast", "numpy", "pymc", "nutpie", "pytensor", "arviz",
    }  # fmt: skip


def test_a_workspace_without_a_ledger_is_left_without_one(tmp_path: Path) -> None:
    found = examine(tmp_path, prune=True)
    assert (found.leftovers, found.orphans, found.orphan_bytes) == ([], [], 0)
    assert list(tmp_path.iterdir()) == []
