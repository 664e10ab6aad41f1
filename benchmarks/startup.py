"""Commands that fit nothing, against the imports that they cannot do without. `uv run python benchmarks/startup.py`."""

import sys
from pathlib import Path

from measure import compare, report

LIMIT = 2.0

if __name__ == "__main__":
    root = Path(__file__).parents[1]
    forecast = str(Path(sys.executable).with_name("forecast"))
    report(
        compare("help", [forecast, "--help"], [sys.executable, "-c", "import typer"], LIMIT, root),
        compare(
            "show",
            [forecast, "show", "dprk-russia"],
            [sys.executable, "-c", "import numpy, pydantic, typer, rich"],
            LIMIT,
            root,
        ),
    )
