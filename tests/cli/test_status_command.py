"""`forecast status`: the table, its JSON, and that a broken scenario hides no other."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ..workspaces import DAY, edit, write_toy
from .conftest import Command

type Done = tuple[Path, str]

ROW_KEYS = {
    "scenario", "forecast", "as_of", "kind", "model", "age_days", "unused", "searched_until", "last_coded", "stale",
    "since", "changed", "due", "open",
}  # fmt: skip


def narrow(text: str) -> bool:
    return max(map(len, text.splitlines())) <= 80


def test_json_is_one_document_with_a_row_for_every_scenario(command: Command, done: Done) -> None:
    ended = command("status", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert [row["scenario"] for row in ended.document["rows"]] == ["toy"]
    assert set(ended.document["rows"][0]) >= ROW_KEYS
    assert ended.document["rows"][0]["forecast"] == done[1]
    assert ended.document["errors"] == []


def test_the_table_fits_and_says_what_its_numbers_are_about(command: Command, done: Done) -> None:
    ended = command("status")
    assert ended.code == 0
    assert narrow(ended.out)
    for text in (
        f"{done[1]} replay",
        "no live forecast",
        "coding is stale: nobody has searched since 2024-06-30",
        "due: meeting-2024 ended on 2024-12-31",
    ):
        assert text in " ".join(ended.out.split())


def test_a_workspace_without_a_scenario_says_how_to_begin(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)
    ended = command("status")
    assert ended.code == 0
    assert "forecast new NAME" in ended.out
    assert command("status", "--json").document["rows"] == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep", b"[" * 100_000),
        ("binary", bytes(range(256)) * 50),
        ("large", b"id: large\ntitle: '" + b"x" * 10_000_000 + b"'\n"),
        ("turned", "id: turned\ntitle: \u202eevil\nwords: klingon\n".encode()),
        ("red\x1b[31m", b"id: red\n"),
        ("\u202ebackwards", b"id: x\n"),
        ("empty", b""),
    ],
    ids=["deep", "binary", "large", "turned", "control", "override", "empty"],
)
def test_a_broken_scenario_is_named_and_hides_no_other(command: Command, done: Done, name: str, content: bytes) -> None:
    folder = done[0] / "scenarios" / name
    folder.mkdir()
    (folder / "scenario.yaml").write_bytes(content)
    ended = command("status")
    assert ended.code == 1
    assert narrow(ended.out)
    assert "toy" in ended.out
    assert "cannot be read" in ended.out
    assert "error: " in ended.err
    assert not {"\x1b", "\u202e"} & set(ended.out + ended.err)
    document = command("status", "--json").document
    assert [row["scenario"] for row in document["rows"]] == ["toy"]
    assert {error["scenario"] for error in document["errors"]} == {name}


def test_a_wrong_scale_in_a_scenario_is_an_error_with_its_line(command: Command, done: Done) -> None:
    edit(done[0], "toy/scenario.yaml", "default_model: v1", "default_model: v1\nwords: klingon")
    ended = command("status")
    assert ended.code == 1
    assert "scenarios/toy/scenario.yaml:16 words: there is no scale of words 'klingon'" in ended.err
    assert "accepted: icd203 | phia" in ended.err


def test_age_is_counted_from_the_as_of_date_to_today(command: Command, done: Done) -> None:
    before = datetime.now(UTC).date()
    age = command("status", "--json").document["rows"][0]["age_days"]
    assert (before - DAY).days <= age <= (datetime.now(UTC).date() - DAY).days


def test_the_ledger_is_only_read(command: Command, done: Done) -> None:
    before = {path: path.read_bytes() for path in done[0].rglob("*") if path.is_file()}
    command("status")
    assert {path: path.read_bytes() for path in done[0].rglob("*") if path.is_file()} == before


def test_without_a_ledger_none_is_made(command: Command, toy: Path) -> None:
    assert command("status").code == 0
    assert not (toy / ".forecast").exists()


def test_many_scenarios_have_a_row_each_in_the_order_of_their_names(command: Command, toy: Path) -> None:
    for name in ("zeta", "alpha", "a-scenario-whose-name-is-so-long-that-it-has-to-be-wrapped-somewhere"):
        shutil.copytree(toy / "scenarios/toy", toy / "scenarios" / name)
        edit(toy, f"{name}/scenario.yaml", "id: toy", f"id: {name}")
    ended = command("status")
    assert narrow(ended.out)
    names = [row["scenario"] for row in command("status", "--json").document["rows"]]
    assert names == sorted(names)
    assert len(names) == 4


def test_a_scenario_of_its_own_in_another_workspace_is_found_by_the_option(command: Command, tmp_path: Path) -> None:
    other = write_toy(tmp_path / "other")
    assert command("-C", other, "status", "--json").document["rows"][0]["scenario"] == "toy"
