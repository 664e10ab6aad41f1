"""Forecasts in the columns of the hubverse (hubverse.io): model output beside oracle output.

Model output has `output_type`, `output_type_id` and `value`, perhaps `model_id`, and columns that name the task.
Oracle output has `oracle_value` and some of these columns; where categories are forecast also `output_type` and
`output_type_id`, with 1 for the category that came. A column `question_kind`, which our own exports have, keeps what
people judge apart from what a record settles, as it does for forecasts of the ledger.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.scoring.csv_table import Cells, Table
from forecast.analysis.scoring.long_csv import complete
from forecast.analysis.scoring.rows import Row
from forecast.errors import Finding
from forecast.scenario.dates import parse_day

__all__ = ["SCORED", "Hub", "NumberForecast", "hub_forecasts", "is_hubverse"]

#: Output types that are scored; rows of others are counted as left out.
SCORED = ("pmf", "quantile", "sample")

_MODEL_COLUMNS = ("output_type", "output_type_id", "value")
_ORACLE_COLUMNS = ("output_type", "output_type_id", "oracle_value", "as_of")
_MADE = ("reference_date", "origin_date", "forecast_date")
_ENDS = ("target_end_date", "target_date")

#: Levels are written as decimals: a level and its opposite sum to one but for rounding.
_LEVEL_ERROR = 1e-9


@dataclass(frozen=True, slots=True)
class NumberForecast:
    """A number forecast by quantiles (`levels` ascending) or by a sample (`levels` empty), and what came.

    `task` has the columns that name the task, `question` those by which the oracle knows it.
    """

    model: str
    question: str
    task: Mapping[str, str]
    levels: tuple[float, ...]
    values: NDArray[np.float64]
    observed: float


@dataclass(frozen=True, slots=True)
class Hub:
    """Forecasts of categories, forecasts of numbers, and how many were left out by reason."""

    rows: list[Row] = field(default_factory=list)
    numbers: list[NumberForecast] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Task:
    """One forecast: of one output type, by one model; its rows by `output_type_id`."""

    model: str
    question: str
    task: dict[str, str]
    first: Cells
    values: dict[str, float] = field(default_factory=dict)


def is_hubverse(table: Table) -> bool:
    """Whether the file has the hubverse's columns."""
    return "output_type" in table.columns or "output_type_id" in table.columns


def hub_forecasts(output: Table, oracle: Table, order: Sequence[str], findings: list[Finding]) -> Hub:
    """Set model output beside oracle output.

    Parameters
    ----------
    output, oracle
        The two files.
    order
        Names of categories in their order, for the ranked probability score; may be empty.
    findings
        Receives everything that is wrong.
    """
    hub = Hub()
    task_columns = [name for name in output.columns if name not in ("model_id", *_MODEL_COLUMNS)]
    known = [name for name in oracle.columns if name not in _ORACLE_COLUMNS]
    readable = output.check_columns(_MODEL_COLUMNS, ("model_id", *task_columns), findings)
    required = ("oracle_value", *(("output_type_id",) if "output_type" in oracle.columns else ()))
    if not oracle.check_columns(required, (*_ORACLE_COLUMNS, *task_columns), findings) or not readable:
        return hub
    categories, numbers = _truth(oracle, known, findings)
    by_type = _tasks(output, task_columns, known, hub.left_out, findings)
    readers: dict[str, Callable[[_Task], None]] = {
        "pmf": lambda task: _add_categories(task, categories, order, hub, findings),
        "quantile": lambda task: _add_quantiles(task, numbers, hub, findings),
        "sample": lambda task: _add_sample(task, numbers, hub),
    }
    for output_type, tasks in by_type.items():
        for task in tasks:
            readers[output_type](task)
    if not hub.rows and not hub.numbers and not findings:
        accepted = f"the same values of {', '.join(known)} in both files"
        findings.append(
            Finding(
                "error", f"it knows what came of no forecast in {output.file}", oracle.file, None, accepted=accepted
            )
        )
    return hub


def _key(cells: Cells, columns: Sequence[str]) -> str:
    return ", ".join(cells[name] for name in columns)


def _truth(oracle: Table, known: Sequence[str], findings: list[Finding]) -> tuple[dict[str, str], dict[str, float]]:
    """By question the category that came, and the number that came."""
    categories: dict[str, str] = {}
    numbers: dict[str, float] = {}
    for cells in oracle:
        if cells["oracle_value"] in ("", "NA"):
            continue
        output_type, key = cells.get("output_type"), _key(cells, known)
        value = cells.number("oracle_value", findings)
        if value is None or output_type == "cdf":
            continue
        if output_type == "pmf":
            if value not in (0.0, 1.0):
                findings.append(cells.error("a category came or did not", "oracle_value", "0 or 1"))
            elif value == 1.0 and categories.setdefault(key, cells["output_type_id"]) != cells["output_type_id"]:
                message = f"'{categories[key]}' came already for {key}"
                findings.append(cells.error(message, "oracle_value", "1 for one category"))
        elif numbers.setdefault(key, value) != value:
            findings.append(cells.error(f"{numbers[key]:g} came already for {key}", "oracle_value", "one value"))
    return categories, numbers


