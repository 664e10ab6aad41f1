"""What is accepted becomes evidence whole or not at all; whatever happens meanwhile, no decision is lost."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from forecast.coding.accept import Coder, Wanted, add_report, decide
from forecast.coding.act import Manner, Status
from forecast.coding.decisions import decisions as decisions_of
from forecast.coding.proposal import report_fields
from forecast.coding.proposals_file import Mark, mark, read_proposals
from forecast.coding.reviewed import Decision
from forecast.coding.undo_log import Step, last_step, remember, take_back
from forecast.errors import InputError, WorkspaceError
from forecast.scenario.check import check
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

from ..workspaces import add_report as append_line
from ..workspaces import edit, write_toy
from .proposals import ALL, DENIED, FISH, MET, propose

ANN = Coder("ann", date(2024, 2, 3))
ACCEPT, REJECT, LATER = Decision.ACCEPT, Decision.REJECT, Decision.LATER


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path / "toy")


@pytest.fixture
def file(toy: Path) -> Path:
    return propose(toy)


def read(toy: Path) -> Scenario:
    return read_scenario(toy, "toy")


def evidence(toy: Path) -> dict[str, str]:
    """All evidence files by name."""
    return {path.name: path.read_text() for path in (toy / "scenarios/toy/evidence").iterdir()}


def decisions(file: Path) -> dict[int, tuple[str, str | None]]:
    return {entry.number: (entry.decision.value, entry.report) for entry in read_proposals(file, "f").entries}


def test_accepted_proposals_are_appended_to_the_file_of_their_source_with_coder_and_day(toy: Path, file: Path):
    before = evidence(toy)["reports.yaml"]
    made = decide(read(toy), file, [Wanted(1, ACCEPT), Wanted(3, ACCEPT), Wanted(2, REJECT)], ANN)
    assert made.written is not None
    assert list(made.written.reports) == ["R5", "R6"], "as the file's own ids go on"
    after = evidence(toy)
    assert list(after) == ["reports.yaml"], "which says in its defaults that it is the source's"
    assert after["reports.yaml"].startswith(before)
    report = next(report for report in read(toy).reports if report.id == "R5")
    assert (report.indicator, report.event, str(report.when), report.grade) == (
        *("meeting", "meeting-2023-05", "2023-05", "B2"),
    )
    assert (report.source, report.origin, report.quote) == ("paper", "paper", "met in May 2023")
    assert (report.coded_by, report.coded_on, report.note) == ("ann", date(2024, 2, 3), report_fields(MET)["note"])
    assert decisions(file) == {1: ("accept", "R5"), 2: ("reject", None), 3: ("accept", "R6"), 4: ("undecided", None)}
    assert [finding for finding in check(read(toy), date(2024, 2, 3)) if finding.level == "error"] == []


def test_a_source_without_a_file_gets_one_of_its_own(toy: Path, file: Path):
    edit(toy, "toy/evidence/reports.yaml", "source: paper, ", "")
    path = toy / "scenarios/toy/evidence/reports.yaml"
    path.write_text(path.read_text().replace("{id: R", "{source: paper, id: R"))
    decide(read(toy), file, [Wanted(1, ACCEPT)], ANN)
    assert evidence(toy)["paper.yaml"] == (
        "reports:\n"
        "  - id: S1\n"
        "    indicator: meeting\n"
        "    event: meeting-2023-05\n"
        "    when: 2023-05\n"
        "    known: 2024-01-07\n"
        "    source: paper\n"
        '    claim: "It is said: met in May 2023"\n'
        "    quote: met in May 2023\n"
        '    locator: "paragraph 2, sentence 1"\n'
        "    asserted_as: fact\n"
        "    grade: B2\n"
        '    note: "reliable paper, not confirmed. [actors: AAA, BBB]"\n'
        "    coded_by: ann\n"
        "    coded_on: 2024-02-03\n"
    )


def test_a_coders_changes_win_over_the_proposal_and_empty_ones_take_a_field_away(toy: Path, file: Path):
    changes = {"when": "2023-05-04", "event": "summit", "note": "", "id": "X-1", "use": "false", "reason": "as R1"}
    decide(read(toy), file, [Wanted(1, ACCEPT, changes)], ANN)
    report = next(report for report in read(toy).reports if report.id == "X-1")
    assert (str(report.when), report.event, report.note, report.counts) == ("2023-05-04", "summit", None, False)
    assert read_proposals(file, "f").entries[0].changes == changes


def test_if_one_of_several_cannot_be_evidence_nothing_is_written(toy: Path, file: Path):
    before, decided = evidence(toy), file.read_bytes()
    wanted = [
        Wanted(1, ACCEPT, {"when": "2022"}),
        Wanted(2, ACCEPT, {"indicator": "meeting", "event": "fish"}),
        Wanted(3, ACCEPT),
        Wanted(4, ACCEPT, {"asserted_as": "fact"}),
    ]
    with pytest.raises(InputError) as error:
        decide(read(toy), file, wanted, ANN)
    findings = {finding.message: finding for finding in error.value.findings()}
    wrong = "proposal 4: this report counts but has no `indicator`, `when`"
    assert wrong in findings, "an entry that is wrong in itself"
    assert findings[wrong].file == "scenarios/toy/proposals/paper.yaml"
    assert file.read_text().splitlines()[(findings[wrong].line or 0) - 1] == "  - id: 4"
    assert any(text.startswith("proposal 1: it counts, but happened before") for text in findings)
    assert any(text.startswith("proposal 2: event 'fish' is 'meeting' here and 'dispute'") for text in findings)
    assert evidence(toy) == before
    assert file.read_bytes() == decided


def test_a_quote_that_the_article_lacks_is_refused(toy: Path, file: Path):
    with pytest.raises(InputError, match=r"proposal 1: articles/paper.txt does not contain this quote"):
        decide(read(toy), file, [Wanted(1, ACCEPT, {"quote": "met in June 2023"})], ANN)


def test_without_the_article_a_quote_is_taken_and_a_warning_says_so(toy: Path, file: Path):
    (toy / "scenarios/toy/articles/paper.txt").unlink()
    made = decide(read(toy), file, [Wanted(1, ACCEPT)], ANN)
    assert made.written is not None
    assert any("articles/paper.txt is not there" in finding.message for finding in made.written.findings)


def test_defaults_of_a_file_say_nothing_of_a_report_that_its_coder_did_not(toy: Path, file: Path):
    edit(toy, "toy/evidence/reports.yaml", "{source: paper,", "{speaker: a minister, source: paper,")
    with pytest.raises(InputError, match=r"the defaults of .*reports.yaml would say `speaker: a minister`"):
        decide(read(toy), file, [Wanted(1, ACCEPT)], ANN)
    decide(read(toy), file, [Wanted(1, ACCEPT, {"speaker": "a spokesman"})], ANN)
    assert read(toy).reports[-1].speaker == "a spokesman"


def test_a_denial_is_not_lost_to_a_files_defaults(toy: Path, file: Path):
    edit(toy, "toy/evidence/reports.yaml", "{source: paper,", "{denies: true, source: paper,")
    with pytest.raises(InputError, match="would say `denies: true`"):
        decide(read(toy), file, [Wanted(1, ACCEPT)], ANN)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ([Wanted(9, ACCEPT)], "there is no proposal 9"),
        ([Wanted(1, ACCEPT), Wanted(1, REJECT)], "proposal 1: it is named twice"),
        ([Wanted(1, ACCEPT, {"id": "R1"})], "proposal 1: .*the id 'R1' is taken"),
        ([Wanted(1, ACCEPT, {"grade": "Z9"})], "'Z9' is not a grade"),
        ([Wanted(1, ACCEPT, {"known": "2024-02-04"})], "coded on 2024-02-03, before it was known"),
    ],
)
def test_decisions_that_cannot_be_taken_are_errors(toy: Path, file: Path, wanted: list[Wanted], message: str):
    before = file.read_bytes()
    with pytest.raises(InputError, match=message):
        decide(read(toy), file, wanted, ANN)
    assert file.read_bytes() == before


def test_what_is_evidence_already_is_not_decided_again(toy: Path, file: Path):
    decide(read(toy), file, [Wanted(1, ACCEPT)], ANN)
    before = evidence(toy)
    assert decide(read(toy), file, [Wanted(1, ACCEPT)], ANN).written is None
    with pytest.raises(InputError, match="proposal 1: it is evidence already, as report R5"):
        decide(read(toy), file, [Wanted(1, REJECT)], ANN)
    assert evidence(toy) == before


def test_a_report_that_was_taken_out_of_evidence_is_written_again_only_by_a_new_decision(toy: Path, file: Path):
    before = evidence(toy)["reports.yaml"]
    decide(read(toy), file, [Wanted(1, ACCEPT), Wanted(2, ACCEPT)], ANN)
    (toy / "scenarios/toy/evidence/reports.yaml").write_text(before)
    assert decide(read(toy), file, decisions_of(read(toy), file), ANN).written is None
    made = decide(read(toy), file, [Wanted(1, ACCEPT), Wanted(2, REJECT)], ANN)
    assert made.written is not None
    assert list(made.written.reports) == ["R5"]
    assert decisions(file)[1] == ("accept", "R5")
    assert decisions(file)[2] == ("reject", None)


def test_of_two_reviewers_the_second_is_told_of_the_first(toy: Path, file: Path):
    seen = read_proposals(file, "f").entries[0]
    decide(read(toy), file, [Wanted(1, REJECT, seen=seen)], ANN)
    with pytest.raises(InputError, match="proposal 1: somebody has decided meanwhile: reject"):
        decide(read(toy), file, [Wanted(1, ACCEPT, seen=seen)], replace(ANN, name="bob"))


def accepted_step(toy: Path, file: Path) -> Step:
    """Accept the first proposal and keep the step."""
    made = decide(read(toy), file, [Wanted(1, ACCEPT)], ANN)
    remember(read(toy), ANN.name, file, 1, ACCEPT, Decision.UNDECIDED, made.written)
    step = last_step(read(toy), ANN.name)
    assert step is not None
    return step


def test_undo_gives_back_every_byte_and_the_decision(toy: Path, file: Path):
    before = evidence(toy)
    step = accepted_step(toy, file)
    assert evidence(toy) != before
    assert take_back(read(toy), ANN.name, step) == ""
    assert evidence(toy) == before
    assert decisions(file)[1] == ("undecided", None)
    assert last_step(read(toy), ANN.name) is None


def test_undo_leaves_a_file_that_somebody_has_edited_since(toy: Path, file: Path):
    step = accepted_step(toy, file)
    append_line(toy, "id: R7, claim: Another., asserted_as: background")
    assert "was edited since: take R5 out of it by hand" in take_back(read(toy), ANN.name, step)
    assert decisions(file)[1] == ("accept", "R5")


def test_undo_is_that_of_the_coder_and_of_what_is_still_so(toy: Path, file: Path):
    step = accepted_step(toy, file)
    assert last_step(read(toy), "bob") is None
    mark(file, [Mark(1, REJECT)])
    assert "has been decided otherwise since" in take_back(read(toy), ANN.name, step)


def test_the_note_follows_a_changed_grade_and_keeps_what_the_row_says(toy: Path, file: Path):
    decide(
        read(toy), file, [Wanted(1, ACCEPT, {"grade": "C3"}), Wanted(2, ACCEPT, {"grade": "C3", "note": "seen"})], ANN
    )
    notes = {report.id: report.note for report in read(toy).reports}
    assert notes["R5"] == "fairly reliable, possibly true, as the coder judges. [actors: AAA, BBB]"
    assert notes["R6"] == "seen"


def test_a_plan_is_accepted_as_what_does_not_count(toy: Path):
    plan = replace(
        MET, manner=Manner.ANNOUNCEMENT, status=Status.SCHEDULED, value=40.0, unit="soldiers", place="Westport"
    )
    file = propose(toy, plan)
    decide(read(toy), file, [Wanted(1, ACCEPT)], ANN)
    report = read(toy).reports[-1]
    assert (report.counts, report.reason) == (False, "An announcement or plan, not an act.")
    assert report.note is not None
    assert report.note.endswith(
        "[actors: AAA, BBB; place: Westport; manner: announcement; status: scheduled; amount: 40 soldiers]"
    )


def test_a_report_by_hand_needs_no_proposal(toy: Path):
    fields = {"indicator": "dispute", "when": "2023-11", "claim": "They quarrel again.", "grade": "C3"}
    written = add_report(read(toy), "paper", fields, ANN)
    assert list(written.reports) == ["R5"]
    report = read(toy).reports[-1]
    assert (report.event, report.origin, report.known) == ("R5", "paper", date(2024, 1, 7))


@pytest.mark.parametrize(
    ("fields", "key", "message"),
    [
        ({"claim": "x"}, None, "this report counts but has no `indicator`, `when`, `grade`"),
        ({"claim": "x", "asserted_as": "inference", "wehn": "2023"}, "wehn", "unknown key 'wehn'; did you mean 'when'"),
        ({"claim": "x", "indicator": "meting", "when": "2023-05", "grade": "B2"}, "indicator", "no indicator 'meting'"),
    ],
)
def test_a_wrong_report_by_hand_is_an_error_about_the_field(toy: Path, fields: dict[str, str], key: str, message: str):
    before = evidence(toy)
    with pytest.raises(InputError) as error:
        add_report(read(toy), "paper", fields, ANN)
    (finding,) = [finding for finding in error.value.findings() if message in finding.message]
    assert (finding.file, finding.key) == (None, key)
    assert evidence(toy) == before


def test_an_unknown_source_is_named(toy: Path):
    with pytest.raises(InputError, match="there is no source 'papr'; did you mean 'paper'"):
        add_report(read(toy), "papr", {"claim": "x", "asserted_as": "background", "known": "2024-01-07"}, ANN)


CHILD = """
import os, signal, sys
from datetime import date
from pathlib import Path
from forecast.coding.accept import Coder, Wanted, decide
from forecast.coding.reviewed import Decision
from forecast.coding.undo_log import Step, last_step, remember, take_back
from forecast.scenario.read import read_scenario

