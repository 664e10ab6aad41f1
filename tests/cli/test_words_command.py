"""`forecast words`: which words hold, what is said of confidence, and what is refused."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from ..workspaces import DAY, edit, forecast_toy
from .conftest import LATER, Command

type Done = tuple[Path, str]

ANSWERS = [("regime-2025", "durable"), ("regime-2025", "fragile"), ("unbroken-2025", "yes"), ("meeting-2024", "yes")]


def test_every_open_answer_has_its_word_and_its_rating(command: Command, done: Done) -> None:
    ended = command("words", "toy", "--json")
    assert (ended.code, ended.err) == (0, "")
    found = [(row["question"], row["outcome"]) for row in ended.document["answers"]]
    assert found[:3] == ANSWERS[:3]
    assert {name for name, _ in found} == {"regime-2025", "unbroken-2025", "meeting-2024", "dispute-2024"}
    for row in ended.document["answers"]:
        assert row["confidence"]["rating"] in ("low", "moderate", "high")
        assert row["stable"] == all(test["survives"] for test in row["tests"])
    assert ended.document["scale"]["name"] == "ICD 203"
    assert ended.document["forecast"] == done[1]


def test_the_table_fits_and_names_the_scale(command: Command, done: Done) -> None:
    for scale, name in (("icd203", "ICD 203"), ("phia", "PHIA")):
        out = command("words", "toy", "--words", scale).out
        assert max(map(len, out.splitlines())) <= 80
        assert f"words of {name}" in " ".join(out.split())


def test_as_csv_there_is_a_row_for_every_answer(command: Command, done: Done) -> None:
    rows = list(csv.DictReader(io.StringIO(command("words", f"{done[1]}/regime-2025", "--csv").out)))
    assert [(row["question"], row["outcome"]) for row in rows] == ANSWERS[:2]
    assert set(rows[0]) == {"question", "outcome", "p", "word", "stable", "text", "confidence"}


def test_the_scenarios_own_scale_is_the_default_as_long_as_its_files_are_there(command: Command, done: Done) -> None:
    edit(done[0], "toy/scenario.yaml", "default_model: v1", "default_model: v1\nwords: phia")
    assert command("words", done[1], "--json").document["scale"]["id"] == "phia"
    (done[0] / "scenarios/toy/scenario.yaml").write_text("[")
    assert command("words", done[1], "--json").document["scale"]["id"] == "icd203"


def test_another_version_that_says_the_same_is_heard(command: Command, done: Done) -> None:
    path = done[0] / "scenarios/toy/models/v2.yaml"
    path.write_text("version: v2\nfamily: regime\nnotes: as v1\ntau: 0.49\n")
    forecast_toy(done[0], made_on=LATER, as_of=DAY, model="v2")
    row = command("words", f"{done[1]}/unbroken-2025", "--json").document["answers"][0]
    assert "the other versions agree: v2" in row["confidence"]["reasons"]


def test_a_retracted_forecast_says_so(command: Command, done: Done) -> None:
    command("ledger", "retract", done[1], "--reason", "coded wrongly")
    assert "it was retracted: coded wrongly" in command("words", done[1]).out


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("nowhere", "no forecast of 'nowhere' is recorded"),
        ("toy/nothing", "asks no question 'nothing'"),
        ("toy/unbroken-2025:maybe", "has no outcome 'maybe'"),
        ("toy/regime-2023", "regime-2023 is closed"),
        ("toy//x", "names nothing"),
    ],
)
def test_what_has_no_word_is_refused(command: Command, done: Done, ref: str, message: str) -> None:
    ended = command("words", ref)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


def test_the_latest_of_a_scenario_is_meant_by_its_name(command: Command, done: Done) -> None:
    later = forecast_toy(done[0], made_on=LATER, as_of=date(2024, 4, 10)).entry
    assert later is not None
    assert command("words", "toy/unbroken-2025", "--json").document["forecast"] == later.id
