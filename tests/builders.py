"""Small model settings, evidence and scenarios built in memory, and random ones from a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from forecast.model.arrays import Arrays, arrays
from forecast.model.as_of import KnownWatch
from forecast.model.evidence_set import Event, EvidenceSet, Origin
from forecast.model.priors import Natural, draw_prior, natural
from forecast.model.version import GRADES, Floats, ReferenceClass, Settings
from forecast.scenario.dates import When
from forecast.scenario.record import Scenario
from forecast.scenario.schema import (
    Codebook,
    Family,
    GradeTable,
    ModelVersion,
    Report,
    Resolution,
    ScenarioFile,
    Step,
)

#: A made-up table in the manner of the packaged one: the digit dominates, F and 6 say nothing.
GRADE_COUNTS = {
    grade: [1.5, 1.5]
    if "F" in grade or "6" in grade
    else [3.0 * (6 - int(grade[1])) + (5 - "ABCDEF".index(grade[0])) / 2, 0.5 + 1.5 * int(grade[1])]
    for grade in GRADES
}


def make_settings(
    *,
    family: Family = Family.REGIME,
    step: Step = Step.MONTH,
    initial: Sequence[float] = (0.3, 0.7),
    per_year: Mapping[str, Any] | None = None,
    holds: Mapping[str, Any] | None = None,
    stays: Any = None,
    goes_to: Any = None,
    absorbing: Sequence[bool] | None = None,
    told: Mapping[str, float] | None = None,
    tau: float = 1.0,
    base_rates: tuple[ReferenceClass, ...] = (),
    grades: Mapping[str, Sequence[float]] = GRADE_COUNTS,
) -> Settings:
    """Settings of K = len(initial) regimes; ranges as nested lists `[[low, high] per regime]` by indicator."""
    n = len(initial)
    per_year = {"attack": [[1, 3], [0.1, 0.5]]} if per_year is None else per_year
    holds = {} if holds is None else holds
    return Settings(
        version="v1",
        family=family,
        step=step,
        regimes=tuple(f"regime{k}" for k in range(n)),
        events=tuple(per_year),
        conditions=tuple(holds),
        initial=np.array(initial, dtype=float),
        stays=np.array([[1.0, 4.0]] * n if stays is None else stays, dtype=float),
        goes_to=np.array(np.ones((n, n)) - np.eye(n) if goes_to is None else goes_to, dtype=float),
        absorbing=np.array([False] * n if absorbing is None else absorbing),
        per_year=np.array(list(per_year.values()), dtype=float).reshape(len(per_year), n, 2),
        holds=np.array(list(holds.values()), dtype=float).reshape(len(holds), n, 2),
        told=np.array([(told or {}).get(name, 1.0) for name in per_year]),
        tau=tau,
        grades=np.array([grades[grade] for grade in GRADES], dtype=float),
        base_rates=base_rates,
    )


def says(origin: str = "paper", grade: str | None = "B2", *, denies: bool = False, p_true: Any = None) -> Origin:
    """What one origin says; `p_true` replaces the grade."""
    return Origin(origin, denies, None if p_true else grade, p_true)


def event(name: str, indicator: str, first: date, last: date | None = None, origins: Sequence[Origin] = ()) -> Event:
    """An event, precise unless `last` is given, reported by one paper unless origins are given."""
    return Event(name, indicator, first, last or first, last or first, tuple(origins) or (says(),))


def watched(
    indicator: str,
    first: date,
    until: date | None,
    closed: date | None = None,
    detection: tuple[float, float] = (0.6, 0.9),
    lag_days: tuple[float, float] = (1.0, 14.0),
) -> KnownWatch:
    """A watch as it stands on some as-of date."""
    return KnownWatch(indicator, first, until, closed, detection, lag_days)


def make_evidence(
    start: date,
    events: Sequence[Event] = (),
    watches: Sequence[KnownWatch] = (),
    instruments: Sequence[KnownWatch] = (),
    step: Step = Step.MONTH,
) -> EvidenceSet:
    """An evidence set, sorted as the program sorts it."""
    return EvidenceSet(
        start,
        step,
        tuple(sorted(events, key=lambda event: event.id)),
        tuple(sorted(watches, key=lambda watch: (watch.indicator, watch.first))),
        tuple(instruments),
    )


@dataclass(frozen=True)
class RandomCase:
    """Settings, evidence and parameters drawn from a seed."""

    model: Settings
    evidence: EvidenceSet
    as_of: date
    data: Arrays
    raw: Mapping[str, Floats]
    parameters: Natural


def random_case(
    seed: int,
    *,
    n_regimes: int = 3,
    n_steps: int = 5,
    n_draws: int = 2,
    n_reports: int = 14,
    family: Family = Family.REGIME,
    step: Step = Step.MONTH,
    straddling: bool = True,
) -> RandomCase:
    """A case with everything in it: watched, half-watched and unwatched indicators, imprecise dates, conditions.

    Without `straddling` no event lies in more than one step.
    """
    rng = np.random.default_rng(seed)
    start = date(2023, 2, 1) + timedelta(days=int(rng.integers(0, 25)))
    length = {Step.MONTH: 30, Step.WEEK: 7, Step.QUARTER: 91}[step]
    # the last step is cut, too
    as_of = start + timedelta(days=length * (n_steps - 2) + int(rng.integers(2, length)))
    names = ["aid", "attack", "summit", "visit"]
    per_year = {name: _ranges(rng, n_regimes, 0.3, 6.0, 3.0) for name in names}
    holds = {name: _probability_ranges(rng, n_regimes) for name in ("border", "threat")}
    goes_to = rng.uniform(0.5, 3.0, (n_regimes, n_regimes)) * (1 - np.eye(n_regimes))
    model = make_settings(
        family=family,
        step=step,
        initial=rng.dirichlet(np.ones(n_regimes) * 3),
        per_year=per_year,
        holds=holds,
        stays=_ranges(rng, n_regimes, 0.1, 0.8, 3.0),
        goes_to=goes_to,
        told={"summit": 0.4, "visit": 0.7},
        tau=float(rng.uniform(0.3, 1.0)),
    )
    n_days = (as_of - start).days

    def day(share: float) -> date:
        return start + timedelta(days=round(share * n_days))

    looked = day(0.9)
    watches = [
        watched("attack", day(0.1), day(0.45), day(0.45), lag_days=(2.0, 20.0)),
        watched("attack", day(0.6), looked),
        watched("visit", day(0.3), looked, detection=(0.3, 0.8)),
        watched("border", day(0.2), looked),
    ]
    reports: list[Event] = []
    for number in range(n_reports):
        indicator = str(rng.choice([*names, *holds]))
        first = start + timedelta(days=int(rng.integers(0, n_days + 1)))
        width = int(rng.choice([0, 0, int(rng.integers(1, length * 2))])) if straddling else 0
        last = min(first + timedelta(days=width), as_of)
        reports.append(event(f"e{number}", indicator, first, last, _random_origins(rng)))
    evidence = make_evidence(start, reports, watches, step=step)
    data = arrays(evidence, model, as_of)
    raw = draw_prior(model, data.fixed, n_draws, rng)
    return RandomCase(model, evidence, as_of, data, raw, natural(np, raw, model, data.fixed))


def _ranges(rng: np.random.Generator, n: int, low: float, high: float, width: float) -> list[list[float]]:
    lows = rng.uniform(low, high, n)
    return [[float(x), float(x * rng.uniform(1.2, width))] for x in lows]


def _probability_ranges(rng: np.random.Generator, n: int) -> list[list[float]]:
    return [sorted(float(x) for x in rng.uniform(0.1, 0.9, 2)) for _ in range(n)]


def _random_origins(rng: np.random.Generator) -> list[Origin]:
    origins = []
    for number in range(int(rng.integers(1, 4))):
        denies = bool(rng.random() < 0.25)
        if rng.random() < 0.2:
            low, high = sorted(float(x) for x in rng.uniform(0.2, 0.95, 2))
            origins.append(says(f"o{number}", denies=denies, p_true=(low, high)))
        else:
            origins.append(says(f"o{number}", str(rng.choice(GRADES)), denies=denies))
    return origins


def make_report(name: str, **fields: Any) -> Report:
    """A report; `when` may be a day or a pair of days, `event` and `origin` default to the id and the source."""
    when = fields.pop("when", date(2023, 3, 1))
    first, last = when if isinstance(when, tuple) else (when, when)
    entry = {
        "id": name,
        "indicator": "attack",
        "event": name,
        "when": When(first, last, "as written"),
        "known": last,
        "source": "paper",
        "origin": "paper",
        "claim": "what the paper says",
        "grade": "B2",
    }
    return Report.model_validate({**entry, **fields})


def make_codebook(*, watches: Mapping[str, Sequence[Mapping[str, Any]]] | None = None) -> Codebook:
    """Two regimes, three event indicators and a condition."""
    watches = watches or {}

    def kind(**fields: Any) -> dict[str, Any]:
        return {"means": "in words", **fields}

    indicators = {
        "attack": kind(kind="event", counts_as="one", per_year={"war": (2.0, 6.0), "peace": (0.1, 0.5)}),
        "visit": kind(kind="event", counts_as="one", per_year={"war": (0.2, 1.0), "peace": (1.0, 4.0)}),
        "rumour": kind(kind="event", counts_as="one", per_year={"war": (1.0, 3.0), "peace": (0.5, 2.0)}),
        "border": kind(kind="condition", holds={"war": (0.1, 0.4), "peace": (0.7, 0.9)}),
    }
    for name, entries in watches.items():
        indicators[name]["watch"] = tuple(entries)
    regimes = {
        "war": {"means": "in words", "prior": 0.4, "stays": {"years": (0.5, 2.0)}},
        "peace": {"means": "in words", "prior": 0.6, "stays": {"years": (2.0, 8.0)}},
    }
    return Codebook.model_validate({"regimes": regimes, "indicators": indicators})


def make_scenario(
    *,
    reports: Sequence[Report] = (),
    codebook: Codebook | None = None,
    questions: Sequence[Mapping[str, Any]] | None = None,
    resolutions: Mapping[str, Resolution] | None = None,
    searched_until: date | None = date(2023, 12, 31),
    families: Mapping[str, str] | None = None,
    start: date = date(2023, 1, 1),
    base_rates: Sequence[Mapping[str, Any]] = (),
) -> Scenario:
    """A scenario in memory, with one model version for every entry of `families` (default: v1 is a regime model)."""
    questions = questions or [{"id": "now", "ask": "?", "kind": "state", "on": date(2024, 3, 1)}]
    models = {
        version: ModelVersion(version=version, family=Family(family), notes="in words", tau=0.6, told={"rumour": 0.5})
        for version, family in (families or {"v1": "regime"}).items()
    }
    file = ScenarioFile.model_validate(
        {
            "id": "toy",
            "title": "A toy",
            "codebook": "toy",
            "start": start,
            "searched_until": searched_until,
            "questions": questions,
            "base_rates": base_rates,
            "default_model": next(iter(models)),
        }
    )
    codebook = codebook or make_codebook()
    table = GradeTable.model_validate({"means": "made up", "grades": GRADE_COUNTS})
    return Scenario(
        workspace=Path("/nowhere"),
        folder=Path("/nowhere/scenarios/toy"),
        file=file,
        sources={},
        reports=tuple(reports),
        models=models,
        codebooks=dict.fromkeys(models, codebook),
        grade_tables=dict.fromkeys(models, table),
        resolutions=resolutions or {},
    )
