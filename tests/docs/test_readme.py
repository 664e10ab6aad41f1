"""The commands of README and tour exist, their files are there, their Python runs."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from forecast.cli.app import main
from forecast.words import ICD203
from tests.scripts import script

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = (ROOT / "docs/tour.md").read_text(encoding="utf-8")
PAGES = README + TOUR

COMMANDS = sorted(
    set(re.findall(r"^\$ (forecast .+)$", PAGES, flags=re.MULTILINE)) | set(re.findall(r"`(forecast [^`]+)`", PAGES))
)
LINKS = sorted(
    set(re.findall(r"\]\(([^)#:]+)\)", README)) | {f"docs/{link}" for link in re.findall(r"\]\(([^)#:]+)\)", TOUR)}
)
PATHS = sorted(set(re.findall(r"`((?:docs|forecast|scenarios|tests|\.ci)/[\w./-]+)`", PAGES)))
PYTHON = re.findall(r"^```python\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)

#: What is read here needs no fit and no ledger.
QUICK = [line for line in COMMANDS if line.split()[1] in ("check", "show", "new", "schema")]

#: The page says that this file is made, and it is, by the reader.
MADE_BY_THE_READER = {"scenarios/dprk-russia/evidence/try.yaml"}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the scenarios, in which one stands."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORECAST_HOME", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    "line",
    ["python3 -m pip install uv && uv run --no-dev forecast update dprk-russia", "uv run pytest"],
)
def test_the_two_commands_stand_on_the_first_screen_on_lines_of_their_own(line: str):
    assert line in README.splitlines()[:25]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_line_parses(line: str):
    words = shlex.split(line)[1:]
    name, command, context = max(
        (entry for entry in script("docs/make_cli").commands() if f"{line} ".startswith(f"{entry[0]} ")),
        key=lambda entry: len(entry[0]),
    )
    rest = words[len(name.split()) - 1 :]

    # raises a usage error for an option or argument that does not exist
    parsed = command.make_context(context.info_name, rest, parent=context.parent)

    assert parsed.command is command


def test_the_readme_fits_two_screens():
    assert len(README.splitlines()) <= 120


def test_the_pages_show_commands():
    assert len(COMMANDS) > 10
    assert QUICK


@pytest.mark.parametrize("line", QUICK)
@pytest.mark.usefixtures("workspace")
def test_commands_without_a_fit_run(line: str):
    with pytest.raises(SystemExit, match=r"^0$"):
        main(shlex.split(line)[1:])


@pytest.mark.parametrize("target", [*LINKS, *PATHS])
def test_every_file_that_the_readme_names_exists(target: str):
    assert target in MADE_BY_THE_READER or (ROOT / target.rstrip("*")).exists()


@pytest.mark.usefixtures("workspace")
def test_the_python_without_a_fit_runs(capsys: pytest.CaptureFixture[str]):
    exec(compile(PYTHON[0], "README.md", "exec"), {})

    assert "leader_meeting" in capsys.readouterr().out


def test_the_python_with_a_fit_uses_names_that_exist():
    from forecast.api import Case, UpdateRecords
    from forecast.update import Update

    compile(PYTHON[1], "README.md", "exec")
    assert {"update", "history"} <= set(dir(Case))
    assert {"to_frame", "document", "result"} <= set(dir(UpdateRecords))
    assert "entry" in dir(Update)


def test_the_words_are_those_of_the_scale():
    header, row = re.findall(r"^  (\| percent .*)\n.*\n  (\| .*)$", TOUR, flags=re.MULTILINE)[0]
    said = dict(zip(row.split("|")[2:-1], header.split("|")[2:-1], strict=True))

    for band in ICD203.bands:
        low, high = (int(end) / 100 for end in said[f" {band.term} "].split("-"))
        # the scale leaves out its outermost ends
        assert low == pytest.approx(max(band.low, 0.01))
        assert high == pytest.approx(min(band.high, 0.99))
