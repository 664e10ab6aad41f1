"""Whole processes side by side: alternate them, take medians, print commands, raw times and the ratio as JSON."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

RUNS = 5

#: Of every measured process: it may keep what it compiled, as a user's does, whatever the machine is set to.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: Sequence[str], folder: Path, env: dict[str, str] | None = None) -> float:
    """Wall time of one process; its output is thrown away, a failure is an error."""
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env={**ENVIRONMENT, **(env or {})}, capture_output=True, text=True, check=False
    )
    taken = time.perf_counter() - began
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed with {done.returncode}:\n{done.stderr}")
    return taken


def compare(
    name: str,
    ours: Sequence[str],
    floor: Sequence[str],
    limit: float,
    folder: Path,
    before: Callable[[], None] = lambda: None,
) -> dict[str, object]:
    """Run both `RUNS` times in turn, after one run of each to warm caches; `before` runs, untimed, ahead of each."""

    def timed(command: Sequence[str]) -> float:
        before()
        return seconds(command, folder)

    timed(ours)
    timed(floor)
    rows = [(timed(ours), timed(floor)) for _ in range(RUNS)]
    ours_times, floor_times = ([round(row[side], 3) for row in rows] for side in (0, 1))
    ratio = median(ours_times) / median(floor_times)
    return {
        "benchmark": name,
        "ours": {"command": " ".join(ours), "seconds": ours_times, "median": median(ours_times)},
        "floor": {"command": " ".join(floor), "seconds": floor_times, "median": median(floor_times)},
        "ratio": round(ratio, 3),
        "limit": limit,
        "within": ratio <= limit,
    }


def report(*results: dict[str, object]) -> None:
    """Print the results; leave with 1 if a limit is passed."""
    print(json.dumps(list(results), indent=2))
    raise SystemExit(0 if all(result["within"] for result in results) else 1)
