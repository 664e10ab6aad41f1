"""A Dask cluster on this machine: the numbers of one process, also where a worker is lost; clear words where not."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from forecast.analysis.replays import executor as module
from forecast.analysis.replays.executor import executor
from forecast.errors import InputError, WorkspaceError
from forecast.ledger.store import LEDGER_FILE

from ..replays import numbers, replay_toy
from ..workspaces import ROOT, write_toy

pytestmark = pytest.mark.cluster

#: Seconds in which scheduler and workers are there, on a busy machine.
PATIENCE = 60


class Cluster:
    """A scheduler and workers, as a user starts them, each a process of its own."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
        self.processes = []
        self.start("scheduler", "--host", "127.0.0.1", "--port", self.address.rsplit(":", 1)[1], "--no-dashboard")
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def answers(self):
        host, port = self.address.removeprefix("tcp://").split(":")
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    def start(self, what, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        log = (self.folder / f"{len(self.processes)}.log").open("w")
        process = subprocess.Popen(command, env=environment, cwd=self.folder, stdout=log, stderr=log)
        log.close()
        self.processes.append(process)
        return process

    def worker(self):
        # without a nanny nobody starts a worker again that was lost
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        return self.start("worker", self.address, *options)

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    workspace = write_toy(tmp_path_factory.mktemp("serial"))
    replay_toy(workspace)
    return numbers(workspace)


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path)
    yield made
    made.end()


@pytest.fixture
def toy(tmp_path):
    return write_toy(tmp_path / "toy")


def test_a_cluster_gives_the_numbers_of_one_process_though_a_worker_is_lost(cluster, serial, toy):
    """Digit for digit; the worker is killed while it works, and what it held is computed again by the other."""
    workers = [cluster.worker(), cluster.worker()]
    told = []

    def progress(*what):
        told.append(what)
        if len(told) == 4:
            os.kill(workers[0].pid, signal.SIGKILL)

    replay_toy(toy, on=cluster.address, progress=progress)
    assert workers[0].wait() == -signal.SIGKILL
    assert workers[1].poll() is None
    assert numbers(toy) == serial


def test_a_scheduler_that_is_lost_is_said_and_what_was_finished_stays(cluster, serial, toy, capfd):
    cluster.worker()
    told = []

    def progress(*what):
        told.append(what)
        if len(told) == 3:
            cluster.processes[0].kill()

    with pytest.raises(WorkspaceError, match=r"the Dask cluster was lost \(.+\)\. What was finished is recorded"):
        replay_toy(toy, on=cluster.address, progress=progress)
    assert capfd.readouterr().err == ""  # no tracebacks of Dask
    finished = numbers(toy)
    assert finished
    assert finished.items() <= serial.items()
    replay_toy(toy)
    assert numbers(toy) == serial


def test_a_cluster_without_workers_is_said_within_seconds(cluster, toy, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 1)
    began = time.monotonic()
    with pytest.raises(InputError, match=r"has no workers.*dask worker"):
        replay_toy(toy, on=cluster.address)
    assert time.monotonic() - began < 15
    assert not (toy / LEDGER_FILE).exists()


def test_a_cluster_that_does_not_answer_is_said_within_seconds(toy, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(InputError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:\d+ within 1 s"):
            replay_toy(toy, on=address)
    assert time.monotonic() - began < 15
    assert not (toy / LEDGER_FILE).exists()


def test_workers_with_other_versions_are_refused(cluster, toy, monkeypatch):
    cluster.worker()
    monkeypatch.setattr(module, "PATIENCE", PATIENCE)
    here = module.version_of
    monkeypatch.setattr(module, "version_of", lambda name: "0.0" if name == "numpy" else here(name))
    with pytest.raises(InputError, match=r"other versions: .*'numpy'.*Accepted: those of here"):
        replay_toy(toy, on=cluster.address)
    assert not (toy / LEDGER_FILE).exists()


def test_a_missing_extra_is_named_with_the_command_that_adds_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="uv sync --extra distributed"), executor(on="tcp://127.0.0.1:1"):
        pass


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"jobs": 0}, "0 processes cannot work"),
        ({"jobs": 2, "on": "tcp://127.0.0.1:1"}, "exclude each other"),
        ({"on": "localhost"}, "'localhost' is no address.* Accepted: tcp://HOST:PORT"),
    ],
)
def test_what_cannot_be_an_executor_is_said(asked, said):
    with pytest.raises(InputError, match=said), executor(**asked):
        pass
