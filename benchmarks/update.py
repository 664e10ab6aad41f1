"""A forecast from one new report by reweighting: against the imports it cannot do without, and against NUTS.

`uv run python benchmarks/update.py`; some minutes. Every process forecasts another report, so that nothing is stored.
Caches are warm.
"""

import shutil
import sys
import tempfile
from itertools import count
from pathlib import Path

from measure import compare, report, seconds

FLOOR_LIMIT, NUTS_LIMIT = 2.5, 0.1

REPORT = """\
reports:
  - {{id: NEW, indicator: senior_visit, when: 2024-01-{day}, known: 2024-01-30, source: ankasam-2024,
     claim: A minister came (made up)., asserted_as: media-report, grade: {grade}}}
"""


def main() -> None:
    root = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch)
        shutil.copytree(root / "scenarios", workspace / "scenarios")
        new = workspace / "scenarios/dprk-russia/evidence/new.yaml"
        numbers = count()

        def another_report() -> None:
            number = next(numbers)
            new.write_text(REPORT.format(day=10 + number % 18, grade=f"{'BCD'[number // 18]}3"))

        forecast = str(Path(sys.executable).with_name("forecast"))
        ours = [forecast, "update", "dprk-russia", "--as-of", "2024-01-31", "--quiet"]
        seconds([forecast, "update", "dprk-russia", "--as-of", "2024-01-07", "--quiet"], workspace)
        floor = [sys.executable, "-c", "import numpy, pydantic, typer, rich"]
        nuts = [*ours, "--method", "nuts", "--force"]
        report(
            compare("reweight", [*ours, "--method", "reweight"], floor, FLOOR_LIMIT, workspace, before=another_report),
            compare(
                "reweight against NUTS",
                [*ours, "--method", "reweight"],
                nuts,
                NUTS_LIMIT,
                workspace,
                before=another_report,
            ),
        )


if __name__ == "__main__":
    main()
