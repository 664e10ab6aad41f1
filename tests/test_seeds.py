"""Seeds come from model, evidence and day: other questions or labels move no answer, and forecasts repeat."""

from pathlib import Path

import pytest

from forecast.ledger.records import Answer
from forecast.update import Update

from .workspaces import edit, forecast_toy, never, write_toy

#: Monte Carlo errors that two sets of draws may lie apart.
MAX_ERRORS = 4

QUESTION = "  - {id: meeting-2024,"
MORE = "  - {id: regime-2026, ask: Which regime holds on 1 January 2026?, kind: state, on: 2026-01-01}\n"


def answers(made: Update) -> dict[tuple[str, str], Answer]:
    return {(row.question, row.outcome): row for row in made.forecast.answers if not row.closed}


def fresh(folder: Path, *edits: tuple[str, str, str], method: str = "auto") -> Update:
    """A forecast of the toy in a workspace of its own, with its files edited first."""
    write_toy(folder)
    for file, old, new in edits:
        edit(folder, file, old, new)
    return forecast_toy(folder, sampler=never, method=method)


@pytest.mark.parametrize(
    "change",
    [
        ("toy/scenario.yaml", QUESTION, MORE + QUESTION),
        ("toy/scenario.yaml", "Do they quarrel in 2024?", "Will the partners quarrel in 2024?"),
        ("toy/scenario.yaml", "title: A toy alliance", "title: An alliance"),
        ("codebooks/alliance.yaml", "Leaders of the partners meet", "Both leaders meet"),
        ("toy/models/v1.yaml", "notes: as it is", "notes: as it was"),
        ("toy/evidence/reports.yaml", "The leaders met.", "Both leaders met."),
    ],
    ids=["another question", "another wording", "another title", "another meaning", "other notes", "another claim"],
)
def test_questions_and_labels_change_neither_seed_nor_any_other_answer(
    tmp_path: Path, change: tuple[str, str, str]
) -> None:
    before, after = fresh(tmp_path / "a"), fresh(tmp_path / "b", change)
    assert after.forecast.seed == before.forecast.seed
    mine, theirs = answers(before), answers(after)
    assert mine.keys() <= theirs.keys()
    for key, row in mine.items():
        other = theirs[key]
        assert (row.p, row.mcse, row.low, row.high) == (other.p, other.mcse, other.low, other.high)


def test_other_evidence_has_another_seed(tmp_path: Path) -> None:
    changed = fresh(tmp_path / "b", ("toy/evidence/reports.yaml", "grade: C3", "grade: A1"))
    assert changed.forecast.seed != fresh(tmp_path / "a").forecast.seed


def test_smc_repeats_digit_for_digit_whatever_is_stored(tmp_path: Path) -> None:
    made = fresh(tmp_path / "a", method="smc")
    forecast_toy(write_toy(tmp_path / "b"), sampler=never, seed=99)
    again = forecast_toy(tmp_path / "b", sampler=never, method="smc", force=True)
    assert answers(again) == answers(made)


def test_auto_agrees_with_smc_within_monte_carlo_error(tmp_path: Path) -> None:
    """After one more report, for which auto reweights or moves what is stored."""
    quarrel = (
        "toy/evidence/reports.yaml",
        "  - {id: R4,",
        "  - {id: R5, indicator: dispute, event: quay, when: 2023-10-01, claim: Again., asserted_as: fact, grade: B2}\n"
        "  - {id: R4,",
    )
    fresh(tmp_path / "a")
    edit(tmp_path / "a", *quarrel)
    auto = forecast_toy(tmp_path / "a", sampler=never)
    assert auto.forecast.method["name"] in ("reweight", "smc")
    assert auto.forecast.method.get("from_fit") or auto.forecast.method.get("moved_from")
    smc = fresh(tmp_path / "b", quarrel, method="smc")
    theirs = answers(smc)
    for key, row in answers(auto).items():
        other = theirs[key]
        assert row.p is not None
        assert row.mcse is not None
        assert other.p is not None
        assert other.mcse is not None
        assert abs(row.p - other.p) < MAX_ERRORS * (row.mcse**2 + other.mcse**2) ** 0.5
