"""`forecast explain` and `whatif`: what they print, as text, as JSON, as CSV, and what they refuse."""

import csv
import io
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from math import log
from pathlib import Path
from typing import Any

import pytest

from forecast.cli.why_commands import _print_explanation
from forecast.inference import smc, stored_draws
from forecast.words import SCALES, Scale, words

from ..workspaces import DAY, add_report, exact, forecast_toy
from .conftest import LATER, Command

#: From `../shared/design/cli.md`, 'JSON'.
EXPLAIN_KEYS = {"question", "outcome", "from", "to", "rows", "leave_one_out", "sensitivity", "reason"}
ROW_KEYS = {"kind", "label", "log_odds", "mcse", "p_after"}
ANSWER_KEYS = {"question", "outcome", "p", "mcse", "low", "high", "words"}

type Done = tuple[Path, str]


def narrow(text: str) -> bool:
    return max(map(len, text.splitlines())) <= 80


def test_explain_as_json_has_the_promised_keys_and_adds_up(command: Command, done: Done) -> None:
    ended = command("explain", "toy/unbroken-2025", "--json")
    document = ended.document
    assert ended.code == 0
    assert ended.err == ""
    assert set(document) >= EXPLAIN_KEYS
    assert all(set(row) >= ROW_KEYS for row in document["rows"])
    assert {row["by"] for row in document["leave_one_out"]} == {"event", "origin", "source"}
    assert all(set(row) >= {"by", "id", "p", "change_mcse"} for row in document["leave_one_out"])
    assert all(set(row) >= {"what", "p", "change_mcse"} for row in document["sensitivity"])
    p, q = document["to"]["p"], document["from"]["p"]
    total = log(p / (1 - p)) - log(q / (1 - q))
    assert sum(row["log_odds"] for row in document["rows"]) == pytest.approx(total, abs=1e-9)


def test_explain_prints_rows_bars_and_what_single_pieces_carry_within_80_columns(command: Command, done: Done) -> None:
    ended = command("explain", "toy/regime-2025:durable")
    assert ended.code == 0
    assert narrow(ended.out)
    for text in ("no evidence", "summit", "fish", "seaside", "█", "together", "another order", "without this source"):
        assert text in ended.out
    assert "--refit" not in ended.out


def test_explain_since_a_forecast_tells_what_is_new(command: Command, done: Done) -> None:
    workspace, first = done
    add_report(
        workspace, "id: R5, indicator: dispute, event: quota, when: 2024-01-22, known: 2024-01-23, claim: x, grade: A2"
    )
    second = forecast_toy(workspace, made_on=LATER, as_of=DAY, method="nuts").entry
    assert second is not None
    document = command("explain", f"{second.id}/unbroken-2025", "--since", first, "--json").document
    assert [row["label"] for row in document["rows"] if row["kind"] == "event"] == ["quota"]
    assert document["from"]["forecast"] == first
    assert document["to"]["forecast"] == second.id
    assert "quota" in command("explain", second.id, "--since", first).out


def test_a_retracted_forecast_is_explained_and_says_so(command: Command, done: Done) -> None:
    assert command("ledger", "retract", done[1], "--reason", "coded wrongly").code == 0
    assert f"{done[1]} was retracted: coded wrongly" in command("explain", f"{done[1]}/unbroken-2025").out


def test_explain_as_csv_is_the_rows(command: Command, done: Done) -> None:
    rows = list(csv.DictReader(io.StringIO(command("explain", "toy/unbroken-2025", "--csv").out)))
    assert [row["label"] for row in rows] == [
        "fish",
        "seaside",
        "summit",
        "silence of the watches",
        "noise of this forecast",
    ]
    assert all(float(row["p_after"]) > 0 for row in rows)