workspace, file, deadly, name, *numbers = sys.argv[1:]

def at(point):
    if point == deadly:
        os.kill(os.getpid(), signal.SIGKILL)

for number in numbers:
    wanted = [Wanted(int(number), Decision.ACCEPT)]
    decide(read_scenario(Path(workspace), "toy"), Path(file), wanted, Coder(name, date(2024, 2, 3)), at)
"""


def child(toy: Path, file: Path, deadly: str, name: str, *numbers: int) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", CHILD, str(toy), str(file), deadly, name, *map(str, numbers)]
    return subprocess.Popen(words, stderr=subprocess.PIPE)


@pytest.mark.parametrize("point", ["review: checked", "review: decided", "evidence: written", "review: marked"])
def test_a_review_killed_anywhere_is_taken_up_again_and_writes_the_report_once(toy: Path, file: Path, point: str):
    killed = child(toy, file, point, "ann", 1)
    assert killed.wait() == -signal.SIGKILL
    killed.communicate()
    read(toy)  # no file is half written
    decide(read(toy), file, [Wanted(1, ACCEPT)], ANN)
    assert [report.id for report in read(toy).reports if report.quote == MET.quote] == ["R5"]
    assert decisions(file)[1] == ("accept", "R5")


def test_two_reviewers_at_once_write_every_report_once_under_its_own_id(toy: Path, file: Path):
    running = [child(toy, file, "", name, 1, 2, 3) for name in ("ann", "bob")]
    ended = [(one.wait(), one.communicate()[1]) for one in running]
    assert [code for code, _ in ended] == [0, 0], ended
    reports = [report for report in read(toy).reports if report.quote]
    assert sorted(report.id for report in reports) == ["R5", "R6", "R7"]
    assert sorted(str(report.quote) for report in reports) == sorted(said.quote for said in ALL[:3])
    assert {decision for decision, _ in list(decisions(file).values())[:3]} == {"accept"}


def test_a_full_disk_loses_neither_the_old_file_nor_the_decision(
    toy: Path, file: Path, monkeypatch: pytest.MonkeyPatch
):
    before = evidence(toy)

    def full(*_: object) -> None:
        raise WorkspaceError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("forecast.coding.accept.replace_text", full)
        with pytest.raises(WorkspaceError, match="no space left"):
            decide(read(toy), file, [Wanted(1, ACCEPT)], ANN)
    assert evidence(toy) == before
    assert decisions(file)[1] == ("accept", None)


def test_comments_and_layout_of_the_evidence_file_stay(toy: Path, file: Path):
    path = toy / "scenarios/toy/evidence/reports.yaml"
    path.write_text("# coded by hand\n" + path.read_text() + "# the end\n")
    before = path.read_text()
    decide(read(toy), file, [Wanted(1, ACCEPT)], ANN)
    after = path.read_text()
    head, tail = before.split("# the end", 1)
    assert after.startswith(head)
    assert after.endswith("# the end" + tail)


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (["S01", "S02", "S21a"], "S22"),
        (["S001", "S009"], "S010"),
        (["R1", "R2", "note"], "R3"),
        (["alpha", "beta"], "S1"),
        (["E-07", "E-08", "X1"], "E-09"),
    ],
)
def test_a_new_report_is_called_as_the_file_calls_its_reports(toy: Path, file: Path, names: list[str], given: str):
    path = toy / "scenarios/toy/evidence/reports.yaml"
    lines = [f"  - {{id: {name}, claim: Claim {name}., asserted_as: background}}\n" for name in names]
    path.write_text("defaults: {source: paper}\nreports:\n" + "".join(lines))
    made = decide(read(toy), file, [Wanted(1, ACCEPT)], ANN)
    assert made.written is not None
    assert list(made.written.reports) == [given]


def test_a_statement_that_does_not_count_needs_no_indicator(toy: Path, file: Path):
    decide(read(toy), file, [Wanted(4, ACCEPT)], ANN)
    report = read(toy).reports[-1]
    assert (report.quote, report.denies, report.counts) == (DENIED.quote, True, False)


def test_marking_only_what_is_new_leaves_the_file_as_it_is(toy: Path, file: Path):
    mark(file, [Mark(2, LATER)])
    before = file.stat().st_mtime_ns
    decide(read(toy), file, [Wanted(2, LATER, {})], ANN)
    assert file.stat().st_mtime_ns == before
    assert FISH.quote in file.read_text()
