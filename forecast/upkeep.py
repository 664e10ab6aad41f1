"""Keeping `.forecast/` in order: versions, leftovers of killed runs, draws that no record names."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from forecast.ledger.files import abandoned
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger

__all__ = ["Examined", "examine"]


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found; deleted already if asked for."""

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
        Delete leftovers and orphans, and make what is derived in the ledger again from its records.
    """
    folder = workspace / DRAWS_FOLDER
    names = ("forecast", "numpy", "pymc", "nutpie", "pytensor", "arviz")
    versions = {"python": python_version()} | {name: version(name) for name in names}
    leftovers = [path for place in (folder, folder.parent) if place.is_dir() for path in abandoned(place)]
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        named = {entry.forecast.fit for entry in ledger.forecasts()}
    orphans = [path for path in _draws(folder) if path.stem not in named]
    size = sum(path.stat().st_size for path in orphans)
    if prune:
        for path in (*leftovers, *orphans):
            path.unlink(missing_ok=True)
        if (workspace / LEDGER_FILE).exists():
            with open_ledger(workspace / LEDGER_FILE) as ledger:
                ledger.rebuild()
    return Examined(versions, leftovers, orphans, size)


def _draws(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(folder.glob("*.npz"))
