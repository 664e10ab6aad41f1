"""docs/cli.md lists exactly the keys that `export` and `codebook learn` print as JSON."""

from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from forecast.api import Workspace
from forecast.documents.learned import LearnRequest, learn_codebook
from tests.pooled import ResampledPrior
from tests.scripts import script
from tests.workspaces import DAY, add_report, edit, forecast_toy, write_toy

EXACT: tuple[set[str], set[str]] = (set(), set())


@pytest.fixture(scope="module")
def make_cli() -> ModuleType:
    return script("docs/make_cli")


@pytest.mark.parametrize("name", ["a.csv", "hub", "a.jsonl"])
def test_an_export_has_exactly_the_listed_keys(make_cli: ModuleType, tmp_path: Path, name: str):
    toy = write_toy(tmp_path / "toy")
    forecast_toy(toy, made_on=date(2026, 1, 1), as_of=DAY)

    document = Workspace(toy).export("toy", to=tmp_path / name).document

    assert make_cli.undocumented("export", document) == EXACT


def test_learning_has_exactly_the_listed_keys(make_cli: ModuleType, tmp_path: Path):
    toy = write_toy(tmp_path)
    add_report(toy, "id: R5, indicator: meeting, when: 2024-01-03, claim: They met., asserted_as: fact, grade: A1")
    (toy / "scenarios/toy/regimes.yaml").write_text(
        "periods: [{from: 2023-01-01, to: 2024-06-30, regime: durable, why: x, source: y}]\n"
    )
    for path in sorted((toy / "scenarios/toy").rglob("*.yaml")):
        other = toy / "scenarios/other" / path.relative_to(toy / "scenarios/toy")
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text(path.read_text())
    edit(toy, "other/scenario.yaml", "id: toy", "id: other")

    document = learn_codebook(toy, LearnRequest(("toy", "other")), date(2026, 11, 25), learner=ResampledPrior)

    assert make_cli.undocumented("codebook learn", document) == EXACT
