"""The page on coding works: its files and commands, in order, print what it says."""

import shutil
from pathlib import Path

import pytest

from tests.scripts import ROOT, script

PAGE = (ROOT / "docs/coding.md").read_text(encoding="utf-8")

walkthrough = script("docs/walkthrough")


def test_every_command_of_the_page_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("FORECAST_HOME", raising=False)
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    steps = list(walkthrough.run(PAGE, tmp_path))
    assert len(steps) == 5
    for _, command, printed in steps:
        found = walkthrough.difference(command.output, printed)
        assert not found, f"$ {command.line}\n{found}"
