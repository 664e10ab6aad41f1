"""The full report of dprk-russia from stored draws, against what it computes: explain, words and watch of its question.

Needs a forecast of dprk-russia on record (`forecast update dprk-russia`). `uv run python benchmarks/report.py`.
"""

import sys
import tempfile
from pathlib import Path

from measure import compare, report

#: A report is no more than so many times the one command that says why, in a process each; and seconds at most.
LIMIT, SECONDS = 4.0, 15.0

if __name__ == "__main__":
    root = Path(__file__).parents[1]
    forecast = str(Path(sys.executable).with_name("forecast"))
    with tempfile.TemporaryDirectory() as folder:
        results = []
        for suffix in ("html", "pdf", "docx"):
            ours = [forecast, "report", "dprk-russia", "-o", f"{folder}/r.{suffix}"]
            found = compare(f"report {suffix}", ours, [forecast, "explain", "dprk-russia"], LIMIT, root)
            seconds = found["ours"]["median"]
            results.append({**found, "seconds_limit": SECONDS, "within": found["within"] and seconds <= SECONDS})
    report(*results)
