"""The first forecast of a fresh workspace, and one more report: against imports that cannot be avoided, and NUTS.

`uv run python benchmarks/update.py [--nuts]`; under a minute, with `--nuts` some minutes. Every process that reweights
forecasts another report, so that nothing is stored; the first forecast always has a workspace without a ledger.
"""

import shutil
import sys
import tempfile
from itertools import count
from pathlib import Path

from measure import compare, report, seconds

#: The goals: 16 imports for the first forecast, 2.2 for one more report; without a compiler, a tenth of NUTS.
FIRST_LIMIT, REPORT_LIMIT, NUTS_LIMIT = 16.0, 2.2, 0.1

REPORT = """\
reports:
  - {{id: NEW, indicator: senior_visit, when: 2024-01-{day}, known: 2024-01-30, source: ankasam-2024,
     claim: A minister came (made up)., asserted_as: media-report, grade: {grade}}}
"""

FLOOR = [sys.executable, "-c", "import numpy, pydantic, typer, rich"]


def main() -> None:
    root = Path(__file__).parents[1]
    forecast = str(Path(sys.executable).with_name("forecast"))
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch)
        shutil.copytree(root / "scenarios", workspace / "scenarios")
        new = workspace / "scenarios/dprk-russia/evidence/new.yaml"
        numbers = count()

        def fresh() -> None:
            shutil.rmtree(workspace / ".forecast", ignore_errors=True)

        def another_report() -> None:
            number = next(numbers)
            new.write_text(REPORT.format(day=10 + number % 18, grade=f"{'BCD'[number // 18]}3"))

        first = [forecast, "update", "dprk-russia", "--quiet"]
        rows = [compare("first update of a fresh workspace", first, FLOOR, FIRST_LIMIT, workspace, before=fresh)]
        if "--nuts" in sys.argv:
            nuts = [*first, "--method", "nuts"]
            rows.append(compare("the same against NUTS", first, nuts, NUTS_LIMIT, workspace, before=fresh, runs=2))
        fresh()
        dated = [forecast, "update", "dprk-russia", "--as-of"]
        seconds([*dated, "2024-01-07", "--quiet"], workspace)
        ours = [*dated, "2024-01-31", "--quiet", "--method", "reweight"]
        rows.append(compare("one more report", ours, FLOOR, REPORT_LIMIT, workspace, before=another_report))
        report(*rows)


if __name__ == "__main__":
    main()
