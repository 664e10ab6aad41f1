"""A site over 50 scenarios with 100 live forecasts each, from nothing and a second time, as whole processes.

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

from made_site import make_workspace

N_SCENARIOS, N_FORECASTS = 50, 100
LIMIT_SECONDS, LIMIT_BYTES = 60.0, 1 << 30
RUNS = 3


def measured(command: list[str]) -> tuple[dict[str, object], float, int]:
    """What one process printed as JSON, its wall time in seconds and its largest resident set in bytes."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
    return json.loads(out), time.perf_counter() - began, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Print the result; leave with 1 if a limit is passed."""
    first, second, largest = [], [], 0
    with tempfile.TemporaryDirectory() as name:
        workspace = make_workspace(Path(name) / "ws", N_SCENARIOS, N_FORECASTS)
        for run in range(RUNS):
            out = Path(name) / f"site-{run}"
            command = [sys.executable, "-m", "forecast", "-C", str(workspace), "site", "-o", str(out), "--json"]
            made, taken, resident = measured(command)
            again, taken_again, resident_again = measured(command)
            first.append(round(taken, 1))
            second.append(round(taken_again, 1))
            largest = max(largest, resident, resident_again)
            if again["written"] or again["removed"]:
                raise SystemExit("the second build touched files")
    result = {
        "benchmark": f"site over {N_SCENARIOS} scenarios with {N_FORECASTS} live forecasts each: {made['pages']} pages",
        "command": "forecast site -o DIR --json",
        "first_seconds": first,
        "second_seconds": second,
        "ratio_second_to_first": round(median(second) / median(first), 2),
        "max_rss_mib": largest >> 20,
        "limits": {"seconds": LIMIT_SECONDS, "mib": LIMIT_BYTES >> 20},
        "within": median(first) <= LIMIT_SECONDS and largest <= LIMIT_BYTES,
    }
    print(json.dumps(result, indent=2))
    raise SystemExit(0 if result["within"] else 1)


if __name__ == "__main__":
    main()
