"""`forecast compare` as a user sees it: what is left out first, tables that fit, exit codes, bad input."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forecast.inference.stored_draws import DrawSource

from ..workspaces import edit, forecast_toy

type Command = Callable[..., Any]

DAY = "2024-06-30"


def test_the_tables_fit_and_say_what_is_compared(toy: Path, command: Command):
    ended = command("compare", "toy", "v1", "--as-of", DAY)

    assert (ended.code, ended.err.count("v1: prequential score")) == (0, 1)
    lines = ended.out.splitlines()
    assert lines[0] == "A toy alliance · as of 2024-06-30 · v0 (base-rate), v1 (regime)"
    assert all(len(line) <= 80 for line in lines)
    assert [line.split() for line in lines if line.startswith("family")] == [["family", "base-rate", "regime"]]
    assert "* differs from v0 by more than 4 combined Monte Carlo errors" in lines
    assert any(line.startswith("v1 ") and "+" in line for line in lines)
    assert "no standard error: fewer than eight blocks of steps fit" in lines
    assert "meeting" in ended.out
    # of the answers that are no state only yes is shown
    assert not any(line.split()[1:2] == ["no"] for line in lines if line.startswith("meeting-2024"))


def test_a_standard_error_from_few_events_is_doubted(toy: Path, command: Command):
    edit(toy, "toy/scenario.yaml", "step: month", "step: week")

    out = command("compare", "toy", "v1", "--as-of", "2024-04-30").out

    assert "standard error over time: moving blocks of 2 steps\n! with so few events it is too small" in out


def test_json_is_one_document_and_quiet(toy: Path, command: Command):
    ended = command("compare", "toy", "v1", "--as-of", DAY, "--json")

    assert (ended.code, ended.err) == (0, "")
    assert [row["model"] for row in ended.document["prequential"]] == ["v0", "v1"]


def test_the_seed_decides_the_numbers(toy: Path, command: Command):
    one, same, other = (
        command("compare", "toy", "v1", "--as-of", "2024-02-10", "--seed", seed, "--json").document["prequential"]
        for seed in (4, 4, 5)
    )

    assert one == same != other


def test_what_is_left_out_comes_first_with_its_reason(toy: Path, command: Command, monkeypatch: pytest.MonkeyPatch):
    real = DrawSource.draws_for

    def doubtful(source: DrawSource, model: Any, *rest: Any, **options: Any) -> Any:
        found = real(source, model, *rest, **options)
        return replace(found, problems=("islands differ",)) if model.version == "v1" else found

    monkeypatch.setattr(DrawSource, "draws_for", doubtful)
    ended = command("compare", "toy", "v1", "--as-of", DAY)

    lines = ended.out.splitlines()
    assert ended.code == 1
    assert lines[1] == "! no answers and no check of v1: islands differ"
    assert lines[2] == "! no prequential score of v1: islands differ, in the step from 2024-01-01"
    assert "~" not in ended.out
    assert next(line.split() for line in lines if line.startswith("v1 ")) == ["v1", "-", "-", "-", "-"]
    assert [line.split()[-1] for line in lines if line.startswith("regime-2025")] == ["-"]


def test_a_misfit_is_an_exit_code_and_a_line(toy: Path, command: Command):
    edit(toy, "toy/indicators.yaml", "detection: [0.7, 0.95]", "detection: [0.95, 0.99]")
    for number in range(60):
        when = f"2024-{number // 14 + 1:02}-{number % 14 + 1:02}"
        report = f"id: M{number}, indicator: meeting, when: {when}, known: {when}, coded_on: 2024-07-01"
        path = toy / "scenarios/toy/evidence/reports.yaml"
        path.write_text(path.read_text() + f"  - {{{report}, claim: x, asserted_as: fact, grade: A1}}\n")

    ended = command("compare", "toy", "v1", "--as-of", DAY)

    assert ended.code == 1
    assert "MISFIT: v0 hardly ever simulates what its watches saw: all its regimes may be" in ended.out
    assert not any(line.startswith("!") for line in ended.out.splitlines())


def test_log_evidence_is_shown_as_a_diagnostic_of_each_version(toy: Path, command: Command):
    ended = command("compare", "toy", "v1", "--as-of", DAY)

    text = " ".join(ended.out.split())
    shown = re.search(r"log evidence: v1 (-?\d+\.\d\d) \(Monte Carlo error (\d\.\d\d)\): a diagnostic of each", text)
    assert shown is not None
    assert "v0 -" not in text[shown.start() : shown.end()]
    row = command("compare", "toy", "v1", "--as-of", DAY, "--json").document["draws"][1]
    assert shown.group(1) == f"{row['log_evidence']:.2f}"


def test_refit_is_accepted_and_says_that_it_does_nothing(toy: Path, command: Command):
    plain = command("compare", "toy", "v1", "--as-of", DAY, "--json")
    old = command("compare", "toy", "v1", "--as-of", DAY, "--refit", "--json")

    assert (old.code, old.err) == (
        0,
        "--refit is deprecated and does nothing: draws that fit the evidence are made where needed.\n",
    )
    assert {key: old.document[key] for key in ("answers", "prequential", "check")} == {
        key: plain.document[key] for key in ("answers", "prequential", "check")
    }
    assert "--refit" not in command("compare", "--help").out


def test_without_a_common_watch_the_score_is_said_to_be_missing(toy: Path, command: Command):
    edit(toy, "toy/indicators.yaml", "meeting:\n    watch:", "meeting:\n    watch: []\n    cues: []\n  #")

    ended = command("compare", "toy", "v1", "--as-of", DAY)

    assert ended.code == 0
    assert "prequential log score: none, since no indicator is watched in all these versions" in ended.out
    assert "predictive check: nothing is watched" in ended.out
    assert "regime-2025" in ended.out


def test_recorded_forecasts_are_scored(toy: Path, command: Command):
    edit(toy, "toy/scenario.yaml", "2024-12-31], settled_by: truth", "2024-03-31], settled_by: truth")
    for version in ("v0", "v1"):
        forecast_toy(toy, made_on=date(2026, 1, 1), as_of=date(2024, 2, 1), model=version)

    ended = command("compare", "toy", "v1", "--as-of", DAY)

    rows = [line.split() for line in ended.out.splitlines() if line.startswith("replay")]
    assert [(row[4], row[5]) for row in rows] == [("v0", "1"), ("v1", "1")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("toy", "V1"), "there is no model version 'V1'; did you mean 'v1'?"),
        (("toy", "v0"), "nothing to compare v0 with"),
        (("toy", "v0", "v0"), "nothing to compare v0 with"),
        (("toy",), "Missing argument"),
        (("nowhere", "v1"), "nowhere"),
        (("toy", "v1", "--as-of", "2022-01-01"), "before the start of toy"),
        (("toy", "v1", "--as-of", "2124-01-01"), "in the future"),
        (("toy", "v1", "--as-of", "June"), "accepted: YYYY-MM-DD"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_refused(arguments: tuple[str, ...], says: str, toy: Path, command: Command):
    ended = command("compare", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert not (toy / ".forecast").exists()
