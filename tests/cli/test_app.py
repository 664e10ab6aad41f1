"""What all commands share: exit codes, errors as text and as JSON, where the workspace is, and how wide tables are."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.cli import show_text
from forecast.cli.app import main

from ..workspaces import ROOT, edit, never, write_toy
from .conftest import Command

FORECAST = Path(sys.executable).with_name("forecast")

BAD = {
    "unknown scenario": (("show", "tooy"), "did you mean 'toy'"),
    "unknown version": (("show", "toy", "--model", "v2"), "no model version 'v2'"),
    "bad day": (("show", "toy", "--as-of", "2024-02-30"), "'2024-02-30' is not a day of the calendar"),
    "no day": (("update", "toy", "--as-of", "soon"), "'soon' is not a day as YYYY-MM-DD"),
    "before the start": (("update", "toy", "--as-of", "2020-01-01"), "before the start"),
    "in the future": (("update", "toy", "--as-of", "2999-01-01"), "in the future"),
    "a ref that names nothing": (("history", "toy//"), "'toy//' names nothing"),
    "no forecast": (("history", "toy"), "no forecast of 'toy' is recorded"),
    "unknown forecast": (("history", "fc-aaaaaaaaaa"), "'fc-aaaaaaaaaa' is in no log"),
    "unknown file kind": (("schema", "poem"), "there is no file kind 'poem'"),
    "unknown option": (("show", "toy", "--colour"), "--colour"),
    "unknown command": (("shwo",), "shwo"),
    "missing argument": (("show",), "SCENARIO"),
    "bad seed": (("update", "toy", "--seed", "x"), "--seed"),
    "bad method": (("update", "toy", "--method", "guess"), "guess"),
    "no such file": (("ledger", "log", "--ledger", "gone.jsonl"), "gone.jsonl"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD)
def test_bad_input_ends_with_two_and_says_what_and_writes_nothing(
    command: Command, toy: Path, arguments: tuple[str, ...], message: str
) -> None:
    ended = command(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert not (toy / ".forecast").exists()


@pytest.mark.parametrize("name", BAD)
def test_bad_input_with_json_is_one_document_of_errors(command: Command, toy: Path, name: str) -> None:
    ended = command(*BAD[name][0], "--json")
    assert ended.code == 2
    (error, *_) = ended.document["errors"]
    assert set(ended.document) == {"errors"}
    assert set(error) == {"file", "line", "key", "found", "accepted", "message"}


def test_a_scenario_with_errors_says_each_with_its_line(command: Command, toy: Path) -> None:
    edit(toy, "toy/evidence/reports.yaml", "grade: C3", "grade: Z3")
    edit(toy, "toy/models/v1.yaml", "tau: 0.5", "tau: 2")
    document = command("update", "toy", "--json").document
    assert [(error["file"], error["line"]) for error in document["errors"]] == [
        ("scenarios/toy/evidence/reports.yaml", 4),
        ("scenarios/toy/models/v1.yaml", 4),
    ]
    assert not (toy / ".forecast").exists()


def test_without_a_workspace_the_next_step_is_named(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = command("show", "toy")
    assert ended.code == 2
    assert "begin one here with 'forecast new NAME'" in ended.err


# --- bugs -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that no user can do anything about."""
    monkeypatch.setattr(show_text, "print_scenario", never)


@pytest.mark.usefixtures("bug")
def test_a_bug_ends_with_three_and_a_message(command: Command, toy: Path) -> None:
    ended = command("show", "toy")
    assert ended.code == 3
    assert ended.err.startswith("this is a bug of forecast: AssertionError: sampled")
    assert "Traceback" not in ended.err


@pytest.mark.usefixtures("bug", "toy")
def test_debug_shows_where_the_bug_is() -> None:
    with pytest.raises(AssertionError, match="sampled by NUTS, though nothing was to be sampled by it"):
        main(["show", "toy", "--debug"])


