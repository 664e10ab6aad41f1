"""The whole comparison on the toy: which versions are compared, what identical versions show, what is left out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast.analysis.versions.compare import compare, compared_versions
from forecast.errors import InputError
from forecast.inference.posterior import Sampler
from forecast.inference.reweight import prior_draws, weigh
from forecast.inference.stored_draws import DrawSource
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger
from forecast.model.arrays import arrays
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set
from forecast.model.version import settings
from forecast.scenario.read import read_scenario

from ..builders import make_scenario
from ..workspaces import CODEBOOK, add_report, edit, forecast_toy, never, write_toy

#: Half a year into the watch of meetings, on the last day that was searched.
DAY = date(2024, 6, 30)
TODAY = date(2024, 7, 1)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The toy with two meetings in the watch and a version `v2` that is `v1` under another name."""
    folder = write_toy(tmp_path)
    models = folder / "scenarios/toy/models"
    (models / "v2.yaml").write_text((models / "v1.yaml").read_text().replace("version: v1", "version: v2"))
    meeting(folder, "R5", "2024-02-20")
    meeting(folder, "R6", "2024-05-02")
    return folder


def meeting(folder: Path, name: str, day: str) -> None:
    """Add a good report of a meeting, known on the day."""
    when = f"when: {day}, known: {day}, coded_on: 2024-07-01"
    add_report(folder, f"id: {name}, indicator: meeting, {when}, claim: x, asserted_as: fact, grade: A1")


def compared(
    folder: Path, *names: str, as_of: date = DAY, sampler: Sampler = never, **options: Any
) -> Mapping[str, Any]:
    with open_ledger(folder / LEDGER_FILE, read_only=True) as ledger:
        return compare(read_scenario(folder, "toy"), names, as_of, TODAY, ledger, sampler=sampler, **options)


