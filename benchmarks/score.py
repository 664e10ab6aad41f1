"""How long scoring a table of forecasts takes, and how much memory: long CSV, Parquet and a hub, by number of rows.

    uv run python benchmarks/score.py [ROWS ...]

Prints, for each kind of table and each number of rows, seconds of processor time and the peak of memory of a process of
its own, and the exponents between the two largest numbers. The aim is a million rows in 20 s and 600 MiB.
"""

import csv
import json
import math
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROWS = (250_000, 1_000_000)
MODELS = 4


def long_csv(folder: Path, n: int) -> list[str]:
    """Two rows for each forecast of yes or no, by four models, on days of three years."""
    n_questions = n // (2 * MODELS)
    with (folder / "f.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("question", "outcome", "p", "made_on", "model"))
        for q in range(n_questions):
            day = f"{2021 + q % 3}-{1 + q % 12:02}-{1 + q % 28:02}"
            for m in range(MODELS):
                p = (q * 7919 + m * 104729) % 10007 / 10007
                writer.writerow((f"q{q}", "yes", f"{p:.6f}", day, f"m{m}"))
                writer.writerow((f"q{q}", "no", f"{1 - p:.6f}", day, f"m{m}"))
    with (folder / "t.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("question", "outcome", "ends"))
        writer.writerows((f"q{q}", "yes" if q % 3 else "no", "2024-12-31") for q in range(n_questions))
    return [str(folder / "f.csv"), str(folder / "t.csv")]


def parquet(folder: Path, n: int) -> list[str]:
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet as pq

    forecasts, truth = long_csv(folder, n)
    pq.write_table(arrow_csv.read_csv(forecasts), folder / "f.parquet")
    return [str(folder / "f.parquet"), truth]


def hub(folder: Path, n: int) -> list[str]:
    """Categories of three, by four models, as a hub of four folders."""
    n_tasks = n // (3 * MODELS)
    for m in range(MODELS):
        place = folder / f"hub/model-output/team-m{m}"
        place.mkdir(parents=True)
        with (place / f"2024-01-01-team-m{m}.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("reference_date", "location", "target", "output_type", "output_type_id", "value"))
            for q in range(n_tasks):
                a = (q * 7919 + m * 104729) % 10007 / 20014
                for name, p in (("low", a), ("middle", 0.5), ("high", 0.5 - a)):
                    writer.writerow(("2024-01-01", f"l{q}", "level", "pmf", name, f"{p:.6f}"))
    (folder / "hub/target-data").mkdir()
    with (folder / "hub/target-data/oracle-output.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("location", "target", "output_type", "output_type_id", "oracle_value"))
        for q in range(n_tasks):
            for place_, name in enumerate(("low", "middle", "high")):
                writer.writerow((f"l{q}", "level", "pmf", name, int(q % 3 == place_)))
    return [str(folder / "hub")]


KINDS = {"long CSV": long_csv, "Parquet": parquet, "hub": hub}


def score(paths: list[str]) -> None:
    """In a process of its own: score, and print what that took."""
    from forecast.analysis.scoring.score_files import given_document

    document = given_document(*map(Path, paths))
    used = resource.getrusage(resource.RUSAGE_SELF)
    n = sum(table["n"] for table in document["tables"])
    print(json.dumps({"seconds": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss / 1024, "forecasts": n}))


def main(sizes: list[int]) -> None:
    print(f"{'table':<10} {'rows':>10} {'seconds':>9} {'MiB':>7} {'forecasts':>10}")
    for kind, make in KINDS.items():
        found = []
        for n in sizes:
            with tempfile.TemporaryDirectory() as folder:
                paths = make(Path(folder), n)
                command = [sys.executable, __file__, "--score", *paths]
                done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            found.append(done)
            print(
                f"{kind:<10} {n:>10,} {done['seconds']:>9.1f} {done['mib']:>7.0f} {done['forecasts']:>10,}", flush=True
            )
        if len(found) > 1:
            growth = math.log(sizes[-1] / sizes[-2])
            time, memory = (math.log(found[-1][key] / found[-2][key]) / growth for key in ("seconds", "mib"))
            print(f"{'':<10} exponents: seconds {time:.2f}, MiB {memory:.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--score"]:
        score(sys.argv[2:])
    else:
        main([int(text) for text in sys.argv[1:]] or list(ROWS))
