"""A build that is killed leaves a site whose pages are whole, and whose first page leads to what is there."""

import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from forecast.api import Workspace
from forecast.report.site.folder import LIST, MADE

from ...workspaces import DAY, edit, forecast_toy, noon, write_toy

pytestmark = pytest.mark.kill

CHILD = Path(__file__).with_name("child.py")
TODAY = date(2024, 3, 20)


def pages(site: Path) -> dict[str, bytes]:
    return {str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*") if path.is_file()}


@dataclass(frozen=True)
class Twice:
    """A workspace whose site was built before its last change, that site, and the pages of a whole one after it."""

    workspace: Path
    site: Path
    whole: dict[str, bytes]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """Not to be written to."""
    folder = tmp_path_factory.mktemp("twice")
    workspace, site = write_toy(folder / "ws"), folder / "site"
    forecast_toy(workspace, made_on=DAY)
    Workspace.find(workspace).site(site, clock=noon(TODAY))
    edit(workspace, "toy/scenario.yaml", "A toy alliance", "Another title")
    forecast_toy(workspace, made_on=TODAY)
    Workspace.find(workspace).site(folder / "whole", clock=noon(TODAY))
    return Twice(workspace, site, pages(folder / "whole"))


@pytest.mark.parametrize("point", ["export: first byte", "export: renamed"])
@pytest.mark.parametrize("n_files", [1, 3, 5])
def test_a_killed_build_leaves_whole_pages_and_is_taken_up_again(
    twice: Twice, tmp_path: Path, n_files: int, point: str
) -> None:
    workspace, site, whole = tmp_path / "ws", tmp_path / "site", twice.whole
    shutil.copytree(twice.workspace, workspace)
    shutil.copytree(twice.site, site)
    before = pages(site)

    command = [sys.executable, str(CHILD), str(workspace), str(site), str(n_files), point]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    left = pages(site)
    for name, content in left.items():
        if name not in (LIST, MADE) and ".tmp-" not in name:
            assert content in (before.get(name), whole.get(name)), name
    for address in re.findall(r'href="([^"#]+)"', left["index.html"].decode()):
        assert address in left

    assert Workspace.find(workspace).site(site, clock=noon(TODAY)).document["ok"]
    assert pages(site) == whole
