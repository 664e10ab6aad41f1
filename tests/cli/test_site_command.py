"""`forecast site`: what it prints, its JSON, and how it ends."""

from pathlib import Path

import pytest

from ..workspaces import edit
from .conftest import Command

type Done = tuple[Path, str]


def test_it_says_what_it_did_and_where_to_begin(command: Command, done: Done) -> None:
    ended = command("site", "-o", "out", "--quiet")
    assert ended.code == 0
    assert ended.out == "out/index.html: 4 pages; of all files 8 written, 0 unchanged, 0 removed\n"
    assert ended.err == ""
    assert "8 unchanged" in command("site", "-o", "out", "--quiet").out


def test_json_is_one_document(command: Command, done: Done) -> None:
    document = command("site", "-o", "out", "--json").document
    assert {key: document[key] for key in ("ok", "index", "pages", "unchanged", "removed", "foreign", "errors")} == {
        "ok": True, "index": "out/index.html", "pages": 4, "unchanged": 0, "removed": [], "foreign": [], "errors": [],
    }  # fmt: skip
    assert "scenarios/toy.html" in document["written"]
    assert document["written"][-1] == "index.html"  # it leads to nothing that is not there


def test_a_scenario_that_cannot_be_read_ends_with_1(command: Command, done: Done) -> None:
    edit(done[0], "toy/scenario.yaml", "kind: stays", "kind: stay")
    ended = command("site", "-o", "out", "--quiet")
    assert ended.code == 1
    assert "scenarios/toy/scenario.yaml:10" in ended.err
    assert "4 pages" in ended.out


def test_a_folder_of_somebody_else_ends_with_2_and_is_left(command: Command, done: Done) -> None:
    (done[0] / "mine").mkdir()
    (done[0] / "mine/letter.txt").write_text("dear")
    ended = command("site", "-o", "mine", "--json")
    assert ended.code == 2
    assert ended.document["errors"][0]["key"] == "-o"
    assert [path.name for path in (done[0] / "mine").iterdir()] == ["letter.txt"]


def test_pages_that_somebody_edited_and_that_are_gone_are_told(command: Command, done: Done) -> None:
    command("site", "-o", "out", "--quiet")
    old = next((done[0] / "out/assets").glob("search-index-*"))
    old.write_text("edited")
    edit(done[0], "toy/scenario.yaml", "A toy alliance", "Another title")
    ended = command("site", "-o", "out", "--quiet")
    assert ended.code == 1
    assert f"left as they are, because somebody else wrote or edited them: assets/{old.name}" in " ".join(
        ended.out.split()
    )


@pytest.mark.parametrize("arguments", [(), ("-o",)])
def test_a_folder_must_be_named(command: Command, done: Done, arguments: tuple[str, ...]) -> None:
    assert command("site", *arguments).code == 2
