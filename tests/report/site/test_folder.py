"""A folder of pages: what is unchanged is not touched, what is somebody else's stays, what is gone goes."""

import subprocess
from pathlib import Path

import pytest

from forecast.errors import InputError, WorkspaceError
from forecast.report.site.folder import LIST, MADE, Folder


def build(path: Path, files: dict[str, bytes]) -> Folder:
    folder = Folder(path)
    for name, content in files.items():
        folder.put(name, content)
    folder.close()
    return folder


def build_from(path: Path, key: str, content: bytes, *, ends: bool = True) -> bool:
    """Whether the page of this key was kept; else it is made with this content."""
    folder = Folder(path)
    kept = folder.keep(key)
    if not kept:
        folder.put("a.html", content, key)
    if ends:
        folder.close()
    return kept


ONE, TWO = "1" * 64, "2" * 64


def test_what_was_made_from_the_same_is_kept_as_long_as_it_is_there(tmp_path: Path) -> None:
    assert not build_from(tmp_path, ONE, b"one")
    assert build_from(tmp_path, ONE, b"never written")
    assert (tmp_path / "a.html").read_bytes() == b"one"
    (tmp_path / "a.html").write_bytes(b"edited")
    assert not build_from(tmp_path, ONE, b"one")
    (tmp_path / "a.html").unlink()
    assert not build_from(tmp_path, ONE, b"one")
    assert not build_from(tmp_path, TWO, b"two")


def test_what_a_build_that_was_ended_left_is_not_taken_for_an_earlier_one(tmp_path: Path) -> None:
    build_from(tmp_path, ONE, b"one")
    build_from(tmp_path, TWO, b"two", ends=False)
    assert not build_from(tmp_path, ONE, b"one")
    assert (tmp_path / "a.html").read_bytes() == b"one"


def test_lists_that_were_edited_lead_nowhere(tmp_path: Path) -> None:
    build_from(tmp_path / "site", ONE, b"one")
    (tmp_path / "a.html").write_bytes(b"one")
    made = tmp_path / "site" / MADE
    made.write_bytes(made.read_bytes().replace(b"a.html", b"../a.html") + b"\xff\n")
    assert not build_from(tmp_path / "site", ONE, b"one")


FILES = {"a.html": b"one", "parts/b.html": b"two"}


def test_a_second_build_writes_what_changed_and_no_more(tmp_path: Path) -> None:
    build(tmp_path / "site", FILES)
    times = {name: (tmp_path / "site" / name).stat().st_mtime_ns for name in FILES}
    again = build(tmp_path / "site", FILES | {"a.html": b"other"})
    assert again.written == ["a.html"]
    assert again.unchanged == 1
    assert (tmp_path / "site/parts/b.html").stat().st_mtime_ns == times["parts/b.html"]
    assert (tmp_path / "site/a.html").read_bytes() == b"other"


def test_what_is_no_longer_made_is_removed(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    assert build(tmp_path, {"a.html": b"one"}).removed == ["parts/b.html"]
    assert not (tmp_path / "parts/b.html").exists()


def test_a_removed_or_edited_page_is_written_again(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    (tmp_path / "a.html").unlink()
    (tmp_path / "parts/b.html").write_bytes(b"edited")
    assert build(tmp_path, FILES).written == ["a.html", "parts/b.html"]


def test_a_page_that_somebody_edited_is_not_removed(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    (tmp_path / "parts/b.html").write_bytes(b"edited")
    again = build(tmp_path, {"a.html": b"one"})
    assert (again.removed, again.foreign) == ([], ["parts/b.html"])
    assert (tmp_path / "parts/b.html").read_bytes() == b"edited"


def test_files_of_others_stay_and_are_not_overwritten(tmp_path: Path) -> None:
    build(tmp_path, {"a.html": b"one"})
    (tmp_path / "CNAME").write_text("example.org")
    (tmp_path / "c.html").write_text("mine")
    again = build(tmp_path, {"a.html": b"one", "c.html": b"theirs"})
    assert again.foreign == ["c.html"]
    assert ((tmp_path / "c.html").read_text(), (tmp_path / "CNAME").read_text()) == ("mine", "example.org")
    assert build(tmp_path, {"a.html": b"one"}).removed == []


def test_a_folder_of_somebody_else_is_refused_and_left(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=r"holds files that no site of this program wrote, such as 'thesis\.tex'"):
        Folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is no folder"):
        Folder(tmp_path / "file")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError, match=r"Not a directory"):
        Folder(tmp_path / "file" / "site")


def test_what_an_ended_build_wrote_is_known_to_the_next(tmp_path: Path) -> None:
    ended = Folder(tmp_path)
    ended.put("a.html", b"one")  # and no close
    with (tmp_path / LIST).open("a") as file:
        file.write("0123abc")  # a line that was cut off
    again = build(tmp_path, {"b.html": b"two"})
    assert (again.written, again.removed, again.foreign) == (["b.html"], ["a.html"], [])


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/passwd", "a/../../outside.txt", ".git/config"])
def test_a_list_that_was_tampered_with_removes_nothing_elsewhere(tmp_path: Path, name: str) -> None:
    """SHA-256 of 'x' is 2d711642..."""
    site = tmp_path / "site"
    build(site, FILES)
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    with (site / LIST).open("a") as file:
        file.write(f"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  {name}\n")
    assert build(site, FILES).removed == []
    assert outside.read_text() == "x"


@pytest.mark.parametrize(
    "name", ["../outside.html", "/outside.html", "a/../../outside.html", ".htaccess", "a//b", "", "a\nb"]
)
def test_no_page_is_written_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a page"):
        Folder(tmp_path / "site").put(name, b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]


def test_the_list_can_be_checked_with_sha256sum(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    done = subprocess.run(["sha256sum", "-c", LIST], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "a.html: OK\nparts/b.html: OK\n")
