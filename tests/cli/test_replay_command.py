"""`forecast replay` on the command line: what it prints, its document, and what it says to bad input."""

import json

import pytest

from ..workspaces import exact, never

SPAN = ("--from", "2023-11-01", "--to", "2024-04-30")


@pytest.fixture
def replayed(command, toy, sampler):
    sampler(exact)
    command("replay", "toy", *SPAN, "--quiet")
    sampler(never)
    return command


def test_the_page_fits_and_says_what_a_replay_is(replayed):
    ended = replayed("replay", "toy", *SPAN, "--quiet")
    assert ended.code == 0
    assert max(len(line) for line in ended.out.splitlines()) <= 80
    assert "codebook, ranges and questions of" in ended.out
    assert "replays are never pooled with live forecasts" in ended.out
    for heading in ("as of", "regime-2025", "● p, │ 90% range", "automatic questions", "climatology"):
        assert heading in ended.out
    assert ended.err == ""


def test_the_document_has_rows_automatic_questions_scores_and_counts(replayed):
    document = replayed("replay", "toy", *SPAN, "--json").document
    assert document["fits"] + document["reweighted"] == 12
    days = ["2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]
    assert [row["as_of"] for row in document["days"]] == days
    assert {row["kind"] for row in document["rows"]} == {"replay"}
    assert {(row["as_of"], row["horizon"], row["outcome"]) for row in document["automatic"]} == {
        # by hand: the watch begins on 1 January and is searched to 30 June; a window of three months and a lag of
        # fourteen days fit after 31 January and 29 February only; nobody met
        ("2024-01-31", 3, "no"),
        ("2024-02-29", 3, "no"),
    }
    row = next(row for row in document["automatic"] if row["model"] == "v1")
    assert {"indicator", "horizon", "as_of", "p", "outcome"} <= row.keys()
    (table,) = [
        row for row in document["scores"] if (row["section"], row["model"], row["horizon"]) == ("automatic", "v1", None)
    ]
    p = [row["p"] for row in document["automatic"] if row["model"] == "v1"]
    assert table["brier"] == pytest.approx(sum(value**2 for value in p) / 2)
    assert (table["n"], table["brier_low"], table["brier_high"]) == (2, None, None)


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
