"""Forecasts and what happened, as plain rows, into tables of scores.

Nothing here knows where rows come from: the ledger, a replay or anybody's file. Live forecasts, replays and forecasts
from files are never pooled, nor are models, and what people judged is never pooled with what a record settles.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from forecast.analysis.scoring.rows import HORIZONS, JUDGED, Convention, Row, horizon
from forecast.analysis.scoring.summary import summary

__all__ = ["finite", "flat", "score_rows"]

#: Ways in which a table is divided.
_DIVISIONS: Mapping[str, Callable[[Row], str | None]] = {
    "horizon": horizon,
    "question_kind": lambda row: row.question_kind,
    "scenario": lambda row: row.scenario or None,
}

_SECTIONS = ("events", "categories", "stays", "state")


def score_rows(
    rows: Iterable[Row], convention: Convention = "0-1", model: str | None = None, by: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Score forecasts of settled questions.

    Parameters
    ----------
    rows
        One for every model, day and question.
    convention
        Scale of every number that is made of Brier scores.
    model
        Tables of this one only; the others still give the forecasts to beat.
    by
        Names of the columns whose values are the `group` of a row; tables of different groups are apart.

    Returns
    -------
    list of dict
        A table for every kind of forecast, section and model: `kind`, `section`, `headline` (false where people judge),
        `model`, what `summary` gives for all of its rows, and under `by` the same for every part of it, by horizon,
        kind of question and scenario. Infinite log scores are `math.inf`.
    """
    listed = list(rows)
    reference = _references(listed)
    groups: dict[tuple[str, str, tuple[str, ...], str], list[Row]] = defaultdict(list)
    for row in listed:
        if model in (None, row.model):
            groups[row.kind, row.section, row.group, row.model].append(row)
    tables = []
    for (kind, section, group, name), members in sorted(groups.items(), key=_table_order):
        whole = summary(members, reference, convention)
        divided = {
            division: [
                # one part is the whole
                {"part": part, **(whole if len(held) == len(members) else summary(held, reference, convention))}
                for part, held in _divided(members, label)
            ]
            for division, label in _DIVISIONS.items()
        }
        tables.append(
            {
                "kind": kind,
                "section": section,
                "headline": section not in JUDGED,
                **({"group": dict(zip(by, group, strict=True))} if by and group else {}),
                "model": name,
                **whole,
                "by": divided,
            }
        )
    return tables


def _table_order(
    group: tuple[tuple[str, str, tuple[str, ...], str], list[Row]],
) -> tuple[str, int, tuple[str, ...], str]:
    kind, section, values, model = group[0]
    return (kind, _SECTIONS.index(section), values, model)


def _references(rows: Sequence[Row]) -> dict[tuple[object, ...], Row]:
    """The forecast to beat on every occasion; of several the one whose model comes first by name."""
    found: dict[tuple[object, ...], Row] = {}
    for row in sorted((row for row in rows if row.is_reference), key=lambda row: row.model):
        found.setdefault(row.occasion, row)
    return found


def _divided(rows: Sequence[Row], label: Callable[[Row], str | None]) -> list[tuple[str, list[Row]]]:
    parts: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        name = label(row)
        if name is not None:
            parts[name].append(row)
    order = [name for _, name in HORIZONS]
    return sorted(parts.items(), key=lambda part: (order.index(part[0]) if part[0] in order else -1, part[0]))


def flat(tables: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row for every table and every part of it, with single numbers only: for data frames and CSV."""
    rows = []
    for table in tables:
        place = {name: table[name] for name in ("kind", "section", "headline", "model")}
        rows.append({**place, "by": "all", "part": "all", **_numbers(table)})
        for division, parts in table["by"].items():
            rows.extend({**place, "by": division, "part": part["part"], **_numbers(part)} for part in parts)
    return rows


_NOT_NUMBERS = ("kind", "section", "headline", "model", "by", "part", "calibration", "murphy", "corp")


def _numbers(part: Mapping[str, Any]) -> dict[str, Any]:
    parts = {name: value for group in ("murphy", "corp") for name, value in _prefixed(group, part[group])}
    return {name: value for name, value in part.items() if name not in _NOT_NUMBERS} | parts


def _prefixed(group: str, values: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    return ((f"{group}_{name}", value) for name, value in values.items())


def finite(value: Any) -> Any:
    """The same for JSON, which has no infinity: an infinite number is null, and `n_impossible` beside it says why."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(inner) for key, inner in value.items()}
    return [finite(inner) for inner in value] if isinstance(value, list | tuple) else value
