"""A process killed at any moment leaves a ledger that verifies, and can simply be run again."""

import random
import signal
import time
from pathlib import Path

import pytest

from forecast.canonical import file_sha256
from forecast.ledger.exchange import export_jsonl
from forecast.ledger.files import abandoned
from forecast.ledger.reading import read_jsonl
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, Ledger, open_ledger
from forecast.ledger.verify import verify

from ..ledger.samples import MODEL, evidence, forecast, large_forecast
from .conftest import Run, Start

pytestmark = pytest.mark.kill


def types_of(folder: Path) -> list[str]:
    """Types of all records, by a reader that finds nothing wrong."""
    with open_ledger(folder / LEDGER_FILE, read_only=True) as ledger:
        assert verify(ledger) == []
        return [entry.type for entry in ledger.entries()]


APPENDING = {
    "ledger: tables made": [],
    "ledger: transaction begun": [],
    "ledger: evidence inserted": [],
    "ledger: forecast inserted": [],
    "ledger: committed": ["evidence", "forecast"],
}


@pytest.mark.parametrize(("point", "left"), APPENDING.items())
def test_an_append_is_recorded_whole_or_not_at_all_and_once(
    run: Run, tmp_path: Path, point: str, left: list[str]
) -> None:
    assert run("append", point).returncode == -signal.SIGKILL
    assert types_of(tmp_path) == left
    assert run("append").returncode == 0
    assert types_of(tmp_path) == ["evidence", "forecast"]


@pytest.mark.parametrize("first_after", ["read", "append"])
def test_pages_already_written_are_undone_by_whoever_comes_next(run: Run, tmp_path: Path, first_after: str) -> None:
    run("append")
    assert run("append-large", "ledger: forecast inserted", 1).returncode == -signal.SIGKILL
    journal = tmp_path / f"{LEDGER_FILE}-journal"
    assert journal.stat().st_size > 0
    if first_after == "read":
        assert types_of(tmp_path) == ["evidence", "forecast"]
    assert run("append-large", "none", 1).returncode == 0
    assert types_of(tmp_path) == ["evidence", "forecast", "evidence", "forecast"]
    with open_ledger(tmp_path / LEDGER_FILE, read_only=True) as ledger:
        assert ledger.find_key(large_forecast(1).key) is not None


@pytest.mark.parametrize(
    ("point", "left"),
    [
        ("ledger: transaction begun", []),
        ("ledger: retraction inserted", []),
        ("ledger: committed", ["retraction"]),
    ],
)
def test_a_retraction_is_recorded_whole_or_not_at_all_and_once(
    run: Run, tmp_path: Path, point: str, left: list[str]
) -> None:
    run("append")
    assert run("retract", point).returncode == -signal.SIGKILL
    assert types_of(tmp_path) == ["evidence", "forecast", *left]
    assert run("retract").returncode == 0
    assert types_of(tmp_path) == ["evidence", "forecast", "retraction"]


@pytest.mark.parametrize(
    ("point", "n_records"),
    [("ledger: transaction begun", 0), ("ledger: lines inserted", 0), ("ledger: committed", 4)],
)
def test_an_import_is_done_whole_or_not_at_all(run: Run, tmp_path: Path, point: str, n_records: int) -> None:
    with open_ledger(tmp_path / "theirs.db", create=True) as theirs:
        for number in (1, 2):
            theirs.append_forecast(forecast(number), evidence(), MODEL)
        export_jsonl(theirs, tmp_path / "theirs.jsonl")
    assert run("import", point).returncode == -signal.SIGKILL
    assert len(types_of(tmp_path)) == n_records
    assert run("import").returncode == 0
    assert len(types_of(tmp_path)) == 4


@pytest.mark.parametrize("point", ["first byte", "written", "synced", "renamed"])
def test_no_part_of_a_draws_file_is_taken_for_the_whole(run: Run, tmp_path: Path, point: str) -> None:
    folder = tmp_path / DRAWS_FOLDER
    assert run("draws", f"draws: {point}").returncode == -signal.SIGKILL
    whole, leftovers = list(folder.glob("*.npz")), abandoned(folder)
    assert [path.stem for path in whole] == [file_sha256(path) for path in whole]
    assert len(whole) == (point == "renamed")
    assert len(leftovers) == (point != "renamed")
    for path in leftovers:
        path.unlink()
    name = run("draws").stdout.strip()
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize("point", ["first byte", "written", "synced", "renamed"])
def test_an_export_is_the_old_file_or_the_new_one(run: Run, tmp_path: Path, ledger_of: Ledger, point: str) -> None:
    file = tmp_path / "ours.jsonl"
    ledger_of.append_forecast(forecast(0), evidence(), MODEL)
    export_jsonl(ledger_of, file)
    ledger_of.append_forecast(forecast(1), evidence(), MODEL)
    assert run("export", f"export: {point}").returncode == -signal.SIGKILL
    with read_jsonl(file) as read:
        assert len(list(read.forecasts())) == (2 if point == "renamed" else 1)
    assert run("export").returncode == 0
    with read_jsonl(file) as read:
        assert len(list(read.forecasts())) == 2


@pytest.mark.slow
def test_killed_at_any_moment_every_announced_record_is_there(start: Start, tmp_path: Path) -> None:
    chance = random.Random(20240107)
    n_forecasts = 0
    for _ in range(60):
        process = start("append-forever", "none", n_forecasts)
        time.sleep(chance.uniform(0.05, 0.4))
        process.kill()
        announced = process.communicate()[0].count("\n")
        types = types_of(tmp_path)
        assert types.count("forecast") - n_forecasts in (announced, announced + 1)
        n_forecasts = types.count("forecast")
    assert n_forecasts > 100
