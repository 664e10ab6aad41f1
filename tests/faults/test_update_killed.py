"""A forecast killed at any moment, on a full disk, beside another: whole or not at all, once, and never wrong."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forecast.analysis.replays.replay import Span
from forecast.canonical import file_sha256
from forecast.doctor import examine
from forecast.errors import WorkspaceError
from forecast.inference.draws import Draws
from forecast.ledger.files import abandoned
from forecast.ledger.records import Entry
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger
from forecast.scenario.read import read_scenario
from forecast.update import Request, update

from ..replays import replay_toy
from ..workspaces import DAY, ROOT, copy_dprk, forecast_toy, never, noon, records, write_toy
from .conftest import Unwritable

pytestmark = pytest.mark.kill

CHILD = Path(__file__).with_name("update_child.py")

#: Every named point of a first forecast in a new workspace, in their order.
POINTS = (
    "ledger: tables made",
    "draws: first byte",
    "draws: written",
    "draws: synced",
    "draws: renamed",
    "fit: remembered",
    "ledger: transaction begun",
    "ledger: evidence inserted",
    "ledger: model inserted",
    "ledger: forecast inserted",
    "ledger: committed",
)

#: How often the real command is killed.
N_KILLS = 30

type Forecasts = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def forecasts() -> Iterator[Forecasts]:
    """Run jobs of `update_child.py`, all at once."""
    process = subprocess.Popen(
        [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdin is not None
    assert process.stdout is not None
    out = process.stdout

    def run(*jobs: dict[str, Any]) -> list[dict[str, Any]]:
        print(json.dumps([{**job, "folder": str(job["folder"])} for job in jobs]), file=process.stdin)
        results: list[dict[str, Any]] = json.loads(out.readline())
        return results

    yield run
    process.stdin.close()
    process.wait(timeout=60)
    out.close()


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, forecasts: Forecasts) -> Entry:
    """The record that nobody disturbs."""
    workspace = write_toy(tmp_path_factory.mktemp("undisturbed"))
    forecasts({"folder": workspace})
    return recorded(workspace)


def recorded(workspace: Path) -> Entry:
    """The only forecast on record."""
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        (entry,) = ledger.forecasts()
    return entry


def assert_draws_are_whole(workspace: Path) -> None:
    for path in (workspace / DRAWS_FOLDER).glob("*.npz"):
        assert path.stem == file_sha256(path)


def test_the_points_are_all_there_are(toy: Path) -> None:
    points: list[str] = []
    forecast_toy(toy, at=points.append)
    assert points == list(POINTS)


@pytest.mark.parametrize("point", POINTS)
def test_a_forecast_killed_at_any_point_is_recorded_whole_or_not_at_all_and_once(
    forecasts: Forecasts, undisturbed: Entry, toy: Path, point: str
) -> None:
    (killed,) = forecasts({"folder": toy, "deadly": point})
    assert killed["status"] == -signal.SIGKILL
    assert records(toy) == (["evidence", "model", "forecast"] if point == "ledger: committed" else [])
    assert_draws_are_whole(toy)
    (again,) = forecasts({"folder": toy})
    assert again["status"] == 0
    assert records(toy) == ["evidence", "model", "forecast"]
    assert_draws_are_whole(toy)
    entry = recorded(toy)
    assert entry.id == again["text"]
    assert entry.forecast.answers == undisturbed.forecast.answers
    assert entry.forecast.key == undisturbed.forecast.key


@pytest.mark.parametrize("point", ["fit: remembered", "ledger: forecast inserted"])
def test_draws_that_a_killed_forecast_had_kept_are_used(forecasts: Forecasts, toy: Path, point: str) -> None:
    forecasts({"folder": toy, "deadly": point})
    made = forecast_toy(toy, sampler=never)
    assert made.forecast.method["from_fit"] == made.forecast.fit


@pytest.mark.parametrize("point", ["draws: first byte", "draws: renamed"])
def test_what_a_killed_forecast_left_is_found_and_pruned(forecasts: Forecasts, toy: Path, point: str) -> None:
    forecasts({"folder": toy, "deadly": point})
    found = examine(toy, prune=False)
    assert (len(found.leftovers), len(found.orphans)) == ((1, 0) if point == "draws: first byte" else (0, 1))
    made = forecast_toy(toy)
    examine(toy, prune=True)
    assert [path.stem for path in (toy / DRAWS_FOLDER).iterdir()] == [made.forecast.fit]
    assert records(toy) == ["evidence", "model", "forecast"]


# --- full disks and folders that cannot be written ------------------------------------------------------------------


@pytest.mark.parametrize(
    "point",
    ["ledger: tables made", "draws: first byte", "draws: renamed", "fit: remembered", "ledger: evidence inserted"],
)
def test_a_disk_that_fills_up_is_said_and_leaves_nothing_half_written(
    forecasts: Forecasts, toy: Path, point: str
) -> None:
    (result,) = forecasts({"folder": toy, "full": point})
    assert result["status"] == 2
    assert result["text"].startswith("WorkspaceError")
    assert "the disk is full or fails" in result["text"] or "no room for the file" in result["text"]
    assert records(toy) == []
    assert_draws_are_whole(toy)
    assert abandoned(toy / DRAWS_FOLDER) == []
    assert forecasts({"folder": toy})[0]["status"] == 0
    assert records(toy) == ["evidence", "model", "forecast"]


def test_draws_that_do_not_fit_on_the_disk_are_not_begun_again_by_half(
    forecasts: Forecasts, small_disk: tuple[Path, int | None]
) -> None:
    folder, limit = small_disk
    write_toy(folder)
    job = {"folder": folder, **({"full": "draws: first byte"} if limit else {})}
    (result,) = forecasts(job)
    assert result["status"] == 2
    assert result["text"].startswith(f"WorkspaceError: {folder}/.forecast/draws: no room for the file")
    assert list((folder / DRAWS_FOLDER).iterdir()) == []
    assert records(folder) == []


def test_a_workspace_that_cannot_be_written_is_said_before_anything_is_sampled(
    public_folder: Path, unwritable: Unwritable
) -> None:
    write_toy(public_folder)
    with unwritable(public_folder), pytest.raises(WorkspaceError, match=r"\.forecast: the folder cannot be made"):
        forecast_toy(public_folder, sampler=never)


@pytest.mark.parametrize("begin", [forecast_toy, replay_toy], ids=["update", "replay"])
def test_a_ledger_that_cannot_be_written_is_said_before_anything_is_sampled(
    public_folder: Path, unwritable: Unwritable, begin: Callable[..., object]
) -> None:
    """The ledger is there and can be read: that it cannot be written shows only where somebody tries."""
    forecast_toy(write_toy(public_folder), as_of=date(2023, 5, 7))
    with (
        unwritable(public_folder),
        pytest.raises(WorkspaceError, match=r"ledger\.db: cannot be opened or written .* choose one with -C DIR"),
    ):
        begin(public_folder, sampler=never)
    assert records(public_folder) == ["evidence", "model", "forecast"]


def test_a_replay_that_is_on_record_is_given_back_from_a_workspace_that_cannot_be_written(
    public_folder: Path, unwritable: Unwritable
) -> None:
    span = Span(date(2023, 5, 1), date(2023, 6, 30))
    made = replay_toy(write_toy(public_folder), span)
    with unwritable(public_folder):
        again = replay_toy(public_folder, span, sampler=never)
    assert [row.id for row in again.entries] == [row.id for row in made.entries]


def test_a_stored_forecast_is_given_back_from_a_workspace_that_cannot_be_written(
    public_folder: Path, unwritable: Unwritable
) -> None:
    made = forecast_toy(write_toy(public_folder))
    with unwritable(public_folder):
        again = forecast_toy(public_folder, sampler=never)
    assert again.stored
    assert again.forecast == made.forecast


def test_draws_that_cannot_be_written_are_no_forecast(public_folder: Path, unwritable: Unwritable) -> None:
    """Only the folder of draws refuses: the ledger could be written, and still nothing is recorded."""
    write_toy(public_folder)
    (public_folder / DRAWS_FOLDER).mkdir(parents=True)
    if os.geteuid() == 0:
        for path in (public_folder / ".forecast", public_folder):
            path.chmod(0o777)
    with (
        unwritable(public_folder / DRAWS_FOLDER),
        pytest.raises(WorkspaceError, match=r"draws: cannot be written to \(Permission denied\)"),
    ):
        forecast_toy(public_folder, sampler=never)
    assert records(public_folder) == []


# --- two at once ----------------------------------------------------------------------------------------------------


def test_two_of_the_same_at_once_are_one_record(forecasts: Forecasts, toy: Path) -> None:
    results = forecasts(*[{"folder": toy, "waits": True}] * 2)
    assert [result["status"] for result in results] == [0, 0]
    assert len({result["text"] for result in results}) == 1
    assert records(toy) == ["evidence", "model", "forecast"]


def test_two_different_ones_at_once_are_both_recorded(forecasts: Forecasts, toy: Path) -> None:
    jobs = [{"folder": toy, "waits": True, "request": {"seed": seed}} for seed in (1, 2)]
    results = forecasts(*jobs)
    assert [result["status"] for result in results] == [0, 0]
    assert len({result["text"] for result in results}) == 2
    assert records(toy) == ["evidence", "model", "forecast", "forecast"]


# --- interrupted ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_reports", [1, 2, 5, 8])
def test_an_interrupt_between_the_sweeps_of_particles_leaves_nothing(toy: Path, n_reports: int) -> None:
    n_heard = 0

    def interrupted(stage: str, *_: Any) -> None:
        nonlocal n_heard
        n_heard += stage == "sampling"
        if n_heard == n_reports:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(10)
            raise AssertionError("not interrupted")

    with pytest.raises(KeyboardInterrupt):
        update(read_scenario(toy, "toy"), Request(), clock=noon(DAY), sampler=never, progress=interrupted)
    assert records(toy) == []
    assert not (toy / DRAWS_FOLDER).exists()


def test_an_interrupt_while_nuts_samples_leaves_nothing(toy: Path) -> None:
    def interrupted(*_: Any) -> Draws:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(10)
        raise AssertionError("not interrupted")

    with pytest.raises(KeyboardInterrupt):
        forecast_toy(toy, sampler=interrupted, method="nuts")
    assert records(toy) == []
    assert not (toy / DRAWS_FOLDER).exists()


def interrupt_after(
    workspace: Path, name: str, method: str, stage: str, seconds: float
) -> subprocess.CompletedProcess[str]:
    """The real command, interrupted so long after it has announced a stage."""
    words = ["-C", str(workspace), "update", name, "--as-of", "2024-01-07", "--method", method]
    process = subprocess.Popen(
        [sys.executable, "-m", "forecast", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if stage in line:
            break
    else:
        raise AssertionError(f"'{stage}' was not announced: {''.join(said)}")
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, "".join(said) + err)


def assert_interrupted(result: subprocess.CompletedProcess[str], workspace: Path) -> None:
    assert result.returncode == 130, result.stderr
    assert result.stderr.endswith("interrupted: nothing half done was recorded\n")
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert records(workspace) == []
    assert not (workspace / DRAWS_FOLDER).exists()


def test_the_command_interrupted_while_it_loads_pymc_ends_with_130(toy: Path) -> None:
    assert_interrupted(interrupt_after(toy, "toy", "nuts", "loading PyMC", 1.0), toy)


def test_the_command_interrupted_while_particles_move_ends_with_130(tmp_path: Path) -> None:
    workspace = copy_dprk(tmp_path)
    assert_interrupted(interrupt_after(workspace, "dprk-russia", "auto", "sampling", 0.1), workspace)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "stage", "seconds"),
    [
        ("nuts", "loading PyMC", 0.1),
        ("nuts", "loading PyMC", 3),
        ("nuts", "compiling", 0.5),
        ("nuts", "compiling", 4),
        ("nuts", "sampling", 0.5),
        ("smc", "sampling", 0.0),
        ("smc", "sampling", 0.5),
    ],
)
def test_the_command_interrupted_at_any_stage_ends_with_130(
    tmp_path: Path, method: str, stage: str, seconds: float
) -> None:
    workspace = copy_dprk(tmp_path)
    assert_interrupted(interrupt_after(workspace, "dprk-russia", method, stage, seconds), workspace)


# --- the real command, killed at random -----------------------------------------------------------------------------


@pytest.mark.slow
def test_the_real_command_killed_at_random_moments_keeps_every_record(tmp_path: Path) -> None:
    workspace = copy_dprk(tmp_path)
    command = [
        sys.executable,
        "-m",
        "forecast",
        "-C",
        str(workspace),
        "update",
        "dprk-russia",
        "--method",
        "smc",
        "-q",
    ]
    chance = random.Random(20240107)

    def run(as_of: str, seconds: float | None) -> tuple[int, float]:
        """Exit code, and how long it took."""
        began = time.monotonic()
        process = subprocess.Popen([*command, "--as-of", as_of], stdout=subprocess.DEVNULL, cwd=ROOT)
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        return code, time.monotonic() - began

    n_done = n_killed = 0
    code, whole = run("2024-01-07", None)
    while n_killed < N_KILLS:
        assert code in (0, -signal.SIGKILL)
        n_killed += code != 0
        assert_draws_are_whole(workspace)
        n_recorded = records(workspace).count("forecast")
        assert n_recorded - n_done in ((1,) if code == 0 else (0, 1))
        n_done = n_recorded
        # every third moment near the end, where the writing is
        seconds = whole * (chance.uniform(0.9, 1.05) if n_killed % 3 == 0 else chance.uniform(0, 0.95))
        code, took = run(f"2024-{2 + n_done // 28:02}-{1 + n_done % 28:02}", seconds)
        whole = took if code == 0 else whole
    assert run("2024-07-01", None)[0] == 0
    examine(workspace, prune=True)
    assert abandoned(workspace / DRAWS_FOLDER) == []
    assert len(list((workspace / DRAWS_FOLDER).iterdir())) == records(workspace).count("forecast")
