"""`forecast codebook learn`, as it is typed, with a sampler that needs no PyMC."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ..documents.test_learned import REGIMES, copy_case
from ..pooled import ResampledPrior
from ..workspaces import edit
from .conftest import Command


@pytest.fixture
def two(toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two cases that are alike; the module that loads PyMC is another."""
    edit(toy, "toy/evidence/reports.yaml", "when: 2023-05-04", "when: 2024-01-04")
    (toy / "scenarios/toy/regimes.yaml").write_text(REGIMES)
    copy_case(toy, "other")
    monkeypatch.setitem(sys.modules, "forecast.inference.learn", SimpleNamespace(Learner=ResampledPrior))
    return toy


def test_it_prints_both_ranges_and_what_leaving_out_says(two: Path, command: Command):
    ended = command("codebook", "learn", "--cases", "toy,other")

    assert ended.code == 0
    assert re.search(r"meeting +durable +2 +0\.5 +1-3 ", ended.out)
    assert "standard error" in ended.out
    assert "left as elicited (watched in no case): dispute" in ended.out
    assert "written to" in ended.out
    assert "not counted: toy: 1 event on a day that nobody watched" in ended.err
    assert max(map(len, ended.out.splitlines())) <= 80
    assert len(list((two / "scenarios/codebooks").glob("alliance-learned-*.yaml"))) == 1


def test_the_same_command_again_replaces_nothing(two: Path, command: Command):
    command("codebook", "learn", "--cases", "toy,other")
    (path,) = (two / "scenarios/codebooks").glob("alliance-learned-*.yaml")
    before = path.read_bytes()

    ended = command("codebook", "learn", "--cases", "toy,other")
    assert ended.code == 2
    assert "is there already" in ended.err
    assert path.read_bytes() == before


def test_a_fit_that_fails_ends_with_1_and_writes_nothing(two: Path, command: Command, monkeypatch: pytest.MonkeyPatch):
    def failing(data, progress):
        return ResampledPrior(data, progress, ("2 divergent transitions (must be 0)",))

    monkeypatch.setitem(sys.modules, "forecast.inference.learn", SimpleNamespace(Learner=failing))
    ended = command("codebook", "learn", "--cases", "toy,other")

    assert ended.code == 1
    assert "all cases: 2 divergent transitions" in ended.err
    assert not list((two / "scenarios/codebooks").glob("alliance-*"))


def test_an_interrupted_run_writes_nothing(two: Path, command: Command, monkeypatch: pytest.MonkeyPatch):
    def interrupted(data, progress):
        raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "forecast.inference.learn", SimpleNamespace(Learner=interrupted))
    ended = command("codebook", "learn", "--cases", "toy,other")

    assert ended.code == 130
    assert not list((two / "scenarios/codebooks").glob("alliance-*"))


@pytest.mark.parametrize(
    ("cases", "message"),
    [
        ("toy", "these cases cannot be compared"),
        ("toy,toy", "these cases cannot be compared"),
        ("", "these cases cannot be compared"),
        ("toy,nobody", "nobody"),
        ("toy,\u202e\x1b[2J", r"\u202e\x1b[2J"),
    ],
)
def test_cases_that_will_not_do(two: Path, command: Command, cases: str, message: str):
    ended = command("codebook", "learn", "--cases", cases)

    assert ended.code == 2
    assert message in ended.err
    assert "\x1b" not in ended.err


def test_check_reads_the_regimes_of_the_past(two: Path, command: Command):
    (two / "scenarios/toy/regimes.yaml").write_text(REGIMES.replace("fragile", "fragil"))
    ended = command("check", "toy")

    assert ended.code == 1
    assert (
        "scenarios/toy/regimes.yaml:3 periods.1.regime: there is no regime 'fragil'; did you mean"
        in ended.err + ended.out
    )
