"""Anybody's probabilities in long CSV: a row for every outcome of every forecast, and a file of what happened."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from forecast.analysis.scoring.csv_table import Cells, Table
from forecast.analysis.scoring.rows import Row
from forecast.errors import Finding
from forecast.scenario.dates import parse_day

__all__ = ["FORECAST_COLUMNS", "SUM_ERROR", "TRUTH_COLUMNS", "complete", "long_rows"]

#: Required and optional columns.
FORECAST_COLUMNS = (("question", "outcome", "p", "made_on"), ("model",))
TRUTH_COLUMNS = (("question", "outcome"), ("ends",))

#: How far probabilities may sum from one: they were written as decimals, of which ten may be rounded in the 7th place.
SUM_ERROR = 1e-6

_ANNULLED = "annulled"


def long_rows(
    forecasts: Table, truth: Table, order: Sequence[str], findings: list[Finding]
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

    Returns
    -------
    list of Row, Counter of str
        Rows, and how many forecasts were left out by reason.
    """
    readable = forecasts.check_columns(*FORECAST_COLUMNS, findings)
    if not truth.check_columns(*TRUTH_COLUMNS, findings) or not readable:
        return [], Counter()
    happened = _happened(truth, findings)
    left_out: Counter[str] = Counter()
    rows: list[Row] = []
    groups = _groups(forecasts, findings)
    for (model, question, made_on), (first, given) in groups.items():
        p = complete(given, first, findings)
        if question not in happened:
            left_out["nothing says what happened"] += 1
        elif happened[question]["outcome"] == _ANNULLED:
            left_out["the question was annulled"] += 1
        else:
            rows.extend(_row(model, question, made_on, first, p, happened[question], order, findings))
    asked = {cells["question"] for cells in forecasts}
    for question, cells in happened.items():
        if question not in asked:
            message = f"nobody forecast '{question}'"
            findings.append(
                cells.error(message, "question", "questions of the forecasts; delete the row, or correct it")
            )
    return rows, left_out


def complete(p: dict[str, float], first: Cells, findings: list[Finding]) -> dict[str, float]:
    """Probabilities that sum to one, with the other of yes and no where one is missing; findings otherwise."""
    if len(p) == 1 and set(p) <= {"yes", "no"}:
        yes = p["yes"] if "yes" in p else 1.0 - p["no"]
        return {"yes": yes, "no": 1.0 - yes}
    total = sum(p.values())
    if p and abs(total - 1.0) > SUM_ERROR:
        message = f"the probabilities of {', '.join(p)} sum to {total:.7g}"
        findings.append(first.error(message, accepted="outcomes that exclude each other and sum to 1"))
    return {name: value / total for name, value in p.items()} if total else p


def _happened(truth: Table, findings: list[Finding]) -> dict[str, Cells]:
    """The row of what happened by question."""
    happened: dict[str, Cells] = {}
    for cells in truth:
        findings.extend(_empty(cells))
        if cells.get("ends"):
            cells.has_day("ends", findings)
        first = happened.setdefault(cells["question"], cells)
        if first is not cells:
            message = f"what happened to '{cells['question']}' stands in line {first.line} already"
            findings.append(cells.error(message, "question", "one row for each question"))
    return happened


type _Groups = dict[tuple[str, str, str], tuple[Cells, dict[str, float]]]


def _groups(forecasts: Table, findings: list[Finding]) -> _Groups:
    """By model, question and day: the first row, and the probabilities by outcome."""
    groups: _Groups = {}
    lines: dict[tuple[str, ...], int] = {}
    unreadable: set[tuple[str, str, str]] = set()
    default = Path(forecasts.file).stem
    for cells in forecasts:
        findings.extend(_empty(cells))
        key = (cells.get("model") or default, cells["question"], cells["made_on"])
        has_day, p = cells.has_day("made_on", findings), cells.probability("p", findings)
        if p is None or not has_day:
            unreadable.add(key)
            continue
        line = lines.setdefault((*key, cells["outcome"]), cells.line)
        if line != cells.line:
            message = f"this forecast of '{cells['outcome']}' stands in line {line} already"
            findings.append(cells.error(message, "outcome", "one row for each model, question, day and outcome"))
            continue
        groups.setdefault(key, (cells, {}))[1][cells["outcome"]] = p
    # what is left of a forecast with a wrong row would only make more findings
    return {key: group for key, group in groups.items() if key not in unreadable}


def _empty(cells: Cells) -> list[Finding]:
    names = [name for name in ("question", "outcome") if not cells[name]]
    return [cells.error(f"'{name}' is empty", name, "a name") for name in names]


def _row(
    model: str,
    question: str,
    made_on: str,
    first: Cells,
    p: dict[str, float],
    truth: Cells,
    order: Sequence[str],
    findings: list[Finding],
) -> list[Row]:
    """The row, or none with a finding."""
    outcome = truth["outcome"]
    ends = _day_or_none(truth.get("ends"))
    made = parse_day(made_on)
    if outcome not in p:
        message = f"'{outcome}' is not among the outcomes forecast in {first.file}:{first.line}"
        findings.append(truth.error(message, "outcome", f"{', '.join(p)}; what was held impossible has a row with p 0"))
        return []
    if len(p) < 2:
        message = f"'{question}' has one outcome, so nothing was forecast"
        findings.append(first.error(message, "outcome", "two outcomes or more; or yes alone, or no alone"))
        return []
    if ends is not None and made > ends:
        message = f"made on {made}, after the question's last day, {ends}"
        findings.append(first.error(message, "made_on", f"a day up to {ends}"))
        return []
    is_ordered = bool(order) and set(p) <= set(order)
    names = tuple(sorted(p, key=order.index)) if is_ordered else tuple(p)
    return [
        Row(
            scenario="",
            question=question,
            question_kind="yes-no" if set(p) == {"yes", "no"} else "categories",
            kind="given",
            model=model,
            as_of=made,
            ends=ends,
            outcomes=names,
            p=tuple(p[name] for name in names),
            observed=outcome,
            ordered=is_ordered,
        )
    ]


def _day_or_none(text: str) -> date | None:
    try:
        return parse_day(text)
    except ValueError:
        return None  # empty, or found out before