def test_a_closed_question_is_explained_by_its_reason(command: Command, done: Done) -> None:
    ended = command("explain", "toy/regime-2023")
    assert ended.code == 0
    assert "regime-2023 is over, and not resolved yet" in ended.out
    assert command("explain", "toy/regime-2023", "--json").document["rows"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain", "toy"), None),
        (("explain", "nowhere"), "no forecast of 'nowhere' is recorded"),
        (("explain", "toy/nothing"), "asks no question 'nothing'"),
        (
            ("explain", "toy/unbroken-2025", "--since", "earlier"),
            "no forecast of its model as of an earlier day was on record",
        ),
        (("explain", "toy/unbroken-2025", "--since", "ID"), "cannot be compared with itself"),
        (("explain", "toy/unbroken-2025", "--power-scaling", "--since", "fc-x"), "'fc-x' is in no log"),
        (("whatif", "toy", "--as-of", "2024-02-01"), "nothing is supposed"),
        (("whatif", "toy", "--drop", "R9", "--as-of", "2024-02-01"), "called 'R9'"),
        (("whatif", "toy", "--drop", "R1", "--as-of", "2020-02-01"), "before the start of toy"),
        (("whatif", "toy", "--drop", "R1", "--model", "v9"), "there is no model version 'v9'"),
        (("whatif", "nowhere", "--drop", "R1"), "nowhere"),
    ],
)
def test_bad_input_is_an_error_and_nothing_is_written(
    command: Command, done: Done, arguments: tuple[str, ...], message: str | None
) -> None:
    ended = command(*(word.replace("ID", done[1]) for word in arguments))
    if message is None:
        assert ended.code == 0  # the first open question
        assert "regime-2025" in ended.out
        return
    assert ended.code == 2
    assert message in ended.err
    assert ended.out == ""


def test_whatif_as_json_has_the_promised_keys(command: Command, done: Done) -> None:
    ended = command("whatif", "toy", "--as-of", DAY, "--drop", "fish", "--add", "dispute@2024-01-20", "--json")
    document = ended.document
    assert ended.code == 0
    assert set(document) >= {"today", "then", "same_draws", "edits"}
    for answer in (*document["today"], *document["then"]):
        assert set(answer) >= ANSWER_KEYS
    assert [(edit["option"], edit["text"]) for edit in document["edits"]] == [
        ("--drop", "fish"),
        ("--add", "dispute@2024-01-20"),
    ]


def test_whatif_prints_both_sides_within_80_columns(command: Command, done: Done) -> None:
    ended = command("whatif", "toy", "--as-of", DAY, "--grade", "fish=A1", "--watch", "dispute@2023-06-01")
    assert ended.code == 0
    assert narrow(ended.out)
    for text in (
        "event fish (1 report) graded A1 instead of C3",
        "detection 0.5 to 0.9",
        "today",
        "then",
        "Nothing was recorded",
    ):
        assert text in " ".join(ended.out.split())


def test_whatif_says_where_both_sides_have_their_own_draws(command: Command, done: Done) -> None:
    supposed = [
        word
        for month in range(1, 13)
        for day in ("03", "13", "23")
        for word in ("--add", f"dispute@2023-{month:02}-{day}=A1")
    ]
    arguments = ("whatif", "toy", "--as-of", DAY, "--watch", "dispute@2023-01-01=0.9-0.95", *supposed)
    document = command(*arguments, "--json").document
    assert document["same_draws"] is False
    ended = command(*arguments)
    assert ended.code == 0
    assert "each side has its own draws" in " ".join(ended.out.split())
    assert "same draws, reweighted" in " ".join(command("whatif", "toy", "--as-of", DAY, "--drop", "fish").out.split())


@pytest.mark.parametrize(
    "arguments", [("explain", "toy/unbroken-2025"), ("whatif", "toy", "--as-of", DAY, "--drop", "R1")]
)
def test_refit_is_accepted_hidden_and_said_to_do_nothing(
    command: Command, done: Done, arguments: tuple[object, ...]
) -> None:
    plain, ended = command(*arguments, "--json"), command(*arguments, "--json", "--refit")
    assert ended.code == 0
    assert ended.out == plain.out
    assert ended.err == "--refit is deprecated and does nothing: draws that fit the evidence are made where needed.\n"
    assert "--refit" not in command(arguments[0], "--help").out


def test_where_no_draws_are_good_enough_the_command_ends_with_one_and_the_reason(
    command: Command, done: Done, monkeypatch: pytest.MonkeyPatch, sampler: Callable[[Any], None]
) -> None:
    def divergent(*arguments: Any) -> Any:
        draws = exact(*arguments)
        return replace(draws, meta={**draws.meta, "divergences": 3})

    sampler(divergent)
    shutil.rmtree(done[0] / ".forecast/draws")
    monkeypatch.setattr(smc.Effort.__init__, "__defaults__", (80, 1))
    monkeypatch.setattr(smc, "MOST_PARTICLES", 80)
    monkeypatch.setattr(stored_draws, "MAX_SWEEPS", 1)
    for arguments in (
        ("explain", "toy/unbroken-2025"),
        ("words", "toy"),
        ("whatif", "toy", "--as-of", DAY, "--drop", "R1"),
    ):
        ended = command(*arguments)
        assert (ended.code, ended.out) == (1, "")
        assert re.search("model v1: .*(effective sample size|divergent transitions)", ended.err)
        assert "errors" in command(*arguments, "--json").document


