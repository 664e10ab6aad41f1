"""Whole processes side by side: alternate them, take medians, print commands, raw times and the ratio as JSON.

Ratios and limits are of processor seconds (user and system, with all children): wall seconds depend on what else the
machine does, and are printed beside them.
"""

import json
import os
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

RUNS = 5

#: Of every measured process: it may keep what it compiled, as a user's does, whatever the machine is set to.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Times:
    """Wall and processor seconds of one process."""

    wall: float
    processor: float


def seconds(command: Sequence[str], folder: Path, env: dict[str, str] | None = None) -> Times:
    """Times of one process; its output is thrown away, a failure is an error."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env={**ENVIRONMENT, **(env or {})}, capture_output=True, text=True, check=False
    )
    taken = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed with {done.returncode}:\n{done.stderr}")
    return Times(taken, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def compare(
    name: str,
    ours: Sequence[str],
    floor: Sequence[str],
    limit: float,
    folder: Path,
    before: Callable[[], None] = lambda: None,
    runs: int = RUNS,
) -> dict[str, object]:
    """Run both `runs` times in turn, after one run of each to warm caches; `before` runs, untimed, ahead of each."""

    def timed(command: Sequence[str]) -> Times:
        before()
        return seconds(command, folder)

    timed(ours)
    timed(floor)
    rows = [(timed(ours), timed(floor)) for _ in range(runs)]
    ours_side, floor_side = (_side(command, [row[side] for row in rows]) for side, command in enumerate((ours, floor)))
    ratio = ours_side["median_processor"] / floor_side["median_processor"]
    return {
        "benchmark": name,
        "ours": ours_side,
        "floor": floor_side,
        "ratio": round(ratio, 3),
        "limit": limit,
        "within": ratio <= limit,
    }


def _side(command: Sequence[str], times: Sequence[Times]) -> dict[str, Any]:
    return {
        "command": " ".join(command),
        "wall_seconds": [round(row.wall, 3) for row in times],
        "processor_seconds": [round(row.processor, 3) for row in times],
        "median_wall": round(median(row.wall for row in times), 3),
        "median_processor": round(median(row.processor for row in times), 3),
    }


def report(*results: dict[str, object]) -> None:
    """Print the results; leave with 1 if a limit is passed."""
    print(json.dumps(list(results), indent=2))
    raise SystemExit(0 if all(result["within"] for result in results) else 1)
