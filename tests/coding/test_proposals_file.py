"""Proposals on disk: read back as they were, edited by people, and never losing a decision."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.coding import proposals_file
from forecast.coding.check_proposals import proposal_findings
from forecast.coding.proposal import Duplicate
from forecast.coding.proposals_file import Mark, mark, read_proposals
from forecast.coding.reviewed import Decision, Reviewed
from forecast.errors import InputError
from forecast.scenario.fields import control_in
from forecast.scenario.read import read_scenario
from forecast.scenario.schema import Asserted

from ..workspaces import write_toy
from .proposals import AGAIN, ARTICLE, DENIED, FISH, MET, propose


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path / "toy")


def test_what_was_written_is_read_back_equal_and_numbered_in_the_order_of_the_text(toy: Path):
    doubtful = replace(FISH, duplicates=(Duplicate("R2", "fish", "same indicator: 'dispute', same month"),))
    read = read_proposals(propose(toy, AGAIN, doubtful, MET, DENIED), "f")
    assert read.source == "paper"
    assert [entry.proposal for entry in read.entries] == [MET, doubtful, AGAIN, DENIED]
    assert sorted(entry.number for entry in read.entries) == [1, 2, 3, 4]
    assert {entry.decision for entry in read.entries} == {Decision.UNDECIDED}
    assert not any(entry.is_touched for entry in read.entries)


HOSTILE = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(
    lambda text: text.strip() and control_in(text) is None
)


@settings(max_examples=40)
@given(claim=HOSTILE, note=HOSTILE, why=HOSTILE)
def test_any_text_is_read_back_as_it_was(tmp_path_factory, claim: str, note: str, why: str):
    odd = replace(MET, claim=claim, grade_why=note, duplicates=(Duplicate("R2", "fish", why),))
    text = proposals_file._text("toy", "paper", "0" * 64, [Reviewed(1, odd)])
    path = tmp_path_factory.mktemp("odd") / "paper.yaml"
    path.write_bytes(text.encode())
    assert read_proposals(path, "f").entries[0].proposal == odd


def test_proposing_again_changes_nothing(toy: Path):
    path = propose(toy)
    before = path.read_bytes()
    assert propose(toy).read_bytes() == before


def test_proposing_again_keeps_decisions_changes_and_numbers(toy: Path):
    path = propose(toy)
    mark(path, [Mark(1, decision=Decision.ACCEPT, report="R5")])
    mark(path, [Mark(2, changes={"when": "2023-09-12", "note": "see: the 'minutes' # of the day"})])
    mark(path, [Mark(3, decision=Decision.REJECT)])
    new = (replace(MET, claim="Now it says something else."), FISH, replace(DENIED, grade="C3"))
    entries = {entry.number: entry for entry in read_proposals(propose(toy, *new), "f").entries}
    assert (entries[1].decision, entries[1].report) == (Decision.ACCEPT, "R5")
    assert entries[1].proposal == MET, "what was decided about stays as it was then"
    assert entries[2].changes == {"when": "2023-09-12", "note": "see: the 'minutes' # of the day"}
    assert (entries[3].decision, entries[3].proposal) == (Decision.REJECT, AGAIN), "no longer proposed, still decided"
    assert (entries[4].decision, entries[4].proposal.grade) == (Decision.UNDECIDED, "C3")


def test_an_edit_in_place_is_kept_like_a_change(toy: Path):
    path = propose(toy)
    path.write_text(path.read_text().replace('claim: "It is said: met in May 2023"', "claim: The leaders met."))
    assert read_proposals(propose(toy), "f").entries[0].proposal.claim == "The leaders met."


def test_what_is_no_longer_proposed_and_nobody_touched_goes(toy: Path):
    propose(toy)
    assert [entry.proposal for entry in read_proposals(propose(toy, MET), "f").entries] == [MET]


def test_new_proposals_get_numbers_that_were_never_used(toy: Path):
    propose(toy, MET, FISH)
    numbers = {e.proposal.quote: e.number for e in read_proposals(propose(toy, MET, FISH, AGAIN), "f").entries}
    assert numbers == {MET.quote: 1, FISH.quote: 2, AGAIN.quote: 3}


def test_decisions_move_with_their_sentence_when_the_text_changes(toy: Path):
    path = propose(toy)
    mark(path, [Mark(3, decision=Decision.LATER)])
    by = len("A longer title\n\n")
    moved = "A longer title\n\n" + ARTICLE
    entry = next(e for e in read_proposals(propose(toy, MET, text=moved), "f").entries if e.number == 3)
    assert entry.decision is Decision.LATER
    assert moved[entry.proposal.start : entry.proposal.end] == AGAIN.quote
    assert entry.proposal.start == AGAIN.start + by


def test_marking_one_keeps_comments_and_all_else(toy: Path):
    path = propose(toy)
    text = path.read_text().replace("  - id: 2\n", "  # ask Ann about this one\n  - id: 2\n")
    path.write_text(text)
    mark(path, [Mark(2, decision=Decision.LATER, changes={"grade": "C2"})])
    lines, changed = text.splitlines(), path.read_text().splitlines()
    assert [(a, b) for a, b in zip(lines, changed, strict=True) if a != b] == [
        ("    decision: undecided", "    decision: later"),
        ("    changes: {}", "    changes: {grade: C2}"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("decision: undecided", "decision: acept", "'acept' is not known here; did you mean 'accept'"),
        ("changes: {}", "changes: {wehn: 2023}", "'wehn' cannot be changed here; did you mean 'when'"),
        ("changes: {}", "changes: {source: other}", "'source' cannot be changed here"),
        ("changes: {}", "changes: [when]", "has the wrong form"),
        ("  - id: 2\n", "  - id: 1\n", "the number 1 is taken"),
        ("  - id: 2\n", "  - id: two\n", "'two' is not a whole number"),
        ("known: 2024-01-07", "known: yesterday", "'yesterday' is not a day"),
        ("    grade: B2\n", "    grade: B2\n    grad: B2\n", "unknown key 'grad'; did you mean 'grade'"),
        ("source: paper", "source:", "'source' is not text"),
        ("proposals:\n", "proposal:\n", "unknown key 'proposal'; did you mean 'proposals'"),
        ("quote_at: [", "quote_at: [0, ", "has too many entries"),
        ("    decision: undecided", "    decision: &x undecided", "names this place"),
    ],
)
def test_bad_edits_are_errors_with_file_line_and_what_is_accepted(toy: Path, old: str, new: str, message: str):
    path = propose(toy)
    text = path.read_text()
    path.write_text(text.replace(old, new, 1))
    line = text[: text.index(old)].count("\n") + 1 + new.startswith("    grade")
    with pytest.raises(InputError) as error:
        read_proposals(path, "scenarios/toy/proposals/paper.yaml")
    fitting = [finding for finding in error.value.findings() if message in finding.message]
    assert fitting, str(error.value)
    assert fitting[0].file == "scenarios/toy/proposals/paper.yaml"
    assert fitting[0].line in (1, line), "a missing key of the file is reported on its first line"


def test_a_file_that_cannot_be_read_is_not_replaced(toy: Path):
    path = propose(toy)
    path.write_text("proposals: [")
    with pytest.raises(InputError, match="this is not YAML"):
        propose(toy)
    assert path.read_text() == "proposals: ["


def test_check_warns_of_undecided_and_of_unwritten_proposals(toy: Path):
    path = propose(toy)
    mark(path, [Mark(1, decision=Decision.ACCEPT)])
    mark(path, [Mark(2, decision=Decision.LATER)])
    mark(path, [Mark(3, decision=Decision.REJECT)])
    found = proposal_findings(read_scenario(toy, "toy"))
    assert [(f.level, f.file, f.message) for f in found] == [
        ("warning", "scenarios/toy/proposals/paper.yaml", "2 proposals are undecided (1 put off)"),
        ("warning", "scenarios/toy/proposals/paper.yaml", "1 proposal is accepted, but not written to evidence yet"),
    ]
    assert path.read_text().splitlines()[found[1].line - 1] == "  - id: 1"


def test_check_has_nothing_to_say_once_all_is_decided_and_written(toy: Path):
    path = propose(toy, MET, FISH)
    mark(path, [Mark(1, decision=Decision.ACCEPT, report="R1")])
    mark(path, [Mark(2, decision=Decision.REJECT)])
    assert proposal_findings(read_scenario(toy, "toy")) == []


def test_check_warns_where_a_report_that_was_written_is_no_longer_there(toy: Path):
    mark(propose(toy, MET), [Mark(1, decision=Decision.ACCEPT, report="R5")])
    (found,) = proposal_findings(read_scenario(toy, "toy"))
    assert (found.level, found.message) == ("warning", "1 proposal is marked as written, but not on file: R5")


def test_two_hundred_proposals_are_written_and_marked_in_a_moment(toy: Path):
    many = [
        replace(MET, event=f"e{number}", asserted_as=Asserted.FACT, known=date(2024, 1, 7)) for number in range(200)
    ]
    path = propose(toy, *many)
    mark(path, [Mark(150, decision=Decision.REJECT)])
    assert len(read_proposals(path, "f").entries) == 200
    assert json.dumps([e.number for e in read_proposals(path, "f").entries if e.decision is Decision.REJECT]) == "[150]"
