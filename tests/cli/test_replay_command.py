"""`forecast replay` on the command line: what it prints, its document, and what it says to bad input."""

import json
import shutil
from datetime import date

import pytest

from forecast.analysis.replays.replay import Span

from ..replays import replay_toy
from ..workspaces import never, write_toy

SPAN = ("--from", "2023-11-01", "--to", "2024-04-30")


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The toy with the span on record; not to be written to."""
    workspace = write_toy(tmp_path_factory.mktemp("replayed"))
    replay_toy(workspace, Span(date(2023, 11, 1), date(2024, 4, 30)))
    return workspace


@pytest.fixture
def replayed(command, once, tmp_path, monkeypatch, sampler):
    """The command, in a copy of it."""
    shutil.copytree(once, tmp_path / "toy")
    monkeypatch.chdir(tmp_path / "toy")
    sampler(never)
    return command


def test_the_page_fits_and_says_what_a_replay_is(replayed):
    ended = replayed("replay", "toy", *SPAN, "--quiet")
    assert ended.code == 0
    assert max(len(line) for line in ended.out.splitlines()) <= 80
    assert "codebook, ranges and questions of" in ended.out
    assert "replays are never pooled with live forecasts" in ended.out
    for heading in ("as of", "regime-2025", "● p, │ 90% range", "automatic questions", "shrunk", "one half"):
        assert heading in ended.out
    assert ended.err == ""


def test_the_document_has_rows_automatic_questions_scores_and_counts(replayed):
    document = replayed("replay", "toy", *SPAN, "--json").document
    assert (document["from_prior"], document["moved"]) == (2, 10)
    days = ["2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]
    assert [row["as_of"] for row in document["days"]] == days
    assert {row["kind"] for row in document["rows"]} == {"replay"}
    watched = [row for row in document["automatic"] if row["watched"]]
    assert {(row["indicator"], row["as_of"], row["horizon"], row["outcome"]) for row in watched} == {
        # by hand: the watch begins on 1 January and is searched to 30 June; a window of three months and a lag of
        # fourteen days fit after 31 January and 29 February only; nobody met
        ("meeting", "2024-01-31", 3, "no"),
        ("meeting", "2024-02-29", 3, "no"),
    }
    unwatched = [row for row in document["automatic"] if not row["watched"]]
    assert {(row["indicator"], row["as_of"], row["horizon"], row["outcome"]) for row in unwatched} == {
        # sixty days after a window of three months: until the end of April; meetings are watched from January on
        *(("dispute", day, 3, "no") for day in days[:3]),
        *(("meeting", day, 3, "no") for day in days[:2]),
    }
    assert {row["one_half"] for row in document["automatic"]} == {0.5}
    assert all(0 < row["shrunk_climatology"] < 1 for row in document["automatic"])
    (table,) = [
        row for row in document["scores"] if (row["section"], row["model"], row["horizon"]) == ("automatic", "v1", None)
    ]
    p = [row["p"] for row in watched if row["model"] == "v1"]
    brier = sum(value**2 for value in p) / 2
    assert table["brier"] == pytest.approx(brier)
    # what did not happen got one half, 1 / (0 + 2): a Brier score of a quarter, as the climatology's on its first day
    assert table["skill_one_half"] == pytest.approx(1 - brier / 0.25)
    shrunk = sum(row["shrunk_climatology"] ** 2 for row in watched if row["model"] == "v1") / 2
    assert table["skill_shrunk"] == pytest.approx(1 - brier / shrunk)
    assert (table["n"], table["brier_low"], table["brier_high"]) == (2, None, None)


def test_progress_goes_to_stderr_line_by_line_also_where_the_document_goes_to_a_file(command, toy, sampler):
    sampler(never)
    ended = command("replay", "toy", "--from", "2024-01-01", "--to", "2024-02-29", "--json")
    assert ended.document["moved"] == 2
    assert [line.split("] ")[1] for line in ended.err.splitlines()] == [
        "toy v1 2024-01-31 (1 of 4)",
        "toy v1 2024-02-29 (2 of 4)",
        "toy v0 2024-01-31 (3 of 4)",
        "toy v0 2024-02-29 (4 of 4)",
    ]


def test_days_of_a_file_are_replayed_and_its_questions_scored(command, toy, sampler):
    sampler(never)
    (toy / "asked.csv").write_text("question,as_of\ndispute-2024,2024-01-15\n")
    ended = command("replay", "toy", "--days", "asked.csv", "--quiet")
    assert ended.code == 0
    assert "on the days of a file" in ended.out
    assert "settled by a record or a search" in ended.out
    assert "automatic questions: is it" not in ended.out
    assert [row["as_of"] for row in command("replay", "toy", "--days", "asked.csv", "--json").document["days"]] == [
        "2024-01-15"
    ]


def test_what_is_wrong_with_a_file_of_days_is_named_by_line(command, toy):
    (toy / "asked.csv").write_text("question,as_of\nwar,2024-01-15\n")
    ended = command("replay", "toy", "--days", "asked.csv")
    assert ended.code == 2
    assert "asked.csv:2 question: Unknown question 'war'" in ended.err
    assert not (toy / ".forecast").exists()


def test_scores_stay_apart_by_who_judges(replayed):
    sections = [row["section"] for row in replayed("replay", "toy", *SPAN, "--json").document["scores"]]
    assert "events" in sections
    assert "live" not in sections


def test_csv_is_the_rows(replayed):
    lines = replayed("replay", "toy", *SPAN, "--csv").out.splitlines()
    assert lines[0].startswith("scenario,forecast,as_of,made_at,kind,model,question,outcome,p")
    assert len(lines) > 12


def test_a_chart_of_what_is_asked_for_or_the_names_that_are_accepted(replayed):
    assert "meeting-2024:yes, model v1" in replayed("replay", "toy", *SPAN, "-q", "--chart", "meeting-2024").out
    wrong = replayed("replay", "toy", *SPAN, "-q", "--chart", "nothing", "--chart", "meeting-2024:maybe")
    assert wrong.code == 2
    assert "no question 'nothing' to draw" in wrong.err
    assert "no outcome 'meeting-2024:maybe' to draw" in wrong.err
    assert "meeting-2024" in wrong.err
    assert wrong.out == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "2022-01-01", "--to", "2024-01-31"), "before the start of toy"),
        (("--from", "2023-05-01", "--to", "2099-01-31"), "is in the future"),
        (("--from", "2024-05-01", "--to", "2023-01-31"), "is after 2023-01-31"),
        (("--from", "May", "--to", "2023-12-31"), "'May' is not a day"),
        ((*SPAN, "--model", "v9"), "v9"),
        ((*SPAN, "--jobs", "0"), "0 processes cannot work"),
        ((*SPAN, "--on", "here"), "'here' is no address"),
        (SPAN[:2], "Missing option '--to'"),
        ((*SPAN, "--days", "asked.csv"), "--from and --days exclude each other"),
    ],
)
def test_bad_input_ends_with_two_and_writes_nothing(command, toy, sampler, options, said):
    sampler(never)
    ended = command("replay", "toy", *options)
    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""
    assert not (toy / ".forecast").exists()
    as_json = command("replay", "toy", *options, "--json")
    assert said in json.dumps(as_json.document["errors"], ensure_ascii=False)
