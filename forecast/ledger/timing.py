"""When a record was made: `made_at` is read from the clock inside the transaction that appends it, and never runs back.

A clock that was set back, or a ledger restored onto another machine, would put a record before the one it follows.
Such a record is refused, or appended with a warning code if the user allows it.
"""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from forecast.errors import LedgerError
from forecast.ledger.connection import sqlite_errors
from forecast.ledger.queries import value_of
from forecast.ledger.records import Content, made_at_instant
from forecast.ledger.warning_codes import CLOCK, CodedWarning

__all__ = ["ALLOW_CLOCK", "clock_warning", "instant_text", "last_made_at", "order_problem"]

#: The option that allows a record to be made before the last one.
ALLOW_CLOCK = "--allow-clock"

#: Earlier versions read the clock when a run began, so that a long run was recorded after a shorter one that began
#: later. Their records have no `warning_codes`; no run took longer than this.
LONGEST_RUN = timedelta(days=1)


def instant_text(clock: Callable[[], datetime]) -> str:
    """The present instant in UTC as records have it, to the second."""
    return clock().isoformat(timespec="seconds")


def last_made_at(connection: sqlite3.Connection, path: Path, log: str) -> str | None:
    """When the last record of a log that says so was made; None if there is none."""
    made_at = value_of("made_at")
    with sqlite_errors(path):
        row = connection.execute(
            f"SELECT {made_at} FROM records WHERE log = ? AND {made_at} IS NOT NULL ORDER BY seq DESC LIMIT 1", (log,)
        ).fetchone()
    return str(row[0]) if row else None


def clock_warning(path: Path, last: str | None, made_at: str, *, allowed: bool) -> CodedWarning | None:
    """The warning for a record that is made before the last one of its log; None if it is not.

    Raises
    ------
    LedgerError
        If it is, and that was not allowed; names both times and what to do.
    """
    if last is None or made_at_instant(made_at) >= made_at_instant(last):
        return None
    if not allowed:
        raise LedgerError(
            f"{path}: this computer's clock says {made_at}, which is before the last record of the log, made at "
            f"{last}. Nothing was recorded. Set the clock and run this again. If the clock is right and the last "
            f"record is wrong, add {ALLOW_CLOCK}: the record is then kept with the warning '{CLOCK}'."
        )
    text = f"the clock said {made_at} when this was recorded, before the last record of the log, made at {last}"
    return CodedWarning(text, CLOCK)


def order_problem(previous: Content | None, content: Content) -> str | None:
    """What is wrong with the time of a record that follows another one that has a time; None if nothing is."""
    if previous is None or "made_at" not in content:
        return None
    before, made = made_at_instant(str(previous["made_at"])), made_at_instant(str(content["made_at"]))
    codes = content.get("warning_codes")
    if CLOCK in (codes or ()) or made >= before - (LONGEST_RUN if codes is None else timedelta(0)):
        return None
    return f"made_at is {content['made_at']}, before {previous['made_at']} of the record before it"
