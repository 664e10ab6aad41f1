"""A site over 50 scenarios with 100 live forecasts each: from nothing, a second time, and after one more forecast.

The workspace is made through the ledger; nothing is fitted. `uv run python benchmarks/site.py`; four minutes.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from made_site import make_workspace, record
from measure import ENVIRONMENT

N_SCENARIOS, N_FORECASTS = 50, 100
LIMIT_SECONDS, LIMIT_BYTES = 60.0, 1 << 30
#: A build after nothing, or one forecast, changed takes no more than this part of the first.
LIMIT_RATIO = 0.5
#: What such builds write: the forecast, the one it supersedes, its scenario, the first page, the search and its index,
#: and the track record, which counts what is not scored yet.
MOST_WRITTEN = {"second": 0, "one_more": 7}
RUNS = 3


def measured(command: list[str]) -> tuple[dict[str, object], float, int]:
    """What one process printed as JSON, its wall time in seconds and its largest resident set in bytes."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT)
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
    return json.loads(out), time.perf_counter() - began, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Print the result; leave with 1 if a limit is passed."""
    taken: dict[str, list[float]] = {"first": [], "second": [], "one_more": []}
    largest = 0
    with tempfile.TemporaryDirectory() as name:
        workspace = make_workspace(Path(name) / "ws", N_SCENARIOS, N_FORECASTS)
        for run in range(RUNS):
            command = [sys.executable, "-m", "forecast", "-C", str(workspace), "site"]
            command += ["-o", str(Path(name) / f"site-{run}"), "--json"]
            for build, times in taken.items():
                if build == "one_more":
                    record(workspace, run, N_FORECASTS + 1)
                made, seconds, resident = measured(command)
                times.append(round(seconds, 1))
                largest = max(largest, resident)
                if build != "first" and len(made["written"]) > MOST_WRITTEN[build]:
                    raise SystemExit(f"the build called {build} wrote {made['written']}")
    ratios = {build: round(median(taken[build]) / median(taken["first"]), 2) for build in MOST_WRITTEN}
    result = {
        "benchmark": f"site over {N_SCENARIOS} scenarios with {N_FORECASTS} live forecasts each: {made['pages']} pages",
        "command": "forecast site -o DIR --json",
        "seconds": taken,
        "ratios_to_first": ratios,
        "max_rss_mib": largest >> 20,
        "limits": {"seconds": LIMIT_SECONDS, "mib": LIMIT_BYTES >> 20, "ratio": LIMIT_RATIO},
        "within": median(taken["first"]) <= LIMIT_SECONDS
        and largest <= LIMIT_BYTES
        and max(ratios.values()) <= LIMIT_RATIO,
    }
    print(json.dumps(result, indent=2))
    raise SystemExit(0 if result["within"] else 1)


if __name__ == "__main__":
    main()
