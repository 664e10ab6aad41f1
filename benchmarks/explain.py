"""Explaining a forecast from no evidence, with everything that is left out or varied, against one first forecast.

`uv run python benchmarks/explain.py`; some minutes. The forecast is that of `dprk-russia` with all its evidence, 42
events. Both sides are whole processes; the forecast beside it samples from the prior and records nothing.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from measure import compare, report, seconds

#: The goal: five seconds of processor time on a machine on which the first forecast takes one and a half.
LIMIT = 3.5


def main() -> None:
    root = Path(__file__).parents[1]
    forecast = str(Path(sys.executable).with_name("forecast"))
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch)
        shutil.copytree(root / "scenarios", workspace / "scenarios")
        update = [forecast, "update", "dprk-russia", "--quiet"]
        seconds(update, workspace)
        explain = [forecast, "explain", "dprk-russia", "--json"]
        again = [*update, "--method", "smc", "--force", "--draft"]
        report(compare("explain a forecast with 42 events", explain, again, LIMIT, workspace, runs=3))


if __name__ == "__main__":
    main()
