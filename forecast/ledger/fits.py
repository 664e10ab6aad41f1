"""The draws files that a ledger remembers: rows that can be made again, beside the records that cannot.

No hash guards this table, and anybody can write to it with an SQLite tool: what is read back is checked like any file.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, fields
from datetime import date
from math import inf
from typing import Any

from forecast.errors import LedgerError
from forecast.ledger.records import Entry, FitRow, made_at_instant

__all__ = ["TABLE", "contradictions", "fits_of", "insert_fit", "select_fits"]

# Seeds have up to 64 bits, SQLite's integers a sign: so they are text.
TABLE = """CREATE TABLE fits (
    sha256 TEXT PRIMARY KEY, file TEXT NOT NULL, model_identity TEXT NOT NULL, evidence_identity TEXT NOT NULL,
    scenario TEXT NOT NULL, as_of TEXT NOT NULL, made_at TEXT NOT NULL, n_draws INTEGER NOT NULL, ess REAL NOT NULL,
    seed TEXT NOT NULL, method TEXT NOT NULL
) STRICT"""

_COLUMNS = tuple(field.name for field in fields(FitRow))
_SEED = _COLUMNS.index("seed")


def insert_fit(connection: sqlite3.Connection, fit: FitRow) -> None:
    """Add one row, or replace the one of the same file."""
    values = list(astuple(fit))
    values[_SEED] = str(fit.seed)
    connection.execute(
        f"INSERT OR REPLACE INTO fits ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(values))})", values
    )


def select_fits(connection: sqlite3.Connection, model_identity: str | None) -> tuple[list[FitRow], list[str]]:
    """The sound rows (of one model identity), the latest as-of date and then the last made first; and what is wrong.

    A row that something else than this program wrote or edited is left out, and named with what it was found to say.
    """
    where, values = ("WHERE model_identity = ?", (model_identity,)) if model_identity is not None else ("", ())
    rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM fits {where} ORDER BY sha256", values).fetchall()
    fits, faults = [], []
    for row in rows:
        named = dict(zip(_COLUMNS, row, strict=True))
        wrong = ", ".join(_wrong(named))
        if wrong:
            faults.append(f"the row of draws {str(named['sha256'])[:10]!r} in the table fits was edited: {wrong}")
        else:
            fits.append(FitRow(**{**named, "seed": int(named["seed"])}))
    return sorted(fits, key=lambda fit: (fit.as_of, made_at_instant(fit.made_at), fit.sha256), reverse=True), faults


def _wrong(row: dict[str, Any]) -> Iterator[str]:
    """What a row says that this program never writes; SQLite has seen to it that texts are texts, numbers numbers."""
    try:
        date.fromisoformat(row["as_of"])
    except ValueError:
        yield f"as_of is {row['as_of']!r}, no ISO date"
    try:
        made_at_instant(row["made_at"])
    except LedgerError:
        yield f"made_at is {row['made_at']!r}, no instant in UTC"
    if not (row["seed"].isascii() and row["seed"].isdecimal()):
        yield f"seed is {row['seed']!r}, no whole number"
    # nothing outside of the draws folder is opened
    if set(row["file"]) & set("/\\\0") or row["file"] in ("", ".", ".."):
        yield f"file is {row['file']!r}, no name of a file"
    if not row["n_draws"] > 0:
        yield f"n_draws is {row['n_draws']}, not above 0"
    if not 0 <= row["ess"] < inf:
        yield f"ess is {row['ess']}, no size of a sample"


def contradictions(fits: Iterable[FitRow], entries: Iterable[Entry]) -> Iterator[str]:
    """Rows that say otherwise of their draws than the record of the forecast that these were drawn for."""
    recorded = {fit.sha256: (fit, entry) for entry in entries for fit in fits_of((entry,))}
    for fit in fits:
        if fit.sha256 not in recorded:
            continue
        said, entry = recorded[fit.sha256]
        for name in ("model_identity", "evidence_identity", "scenario", "as_of"):
            found, wanted = getattr(fit, name), getattr(said, name)
            if found != wanted:
                yield (
                    f"the row of draws {fit.sha256[:10]!r} in the table fits was edited: {name} is {found!r}, "
                    f"in record {entry.id} it is {wanted!r}"
                )


def _n_draws(method: Mapping[str, Any]) -> int:
    return int(method.get("particles") or int(method.get("chains") or 0) * int(method.get("draws") or 0))


def fits_of(entries: Iterable[Entry]) -> list[FitRow]:
    """The rows that recorded forecasts tell of: those fitted anew; others only name another's draws."""
    rows = []
    for entry in entries:
        forecast = entry.forecast
        method = forecast.method
        if forecast.fit is None or method.get("name") == "reweight" or method.get("from_fit") is not None:
            continue
        rows.append(
            FitRow(
                sha256=forecast.fit,
                file=f"{forecast.fit}.npz",
                model_identity=forecast.model_identity,
                evidence_identity=forecast.evidence_identity,
                scenario=forecast.scenario,
                as_of=forecast.as_of,
                made_at=forecast.made_at,
                n_draws=_n_draws(method),
                ess=float(method.get("ess") or 0.0),
                seed=forecast.seed,
                method=str(method.get("name")),
            )
        )
    return rows
