"""A replay of 30 month-ends against the plain way, and of four scenarios in two processes against one.

The plain way (`naive_pymc.py`: the project's own PyMC model, rebuilt and sampled for every day) is run on 3 of the 30
days and its time scaled: a process that loads and imports counts once, what a day takes thirty times. The replay
forecasts the base-rate version too, and judges automatic questions, which the plain way does not. Every replay starts
from an empty `.forecast`. `uv run python benchmarks/replay.py`; a quarter of an hour.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from measure import seconds

LIMIT_NAIVE, LIMIT_JOBS = 8.0, 1.6

#: The first, the middle and the last of the 30 month-ends.
NAIVE_DAYS = ("2023-01-31", "2024-03-31", "2025-06-30")
N_DAYS = 30
RUNS = 3

SPAN = ("--from", "2023-01-01", "--to", "2025-06-30")
ROOT = Path(__file__).parents[1]


def replay(workspace: Path, scenarios: tuple[str, ...], *options: str) -> float:
    """Wall time of one replay, whole process, with nothing on record."""
    shutil.rmtree(workspace / ".forecast", ignore_errors=True)
    command = [sys.executable, "-m", "forecast", "replay", *scenarios, *SPAN, "--model", "v2", "--quiet", *options]
    return seconds(command, workspace).wall


def naive(workspace: Path, *days: str) -> float:
    """Wall time of the plain way, whole process."""
    command = [sys.executable, str(ROOT / "benchmarks/naive_pymc.py"), str(workspace), "dprk-russia", "v2", *days]
    return seconds(command, ROOT).wall


def against_naive(workspace: Path) -> dict[str, object]:
    """One replay against the plain way, in turn."""
    replay(workspace, ("dprk-russia",))  # caches of compiled code are warm for both
    ours, none, three = [], [], []
    for _ in range(RUNS):
        ours.append(replay(workspace, ("dprk-russia",)))
        none.append(naive(workspace))
        three.append(naive(workspace, *NAIVE_DAYS))
    per_day = (median(three) - median(none)) / len(NAIVE_DAYS)
    scaled = median(none) + N_DAYS * per_day
    ratio = scaled / median(ours)
    return {
        "benchmark": "replay of 30 month-ends with v2 against building and sampling PyMC's model for each",
        "replay_seconds": rounded(ours),
        "naive_imports_seconds": rounded(none),
        "naive_3_days_seconds": rounded(three),
        "naive_30_days_seconds_scaled": round(scaled, 1),
        "ratio": round(ratio, 2),
        "limit": LIMIT_NAIVE,
        "within": ratio >= LIMIT_NAIVE,
    }


def two_processes(workspace: Path) -> dict[str, object]:
    """Four scenarios in one process and in two, in turn."""
    names = [f"case-{number}" for number in range(1, 5)]
    for name in names:
        shutil.copytree(workspace / "scenarios/dprk-russia", workspace / "scenarios" / name)
        file = workspace / "scenarios" / name / "scenario.yaml"
        file.write_text(file.read_text().replace("id: dprk-russia", f"id: {name}", 1))
    one, two = [], []
    for _ in range(RUNS):
        one.append(replay(workspace, tuple(names)))
        two.append(replay(workspace, tuple(names), "--jobs", "2"))
    ratio = median(one) / median(two)
    return {
        "benchmark": "4 scenarios x 30 days, 2 processes against 1",
        "one_process_seconds": rounded(one),
        "two_processes_seconds": rounded(two),
        "ratio": round(ratio, 2),
        "limit": LIMIT_JOBS,
        "within": ratio >= LIMIT_JOBS,
    }


def rounded(values: list[float]) -> list[float]:
    return [round(value, 2) for value in values]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        shutil.copytree(ROOT / "scenarios", folder / "scenarios")
        results = []
        for part in (against_naive, two_processes):
            results.append(part(folder))
            print(json.dumps(results[-1], indent=2), flush=True)
    raise SystemExit(0 if all(result["within"] for result in results) else 1)