def test_which_priors_matter_comes_from_arviz(command: Command, done: Done) -> None:
    document = command("explain", "toy/unbroken-2025", "--power-scaling", "--json").document
    found = {row["prior"]: row["sensitivity"] for row in document["power_scaling"]}
    # how long a regime lasts decides how probable it is that it lasts; which of two regimes follows is no question
    assert found["mean stays"] > 0.05
    assert "which regime follows which" not in found
    assert "the answer depends on it" in command("explain", "toy/unbroken-2025", "--power-scaling").out


def test_no_row_is_marked_approximate(command: Command, done: Done) -> None:
    out = command("explain", f"{done[1]}/unbroken-2025").out
    assert "~" not in out
    assert "approximate" not in out.lower()


def test_the_waterfall_is_drawn_too_where_that_is_asked_for(command: Command, done: Done) -> None:
    ended = command("explain", "toy/unbroken-2025", "--plot", "w.svg")
    assert (ended.code, ended.err) == (0, "drawn in w.svg\n")
    assert "silence of the watches" in Path("w.svg").read_text()


def test_a_closed_question_is_not_drawn_and_that_is_said(command: Command, done: Done) -> None:
    ended = command("explain", "toy/regime-2023", "--plot", "w.svg")
    assert ended.code == 1
    assert "nothing drawn: regime-2023 is over" in ended.err
    assert not Path("w.svg").exists()


def test_a_forecast_of_the_base_rate_version_is_explained_too(command: Command, toy: Path) -> None:
    # on record its model has no conditions, its draws have
    made = forecast_toy(toy, made_on=LATER, as_of=DAY, model="v0")
    assert made.entry is not None
    ended = command("explain", f"{made.entry.id}/unbroken-2025")
    assert ended.code == 0, ended.err


def test_explain_says_whether_the_word_holds_and_rates_the_evidence_apart(command: Command, done: Done) -> None:
    document = command("explain", "toy/unbroken-2025", "--json").document
    judged, rated = document["stability"], document["confidence"]
    # of these alternatives the same numbers stand above, where they are explained
    numbers = {f"without origin {row['id']}": row["p"] for row in document["leave_one_out"] if row["by"] == "origin"}
    numbers |= {row["what"]: row["p"] for row in document["sensitivity"]}
    assert {test["what"]: test["p"] for test in judged["tests"] if test["kind"] != "noise"} == numbers
    assert rated["rating"] == "low"
    assert "1 origin" in rated["reasons"]

    out = command("explain", "toy/unbroken-2025").out
    assert narrow(out)
    assert f"in words (ICD 203): {judged['text']} (" in out
    assert "confidence in the evidence base (not a probability): low" in out


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
def test_no_sentence_has_both_likelihood_and_confidence(command: Command, done: Done, scale: Scale) -> None:
    for verb in ("explain", "words"):
        out = command(verb, "toy/unbroken-2025", "--words", scale.id, *(["-q"] if verb == "words" else [])).out
        said = out[out.index("confidence in the evidence base") :].replace("which is no likelihood", "")
        assert not [band.term for band in scale.bands if band.term in said]


def test_a_closed_question_has_neither_word_nor_rating(command: Command, done: Done) -> None:
    document = command("explain", "toy/regime-2023", "--json").document
    assert (document["stability"], document["confidence"]) == (None, None)


def test_suppositions_are_worded_on_the_scale_asked_for(command: Command, done: Done) -> None:
    arguments = ("whatif", "toy", "--as-of", DAY, "--drop", "fish", "--words", "phia")
    ended = command(*arguments)
    assert "(PHIA)" in ended.out
    assert narrow(ended.out)
    document = command(*arguments, "--json").document
    assert document["scale"] == "phia"
    assert all(row["words"] == words(row["p"], SCALES["phia"]) for row in document["then"])


def test_noise_alone_makes_no_bar(command: Command, done: Done, capsys: pytest.CaptureFixture[str]) -> None:
    document = command("explain", "toy/unbroken-2025", "--json").document
    document["rows"] = [document["rows"][-1] | {"log_odds": 1e-17}]
    _print_explanation(document)
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("noise"))
    assert "|" in line
    assert "█" not in line
