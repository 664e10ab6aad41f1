"""`forecast evidence propose` as the shell calls it."""

from pathlib import Path

import pytest

from ..coding.proposals import ARTICLE
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


VISITS = " ".join(f"The leaders of Peru and Chile met in Lima on 3 May {year}." for year in range(2018, 2023))


@pytest.fixture
def others(toy: Path, paper: Path) -> Path:
    # so many words of the codebook that the sentences would be proposed if their parties did not matter
    edit(toy, "codebooks/alliance.yaml", "cues: [met, meeting*]", "cues: [met, meeting*, the leaders of, met in Lima]")
    paper.write_text(f"The leaders of Arland and Borland met in May 2023. {VISITS}\n")
    return paper


def test_sentences_about_others_are_counted_and_shown_not_proposed(command: Command, others: Path):
    ended = command("evidence", "propose", "toy", others)
    flat = " ".join(ended.out.split())
    assert "5 sentences with such words are not proposed:" in flat
    reason = "seems to tell of Chile and Peru, not of Arland or Borland"
    assert f"sentence 2, meeting: {reason}: “The leaders of Peru and Chile met in Lima on 3 May 2018.”" in flat
    assert "2 more: --why, or --json" in flat
    assert "2022" not in flat
    assert max(map(len, ended.out.splitlines())) <= 80


def test_all_sentences_about_others_can_be_seen(command: Command, others: Path):
    assert "3 May 2022" in " ".join(command("evidence", "propose", "toy", others, "--why", "--dry-run").out.split())
    document = command("evidence", "propose", "toy", others, "--dry-run", "--json").document
    text = others.read_text()
    assert [text[slice(*one["at"])] for one in document["left_out"]] == [f"{one}." for one in VISITS[:-1].split(". ")]
    assert document["left_out"][0]["others"] == ["CHL", "PER"]


def test_what_is_in_doubt_comes_last_with_the_reason(command: Command, paper: Path):
    paper.write_text("The two sides' meeting was called a meeting. Arland and Borland met in May 2023.\n")
    for _ in range(2):  # also when it is proposed again
        ended = command("evidence", "propose", "toy", paper)
        sure, doubtful = (ended.out.index(f"\n  {number} meeting") for number in (1, 2))
        reason = ended.out.index("    ! neither Arland nor Borland is named here or shortly before")
        assert sure < doubtful < reason
        assert ended.err.rstrip().endswith("--accept 1")
    document = command("evidence", "propose", "toy", paper, "--json").document
    codes = [[doubt["code"] for doubt in one["doubts"]] for one in document["proposals"]]
    assert codes == [[], ["no-partner-named"]]
    assert document["left_out"] == []
