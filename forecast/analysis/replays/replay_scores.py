"""Scores of a replay: automatic questions against the evidence, the scenario's own against their resolutions.

Four forecasts of the same questions and days are there to beat: that of the base-rate version, the climatology of each
indicator, the climatology shrunk to the codebook's mean, and one half. A replay flatters, and is never pooled with live
forecasts.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.replays.automatic import HORIZONS, Recorded, Window, windows
from forecast.analysis.replays.benchmarks import ONE_HALF, climatology, shrunk_climatology
from forecast.analysis.replays.blocks import half_width
from forecast.analysis.replays.days import days_between, days_per_year
from forecast.analysis.replays.replay import Replayed
from forecast.analysis.scoring.calibration import calibration
from forecast.analysis.scoring.intervals import clustered
from forecast.analysis.scoring.resolved import resolved_rows
from forecast.analysis.scoring.rows import Row, comparable
from forecast.analysis.scoring.scores import brier, log_score
from forecast.model.version import settings
from forecast.scenario.schema import Family

__all__ = ["BENCHMARKS", "automatic_answers", "replay_scores"]

Floats = NDArray[np.float64]

#: Forecasts that need no model: the field of an automatic answer, what it is called, and the field of the skill.
BENCHMARKS = (
    ("climatology", "climatology", "skill_climatology"),
    ("shrunk_climatology", "shrunk", "skill_shrunk"),
    ("one_half", "one half", "skill_one_half"),
)

#: Sections of automatic questions: of windows within a watch, and of windows that nobody watched.
AUTOMATIC, UNWATCHED = "automatic", "automatic_unwatched"

Benchmarks = Mapping[str, Mapping[tuple[object, ...], Row]]

DAYS_PER_YEAR = 365.25


def automatic_answers(replayed: Replayed) -> list[dict[str, Any]]:
    """Automatic questions that are decided, one row for every model, day, indicator and horizon in months.

    Nothing where questions of a file were replayed. `climatology`, `shrunk_climatology` and `one_half` are forecasts of
    the same day that need no model.
    """
    scenario, span = replayed.scenario, replayed.span
    if span.asked:
        return []
    rows = []
    recorded = Recorded(scenario)
    # the same rhythm from the scenario's first day: the past of an indicator does not begin with the replay
    every_day = days_between(scenario.start, span.last, span.every, scenario.file.step)
    for version in replayed.models:
        found = windows(scenario, version, every_day, recorded)
        asked = {(window.as_of, window.indicator, window.months): window for window in found}
        model = settings(scenario, version)
        past = climatology(found, found)
        shrunk = shrunk_climatology([one for one in found if one.as_of >= span.first], scenario, model, recorded)
        for entry in replayed.entries:
            forecast = entry.forecast
            if forecast.model != version:
                continue
            for answer in forecast.extra.get("automatic", ()):
                window = asked.get((date.fromisoformat(forecast.as_of), answer["indicator"], answer["horizon"]))
                if window is not None:
                    benchmarks = (past[window], shrunk[window], ONE_HALF)
                    rows.append(_answered(scenario.id, version, window, answer, benchmarks))
    return rows


def _answered(
    scenario: str, version: str, window: Window, answer: Mapping[str, Any], benchmarks: Sequence[float]
) -> dict[str, Any]:
    return {
        "scenario": scenario,
        "model": version,
        "indicator": window.indicator,
        "horizon": window.months,
        "as_of": window.as_of.isoformat(),
        "ends": window.last.isoformat(),
        "watched": window.watched,
        "p": answer["p"],
        "mcse": answer["mcse"],
        "low": answer["low"],
        "high": answer["high"],
        **{field: p for (field, _, _), p in zip(BENCHMARKS, benchmarks, strict=True)},
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
        `scenario`, `section` (`automatic`, `automatic_unwatched`, or `events`, `categories`, `stays`, `state` for the
        scenario's questions), `horizon` (months; None for all), `model`, `n`, `n_days`, `block_days` (days of the
        replay in a block); `brier` and `log_score` (`math.inf` where what happened had no chance, `n_impossible`
        times), `skill` against the base-rate version and those of `BENCHMARKS`, each with `_low` and `_high`, None
        where fewer than eight blocks fit; `calibration` (of yes-or-no questions, over all horizons).
    """
    tables: list[dict[str, Any]] = []
    for section in (AUTOMATIC, UNWATCHED):
        tables += _automatic_tables(replayed, section, [row for row in answers if _section(row) == section])
    questions = _asked(replayed, resolved_rows(replayed.scenario, replayed.entries, today).rows)
    for section in ("events", "categories", "stays", "state"):
        rows = [row for row in questions if row.section == section]
        half = {row.occasion: _benchmark(row, "one half", ONE_HALF) for row in rows if section == "events"}
        for name, members in _by_model(rows, replayed.models):
            benchmarks = {"skill": _base(rows), "skill_one_half": half}
            tables.append(_table(replayed, section, None, name, members, benchmarks))
    return tables


def _section(answer: Mapping[str, Any]) -> str:
    return AUTOMATIC if answer["watched"] else UNWATCHED


def _asked(replayed: Replayed, rows: Sequence[Row]) -> list[Row]:
    """Of the questions of a file only those that were asked on the day."""
    asked = replayed.span.asked
    return [row for row in rows if not asked or (row.question, row.as_of) in asked]


def _automatic_tables(
    replayed: Replayed, section: str, answers: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    scenario = replayed.scenario
    base_rates = {name for name in replayed.models if scenario.models[name].family is Family.BASE_RATE}
    automatic = [_row(answer, base_rates) for answer in answers]
    # versions may have codebooks of their own: the benchmarks are those of the first
    pairs = list(reversed(list(zip(automatic, answers, strict=True))))
    by_occasion: dict[str, dict[tuple[object, ...], Row]] = {
        skill: {row.occasion: _benchmark(row, name, answer[field]) for row, answer in pairs}
        for field, name, skill in BENCHMARKS
    }
    names = (*replayed.models, *(name for _, name, _ in BENCHMARKS))
    for months in (None, *HORIZONS):
        rows = [row for row in automatic if months in (None, int(row.unit))]
        occasions = dict.fromkeys(row.occasion for row in rows)
        others = [known[occasion] for known in by_occasion.values() for occasion in occasions]
        for name, members in _by_model([*rows, *others], names):
            yield _table(replayed, section, months, name, members, {"skill": _base(rows), **by_occasion})


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


def _benchmark(row: Row, name: str, p: float) -> Row:
    return replace(row, model=name, outcomes=("yes", "no"), p=(p, 1 - p), is_reference=False)


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
    benchmarks: Benchmarks,
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
        **_skills(rows, scores, benchmarks, day, block),
        "calibration": _calibration(rows) if months is None else [],
    }


def _day(day: date | None) -> date:
    assert day is not None  # every forecast of a replay has one
    return day


def _length(replayed: Replayed, row: Row) -> int:
    """Days of the replay that pass until the row's question is over, rounded up."""
    if replayed.span.asked:
        return max(sum(_day(row.as_of) < day <= _day(row.ends) for day in replayed.days), 1)
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


def _skills(
    rows: Sequence[Row], scores: Floats, benchmarks: Benchmarks, day: NDArray[np.intp], block: int
) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name in ("skill", *(skill for _, _, skill in BENCHMARKS)):
        found |= _skill(name, rows, scores, benchmarks.get(name, {}), day, block)
    return found


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
