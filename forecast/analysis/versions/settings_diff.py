"""In which settings model versions differ: ranges, priors, grades, options, watches, one row for each that does.

A setting that a version's family switches off is None there and differs from nothing: what has no effect needs no row.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.model.version import GRADES, Settings, settings
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Family

__all__ = ["differing_settings"]

#: Stands for a regime or an indicator that a version's codebook does not have.
ABSENT = "absent"

#: What stands between the name of a regime or an indicator and that of a setting of it.
PART = ": "


def differing_settings(scenario: Scenario, versions: Sequence[str]) -> list[dict[str, Any]]:
    """The settings whose values are not the same in all versions.

    Returns
    -------
    list of dict
        `setting`, its name in words, and `values` by version: numbers, [low, high] ranges or texts; None where the
        version's family makes no use of it.
    """
    tables = {version: _listed(scenario, version) for version in versions}
    names = dict.fromkeys(name for table in tables.values() for name in table)
    rows = []
    for name in names:
        values = {version: table.get(name, ABSENT) for version, table in tables.items()}
        used = [value for value in values.values() if value is not None]
        # what is absent with its regime or indicator is said once, by that one's own row
        said = PART in name and ABSENT in used
        if not said and any(value != used[0] for value in used):
            rows.append({"setting": name, "values": values})
    return rows


def _listed(scenario: Scenario, version: str) -> dict[str, Any]:
    """Every setting of a version by name."""
    model = settings(scenario, version)
    table: dict[str, Any] = {"family": model.family.value}
    table |= _regimes(model) | _indicators(model) | _watches(scenario, version)
    evidence = model.family is not Family.BASE_RATE
    table["tau"] = model.tau if evidence else None
    table["grade table"] = scenario.model(version).reliability if evidence else None
    for grade, counts in zip(GRADES, model.grades.tolist(), strict=True):
        table[f"grade {grade} (true, false)"] = counts if evidence else None
    for rate in model.base_rates:
        row = [model.regimes[rate.regime], rate.endings, rate.years_at_risk, rate.relevance]
        table[f"base rate {rate.id}"] = row if model.family is not Family.STATIC else None
    return table


def _regimes(model: Settings) -> dict[str, Any]:
    moving = model.family is not Family.STATIC
    table: dict[str, Any] = {}
    for k, regime in enumerate(model.regimes):
        name = f"regime {regime}"
        table[name] = "named"
        table[f"{name}: prior"] = float(model.initial[k])
        table[f"{name}: stays, years"] = model.stays[k].tolist() if moving else None
        table[f"{name}: absorbing"] = bool(model.absorbing[k]) if moving else None
        for j, other in enumerate(model.regimes):
            if j != k:
                table[f"{name}: goes to {other}"] = float(model.goes_to[k, j]) if moving else None
    return table


def _indicators(model: Settings) -> dict[str, Any]:
    evidence = model.family is not Family.BASE_RATE
    table: dict[str, Any] = {}
    for i, name in enumerate(model.events):
        table[name] = "event"
        table |= _ranges(f"{name}: per year in", model.regimes, model.per_year[i].tolist(), used=True)
        table[f"{name}: told"] = float(model.told[i]) if evidence else None
    for c, name in enumerate(model.conditions):
        table[name] = "condition"
        table |= _ranges(f"{name}: holds in", model.regimes, model.holds[c].tolist(), used=evidence)
    return table


def _ranges(label: str, regimes: Sequence[str], ranges: Sequence[Any], *, used: bool) -> Mapping[str, Any]:
    return {f"{label} {regime}": pair if used else None for regime, pair in zip(regimes, ranges, strict=True)}


def _watches(scenario: Scenario, version: str) -> dict[str, Any]:
    """The watches of every indicator, as texts; they shape the evidence, and the questions that the record settles."""
    return {
        f"{name}: watches": "; ".join(
            f"{watch.from_} to {watch.to or 'open'}, detection {_range(watch.detection)}, "
            f"lag {_range(watch.lag_days)} days"
            for watch in sorted(indicator.watch, key=lambda watch: watch.from_)
        )
        or "none"
        for name, indicator in scenario.codebooks[version].indicators.items()
    }


def _range(ends: Sequence[float]) -> str:
    return f"{ends[0]:g}-{ends[1]:g}"
