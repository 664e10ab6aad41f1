"""Forecasts in the columns of the hubverse (hubverse.io): model output beside oracle output.

Model output has `output_type`, `output_type_id` and `value`, perhaps `model_id`, and columns that name the task.
Oracle output has `oracle_value` and some of these columns; where categories are forecast also `output_type` and
`output_type_id`, with 1 for the category that came. A column `question_kind`, which our own exports have, keeps what
people judge apart from what a record settles, as it does for forecasts of the ledger.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.scoring.csv_table import Cells, Table, number_of
from forecast.analysis.scoring.grouped import first_places, groups_of, keys_of
from forecast.analysis.scoring.rows import Row
from forecast.analysis.scoring.sums import RoundedSums, completed
from forecast.errors import Finding
from forecast.scenario.dates import parse_day

__all__ = ["SCORED", "Hub", "NumberForecast", "hub_forecasts", "is_hubverse"]

#: Output types that are scored, and those of the hubverse that are not; rows of any other type are an error.
SCORED = ("pmf", "quantile", "sample")
NOT_SCORED = ("mean", "median", "cdf")

UNKNOWN_TO_ORACLE = "the oracle does not say what came"

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
    """Forecasts of categories, forecasts of numbers, how many were left out by reason, and what a reader must know."""

    rows: list[Row] = field(default_factory=list)
    numbers: list[NumberForecast] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Task:
    """One forecast: of one output type, by one model; `ids` and `values` are its rows, `at` the place of the first."""

    model: str
    question: str
    task: dict[str, str]
    at: int
    ids: tuple[str, ...]
    values: list[float]
    texts: list[str]


@dataclass(frozen=True, slots=True)
class _Came:
    """The category that came, and how many the oracle lists."""

    category: str
    n_listed: int


def is_hubverse(table: Table) -> bool:
    """Whether the file has the hubverse's columns."""
    return "output_type" in table.columns or "output_type_id" in table.columns


def hub_forecasts(
    output: Table,
    oracle: Table,
    order: Sequence[str],
    findings: list[Finding],
    rounded: RoundedSums,
    by: Sequence[str] = (),
) -> Hub:
    """Set model output beside oracle output.

    Parameters
    ----------
    output, oracle
        The two files.
    order
        Names of categories in their order, for the ranked probability score; may be empty.
    findings
        Receives everything that is wrong.
    rounded
        Counts forecasts of categories whose sum rounding kept from one.
    by
        Task columns by which tables of categories are kept apart.
    """
    hub = Hub()
    task_columns = [name for name in output.columns if name not in ("model_id", *_MODEL_COLUMNS)]
    known = [name for name in oracle.columns if name not in _ORACLE_COLUMNS]
    readable = output.check_columns(_MODEL_COLUMNS, ("model_id", *task_columns), findings)
    required = ("oracle_value", *(("output_type_id",) if "output_type" in oracle.columns else ()))
    if not oracle.check_columns(required, (*_ORACLE_COLUMNS, *task_columns), findings) or not readable:
        return hub
    categories, numbers = _truth(oracle, known, findings)
    reader = _Reader(output, order, by, rounded, hub, findings)
    for output_type, task in _tasks(output, task_columns, known, hub.left_out, findings):
        if output_type == "pmf":
            reader.categories(task, categories)
        elif output_type == "quantile":
            reader.quantiles(task, numbers)
        else:
            reader.sample(task, numbers)
    if reader.n_lacking:
        hub.notes.append(
            f"{reader.n_lacking} forecasts lack the row of a category: of yes and no it is one minus the other, else 0"
        )
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


def _truth(oracle: Table, known: Sequence[str], findings: list[Finding]) -> tuple[dict[str, _Came], dict[str, float]]:
    """By question the category that came, and the number that came."""
    categories: dict[str, _Came] = {}
    numbers: dict[str, float] = {}
    codes, texts = oracle.column("oracle_value")
    is_given = np.array([text not in ("", "NA") for text in texts], dtype=bool)[codes]
    value = oracle.mapped("oracle_value", number_of)
    types, names = oracle.column("output_type")
    is_category = np.array([name == "pmf" for name in names], dtype=bool)[types]
    is_ignored = np.array([name == "cdf" for name in names], dtype=bool)[types] & ~np.isnan(value)
    question = keys_of([oracle.codes[name] for name in known]) if known else np.zeros(len(oracle), dtype=np.int64)
    listed = np.bincount(question[is_category & is_given], minlength=int(question.max()) + 1)
    # of most categories it is enough to know that they did not come
    for at in np.flatnonzero(is_given & ~is_ignored & ~(is_category & (value == 0))).tolist():
        cells = oracle.row(at)
        key = _key(cells, known)
        if np.isnan(value[at]):
            cells.number("oracle_value", findings)
        elif not is_category[at]:
            if numbers.setdefault(key, float(value[at])) != value[at]:
                findings.append(cells.error(f"{numbers[key]:g} came already for {key}", "oracle_value", "one value"))
        elif value[at] != 1.0:
            findings.append(cells.error("a category came or did not", "oracle_value", "0 or 1"))
        else:
            came = _Came(cells["output_type_id"], int(listed[question[at]]))
            if categories.setdefault(key, came) != came:
                message = f"'{categories[key].category}' came already for {key}"
                findings.append(cells.error(message, "oracle_value", "1 for one category"))
    return categories, numbers


