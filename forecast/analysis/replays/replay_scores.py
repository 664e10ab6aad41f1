"""Scores of a replay: automatic questions against the evidence, the scenario's own against their resolutions.

Two forecasts are there to beat on the same questions and days: that of the base-rate version, and the running
climatology of each indicator. A replay flatters, and is never pooled with live forecasts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.replays.automatic import HORIZONS, Window, climatology, windows
from forecast.analysis.replays.blocks import half_width
from forecast.analysis.replays.days import days_between, days_per_year
from forecast.analysis.replays.replay import Replayed
from forecast.analysis.scoring.calibration import calibration
from forecast.analysis.scoring.intervals import clustered
from forecast.analysis.scoring.resolved import resolved_rows
from forecast.analysis.scoring.rows import Row, comparable
from forecast.analysis.scoring.scores import brier, log_score
from forecast.scenario.schema import Family

__all__ = ["CLIMATOLOGY", "automatic_answers", "replay_scores"]

Floats = NDArray[np.float64]

#: What stands for the model where an indicator's own past forecasts.
CLIMATOLOGY = "climatology"

DAYS_PER_YEAR = 365.25


def automatic_answers(replayed: Replayed) -> list[dict[str, Any]]:
    """Automatic questions that are decided, one row for every model, day, indicator and horizon in months.

    `climatology` is what the indicator's own past would have said on that day.
    """
    scenario, span = replayed.scenario, replayed.span
    rows = []
    for version in replayed.models:
        # the same rhythm from the scenario's first day: the past of an indicator does not begin with the replay
        every_day = days_between(scenario.start, span.last, span.every, scenario.file.step)
        found = windows(scenario, version, every_day)
        asked = {(window.as_of, window.indicator, window.months): window for window in found}
        past = climatology(found, found)
        for entry in replayed.entries:
            forecast = entry.forecast
            if forecast.model != version:
                continue
            for answer in forecast.extra.get("automatic", ()):
                window = asked.get((date.fromisoformat(forecast.as_of), answer["indicator"], answer["horizon"]))
                if window is not None:
                    rows.append(_answered(scenario.id, version, window, answer, past[window]))
    return rows


def _answered(scenario: str, version: str, window: Window, answer: Mapping[str, Any], past: float) -> dict[str, Any]:
    return {
        "scenario": scenario,
        "model": version,
        "indicator": window.indicator,
        "horizon": window.months,
        "as_of": window.as_of.isoformat(),
        "ends": window.last.isoformat(),
        "p": answer["p"],
        "mcse": answer["mcse"],
        "low": answer["low"],
        "high": answer["high"],
        "climatology": past,
        "outcome": "yes" if window.outcome else "no",
    }


def replay_scores(replayed: Replayed, answers: Sequence[Mapping[str, Any]], today: date) -> list[dict[str, Any]]:
    """Tables of scores by section, horizon and model.

    Parameters
    ----------
    replayed
        The replay.
    answers
        Its `automatic_answers`.
    today
        Resolutions known by this day count.

    Returns
    -------
    list of dict
        `scenario`, `section` (`automatic`, or `events`, `categories`, `stays`, `state` for the scenario's questions),
        `horizon` (months; None for all), `model`, `n`, `n_days`, `block_days` (days of the replay in a block);
        `brier` and `log_score` (`math.inf` where what happened had no chance, `n_impossible` times), `skill` against
        the base-rate version and `skill_climatology`, each with `_low` and `_high`, None where fewer than eight blocks
        fit; `calibration` (of yes-or-no questions, over all horizons).
    """
    scenario = replayed.scenario
    base_rates = {name for name in replayed.models if scenario.models[name].family is Family.BASE_RATE}
    automatic = [_row(answer, base_rates) for answer in answers]
    past = {row.occasion: _past(row, answer["climatology"]) for row, answer in zip(automatic, answers, strict=True)}
    names = (*replayed.models, CLIMATOLOGY)
    tables = []
    for months in (None, *HORIZONS):
        rows = [row for row in automatic if months in (None, int(row.unit))]
        for name, members in _by_model([*rows, *{row.occasion: past[row.occasion] for row in rows}.values()], names):
            tables.append(_table(replayed, "automatic", months, name, members, _base(rows), past))
    questions = resolved_rows(scenario, replayed.entries, today).rows
    for section in ("events", "categories", "stays", "state"):
        rows = [row for row in questions if row.section == section]
        for name, members in _by_model(rows, names):
            tables.append(_table(replayed, section, None, name, members, _base(rows), {}))
    return tables


def _row(answer: Mapping[str, Any], base_rates: set[str]) -> Row:
    return Row(
        scenario=answer["scenario"],
        question=answer["indicator"],
        question_kind="occurs",
        kind="replay",
        model=answer["model"],
        as_of=date.fromisoformat(answer["as_of"]),
        ends=date.fromisoformat(answer["ends"]),
        outcomes=("yes", "no"),
        p=(answer["p"], 1 - answer["p"]),
        observed=answer["outcome"],
        is_reference=answer["model"] in base_rates,
        unit=str(answer["horizon"]),
    )


def _past(row: Row, p: float) -> Row:
    return replace(row, model=CLIMATOLOGY, p=(p, 1 - p), is_reference=False)


def _base(rows: Sequence[Row]) -> dict[tuple[object, ...], Row]:
    return {row.occasion: row for row in rows if row.is_reference}


def _by_model(rows: Sequence[Row], names: Sequence[str]) -> list[tuple[str, list[Row]]]:
    found = ((name, [row for row in rows if row.model == name]) for name in names)
    return [(name, members) for name, members in found if members]


def _table(
    replayed: Replayed,
    section: str,
    months: int | None,
    name: str,
    rows: Sequence[Row],
    base: Mapping[tuple[object, ...], Row],
    past: Mapping[tuple[object, ...], Row],
) -> dict[str, Any]:
    place = {day: number for number, day in enumerate(replayed.days)}
    day = np.array([place[_day(row.as_of)] for row in rows], dtype=np.intp)
    block = max(_length(replayed, row) for row in rows)
    scores, logs = _each(rows, brier), _each(rows, log_score)
    return {
        "scenario": replayed.scenario.id,
        "section": section,
        "horizon": months,
        "model": name,
        "n": len(rows),
        "n_days": len(set(day.tolist())),
        "block_days": block,
        **_mean("brier", scores, day, block),
        **_mean("log_score", logs, day, block),
        "n_impossible": int(np.isinf(logs).sum()),
        **_skill("skill", rows, scores, base, day, block),
        **_skill("skill_climatology", rows, scores, past, day, block),
        "calibration": _calibration(rows) if months is None else [],
    }


def _day(day: date | None) -> date:
    assert day is not None  # every forecast of a replay has one
    return day


def _length(replayed: Replayed, row: Row) -> int:
    """Days of the replay that pass until the row's question is over, rounded up."""
    days = (_day(row.ends) - _day(row.as_of)).days
    return max(ceil(days / DAYS_PER_YEAR * days_per_year(replayed.span.every, replayed.scenario.file.step)), 1)


def _each(rows: Sequence[Row], score: Any) -> Floats:
    """A score of every row, all of which have the same number of outcomes."""
    p = np.array([row.p for row in rows])
    observed = np.array([row.outcomes.index(row.observed) for row in rows], dtype=np.intp)
    return np.asarray(score(p, observed))


def _mean(name: str, values: Floats, day: NDArray[np.intp], block: int) -> dict[str, float | None]:
    mean = float(values.mean())
    half = half_width((values - mean) / len(values), day, block) if math.isfinite(mean) else None
    return _with_ends(name, mean, half)


def _skill(
    name: str,
    rows: Sequence[Row],
    scores: Floats,
    reference: Mapping[tuple[object, ...], Row],
    day: NDArray[np.intp],
    block: int,
) -> dict[str, float | None]:
    """One minus the ratio of mean Brier scores on the occasions both have forecast; its error by linearisation."""
    paired = [at for at, row in enumerate(rows) if comparable(row, reference.get(row.occasion))]
    if not paired:
        return _with_ends(name, None, None)
    own, other = scores[paired], _each([reference[rows[at].occasion] for at in paired], brier)
    if other.mean() == 0.0:
        return _with_ends(name, None, None)
    ratio = float(own.mean() / other.mean())
    influence = (own - ratio * other) / (len(paired) * other.mean())
    return _with_ends(name, 1 - ratio, half_width(influence, day[paired], block))


def _with_ends(name: str, value: float | None, half: float | None) -> dict[str, float | None]:
    if value is None or half is None:
        return {name: value, f"{name}_low": None, f"{name}_high": None}
    return {name: value, f"{name}_low": value - half, f"{name}_high": value + half}


def _calibration(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Steps of the reliability diagram of yes-or-no questions; what asks for one indicator is one cluster."""
    if any("yes" not in row.outcomes for row in rows):
        return []
    p = np.array([row.p[row.outcomes.index("yes")] for row in rows])
    happened = np.array([row.observed == "yes" for row in rows])
    cluster = clustered([(row.scenario, row.question) for row in rows])
    return [block._asdict() for block in calibration(p, happened, cluster)]
