"""`forecast evidence add`: by options, and in a conversation on a terminal from which nothing is ever lost."""

import signal
from pathlib import Path

import pytest

from forecast.coding.proposals_file import Mark, mark, read_proposals
from forecast.coding.reviewed import Decision
from forecast.scenario.read import read_scenario
from tests.coding.proposals import ARTICLE, MET, propose
from tests.docs.test_cli import make_cli

from ..workspaces import write_toy
from .conftest import Command
from .terminal import CTRL_C, CTRL_D, on_terminal


@pytest.fixture
def file(toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FORECAST_CODER", "ann")
    return propose(toy)


def decisions(file: Path) -> dict[int, str]:
    return {entry.number: entry.decision.value for entry in read_proposals(file, "f").entries}


def quotes(toy: Path) -> dict[str, str]:
    """Quotes of the evidence by report."""
    return {report.id: report.quote for report in read_scenario(toy, "toy").reports if report.quote}


# by options


def test_numbers_are_accepted_and_rejected_and_the_table_says_so(command: Command, toy: Path, file: Path):
    done = command("evidence", "add", "toy", "--from", "paper.yaml", "--accept", "1,3", "--reject", "2", "--by", "bob")
    assert done.code == 0
    assert [line.split() for line in done.out.splitlines()[2:5]] == [
        ["accepted", "1", "R5"],
        ["accepted", "3", "R6"],
        ["rejected", "2"],
    ]
    assert "written: scenarios/toy/evidence/reports.yaml" in done.out
    assert "1 proposal is still open" in done.out
    assert decisions(file) == {1: "accept", 2: "reject", 3: "accept", 4: "undecided"}
    assert {report.coded_by for report in read_scenario(toy, "toy").reports[-2:]} == {"bob"}
    assert command("check", "toy").code == 0


@pytest.mark.parametrize("name", ["paper.yaml", "paper", "scenarios/toy/proposals/paper.yaml"])
def test_an_edited_file_alone_is_taken_at_its_word(command: Command, toy: Path, file: Path, name: str):
    text = file.read_text()
    file.write_text(
        text.replace("decision: undecided\n    changes: {}", "decision: accept\n    changes: {grade: C4}", 1)
    )
    done = command("evidence", "add", "toy", "--from", name, "--json")
    assert done.document["written"] == [{"report": "R5", "proposal": 1}]
    assert read_scenario(toy, "toy").reports[-1].grade == "C4"
    again = command("evidence", "add", "toy", "--from", name, "--json")
    assert (again.document["written"], again.document["evidence"]) == ([], None)


def test_all_accepts_what_nobody_has_decided(command: Command, toy: Path, file: Path):
    mark(file, [Mark(2, Decision.LATER)])
    done = command("evidence", "add", "toy", "--from", "paper", "--all", "--reject", "3", "--json")
    assert decisions(file) == {1: "accept", 2: "later", 3: "reject", 4: "accept"}
    assert done.document["open"] == 1


def test_the_documents_have_exactly_the_listed_keys(command: Command, toy: Path, file: Path):
    (toy / "scenarios/toy/articles/paper.txt").unlink()  # for a finding
    mark(file, [Mark(4, Decision.ACCEPT)])
    command("evidence", "add", "toy", "--from", "paper")
    mark(file, [Mark(4, report="")])
    words = ("--accept", "1,4", "--reject", "2", "--later", "3")
    done = command("evidence", "add", "toy", "--from", "paper", *words, "--json")
    assert make_cli.undocumented("evidence add", done.document) == (set(), set())
    words = ("--claim", "It lasts.", "--source", "paper", "--asserted-as", "inference")
    alone = command("evidence", "add", "toy", *words, "--json")
    assert make_cli.undocumented("evidence add", alone.document)[0] == set()


def test_a_report_is_written_from_options(command: Command, toy: Path, file: Path):
    words = ("--source", "paper", "--indicator", "dispute", "--event", "fish", "--when", "2023-09", "--grade", "B3")
    done = command("evidence", "add", "toy", *words, "--claim", "Fish, again: a #1 row", "--denies")
    assert done.code == 0, done.err
    report = read_scenario(toy, "toy").reports[-1]
    assert (report.id, report.claim, report.denies, report.coded_by) == ("R5", "Fish, again: a #1 row", True, "ann")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--claim", "x"], "a report needs a source"),
        (["--claim", "x", "--source", "paper"], "this report counts but has no `indicator`, `when`, `grade`"),
        (["--claim", "x", "--source", "papr"], "there is no source 'papr'; did you mean 'paper'"),
        (["--source", "paper", "--claim", ""], "'claim' has no value"),
        (["--source", "paper", "--claim", "x", "--grade", "B7", "--asserted-as", "background"], "'B7' is not a grade"),
        (["--accept", "1"], "--accept needs the proposals file"),
        (["--from", "papr"], "there is no proposals file 'papr'; did you mean 'paper'"),
        (["--from", "paper", "--accept", "1-x"], "'1-x' is no number of a proposal"),
        (["--from", "paper", "--accept", "7"], "there is no proposal 7"),
        (["--from", "paper", "--accept", "4-9999999"], "is no number of a proposal"),
        (["--from", "paper", "--claim", "x"], "--from decides about proposals"),
        (["paper", "--claim", "x"], "'paper' names proposals"),
        ([], "evidence is asked for on a terminal, and this is none"),
    ],
)
def test_bad_options_end_with_2_and_write_nothing(
    command: Command, toy: Path, file: Path, words: list[str], message: str
):
    before = {path: path.read_bytes() for path in toy.rglob("*.yaml")}
    done = command("evidence", "add", "toy", *words)
    assert (done.code, message in done.err) == (2, True), done.err
    assert {path: path.read_bytes() for path in toy.rglob("*.yaml")} == before


