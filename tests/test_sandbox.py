"""The other process ends with the one that asked, however that one ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from forecast import sandbox

ROOT = Path(__file__).parents[1]
OTHER = """
import os, sys
from forecast import sandbox
print(os.getpid(), flush=True)
sandbox.begin()
"""
ASKED = """
import sys
from forecast import sandbox
for line in sandbox.lines_told("other", seconds=60):
    sys.stdout.write(line.decode())
    sys.stdout.flush()
"""


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write what the other process does after it has begun."""

    def write(does: str) -> None:
        (tmp_path / "other.py").write_text(OTHER + does)
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")

    return write


def lives(pid: int) -> bool:
    """Whether a process still runs; one that nobody asked for its exit code does not."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def wait_for_the_end(pid: int) -> None:
    deadline = time.monotonic() + 30
    while lives(pid):
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.02)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_other_process_ends_with_the_one_that_asked(other, tmp_path: Path, by: signal.Signals):
    """It waits for a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "waits")
    other(f"open({str(tmp_path / 'waits')!r}).read()")
    with subprocess.Popen([sys.executable, "-c", ASKED], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        assert asked.stdout is not None
        pid = int(asked.stdout.readline())
        assert lives(pid)
        asked.send_signal(by)
        _, told = asked.communicate(timeout=30)
    assert (b"KeyboardInterrupt" in told) == (by == signal.SIGINT)
    wait_for_the_end(pid)


def test_an_interrupt_while_the_other_process_starts_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Python's own start of a process does not end what it has begun when it is interrupted."""
    os.mkfifo(tmp_path / "waits")
    # it says nothing: that nobody listens would end it
    (tmp_path / "other.py").write_text(
        f"import forecast.sandbox as a; a.begin(); open({str(tmp_path / 'waits')!r}).read()"
    )
    begun = []
    start = subprocess.Popen._execute_child  # type: ignore[attr-defined]

    def interrupted(self: subprocess.Popen[bytes], *arguments: object) -> None:
        start(self, *arguments)
        begun.append(self.pid)
        self.returncode = 0  # else Python warns, here only, that it still runs
        raise KeyboardInterrupt

    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    with monkeypatch.context() as patch:
        patch.setattr(subprocess.Popen, "_execute_child", interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(sandbox.lines_told("other", seconds=60))
    assert len(begun) == 1
    wait_for_the_end(begun[0])


def test_what_is_told_to_the_end_comes_in_whole_lines(other):
    other("print('first'); print('second')")
    _, *lines = sandbox.lines_told("other", seconds=60)
    assert lines == [b"first\n", b"second\n"]


def test_one_that_dies_tells_its_whole_lines_and_gives_its_code(other):
    other("print('whole'); print('half', end='', flush=True); os._exit(7)")
    lines = []
    with pytest.raises(sandbox.GaveUpError, match="exit code 7") as caught:
        lines.extend(sandbox.lines_told("other", seconds=60))
    assert caught.value.code == 7


def test_one_that_takes_too_long_is_ended(other):
    other("import time; time.sleep(60)")
    with pytest.raises(sandbox.GaveUpError, match="time was up") as caught:
        list(sandbox.lines_told("other", seconds=0.5))
    assert caught.value.code is None


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is kept on Linux")
def test_one_that_takes_too_much_memory_ends(other):
    other(f"kept = bytearray({sandbox.MAX_MEMORY})")
    with pytest.raises(sandbox.GaveUpError, match="exit code 1"):
        list(sandbox.lines_told("other", seconds=60))
