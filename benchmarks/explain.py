"""Leaving out 60 events one at a time: 46 months, 6 indicators, 4,000 draws; in one process, after all is loaded.

Times the waterfall and leaving out every event and origin; also with half of the draws, events, steps, for exponents.
`uv run python benchmarks/explain.py`.
"""

import json
import math
import time
from datetime import date, timedelta

import numpy as np
from forecast.analysis.why.pool import Pool

from forecast.analysis.why.leave_out import leave_one_out
from forecast.analysis.why.nodes import path_from_nothing
from forecast.analysis.why.recorded import Recorded
from forecast.inference.draws import Draws, flat
from forecast.inference.reweight import ProposalDraws, prior_draws, weigh
from forecast.ledger.records import Forecast
from forecast.model.arrays import arrays
from forecast.model.as_of import KnownWatch
from forecast.model.evidence_set import Event, EvidenceSet, Origin
from forecast.model.version import GRADES, Settings
from forecast.plan import Question
from forecast.scenario.schema import Family, Occurs, State, Step

SECONDS_LIMIT = 5.0
EVENTS, STEPS, DRAWS, RUNS = 60, 46, 4000, 3
START = date(2021, 1, 1)
INDICATORS = tuple(f"i{number}" for number in range(6))


def settings() -> Settings:
    regimes = ("a", "b", "c")
    rates = [[[1.0, 4.0], [0.5, 2.0], [0.2, 1.0]]] * len(INDICATORS)
    counts = [[3.0 * (6 - int(grade[1])) + 1, 0.5 + 1.5 * int(grade[1])] for grade in GRADES]
    return Settings(
        version="v1",
        family=Family.REGIME,
        step=Step.MONTH,
        regimes=regimes,
        events=INDICATORS,
        conditions=(),
        initial=np.array([0.4, 0.4, 0.2]),
        stays=np.array([[2.0, 8.0]] * 3),
        goes_to=np.ones((3, 3)) - np.eye(3),
        absorbing=np.array([False] * 3),
        per_year=np.array(rates),
        holds=np.zeros((0, 3, 2)),
        told=np.ones(len(INDICATORS)),
        tau=0.5,
        grades=np.array(counts),
        base_rates=(),
    )


def forecast(n_events: int, n_steps: int) -> Recorded:
    """Events spread evenly over time and indicators; a third told by two origins, half of the indicators watched."""
    as_of = START + timedelta(days=round(n_steps * 30.4375) - 1)
    days = [
        START + timedelta(days=round((number + 0.5) * (as_of - START).days / n_events)) for number in range(n_events)
    ]
    events = tuple(
        Event(
            f"e{number:03}",
            INDICATORS[number % len(INDICATORS)],
            day,
            day,
            day,
            tuple(
                Origin(f"o{(number + extra) % 20}", False, "ABCD"[number % 4] + "123"[extra + number % 2], None)
                for extra in range(2 if number % 3 == 0 else 1)
            ),
        )
        for number, day in enumerate(days)
    )
    watches = tuple(KnownWatch(name, START, as_of, None, (0.5, 0.8), (1.0, 14.0)) for name in INDICATORS[::2])
    questions = questions_of(as_of)
    record = Forecast(
        *("large", "t", "v1", "regime", "", "", as_of.isoformat(), "2026-01-01T00:00:00+00:00", "replay", ""),
        seed=1,
        method={},
        fit=None,
        versions={},
        questions=tuple(question.model_dump(mode="json", by_alias=True) for question in questions),
        evidence_counts={},
        warnings=(),
        since=None,
        answers=(),
    )
    return Recorded("fc-large", record, settings(), EvidenceSet(START, Step.MONTH, events, watches, ()), as_of)


def questions_of(as_of: date) -> list[Question]:
    begins, ends = as_of - timedelta(days=200), as_of + timedelta(days=365)
    return [
        State.model_validate({"id": "state", "ask": "a", "kind": "state", "on": ends.isoformat()}),
        Occurs.model_validate(
            {
                "id": "occurs",
                "ask": "a",
                "kind": "occurs",
                "indicator": "i0",
                "at_least": 4,
                "between": [begins.isoformat(), ends.isoformat()],
            }
        ),
    ]


def anchors(made: Recorded, n_draws: int) -> list[ProposalDraws]:
    """Draws from the prior, and as many of the posterior: the same, resampled by their likelihood."""
    data = arrays(made.evidence, made.model, made.as_of)
    prior = prior_draws(made.model, data, 1)
    weighed = weigh(prior, made.model, data)
    total = weighed.filtered.log_likelihood.sum(axis=1)
    rng = np.random.default_rng(2)
    shape = (4, n_draws // 4)
    found = []
    for name, chances in (("prior", None), ("own", weighed.weights)):
        rows = rng.choice(prior.draws.n_draws, size=n_draws, p=chances)
        arrays_of = {
            key: values[rows].reshape((*shape, *values.shape[1:])) for key, values in flat(prior.draws).items()
        }
        likelihood = np.zeros(shape) if chances is None else total[rows].reshape(shape)
        found.append(
            ProposalDraws(name, made.model, Draws(arrays_of, prior.draws.meta, likelihood, prior.draws.watches))
        )
    return found


def measured(n_events: int, n_steps: int, n_draws: int, question: str) -> dict[str, float]:
    """Seconds of the waterfall, and of leaving out every event (origins too) after it."""
    made = forecast(n_events, n_steps)
    pool = Pool(anchors(made, n_draws))
    asked = made.question(question)
    outcome = "a" if question == "state" else "yes"
    began = time.perf_counter()
    for node in path_from_nothing(made, question):
        whole = pool.serve(node.model, node.data(), node.question, outcome, keep=True)
    walked = time.perf_counter()
    rows = leave_one_out(pool, whole, made, asked, outcome, None)
    left = time.perf_counter()
    n_left = sum(row.by == "event" for row in rows)
    return {"waterfall": walked - began, "leave_one_out": left - walked, "events": n_left, "rows": len(rows)}


def median(n_events: int, n_steps: int, n_draws: int, question: str) -> dict[str, float]:
    runs = [measured(n_events, n_steps, n_draws, question) for _ in range(RUNS)]
    return {key: sorted(run[key] for run in runs)[RUNS // 2] for key in runs[0]}


def main() -> None:
    full = {question: median(EVENTS, STEPS, DRAWS, question) for question in ("state", "occurs")}
    seconds = {question: row["leave_one_out"] for question, row in full.items()}
    halves = {
        "draws": median(EVENTS, STEPS, DRAWS // 2, "state"),
        "events": median(EVENTS // 2, STEPS, DRAWS, "state"),
        "steps": median(EVENTS, STEPS // 2, DRAWS, "state"),
    }
    result = {
        "benchmark": "explain",
        "size": {"events": EVENTS, "steps": STEPS, "draws": DRAWS, "runs": RUNS},
        "seconds": full,
        "exponents": {
            name: round(math.log2(full["state"]["leave_one_out"] / row["leave_one_out"]), 2)
            for name, row in halves.items()
        },
        "limit": SECONDS_LIMIT,
        "within": max(seconds.values()) <= SECONDS_LIMIT,
    }
    print(json.dumps(result, indent=2))
    raise SystemExit(0 if result["within"] else 1)


if __name__ == "__main__":
    main()
