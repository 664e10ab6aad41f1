"""A toy workspace with forecasts on record from files that kept changing."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from ..workspaces import DAY, add_report, edit, forecast_toy, write_toy


@dataclass(frozen=True)
class History:
    """The workspace, and ids of forecasts in the order in which they were made."""

    workspace: Path
    ids: tuple[str, ...]


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Forecasts as of several days by three models, between changes of evidence, watches, grades and questions."""
    workspace = write_toy(tmp_path_factory.mktemp("history"))
    (workspace / "scenarios/toy/models/v2.yaml").write_text(
        "version: v2\nfamily: regime\nnotes: doubts that meetings tell anything\ntau: 0.25\n"
        "overrides: {indicators: {meeting: {per_year: {durable: [0.8, 3], fragile: [0.3, 1.5]}}}}\n"
    )
    ids: list[str] = []

    def forecast(as_of: date, model: str = "v1") -> None:
        made = forecast_toy(workspace, made_on=date(2026, 1, 1), as_of=as_of, model=model, method="nuts", force=True)
        assert made.entry is not None
        ids.append(made.entry.id)

    forecast(DAY)
    forecast(date(2024, 4, 10))
    forecast(DAY, "v0")
    add_report(
        workspace,
        "id: R5, indicator: dispute, event: quota, when: 2024-03-02, known: 2024-03-03, coded_on: 2024-07-01, "
        "claim: A quota is refused., asserted_as: fact, grade: A2, origin: wire",
    )
    add_report(
        workspace,
        "id: R6, indicator: meeting, event: dinner, when: 2024-05-06, known: 2024-05-08, coded_on: 2024-07-01, "
        "claim: They dine., asserted_as: fact, grade: B2, origin: wire",
    )
    forecast(date(2024, 6, 20))
    forecast(date(2024, 6, 20), "v2")
    edit(workspace, "toy/evidence/reports.yaml", "asserted_as: fact, grade: C3}", "asserted_as: fact, grade: A1}")
    edit(
        workspace,
        "toy/evidence/reports.yaml",
        "claim: The leaders met., asserted_as: fact, grade: B1}",
        "claim: The leaders met., asserted_as: fact, grade: B1, withdrawn: {on: 2024-02-20, reason: a mistake}}",
    )
    edit(workspace, "toy/indicators.yaml", "detection: [0.7, 0.95]", "detection: [0.4, 0.6]")
    forecast(date(2024, 8, 5))
    forecast(DAY)
    (workspace / "scenarios/toy/models/v1.yaml").write_text("version: v1\nfamily: static\nnotes: nothing moves\n")
    forecast(date(2024, 8, 5))
    return History(workspace, tuple(ids))
