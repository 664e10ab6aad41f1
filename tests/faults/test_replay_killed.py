"""A replay killed at any point: no finished day is lost, none is there twice, the rest comes to the same numbers."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from forecast.ledger.files import abandoned
from forecast.ledger.store import DRAWS_FOLDER

from ..replays import numbers, replay_toy
from ..workspaces import ROOT, records, write_toy

pytestmark = pytest.mark.kill

CHILD = Path(__file__).with_name("replay_child.py")

#: Named points of writing, with how often each is reached before the process dies, and the days recorded by then.
DEADLY = [
    pytest.param("draws: first byte", 2, 1, marks=pytest.mark.slow),
    # particles of a day without its record, beside those of the day before
    ("draws: renamed", 4, 3),
    pytest.param("fit: remembered", 2, 13, marks=pytest.mark.slow),
    pytest.param("ledger: forecast inserted", 13, 12, marks=pytest.mark.slow),
    # a record whose particles are there, and those of the day before too
    ("ledger: committed", 12, 12),
]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    workspace = write_toy(tmp_path_factory.mktemp("undisturbed"))
    replay_toy(workspace)
    return workspace, numbers(workspace)


def particles(workspace: Path) -> set[str]:
    return {path.name for path in (workspace / DRAWS_FOLDER).iterdir()}


@pytest.fixture
def toy(tmp_path):
    return write_toy(tmp_path / "toy")


def killed(toy: Path, jobs: int, point: str, times: int) -> None:
    done = subprocess.run(
        [sys.executable, str(CHILD), str(toy), str(jobs), point, str(times)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize(("point", "times", "n_recorded"), DEADLY)
def test_a_killed_replay_keeps_what_was_finished_and_goes_on_to_the_same_numbers(
    toy, undisturbed, point, times, n_recorded
):
    killed(toy, 1, point, times)
    workspace, undisturbed = undisturbed
    finished = numbers(toy)
    assert finished == {place: undisturbed[place] for place in finished}
    assert len(finished) == n_recorded
    records(toy)
    replay_toy(toy)
    assert numbers(toy) == undisturbed
    left = {path.name for path in abandoned(toy / DRAWS_FOLDER)}  # a file that was being written
    assert particles(toy) - left == particles(workspace)
    records(toy)


def processes_that_run(folder: Path) -> list[int]:
    """Processes with the folder in their command line or environment that still live."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(folder).encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc to see which processes live")
@pytest.mark.slow
def test_the_processes_of_a_killed_replay_end_too_and_nothing_is_lost(toy, undisturbed, monkeypatch):
    _, undisturbed = undisturbed
    monkeypatch.setenv("REPLAY_OF", str(toy))  # the children inherit it
    killed(toy, 2, "ledger: committed", 7)
    monkeypatch.delenv("REPLAY_OF")
    finished = numbers(toy)
    assert len(finished) == 7
    assert finished == {place: undisturbed[place] for place in finished}
    deadline = time.monotonic() + 60
    while left := processes_that_run(toy):
        assert time.monotonic() < deadline, f"processes {left} live on"
        time.sleep(0.2)
    monkeypatch.syspath_prepend(str(ROOT))
    replay_toy(toy, jobs=2)
    assert numbers(toy) == undisturbed
