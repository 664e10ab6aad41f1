"""Forecasts to be killed: a process that has loaded everything once and forks a child for every forecast.

It reads one JSON list of jobs a line and answers with one JSON list of results, in the same order; the jobs of a line
run at the same time. A job has the `folder` of a toy workspace and perhaps

- `deadly`, a named point: the child kills itself there as `kill -9` does;
- `full`, a named point: from there on no file can grow, as on a disk that is full;
- `request`, fields of the request;
- `waits`, true: the children wait, with their draws made and nothing written, until all of the line are there.

A result has the `status` (exit code, or minus the signal) and the `text`: the forecast's id, or the error.
"""

import json
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from forecast.errors import ForecastError
from tests.workspaces import forecast_toy, never, write_toy

#: Less than any file that a forecast writes.
NO_ROOM = 1


def run(job: dict[str, Any], n_jobs: int) -> str:
    folder = Path(job["folder"])

    def at(point: str) -> None:
        if point == "draws: first byte" and job.get("waits"):
            (folder / f"here-{os.getpid()}").touch()
            while len(list(folder.glob("here-*"))) < n_jobs:
                time.sleep(0.001)
        if point == job.get("deadly"):
            os.kill(os.getpid(), signal.SIGKILL)
        if point == job.get("full"):
            resource.setrlimit(resource.RLIMIT_FSIZE, (NO_ROOM, NO_ROOM))

    made = forecast_toy(folder, sampler=never, at=at, **job.get("request", {}))
    return made.entry.id if made.entry else ""


def start(job: dict[str, Any], n_jobs: int) -> tuple[int, int]:
    """Process and reading end of the pipe of a new child."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    code = 0
    try:
        text = run(job, n_jobs)
    except ForecastError as error:
        text, code = f"{type(error).__name__}: {error}", 2
    except BaseException as error:
        text, code = repr(error), 3
    os.write(writing, text.encode())
    os._exit(code)


def end(pid: int, reading: int) -> dict[str, Any]:
    with open(reading, "rb") as pipe:
        text = pipe.read().decode()
    return {"status": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), "text": text}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # what is imported only when it is needed, and the draws of the toy: once for all children
        forecast_toy(write_toy(Path(folder)))
    for line in sys.stdin:
        jobs = json.loads(line)
        children = [start(job, len(jobs)) for job in jobs]
        print(json.dumps([end(*child) for child in children]), flush=True)


main()
