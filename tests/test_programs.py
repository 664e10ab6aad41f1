"""A missing program is named once at the end of a run, and every lane is run by `.ci/run`."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.programs import PROGRAMS, PROPERTY, summary

ROOT = Path(__file__).parents[1]
PYTEST = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
CI = (ROOT / ".ci/run").read_text()

#: Not run before a change lands: they take many minutes.
ON_DEMAND = {"slow"}


def test_a_run_with_all_programs_says_nothing():
    assert summary([[], [("other", 1)]]) == []


def test_missing_programs_are_counted_with_the_command_that_gets_them():
    skipped = [[(PROPERTY, "soffice")], [], [(PROPERTY, "chromium"), ("other", 1)], [(PROPERTY, "chromium")]]
    assert summary(skipped) == [
        "tests skipped because a program is not installed: 3",
        "  2 need chromium (a browser); get it with `apt-get install chromium`",
        "  1 need soffice (LibreOffice Writer); get it with `apt-get install libreoffice-writer-nogui`",
    ]


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_run_without_a_program_passes_and_says_how_to_get_it(tmp_path: Path, processes: str):
    """What a skipped test waits for reaches the summary from another process, too."""
    test = (
        "import pytest\n@pytest.mark.needs('soffice')\ndef test_word(): raise AssertionError\ndef test_other(): pass\n"
    )
    (tmp_path / "test_it.py").write_text(test)
    (tmp_path / "test_whole_file.py").write_text("import pytest\npytest.skip('no data', allow_module_level=True)\n")
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = needs\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", processes, "-p", "no:cacheprovider", str(tmp_path)]
    environment = {"PATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed, 2 skipped" in ended.stdout
    assert "1 need soffice (LibreOffice Writer); get it with" in ended.stdout


def test_programs_are_installed_by_ci():
    for program, (_, command) in PROGRAMS.items():
        assert f"{program}:{command.rpartition(' ')[2]}" in CI


def test_every_lane_that_the_default_one_leaves_out_is_run_by_ci():
    chosen = PYTEST["addopts"][PYTEST["addopts"].index("-m") + 1]
    left_out = set(re.findall(r"not (\w+)", chosen))
    lanes = re.search(r'^lanes="(.*)"$', CI, flags=re.MULTILINE)
    assert lanes is not None
    assert left_out == set(lanes[1].split(" or ")) - {"needs"} | ON_DEMAND
    assert left_out == {marker.split(":")[0] for marker in PYTEST["markers"]} - {"needs(program, ...)"}
