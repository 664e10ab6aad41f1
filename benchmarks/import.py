"""A million rows of an event data set into a scenario: seconds and memory. `uv run python benchmarks/import.py [ROWS]`.

The rows are made up in the layout of GDELT 2.0: a hundred actors, fifteen codes, articles of three thousand hosts, and
one row in a hundred between the two actors of the case. Memory is the most that the importing process held, beside that
of one which only reads the scenario and one which imports a tenth of the rows: it must not grow with the file.
"""

import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: Tenfold the rows may cost this much more memory: what is kept are reports, and they grow until every day has its own.
LIMIT_MB = 60
LIMIT_SECONDS = 60

CHILD = """
import resource, sys
from forecast.cli.app import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
    raise
"""


def write_rows(path: Path, n_rows: int) -> None:
    """A tab-separated file without a header, 61 columns."""
    rng = random.Random(1)
    others = [f"A{number:02d}" for number in range(98)]
    codes = ["010", "036", "040", "042", "043", "051", "057", "061", "071", "072", "111", "112", "163", "173", "190"]
    start = date(2022, 3, 1)
    with path.open("w", encoding="utf-8") as file:
        for number in range(n_rows):
            day = start + timedelta(days=number * 1000 // n_rows)
            a, b = ("PRK", "RUS") if rng.random() < 0.01 else (rng.choice(others), rng.choice(others))
            cells = [""] * 61
            cells[0], cells[1], cells[59] = str(number), f"{day:%Y%m%d}", f"{day:%Y%m%d}120000"
            cells[7], cells[17], cells[26] = a, b, rng.choice(codes)
            cells[60] = f"https://www.host{rng.randrange(3000)}.example/{number}"
            file.write("\t".join(cells) + "\n")


def run(workspace: Path, *words: str) -> tuple[float, int]:
    """Seconds and megabytes of one process."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", CHILD, "-C", str(workspace), *words], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return time.perf_counter() - began, int(done.stderr.split()[-1])


def main() -> None:
    n_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        shutil.copytree(ROOT / "scenarios", workspace / "scenarios")
        results["show"] = run(workspace, "show", "dprk-russia")
        for n in (n_rows // 10, n_rows):
            file = workspace / f"{n}.csv"
            write_rows(file, n)
            words = ("evidence", "import", "dprk-russia", str(file), "--as", "gdelt2", "--quiet")
            results[f"{n} rows, dry run"] = run(workspace, *words, "--dry-run")
        results[f"{n_rows} rows, with rejects"] = run(workspace, *words, "--rejects", str(workspace / "rejects.csv"))
        results[f"{n_rows} rows, again"] = run(workspace, *words)
    rows = {name: {"seconds": round(taken, 2), "peak_mb": memory} for name, (taken, memory) in results.items()}
    growth = results[f"{n_rows} rows, dry run"][1] - results[f"{n_rows // 10} rows, dry run"][1]
    slowest = max(taken for taken, _ in results.values())
    within = growth <= LIMIT_MB and slowest <= LIMIT_SECONDS
    limits = {"growth_mb": LIMIT_MB, "seconds": LIMIT_SECONDS}
    print(json.dumps({"runs": rows, "growth_mb": growth, "limits": limits, "within": within}, indent=2))
    raise SystemExit(0 if within else 1)


if __name__ == "__main__":
    main()
