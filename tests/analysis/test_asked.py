"""The days on which questions were asked: what a table may hold, and every error with file and line."""

from dataclasses import replace
from datetime import date

import pytest

from forecast.analysis.replays.asked import read_asked, span_of
from forecast.analysis.replays.replay import Span
from forecast.analysis.replays.replay_document import replay_document
from forecast.errors import InputError
from forecast.scenario.read import read_scenario

from ..replays import TODAY, numbers, replay_toy
from ..workspaces import edit, write_toy


@pytest.fixture
def toy(tmp_path):
    return write_toy(tmp_path / "toy")


def read(toy, text):
    file = toy / "asked.csv"
    file.write_text(text)
    return read_asked(file, [read_scenario(toy, "toy")], TODAY)


def test_rows_are_questions_and_days_in_any_order_with_columns_of_your_own(toy):
    text = "as_of,note,question\n2024-02-03,x,dispute-2024\n\n2023-06-01,y,regime-2023\n 2024-01-05 ,z,dispute-2024\n"
    assert read(toy, text) == {
        ("dispute-2024", date(2024, 2, 3)),
        ("regime-2023", date(2023, 6, 1)),
        ("dispute-2024", date(2024, 1, 5)),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "asked.csv: the file is empty"),
        ("question,as_of\n", "asked.csv: there is no row below the header"),
        ("question,day\nregime-2023,2023-06-01\n", "asked.csv:1: the header needs the column 'as_of' exactly once"),
        ("question,as_of\nregime,2023-06-01\n", "asked.csv:2 question: Unknown question 'regime'.*regime-2023"),
        ("question,as_of\nregime-2023,June\n", "asked.csv:2 as_of: 'June' is not a day"),
        ("question,as_of\nregime-2023,2023-02-30\n", "asked.csv:2 as_of: '2023-02-30' is not a day of the calendar"),
        ("question,as_of\nregime-2023,2022-12-31\n", "asked.csv:2 as_of: 'regime-2023' cannot be asked on 2022-12-31"),
        ("question,as_of\nregime-2023,2023-07-02\n", "asked.csv:2 as_of: .* to 2023-07-01"),
        ("question,as_of\nregime-2025,2026-01-02\n", "asked.csv:2 as_of: 'regime-2025' cannot be asked on 2026-01-02"),
        ("question,as_of\n\nregime-2023\n", "asked.csv:3: 1 cells under 2 columns"),
        (
            "question,as_of\nregime-2023,2023-06-01\nregime-2023,2023-06-01\n",
            "asked.csv:3: this repeats line 2",
        ),
        ('question,as_of\n"regime-2023,2023-06-01\n', "asked.csv:2: this is not CSV"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(toy, text, said):
    with pytest.raises(InputError, match=said):
        read(toy, text)


def test_all_that_is_wrong_is_said_at_once(toy):
    with pytest.raises(InputError) as error:
        read(toy, "question,as_of\nregime,2023-06-01\nregime-2023,June\n")
    assert [finding.line for finding in error.value.findings()] == [2, 3]


def test_a_file_that_is_not_there_is_named(toy):
    with pytest.raises(InputError, match=r"asked\.csv: this file does not exist"):
        read_asked(toy / "asked.csv", [read_scenario(toy, "toy")], TODAY)


def test_a_span_and_a_file_exclude_each_other_and_one_is_needed(toy):
    rest = ("month", (), "smc")
    with pytest.raises(InputError, match="--to and --days exclude each other"):
        span_of([], None, "2024-01-01", *rest, toy / "asked.csv", TODAY)
    with pytest.raises(InputError, match=r"Missing option '--from'.*\n.*Missing option '--to'"):
        span_of([], None, None, *rest, None, TODAY)


def test_only_the_questions_of_the_file_are_scored_and_only_on_their_days(toy):
    """By hand: three rows, two of which were asked when the regime of July was asked; no automatic question."""
    edit(
        toy,
        "toy/resolutions.yaml",
        "dispute-2024:",
        "regime-2023: {outcome: durable, on: 2023-07-01, known: 2023-08-01, source: paper}\ndispute-2024:",
    )
    asked = read(toy, "question,as_of\nregime-2023,2023-05-20\nregime-2023,2023-06-11\ndispute-2024,2024-01-15\n")
    days = sorted(day for _, day in asked)
    made = replay_toy(toy, Span(days[0], days[-1], asked=asked))
    assert {day for _, day in numbers(toy)} == {"2023-05-20", "2023-06-11", "2024-01-15"}
    document = replay_document([made], [], TODAY)
    assert document["every"] == "days"
    assert document["automatic"] == []
    found = {(row["section"], row["model"]): row for row in document["scores"]}
    assert found.keys() == {(section, model) for section in ("state", "events") for model in ("v1", "v0")}
    assert found["state", "v1"]["n"] == 2
    assert found["events", "v1"]["n"] == 1
    # without the file the dispute is scored on all three days
    whole = replay_document([replace(made, span=replace(made.span, asked=frozenset()))], [], TODAY)
    assert {row["n"] for row in whole["scores"] if row["section"] == "events"} == {3}


def test_one_half_scores_a_quarter(toy):
    asked = read(toy, "question,as_of\ndispute-2024,2024-01-15\n")
    made = replay_toy(toy, Span(date(2024, 1, 15), date(2024, 1, 15), asked=asked))
    scores = {row["model"]: row for row in replay_document([made], [], TODAY)["scores"]}
    p = next(answer.p for answer in made.entries[0].forecast.answers if answer.question == "dispute-2024")
    assert scores["v1"]["skill_one_half"] == pytest.approx(1 - (1 - p) ** 2 / 0.25)
