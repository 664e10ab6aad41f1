"""A large synthetic scenario: 10,000 reports (half YAML, half CSV), 40 indicators, 360 months, 4,000 draws.

Reads, checks, makes the arrays and computes one likelihood, in a fresh process; also at smaller sizes, for the
exponents of time in reports and in months. `uv run python benchmarks/scale.py`.
"""

import csv
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

SECONDS_LIMIT, BYTES_LIMIT = 10.0, 2**30
INDICATORS, DRAWS = 40, 4000
START = date(1995, 1, 1)


def write_scenario(workspace: Path, n_reports: int, n_months: int) -> None:
    """A scenario whose reports have mixed grades, shared events, copied origins and some imprecise dates."""
    folder = workspace / "scenarios" / "large"
    (folder / "evidence").mkdir(parents=True)
    (folder / "models").mkdir()
    (workspace / "scenarios" / "codebooks").mkdir()
    last = START + timedelta(days=int(n_months * 30.4375) - 1)
    rates = "{a: [0.5, 2], b: [0.2, 1]}"
    indicators = "\n".join(
        f"  i{number}: {{kind: event, means: m, counts_as: c, per_year: {rates}, why: w}}"
        for number in range(INDICATORS)
    )
    regimes = (
        "  a: {means: m, prior: 0.5, stays: {years: [2, 8]}}\n  b: {means: m, prior: 0.5, stays: {years: [2, 8]}}\n"
    )
    (workspace / "scenarios/codebooks/large.yaml").write_text(f"regimes:\n{regimes}indicators:\n{indicators}\n")
    watched = "\n".join(
        f"  i{number}: {{watch: [{{from: {START + timedelta(days=90)}, detection: [0.5, 0.8]}}]}}"
        for number in range(0, INDICATORS, 2)
    )
    (folder / "indicators.yaml").write_text(f"indicators:\n{watched}\n")
    (folder / "sources.yaml").write_text("s: {title: t, publisher: p}\n")
    (folder / "models/v2.yaml").write_text("version: v2\nfamily: regime\nnotes: n\n")
    (folder / "README.md").write_text("synthetic\n")
    (folder / "scenario.yaml").write_text(
        f"id: large\ntitle: t\ncodebook: large\nstart: {START}\nsearched_until: {last}\ndefault_model: v2\n"
        f"questions: [{{id: q, ask: a, kind: state, on: {last + timedelta(days=365)}}}]\n"
    )
    rows = [_report(number, last) for number in range(n_reports)]
    half = n_reports // 2
    lines = ["reports:"]
    for row in rows[:half]:
        lines.append(f"  - id: {row['id']}")
        lines += [f"    {key}: {value}" for key, value in row.items() if key != "id"]
    (folder / "evidence/a.yaml").write_text("\n".join(lines) + "\n")
    with (folder / "evidence/b.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows[half:])


def _report(number: int, last: date) -> dict[str, str]:
    event = number - number % 3  # three reports of an event, the third a copy of the second's origin
    day = START + timedelta(days=(event * 7919) % ((last - START).days - 40))
    month = f"{day:%Y-%m}"
    return {
        "id": f"r{number}",
        "event": f"e{event}",
        "indicator": f"i{event // 3 % INDICATORS}",
        "when": month if event % 30 == 0 and day > START + timedelta(days=40) else day.isoformat(),
        "known": (day + timedelta(days=35)).isoformat(),
        "source": "s",
        "origin": f"o{min(number % 3, 1)}",
        "claim": f"claim {number}",
        "grade": "ABCDEF"[number * 31 % 37 % 6]
        + "123456"[number * 17 % 41 % 6],  # all cells, hardly ever the same pair
    }


def once(workspace: Path) -> None:
    """What the benchmark times: from files to a likelihood. Prints seconds by stage and peak memory."""
    began = time.perf_counter()
    import numpy as np

    from forecast.model.answers import filtered
    from forecast.model.arrays import arrays
    from forecast.model.as_of import snapshot
    from forecast.model.evidence_set import evidence_set
    from forecast.model.priors import draw_prior, natural
    from forecast.model.version import settings
    from forecast.scenario.check import check
    from forecast.scenario.read import read_scenario

    marks = [time.perf_counter()]
    scenario = read_scenario(workspace, "large")
    marks.append(time.perf_counter())
    check(scenario)
    marks.append(time.perf_counter())
    model = settings(scenario, "v2")
    as_of = scenario.file.searched_until
    assert as_of is not None
    data = arrays(evidence_set(snapshot(scenario, "v2", as_of), scenario.start, model), model, as_of)
    marks.append(time.perf_counter())
    raw = draw_prior(model, data.fixed, DRAWS, np.random.default_rng(1))
    total = filtered(natural(np, raw, model, data.fixed), model, data).log_likelihood.sum(axis=1)
    marks.append(time.perf_counter())
    assert np.isfinite(total).all()
    stages = dict(zip(("read", "check", "arrays", "likelihood"), np.diff(marks).round(3).tolist(), strict=True))
    print(
        json.dumps(
            {
                "seconds": round(marks[-1] - began, 3),
                "stages": stages,
                "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "terms": data.weight.shape[1],
            }
        )
    )


def measured(n_reports: int, n_months: int, runs: int) -> list[dict[str, float]]:
    """Fresh processes over one synthetic scenario."""
    with tempfile.TemporaryDirectory() as scratch:
        write_scenario(Path(scratch), n_reports, n_months)
        command = [sys.executable, __file__, "--once", scratch]
        return [
            json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(runs)
        ]


def median_of(rows: list[dict[str, float]], key: str) -> float:
    return sorted(row[key] for row in rows)[len(rows) // 2]


def main() -> None:
    full = measured(10_000, 360, 5)
    fewer, shorter = measured(2_500, 360, 3), measured(10_000, 90, 3)
    seconds, peak = median_of(full, "seconds"), max(row["bytes"] for row in full)
    result = {
        "benchmark": "scale",
        "full": {"reports": 10_000, "months": 360, "draws": DRAWS, "runs": full, "median_seconds": seconds},
        "peak_bytes": peak,
        "exponent_in_reports": round(math.log(seconds / median_of(fewer, "seconds")) / math.log(4), 2),
        "exponent_in_months": round(math.log(seconds / median_of(shorter, "seconds")) / math.log(4), 2),
        "limit": {"seconds": SECONDS_LIMIT, "bytes": BYTES_LIMIT},
        "within": seconds <= SECONDS_LIMIT and peak <= BYTES_LIMIT,
    }
    print(json.dumps(result, indent=2))
    raise SystemExit(0 if result["within"] else 1)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--once":
        once(Path(sys.argv[2]))
    else:
        main()
