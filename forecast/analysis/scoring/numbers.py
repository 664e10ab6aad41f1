"""Scores of forecasts of numbers, by model and group: weighted interval score, coverage, CRPS."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.scoring.hubverse import NumberForecast
from forecast.analysis.scoring.intervals import clustered, half_width
from forecast.analysis.scoring.scores import crps_of_samples, weighted_interval

__all__ = ["score_numbers", "score_of"]

Floats = NDArray[np.float64]

#: A level and its opposite bound the central interval of this many decimals of coverage.
_DECIMALS = 6


def score_numbers(forecasts: Iterable[NumberForecast], by: Sequence[str]) -> list[dict[str, Any]]:
    """Score forecasts of numbers.

    Parameters
    ----------
    forecasts
        By quantiles or samples.
    by
        Columns of the task; forecasts with different values there are not pooled. Numbers of different scale must not
        be.

    Returns
    -------
    list of dict
        For every output type, group and model: `output_type`, `group`, `model`, `n`, `n_questions`; for quantiles
        `wis` with `wis_low` and `wis_high`, `dispersion`, `overprediction`, `underprediction`, `ae_median`,
        `coverage` (one entry per central interval: `level`, `observed`, `n`) and `n_levels`; for samples `crps` with
        `crps_low` and `crps_high`.
    """
    groups: dict[tuple[str, tuple[str, ...], str], list[NumberForecast]] = defaultdict(list)
    for forecast in forecasts:
        output_type = "quantile" if forecast.levels else "sample"
        groups[output_type, tuple(forecast.task[name] for name in by), forecast.model].append(forecast)
    rows = []
    for (output_type, group, model), members in sorted(groups.items(), key=lambda item: item[0]):
        cluster = clustered([member.question for member in members])
        rows.append(
            {
                "output_type": output_type,
                "group": dict(zip(by, group, strict=True)),
                "model": model,
                "n": len(members),
                "n_questions": int(cluster.max()) + 1,
                **(_quantiles(members, cluster) if output_type == "quantile" else _samples(members, cluster)),
            }
        )
    return rows


def score_of(members: Sequence[NumberForecast]) -> Floats:
    """The score of every forecast (forecast,): weighted interval score of quantiles, CRPS of samples."""
    scores = np.empty(len(members))
    places: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for place, member in enumerate(members):
        places[member.levels].append(place)
    for levels, where in places.items():
        observed = np.array([members[place].observed for place in where])
        if levels:
            quantiles = np.array([members[place].values for place in where])
            scores[where] = weighted_interval(np.array(levels), quantiles, observed).score
        else:
            scores[where] = [crps_of_samples(members[place].values, members[place].observed) for place in where]
    return scores


def _mean(name: str, values: Floats, cluster: NDArray[np.intp]) -> dict[str, float | None]:
    mean = float(values.mean())
    half = half_width((values - mean) / len(values), cluster)
    ends = (None, None) if half is None else (max(mean - half, 0.0), mean + half)
    return {name: mean, f"{name}_low": ends[0], f"{name}_high": ends[1]}


def _quantiles(members: Sequence[NumberForecast], cluster: NDArray[np.intp]) -> dict[str, Any]:
    parts = np.empty((4, len(members)))
    off = np.full(len(members), np.nan)
    covered: dict[float, list[bool]] = defaultdict(list)
    places: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for place, member in enumerate(members):
        places[member.levels].append(place)
    for levels, where in places.items():
        quantiles = np.array([members[place].values for place in where])
        observed = np.array([members[place].observed for place in where])
        parts[:, where] = weighted_interval(np.array(levels), quantiles, observed)
        if 0.5 in levels:
            off[where] = np.abs(observed - quantiles[:, levels.index(0.5)])
        for lower in range(len(levels) // 2):
            inside = (quantiles[:, lower] <= observed) & (observed <= quantiles[:, -1 - lower])
            covered[round(1 - 2 * levels[lower], _DECIMALS)].extend(inside.tolist())
    return {
        **_mean("wis", parts[0], cluster),
        "dispersion": float(parts[1].mean()),
        "overprediction": float(parts[2].mean()),
        "underprediction": float(parts[3].mean()),
        "ae_median": None if np.isnan(off).any() else float(off.mean()),
        "coverage": [
            {"level": level, "observed": sum(inside) / len(inside), "n": len(inside)}
            for level, inside in sorted(covered.items())
        ],
        "n_levels": sorted({len(levels) for levels in places}),
    }


def _samples(members: Sequence[NumberForecast], cluster: NDArray[np.intp]) -> dict[str, Any]:
    scores = np.array([crps_of_samples(member.values, member.observed) for member in members])
    return _mean("crps", scores, cluster)
