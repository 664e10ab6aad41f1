"""Which regime held, step by step: from the forecast's own draws, and from others where their file is gone."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast.analysis.regimes import regimes_document
from forecast.analysis.why.recorded import recorded
from forecast.errors import DiagnosticError
from forecast.inference import stored_draws
from forecast.inference.reweight import weigh
from forecast.inference.stored_draws import DrawSource
from forecast.ledger.draw_store import LedgerDraws
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger
from forecast.model.arrays import arrays
from forecast.model.filter import move_by

from ..workspaces import forecast_toy, write_toy

#: Several meetings and a quarrel are known by then.
DAY = date(2024, 5, 15)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_toy(tmp_path_factory.mktemp("regimes"))
    forecast_toy(folder, made_on=date(2026, 1, 1), as_of=DAY)
    return folder


def document(workspace: Path, **options: Any) -> dict[str, Any]:
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        (entry,) = ledger.forecasts("toy")
        found = recorded(ledger, entry)
        source = DrawSource(LedgerDraws(ledger, workspace, "toy", found.model), **options)
        return regimes_document(source, found)


def test_both_lines_end_in_the_regimes_of_the_last_step_and_sum_to_one(workspace: Path):
    found = document(workspace)

    assert (found["method"], found["khat"]) == ("smc", None)
    by_step: dict[str, list[dict[str, Any]]] = {}
    for row in found["rows"]:
        by_step.setdefault(row["first"], []).append(row)
    for rows in by_step.values():
        assert sum(row["p"] for row in rows) == pytest.approx(1.0)
        assert sum(row["then"] for row in rows) == pytest.approx(1.0)
        assert all(row["low"] <= row["high"] for row in rows)
    for row in by_step["2024-05-01"]:
        assert row["p"] == pytest.approx(row["then"], abs=1e-12)


def test_what_is_seen_now_is_bayes_rule_over_two_neighbouring_steps(workspace: Path):
    """By hand, draw by draw: P(k then | all) from P(k then | until then) and the likelihood of the last step."""
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        (entry,) = ledger.forecasts("toy")
        found = recorded(ledger, entry)
        store = LedgerDraws(ledger, workspace, "toy", found.model)
        proposal = DrawSource(store).load(store.fits()[0])
        assert proposal is not None
        data = arrays(found.evidence, found.model, found.as_of)
        weighted = weigh(proposal, found.model, data)
    before, evidence = weighted.filtered.filtered[:, -2], weighted.filtered.evidence[:, -1]
    now = np.zeros_like(before)
    for regime in range(2):
        certain = np.zeros_like(before)
        certain[:, regime] = 1.0
        moved = move_by(certain, weighted.parameters.move, float(data.moves[-1]))
        now[:, regime] = before[:, regime] * (moved * evidence).sum(axis=1)
    now /= now.sum(axis=1, keepdims=True)

    rows = [row for row in document(workspace)["rows"] if row["first"] == "2024-04-01"]
    assert [row["p"] for row in rows] == pytest.approx((weighted.weights @ now).tolist(), abs=1e-12)
    assert [row["then"] for row in rows] == pytest.approx((weighted.weights @ before).tolist(), abs=1e-12)


def test_where_the_file_is_gone_draws_of_the_same_seed_give_the_same_numbers(workspace: Path, tmp_path: Path):
    own = document(workspace)
    draws = workspace / DRAWS_FOLDER
    draws.rename(tmp_path / "away")
    try:
        again = document(workspace)
    finally:
        (tmp_path / "away").rename(draws)
    assert again["rows"] == own["rows"]


def test_draws_that_fail_their_diagnostics_are_a_refusal(workspace: Path, monkeypatch: pytest.MonkeyPatch):
    real = stored_draws.answered
    monkeypatch.setattr(
        stored_draws,
        "answered",
        lambda *arguments: replace(real(*arguments), problems=("islands differ",)),
    )
    monkeypatch.setattr(stored_draws, "next_effort", lambda *_: None)
    with pytest.raises(DiagnosticError, match=r"fc-.*: islands differ\."):
        document(workspace)
