"""Answers as a long table, one row for every outcome of every forecast: CSV, JSON or Parquet.

Nothing here depends on the day: the same records make the same bytes.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from forecast.about import VERSION
from forecast.exchange.selection import Chosen
from forecast.ledger.records import Answer, Entry
from forecast.scenario.cells import harmless
from forecast.scenario.dates import parse_day
from forecast.words import words

__all__ = ["COLUMNS", "WRITERS", "answer_rows", "csv_bytes", "json_bytes", "last_day", "parquet_bytes"]

#: Columns of the table and what their cells are.
COLUMNS: Mapping[str, str] = {
    "forecast": "text",
    "scenario": "text",
    "as_of": "day",
    "made_at": "instant",
    "kind": "text",
    "model": "text",
    "family": "text",
    "question": "text",
    "question_kind": "text",
    "ask": "text",
    "ends": "day",
    "outcome": "text",
    "p": "number",
    "mcse": "number",
    "low": "number",
    "high": "number",
    "words": "text",
    "closed": "flag",
    "resolved": "text",
    "retracted": "text",
}

type Row = dict[str, Any]


def answer_rows(selected: Chosen) -> list[Row]:
    """One row for every answer; days and instants as ISO text, what is nothing as None.

    `resolved` is the outcome known on the as-of date of a closed question, `ends` the question's last day, `retracted`
    the reason of a retraction, `words` the term of ICD 203 for p.
    """
    return [_row(entry, answer) for entry, answers in selected.forecasts for answer in answers]


def _row(entry: Entry, answer: Answer) -> Row:
    forecast = entry.forecast
    return {
        "forecast": entry.id,
        "scenario": forecast.scenario,
        "as_of": forecast.as_of,
        "made_at": forecast.made_at,
        "kind": forecast.kind,
        "model": entry.model_label,
        "family": forecast.family,
        "question": answer.question,
        "question_kind": answer.kind,
        "ask": answer.ask,
        "ends": last_day(forecast.questions, answer.question),
        "outcome": answer.outcome,
        "p": answer.p,
        "mcse": answer.mcse,
        "low": answer.low,
        "high": answer.high,
        "words": None if answer.p is None else words(answer.p),
        "closed": answer.closed,
        "resolved": answer.resolved,
        "retracted": entry.retracted.reason if entry.retracted else None,
    }


def last_day(questions: Sequence[Mapping[str, Any]], question: str) -> str | None:
    """Last day of a question as it was recorded; None where the record does not say."""
    asked = next((row for row in questions if row.get("id") == question), {})
    day = asked.get("on") or asked.get("until") or (asked.get("between") or [None])[-1]
    try:
        return parse_day(str(day)).isoformat()
    except ValueError:
        return None


def csv_bytes(selected: Chosen) -> bytes:
    """The table as CSV in UTF-8; texts that begin like a formula get an apostrophe (`scenario.cells.harmless`)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row[name]) for name in COLUMNS] for row in answer_rows(selected))
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    return harmless(value) if isinstance(value, str) else _plain(value) or ""


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None or isinstance(value, str) else repr(value)


def json_bytes(selected: Chosen) -> bytes:
    """The table as one JSON document, with what was left out."""
    document = {
        "forecast_version": VERSION,
        "answers": answer_rows(selected),
        "left_out": [{"why": why, "n": n} for why, n in sorted(selected.left_out.items())],
    }
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def parquet_bytes(selected: Chosen) -> bytes:
    """The table as Parquet: days as date32, instants as timestamps in UTC, with the program's version as metadata.

    It goes through Arrow's reader of CSV: Arrow's conversion of Python objects loads pandas, for a second or more.
    """
    import pyarrow
    import pyarrow.csv
    import pyarrow.parquet

    types = {
        "text": pyarrow.string(),
        "number": pyarrow.float64(),
        "flag": pyarrow.bool_(),
        "day": pyarrow.date32(),
        "instant": pyarrow.timestamp("us", tz="UTC"),
    }
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NOTNULL, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_plain(row[name]) for name in COLUMNS] for row in answer_rows(selected))
    content = text.getvalue().encode()
    table = pyarrow.csv.read_csv(
        io.BytesIO(content),
        read_options=pyarrow.csv.ReadOptions(block_size=len(content) + 1),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={name: types[kind] for name, kind in COLUMNS.items()},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table.replace_schema_metadata({"forecast_version": VERSION}), sink)
    written: bytes = sink.getvalue().to_pybytes()
    return written


WRITERS: Mapping[str, Callable[[Chosen], bytes]] = {"csv": csv_bytes, "json": json_bytes, "parquet": parquet_bytes}
