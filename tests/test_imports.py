"""What a command loads: heavy libraries only where a fit is made, nothing at all for help."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
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

#: Runs command lines one after the other as a user would, and says after each what is loaded by then.
RUN = """
import json, os, sys
from forecast.cli.app import main
told = os.fdopen(int(sys.argv[1]), "w")
for words in json.loads(sys.argv[2]):
    code = "does not say how it ended"
    try:
        main(words)
    except SystemExit as end:
        code = end.code or 0
    print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]), file=told, flush=True)
"""


def loaded(*commands: Sequence[str], folder: Path | None = None) -> list[set[str]]:
    """Packages that a fresh process has loaded after each of these commands.

    What one of them loads alone it loads here, too, if those before it did not: after the last, all that any loads is
    there. So one process, which imports once, is witness for many commands that must not load something.
    """
    reading, writing = os.pipe()
    with os.fdopen(reading) as told:
        result = subprocess.run(
            [sys.executable, "-c", RUN, str(writing), json.dumps(commands)],
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
            pass_fds=[writing],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        )
        os.close(writing)
        lines = [json.loads(line) for line in told]
    assert len(lines) == len(commands), result.stderr
    failed = {" ".join(words): code for words, (code, _) in zip(commands, lines, strict=True) if code != 0}
    assert failed == {}, result.stderr
    return [set(names) for _, names in lines]


def first_to_load(unwanted: set[str], commands: Sequence[Sequence[str]], folder: Path | None = None) -> dict[str, str]:
    """Unwanted packages that are loaded after all of these commands, each with the command that loaded it."""
    found: dict[str, str] = {}
    for words, names in zip(commands, loaded(*commands, folder=folder), strict=True):
        for name in sorted(names & unwanted):
            found.setdefault(name, " ".join(words))
    return found


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy with a forecast as of an earlier day on record, made today."""
    folder = write_toy(tmp_path_factory.mktemp("toy"))
    forecast_toy(folder, made_on=date(2026, 1, 1), as_of=DAY)
    return folder


def test_help_loads_nothing() -> None:
    assert first_to_load(HEAVY | LIGHT, [("--help",), ("--version",)]) == {}


def test_help_for_a_command_loads_nothing_but_what_typer_reads_arguments_with() -> None:
    commands = [("ledger", "--help"), ("update", "--help"), ("evidence", "import", "--help")]
    assert first_to_load((HEAVY | LIGHT) - {"pydantic"}, commands) == {}


def test_the_package_itself_loads_nothing() -> None:
    program = "import sys, forecast; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "forecast" in result.stdout.split()
    assert sorted({name.partition(".")[0] for name in result.stdout.split()} & (HEAVY | LIGHT)) == []


def test_what_needs_no_numbers_loads_not_even_numpy(workspace: Path, tmp_path: Path) -> None:
    """Status, references, drafts of every format."""
    draft = tmp_path / "draft.md"
    draft.write_text("We say {fc:toy/regime-2025:durable}.\n", encoding="utf-8")
    commands = [("status",), ("cite", "toy")]
    for suffix in (".md", ".html", ".docx", ".pdf"):
        out = str(tmp_path / f"out{suffix}")
        commands += [("render", str(draft), "-o", out), ("verify", out)]
    assert first_to_load(HEAVY | {"numpy"}, commands, workspace) == {}


def test_what_makes_no_fit_loads_no_heavy_library(workspace: Path, tmp_path: Path) -> None:
    table = tmp_path / "ties.csv"
    table.write_text("from,to\n2000,2004\n", encoding="utf-8")
    commands = [
        ("check", "toy"),
        ("show", "toy", "--as-of", "2024-02-01"),
        ("update", "toy", "--as-of", "2024-02-01"),
        ("explain", "toy/unbroken-2025"),
        ("whatif", "toy", "--as-of", "2024-02-01", "--grade", "fish=A1", "--add", "meeting@2024-01-20"),
        ("compare", "toy", "v1", "--as-of", "2024-06-01"),
        ("history", "toy"),
        ("words", "toy"),
        ("resolve", "toy"),
        ("score", "toy"),
        ("watch", "toy/regime-2025", "--as-of", "2024-02-01"),
        ("ledger", "verify"),
        ("ledger", "log"),
        ("doctor",),
        ("base-rate", str(table), "--begin", "from", "--end", "to"),
        *(("export", "toy", "-o", str(tmp_path / name)) for name in ("a.csv", "a.parquet", "hub", "a.jsonl")),
    ]
    assert first_to_load(HEAVY, commands, workspace) == {}


def test_a_report_loads_what_draws_and_no_other_heavy_library(workspace: Path, tmp_path: Path) -> None:
    commands = [
        ("report", "toy", "-o", str(tmp_path / "r.html")),
        ("report", "toy", "--brief", "-o", str(tmp_path / "r.pdf")),
    ]
    assert first_to_load(HEAVY - {"altair"}, commands, workspace) == {}


def test_importing_events_loads_not_even_numpy(workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace, tmp_path / "toy")
    table = tmp_path / "events.tab"
    table.write_text("Event Date\tSource Country\tCAMEO Code\tTarget Country\n", encoding="utf-8")
    (tmp_path / "toy/scenarios/toy/importers").mkdir()
    (tmp_path / "toy/scenarios/toy/importers/mine.yaml").write_text(
        "like: icews\nclasses: [{indicator: meeting, means: they met}]\n", encoding="utf-8"
    )
    commands = [("evidence", "import", "toy", str(table), "--as", "mine")]
    assert first_to_load(HEAVY | {"numpy", "sqlite3"}, commands, tmp_path / "toy") == {}


def test_an_update_from_the_draws_that_are_there_loads_no_heavy_library(workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace, tmp_path / "toy")
    edit(tmp_path / "toy", "toy/scenario.yaml", "ask: Do they meet in 2024?", "ask: Do they meet at all in 2024?")
    assert first_to_load(HEAVY, [("update", "toy", "--as-of", "2024-02-01")], tmp_path / "toy") == {}


def test_a_fresh_workspace_answers_without_a_compiler(tmp_path: Path) -> None:
    """No draws are stored: particles are drawn in numpy; the last command writes them for ArviZ, without loading it."""
    folder = write_toy(tmp_path / "toy")
    day = ("--as-of", "2024-02-01")
    commands = [
        ("show", "toy", *day),
        ("watch", "toy/regime-2025", *day),
        ("compare", "toy", "v1", "--as-of", "2024-06-01"),
        ("update", "toy", *day),
        ("export", "toy@latest", "-o", str(tmp_path / "draws.nc")),
    ]
    assert first_to_load(HEAVY, commands, folder) == {}
    assert (tmp_path / "draws.nc").stat().st_size > 100_000


@pytest.mark.parametrize("method", ["auto", "smc"])
def test_the_first_update_of_a_fresh_workspace_loads_no_heavy_library(tmp_path: Path, method: str) -> None:
    """Nothing is stored: it samples, and needs neither a compiler nor what PyMC brings with it."""
    write_toy(tmp_path)
    command = ("update", "toy", "--as-of", "2024-02-01", "--method", method)
    assert first_to_load(HEAVY, [command], tmp_path) == {}
