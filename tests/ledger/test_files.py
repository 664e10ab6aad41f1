"""Files are there whole or not at all."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from forecast.canonical import file_sha256, sha256
from forecast.errors import WorkspaceError
from forecast.ledger.files import abandoned, replace_atomically, write_atomically


def test_a_file_is_named_by_its_content(tmp_path: Path) -> None:
    folder = tmp_path / ".forecast" / "draws"
    points: list[str] = []
    path, digest = write_atomically(folder, ".npz", lambda file: file.write(b"draws"), points.append)
    assert path == folder / f"{sha256('draws')}.npz"
    assert digest == file_sha256(path) == sha256("draws")
    assert points == ["draws: first byte", "draws: written", "draws: synced", "draws: renamed"]
    assert list(folder.iterdir()) == [path]


def test_a_writer_may_go_back_as_zip_files_do(tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"....draws")
        file.seek(0)
        file.write(b"head")

    path, digest = write_atomically(tmp_path, ".npz", write)
    assert path.read_bytes() == b"headdraws"
    assert digest == sha256("headdraws")


def test_the_same_content_again_is_the_same_file(tmp_path: Path) -> None:
    for _ in range(2):
        write_atomically(tmp_path, ".npz", lambda file: file.write(b"draws"))
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_names_the_folder_and_leaves_nothing(tmp_path: Path, number: int) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError(number, os.strerror(number))

    with pytest.raises(WorkspaceError, match=rf"{tmp_path}: no room .* Make room"):
        write_atomically(tmp_path, ".npz", write)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_write_leaves_nothing(tmp_path: Path, interruption: type[BaseException]) -> None:
    def write(file: BinaryIO) -> None:
        raise interruption("now")

    with pytest.raises(interruption, match="now"):
        write_atomically(tmp_path, ".npz", write)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "draws").touch()
    with pytest.raises(WorkspaceError, match=r"cannot be written to \(File exists\).* choose another workspace"):
        write_atomically(tmp_path / "draws", ".npz", lambda file: file.write(b"draws"))


def test_a_failed_replacement_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    replace_atomically(path, lambda file: file.write(b"old"))

    def write(file: BinaryIO) -> None:
        file.write(b"new")
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(WorkspaceError, match="no room"):
        replace_atomically(path, write)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_only_files_of_ended_processes_of_this_machine_are_abandoned(tmp_path: Path) -> None:
    points: list[Path] = []
    write_atomically(tmp_path, ".npz", lambda file: file.write(b"x"), lambda _: points.extend(tmp_path.glob(".tmp-*")))
    mine = points[0].name
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    _, pid, machine, rest = mine[1:].split("-")
    dead = int(ended.stdout)
    names = {
        "alive": mine,
        "dead": f".tmp-{dead}-{machine}-{rest}",
        "elsewhere": f".tmp-{dead}-00000000-{rest}",
        "impossible": f".tmp-{10**30}-{machine}-{rest}",
        "draws": "d.npz",
    }
    for name in names.values():
        (tmp_path / name).touch()
    assert int(pid) == os.getpid()
    assert {path.name for path in abandoned(tmp_path)} >= {names["dead"], names["impossible"]}
    assert not {names["alive"], names["elsewhere"], names["draws"]} & {path.name for path in abandoned(tmp_path)}
    assert abandoned(tmp_path / "nowhere") == []
