"""What `history --json` prints."""

from collections.abc import Iterable
from typing import Any

from forecast.ledger.records import Answer, Entry, Forecast

__all__ = ["history_rows"]

#: Of a question that has two outcomes this one is shown; the other is one minus it.
SHOWN = "yes"


def history_rows(
    entries: Iterable[Entry], question: str | None = None, outcome: str | None = None
) -> list[dict[str, Any]]:
    """One row for every forecast and outcome, oldest as-of date first; retracted forecasts say so.

    Of questions with two outcomes only 'yes' is listed, unless an outcome is asked for.
    """
    rows = []
    for entry in entries:
        forecast = entry.forecast
        for answer in forecast.answers:
            if answer.p is None or (question and answer.question != question):
                continue
            if answer.outcome != outcome if outcome else answer.kind != "state" and answer.outcome != SHOWN:
                continue
            rows.append(_history_row(entry, forecast, answer))
    return sorted(rows, key=lambda row: (row["as_of"], row["made_at"]))


def _history_row(entry: Entry, forecast: Forecast, answer: Answer) -> dict[str, Any]:
    return {
        "forecast": entry.id,
        "as_of": forecast.as_of,
        "made_at": forecast.made_at,
        "kind": forecast.kind,
        "model": forecast.model,
        "question": answer.question,
        "outcome": answer.outcome,
        "p": answer.p,
        "low": answer.low,
        "high": answer.high,
        "retracted": entry.retracted.reason if entry.retracted else None,
    }