def _tasks(
    output: Table, task_columns: Sequence[str], known: Sequence[str], left_out: Counter[str], findings: list[Finding]
) -> Iterator[tuple[str, _Task]]:
    """The forecasts of the file with their output types, in the order of the file within each type."""
    types, names = output.column("output_type")
    counts = np.bincount(types, minlength=len(names))
    for code, name in enumerate(names):
        if name in NOT_SCORED:
            left_out[f"rows of output type '{name}' are not scored"] += int(counts[code])
        elif name not in SCORED and counts[code]:
            cells = output.row(int(np.flatnonzero(types == code)[0]))
            message = f"{counts[code]} rows have the output type '{name}', this is the first"
            accepted = f"{', '.join(SCORED)}; {', '.join(NOT_SCORED)} are left out"
            findings.append(cells.error(message, "output_type", accepted))
    output = output.taken(np.array([name in SCORED for name in names], dtype=bool)[types])
    if not len(output):
        return
    types = output.codes["output_type"]
    is_category = np.array([name == "pmf" for name in names], dtype=bool)[types]
    value = output.mapped("value", number_of)
    ids, id_names = output.column("output_type_id")
    is_wrong = np.isnan(value) | (is_category & ~((value >= 0) & (value <= 1)))
    is_unnamed = is_category & np.array([name in ("", "NA") for name in id_names], dtype=bool)[ids]
    models, model_names = output.column("model_id")
    key = keys_of([types, models, *(output.codes[name] for name in task_columns)]).astype(np.int32)
    # a row without a value says nothing about whether the forecast is there twice
    first = first_places(keys_of([key, ids, is_wrong.astype(np.int32)]))
    again = ~is_wrong & (first != np.arange(len(output)))
    for number in np.flatnonzero(is_wrong | is_unnamed | again).tolist():
        cells = output.row(number)
        if is_wrong[number]:
            read = cells.probability if is_category[number] else cells.number
            read("value", findings)
        elif is_unnamed[number]:
            findings.append(cells.error("a probability without its category", "output_type_id", "a category"))
        else:
            message = f"this forecast stands in line {output.lines[first[number]]} already"
            findings.append(cells.error(message, "output_type_id", "one row for each task, model, output type and id"))
    is_whole = np.ones(int(key.max()) + 1, dtype=bool)
    is_whole[key[is_wrong | is_unnamed]] = False
    kept = np.flatnonzero(is_whole[key] & ~again)
    default = Path(output.file).stem
    value_codes, value_texts = output.column("value")
    for code in dict.fromkeys(types.tolist()):
        of_type = kept[types[kept] == code]
        for group in groups_of(keys_of([key[of_type]])) if len(of_type) else ():
            places = of_type[group]
            at = int(places[0])
            task = {name: output.values[name][output.codes[name][at]] for name in task_columns}
            yield (
                names[code],
                _Task(
                    model_names[models[at]] or default,
                    ", ".join(task[name] for name in known),
                    task,
                    at,
                    tuple(id_names[one] for one in ids[places].tolist()),
                    value[places].tolist(),
                    [value_texts[one] for one in value_codes[places].tolist()] if is_category[at] else [],
                ),
            )


