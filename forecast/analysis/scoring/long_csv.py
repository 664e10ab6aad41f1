"""Anybody's probabilities in long CSV: a row for every outcome of every forecast, and a file of what happened."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.scoring.csv_table import Table, number_of
from forecast.analysis.scoring.grouped import first_places, groups_of, keys_of
from forecast.analysis.scoring.rows import Row
from forecast.analysis.scoring.sums import RoundedSums, completed
from forecast.errors import Finding
from forecast.scenario.dates import parse_day

__all__ = ["FORECAST_COLUMNS", "NOT_FORECAST", "TRUTH_COLUMNS", "long_rows"]

#: Required and optional columns.
FORECAST_COLUMNS = (("question", "outcome", "p", "made_on"), ("model",))
TRUTH_COLUMNS = (("question", "outcome"), ("ends",))

#: Why a question of the truth is not scored; it covers more than one forecaster answers.
NOT_FORECAST = "what happened is known, and no forecast was made"

_ANNULLED = "annulled"


def long_rows(
    forecasts: Table,
    truth: Table,
    order: Sequence[str],
    findings: list[Finding],
    rounded: RoundedSums,
    by: Sequence[str] = (),
) -> tuple[list[Row], Counter[str]]:
    """Set forecasts beside what happened.

    Parameters
    ----------
    forecasts
        Columns question, outcome, p, made_on and perhaps model. The probabilities of one question, model and day sum to
        one; of yes and no, one of the two rows is enough.
    truth
        Columns question, outcome and perhaps ends, the question's last day. Outcome `annulled` is not scored.
    order
        Names of outcomes in their order, for the ranked probability score; may be empty.
    findings
        Receives everything that is wrong.
    rounded
        Counts forecasts whose sum rounding kept from one.
    by
        Columns of the forecasts by which tables of scores are kept apart.

    Returns
    -------
    list of Row, Counter of str
        Rows in the order of the file, and how many forecasts were left out by reason.
    """
    readable = forecasts.check_columns(FORECAST_COLUMNS[0], (*FORECAST_COLUMNS[1], *by), findings)
    if not truth.check_columns(*TRUTH_COLUMNS, findings) or not readable:
        return [], Counter()
    happened = _happened(truth, findings)
    left_out: Counter[str] = Counter()
    rows: list[Row] = []
    maker = _Maker(forecasts, truth, order, by)
    for places in _groups(forecasts, maker.models, findings):
        first = int(places[0])
        question = maker.text("question", first)
        found = completed(maker.outcomes(places), maker.p[places].tolist(), partial(maker.texts, "p", places), rounded)
        if isinstance(found, float):
            message = f"the probabilities of {', '.join(maker.outcomes(places))} sum to {found:.7g}"
            cells = forecasts.row(first)
            findings.append(cells.error(message, accepted="outcomes that exclude each other and sum to 1"))
            # what else is wrong with the forecast is found all the same
            found = maker.outcomes(places), tuple(maker.p[places].tolist())
        at = happened.get(question)
        if at is None:
            left_out["nothing says what happened"] += 1
        elif maker.truth_text("outcome", at) == _ANNULLED:
            left_out["the question was annulled"] += 1
        else:
            rows.extend(maker.rows(first, question, *found, at, findings))
    asked = set(forecasts.values["question"])
    n_not_forecast = sum(question not in asked for question in happened)
    if n_not_forecast:
        left_out[NOT_FORECAST] = n_not_forecast
    return rows, left_out


def _happened(truth: Table, findings: list[Finding]) -> dict[str, int]:
    """The place of the row of what happened by question."""
    codes, values = truth.column("question")
    first = first_places(keys_of([codes]))
    ends_codes, ends = truth.column("ends")
    bad_ends = np.array([bool(text) and _day(text) is None for text in ends], dtype=bool)[ends_codes]
    again = first != np.arange(len(truth))
    for at in np.flatnonzero(_is_empty(truth) | bad_ends | again).tolist():
        cells = truth.row(at)
        findings.extend(cells.error(f"'{name}' is empty", name, "a name") for name in _names(cells.cells))
        if bad_ends[at]:
            cells.has_day("ends", findings)
        if again[at]:
            message = f"what happened to '{cells['question']}' stands in line {truth.lines[first[at]]} already"
            findings.append(cells.error(message, "question", "one row for each question"))
    places = np.flatnonzero(~again)
    return {values[code]: at for code, at in zip(codes[places].tolist(), places.tolist(), strict=True)}


def _is_empty(table: Table) -> NDArray[np.bool_]:
    """Whether the question or the outcome of a row is empty, (row,)."""
    found = np.zeros(len(table), dtype=bool)
    for name in ("question", "outcome"):
        codes, values = table.column(name)
        if "" in values:
            found |= codes == values.index("")
    return found


def _names(cells: dict[str, str]) -> list[str]:
    return [name for name in ("question", "outcome") if not cells[name]]


def _groups(
    forecasts: Table, models: tuple[NDArray[np.int32], list[str]], findings: list[Finding]
) -> Iterable[NDArray[np.intp]]:
    """The places of the rows of every forecast; a finding for every row that is wrong, and none of its forecast."""
    day_codes, days = forecasts.column("made_on")
    key = keys_of([models[0], forecasts.codes["question"], day_codes])
    p = forecasts.mapped("p", number_of)
    bad_p = ~((p >= 0) & (p <= 1))
    bad_day = np.array([_day(text) is None for text in days], dtype=bool)[day_codes]
    is_readable = ~(bad_p | bad_day)
    place = keys_of([key.astype(np.int32), forecasts.codes["outcome"], is_readable.astype(np.int32)])
    first = first_places(place)
    again = is_readable & (first != np.arange(len(forecasts)))
    for at in np.flatnonzero(_is_empty(forecasts) | ~is_readable | again).tolist():
        cells = forecasts.row(at)
        findings.extend(cells.error(f"'{name}' is empty", name, "a name") for name in _names(cells.cells))
        if bad_day[at]:
            cells.has_day("made_on", findings)
        if bad_p[at]:
            cells.probability("p", findings)
        if again[at]:
            message = f"this forecast of '{cells['outcome']}' stands in line {forecasts.lines[first[at]]} already"
            findings.append(cells.error(message, "outcome", "one row for each model, question, day and outcome"))
    # what is left of a forecast with a wrong row would only make more findings
    is_whole = np.ones(int(key.max()) + 1, dtype=bool)
    is_whole[key[~is_readable]] = False
    kept = np.flatnonzero(is_whole[key] & ~again)
    return (kept[places] for places in groups_of(keys_of([key[kept].astype(np.int32)]))) if len(kept) else ()


class _Maker:
    """Makes rows of the places of a forecast and of what happened; texts and days are read once."""

    def __init__(self, forecasts: Table, truth: Table, order: Sequence[str], by: Sequence[str]) -> None:
        self._forecasts, self._truth, self._order, self._by = forecasts, truth, order, by
        self.p = forecasts.mapped("p", number_of)
        codes, names = forecasts.column("model")
        default = Path(forecasts.file).stem
        known: dict[str, int] = {}
        numbers = [known.setdefault(name or default, len(known)) for name in names]
        self.models = np.array(numbers, dtype=np.int32)[codes], list(known)
        self._days = [_day(text) for text in forecasts.values["made_on"]]
        self._outcomes: dict[tuple[int, ...], tuple[str, ...]] = {}
        self._orders: dict[tuple[str, ...], tuple[tuple[str, ...], tuple[int, ...], bool]] = {}
        self._ends: dict[str, date | None] = {}
        self._groups: dict[tuple[str, ...], tuple[str, ...]] = {}

    def text(self, column: str, at: int) -> str:
        return self._forecasts.values[column][int(self._forecasts.codes[column][at])]

    def texts(self, column: str, places: NDArray[np.intp]) -> list[str]:
        return [self.text(column, at) for at in places.tolist()]

    def truth_text(self, column: str, at: int) -> str:
        codes, values = self._truth.column(column)
        return values[int(codes[at])]

    def outcomes(self, places: NDArray[np.intp]) -> tuple[str, ...]:
        codes = tuple(self._forecasts.codes["outcome"][places].tolist())
        if codes not in self._outcomes:
            self._outcomes[codes] = tuple(self._forecasts.values["outcome"][code] for code in codes)
        return self._outcomes[codes]

    def rows(
        self, at: int, question: str, names: tuple[str, ...], p: tuple[float, ...], of: int, findings: list[Finding]
    ) -> list[Row]:
        """The row, or none with a finding."""
        outcome = self.truth_text("outcome", of)
        made = self._days[self._forecasts.codes["made_on"][at]]
        assert made is not None  # rows with another text were left out
        text = self.truth_text("ends", of) if "ends" in self._truth.columns else ""
        if text not in self._ends:
            self._ends[text] = _day(text)
        ends = self._ends[text]
        if outcome not in names:
            first = self._forecasts.row(at)
            message = f"'{outcome}' is not among the outcomes forecast in {first.file}:{first.line}"
            accepted = f"{', '.join(names)}; what was held impossible has a row with p 0"
            findings.append(self._truth.row(of).error(message, "outcome", accepted))
            return []
        if len(p) < 2:
            message = f"'{question}' has one outcome, so nothing was forecast"
            accepted = "two outcomes or more; or yes alone, or no alone"
            findings.append(self._forecasts.row(at).error(message, "outcome", accepted))
            return []
        if ends is not None and made > ends:
            message = f"made on {made}, after the question's last day, {ends}"
            findings.append(self._forecasts.row(at).error(message, "made_on", f"a day up to {ends}"))
            return []
        if names not in self._orders:
            is_ordered = bool(self._order) and set(names) <= set(self._order)
            ordered = tuple(sorted(names, key=self._order.index)) if is_ordered else names
            self._orders[names] = ordered, tuple(names.index(name) for name in ordered), is_ordered
        ordered, places, is_ordered = self._orders[names]
        group = tuple(self.text(name, at) for name in self._by)
        return [
            Row(
                scenario="",
                question=question,
                question_kind="yes-no" if set(names) == {"yes", "no"} else "categories",
                kind="given",
                model=self.models[1][self.models[0][at]],
                as_of=made,
                ends=ends,
                outcomes=ordered,
                p=tuple(p[place] for place in places),
                observed=outcome,
                ordered=is_ordered,
                group=self._groups.setdefault(group, group),
            )
        ]


def _day(text: str) -> date | None:
    try:
        return parse_day(text)
    except ValueError:
        return None