def test_without_anybody_to_code_nothing_is_written(command: Command, toy: Path, monkeypatch: pytest.MonkeyPatch):
    file = propose(toy)
    monkeypatch.delenv("FORECAST_CODER", raising=False)
    monkeypatch.setenv("PATH", "")  # no git
    done = command("evidence", "add", "toy", "--from", str(file), "--accept", "1")
    assert (done.code, "nobody says who codes" in done.err) == (2, True)
    assert decisions(file)[1] == "undecided"


def test_hostile_texts_of_a_proposal_cannot_steer_the_terminal(command: Command, toy: Path, file: Path):
    text = file.read_text().replace("note: a cue", 'note: "\\e[2J\\u202e"', 1)
    file.write_text(text.replace("decision: undecided", 'decision: "\\e[2Jaccept"', 1))
    done = command("evidence", "add", "toy", "--from", "paper")
    assert done.code == 2
    assert "\x1b" not in done.err + done.out


# on a terminal


@pytest.fixture
def quiet_toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path / "toy")


def test_a_coder_changes_accepts_rejects_puts_off_and_leaves(quiet_toy: Path):
    file = propose(quiet_toy)
    with on_terminal(quiet_toy, "evidence", "add", "toy") as terminal:
        shown = terminal.until("help\n> ")
        assert "proposal 1: 1 of 4 · paper · paragraph 2, sentence 1" in shown
        assert "The leaders of Arland and Borland met in May 2023. They" in shown
        assert "\x1b[7mMay\x1b[27m" in terminal.seen, "the quote is marked"
        assert max(map(len, shown.splitlines())) <= 80
        assert "'mai' is not a date" in terminal.type("when=mai")
        assert "* event        summit (with R1)" in terminal.type("event=summit", "help\n> ")
        assert "written as R5 to scenarios/toy/evidence/reports.yaml" in terminal.type("a", "help\n> ")
        terminal.type("r", "help\n> ")
        terminal.type("l", "help\n> ")
        terminal.send("q\n")
        code, shown = terminal.end()
    assert code == 0
    assert "1 accepted, 1 rejected, 1 put off; 2 still open" in shown
    assert decisions(file) == {1: "accept", 2: "reject", 3: "later", 4: "undecided"}
    report = read_scenario(quiet_toy, "toy").reports[-1]
    assert (report.event, report.quote, report.coded_by) == ("summit", MET.quote, "ann")


