"""Relative skill by pairwise comparison: models that forecast different questions, each compared where both did.

Cramer et al. (2022), Evaluation of individual and ensemble probabilistic forecasts of COVID-19 mortality in the United
States, PNAS 119: the geometric mean over all models of the ratio of mean scores on what both forecast.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.scoring.hubverse import NumberForecast
from forecast.analysis.scoring.numbers import score_of
from forecast.analysis.scoring.rows import Row
from forecast.analysis.scoring.scores import brier
from forecast.analysis.scoring.summary import each_row

__all__ = ["pairwise", "relative_skill"]

#: Scores by what was forecast: the numbers of the occasions (occasion,), ascending, and their scores.
type _Scores = tuple[NDArray[np.intp], NDArray[np.float64]]


def pairwise(
    rows: Sequence[Row], numbers: Sequence[NumberForecast], by: Sequence[str], reference: str | None = None
) -> list[dict[str, Any]]:
    """Relative skill of every model within its table, where a table has two models or more.

    Parameters
    ----------
    rows, numbers
        Forecasts of categories, by their Brier scores; of numbers, by weighted interval score or CRPS.
    by
        Columns by which tables are apart.
    reference
        The model by whose relative skill the others are divided, if there is one.

    Returns
    -------
    list of dict
        `table` (the section, or the output type of numbers), `group`, `model`, `score` (its name), `n_models`,
        `relative_skill` (below one is better than the others; None if some ratio has no value) and `scaled`.
    """
    found = []
    categories: dict[tuple[str, str, tuple[str, ...]], list[Row]] = defaultdict(list)
    if len({row.model for row in rows}) > 1:
        for row in rows:
            categories[row.kind, row.section, row.group].append(row)
    for (_, section, group), members in sorted(categories.items(), key=lambda item: item[0]):
        scores = _by_model([row.model for row in members], [row.occasion for row in members], each_row(members, brier))
        found += _table(section, dict(zip(by, group, strict=bool(group))), "brier", scores, reference)
    tables: dict[tuple[str, tuple[str, ...]], list[NumberForecast]] = defaultdict(list)
    if len({number.model for number in numbers}) > 1:
        for number in numbers:
            group = tuple(number.task[name] for name in by)
            tables["quantile" if number.levels else "sample", group].append(number)
    for (kind, group), forecasts in sorted(tables.items(), key=lambda item: item[0]):
        occasions = [tuple(number.task.values()) for number in forecasts]
        scores = _by_model([number.model for number in forecasts], occasions, score_of(forecasts))
        name = "wis" if kind == "quantile" else "crps"
        found += _table(kind, dict(zip(by, group, strict=True)), name, scores, reference)
    return found


def _by_model(
    models: Sequence[str], occasions: Iterable[tuple[object, ...]], scores: NDArray[np.float64]
) -> dict[str, _Scores]:
    known: dict[tuple[object, ...], int] = {}
    number = np.array([known.setdefault(occasion, len(known)) for occasion in occasions], dtype=np.intp)
    places: dict[str, list[int]] = defaultdict(list)
    for place, model in enumerate(models):
        places[model].append(place)
    found = {}
    for model in sorted(places):
        own, first = np.unique(number[places[model]], return_index=True)
        found[model] = own, scores[places[model]][first]
    return found


def _table(
    table: str, group: Mapping[str, str], score: str, scores: Mapping[str, _Scores], reference: str | None
) -> list[dict[str, Any]]:
    if len(scores) < 2:
        return []
    skill = relative_skill(scores)
    base = skill.get(reference) if reference is not None else None
    return [
        {
            "table": table,
            "group": dict(group),
            "model": model,
            "score": score,
            "n_models": len(scores),
            "relative_skill": value,
            "scaled": value / base if value is not None and base else None,
        }
        for model, value in skill.items()
    ]


def relative_skill(scores: Mapping[str, _Scores]) -> dict[str, float | None]:
    """The geometric mean of a model's ratios of mean scores to every model, itself among them.

    Parameters
    ----------
    scores
        By model, the occasions (occasion,), ascending, and the scores. A pair without a common occasion is left out.
    """
    found: dict[str, float | None] = {}
    for model, (own, values) in scores.items():
        logs = []
        for other, others in scores.values():
            _, here, there = np.intersect1d(own, other, assume_unique=True, return_indices=True)
            if len(here):
                top, bottom = float(values[here].mean()), float(others[there].mean())
                logs.append(math.log(top / bottom) if top > 0 and bottom > 0 else math.nan)
        mean = math.fsum(logs) / len(logs)
        found[model] = None if math.isnan(mean) else math.exp(mean)
    return found
