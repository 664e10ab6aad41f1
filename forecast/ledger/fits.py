"""The draws files that a ledger remembers: rows that can be made again, beside the records that cannot."""

import sqlite3
from collections.abc import Iterable
from dataclasses import astuple, fields, replace

from forecast.ledger.records import Entry, FitRow, made_at_instant

__all__ = ["TABLE", "fits_of", "insert_fit", "select_fits"]

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


def select_fits(connection: sqlite3.Connection, model_identity: str | None) -> list[FitRow]:
    """All rows (of one model identity), the latest as-of date and then the last made first."""
    where, values = ("WHERE model_identity = ?", (model_identity,)) if model_identity is not None else ("", ())
    rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM fits {where}", values).fetchall()
    fits = [replace(FitRow(*row), seed=int(row[_SEED])) for row in rows]
    return sorted(fits, key=lambda fit: (fit.as_of, made_at_instant(fit.made_at), fit.sha256), reverse=True)


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
                n_draws=int(method.get("chains") or 0) * int(method.get("draws") or 0),
                ess=float(method.get("ess") or 0.0),
                seed=forecast.seed,
                method=str(method.get("name")),
            )
        )
    return rows
