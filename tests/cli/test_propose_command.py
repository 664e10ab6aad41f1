"""`forecast evidence propose` as the shell calls it."""

from pathlib import Path

import pytest

from ..evidence.proposals import ARTICLE
from ..workspaces import edit
from .conftest import Command


@pytest.fixture
def paper(toy: Path, tmp_path: Path) -> Path:
    edit(toy, "codebooks/alliance.yaml", "means: Leaders of the partners meet", "means: m\n    cues: [met, meeting*]")
    path = tmp_path / "paper.txt"
    path.write_text(ARTICLE)
    return path


def test_it_prints_a_table_that_fits_and_the_next_command(command: Command, paper: Path):
    ended = command("evidence", "propose", "toy", paper)
    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "met in May 2023" in ended.out
    assert "written: scenarios/toy/proposals/paper.yaml" in ended.out
    assert "forecast evidence add toy --from paper.yaml --accept 1" in ended.err


def test_why_prints_the_words_that_decided(command: Command, paper: Path):
    ended = command("evidence", "propose", "toy", paper, "--why", "--dry-run")
    assert "indicator from 'met': cue of meeting: met" in ended.out
    assert "nothing was written" in ended.out


def test_json_is_one_document(command: Command, paper: Path):
    document = command("evidence", "propose", "toy", paper, "--json").document
    assert document["source"] == "paper"
    first = document["proposals"][0]
    assert (first["number"], first["indicator"], first["when"]) == (1, "meeting", "2023-05")
    assert ARTICLE[slice(*first["quote_at"])] == first["quote"]


def test_bad_input_is_exit_2_with_what_is_accepted(command: Command, paper: Path):
    ended = command("evidence", "propose", "toy", paper, "--source", "new", "--json")
    assert ended.code == 2
    assert ended.document["errors"][0]["key"] == "--published"
    assert command("evidence", "propose", "toy", paper, "--proposer", "oracle").code == 2
    assert command("evidence", "propose", "toy", paper, "--published", "soon").code == 2
    assert command("evidence", "propose", "toy", "none.txt", "--published", "2024-01-01").code == 2


def test_an_article_about_others_is_exit_0(command: Command, toy: Path, tmp_path: Path):
    path = tmp_path / "paper.txt"
    path.write_text("Peru met Chile in May.\n")
    ended = command("evidence", "propose", "toy", path)
    assert ended.code == 0
    assert "no sentence names Arland or Borland" in ended.out


def test_what_was_proposed_can_be_accepted(command: Command, paper: Path, toy: Path):
    command("evidence", "propose", "toy", paper)
    ended = command("evidence", "add", "toy", "--from", "paper.yaml", "--accept", "1", "--by", "xy")
    assert ended.code == 0, ended.err
    assert command("check", "toy").code == 0
    again = command("evidence", "propose", "toy", paper)
    assert "1 of them had been decided on" in again.out
