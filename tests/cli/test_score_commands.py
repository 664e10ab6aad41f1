"""`forecast resolve` and `forecast score` from the outside."""

import csv
import io
import json

import pytest

from forecast.cli.pictures import band
from forecast.cli.score_tables import PICTURE

from ..workspaces import RESOLUTIONS


def file(workspace):
    return (workspace / "scenarios/toy/resolutions.yaml").read_text()


def test_a_resolution_that_is_written_is_seen_by_the_next_command(command, toy):
    words = ("meeting-2024", "--outcome", "yes", "--on", "2024-03-03", "--source", "R9", "--known", "2024-03-05")
    written = command("resolve", "toy", *words)
    assert (written.code, written.err) == (0, "")
    assert "meeting-2024: yes on 2024-03-03, known 2024-03-05 (R9)" in written.out
    assert file(toy) == (RESOLUTIONS + "meeting-2024: {outcome: yes, on: 2024-03-03, known: 2024-03-05, source: R9}\n")
    assert [row["question"] for row in command("resolve", "toy", "--json").document["resolved"]] == [
        "dispute-2024",
        "meeting-2024",
    ]


def test_a_wrong_resolution_says_everything_and_writes_nothing(command, toy):
    ended = command("resolve", "toy", "meeting-2024", "--outcome", "perhaps", "--on", "soon", "--json")
    assert ended.code == 2
    assert [row["key"] for row in ended.document["errors"]] == ["--outcome", "--on", "--source"]
    assert file(toy) == RESOLUTIONS


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("--outcome", "yes"), "--outcome"),
        (("meeting-2024", "--accept", "--source", "me"), "--source"),
        (
            ("meeting-2024", "--outcome", "yes", "--on", "2024-01-01", "--source", "me", "--as-of", "2024-01-01"),
            "--as-of",
        ),
        (("--as-of", "2999-01-01"), "--as-of"),
        (("--as-of", "soon"), "--as-of"),
    ],
)
@pytest.mark.usefixtures("toy")
def test_options_of_resolve_that_do_not_go_together_are_refused(command, words, key):
    ended = command("resolve", "toy", *words, "--json")
    assert (ended.code, ended.document["errors"][0]["key"]) == (2, key)


@pytest.mark.usefixtures("toy")
def test_questions_that_the_evidence_does_not_settle_say_why(command):
    ended = command("resolve", "toy", "--propose")
    assert "proposed by the evidence" in ended.out
    assert "the record must be searched to" in ended.out
    assert "dispute-2024" not in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


def test_an_oddity_is_said_on_standard_error(command, toy):
    ended = command("resolve", "toy", "meeting-2024", "--outcome", "no", "--on", "2024-05-05", "--source", "x")
    assert ended.code == 0
    assert "before the question's last day" in ended.err


def test_recorded_forecasts_are_scored_beside_what_happened(command, dprk):
    ended = command("-C", dprk, "score", "dprk-russia", "--json")
    assert ended.code == 0
    tables = {(table["kind"], table["section"], table["model"]) for table in ended.document["tables"]}
    assert tables == {("replay", "events", "v2"), ("replay", "stays", "v2"), ("replay", "state", "v2")}
    events = ended.document["tables"][0]
    # of the first replay 10 questions with two outcomes, all but those still open; of the second those not yet closed
    recorded = command("-C", dprk, "history", "dprk-russia", "--json").document["rows"]
    settled = {row["question"] for row in command("-C", dprk, "resolve", "dprk-russia", "--json").document["resolved"]}
    asked = [
        (row["question"], row["p"])
        for row in recorded
        if row["question"] in settled and not row["question"].startswith(("regime", "unbroken"))
    ]
    assert (events["n"], events["n_questions"]) == (len(asked), len({question for question, _ in asked}))
    yes = ("treaty-2024", "leaders-2024", "visits-2024", "troops-2025", "backing-2024")
    expected = sum((p - (question in yes)) ** 2 for question, p in asked) / len(asked)
    assert events["brier"] == pytest.approx(expected)
    assert ended.document["warnings"][0].startswith("replays used evidence as known then")


