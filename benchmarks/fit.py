"""A whole forecast with NUTS against the smallest PyMC and nutpie program (one Normal, one observation).

`uv run python benchmarks/fit.py`; several minutes. Caches are warm for both sides.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from measure import compare, report

LIMIT = 1.6

SMALLEST = """
import nutpie, pymc as pm
with pm.Model() as model:
    x = pm.Normal("x")
    pm.Normal("y", x, observed=1.0)
compiled = nutpie.compile_pymc_model(model)
nutpie.sample(compiled, chains=4, tune=600, draws=1000, seed=1, progress_bar=False)
"""

if __name__ == "__main__":
    root = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch)
        shutil.copytree(root / "scenarios", workspace / "scenarios")
        ours = [sys.executable, "-m", "forecast", "update", "dprk-russia", "--force", "--method", "nuts", "--quiet"]
        report(compare("fit", ours, [sys.executable, "-c", SMALLEST], LIMIT, workspace))
