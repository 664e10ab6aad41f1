"""All scores of one set of forecasts: means with intervals, skill, decompositions, calibration."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.scoring.calibration import calibration, corp
from forecast.analysis.scoring.intervals import clustered, half_width
from forecast.analysis.scoring.rows import Convention, Row, comparable
from forecast.analysis.scoring.scores import brier, log_score, murphy, placements, ranked_probability

__all__ = ["each_row", "summary"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Events:
    """Forecasts as statements that are true or not, shape (statement,) each.

    `weight` times a mean over statements of squared errors is the mean Brier score of the forecasts, from 0 to 1.
    """

    p: Floats
    happened: NDArray[np.bool_]
    cluster: NDArray[np.intp]
    weight: float


def summary(rows: Sequence[Row], reference: Mapping[tuple[object, ...], Row], convention: Convention) -> dict[str, Any]:
    """Score one set of forecasts.

    Parameters
    ----------
    rows
        At least one.
    reference
        The forecast to beat by occasion, where there is one.
    convention
        Scale of every number that is made of Brier scores.

    Returns
    -------
    dict
        `n` forecasts of `n_questions` questions; `brier`, `log_score`, `rps` (None unless all outcomes are ordered),
        `auc` and `skill` (None unless all have two outcomes, or nothing to compare with), each with `_low` and `_high`,
        None with too few questions; `n_impossible` forecasts of zero for what happened, any of which makes the log
        score infinite; `n_paired` forecasts behind `skill` against `reference`; `murphy`, `corp`, `calibration`.
    """
    scale = 2.0 if convention == "0-2" else 1.0
    cluster = clustered([(row.scenario, row.question) for row in rows])
    scores = scale * each_row(rows, brier)
    logs = each_row(rows, log_score)
    ordered = all(row.ordered for row in rows)
    is_binary = all(len(row.outcomes) == 2 for row in rows)
    events = _events(rows, cluster, is_binary)
    parts, corp_parts = murphy(events.p, events.happened), corp(events.p, events.happened)
    return {
        "n": len(rows),
        "n_questions": int(cluster.max()) + 1,
        **_mean("brier", scores, cluster, scale),
        **_mean("log_score", logs, cluster, math.inf),
        "n_impossible": int(np.isinf(logs).sum()),
        **_mean("rps", each_row(rows, ranked_probability) if ordered else None, cluster, math.inf),
        **(_auc(events) if is_binary else _named("auc", None, None, 0.0, 1.0)),
        **_skill(rows, scores, cluster, reference, scale),
        "murphy": {name: scale * events.weight * value for name, value in parts._asdict().items()},
        "corp": {name: scale * events.weight * value for name, value in corp_parts._asdict().items()},
        "calibration": [block._asdict() for block in calibration(events.p, events.happened, events.cluster)],
    }


def each_row(rows: Sequence[Row], score: Any) -> Floats:
    """A score of every row; rows may have different numbers of outcomes."""
    values = np.empty(len(rows))
    by_size: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        by_size.setdefault(len(row.outcomes), []).append(place)
    for places in by_size.values():
        p = np.array([rows[place].p for place in places])
        observed = np.array([rows[place].outcomes.index(rows[place].observed) for place in places], dtype=np.intp)
        values[places] = score(p, observed)
    return values


def _events(rows: Sequence[Row], cluster: NDArray[np.intp], is_binary: bool) -> _Events:
    """Where all have two outcomes the one that is `yes`, or else the first; otherwise all outcomes of all."""
    p, happened, number = [], [], []
    for row, of in zip(rows, cluster.tolist(), strict=True):
        if is_binary:
            shown = [row.outcomes.index("yes") if "yes" in row.outcomes else 0]
        else:
            shown = list(range(len(row.outcomes)))
        for place in shown:
            p.append(row.p[place])
            happened.append(row.outcomes[place] == row.observed)
            number.append(of)
    weight = 1.0 if is_binary else len(p) / (2 * len(rows))
    return _Events(np.array(p), np.array(happened), np.array(number, dtype=np.intp), weight)


def _named(name: str, value: float | None, half: float | None, least: float, most: float) -> dict[str, float | None]:
    """A number with its interval, which is cut where the number cannot be."""
    if value is None or half is None:
        return {name: value, f"{name}_low": None, f"{name}_high": None}
    return {name: value, f"{name}_low": max(value - half, least), f"{name}_high": min(value + half, most)}


def _mean(name: str, values: Floats | None, cluster: NDArray[np.intp], most: float) -> dict[str, float | None]:
    if values is None:
        return _named(name, None, None, 0.0, most)
    mean = float(values.mean())
    half = half_width((values - mean) / len(values), cluster) if math.isfinite(mean) else None
    return _named(name, mean, half, 0.0, most)


def _auc(events: _Events) -> dict[str, float | None]:
    """With the error of Obuchowski (1997): influences of either outcome, summed within questions."""
    happened = events.happened
    if happened.all() or not happened.any():
        return _named("auc", None, None, 0.0, 1.0)
    share = placements(events.p, happened)
    area = float(share[happened].mean())
    size = np.where(happened, happened.sum(), (~happened).sum())
    return _named("auc", area, half_width((share - area) / size, events.cluster), 0.0, 1.0)


def _skill(
    rows: Sequence[Row],
    scores: Floats,
    cluster: NDArray[np.intp],
    reference: Mapping[tuple[object, ...], Row],
    scale: float,
) -> dict[str, Any]:
    """One minus the ratio of mean Brier scores on the occasions that both have forecast; its error by linearisation."""
    paired = [place for place, row in enumerate(rows) if comparable(row, reference.get(row.occasion))]
    beside = [reference[rows[place].occasion] for place in paired]
    names = sorted({row.model for row in beside})
    told = {"n_paired": len(paired), "reference": ", ".join(names) or None}
    if not paired:
        return _named("skill", None, None, -math.inf, 1.0) | told
    own, other = scores[paired], scale * each_row(beside, brier)
    if other.mean() == 0.0:
        return _named("skill", None, None, -math.inf, 1.0) | told
    ratio = own.mean() / other.mean()
    influence = (own - ratio * other) / (len(paired) * other.mean())
    number = np.unique(cluster[paired], return_inverse=True)[1]
    return _named("skill", float(1 - ratio), half_width(influence, number), -math.inf, 1.0) | told
