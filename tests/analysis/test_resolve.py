"""Resolutions are checked whole, written without touching the rest of the file, and read back."""

from datetime import date

import pytest

from forecast.analysis.scoring.resolve import Resolving, resolutions_document, resolve, resolve_proposed
from forecast.errors import InputError
from forecast.scenario.read import read_scenario

from ..workspaces import RESOLUTIONS, add_report, edit, write_toy

TODAY = date(2026, 1, 1)

MEETING = (
    "id: R9, indicator: meeting, event: second-summit, when: 2024-03-03, known: 2024-03-03, coded_on: 2024-03-04, "
    "claim: They met., asserted_as: fact, grade: A1"
)


@pytest.fixture
def toy(tmp_path):
    return write_toy(tmp_path)


def read(workspace):
    return read_scenario(workspace, "toy")


def file(workspace):
    return (workspace / "scenarios/toy/resolutions.yaml").read_text()


def test_a_resolution_is_added_and_every_other_byte_stays(toy):
    edit(toy, "toy/resolutions.yaml", RESOLUTIONS, f"# by two readers\n{RESOLUTIONS}")
    wanted = Resolving("regime-2025", "durable", "2025-01-01", "two readers", "2025-02-01", "agreed: at once")
    (document,) = resolve(read(toy), wanted, TODAY)["written"]
    assert file(toy) == (
        f"# by two readers\n{RESOLUTIONS}"
        "regime-2025: {outcome: durable, on: 2025-01-01, known: 2025-02-01, source: two readers, "
        'note: "agreed: at once"}\n'
    )
    assert document == {
        "question": "regime-2025",
        "outcome": "durable",
        "on": "2025-01-01",
        "known": "2025-02-01",
        "source": "two readers",
        "note": "agreed: at once",
        "file": "scenarios/toy/resolutions.yaml",
        "warnings": [],
    }


def test_known_defaults_to_the_day_and_an_annulment_is_a_resolution(toy):
    resolve(read(toy), Resolving("unbroken-2025", "annulled", "2025-01-01", "no agreement"), TODAY)
    row = read(toy).resolutions["unbroken-2025"]
    assert (row.outcome, row.known) == ("annulled", date(2025, 1, 1))


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_written(toy):
    wanted = Resolving("regime-2025", "durabel", "2027-01-01", " ", "2024-13-01")
    with pytest.raises(InputError) as error:
        resolve(read(toy), wanted, TODAY)
    assert [(finding.key, finding.message) for finding in error.value.findings()] == [
        ("--outcome", "'durabel' is no outcome of regime-2025; did you mean 'durable'?"),
        ("--on", "2027-01-01 is in the future"),
        ("--known", "'2024-13-01' is not a day of the calendar"),
        ("--source", "a resolution needs its source"),
    ]
    assert error.value.findings()[0].accepted == "durable, fragile, annulled"
    assert file(toy) == RESOLUTIONS


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            Resolving("meeting-2025", "yes", "2024-05-05", "x"),
            "no question 'meeting-2025'; did you mean 'meeting-2024'",
        ),
        (Resolving("meeting-2024", "durable", "2024-05-05", "x"), "'durable' is no outcome of meeting-2024"),
        (Resolving("meeting-2024", None, None, None), "no outcome"),
        (Resolving("meeting-2024", "yes", "2024-05-05", "x\x07"), r"--source: the text .* control character U\+0007"),
        (Resolving("meeting-2024", "yes", "2024-05-05", "x", None, "\0"), r"--note: the text .* U\+0000"),
        (Resolving("meeting-2024", "yes", "2024-05-05", "x", "2024-05-04"), "before it happened on 2024-05-05"),
        (
            Resolving("dispute-2024", "no", "2024-12-31", "x"),
            r"resolved already, 'yes' \(scenarios/toy/resolutions.yaml:1\)",
        ),
    ],
)
def test_what_cannot_be_is_refused(toy, wanted, message):
    with pytest.raises(InputError, match=message):
        resolve(read(toy), wanted, TODAY)
    assert file(toy) == RESOLUTIONS


def test_another_resolution_takes_the_place_of_one_only_if_asked_to(toy):
    resolve(read(toy), Resolving("dispute-2024", "no", "2024-12-31", "second thoughts"), TODAY, replace=True)
    assert read(toy).resolutions["dispute-2024"].outcome == "no"
    assert list(read(toy).resolutions) == ["dispute-2024"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        # the question is about 1 January 2025; the meeting's window begins with 2024; the tie must last until 2025
        (Resolving("regime-2025", "durable", "2024-11-24", "x"), "--on: 'durable' on 2024-11-24, before .* last day"),
        (Resolving("meeting-2024", "yes", "2023-12-01", "x"), "--on: settled on 2023-12-01, before .* window begins"),
        (Resolving("meeting-2024", "yes", "2025-02-01", "x"), "--on: it happened on 2025-02-01, after .* window ended"),
        (Resolving("unbroken-2025", "yes", "2024-05-01", "x"), "--on: 'yes' on 2024-05-01, before .* last day"),
    ],
)
def test_nothing_is_settled_on_a_day_on_which_it_cannot_be(toy, wanted, message):
    before = file(toy)
    with pytest.raises(InputError, match=message):
        resolve(read(toy), wanted, TODAY)
    assert file(toy) == before


def test_what_check_finds_odd_is_said_after_writing(toy):
    (document,) = resolve(read(toy), Resolving("meeting-2024", "no", "2024-05-05", "x"), TODAY)["written"]
    assert document["warnings"] == ["'no' on 2024-05-05, before the question's last day, 2024-12-31"]


def test_a_proposal_is_written_when_somebody_accepts_it(toy):
    add_report(toy, MEETING)
    (document,) = resolve_proposed(read(toy), TODAY, "meeting-2024")["written"]
    assert (document["outcome"], document["on"], document["source"]) == ("yes", "2024-03-03", "R9")
    assert read(toy).resolutions["meeting-2024"].known == date(2024, 3, 3)
    assert resolve_proposed(read(toy), TODAY)["written"] == []


def test_all_proposals_can_be_accepted(toy):
    add_report(toy, MEETING)
    document = resolve_proposed(read(toy), TODAY)
    assert [row["question"] for row in document["written"]] == ["meeting-2024"]
    assert [row["question"] for row in document["resolved"]] == ["dispute-2024", "meeting-2024"]
    assert document["proposed"] == []


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("meeting-2024", "must be searched to 2025-01-14 first"),
        ("regime-2025", "people judge it with the codebook"),
        ("dispute-2024", "resolved already, 'yes'"),
        ("nothing", "there is no question 'nothing'"),
    ],
)
def test_what_is_not_proposed_cannot_be_accepted(toy, question, why):
    with pytest.raises(InputError, match=why):
        resolve_proposed(read(toy), TODAY, question)
    assert file(toy) == RESOLUTIONS


def test_the_document_lists_what_is_settled_proposed_and_open(toy):
    add_report(toy, MEETING)
    document = resolutions_document(read(toy), TODAY)
    assert document["resolved"] == [
        {
            "question": "dispute-2024",
            "outcome": "yes",
            "on": "2024-02-10",
            "known": "2024-03-15",
            "source": "paper",
            "note": None,
        }
    ]
    assert document["proposed"] == [
        {"question": "meeting-2024", "outcome": "yes", "on": "2024-03-03", "known": "2024-03-03", "source": "R9"}
    ]
    assert [row["question"] for row in document["undecided"]] == ["regime-2025", "unbroken-2025", "regime-2023"]
