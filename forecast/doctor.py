"""Keeping `.forecast/` in order: versions, leftovers of killed runs, draws that serve nothing."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from forecast.canonical import is_unaltered
from forecast.errors import LedgerError, WorkspaceError
from forecast.ledger.files import abandoned
from forecast.ledger.records import FitRow
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, Ledger, open_ledger

__all__ = ["Examined", "examine"]


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found; deleted already if asked for.

    `orphans` are draws files that no record names and that the ledger does not know to be usable: those of drafts are.
    """

    versions: dict[str, str]
    leftovers: list[Path]
    orphans: list[Path]
    orphan_bytes: int


def examine(workspace: Path, *, prune: bool) -> Examined:
    """Look through a workspace's `.forecast/`.

    Parameters
    ----------
    workspace
        The folder that has `scenarios/`.
    prune
        Delete leftovers and orphans, and make what is derived in the ledger again from its records and from the fits
        whose draws are there; those whose draws are missing or altered are forgotten.
    """
    folder = workspace / DRAWS_FOLDER
    names = ("forecast", "numpy", "pymc", "nutpie", "pytensor", "arviz")
    versions = {"python": python_version()} | {name: version(name) for name in names}
    # the files first: what another process writes and records from here on is none of them
    files = list(_draws(folder))
    leftovers = [path for place in (folder, folder.parent) if place.is_dir() for path in abandoned(place)]
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        recorded = {entry.forecast.fit for entry in ledger.forecasts()}
        fits = _fits(ledger)
    usable = [fit for fit in fits if is_unaltered(folder / fit.file, fit.sha256)]
    named = recorded | {fit.sha256 for fit in usable}
    orphans = [path for path in files if path.stem not in named]
    size = sum(_size(path) for path in orphans)
    if prune:
        for path in (*leftovers, *orphans):
            _delete(path)
        if (workspace / LEDGER_FILE).exists():
            with open_ledger(workspace / LEDGER_FILE) as ledger:
                ledger.rebuild(_fits(ledger))
                for fit in ledger.fits():
                    if not is_unaltered(folder / fit.file, fit.sha256):
                        ledger.forget_fit(fit.sha256)
    return Examined(versions, leftovers, orphans, size)


def _delete(path: Path) -> None:
    """Delete a file or a folder; one that is gone already is no error.

    Raises
    ------
    WorkspaceError
        If it cannot be deleted, as on a disk that is read-only.
    """
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"{path}: cannot be deleted ({error.strerror or error}). Files before it in the list may be gone, and no "
            "record is lost. Accepted: a workspace that you may write to; choose one with -C DIR."
        ) from error


def _fits(ledger: Ledger) -> list[FitRow]:
    """What the ledger remembers of fits, without rows that were edited; nothing where the table cannot be read.

    What is left out is made again from the records.
    """
    try:
        return ledger.examined_fits()[0]
    except LedgerError:
        return []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # another process pruned it
        return 0


def _draws(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(folder.glob("*.npz"))
