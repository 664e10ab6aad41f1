"""A replay of 94 month-ends against one NUTS fit of the same evidence; four scenarios in two processes against one.

The fit is `update --method nuts` as of the last of the 94 days: once with an empty cache of compiled code, as on a new
machine, which is what the limit is for, and once with the code of an earlier run, which is printed beside it. The
replay forecasts the base-rate version too, and answers and scores automatic questions. Every run is a whole process
and starts from an empty `.forecast`. Wall seconds depend on what else the machine does, so processor seconds are
printed beside them. `uv run python benchmarks/replay.py [--runs N] [--part PART]`; about ten minutes for a run.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measure import Times, seconds

#: Most NUTS fits that the replay of 94 days may take, and least gain of a second process, by wall time.
LIMIT_FITS, LIMIT_JOBS = 5.0, 1.7

#: 94 month-ends.
CASE, VERSION = "armenia-csto", "v2"
LONG = ("--from", "2018-05-08", "--to", "2026-02-28")

#: 30 month-ends, of four copies of a scenario.
COPIED, N_COPIES = "dprk-russia", 4
SHORT = ("--from", "2023-01-01", "--to", "2025-06-30")

ROOT = Path(__file__).parents[1]


def spent(workspace: Path, *arguments: str, env: dict[str, str] | None = None) -> Times:
    """What one run of `forecast` takes, with nothing on record."""
    shutil.rmtree(workspace / ".forecast", ignore_errors=True)
    return seconds([sys.executable, "-m", "forecast", *arguments, "--quiet"], workspace, env)


def against_nuts(workspace: Path, runs: int) -> dict[str, object]:
    """A replay of 94 days, and one fit of the evidence of its last day, in turn."""
    fit = ("update", CASE, "--model", VERSION, "--as-of", LONG[-1], "--method", "nuts")
    ours, fresh, warm = [], [], []
    for number in range(runs):
        cache = {"PYTENSOR_FLAGS": f"base_compiledir={workspace / f'compiled-{number}'}"}
        ours.append(spent(workspace, "replay", CASE, *LONG, "--model", VERSION))
        fresh.append(spent(workspace, *fit, env=cache))
        warm.append(spent(workspace, *fit, env=cache))
    ratio = cpu(ours) / cpu(fresh)
    return {
        "benchmark": f"replay of 94 month-ends of {CASE} with {VERSION} against one NUTS fit of the same evidence",
        "replay": rounded(ours),
        "one_nuts_fit_on_a_fresh_machine": rounded(fresh),
        "one_nuts_fit_with_compiled_code": rounded(warm),
        "ratio_of_processor_seconds": round(ratio, 2),
        "ratio_of_wall_seconds": round(wall(ours) / wall(fresh), 2),
        "ratio_of_processor_seconds_with_compiled_code": round(cpu(ours) / cpu(warm), 2),
        "limit": LIMIT_FITS,
        "within": ratio <= LIMIT_FITS,
    }


def two_processes(workspace: Path, runs: int) -> dict[str, object]:
    """Four scenarios in one process and in two, in turn."""
    names = [f"case-{number}" for number in range(1, N_COPIES + 1)]
    for name in names:
        shutil.copytree(workspace / "scenarios" / COPIED, workspace / "scenarios" / name)
        file = workspace / "scenarios" / name / "scenario.yaml"
        file.write_text(file.read_text().replace(f"id: {COPIED}", f"id: {name}", 1))
    command = ("replay", *names, *SHORT, "--model", VERSION)
    one, two, gains = [], [], []
    for _ in range(runs):
        one.append(spent(workspace, *command))
        gains.append(gain_of_loops(workspace))
        two.append(spent(workspace, *command, "--jobs", "2"))
        gains.append(gain_of_loops(workspace))
    ratio = wall(one) / wall(two)
    return {
        "benchmark": f"{N_COPIES} scenarios x 30 days with {VERSION}, one process against two",
        "one_process": rounded(one),
        "two_processes": rounded(two),
        "ratio_of_wall_seconds": round(ratio, 2),
        "gain_of_two_plain_loops": [round(gain, 2) for gain in gains],
        "load_average_of_the_machine": round(os.getloadavg()[1], 1),
        "processors": os.cpu_count(),
        "limit": LIMIT_JOBS,
        "within": ratio >= LIMIT_JOBS,
    }


def gain_of_loops(folder: Path) -> float:
    """How much more processor time two plain loops get than one: 2 on two idle processors, 1 where others use them."""
    loop = "import time; end = time.monotonic() + 5\nwhile time.monotonic() < end: pass"
    command = f"[sys.executable, '-c', {loop!r}]"
    both = f"import subprocess, sys; [p.wait() for p in [subprocess.Popen({command}) for _ in range(2)]]"
    return (
        seconds([sys.executable, "-c", both], folder).processor
        / seconds([sys.executable, "-c", loop], folder).processor
    )


def wall(rows: list[Times]) -> float:
    return median(row.wall for row in rows)


def cpu(rows: list[Times]) -> float:
    return median(row.processor for row in rows)


def rounded(rows: list[Times]) -> dict[str, list[float]]:
    return {
        "wall_seconds": [round(row.wall, 1) for row in rows],
        "processor_seconds": [round(row.processor, 1) for row in rows],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--part", choices=("nuts", "jobs"), help="only one of the two")
    options = parser.parse_args()
    parts = {"nuts": against_nuts, "jobs": two_processes}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        shutil.copytree(ROOT / "scenarios", folder / "scenarios")
        results = []
        for part in [parts[options.part]] if options.part else parts.values():
            began = time.perf_counter()
            results.append(part(folder, options.runs))
            print(json.dumps(results[-1], indent=2), flush=True)
            print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)
    raise SystemExit(0 if all(result["within"] for result in results) else 1)
