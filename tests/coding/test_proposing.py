"""From a file to a proposals file: sources, saved texts, doing it twice, and texts that mean harm."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forecast.coding.article_source import About
from forecast.coding.proposals_file import Mark, mark, read_proposals
from forecast.coding.proposing import Proposed, propose
from forecast.coding.reviewed import Decision
from forecast.errors import InputError
from forecast.scenario.check import check
from forecast.scenario.dates import parse_day
from forecast.scenario.read import read_scenario

from ..workspaces import write_toy
from .proposals import ARTICLE

DAY = date(2024, 7, 1)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    workspace = write_toy(tmp_path / "toy")
    # a codebook with indicators that the lexicon has no type of its own for
    path = workspace / "scenarios/codebooks/alliance.yaml"
    path.write_text(
        path.read_text()
        .replace("per_year: {durable: [1, 3]", "cues: [met, meeting*]\n    per_year: {durable: [1, 3]")
        .replace("per_year: {durable: [0.1, 0.5]", "cues: [quarrelled over]\n    per_year: {durable: [0.1, 0.5]")
    )
    return workspace


def run(toy: Path, file: Path, about: About | None = None, **options: Any) -> Proposed:
    return propose(read_scenario(toy, "toy"), file, about or About(), today=DAY, **options)


def article(tmp_path: Path, text: str = ARTICLE, name: str = "paper.txt") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_known_source_needs_no_more_than_its_article(toy: Path, tmp_path: Path):
    result = run(toy, article(tmp_path))
    assert (result.source, result.source_added) == ("paper", False)
    assert [one.indicator for one in result.made] == ["meeting", "dispute", "meeting"]
    folder = toy / "scenarios/toy"
    assert (folder / "articles/paper.txt").read_text() == ARTICLE
    levels = [finding.level for finding in check(read_scenario(toy, "toy"), DAY)]
    assert "error" not in levels


def test_a_new_source_is_entered_with_what_is_told_of_it(toy: Path, tmp_path: Path):
    about = About(published=parse_day("2024-02-01"), publisher="The Daily", reliability="C", kind="newspaper")
    result = run(toy, article(tmp_path, name="The Daily, 1 Feb.txt"), about)
    assert result.source == "the-daily-1-feb"
    source = read_scenario(toy, "toy").sources["the-daily-1-feb"]
    assert (source.title, source.publisher, source.reliability) == ("Arland and Borland", "The Daily", "C")
    assert {one.grade[0] for one in result.made} == {"C"}


def test_a_new_source_without_a_day_is_refused_and_nothing_is_written(toy: Path, tmp_path: Path):
    before = {path: path.read_bytes() for path in toy.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=r"there is no source 'other'.*--published YYYY-MM-DD"):
        run(toy, article(tmp_path), About(source="other"))
    assert {path: path.read_bytes() for path in toy.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("about", "message"),
    [
        (About(source="paper", published=date(2024, 1, 8)), "another `published` for 'paper'"),
        (About(source="new", published=date(2031, 1, 1)), "a day still to come"),
        (About(source="new", published=date(2024, 1, 1), reliability="Z"), "'Z' is no letter"),
        (About(source="../up", published=date(2024, 1, 1)), "cannot be the id of a new source"),
    ],
)
def test_what_is_told_of_a_source_is_checked(toy: Path, tmp_path: Path, about: About, message: str):
    with pytest.raises(InputError, match=message):
        run(toy, article(tmp_path), about)


def test_doing_it_twice_changes_nothing(toy: Path, tmp_path: Path):
    first = run(toy, article(tmp_path))
    text = first.file.read_bytes()
    assert run(toy, article(tmp_path)).file.read_bytes() == text


def test_what_was_decided_stays(toy: Path, tmp_path: Path):
    first = run(toy, article(tmp_path))
    mark(first.file, [Mark(2, Decision.REJECT)])
    again = run(toy, article(tmp_path))
    assert [one.decision.value for one in again.proposals.entries] == ["undecided", "reject", "undecided"]
    assert again.n_kept == 1


def test_the_saved_text_can_be_proposed_from_again(toy: Path, tmp_path: Path):
    first = run(toy, article(tmp_path))
    again = run(toy, toy / "scenarios/toy/articles/paper.txt")
    assert again.made == first.made


def test_another_text_does_not_take_the_place_of_a_saved_one(toy: Path, tmp_path: Path):
    run(toy, article(tmp_path))
    with pytest.raises(InputError, match=r"articles/paper\.txt holds another text"):
        run(toy, article(tmp_path, ARTICLE + "More.\n"))


def test_a_dry_run_writes_nothing(toy: Path, tmp_path: Path):
    before = sorted(toy.rglob("*"))
    assert len(run(toy, article(tmp_path), write=False).made) == 3
    assert sorted(toy.rglob("*")) == before


def test_an_article_about_others_gives_no_proposals_and_says_why(toy: Path, tmp_path: Path):
    result = run(toy, article(tmp_path, "Peru met Chile in May. They quarrelled over fish.\n"))
    assert result.made == ()
    assert result.remarks[0].startswith("no sentence names Arland or Borland")
    assert read_proposals(result.file, "x").entries == ()


HOSTILE = (
    'Arland met Borland: "it\'s #1", she said - [yes]. '
    "Arland met Borland {{7*7}} & <script>alert(1)</script> | `rm -rf` %s $(x).\n"
    "Arland met Borland\u202e\u0007 at 100% \\n \\u0041 - !!python/object:os.system.\n"
    "Arland met Borland\u00a0عربي שלום 🙂 &anchor *alias ? key: value.\n"
    "Arland met Borland = cmd|' /C calc'!A0 @sum(1)."
)


def test_hostile_texts_come_back_from_the_file_as_they_were(toy: Path, tmp_path: Path):
    result = run(toy, article(tmp_path, HOSTILE + "\n"))
    text = (toy / "scenarios/toy/articles/paper.txt").read_text(encoding="utf-8")
    assert len(result.made) >= 4
    read = read_proposals(result.file, "x")
    assert tuple(one.proposal for one in read.entries) == result.made
    for one in result.made:
        assert text[one.start : one.end] == one.quote
    read_scenario(toy, "toy")


def test_ten_megabytes_of_one_line_are_refused_by_the_limit(toy: Path, tmp_path: Path):
    with pytest.raises(InputError, match="at most 2,000,000"):
        run(toy, article(tmp_path, "Arland met Borland " * 550_000))


def test_a_line_without_end_is_passed_over_in_good_time(toy: Path, tmp_path: Path):
    assert run(toy, article(tmp_path, "Arland met Borland " * 50_000)).made == ()


def test_a_proposals_file_that_cannot_be_read_is_not_replaced(toy: Path, tmp_path: Path):
    file = run(toy, article(tmp_path)).file
    file.write_text("proposals: [\n")
    with pytest.raises(InputError, match="not YAML"):
        run(toy, article(tmp_path))
    assert file.read_text() == "proposals: [\n"


def test_an_interrupted_run_leaves_the_files_as_they_were(toy: Path, tmp_path: Path):
    before = {path: path.read_bytes() for path in toy.rglob("*") if path.is_file()}

    def interrupt(stage: str, *_: object) -> None:
        if stage == "proposing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(toy, article(tmp_path), progress=interrupt)
    assert {path: path.read_bytes() for path in toy.rglob("*") if path.is_file()} == before
