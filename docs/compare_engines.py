"""Both engines on every shipped scenario, version and on several dates: their answers and how far they differ.

    python docs/compare_engines.py RESULTS.jsonl [--engine nuts|smc] [--scenario NAME] [--write]

Sequential Monte Carlo takes seconds a row, NUTS compiles a minute or two for each model and samples for some seconds a
row. Every row is appended to RESULTS as soon as it is computed, and rows that are there for the same model and
evidence are not computed again: a run that was stopped goes on where it was. `--write` puts the table between the
markers in docs/method.md.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from forecast.inference.draws import Draws
from forecast.inference.posterior import Posterior, nuts, sampled_by_nuts
from forecast.inference.stored_draws import DrawSource
from forecast.ledger.store import Ledger, open_ledger
from forecast.model.answers import outcomes
from forecast.model.arrays import Arrays, arrays
from forecast.model.frame import Frame, frame, in_frame, watch_columns
from forecast.plan import Plan, Request, plan
from forecast.scenario.read import find_workspace, read_scenario
from forecast.scenario.record import Scenario

METHOD = Path(__file__).with_name("method.md")
BEGIN, END = "<!-- engines: begin -->", "<!-- engines: end -->"

SCENARIOS = ("armenia-csto", "dprk-russia", "iran-russia", "philippines-us")
ENGINES = ("smc", "nuts")

#: Dates at these shares of the time from a scenario's start to the last day that was searched.
SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)

#: A date on which NUTS does not move between the two modes of `v1`.
FURTHER = {"armenia-csto": (date(2024, 3, 31),)}

#: A day on which all evidence is known: every date is forecast as a replay.
TODAY = date(2026, 12, 1)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table: what is forecast, and the frame that one compilation of NUTS is shared through."""

    plan: Plan
    around: Frame

    @property
    def key(self) -> tuple[str, ...]:
        """Names the row; another model or other evidence has another key."""
        identity = self.plan.identity
        names = (self.plan.scenario.id, self.plan.version, self.plan.as_of.isoformat())
        return (*names, identity["model_identity"], identity["evidence_identity"])


def dates(scenario: Scenario) -> list[date]:
    """Dates of the table for a scenario."""
    searched = scenario.file.searched_until
    assert searched is not None
    n_days = (searched - scenario.start).days
    shares = {scenario.start + timedelta(days=round(share * n_days)) for share in SHARES}
    return sorted(shares | set(FURTHER.get(scenario.id, ())))


def cases(workspace: Path, names: Sequence[str], ledger: Ledger) -> Iterator[Case]:
    """All rows; those of one model follow each other."""
    for name in names:
        scenario = read_scenario(workspace, name)
        for version in scenario.models:
            for day in dates(scenario):
                made = plan(scenario, Request(model=version, as_of=day), TODAY, ledger)
                yield Case(made, frame(scenario.codebooks[version], made.model))


def by_smc(case: Case, data: Arrays) -> Posterior:
    """Draws by sequential Monte Carlo from the prior, with all the particles and sweeps that it may use."""
    made = case.plan
    return DrawSource(method="smc").draws_for(made.model, data, made.open_questions, seed=made.seed)


def by_nuts(case: Case, data: Arrays) -> Posterior:
    """Draws by NUTS, in a frame that all dates of the model share."""
    made = case.plan
    draws = nuts(made.model, in_frame(data, made.model, case.around), made.seed, lambda *_: None)
    return sampled_by_nuts(_of_the_day(draws, data, case.around), made.open_questions, made.model, data)


def _of_the_day(draws: Draws, data: Arrays, around: Frame) -> Draws:
    """Draws without the watches that the date does not know: those are draws from the prior."""
    own = draws.arrays["detection_own"][..., watch_columns(data.watches, around)]
    return replace(draws, arrays={**draws.arrays, "detection_own": np.ascontiguousarray(own)})


def row_of(case: Case, engine: str) -> Row:
    """Answers of one engine with their Monte Carlo errors; `problems` where it refuses them."""
    made = case.plan
    data = arrays(made.evidence, made.model, made.as_of)
    began = process_time()
    found = (by_smc if engine == "smc" else by_nuts)(case, data)
    taken = process_time() - began
    answers = {
        f"{question.id}:{name}": [round(p, 6), round(error, 6)]
        for question in made.open_questions
        for name, (p, error, _, _) in zip(outcomes(question, made.model), found.summary(question.id), strict=True)
    }
    method = {
        key: found.method[key] for key in ("particles", "sweeps", "log_evidence", "island_sd") if key in found.method
    }
    return {
        "key": list(case.key),
        "engine": engine,
        "seconds": round(taken, 1),
        "problems": list(found.problems),
        "method": method,
        "answers": answers,
    }