def test_ctrl_c_in_the_middle_keeps_what_was_decided_and_ends_with_130(quiet_toy: Path):
    file = propose(quiet_toy)
    with on_terminal(quiet_toy, "evidence", "add", "toy") as terminal:
        terminal.until("help\n> ")
        terminal.type("a", "help\n> ")
        terminal.send(CTRL_C)
        code, shown = terminal.end()
    assert code == 130
    assert "1 accepted, 0 rejected, 0 put off; 3 still open" in shown
    assert decisions(file)[1] == "accept"
    assert quotes(quiet_toy) == {"R5": MET.quote}


def test_the_end_of_input_keeps_what_was_decided_and_ends_with_0(quiet_toy: Path):
    file = propose(quiet_toy)
    with on_terminal(quiet_toy, "evidence", "add", "toy") as terminal:
        terminal.until("help\n> ")
        terminal.type("r", "help\n> ")
        terminal.send(CTRL_D)
        code, shown = terminal.end()
    assert (code, "go on: forecast evidence add toy" in shown) == (0, True)
    assert decisions(file)[1] == "reject"


@pytest.mark.parametrize("how", ["hang up", "kill -9"])
def test_a_terminal_that_is_closed_and_a_kill_lose_nothing(quiet_toy: Path, how: str):
    file = propose(quiet_toy)
    with on_terminal(quiet_toy, "evidence", "add", "toy") as terminal:
        terminal.until("help\n> ")
        terminal.type("a", "help\n> ")
        terminal.type("when=2023-09-12", "help\n> ")
        if how == "kill -9":
            terminal.process.send_signal(signal.SIGKILL)
            terminal.process.wait()
        else:
            assert terminal.hang_up() != 0
    assert quotes(quiet_toy) == {"R5": MET.quote}
    assert read_proposals(file, "f").entries[1].changes == {"when": "2023-09-12"}


def test_a_report_by_hand_is_asked_for_field_by_field_and_kept_when_the_terminal_goes(quiet_toy: Path):
    (quiet_toy / "scenarios/toy/articles").mkdir()
    (quiet_toy / "scenarios/toy/articles/paper.txt").write_text(ARTICLE)
    with on_terminal(quiet_toy, "evidence", "add", "toy") as terminal:
        assert "An article" in terminal.until("source []: ")
        assert "there is no source 'x'" in terminal.type("x", "source []: ")
        terminal.type("paper", "quote []: ")
        terminal.type("quarrelled over fish", "claim []: ")
        terminal.type("They quarrelled over fish.", "indicator []: ")
        terminal.hang_up()
    with on_terminal(quiet_toy, "evidence", "add", "toy") as terminal:
        assert "They quarrelled over fish." in terminal.until("go on with this draft? [Y/n] ")
        assert "The partners quarrel in public" in terminal.type("y", "indicator []: ")
        assert "fish" in terminal.type("dispute", "event []: ")
        terminal.type("fish", "when []: ")
        terminal.type("2023-09", "known []: ")
        terminal.type("", "origin []: ")
        terminal.type("", "asserted_as []: ")
        terminal.type("", "denies []: ")
        terminal.type("", "grade []: ")
        terminal.type("b3", "locator []: ")
        terminal.type("", "speaker []: ")
        terminal.type("", "note []: ")
        terminal.type("my own", "give up > ")
        terminal.send("a\n")
        code, shown = terminal.end()
    assert code == 0
    assert "written as R5" in shown
    report = read_scenario(quiet_toy, "toy").reports[-1]
    assert (report.indicator, report.event, report.grade, report.note) == ("dispute", "fish", "B3", "my own")
    assert list((quiet_toy / ".forecast/drafts").iterdir()) == []
