"""A full disk, a folder that cannot be written, something else in place: an error in words, nothing half written."""

from pathlib import Path

import pytest

from forecast.errors import LedgerError, WorkspaceError
from forecast.ledger.exchange import export_jsonl
from forecast.ledger.files import write_atomically
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, Ledger, open_ledger
from forecast.ledger.verify import verify

from ..ledger.samples import evidence, forecast, large_evidence, large_forecast
from .conftest import Run, Unwritable


def test_a_full_disk_leaves_the_ledger_as_it_was(run: Run, small_disk: tuple[Path, int | None]) -> None:
    folder, limit = small_disk
    with open_ledger(folder / LEDGER_FILE, create=True) as ledger:
        ledger.append_forecast(forecast(0), evidence())
    child = run("append-large", "none", 1, folder=folder, limit=limit)
    assert child.returncode == 2
    assert child.stdout.startswith(f"WorkspaceError: {folder}/.forecast: the disk is full or fails")
    with open_ledger(folder / LEDGER_FILE) as ledger:
        assert verify(ledger) == []
        assert len(list(ledger.entries())) == 2
        assert not ledger.append_forecast(forecast(2), evidence()).stored


def test_a_disk_that_fills_up_loses_no_record_it_announced(run: Run, small_disk: tuple[Path, int | None]) -> None:
    folder, limit = small_disk
    child = run("append-forever", folder=folder, limit=limit)
    assert child.returncode == 2
    *announced, error = child.stdout.strip().split("\n")
    assert error.startswith(f"WorkspaceError: {folder}/.forecast: the disk is full or fails")
    with open_ledger(folder / LEDGER_FILE, read_only=True) as ledger:
        assert verify(ledger) == []
        assert len(list(ledger.forecasts())) == len(announced) > 10


def test_a_full_disk_leaves_no_part_of_a_draws_file(run: Run, small_disk: tuple[Path, int | None]) -> None:
    folder, limit = small_disk
    child = run("draws", folder=folder, limit=limit)
    assert child.returncode == 2
    assert child.stdout.startswith(f"WorkspaceError: {folder}/.forecast/draws: no room for the file")
    assert list((folder / DRAWS_FOLDER).iterdir()) == []


def test_what_sqlite_calls_full_is_a_full_disk(ledger_of: Ledger) -> None:
    ledger_of.append_forecast(forecast(0), evidence())
    (pages,) = ledger_of.connection.execute("PRAGMA page_count").fetchone()
    ledger_of.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(WorkspaceError, match=r"the disk is full or fails \(database or disk is full\)"):
        ledger_of.append_forecast(large_forecast(1), large_evidence())
    assert verify(ledger_of) == []
    assert len(list(ledger_of.entries())) == 2


def test_a_ledger_in_a_read_only_folder_is_read_and_not_written(public_folder: Path, unwritable: Unwritable) -> None:
    path = public_folder / LEDGER_FILE
    with open_ledger(path, create=True) as ledger:
        entry = ledger.append_forecast(forecast(), evidence())
    with unwritable(public_folder):
        with open_ledger(path, read_only=True) as ledger:
            assert list(ledger.forecasts()) == [entry]
            assert verify(ledger) == []
        with (
            pytest.raises(WorkspaceError, match=r"ledger\.db: cannot be opened or written .* choose one with -C DIR"),
            open_ledger(path, create=True) as ledger,
        ):
            ledger.append_forecast(forecast(1), evidence())
        with pytest.raises(WorkspaceError, match=r"draws: cannot be written to \(Permission denied\)"):
            write_atomically(public_folder / DRAWS_FOLDER, ".npz", lambda file: file.write(b"draws"))
        with open_ledger(path, read_only=True) as ledger:
            with pytest.raises(WorkspaceError, match="Permission denied"):
                export_jsonl(ledger, public_folder / "ledger.jsonl")
            assert len(list(ledger.forecasts())) == 1


def test_no_ledger_is_made_in_a_read_only_folder(public_folder: Path, unwritable: Unwritable) -> None:
    with unwritable(public_folder):
        with pytest.raises(WorkspaceError, match=r"\.forecast: the folder cannot be made \(Permission denied\)"):
            open_ledger(public_folder / LEDGER_FILE, create=True)
        with open_ledger(public_folder / LEDGER_FILE, read_only=True) as ledger:
            assert list(ledger.entries()) == []


def test_a_folder_that_cannot_be_entered_is_not_an_empty_ledger(public_folder: Path, unwritable: Unwritable) -> None:
    with open_ledger(public_folder / LEDGER_FILE, create=True) as ledger:
        ledger.append_forecast(forecast(), evidence())
    with (
        unwritable(public_folder / ".forecast", mode=0),
        pytest.raises(WorkspaceError, match=r"cannot be read \(Permission denied\)"),
    ):
        open_ledger(public_folder / LEDGER_FILE, read_only=True)


def test_what_a_killed_process_left_cannot_be_undone_in_a_read_only_folder(
    run: Run, public_folder: Path, unwritable: Unwritable
) -> None:
    run("append", folder=public_folder)
    run("append-large", "ledger: forecast inserted", 1, folder=public_folder)
    with (
        unwritable(public_folder),
        pytest.raises(LedgerError, match="half-written record, which cannot be undone where nothing may be written"),
        open_ledger(public_folder / LEDGER_FILE, read_only=True) as ledger,
    ):
        list(ledger.entries())
    with open_ledger(public_folder / LEDGER_FILE, read_only=True) as ledger:
        assert len(list(ledger.entries())) == 2


def test_a_file_in_place_of_the_folder_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / ".forecast").touch()
    for arguments in ({"create": True}, {"read_only": True}):
        with pytest.raises(WorkspaceError, match=r"\(Not a directory\)"):
            open_ledger(tmp_path / LEDGER_FILE, **arguments)


def test_a_folder_in_place_of_the_file_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / LEDGER_FILE).mkdir(parents=True)
    for arguments in ({"create": True}, {"read_only": True}):
        with pytest.raises(WorkspaceError, match=r"ledger\.db: cannot be opened or written"):
            open_ledger(tmp_path / LEDGER_FILE, **arguments)
