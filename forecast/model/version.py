"""One model version as the numbers see it: regimes, indicators, ranges, grades, options; and its identity.

A `Settings` holds everything of a scenario's files that shapes the prior and the likelihood, and nothing else: two
versions with equal `Settings` have the same identity whatever their wording or layout.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.canonical import canonical_json, sha256
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Codebook, Family, GradeTable, ModelVersion, Step

__all__ = [
    "GRADES",
    "REVISION",
    "Floats",
    "ReferenceClass",
    "Settings",
    "from_content",
    "model_identity",
    "settings",
    "to_content",
]

Floats = NDArray[np.float64]

#: Raised by hand whenever a family's numbers change for the same settings; a golden-number test watches over it.
REVISION: Mapping[Family, int] = {Family.BASE_RATE: 1, Family.STATIC: 1, Family.REGIME: 1}

#: All cells of a grade table, in the order of the `grade` axis.
GRADES: tuple[str, ...] = tuple(f"{letter}{digit}" for letter in "ABCDEF" for digit in "123456")


@dataclass(frozen=True, slots=True)
class ReferenceClass:
    """`endings` in `years_at_risk` bear on the mean stay of regime number `regime`, weighed by `relevance`."""

    id: str
    regime: int
    endings: float
    years_at_risk: float
    relevance: float


@dataclass(frozen=True, slots=True)
class Settings:
    """What a model version fixes, as names and arrays (I event indicators, C conditions, K regimes, G grades).

    Ranges have a last axis of length 2: the 10th and the 90th percentile.
    """

    version: str
    family: Family
    step: Step
    regimes: tuple[str, ...]
    events: tuple[str, ...]
    conditions: tuple[str, ...]
    initial: Floats  # (K,) sums to one
    stays: Floats  # (K, 2) years
    goes_to: Floats  # (K, K) Dirichlet concentrations, zero on the diagonal
    absorbing: NDArray[np.bool_]  # (K,)
    per_year: Floats  # (I, K, 2) events per year
    holds: Floats  # (C, K, 2) probabilities
    told: Floats  # (I,)
    tau: float
    grades: Floats  # (G, 2) pseudo-counts true, false
    base_rates: tuple[ReferenceClass, ...]


def settings(scenario: Scenario, version: str | None = None) -> Settings:
    """Collect what the model version fixes.

    Parameters
    ----------
    scenario
        A scenario that has been read without errors.
    version
        Name of one of its model versions; the scenario's `default_model` by default.

    Raises
    ------
    InputError
        If the scenario has no such version.
    """
    name = version or scenario.file.default_model
    return from_codebook(
        scenario.model(name),
        scenario.codebooks[name],
        scenario.grade_tables[name],
        step=scenario.file.step,
        base_rates=tuple(
            ReferenceClass(
                rate.id,
                list(scenario.codebooks[name].regimes).index(rate.about),
                rate.endings,
                rate.years_at_risk,
                rate.relevance,
            )
            for rate in scenario.file.base_rates
        ),
    )


def from_codebook(
    model: ModelVersion,
    codebook: Codebook,
    grades: GradeTable,
    *,
    step: Step = Step.MONTH,
    base_rates: tuple[ReferenceClass, ...] = (),
) -> Settings:
    """Collect the settings from a merged codebook and a grade table; indicators are sorted by name."""
    regimes = tuple(codebook.regimes)
    events = tuple(sorted(name for name, entry in codebook.indicators.items() if entry.kind == "event"))
    conditions = tuple(sorted(name for name, entry in codebook.indicators.items() if entry.kind == "condition"))

    def ranges(names: tuple[str, ...]) -> Floats:
        rows = [[codebook.indicators[name].ranges[regime] for regime in regimes] for name in names]
        return np.array(rows, dtype=float).reshape(len(names), len(regimes), 2)

    return Settings(
        version=model.version,
        family=model.family,
        step=step,
        regimes=regimes,
        events=events,
        conditions=conditions,
        initial=np.array([codebook.regimes[name].prior for name in regimes]),
        stays=np.array([codebook.regimes[name].stays.years for name in regimes]),
        goes_to=np.array(
            [[0.0 if to == name else codebook.regimes[name].goes_to.get(to, 1.0) for to in regimes] for name in regimes]
        ),
        absorbing=np.array([codebook.regimes[name].absorbing for name in regimes]),
        per_year=ranges(events),
        holds=ranges(conditions),
        told=np.array([model.told.get(name, 1.0) for name in events]),
        tau=model.tau,
        grades=np.array([grades.grades[grade] for grade in GRADES]),
        base_rates=base_rates,
    )


def to_content(model: Settings) -> dict[str, Any]:
    """Everything that shapes the model's numbers as JSON values: family, revision, options and every prior used.

    The version's name, notes and the codebook's wording do not enter. A part that the family switches off does not
    enter either: new grades are no new base-rate model.
    """
    content: dict[str, object] = {
        "family": model.family.value,
        "revision": REVISION[model.family],
        "regimes": list(model.regimes),
        "initial": model.initial.tolist(),
        "step": model.step.value,
        "per_year": dict(zip(model.events, model.per_year.tolist(), strict=True)),
    }
    if model.family is not Family.STATIC:
        content |= {
            "stays": model.stays.tolist(),
            "goes_to": model.goes_to.tolist(),
            "absorbing": model.absorbing.tolist(),
            "base_rates": sorted([r.regime, r.endings, r.years_at_risk, r.relevance] for r in model.base_rates),
        }
    if model.family is not Family.BASE_RATE:
        content |= {
            "holds": dict(zip(model.conditions, model.holds.tolist(), strict=True)),
            "told": dict(zip(model.events, model.told.tolist(), strict=True)),
            "tau": model.tau,
            "grades": dict(zip(GRADES, model.grades.tolist(), strict=True)),
        }
    return content


def model_identity(model: Settings) -> str:
    """SHA-256 of the canonical JSON of everything that shapes the model's numbers."""
    return sha256(canonical_json(to_content(model)))


