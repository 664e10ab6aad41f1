"""The table of answers that `forecast export` writes as CSV, read as long CSV."""

from collections import Counter
from datetime import UTC, datetime

from forecast.analysis.scoring.csv_table import Cells, Table, made_table
from forecast.errors import LedgerError
from forecast.ledger.records import made_at_instant
from forecast.scenario.cells import as_written

__all__ = ["as_long", "is_answers"]

#: Columns of long CSV.
COLUMNS = ("question", "outcome", "p", "made_on", "model")

#: Columns by which the table is told from anybody's long CSV.
_OWN = {"forecast", "scenario", "as_of", "made_at", "kind", "model", "question", "outcome", "p"}


def is_answers(table: Table) -> bool:
    """Whether the file has the columns of our own tables of answers."""
    return set(table.columns) >= _OWN


def as_long(answers: Table, truth: Table) -> tuple[Table, Counter[str]]:
    """The same forecasts in the columns of long CSV, and how many answers are passed over, by reason.

    A model is `VERSION (KIND)`, so that live forecasts and replays stay apart. A question is SCENARIO/QUESTION, or
    QUESTION where the file holds one scenario and the file of what happened calls it so. As everywhere, of several
    forecasts by one model on one day the one made last counts, and none that was retracted.
    """
    rows = [_plain(cells) for cells in answers]
    by_file: dict[str, list[str]] = {name: [] for name in COLUMNS}
    lines: list[int] = []
    alone = len({cells["scenario"] for cells in rows}) == 1 and not any("/" in cells.get("question") for cells in truth)
    left_out: Counter[str] = Counter()
    latest: dict[tuple[str, ...], str] = {}
    for cells in rows:
        if not cells.get("retracted"):
            latest[_occasion(cells)] = max(cells["made_at"], latest.get(_occasion(cells), ""), key=_instant)
    for cells in rows:
        if cells.get("retracted"):
            left_out["the forecast was retracted"] += 1
        elif not cells["p"]:
            left_out["the question was closed"] += 1
        elif cells["made_at"] != latest[_occasion(cells)]:
            left_out["a later forecast of the same model and day stands in its place"] += 1
        else:
            name = cells["question"] if alone else f"{cells['scenario']}/{cells['question']}"
            model = f"{cells['model']} ({cells['kind']})"
            lines.append(cells.line)
            new = (name, cells["outcome"], cells["p"], cells["as_of"], model)
            for column, text in zip(COLUMNS, new, strict=True):
                by_file[column].append(text)
    return made_table(answers.file, by_file, lines), left_out


def _plain(cells: Cells) -> Cells:
    return Cells(cells.file, cells.line, {name: as_written(text) for name, text in cells.cells.items()})


def _instant(made_at: str) -> datetime:
    try:
        return made_at_instant(made_at)
    except LedgerError:
        return datetime.min.replace(tzinfo=UTC)


def _occasion(cells: Cells) -> tuple[str, ...]:
    return tuple(cells[name] for name in ("scenario", "kind", "model", "as_of"))
