"""`forecast watch` with 15 event indicators, whole processes: the packaged case, and a synthetic one at several sizes.

No draws are stored: particles are drawn for the evidence. The synthetic case also times its parts at two numbers of
draws and of steps, for the exponents. `uv run python benchmarks/watch.py`.
"""

import json
import math
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from measure import RUNS, seconds

SECONDS_LIMIT = 5.0
INDICATORS, MONTHS, DRAWS = 15, 60, 4000
START = date(2019, 1, 1)
ROOT = Path(__file__).parents[1]

#: Questions of the packaged case, one of each kind, and the day.
PACKAGED = ("regime-2028:durable", "unbroken-2027", "withdrawal-2027")
PACKAGED_DAY = "2024-07-31"


def write_scenario(workspace: Path, n_months: int) -> date:
    """A case of 15 event indicators, watched in its last half year, with an event every other month; its last day."""
    folder = workspace / "scenarios" / "case"
    (folder / "evidence").mkdir(parents=True)
    (folder / "models").mkdir()
    (workspace / "scenarios" / "codebooks").mkdir()
    year, month = divmod(n_months, 12)
    last = date(START.year + year, month + 1, 1) - timedelta(days=1)
    regimes = "".join(
        f"  {name}: {{means: m, prior: {prior}, stays: {{years: [1, 6]}}}}\n"
        for name, prior in (("a", 0.3), ("b", 0.4), ("c", 0.3))
    )
    indicators = "".join(
        f"  i{number}: {{kind: event, means: m, counts_as: c, why: w, "
        f"per_year: {{a: [0.2, 1], b: [0.2, {1 + number / 10}], c: [0.3, 1.5]}}}}\n"
        for number in range(INDICATORS)
    )
    (workspace / "scenarios/codebooks/case.yaml").write_text(f"regimes:\n{regimes}indicators:\n{indicators}")
    since = last - timedelta(days=183)
    watched = "".join(f"  i{n}: {{watch: [{{from: {since}, detection: [0.4, 0.8]}}]}}\n" for n in range(INDICATORS))
    (folder / "indicators.yaml").write_text(f"indicators:\n{watched}")
    (folder / "sources.yaml").write_text("s: {title: t, publisher: p}\n")
    (folder / "models/v1.yaml").write_text("version: v1\nfamily: regime\nnotes: n\n")
    ends = last + timedelta(days=730)
    (folder / "scenario.yaml").write_text(
        f"id: case\ntitle: t\ncodebook: case\nstart: {START}\nsearched_until: {last}\ndefault_model: v1\nquestions:\n"
        f"  - {{id: state, ask: a, kind: state, on: {ends}}}\n"
        f"  - {{id: occurs, ask: a, kind: occurs, indicator: i3, at_least: 3, between: [{last - timedelta(days=360)}, "
        f"{ends}], settled_by: truth}}\n"
    )
    days = [START + timedelta(days=61 * number + 5) for number in range(n_months // 2)]
    reports = "".join(
        f"  - {{id: r{number}, indicator: i{number * 7 % INDICATORS}, when: {day}, known: {day}, source: s, claim: c, "
        "grade: B2}\n"
        for number, day in enumerate(days)
    )
    (folder / "evidence/a.yaml").write_text(f"reports:\n{reports}")
    return last


def inside(n_months: int, n_draws: int) -> dict[str, float]:
    """Processor seconds of the parts in this process, without imports and reading."""
    import numpy as np

    from forecast.analysis.ahead.movement import movement
    from forecast.analysis.ahead.open_question import request_for_plan
    from forecast.analysis.ahead.watch import watch, window
    from forecast.inference import smc
    from forecast.inference.reweight import weigh
    from forecast.ledger.store import LEDGER_FILE, open_ledger
    from forecast.model.arrays import arrays
    from forecast.plan import Request, plan
    from forecast.scenario.read import read_scenario

    with tempfile.TemporaryDirectory() as scratch:
        last = write_scenario(Path(scratch), n_months)
        with open_ledger(Path(scratch) / LEDGER_FILE, read_only=True) as ledger:
            made = plan(read_scenario(Path(scratch), "case"), Request(as_of=last), last, ledger)
    request = request_for_plan(made, "state", "a")
    times: dict[str, list[float]] = {"draws": [], "weights": [], "rows": [], "movement": []}
    for _ in range(3):
        marks = [time.process_time()]
        data = arrays(request.evidence, request.model, request.as_of)
        proposal = smc.sample(request.model, data, request.seed, effort=smc.Effort(particles=n_draws))
        marks.append(time.process_time())
        weighted = weigh(proposal, request.model, data)
        marks.append(time.process_time())
        days = window(request.as_of, 3, request.model.step, request.question.ends)
        watch(request, weighted, days)
        marks.append(time.process_time())
        movement(request, proposal, days.last, 0)
        marks.append(time.process_time())
        for part, taken in zip(times, np.diff(marks).tolist(), strict=True):
            times[part].append(taken)
    return {part: round(median(values), 4) for part, values in times.items()}


def process(arguments: list[str], folder: Path) -> list[float]:
    """Wall times of whole processes, after one to warm caches; with a doubt about its draws the command would fail."""
    command = [sys.executable, "-m", "forecast", "watch", *arguments]
    seconds(command, folder)
    return [round(seconds(command, folder).wall, 3) for _ in range(RUNS)]


def exponent(small: float, large: float, ratio: float) -> float:
    return round(math.log(large / small) / math.log(ratio), 2)


def main() -> None:
    runs = {f"dprk-russia/{name}": process([f"dprk-russia/{name}", "--as-of", PACKAGED_DAY], ROOT) for name in PACKAGED}
    with tempfile.TemporaryDirectory() as scratch:
        last = write_scenario(Path(scratch), MONTHS)
        for name in ("state:a", "occurs"):
            runs[f"case/{name}"] = process([f"case/{name}", "--as-of", last.isoformat()], Path(scratch))
    full, fewer, shorter = inside(MONTHS, DRAWS), inside(MONTHS, DRAWS // 4), inside(MONTHS // 4, DRAWS)
    worst = max(median(times) for times in runs.values())
    result = {
        "benchmark": "watch",
        "processes": {name: {"seconds": times, "median": median(times)} for name, times in runs.items()},
        "parts": {"indicators": INDICATORS, "months": MONTHS, "draws": DRAWS, "processor_seconds": full},
        "exponent_in_draws": {part: exponent(fewer[part], full[part], 4) for part in full},
        "exponent_in_months": {part: exponent(shorter[part], full[part], 4) for part in full},
        "limit": {"seconds": SECONDS_LIMIT},
        "within": worst <= SECONDS_LIMIT,
    }
    print(json.dumps(result, indent=2))
    raise SystemExit(0 if result["within"] else 1)


if __name__ == "__main__":
    main()