def test_as_of_an_earlier_day_nothing_was_over(command, dprk):
    ended = command("-C", dprk, "score", "--as-of", "2024-10-01")
    assert ended.code == 0
    assert "there is nothing to score" in ended.out
    assert "the question is not over" in ended.out


def test_scores_fit_the_terminal(command, dprk):
    ended = command("-C", dprk, "score")
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "replay · yes or no" in ended.out
    assert "in no headline" in ended.out
    assert "●" in ended.out


def test_scores_as_csv_have_a_row_for_every_part(command, dprk):
    rows = list(csv.DictReader(io.StringIO(command("-C", dprk, "score", "--csv").out)))
    assert {"kind", "section", "model", "by", "part", "n", "brier", "brier_low", "corp_miscalibration"} <= set(rows[0])
    assert {row["by"] for row in rows} == {"all", "horizon", "question_kind", "scenario"}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Two forecasts of which one gave no chance to what happened; no workspace is near."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.csv").write_text("question,outcome,p,made_on\na,yes,0.7,2024-01-01\nb,yes,0,2024-01-01\n")
    (tmp_path / "t.csv").write_text("question,outcome\na,yes\nb,yes\n")
    return ("score", "--forecasts", "f.csv", "--truth", "t.csv")


def test_files_are_scored_without_a_workspace(command, files):
    (table,) = command(*files, "--json").document["tables"]
    assert table["brier"] == pytest.approx((0.09 + 1) / 2)
    (table,) = command(*files, "--json", "--brier", "0-2").document["tables"]
    assert table["brier"] == pytest.approx(0.09 + 1)


def test_an_infinite_score_is_null_in_json_and_inf_elsewhere(command, files):
    (table,) = command(*files, "--json").document["tables"]
    assert (table["log_score"], table["n_impossible"]) == (None, 1)
    assert next(csv.DictReader(io.StringIO(command(*files, "--csv").out)))["log_score"] == "inf"
    printed = command(*files).out
    assert "inf" in printed.split()
    assert "1 forecasts gave no chance at all to what happened" in printed


def test_the_scale_of_brier_scores_is_always_named(command, files):
    assert "0 is right and 1 is wrong" in command(*files).out
    assert "0 is right and 2 is wrong (1950 form)" in command(*files, "--brier", "0-2").out
    assert command(*files, "--json").document["brier_scale"] == "0-1"


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("--truth", "t.csv", "--order", "a,b"), ["--truth", "--order"]),
        (("--forecasts", "f.csv"), ["--truth"]),
        (("toy", "--forecasts", "f.csv", "--truth", "t.csv", "--as-of", "2024-01-01"), ["SCENARIO", "--as-of"]),
    ],
)
@pytest.mark.usefixtures("files")
def test_options_of_score_that_do_not_go_together_are_refused(command, words, keys):
    ended = command("score", *words, "--json")
    assert (ended.code, [row["key"] for row in ended.document["errors"]]) == (2, keys)


def test_numbers_of_a_hub_are_printed(command, files):
    with open("f.csv", "w") as output, open("t.csv", "w") as oracle:  # noqa: PTH123 - two short files
        output.write("target,output_type,output_type_id,value\n")
        output.writelines(f"t,quantile,{level},{value}\n" for level, value in ((0.05, 1), (0.5, 2), (0.95, 3)))
        output.writelines(f"t,sample,{draw},{draw}\n" for draw in range(3))
        oracle.write("target,oracle_value\nt,2.5\n")
    printed = command(*files).out
    assert "WIS" in printed
    assert "CRPS" in printed
    assert json.loads(command(*files, "--json").out)["numbers"][0]["wis"] == pytest.approx((0.25 + 0.05 * 2) / 1.5)


def test_the_picture_marks_band_forecast_and_what_was_observed():
    text = band(low=0.25, high=0.75, middle=0.5, mark=1.0, width=PICTURE)
    assert len(text) == PICTURE
    assert (text[20], text[40], text[9:12], text[29:32]) == ("│", "●", " ──", "── ")


def test_a_model_version_that_is_nowhere_is_no_empty_score(command, done):
    ended = command("score", "toy", "--model", "nope")
    assert (ended.code, ended.out) == (2, "")
    assert "there is no model version 'nope'" in ended.err