def _tasks(
    output: Table, task_columns: Sequence[str], known: Sequence[str], left_out: Counter[str], findings: list[Finding]
) -> dict[str, list[_Task]]:
    """By output type, the forecasts of the file."""
    found: dict[tuple[str, ...], _Task] = {}
    lines: dict[tuple[str, ...], int] = {}
    unreadable: set[tuple[str, ...]] = set()
    default = Path(output.file).stem
    for cells in output:
        output_type = cells["output_type"]
        if output_type not in SCORED:
            left_out[f"rows of output type '{output_type}' are not scored"] += 1
            continue
        value = cells.probability("value", findings) if output_type == "pmf" else cells.number("value", findings)
        model = cells.get("model_id") or default
        task = {name: cells[name] for name in task_columns}
        key = (output_type, model, *task.values())
        if value is None:
            unreadable.add(key)
            continue
        line = lines.setdefault((*key, cells["output_type_id"]), cells.line)
        if line != cells.line:
            message = f"this forecast stands in line {line} already"
            findings.append(cells.error(message, "output_type_id", "one row for each task, model, output type and id"))
            continue
        entry = found.setdefault(key, _Task(model, _key(cells, known), task, cells))
        entry.values[cells["output_type_id"]] = value
    by_type: dict[str, list[_Task]] = defaultdict(list)
    for key, entry in found.items():
        if key not in unreadable:
            by_type[key[0]].append(entry)
    return by_type


def _add_categories(
    task: _Task, categories: Mapping[str, str], order: Sequence[str], hub: Hub, findings: list[Finding]
) -> None:
    p = complete(task.values, task.first, findings)
    if task.question not in categories:
        hub.left_out["the oracle does not say what came"] += 1
        return
    observed = categories[task.question]
    if observed not in p:
        message = f"'{observed}' came, which is not among the categories of this forecast"
        findings.append(task.first.error(message, "output_type_id", f"a row for '{observed}', 0 if held impossible"))
        return
    kind = task.task.get("question_kind")
    in_order = bool(order) and set(p) <= set(order)
    names = tuple(sorted(p, key=order.index)) if in_order else tuple(p)
    made, ends = _date_of(task, _MADE), _date_of(task, _ENDS)
    hub.rows.append(
        Row(
            scenario="",
            question=task.question,
            question_kind=kind or task.task.get("target", "categories"),
            kind="given",
            model=task.model,
            as_of=made,
            ends=ends,
            outcomes=names,
            p=tuple(p[name] for name in names),
            observed=observed,
            ordered=in_order or kind == "state",
            unit=", ".join(task.task.values()),
        )
    )


def _date_of(task: _Task, columns: Sequence[str]) -> date | None:
    text = next((task.task[name] for name in columns if name in task.task), "")
    try:
        return parse_day(text)
    except ValueError:
        return None


def _add_quantiles(task: _Task, numbers: Mapping[str, float], hub: Hub, findings: list[Finding]) -> None:
    pairs: list[tuple[float, float]] = []
    for text, value in task.values.items():
        try:
            pairs.append((float(text), value))
        except ValueError:
            message = f"'{text}' is no quantile level"
            findings.append(task.first.error(message, "output_type_id", "a number between 0 and 1"))
            return
    pairs.sort()
    levels = np.array([level for level, _ in pairs])
    if (again := levels[1:][np.diff(levels) == 0]).size:
        message = f"the level {again[0]:g} stands twice, written in two ways"
        findings.append(task.first.error(message, "output_type_id", "every level once"))
        return
    values = np.array([value for _, value in pairs])
    shown = ", ".join(f"{level:g}" for level in levels)
    if not (levels[0] > 0 and levels[-1] < 1 and np.allclose(levels + levels[::-1], 1, rtol=0, atol=_LEVEL_ERROR)):
        message = f"the levels {shown} are not symmetric about 0.5"
        findings.append(
            task.first.error(message, "output_type_id", "with every level also one minus it, as 0.25 and 0.75")
        )
    elif (np.diff(values) < 0).any():
        place = int(np.argmax(np.diff(values) < 0))
        message = f"the quantiles fall from level {levels[place]:g} to {levels[place + 1]:g}"
        findings.append(task.first.error(message, "value", "values that do not fall where levels rise"))
    elif task.question not in numbers:
        hub.left_out["the oracle does not say what came"] += 1
    else:
        # a level that is one half but for rounding is the median
        levels = np.where(np.abs(levels - 0.5) <= _LEVEL_ERROR, 0.5, levels)
        observed = numbers[task.question]
        hub.numbers.append(
            NumberForecast(task.model, task.question, task.task, tuple(levels.tolist()), values, observed)
        )


def _add_sample(task: _Task, numbers: Mapping[str, float], hub: Hub) -> None:
    if task.question not in numbers:
        hub.left_out["the oracle does not say what came"] += 1
        return
    values = np.array(list(task.values.values()))
    hub.numbers.append(NumberForecast(task.model, task.question, task.task, (), values, numbers[task.question]))