def load(path: Path) -> dict[tuple[tuple[str, ...], str], Row]:
    """Rows that are there, the last of each key and engine."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines if line.endswith("}")]
    return {(tuple(row["key"]), row["engine"]): row for row in rows}


def differences(smc: Row, by: Row) -> tuple[float, list[float]]:
    """Largest difference of a probability, and every difference in Monte Carlo errors of both together."""
    pairs = [(smc["answers"][name], by["answers"][name]) for name in smc["answers"]]
    # the two outcomes of a question say the same: the first of them is enough
    apart = [p - q for (p, _), (q, _) in pairs]
    errors = [float(np.hypot(one, other)) for (_, one), (_, other) in pairs]
    return max(map(abs, apart)), [gap / error for gap, error in zip(apart, errors, strict=True) if error > 0]


def table(keys: Sequence[tuple[str, ...]], rows: Mapping[tuple[tuple[str, ...], str], Row]) -> str:
    """A Markdown table with one line for each scenario and version, and a sentence about all of them."""
    groups: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for key in keys:
        groups.setdefault((key[0], key[1]), []).append(key)
    lines = [
        "| scenario | version | dates | answers | largest difference | spread of z | largest z | SMC, s | NUTS, s "
        "| refused |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    everything: list[float] = []
    for (scenario, version), members in groups.items():
        both = [
            (rows[key, "smc"], rows[key, "nuts"], key) for key in members if {(key, e) for e in ENGINES} <= rows.keys()
        ]
        good = [(smc, other) for smc, other, _ in both if not smc["problems"] and not other["problems"]]
        found = [differences(smc, other) for smc, other in good]
        z = [value for _, values in found for value in values]
        everything += z
        refused = [
            f"{engine.upper()} on {key[2]}"
            for smc, other, key in both
            for engine, row in (("smc", smc), ("nuts", other))
            if row["problems"]
        ]
        cells = [
            scenario,
            version,
            str(len(both)),
            str(len(z)),
            f"{max((gap for gap, _ in found), default=0.0):.4f}",
            f"{np.sqrt(np.mean(np.square(z))):.2f}" if z else "",
            f"{max(map(abs, z)):.1f}" if z else "",
            f"{np.median([smc['seconds'] for smc, _, _ in both]):.1f}" if both else "",
            f"{np.median([other['seconds'] for _, other, _ in both]):.1f}" if both else "",
            "; ".join(refused) or "none",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    spread = np.sqrt(np.mean(np.square(everything))) if everything else float("nan")
    lines += [
        "",
        f"Over all {len(everything)} answers, z has a root mean square of {spread:.2f}; the largest is "
        f"{max(map(abs, everything), default=0.0):.1f}.",
    ]
    return "\n".join(lines)


def with_table(text: str, between: str) -> str:
    """The document with another table between the markers.

    Raises
    ------
    ValueError
        If the document does not have both markers once.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(END) < text.index(BEGIN):
        raise ValueError(f"{METHOD.name} must have '{BEGIN}' and, later, '{END}', once each")
    head, tail = text.split(BEGIN, maxsplit=1)[0], text.split(END, maxsplit=1)[1]
    return f"{head}{BEGIN}\n{between}\n{END}{tail}"


def main() -> None:
    """Compute what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--scenario", choices=SCENARIOS, action="append")
    parser.add_argument("--again", action="store_true", help="compute rows that are there again")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    workspace = find_workspace(Path(__file__).parent)
    with tempfile.TemporaryDirectory() as folder, open_ledger(Path(folder) / "ledger.db", create=True) as ledger:
        wanted = list(cases(workspace, given.scenario or SCENARIOS, ledger))
        rows = load(given.results)
        for engine in given.engine or ENGINES:
            for case in wanted:
                if (case.key, engine) in rows and not given.again:
                    continue
                row = row_of(case, engine)
                rows[case.key, engine] = row
                with given.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
                print(engine, *case.key[:3], f"{row['seconds']} s", *row["problems"], file=sys.stderr, flush=True)
        made = table([case.key for case in wanted], rows)
    print(made)
    if given.write:
        METHOD.write_text(with_table(METHOD.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    main()
