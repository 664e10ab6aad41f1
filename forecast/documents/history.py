"""What `history --json` prints."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from forecast.errors import Finding, InputError
from forecast.ledger.records import Answer, Entry, Forecast
from forecast.ledger.store import Ledger
from forecast.references import named_entries, parse_ref

__all__ = ["history_of", "history_rows"]


def history_of(ledger: Ledger, ref: str, workspace: Path | None = None) -> list[dict[str, Any]]:
    """The rows of a scenario, a question or an outcome (`SCENARIO/QUESTION:OUTCOME`).

    Raises
    ------
    InputError
        If no forecast is recorded, or none has such an answer; what could stand in the reference is named.
    """
    wanted = parse_ref(ref)
    entries = named_entries(ledger, wanted, workspace, foreign=True)
    if not entries:
        known = ", ".join(ledger.scenarios(foreign=True)) or "none yet"
        raise InputError(Finding("error", f"no forecast of '{wanted.target}' is recorded.", found=ref, accepted=known))
    rows = history_rows(entries, wanted.question, wanted.outcome)
    if not rows:
        message = f"no recorded answer fits '{ref}'."
        raise InputError(Finding("error", message, found=ref, accepted=_fitting(entries, wanted.question)))
    return rows


def _fitting(entries: Sequence[Entry], question: str | None) -> str:
    """What could stand in a reference: outcomes of the question if it has any, else the questions."""
    answers = [answer for entry in entries for answer in entry.forecast.answers]
    fitting = dict.fromkeys(
        answer.outcome for answer in answers if answer.question == question and answer.p is not None
    )
    if fitting:
        return f"outcomes of {question}: {', '.join(fitting)}"
    return f"questions {', '.join(dict.fromkeys(answer.question for answer in answers if answer.p is not None))}"


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
            if answer.outcome != outcome if outcome else not answer.is_shown:
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
        "log_name": entry.foreign,
    }
