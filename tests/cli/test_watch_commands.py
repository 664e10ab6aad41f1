"""`forecast watch`: what it prints, what it takes from the record, and how it refuses."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forecast.inference.stored_draws import DrawSource
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.words import SCALES, words

from ..workspaces import add_report, edit, never, records
from .conftest import Command, Ended

#: From `../shared/design/cli.md`, 'JSON', and what an analyst needs beside it; none may go.
ROW_KEYS = {
    "indicator", "kind", "watched", "settles", "p_seen", "p_if_seen", "p_if_not", "bits", "khat_seen", "khat_not",
    "words_if_seen", "words_if_not",
}  # fmt: skip
KEYS = {"question", "outcome", "p", "window", "rows", "tipping", "movement"}

AS_OF = ("--as-of", "2024-02-01")
REGIME = "toy/regime-2025:durable"

type Put = Callable[[Any], None]


@pytest.fixture
def unsampled(sampler: Put) -> None:
    sampler(never)


def test_json_is_one_document_with_the_promised_keys(command: Command, toy: Path, unsampled: None) -> None:
    ended = command("watch", REGIME, *AS_OF, "--json")
    document = ended.document
    assert ended.code == 0
    assert ended.err == ""
    assert set(document) >= KEYS
    assert all(set(row) >= ROW_KEYS for row in document["rows"])
    assert document["window"] == {"from": "2024-02-02", "to": "2024-05-31", "cut": False}
    assert {row["indicator"]: row["watched"] for row in document["rows"]} == {
        "meeting": True, "dispute": False, "threat": False,
    }  # fmt: skip
    for row in document["rows"]:
        total = row["p_seen"] * row["p_if_seen"] + (1 - row["p_seen"]) * row["p_if_not"]
        assert total == pytest.approx(document["p"], abs=1e-9)


def test_nothing_is_recorded_and_no_ledger_is_made(command: Command, toy: Path, unsampled: None) -> None:
    assert command("watch", REGIME, *AS_OF).code == 0
    assert not (toy / LEDGER_FILE).exists()


def test_text_shows_every_row_what_tips_and_how_far_it_moves(command: Command, toy: Path, unsampled: None) -> None:
    ended = command("watch", REGIME, *AS_OF)
    assert ended.code == 0
    assert max(map(len, ended.out.split("\n"))) <= 80
    assert "regime-2025: durable · toy as of 2024-02-01 · model v1" in ended.out
    assert "If one indicator is seen from 2024-02-02 to 2024-05-31, or is not:" in ended.out
    assert re.search(r"^dispute\* +0\.\d\d +0\.\d+ \D+0\.\d+ +\D*\d\.\d{3}$", ended.out, re.MULTILINE)
    assert re.search(r"^threat\+ ", ended.out, re.MULTILINE)
    assert "* not watched now: as if someone began to watch and saw everything" in ended.out
    assert "'very likely' with one of: dispute not seen, meeting seen" in ended.out
    assert "In 200 futures, p on 2024-05-31 lies between 0." in ended.out


def test_no_movement_draws_no_futures(command: Command, toy: Path, unsampled: None) -> None:
    document = command("watch", REGIME, *AS_OF, "--no-movement", "--json").document
    assert (document["movement"], document["unmoved"]) == (None, None)
    assert "futures" not in command("watch", REGIME, *AS_OF, "--no-movement").out


def test_csv_has_the_rows(command: Command, toy: Path, unsampled: None) -> None:
    lines = command("watch", REGIME, *AS_OF, "--csv").out.strip().split("\n")
    assert lines[0].startswith("indicator,kind,watched,settles")
    assert len(lines) == 4


def test_the_questions_own_indicator_stands_apart(command: Command, toy: Path, unsampled: None) -> None:
    document = command("watch", "toy/meeting-2024", *AS_OF, "--json").document
    assert [(row["indicator"], row["settles"]) for row in document["rows"]][-1] == ("meeting", True)
    assert document["rows"][-1]["p_if_seen"] == pytest.approx(1)
    out = command("watch", "toy/meeting-2024", *AS_OF, "--no-movement").out
    assert out.index("threat") < out.index("The question is about this indicator itself:") < out.index("\nmeeting")


def test_a_window_longer_than_the_question_is_cut_and_says_so(command: Command, toy: Path, unsampled: None) -> None:
    ended = command("watch", "toy/meeting-2024", *AS_OF, "--ahead", 20)
    assert "! the window is cut at 2024-12-31, the question's last day" in ended.out
    assert "to 2024-12-31, or is not" in ended.out


def test_where_nobody_has_searched_since_it_says_so(command: Command, toy: Path, unsampled: None) -> None:
    ended = command("watch", REGIME, "--as-of", "2024-08-01", "--no-movement")
    assert "nobody has searched since 2024-06-30: these numbers assume that" in ended.out


def test_a_recorded_forecast_is_computed_again_though_the_files_have_changed(
    command: Command, done: tuple[Path, str], unsampled: None
) -> None:
    workspace, forecast = done
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        recorded = {(row.question, row.outcome): row.p for row in ledger.entry(forecast).forecast.answers}
    before = command("watch", f"{forecast}/regime-2025:fragile", "--json").document
    assert before["forecast"] == forecast
    assert before["p"] == pytest.approx(recorded["regime-2025", "fragile"], abs=1e-12)
    add_report(
        workspace,
        "id: R9, indicator: dispute, event: quay, when: 2024-01-20, known: 2024-01-20, claim: Again., "
        "asserted_as: fact, grade: A1",
    )
    edit(workspace, "toy/models/v1.yaml", "tau: 0.5", "tau: 1")
    assert command("watch", f"{forecast}/regime-2025:fragile", "--json").document == before
    assert command("watch", "toy@latest/regime-2025:fragile", "--json").document == before
    assert command("watch", "toy/regime-2025:fragile", *AS_OF, "--json").document["p"] != before["p"]
    assert len(records(workspace)) == 3


def test_evidence_that_hardly_any_draw_of_the_prior_expects_is_answered(
    command: Command, toy: Path, unsampled: None
) -> None:
    """Ninety meetings in one month: particles are drawn for them, and nothing is marked."""
    for number in range(90):
        add_report(
            toy,
            f"id: M{number}, indicator: meeting, event: m{number}, when: 2024-01-{number % 28 + 1:02}, "
            "known: 2024-01-30, claim: They met., asserted_as: fact, grade: A1",
        )
    ended = command("watch", REGIME, *AS_OF, "--json")
    assert ended.code == 0
    assert ended.document["draws"]["method"] == "smc"
    assert ended.document["mcse"] < 0.01
    assert all(row["reliable"] for row in ended.document["rows"])


def test_draws_that_fail_their_diagnostics_are_a_refusal(
    command: Command, toy: Path, unsampled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = DrawSource.draws_for

    def doubtful(source: DrawSource, *rest: Any, **options: Any) -> Any:
        return replace(real(source, *rest, **options), problems=("islands differ",))

    monkeypatch.setattr(DrawSource, "draws_for", doubtful)
    ended = command("watch", REGIME, *AS_OF)
    assert (ended.code, ended.out) == (1, "")
    assert "model v1 as of 2024-02-01: islands differ." in ended.err


def test_the_answer_is_that_of_a_fresh_forecast(command: Command, toy: Path, unsampled: None) -> None:
    """The seed comes from model, evidence and day: no draws have to be stored for equal numbers."""
    watched = command("watch", REGIME, *AS_OF, "--no-movement", "--json").document
    answers = command("update", "toy", *AS_OF, "--json").document["answers"]
    (p,) = [row["p"] for row in answers if (row["question"], row["outcome"]) == ("regime-2025", "durable")]
    assert watched["p"] == p


def test_refit_is_accepted_and_says_that_it_does_nothing(command: Command, toy: Path, unsampled: None) -> None:
    plain = command("watch", REGIME, *AS_OF, "--no-movement", "--json")
    old = command("watch", REGIME, *AS_OF, "--no-movement", "--refit", "--json")
    assert old.document == plain.document
    assert old.err == "--refit is deprecated and does nothing: draws that fit the evidence are made where needed.\n"
    assert "--refit" not in command("watch", "--help").out


def error(ended: Ended) -> dict[str, str]:
    assert ended.code == 2
    found: dict[str, str] = json.loads(ended.out)["errors"][0]
    return found


@pytest.mark.parametrize(
    ("arguments", "message", "accepted"),
    [
        (
            ("toy/regime-2052", *AS_OF),
            "toy has no question 'regime-2052'; the nearest: regime-2025",
            "toy/QUESTION with",
        ),
        (("toy", *AS_OF), "which question of toy?", "toy/QUESTION with one of regime-2025, unbroken-2025"),
        (("toy/regime-2023", *AS_OF), "question 'regime-2023' of toy is closed as of 2024-02-01", "meeting-2024"),
        (("toy/dispute-2024", "--as-of", "2024-04-01"), "question 'dispute-2024' of toy is closed", "regime-2025"),
        (("toy/regime-2025:loose", *AS_OF), "question 'regime-2025' has no outcome 'loose'", "durable, fragile"),
        ((REGIME, *AS_OF, "--ahead", 0), "--ahead 0 is no number of steps ahead", "1 to 120"),
        ((REGIME, "--as-of", "2025-01-01"), "question's last day is the as-of date", "an earlier --as-of"),
        ((REGIME, *AS_OF, "--model", "v0"), "model v0 (base-rate) uses no evidence", "a version of another family"),
        (("toy@latest/regime-2025",), "no forecast of 'toy' is recorded", "toy/QUESTION"),
        (("fc-aaaa/regime-2025",), "fc-aaaa", ""),
        (("toy/regime 2025",), "names nothing", "SCENARIO"),
        ((REGIME, "--as-of", "yesterday"), "yesterday", "YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(
    command: Command, toy: Path, unsampled: None, arguments: tuple[Any, ...], message: str, accepted: str
) -> None:
    found = error(command("watch", *arguments, "--json"))
    assert message in found["message"]
    assert accepted in (found["accepted"] or "")
    assert not (toy / LEDGER_FILE).exists()


def test_a_recorded_forecast_takes_no_other_day_or_model(command: Command, done: tuple[Path, str]) -> None:
    for option in (AS_OF, ("--model", "v1")):
        found = error(command("watch", f"{done[1]}/regime-2025", *option, "--json"))
        assert found["message"] == f"{done[1]} has its own as-of date and model."
        assert found["accepted"] == "neither --as-of nor --model, or toy/QUESTION with them"


def test_a_closed_question_of_a_record_is_refused(command: Command, done: tuple[Path, str]) -> None:
    found = error(command("watch", f"{done[1]}/regime-2023", "--json"))
    assert f"question 'regime-2023' of {done[1]} is closed as of 2024-02-01" in found["message"]


def test_what_is_watched_is_worded_on_the_scale_asked_for_or_the_scenarios_own(
    command: Command, done: tuple[Path, str]
) -> None:
    arguments = ("watch", "toy/regime-2025:durable", "--as-of", "2024-02-01", "--no-movement")
    phia = command(*arguments, "--words", "phia", "--json").document
    assert phia["scale"] == "phia"
    assert phia["words"] == words(phia["p"], SCALES["phia"])
    for row in phia["rows"]:
        assert row["words_if_seen"] == words(row["p_if_seen"], SCALES["phia"])
        assert row["words_if_not"] == words(row["p_if_not"], SCALES["phia"])
    assert {tip["words"] for tip in phia["tipping"]} <= {words(tip["p"], SCALES["phia"]) for tip in phia["tipping"]}

    # of a forecast on record it is the scale of the files as they are now
    edit(done[0], "toy/scenario.yaml", "default_model: v1", "default_model: v1\nwords: phia")
    document = command("watch", f"{done[1]}/regime-2025", "--no-movement", "--json").document
    assert document["scale"] == "phia"
    assert "(PHIA)" in command("watch", f"{done[1]}/regime-2025", "--no-movement").out
