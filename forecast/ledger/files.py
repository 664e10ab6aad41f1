"""Files that are there whole or not at all: written beside their place, forced to disk, then moved into it.

A process that dies leaves at most a temporary file whose name says who wrote it, which `abandoned` recognises.
"""

import errno
import hashlib
import io
import os
import re
import secrets
import shutil
import sys
from collections.abc import Buffer, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from forecast.canonical import file_sha256
from forecast.errors import WorkspaceError
from forecast.ledger.connection import At, nothing

__all__ = ["abandoned", "create_atomically", "probe_folder", "replace_atomically", "replace_folder", "write_atomically"]

_TEMPORARY = re.compile(r"\.tmp-(\d+)-([0-9a-f]{8})-[0-9a-f]{16}")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_atomically(
    folder: Path, suffix: str, write: Callable[[BinaryIO], object], at: At = nothing, *, forced: bool = True
) -> tuple[Path, str]:
    """Write a file that is named by its content.

    Parameters
    ----------
    folder
        Where; made if it is missing.
    suffix
        What follows the hash in the name, such as `.npz`.
    write
        Gets the open file and writes to it.
    at
        Called at `draws: first byte` (it has been written), `draws: written`, `draws: synced` and `draws: renamed`.
    forced
        Whether it must survive a loss of power; see `replace_atomically`.

    Returns
    -------
    tuple of Path and str
        `<folder>/<sha256><suffix>`, and the SHA-256 of its bytes.

    Raises
    ------
    WorkspaceError
        If the disk is full or the folder cannot be written; no part of the file is left.
    """
    with _temporary(folder) as temporary:
        _fill(temporary, write, "draws", at, forced=forced)
        digest = file_sha256(temporary)
        path = folder / f"{digest}{suffix}"
        temporary.replace(path)
        if forced:
            _sync_folder(folder)
        at("draws: renamed")
    return path, digest


def replace_atomically(
    path: Path, write: Callable[[BinaryIO], object], at: At = nothing, *, forced: bool = True
) -> None:
    """Write a file under its name, in place of what is there.

    Points (`export: ...`) and errors are those of `write_atomically`. What can be written again need not be `forced` to
    disk: then a process that dies leaves the old file or the new one, but a machine that loses power may leave neither.
    """
    with _temporary(path.parent) as temporary:
        _fill(temporary, write, "export", at, forced=forced)
        temporary.replace(path)
        if forced:
            _sync_folder(path.parent)
        at("export: renamed")


def probe_folder(folder: Path) -> None:
    """Find out whether a file could be written to a folder.

    Raises
    ------
    WorkspaceError
        If the disk is full or the folder cannot be written.
    """
    with _temporary(folder) as temporary:
        _fill(temporary, lambda file: file.write(b"probe"), "", forced=False)


def create_atomically(path: Path, content: bytes, at: At = nothing) -> None:
    """Write a file under its name, if there is none of that name; also if another process makes one meanwhile.

    Raises
    ------
    WorkspaceError
        If there is one by then, the disk is full or the folder cannot be written; no part of the file is left.
    """
    with _temporary(path.parent) as temporary:
        _fill(temporary, partial(_put, content), "export", at)
        path.hardlink_to(temporary)
        _sync_folder(path.parent)
        at("export: renamed")


def replace_folder(path: Path, files: Mapping[str, bytes], at: At = nothing) -> None:
    """Write a folder of files under its name, in place of the folder that is there, if there is one.

    The old folder is moved aside, the new one into its place, then the old one is deleted: a process that is killed
    between the two moves leaves the old one beside its place, as `<name>.replaced-...`, which nothing else deletes.

    Parameters
    ----------
    path
        The folder.
    files
        Contents by path within it.
    at
        Called at the points of `replace_atomically` for every file, and at `export: old folder moved` and
        `export: renamed`.

    Raises
    ------
    WorkspaceError
        If the disk is full or the folder cannot be written; the old folder stays.
    """
    path = path.resolve()  # a link stays a link
    old = path.with_name(f"{path.name}.replaced-{secrets.token_hex(4)}")
    with _temporary(path.parent) as temporary:
        for name, content in files.items():
            (temporary / name).parent.mkdir(parents=True, exist_ok=True)
            _fill(temporary / name, partial(_put, content), "export", at)
        try:
            if path.exists():
                path.rename(old)
                at("export: old folder moved")
            temporary.rename(path)
        except BaseException:
            if old.exists():
                old.rename(path)
            raise
        _sync_folder(path.parent)
        at("export: renamed")
        shutil.rmtree(old, ignore_errors=True)


def _put(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def abandoned(folder: Path) -> list[Path]:
    """Temporary files in `folder` whose process has ended; those of other machines are left out, as they may live."""
    if not folder.is_dir():
        return []
    matches = ((path, _TEMPORARY.fullmatch(path.name)) for path in sorted(folder.iterdir()))
    return [path for path, match in matches if match and match[2] == _machine() and not _is_alive(int(match[1]))]


def _fill(path: Path, write: Callable[[BinaryIO], object], what: str, at: At = nothing, *, forced: bool = True) -> None:
    with _Announced(path, f"{what}: first byte", at) as raw, io.BufferedWriter(raw) as file:
        write(file)
        file.flush()
        at(f"{what}: written")
        if forced:
            os.fsync(file.fileno())
    at(f"{what}: synced")


class _Announced(io.FileIO):
    """A new file that says when its first bytes have been written."""

    def __init__(self, path: Path, point: str, at: At) -> None:
        super().__init__(path, "x")
        self._point, self._at = point, at

    def write(self, data: Buffer) -> int:
        """Write, and announce it the first time."""
        n_bytes = super().write(data)
        if self._point:
            self._point, point = "", self._point
            self._at(point)
        return n_bytes


@contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """The name of a temporary file or folder, removed at the end if it is still there; refusals are explained."""
    path = folder / f".tmp-{os.getpid()}-{_machine()}-{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            yield path
        finally:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            path.unlink(missing_ok=True)
    except OSError as error:
        raise _meaning(error, folder) from error


def _meaning(error: OSError, folder: Path) -> WorkspaceError:
    reason = error.strerror or str(error)
    if error.errno in _NO_ROOM:
        return WorkspaceError(
            f"{folder}: no room for the file ({reason}). Nothing of it was kept. Make room (`forecast doctor --prune` "
            "removes draws that can be computed again) and run this again."
        )
    return WorkspaceError(
        f"{folder}: cannot be written to ({reason}). Nothing was kept. Accepted: a folder that you may write to; "
        "choose another workspace with -C DIR or another file with -o FILE."
    )


def _sync_folder(folder: Path) -> None:
    """Force the new name to disk too; Windows cannot open folders and keeps names by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _machine() -> str:
    """Tells machines (and containers) apart that share a folder: a process number means nothing elsewhere."""
    import socket

    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":  # there `os.kill` ends the process, whatever the signal
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
