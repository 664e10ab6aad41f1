"""The conversation of a review, with a coder whose lines are known beforehand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from forecast.cli.review_session import Session, most_used, open_proposals, review, write_by_hand
from forecast.cli.review_text import Look
from forecast.coding.accept import Coder
from forecast.coding.act import Doubt, DoubtCode, Manner, Status
from forecast.coding.draft import kept_draft
from forecast.coding.proposals_file import Mark, mark, read_proposals
from forecast.coding.reviewed import Decision
from forecast.scenario.read import read_scenario
from tests.coding.proposals import FISH, MET, propose

from ..workspaces import write_toy

type Line = str | Callable[[], object]

ANN = Coder("ann", date(2024, 2, 3))


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path / "toy")


def session_of(toy: Path, *lines: Line) -> tuple[Session, list[list[str]]]:
    """A session whose coder types these lines (or does something first), then leaves; what is shown before each."""
    shown: list[list[str]] = [[]]
    typed = list(lines)

    def ask(prompt: str) -> str:
        shown[-1].append(prompt)
        while typed and callable(typed[0]):
            typed.pop(0)()
        if not typed:
            raise EOFError
        shown.append([])
        return str(typed.pop(0))

    def out(line: str) -> None:
        shown[-1].append(line)

    return Session(read_scenario(toy, "toy"), ANN, ask, out, Look()), shown


def talk(toy: Path, *lines: Line) -> list[str]:
    """What is shown before each line of a review, and at the end."""
    session, shown = session_of(toy, *lines)
    review(session, open_proposals(session.scenario))
    assert max(len(line) for part in shown for line in part) <= 80
    return ["\n".join(part) for part in shown]


def quotes(toy: Path) -> dict[str, str]:
    return {report.id: report.quote for report in read_scenario(toy, "toy").reports if report.quote}


def test_a_session_goes_on_where_it_was_left_with_what_was_put_off_last(toy: Path):
    file = propose(toy)
    mark(file, [Mark(1, Decision.LATER), Mark(2, Decision.REJECT), Mark(3, changes={"grade": "C3"})])
    shown = talk(toy, "n", "n", "b")
    assert "proposal 3: 1 of 3" in shown[0]
    assert "* grade        C3 (fairly reliable, possibly true)" in shown[0]
    assert "proposal 1: 3 of 3 · paper · paragraph 2, sentence 1 · later" in shown[2]
    assert "proposal 4: 2 of 3" in shown[3]


def test_undo_takes_the_report_out_again(toy: Path):
    file = propose(toy)
    shown = talk(toy, "a", "u", "b", "reason=seen by myself", "u")
    assert "R5 taken out again; proposal 1 of paper is undecided again" in shown[2]
    assert "proposal 1: 1 of 4" in shown[3]
    assert "there is no decision of yours that could be undone" in shown[5]
    assert quotes(toy) == {}
    assert read_proposals(file, "f").entries[0].changes == {"reason": "seen by myself"}


def test_undo_goes_back_into_earlier_sittings(toy: Path):
    file = propose(toy)
    talk(toy, "a", "r")
    assert set(quotes(toy)) == {"R5"}
    shown = talk(toy, "u", "u", "u")
    assert "proposal 2 of paper is undecided again" in shown[1]
    assert "R5 taken out again; proposal 1 of paper is undecided again" in shown[2]
    assert "there is no decision of yours" in shown[3]
    assert quotes(toy) == {}
    assert {entry.decision for entry in read_proposals(file, "f").entries} == {Decision.UNDECIDED}


def test_a_change_and_the_acceptance_in_one_step_leave_nothing_behind_if_one_is_refused(toy: Path):
    file = propose(toy, MET, FISH)
    shown = talk(toy, "a denies=perhaps grade=C3")
    assert "! denies" in shown[1]
    assert quotes(toy) == {}
    assert read_proposals(file, "f").entries[0].changes == {}
    talk(toy, "a denies=yes note=a second thought grade=C3")
    report = read_scenario(toy, "toy").reports[-1]
    assert (report.denies, report.grade, report.note) == (True, "C3", "a second thought")


def test_a_change_that_is_refused_is_not_half_taken(toy: Path):
    file = propose(toy, MET)
    talk(toy, "denies=never", "n")
    assert read_proposals(file, "f").entries[0].changes == {}
    talk(toy, "denies=yes", "n")
    assert read_proposals(file, "f").entries[0].changes == {"denies": "true"}


def test_plans_and_doubts_are_flagged(toy: Path):
    doubts = (Doubt(DoubtCode.DATE, "'5/4/2023' can be 2023-04-05 or 2023-05-04"),)
    propose(toy, replace(MET, manner=Manner.ANNOUNCEMENT, status=Status.SCHEDULED, doubts=doubts))
    shown = talk(toy)[0]
    assert "! announcement, scheduled: not an act, so it is accepted with use=false" in shown
    assert "! '5/4/2023' can be 2023-04-05 or 2023-05-04" in shown


def test_a_digit_sets_an_indicator_and_the_most_used_come_first(toy: Path):
    file = propose(toy, MET)
    scenario = read_scenario(toy, "toy")
    keys = most_used(scenario)
    used = [report.indicator for report in scenario.reports]
    assert used.count(keys[0]) == max(used.count(name) for name in scenario.codebook.indicators)
    wanted = next(number for number, name in enumerate(keys, start=1) if name != "meeting")
    shown = talk(toy, str(wanted))
    assert f"{wanted}) {keys[wanted - 1]}" in shown[0]
    assert read_proposals(file, "f").entries[0].changes == {"indicator": keys[wanted - 1]}


def test_a_review_stops_after_an_article_if_the_coder_says_so(toy: Path):
    first = propose(toy, MET)
    second = first.with_name("second.yaml")
    second.write_text(first.read_text().replace("source: paper", "source: second"))
    shown = talk(toy, "s", "q")
    assert "next article: second, 1 open. Enter goes on, q stops" in shown[1]
    assert len(shown) == 3
    assert "second · paragraph 2" in talk(toy, "s", "")[2]


def test_what_somebody_else_decides_meanwhile_is_said_and_kept(toy: Path):
    file = propose(toy)
    shown = talk(toy, lambda: mark(file, [Mark(1, Decision.REJECT)]), "a")
    assert "! somebody has decided meanwhile: reject" in shown[1]
    assert "proposal 1: 1 of 4 · paper · paragraph 2, sentence 1 · reject" in shown[1]
    assert quotes(toy) == {}


def test_what_others_have_decided_is_not_asked_again(toy: Path):
    file = propose(toy)
    shown = talk(toy, lambda: mark(file, [Mark(2, Decision.REJECT)]), "n")
    assert "proposal 3: 3 of 4" in shown[1]


def test_what_cannot_be_evidence_is_said_before_and_not_written(toy: Path):
    propose(toy, MET, FISH)
    shown = talk(toy, "indicator=thr", "when=-", "when=2022", "a")
    assert "* indicator    threat" in shown[1], "an unambiguous beginning is enough"
    assert "'-' is not a date" in shown[2]
    wrong = "! when: it counts, but happened before the scenario's start, 2023-01-01"
    assert wrong in shown[3]
    assert wrong in shown[4]
    assert quotes(toy) == {}


def test_a_field_alone_lists_what_it_takes_and_asks_until_it_is_right(toy: Path):
    file = propose(toy)
    shown = talk(toy, "asserted_as", "facts", "inf", "speaker", "a minister", "speaker", "-", "grade", "")
    assert "  fact                     stated as fact" in shown[1]
    assert "'facts' is not known here; did you mean 'fact'?" in shown[2]
    assert "speaker []: " in shown[4]
    assert "A completely reliable" in shown[8]
    assert read_proposals(file, "f").entries[0].changes == {"asserted_as": "inference"}


def test_a_change_back_to_what_was_proposed_is_no_change(toy: Path):
    file = propose(toy)
    shown = talk(toy, "grade=c3", "grade=b2", "?")
    assert ("* grade " in shown[1], "* grade " in shown[2]) == (True, False)
    assert read_proposals(file, "f").entries[0].changes == {}


def test_an_unknown_word_names_the_field_that_was_meant(toy: Path):
    propose(toy)
    assert "a report has no field 'indicatr'; did you mean 'indicator'" in talk(toy, "indicatr=threat")[1]


def test_a_proposal_that_is_evidence_already_is_not_changed(toy: Path):
    file = propose(toy)
    shown = talk(toy, "a", "b", "grade=A1", "r")
    assert "it is evidence already: edit report R5" in shown[3]
    assert "it is evidence already, as report R5" in shown[4]
    assert read_proposals(file, "f").entries[0].decision is Decision.ACCEPT


def test_a_hostile_change_cannot_steer_the_terminal(toy: Path):
    propose(toy)
    assert "\x1b" not in "".join(talk(toy, "note=\x1b[2J\u202e", "speaker", "\x1b[2J", "\x1b=1"))


def test_another_report_from_the_sentence_is_written_beside_the_proposal(toy: Path):
    propose(toy, MET)
    fields = ["Borland met", "Borland was there.", "", "", "", "", "background", "", "", "", ""]
    shown = talk(toy, "+", *fields, "a")
    assert "written as R5" in shown[-1]
    report = read_scenario(toy, "toy").reports[-1]
    assert (report.quote, report.locator, report.source) == ("Borland met", MET.locator, "paper")
    assert kept_draft(read_scenario(toy, "toy"), "ann") == {}


def test_a_draft_is_offered_again_and_given_up_only_by_word(toy: Path):
    session, _ = session_of(toy, "paper", "", "A claim.")
    with pytest.raises(EOFError):
        write_by_hand(session, {})
    assert kept_draft(session.scenario, "ann") == {"source": "paper", "quote": "", "claim": "A claim."}
    assert kept_draft(session.scenario, "bob") == {}
    session, shown = session_of(toy, "n", "paper")
    with pytest.raises(EOFError):
        write_by_hand(session, {})
    assert "A claim." in "\n".join(shown[0])
    assert kept_draft(session.scenario, "ann") == {"source": "paper"}


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"claim": 7, "x": "y"}', "\x00"])
def test_a_draft_that_cannot_be_read_is_none(toy: Path, text: str):
    session, _ = session_of(toy, "paper")
    with pytest.raises(EOFError):
        write_by_hand(session, {})
    (path,) = (toy / ".forecast/drafts").iterdir()
    path.write_text(text)
    assert kept_draft(session.scenario, "ann") == {}