def from_content(content: Mapping[str, Any], version: str) -> Settings:
    """The settings that `to_content` wrote down, under the name of a version.

    What the family switches off gets neutral values: they do not enter its numbers.

    Raises
    ------
    ValueError
        If the family's numbers have been revised since: they cannot be computed again.
    KeyError
        If the content is no model's.
    """
    family = Family(content["family"])
    if content["revision"] != REVISION[family]:
        raise ValueError(
            f"the numbers of family '{family}' were revised (from {content['revision']} to {REVISION[family]})"
        )
    regimes = tuple(content["regimes"])
    n = len(regimes)
    events, conditions = tuple(sorted(content["per_year"])), tuple(sorted(content.get("holds", {})))
    return Settings(
        version=version,
        family=family,
        step=Step(content["step"]),
        regimes=regimes,
        events=events,
        conditions=conditions,
        initial=np.array(content["initial"], dtype=float),
        stays=np.array(content.get("stays", [[1.0, 1.0]] * n), dtype=float),
        goes_to=np.array(content.get("goes_to", np.ones((n, n)) - np.eye(n)), dtype=float),
        absorbing=np.array(content.get("absorbing", [False] * n), dtype=bool),
        per_year=np.array([content["per_year"][name] for name in events], dtype=float).reshape(len(events), n, 2),
        holds=np.array([content["holds"][name] for name in conditions], dtype=float).reshape(len(conditions), n, 2),
        told=np.array([content.get("told", {}).get(name, 1.0) for name in events], dtype=float),
        tau=float(content.get("tau", 1.0)),
        grades=np.array([content.get("grades", {}).get(grade, (1.0, 1.0)) for grade in GRADES], dtype=float),
        base_rates=tuple(
            ReferenceClass(f"class {number}", *row) for number, row in enumerate(content.get("base_rates", ()), start=1)
        ),
    )
