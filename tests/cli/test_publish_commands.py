"""`cite`, `render` and `verify` as the shell calls them."""

import json
from pathlib import Path

import pytest

from .conftest import Command


@pytest.fixture
def draft(done: tuple[Path, str]) -> Path:
    (done[0] / "draft.md").write_text("We say {fc:toy/regime-2025:durable both} and {fc:toy/meeting-2024}.\n")
    return done[0]


@pytest.mark.parametrize("suffix", [".md", ".html", ".docx", ".pdf"])
def test_what_render_writes_verifies(command: Command, draft: Path, suffix: str) -> None:
    made = command("render", "draft.md", "-o", f"out{suffix}")
    assert (made.code, made.err) == (0, "")
    assert f"2 numbers cited in out{suffix}" in made.out
    assert "is a replay" in made.out
    found = command("verify", f"out{suffix}")
    assert found.code == 0
    assert "2 cited numbers: 2 ok\nevery cited number is the ledger's" in found.out


def test_a_changed_number_is_told_in_80_columns_with_code_1(command: Command, draft: Path) -> None:
    command("render", "draft.md", "-o", "out.md")
    text = Path("out.md").read_text()
    Path("out.md").write_text(text.replace(" and [0.", " and [9."))
    found = command("verify", "out.md")
    assert found.code == 1
    assert "1 ok, 1 edited" in found.out
    assert "not every number stands" in found.out
    table = found.out.split("\n2 cited numbers")[0]
    assert all(len(line) <= 80 for line in table.split("\n"))
    document = command("verify", "out.md", "--json")
    assert document.code == 1
    assert [row["status"] for row in document.document["citations"]] == ["ok", "edited"]
    assert document.document["ok"] is False


def test_all_lists_what_stands_too(command: Command, draft: Path) -> None:
    command("render", "draft.md", "-o", "out.md")
    assert "regime-2025:durable" in command("verify", "out.md", "--all").out
    assert "regime-2025:durable" not in command("verify", "out.md").out


def test_a_reader_elsewhere_needs_no_workspace(
    command: Command, draft: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("render", "draft.md", "-o", "out.html")
    command("ledger", "export", "toy", "-o", "toy.jsonl")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for name in ("out.html", "toy.jsonl"):
        (elsewhere / name).write_bytes((draft / name).read_bytes())
    monkeypatch.chdir(elsewhere)
    assert command("verify", "out.html", "--ledger", "toy.jsonl").code == 0
    assert command("cite", "toy", "--ledger", "toy.jsonl").code == 0
    assert command("verify", "out.html").code == 2


def test_wrong_tokens_are_errors_with_their_lines_and_nothing_is_written(command: Command, draft: Path) -> None:
    (draft / "draft.md").write_text("x\n{fc:toy/regime-2025}\n\n{fc:toy/meetin-2024}\n")
    ended = command("render", "draft.md", "-o", "out.md", "--json")
    assert ended.code == 2
    assert [(row["line"], row["found"]) for row in ended.document["errors"]] == [
        (2, "{fc:toy/regime-2025}"),
        (4, "{fc:toy/meetin-2024}"),
    ]
    assert "draft.md:2: 'regime-2025' has more than two outcomes" in ended.err
    assert "did you mean 'meeting-2024'?" in ended.err
    assert not Path("out.md").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("render", "draft.md", "-o", "out.txt"), "names no format"),
        (("render", "draft.md", "-o", "none/out.md"), "there is no folder"),
        (("render", "gone.md", "-o", "out.md"), "cannot be read"),
        (("verify", "gone.md"), "cannot be read"),
        (("verify", "draft.md", "--ledger", "gone.jsonl"), "cannot be read"),
        (("cite", "toy", "--as", "apa"), "'apa' is no style"),
    ],
)
def test_bad_input_is_code_2(command: Command, draft: Path, arguments: tuple[str, ...], message: str) -> None:
    ended = command(*arguments)
    assert ended.code == 2
    assert message in ended.err


def test_a_reference_is_printed_in_each_style(command: Command, draft: Path, done: tuple[Path, str]) -> None:
    assert f"Forecast {done[1]}, made with forecast" in command("cite", "toy/meeting-2024").out
    assert command("cite", done[1], "--as", "bibtex").out.startswith(f"@misc{{{done[1]},\n")
    assert json.loads(command("cite", "toy", "--as", "csl-json").out)[0]["id"] == done[1]
