"""Several processes at one ledger lose nothing and write nothing twice."""

from pathlib import Path

from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.ledger.verify import verify

from .conftest import GO, Start

N_PROCESSES = 8


def test_the_same_forecast_at_the_same_time_is_one_record(start: Start, tmp_path: Path) -> None:
    processes = [start("together-same") for _ in range(N_PROCESSES)]
    (tmp_path / GO).touch()
    ids = {process.communicate(timeout=60)[0] for process in processes}
    assert len(ids) == 1
    with open_ledger(tmp_path / LEDGER_FILE, read_only=True) as ledger:
        assert [entry.type for entry in ledger.entries()] == ["evidence", "forecast"]
        assert verify(ledger) == []


def test_different_forecasts_at_the_same_time_are_all_there(start: Start, tmp_path: Path) -> None:
    processes = [start("together-different", "none", 100 * process) for process in range(N_PROCESSES)]
    (tmp_path / GO).touch()
    while any(process.poll() is None for process in processes):  # reading meanwhile finds a whole ledger, always
        with open_ledger(tmp_path / LEDGER_FILE, read_only=True) as ledger:
            assert verify(ledger) == []
    assert [process.communicate() for process in processes] == [("", "")] * N_PROCESSES
    assert [process.returncode for process in processes] == [0] * N_PROCESSES
    with open_ledger(tmp_path / LEDGER_FILE, read_only=True) as ledger:
        assert verify(ledger) == []
        assert len(list(ledger.forecasts())) == 5 * N_PROCESSES