def by_model(rows: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {row["model"]: row for row in rows}


def test_the_benchmark_is_always_among_the_versions_and_first():
    scenario = make_scenario(families={"a": "regime", "v0": "base-rate", "flat": "base-rate", "b": "static"})

    assert compared_versions(scenario, ["b", "a", "b"]) == ["v0", "b", "a"]
    assert compared_versions(scenario, ["a", "v0"]) == ["v0", "a"]
    assert compared_versions(scenario, ["a"]) == ["v0", "a"]
    assert compared_versions(scenario, ["flat"]) == ["v0", "flat"]
    only = make_scenario(families={"a": "regime", "flat": "base-rate"})
    assert compared_versions(only, ["a"]) == ["flat", "a"]
    assert compared_versions(make_scenario(families={"a": "regime", "b": "static"}), ["b", "a"]) == ["b", "a"]


def test_nothing_to_compare_with_and_unknown_versions_are_refused():
    scenario = make_scenario(families={"a": "regime", "b": "static"})
    with pytest.raises(InputError, match=r"nothing to compare a with\. Accepted: another version: b"):
        compared_versions(scenario, ["a", "a"])
    with pytest.raises(InputError, match="there is no model version 'A'; did you mean 'a'"):
        compared_versions(scenario, ["b", "A"])
    with pytest.raises(InputError, match=r"nothing to compare v1 with\. Accepted: a second file in models/"):
        compared_versions(make_scenario(), ["v1"])


def test_days_before_the_start_and_to_come_are_refused(workspace: Path):
    with pytest.raises(InputError, match="before the start of toy"):
        compared(workspace, "v1", as_of=date(2022, 12, 31))
    with pytest.raises(InputError, match="2024-07-02 is in the future"):
        compared(workspace, "v1", as_of=date(2024, 7, 2))


def test_identical_versions_differ_in_nothing(workspace: Path):
    edit(workspace, "toy/models/v0.yaml", "family: base-rate", "family: regime")
    edit(workspace, "toy/models/v0.yaml", "notes: benchmark", "notes: benchmark\ntau: 0.5")

    document = compared(workspace, "v1", "v2", "v0", seed=3)

    assert document["benchmark"] is None
    assert document["settings"] == []
    assert [row["apart"] for row in document["answers"]] == [[]] * len(document["answers"])
    for row in document["prequential"]:
        assert (row["difference"], row["n_steps"]) == (0.0, 6)
        assert row["log_score"] == document["prequential"][0]["log_score"]
    assert {row["difference"] for row in document["by_indicator"]} == {0.0}


def test_identical_versions_have_a_standard_error_of_zero_where_there_is_one(workspace: Path):
    edit(workspace, "toy/indicators.yaml", "from: 2024-01-01", "from: 2023-01-01")

    document = compared(workspace, "v1", "v2")
    rows = by_model(document["prequential"])

    assert document["block_steps"] == 2
    assert rows["v1"]["n_steps"] == 18
    assert rows["v0"]["se"] == 0.0
    assert rows["v1"]["se"] == rows["v2"]["se"] > 0.0
    # against v1 instead: a workspace without the benchmark
    (workspace / "scenarios/toy/models/v0.yaml").unlink()
    rows = by_model(compared(workspace, "v1", "v2")["prequential"])
    assert (rows["v2"]["difference"], rows["v2"]["se"]) == (0.0, 0.0)


def test_answers_are_those_of_update_and_marked_where_they_differ(workspace: Path):
    made = forecast_toy(workspace, made_on=DAY)

    document = compared(workspace, "v1")
    rows = {(row["question"], row["outcome"]): row for row in document["answers"]}

    for answer in made.forecast.answers:
        if answer.p is not None:
            assert rows[answer.question, answer.outcome]["p"]["v1"] == pytest.approx(answer.p, rel=1e-12)
            assert rows[answer.question, answer.outcome]["mcse"]["v1"] == pytest.approx(answer.mcse, rel=1e-9)
    drawn = by_model(document["draws"])["v1"]
    assert (drawn["method"], drawn["from"], drawn["khat"]) == ("smc", made.forecast.fit, None)
    assert drawn["problems"] == []
    row = rows["regime-2025", "durable"]
    # the rule, by hand
    apart = abs(row["p"]["v0"] - row["p"]["v1"]) > 4 * (row["mcse"]["v0"] ** 2 + row["mcse"]["v1"] ** 2) ** 0.5
    assert apart
    assert (row["differs"], row["apart"]) == (True, [["v0", "v1"]])
    assert ("dispute-2024", "yes") not in rows  # resolved by then


@pytest.fixture
def crowded(workspace: Path) -> Iterator[Path]:
    """The toy with so many meetings that hardly any draw of the prior expects them."""
    edit(workspace, "toy/indicators.yaml", "detection: [0.7, 0.95]", "detection: [0.95, 0.99]")
    for number in range(60):
        meeting(workspace, f"M{number}", f"2024-{number // 14 + 1:02}-{number % 14 + 1:02}")
    return workspace


def test_counts_that_hardly_any_draw_of_the_prior_expects_are_scored_without_marks(crowded: Path):
    document = compared(crowded, "v1")

    assert all(row["problems"] == [] for row in (*document["draws"], *document["prequential"]))
    for row in document["prequential"]:
        assert row["mcse"] < 0.2
    # v0 learns nothing and goes on to expect three a year, v1 does
    rows = by_model(document["prequential"])
    assert rows["v1"]["difference"] > 50
    assert rows["v1"]["log_score"] == pytest.approx(sum(step["log_score"]["v1"] for step in document["by_step"]))


def test_a_comparison_is_a_function_of_files_and_seed_and_not_of_stored_draws(workspace: Path):
    before = compared(workspace, "v1")
    forecast_toy(workspace, made_on=DAY)
    after = compared(workspace, "v1")

    for key in ("prequential", "by_indicator", "by_step"):
        assert after[key] == before[key]
    # stored draws answer: other draws, so equal up to their errors
    for one, other in zip(before["answers"], after["answers"], strict=True):
        error = (one["mcse"]["v1"] ** 2 + other["mcse"]["v1"] ** 2) ** 0.5
        assert abs(one["p"]["v1"] - other["p"]["v1"]) < 4 * error


def test_log_evidence_is_that_of_each_versions_own_draws_and_the_benchmark_has_none(workspace: Path):
    document = compared(workspace, "v1", "v2", seed=3)
    other = compared(workspace, "v1", seed=4)
    rows = by_model(document["draws"])

    assert (rows["v0"]["log_evidence"], rows["v0"]["log_evidence_mcse"]) == (None, None)
    assert rows["v1"]["log_evidence"] == rows["v2"]["log_evidence"]
    # the oracle: the mean likelihood over independent draws from the prior
    scenario = read_scenario(workspace, "toy")
    model = settings(scenario, "v1")
    data = arrays(evidence_set(snapshot(scenario, "v1", DAY), scenario.start, model), model, DAY)
    likelihood = np.exp(
        weigh(prior_draws(model, data, 8, n_each=2000), model, data).filtered.log_likelihood.sum(axis=1)
    )
    expected = np.log(likelihood.mean())
    error = likelihood.std() / likelihood.mean() / np.sqrt(len(likelihood))
    assert error < 0.05
    for found in (rows["v1"], by_model(other["draws"])["v1"]):
        assert abs(found["log_evidence"] - expected) < 4 * np.hypot(error, found["log_evidence_mcse"])
        assert 0 < found["log_evidence_mcse"] < 0.1


def test_log_evidence_of_stored_draws_for_other_evidence_is_that_of_fresh_ones(workspace: Path):
    forecast_toy(workspace, made_on=DAY, as_of=date(2024, 4, 30))
    reweighted = by_model(compared(workspace, "v1")["draws"])["v1"]
    (workspace / ".forecast").rename(workspace / "away")
    fresh = by_model(compared(workspace, "v1")["draws"])["v1"]

    assert (reweighted["method"], fresh["method"]) == ("reweight", "smc")
    error = (reweighted["log_evidence_mcse"] ** 2 + fresh["log_evidence_mcse"] ** 2) ** 0.5
    assert abs(reweighted["log_evidence"] - fresh["log_evidence"]) < 4 * error


def test_draws_that_fail_leave_their_versions_numbers_out_and_say_why(workspace: Path, monkeypatch: pytest.MonkeyPatch):
    real = DrawSource.draws_for

    def doubtful(source: DrawSource, model: Any, *rest: Any, **options: Any) -> Any:
        found = real(source, model, *rest, **options)
        return replace(found, problems=("islands differ",)) if model.version == "v1" else found

    monkeypatch.setattr(DrawSource, "draws_for", doubtful)
    document = compared(workspace, "v1")

    assert by_model(document["draws"])["v1"]["problems"] == ["islands differ"]
    assert {row["p"]["v1"] for row in document["answers"]} == {None}
    assert all(row["p"]["v0"] is not None for row in document["answers"])
    row = by_model(document["prequential"])["v1"]
    assert [row[key] for key in ("log_score", "mcse", "difference", "se")] == [None] * 4
    assert row["problems"] == ["islands differ, in the step from 2024-01-01"]
    assert {step["log_score"]["v1"] for step in document["by_step"]} == {None}
    assert {row["model"] for row in document["check"]} == {"v0"}


def test_a_damaged_file_of_draws_is_a_warning_and_other_draws_are_made(workspace: Path):
    made = forecast_toy(workspace, made_on=DAY)
    path = workspace / DRAWS_FOLDER / f"{made.forecast.fit}.npz"
    path.write_bytes(path.read_bytes()[:1000])

    document = compared(workspace, "v1")

    assert by_model(document["draws"])["v1"]["from"] is None
    assert len(document["warnings"]) == 1
    assert "were altered" in document["warnings"][0]


def test_sixty_meetings_where_three_a_year_are_expected_are_a_misfit_of_what_learns_nothing(crowded: Path):
    found = {(row["model"], row["statistic"]): row for row in compared(crowded, "v1")["check"]}

    assert found["v0", "count"]["misfit"]
    # a posterior adapts to a count
    assert not found["v1", "count"]["misfit"]
    assert found["v1", "count"]["low"] > 10 * found["v0", "count"]["high"]


def test_without_a_watch_that_all_have_there_is_no_score_but_everything_else(workspace: Path):
    overrides = "overrides: {indicators: {meeting: {watch: []}}}\n"
    model = workspace / "scenarios/toy/models/v2.yaml"
    model.write_text(model.read_text() + overrides)

    document = compared(workspace, "v1", "v2")

    assert [row["setting"] for row in document["settings"]] == ["family", "meeting: watches"]
    assert document["n_windows"] == 0
    assert document["prequential"] == document["by_indicator"] == document["by_step"] == []
    assert document["answers"]
    assert {row["model"] for row in document["check"]} == {"v0", "v1"}


def test_versions_may_name_other_regimes(workspace: Path):
    book = CODEBOOK.replace("durable", "firm").replace("meeting:", "meeting:\n    cues: [summit]")
    (workspace / "scenarios/codebooks/firm.yaml").write_text(book)
    model = workspace / "scenarios/toy/models/v2.yaml"
    model.write_text(model.read_text() + "codebook: firm\n")
    edit(workspace, "toy/scenario.yaml", "kind: stays, in: [durable]", "kind: stays, in: [fragile]")

    document = compared(workspace, "v1", "v2", seed=1)

    p = {row["outcome"]: row["p"] for row in document["answers"] if row["question"] == "regime-2025"}
    assert (p["durable"]["v2"], p["firm"]["v1"], p["firm"]["v0"]) == (None, None, None)
    # a name changes no number
    assert p["firm"]["v2"] == p["durable"]["v1"]
    scores = by_model(document["prequential"])
    assert scores["v2"]["log_score"] == scores["v1"]["log_score"]
    assert {row["setting"] for row in document["settings"]} >= {"regime durable", "regime firm"}


def test_recorded_forecasts_are_scored_in_pairs(workspace: Path):
    edit(workspace, "toy/scenario.yaml", "2024-12-31], settled_by: truth", "2024-03-31], settled_by: truth")
    for version in ("v0", "v1"):
        forecast_toy(workspace, made_on=DAY, as_of=date(2024, 2, 5), model=version)
    forecast_toy(workspace, made_on=DAY, as_of=date(2024, 2, 20), model="v1")

    rows = compared(workspace, "v1")["scores"]

    # of what was asked on 5 February only dispute-2024 is over and resolved by the end of June
    assert [(row["kind"], row["questions"], row["model"], row["n"]) for row in rows] == [
        ("replay", "settled by events", "v0", 1),
        ("replay", "settled by events", "v1", 1),
    ]
    assert compared(workspace, "v1", as_of=date(2024, 3, 1))["scores"] == []  # not known yet


def test_nothing_known_later_changes_a_comparison(workspace: Path):
    before = compared(workspace, "v1", as_of=date(2024, 4, 30))
    edit(workspace, "toy/scenario.yaml", "searched_until: 2024-06-30", "searched_until: 2024-12-31")
    later = "known: 2024-06-03, coded_on: 2024-07-01, claim: x, asserted_as: fact, grade: A1"
    add_report(workspace, f"id: Z1, indicator: meeting, when: 2024-04-12, {later}")
    add_report(workspace, f"id: Z2, indicator: dispute, when: 2024-05-12, {later}")

    after = compared(workspace, "v1", as_of=date(2024, 4, 30))

    for key in ("answers", "prequential", "by_indicator", "by_step", "check", "scores"):
        assert after[key] == before[key]
