"""A site on a disk that fills up: an error in words, old pages whole, and never a key of a page that is not there."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pytest

from forecast.errors import WorkspaceError
from forecast.report.site.folder import LIST, MADE, Folder

NAMES = [f"fc-{letter * 10}.html" for letter in "abcdefgh"]


def page(name: str, build: int, size: int) -> bytes:
    return f"{name} of build {build}\n".encode() * (size // 30)


def built(out: Path, names: Iterable[str], build: int, size: int) -> Folder:
    """One build; a page that is kept is not made again."""
    folder = Folder(out)
    for name in names:
        key = sha256(f"{name} {build}".encode()).hexdigest()
        if not folder.keep(key):
            folder.put(name, page(name, build, size), key)
    folder.close()
    return folder


def fill(disk: Path, left: int) -> Path:
    """Leave that many bytes of a disk."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
        file.truncate(file.tell() - left)
    return ballast


def lines(path: Path) -> list[list[str]]:
    return [line.split("  ") for line in path.read_text().split("\n") if line]


@pytest.mark.parametrize("left", [4096, 8192, 24576, 65536])
def test_a_full_disk_leaves_whole_pages_and_the_next_build_makes_what_is_missing(
    small_disk: tuple[Path, int | None], left: int
) -> None:
    disk, limit = small_disk
    if limit is not None:
        pytest.skip("no small disk can be mounted here")
    out = disk / "site"
    built(out, NAMES, 1, 12_000)
    before = {name: (out / name).read_bytes() for name in NAMES}
    ballast = fill(disk, left)

    with pytest.raises(WorkspaceError, match="site"):
        built(out, NAMES[1:], 2, 30_000)

    there = {name: (out / name).read_bytes() for name in NAMES}
    assert all(there[name] in (before[name], page(name, 2, 30_000)) for name in NAMES)
    assert not [path for path in out.iterdir() if path.name.startswith(".tmp-")]
    # a key of a page that was written anew is of no use: nothing is kept by it
    stale = Folder(out)
    for key, digest, name in lines(out / MADE):
        assert stale.keep(key) == (sha256(there[name]).hexdigest() == digest and there[name] == before[name])

    ballast.unlink()
    again = built(out, NAMES[1:], 2, 30_000)
    assert again.foreign == []
    assert (again.removed, (out / NAMES[0]).exists()) == ([NAMES[0]], False)
    for name in NAMES[1:]:
        assert (out / name).read_bytes() == page(name, 2, 30_000)
    assert {name for _, _, name in lines(out / MADE)} == {name for _, name in lines(out / LIST)} == set(NAMES[1:])
    assert built(out, NAMES[1:], 2, 30_000).unchanged == len(NAMES) - 1


def test_a_page_that_was_announced_and_never_written_is_still_the_programs(tmp_path: Path) -> None:
    """The old page stands under the announced hash of the new one; it is not left behind as somebody's."""
    built(tmp_path, NAMES[:2], 1, 300)
    folder = Folder(tmp_path)
    folder._announce(NAMES[0], "f" * 64)  # what a full disk leaves

    after = built(tmp_path, NAMES[1:2], 1, 300)

    assert (after.removed, after.foreign) == ([NAMES[0]], [])


def test_a_line_that_was_cut_off_claims_no_file(tmp_path: Path) -> None:
    built(tmp_path, NAMES[:1], 1, 300)
    (tmp_path / "notes").write_text("mine\n")
    with (tmp_path / LIST).open("a") as file:
        file.write(f"\n{sha256(b'x').hexdigest()}  notes")  # of notes.html

    folder = Folder(tmp_path)
    folder.put("notes", b"x")

    assert folder.foreign == ["notes"]
    assert (tmp_path / "notes").read_text() == "mine\n"