class _Reader:
    """Reads forecasts into a hub; what is wrong goes to the findings."""

    def __init__(
        self,
        output: Table,
        order: Sequence[str],
        by: Sequence[str],
        rounded: RoundedSums,
        hub: Hub,
        findings: list[Finding],
    ) -> None:
        types, names = output.column("output_type")
        # places of tasks are those among the rows that are scored
        self._output = output.taken(np.array([name in SCORED for name in names], dtype=bool)[types])
        self._order, self._by, self._rounded = order, by, rounded
        self._hub, self._findings = hub, findings
        self.n_lacking = 0

    def _wrong(self, task: _Task, message: str, column: str | None, accepted: str) -> None:
        self._findings.append(self._output.row(task.at).error(message, column, accepted))

    def categories(self, task: _Task, came: Mapping[str, _Came]) -> None:
        found = completed(task.ids, task.values, lambda: task.texts, self._rounded)
        if isinstance(found, float):
            message = f"the probabilities of {', '.join(task.ids)} sum to {found:.7g}"
            self._wrong(task, message, None, "outcomes that exclude each other and sum to 1")
            return
        if task.question not in came:
            self._hub.left_out[UNKNOWN_TO_ORACLE] += 1
            return
        names, p = found
        observed = came[task.question]
        if observed.category not in names:
            message = f"'{observed.category}' came, which is not among the categories of this forecast"
            self._wrong(task, message, "output_type_id", f"a row for '{observed.category}', 0 if held impossible")
            return
        if observed.n_listed > 1 and len(names) > observed.n_listed:
            message = f"{len(names)} categories, of which the oracle lists {observed.n_listed}: {', '.join(names)}"
            self._wrong(task, message, "output_type_id", "the categories of the oracle")
            return
        self.n_lacking += len(task.ids) < max(len(names), observed.n_listed)
        kind = task.task.get("question_kind")
        in_order = bool(self._order) and set(names) <= set(self._order)
        ordered = tuple(sorted(names, key=self._order.index)) if in_order else names
        made, ends = _date_of(task, _MADE), _date_of(task, _ENDS)
        self._hub.rows.append(
            Row(
                scenario="",
                question=task.question,
                question_kind=kind or task.task.get("target", "categories"),
                kind="given",
                model=task.model,
                as_of=made,
                ends=ends,
                outcomes=ordered,
                p=tuple(p[names.index(name)] for name in ordered) if in_order else p,
                observed=observed.category,
                ordered=in_order or kind == "state",
                unit=", ".join(task.task.values()),
                group=tuple(task.task[name] for name in self._by),
            )
        )

    def quantiles(self, task: _Task, numbers: Mapping[str, float]) -> None:
        pairs: list[tuple[float, float]] = []
        for text, value in zip(task.ids, task.values, strict=True):
            level = number_of(text)
            if math.isnan(level):
                self._wrong(task, f"'{text}' is no quantile level", "output_type_id", "a number between 0 and 1")
                return
            pairs.append((level, value))
        pairs.sort()
        levels = np.array([level for level, _ in pairs])
        if (again := levels[1:][np.diff(levels) == 0]).size:
            message = f"the level {again[0]:g} stands twice, written in two ways"
            self._wrong(task, message, "output_type_id", "every level once")
            return
        values = np.array([value for _, value in pairs])
        shown = ", ".join(f"{level:g}" for level in levels)
        if not (levels[0] > 0 and levels[-1] < 1 and np.allclose(levels + levels[::-1], 1, rtol=0, atol=_LEVEL_ERROR)):
            message = f"the levels {shown} are not symmetric about 0.5"
            self._wrong(task, message, "output_type_id", "with every level also one minus it, as 0.25 and 0.75")
        elif (np.diff(values) < 0).any():
            place = int(np.argmax(np.diff(values) < 0))
            message = f"the quantiles fall from level {levels[place]:g} to {levels[place + 1]:g}"
            self._wrong(task, message, "value", "values that do not fall where levels rise")
        elif task.question not in numbers:
            self._hub.left_out[UNKNOWN_TO_ORACLE] += 1
        else:
            # a level that is one half but for rounding is the median
            levels = np.where(np.abs(levels - 0.5) <= _LEVEL_ERROR, 0.5, levels)
            observed = numbers[task.question]
            self._hub.numbers.append(
                NumberForecast(task.model, task.question, task.task, tuple(levels.tolist()), values, observed)
            )

    def sample(self, task: _Task, numbers: Mapping[str, float]) -> None:
        if task.question not in numbers:
            self._hub.left_out[UNKNOWN_TO_ORACLE] += 1
            return
        values = np.array(task.values)
        observed = numbers[task.question]
        self._hub.numbers.append(NumberForecast(task.model, task.question, task.task, (), values, observed))


def _date_of(task: _Task, columns: Sequence[str]) -> date | None:
    text = next((task.task[name] for name in columns if name in task.task), "")
    try:
        return parse_day(text)
    except ValueError:
        return None
