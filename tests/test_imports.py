"""What a command loads: heavy libraries only where a fit is made, nothing at all for help."""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from .workspaces import DAY, edit, forecast_toy, write_toy

HEAVY = {
    "pymc",
    "pytensor",
    "nutpie",
    "numba",
    "arviz",
    "arviz_base",
    "arviz_stats",
    "xarray",
    "pandas",
    "scipy",
    "altair",
    "distributed",
}
LIGHT = {"numpy", "pydantic", "yaml", "sqlite3", "rich"}

#: Runs the command line as a user would, then says what was loaded.
RUN = """
import sys
from forecast.cli.app import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print("code", end.code, file=sys.stderr)
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def loaded(program: str, *arguments: str, folder: Path | None = None) -> set[str]:
    """Packages that a fresh process has loaded at its end."""
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    *_, code, names = result.stderr.strip().split("\n")
    assert code == "code 0", result.stderr
    return set(names.split())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy with a forecast as of an earlier day on record, made today."""
    folder = write_toy(tmp_path_factory.mktemp("toy"))
    forecast_toy(folder, made_on=date(2026, 1, 1), as_of=DAY)
    return folder


def test_help_loads_nothing() -> None:
    assert sorted(loaded(RUN, "--help") & (HEAVY | LIGHT)) == []


@pytest.mark.parametrize(
    "arguments",
    [("update", "--help"), ("evidence", "import", "--help"), ("ledger", "--help"), ("--version",)],
    ids=" ".join,
)
def test_help_for_a_command_loads_nothing_but_what_typer_reads_arguments_with(arguments: tuple[str, ...]) -> None:
    assert loaded(RUN, *arguments) & (HEAVY | LIGHT) <= {"pydantic"}


def test_the_package_itself_loads_nothing() -> None:
    program = "import sys, forecast; print('code 0', ' '.join(sys.modules), sep='\\n', file=sys.stderr)"
    assert sorted(loaded(program) & (HEAVY | LIGHT)) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "toy"),
        ("show", "toy", "--as-of", "2024-02-01"),
        ("update", "toy", "--as-of", "2024-02-01"),
        ("explain", "toy/unbroken-2025"),
        ("whatif", "toy", "--as-of", "2024-02-01", "--grade", "fish=A1", "--add", "meeting@2024-01-20"),
        ("compare", "toy", "v1", "--as-of", "2024-06-01"),
        ("history", "toy"),
        ("status",),
        ("words", "toy"),
        ("resolve", "toy"),
        ("score", "toy"),
        ("watch", "toy/regime-2025", "--as-of", "2024-02-01"),
        ("ledger", "verify"),
        ("ledger", "log"),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_what_makes_no_fit_loads_no_heavy_library(workspace: Path, arguments: tuple[str, ...]) -> None:
    assert sorted(loaded(RUN, *arguments, folder=workspace) & HEAVY) == []


@pytest.mark.parametrize("suffix", ["html", "pdf"])
def test_a_report_loads_what_draws_and_no_other_heavy_library(workspace: Path, tmp_path: Path, suffix: str) -> None:
    arguments = ("report", "toy", "-o", str(tmp_path / f"r.{suffix}"))
    assert loaded(RUN, *arguments, folder=workspace) & HEAVY <= {"altair"}


def test_status_loads_not_even_numpy(workspace: Path) -> None:
    assert sorted(loaded(RUN, "status", folder=workspace) & (HEAVY | {"numpy"})) == []


def test_importing_events_loads_not_even_numpy(workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace, tmp_path / "toy")
    table = tmp_path / "events.tab"
    table.write_text("Event Date\tSource Country\tCAMEO Code\tTarget Country\n", encoding="utf-8")
    (tmp_path / "toy/scenarios/toy/importers").mkdir()
    (tmp_path / "toy/scenarios/toy/importers/mine.yaml").write_text(
        "like: icews\nclasses: [{indicator: meeting, means: they met}]\n", encoding="utf-8"
    )
    arguments = ("evidence", "import", "toy", str(table), "--as", "mine")
    assert sorted(loaded(RUN, *arguments, folder=tmp_path / "toy") & (HEAVY | {"numpy", "sqlite3"})) == []


def test_a_base_rate_loads_no_heavy_library(tmp_path: Path) -> None:
    table = tmp_path / "ties.csv"
    table.write_text("from,to\n2000,2004\n", encoding="utf-8")
    arguments = ("base-rate", str(table), "--begin", "from", "--end", "to")
    assert sorted(loaded(RUN, *arguments, folder=tmp_path) & HEAVY) == []


def test_an_update_from_the_draws_that_are_there_loads_no_heavy_library(workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace, tmp_path / "toy")
    edit(tmp_path / "toy", "toy/scenario.yaml", "ask: Do they meet in 2024?", "ask: Do they meet at all in 2024?")
    assert sorted(loaded(RUN, "update", "toy", "--as-of", "2024-02-01", folder=tmp_path / "toy") & HEAVY) == []