@pytest.mark.parametrize("place", [0, 1, 2, 4])
def test_the_workspace_may_be_named_anywhere_in_the_line(
    command: Command, toy: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    monkeypatch.chdir("/")
    line = ["show", "toy", "--as-of", "2024-02-01"]
    ended = command(*line[:place], "-C", toy, *line[place:])
    assert ended.code == 0
    assert ended.out.startswith("A toy alliance")


def test_a_workspace_without_its_folder_is_an_error_of_usage(command: Command, toy: Path) -> None:
    ended = command("show", "toy", "-C")
    assert ended.code == 2
    assert "-C" in ended.err


@pytest.mark.usefixtures("toy")
def test_an_interrupt_anywhere_ends_with_130(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(show_text, "print_scenario", interrupted)
    assert command("show", "toy").code == 130


# --- the workspace --------------------------------------------------------------------------------------------------


def test_the_workspace_is_the_nearest_folder_upward(
    command: Command, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(toy / "scenarios" / "toy" / "evidence")
    assert command("show", "toy").code == 0


def test_the_workspace_is_named_by_c_before_the_environment(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_toy(tmp_path / "a")
    (tmp_path / "b" / "scenarios").mkdir(parents=True)
    (tmp_path / "c").mkdir()
    monkeypatch.chdir(tmp_path / "c")
    monkeypatch.setenv("FORECAST_HOME", str(tmp_path / "a"))
    assert command("show", "toy").code == 0
    assert command("-C", tmp_path / "b", "show", "toy").code == 2
    monkeypatch.setenv("FORECAST_HOME", str(tmp_path / "b"))
    assert command("-C", tmp_path / "a", "show", "toy").code == 0


def test_a_first_scenario_is_made_where_the_environment_says(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORECAST_HOME", str(home))
    assert command("new", "demo").code == 0
    assert (home / "scenarios" / "demo" / "scenario.yaml").exists()
    assert not (tmp_path / "scenarios").exists()


def test_a_scenario_is_named_by_its_path_too(command: Command, toy: Path) -> None:
    assert command("show", toy / "scenarios" / "toy").code == 0


# --- what is printed ------------------------------------------------------------------------------------------------

TABLES = [
    ("check", "dprk-russia"),
    ("show", "dprk-russia"),
    ("show", "dprk-russia", "--as-of", "2024-07-01"),
    ("update", "dprk-russia", "--as-of", "2024-07-01"),
    ("history", "dprk-russia"),
    ("ledger", "log"),
    ("ledger", "verify"),
]


@pytest.mark.parametrize("arguments", TABLES, ids=" ".join)
def test_everything_fits_eighty_columns_and_has_no_escape_codes(
    command: Command, dprk: Path, arguments: tuple[str, ...]
) -> None:
    ended = command("-C", dprk, *arguments)
    assert ended.code == 0
    # a whole hash is there to be copied, and longer than any line with it could be
    lines = [line for line in ended.out.splitlines() if not re.search(r"[0-9a-f]{64}", line)]
    assert len(lines) > 0
    assert [line for line in lines if len(line) > 80] == []
    assert "\x1b" not in ended.out


def process(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The installed command in a process of its own, with a pipe for its output."""
    return subprocess.run(
        [str(FORECAST), *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | environment,
        check=False,
    )


def test_output_into_a_pipe_is_laid_out_for_eighty_columns_whatever_the_terminal(dprk: Path) -> None:
    narrow, wide = (process("show", "dprk-russia", folder=dprk, COLUMNS=columns) for columns in ("60", "200"))
    assert narrow.stdout == wide.stdout
    assert max(len(line) for line in wide.stdout.splitlines()) <= 80
    assert "\x1b" not in wide.stdout + wide.stderr


def test_a_reader_who_leaves_is_told_nothing_and_the_end_is_not_that_of_a_whole_run(dprk: Path) -> None:
    for arguments in (["show", "dprk-russia"], ["schema"], ["--help"]):
        child = subprocess.Popen(
            [str(FORECAST), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=dprk
        )
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()  # as `| head -0` does; nothing has been read
        assert child.stderr.read() == ""
        child.stderr.close()
        assert child.wait(timeout=60) == 141


@pytest.mark.parametrize("stream", [1, 2])
def test_a_stream_that_the_caller_closed_is_no_bug(dprk: Path, stream: int) -> None:
    command = f"exec '{FORECAST}' show dprk-russia {stream}>&-"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, cwd=dprk, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert bool(done.stdout) == (stream == 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("option", [(), ("--json",)])
def test_an_output_that_cannot_be_written_is_an_error_of_the_environment(dprk: Path, option: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [str(FORECAST), "show", "dprk-russia", *option],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=dprk,
            check=False,
        )
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_python_runs_the_package_as_the_command(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "forecast", "--version"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert re.fullmatch(r"forecast \d+\.\d+\.\d+\n", result.stdout)
    assert result.stdout == process("--version", folder=tmp_path).stdout


def test_the_installed_command_gives_its_code_to_the_shell(tmp_path: Path) -> None:
    result = process("show", "toy", "--json", folder=tmp_path)
    assert result.returncode == 2
    assert result.stdout.startswith('{\n  "errors"')
    assert shutil.which(str(FORECAST))


def test_no_line_of_a_list_of_commands_is_cut_off(command: Command) -> None:
    for group in ((), ("evidence",), ("ledger",), ("codebook",)):
        listed = command(*group, "--help").out.partition("Options:\n")[2]
        assert listed
        assert "..." not in listed
