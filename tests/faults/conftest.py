"""Processes to kill, disks that are full, folders that cannot be written: for any user, root included."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from forecast.ledger.store import LEDGER_FILE, Ledger, open_ledger

CHILD = Path(__file__).with_name("child.py")
NOBODY = 65534
SMALL = 512 * 1024
GO = "go"  # children whose action begins with `together` wait for this file

type Run = Callable[..., subprocess.CompletedProcess[str]]
type Start = Callable[..., subprocess.Popen[str]]
type Unwritable = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `child.py ACTION FOLDER ...`; whatever still lives at the end of the test is killed."""
    processes = []

    def begin(
        action: str, *arguments: object, folder: Path = tmp_path, limit: int | None = None
    ) -> subprocess.Popen[str]:
        command = [sys.executable, str(CHILD), action, str(folder), *map(str, arguments)]
        environment = os.environ | ({"FILE_SIZE_LIMIT": str(limit)} if limit else {})
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def run(start: Start) -> Run:
    """Run `child.py ACTION FOLDER ...` to its end."""

    def finish(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        process = start(*arguments, **options)
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return finish


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, int | None]]:
    """A folder on a disk of 512 KiB; where none can be mounted, an ordinary one and a limit to the size of a file."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "none", str(folder)]
    mounted = bool(shutil.which("mount")) and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield folder, None if mounted else SMALL
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user can reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def unwritable() -> Unwritable:
    """Take away the right to write below a folder; root first becomes nobody, since no mode binds root."""

    @contextmanager
    def without_rights(folder: Path, mode: int = 0o555) -> Iterator[None]:
        paths = [folder, *folder.rglob("*")]
        modes = [path.stat().st_mode for path in paths]
        for path in reversed(paths):
            path.chmod(mode if path.is_dir() else 0o444)
        user = os.geteuid()
        if user == 0:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(user)
            for path, before in zip(paths, modes, strict=True):
                path.chmod(before)

    return without_rights


@pytest.fixture
def ledger_of(tmp_path: Path) -> Iterator[Ledger]:
    """The ledger of the workspace in which the children work."""
    with open_ledger(tmp_path / LEDGER_FILE, create=True) as ledger:
        yield ledger
