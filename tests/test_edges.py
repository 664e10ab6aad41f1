"""Numbers at the edge: certainty that rounding made, evidence that no range expects, deleting where nothing can be."""

import os
from datetime import date
from pathlib import Path

import pytest

from forecast.digits import probability
from forecast.doctor import examine
from forecast.errors import WorkspaceError
from forecast.ledger.store import DRAWS_FOLDER
from forecast.ledger.warning_codes import FAR_EVIDENCE
from forecast.model.as_of import snapshot
from forecast.model.edges import CERTAIN, IMPOSSIBLE, certain_outcomes, inside
from forecast.model.evidence_set import evidence_set
from forecast.model.far_evidence import far_indicators
from forecast.model.version import settings
from forecast.scenario.read import read_scenario
from tests.workspaces import edit, forecast_toy, write_toy

LAST = date(2024, 2, 1)


def meetings(workspace: Path, n: int, months: int = 1) -> None:
    """Certain meetings, `n` in each month from May 2023 on."""
    rows = "".join(
        f"  - {{id: M{month}-{k}, indicator: meeting, event: m{month}-{k}, when: 2023-{5 + month:02}-{1 + k % 28:02}, "
        "claim: They met., asserted_as: fact, grade: A1}\n"
        for month in range(months)
        for k in range(n)
    )
    path = workspace / "scenarios/toy/evidence/many.yaml"
    path.write_text(f"defaults: {{source: paper, coded_by: xy, coded_on: 2024-02-01}}\nreports:\n{rows}")


def far(workspace: Path) -> list[str]:
    scenario = read_scenario(workspace, "toy")
    model = settings(scenario, "v1")
    evidence = evidence_set(snapshot(scenario, "v1", LAST), scenario.start, model)
    return [str(one) for one in far_indicators(evidence, model, LAST)]


def test_hundreds_of_events_in_a_month_are_said_to_be_far_outside(tmp_path: Path) -> None:
    """The toy states one to three meetings a year."""
    workspace = write_toy(tmp_path)
    assert far(workspace) == []
    meetings(workspace, 40)
    (warning,) = far(workspace)
    assert warning.startswith("41 events of meeting in 2023-05, and the stated ranges expect at most 3 a year")


def test_many_events_in_every_month_are_far_outside_though_none_of_the_months_is(tmp_path: Path) -> None:
    workspace = write_toy(tmp_path)
    meetings(workspace, 3, months=8)
    (warning,) = far(workspace)
    assert warning.startswith("25 events of meeting since 2023-01-01")


def test_a_few_more_events_than_stated_are_no_warning(tmp_path: Path) -> None:
    workspace = write_toy(tmp_path)
    meetings(workspace, 3)
    assert far(workspace) == []


def test_a_forecast_from_such_evidence_has_the_code_and_no_certainty(tmp_path: Path) -> None:
    workspace = write_toy(tmp_path)
    meetings(workspace, 40)
    made = forecast_toy(workspace, made_on=LAST).forecast
    assert made.warning_codes is not None
    assert made.warning_codes.count(FAR_EVIDENCE) == 1
    assert len(made.warning_codes) == len(made.warnings)
    for answer in made.answers:
        if answer.p is not None:
            assert 0 < answer.p < 1
            assert probability(answer.p, 1e-9) not in ("0.0000", "1.0000", "0", "1")
    plain = forecast_toy(write_toy(tmp_path / "plain"), made_on=LAST).forecast
    assert FAR_EVIDENCE not in (plain.warning_codes or ())


@pytest.mark.parametrize(
    ("p", "may_be_certain", "expected"),
    [
        (1.0, False, CERTAIN),
        (1.0000000000000002, False, CERTAIN),
        (0.0, False, IMPOSSIBLE),
        (0.25, False, 0.25),
        (1.0, True, 1.0),
        (0.0, True, 0.0),
        (1.0000000000000002, True, 1.0),
    ],
)
def test_only_what_may_be_certain_is(p: float, may_be_certain: bool, expected: float) -> None:
    assert inside(p, may_be_certain) == expected
    assert probability(CERTAIN, 1e-9) == ">0.9999"
    assert probability(IMPOSSIBLE, 1e-9) == "<0.0001"


def test_a_regime_that_cannot_be_reached_is_impossible(tmp_path: Path) -> None:
    workspace = write_toy(tmp_path)
    scenario = read_scenario(workspace, "toy")
    questions = scenario.questions
    assert certain_outcomes(questions["regime-2025"], settings(scenario, "v1")) == (False, False)
    assert certain_outcomes(questions["meeting-2024"], settings(scenario, "v1")) == (False, False)
    assert certain_outcomes(questions["unbroken-2025"], settings(scenario, "v1")) == (False, False)
    edit(
        workspace,
        "codebooks/alliance.yaml",
        "prior: 0.5, stays: {years: [0.5, 2]}",
        "prior: 0, stays: {years: [0.5, 2]}",
    )
    edit(
        workspace,
        "codebooks/alliance.yaml",
        "{means: it lasts, prior: 0.5,",
        "{means: it lasts, prior: 1, absorbing: true,",
    )
    scenario = read_scenario(workspace, "toy")
    assert certain_outcomes(scenario.questions["regime-2025"], settings(scenario, "v1")) == (True, True)


def test_pruning_where_nothing_can_be_deleted_gives_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that is mounted read-only; root may delete in any folder, so the system's refusal is put in."""
    workspace = write_toy(tmp_path)
    folder = workspace / DRAWS_FOLDER
    folder.mkdir(parents=True)
    (folder / ("0" * 64 + ".npz")).write_bytes(b"x")

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise OSError(30, os.strerror(30), str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(WorkspaceError, match=r"0\.npz: cannot be deleted \(Read-only file system\).*no record is lost"):
        examine(workspace, prune=True)
    assert len(examine(workspace, prune=False).orphans) == 1
