"""Reading a ledger: its logs and their ends, its forecasts, its evidence sets and models.

The own log is what this workspace's program wrote. Imported logs are foreign: their forecasts are found only where they
are asked for.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from forecast.errors import Finding, InputError, LedgerError
from forecast.ledger.connection import sqlite_errors
from forecast.ledger.latest import latest_of
from forecast.ledger.queries import LIVING, end_of, foreign_names, named, own_log, select_entries, value_of
from forecast.ledger.records import Entry, Evidence, ModelRecord
from forecast.ledger.tables import FORMAT, default_name

__all__ = ["Head", "LedgerReader"]

_TYPE = value_of("type")


class Head(NamedTuple):
    """The end of a log: whoever keeps `hash` can tell later whether the log was cut or rewritten."""

    log: str
    hash: str


class LedgerReader:
    """An open ledger, for reading; `path` is named in errors."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def own_log(self) -> str:
        """Id of the log that this ledger appends to; empty where nothing was ever recorded, or for a read file."""
        return own_log(self.connection, self.path)

    def foreign_logs(self) -> dict[str, str]:
        """The name of every imported log by log; an export that was read has none."""
        own = self.own_log
        if not own:
            return {}
        names = foreign_names(self.connection, self.path)
        return {head.log: names.get(head.log) or default_name(head.log) for head in self.heads() if head.log != own}

    def head(self) -> Head:
        """The end of the own log; both empty where there is none. Without a record, the hash the log begins from."""
        log = self.own_log
        return Head(log, end_of(self.connection, self.path, log)[1]) if log else Head("", "")

    def heads(self) -> list[Head]:
        """The end of every log that holds a record, the own one first."""
        with sqlite_errors(self.path):
            rows = self.connection.execute("SELECT log FROM records UNION SELECT log FROM links").fetchall()
        own = self.own_log
        logs = sorted((row[0] for row in rows), key=lambda log: (log != own, log))
        return [Head(log, end_of(self.connection, self.path, log)[1]) for log in logs]

    def holds(self, hash_: str) -> bool:
        """Whether a record of any log ends with this hash, or a log begins from it."""
        with sqlite_errors(self.path):
            found = self.connection.execute(
                "SELECT 1 FROM records WHERE ? IN (hash, prev) UNION ALL SELECT 1 FROM links WHERE ? IN (hash, prev) "
                "UNION ALL SELECT 1 FROM own WHERE first_prev = ? LIMIT 1",
                (hash_, hash_, hash_),
            ).fetchone()
        return found is not None

    def entries(self) -> Iterator[Entry]:
        """Every record of every log, the own log first, each in the order of its chain."""
        return iter(self._entries("1"))

    def forecasts(
        self,
        scenario: str | None = None,
        *,
        model: str | None = None,
        kind: str | None = None,
        retracted: bool = True,
        foreign: bool | str = False,
    ) -> Iterator[Entry]:
        """Forecasts of the own log, or also of imported logs; each log in the order of its chain, the own one first.

        Parameters
        ----------
        scenario, model, kind
            Only forecasts of this scenario, model version, kind.
        retracted
            False leaves out what was retracted; otherwise `Entry.retracted` tells.
        foreign
            True for those of imported logs too, or the id of the only log that is meant. An export that was read has
            no own log, and all of it counts.
        """
        return iter(self._forecasts(scenario, model=model, kind=kind, retracted=retracted, foreign=foreign))

    def beside(self, entry: Entry, *, retracted: bool = True, model: str | None = None) -> Iterator[Entry]:
        """Forecasts of the scenario of a forecast that are in the same log; of an export that was read, in any."""
        foreign = entry.log if entry.foreign else False
        return self.forecasts(entry.content["scenario"], model=model, retracted=retracted, foreign=foreign)

    def _forecasts(
        self,
        scenario: str | None,
        *,
        model: str | None,
        kind: str | None,
        retracted: bool,
        foreign: bool | str = False,
    ) -> list[Entry]:
        wanted = {"scenario": scenario, "model": model, "kind": kind}
        asked = {key: value for key, value in wanted.items() if value is not None}
        where = [f"{_TYPE} = 'forecast'", *(f"{value_of(key)} = ?" for key in asked)]
        if not retracted:
            where.append(LIVING)
        values = list(asked.values())
        log = foreign if isinstance(foreign, str) else "" if foreign else self.own_log
        if log:
            where.append("log = ?")
            values.append(log)
        return self._entries(" AND ".join(where), *values)

    def latest(
        self,
        scenario: str,
        *,
        model: str | None = None,
        default_model: str | None = None,
        foreign: str | None = None,
    ) -> Entry | None:
        """The living forecast of the own log that speaks for a scenario; see `forecast.ledger.latest.latest_of`.

        Parameters
        ----------
        scenario
            Its id.
        model
            Only forecasts with this model version.
        default_model
            The scenario's own version, preferred to others.
        foreign
            Name of the imported log whose forecast is meant in place of the own one.

        Raises
        ------
        InputError
            If there is no imported log of this name.
        """
        log = self.log_named(foreign) if foreign is not None else False
        found = self._forecasts(scenario, model=model, kind=None, retracted=False, foreign=log)
        return latest_of(found, default_model=default_model)

    def foreign_counts(self, scenario: str) -> dict[str, int]:
        """How many living forecasts of a scenario each imported log holds, by the name of the log."""
        is_named = self.connection.execute("PRAGMA user_version").fetchone()[0] >= FORMAT
        if is_named and not foreign_names(self.connection, self.path):
            return {}  # every imported log has a name there
        found = self._forecasts(scenario, model=None, kind=None, retracted=False, foreign=True)
        return dict(Counter(entry.foreign for entry in found if entry.foreign is not None))

    def foreign_hint(self, scenario: str) -> str:
        """For a message that the own log has no forecast of a scenario: how to name those of imported logs."""
        counts = self.foreign_counts(scenario)
        if not counts:
            return ""
        listed = ", ".join(f"{scenario}@{name} ({n} forecast{'s' if n > 1 else ''})" for name, n in counts.items())
        return f" Imported logs have some: name {listed}."

    def log_named(self, name: str) -> str:
        """The imported log with this name.

        Raises
        ------
        InputError
            If there is none; the names are listed.
        """
        logs = {of: log for log, of in self.foreign_logs().items()}
        if name not in logs:
            accepted = ", ".join(logs) or "none; `forecast ledger import FILE --name NAME` adds a log"
            raise InputError(Finding("error", f"no imported log has the name '{name}'.", found=name, accepted=accepted))
        return logs[name]

    def scenarios(self, *, foreign: bool = False) -> dict[str, int]:
        """How many forecasts of the own log (with `foreign`, of all logs) there are of each scenario, by id."""
        with sqlite_errors(self.path):
            rows = self.connection.execute(
                f"SELECT {value_of('scenario')}, count(*) FROM records WHERE {_TYPE} = 'forecast' "
                "AND (? OR log = (SELECT log FROM own) OR NOT EXISTS (SELECT 1 FROM own)) GROUP BY 1 ORDER BY 1",
                (foreign,),
            ).fetchall()
        return dict(rows)

    def find_key(self, key: str) -> Entry | None:
        """The living forecast of the own log with this key; of several, the last."""
        found = self._entries(
            f"{value_of('key')} = ? AND {_TYPE} = 'forecast' AND log = ? AND {LIVING}", key, self.own_log
        )
        return found[-1] if found else None

    def entry(self, ref: str) -> Entry:
        """The record with this id, or with the only id that begins so.

        Raises
        ------
        InputError
            If none does (the nearest ids are named) or several do (they are listed).
        """
        return named(self.connection, self.path, ref)

    def evidence(self, identity: str) -> dict[str, Any]:
        """The evidence set with this identity, from any log.

        Raises
        ------
        LedgerError
            If no log holds it.
        """
        rows = self._rows_of("evidence", identity)
        if not rows:
            raise LedgerError(f"{self.path}: holds no evidence set {identity}. `forecast ledger verify` says more.")
        return dict(Evidence.from_content(rows[0].content).set)

    def model(self, identity: str) -> dict[str, Any] | None:
        """The settings of the model with this identity, from any log; None where none holds them."""
        rows = self._rows_of("model", identity)
        return dict(ModelRecord.from_content(rows[0].content).settings) if rows else None

    def _rows_of(self, kind: str, identity: str, log: str | None = None) -> list[Entry]:
        where = f"{value_of('identity')} = ? AND {_TYPE} = '{kind}'"
        return self._entries(f"{where} AND log = ?", identity, log) if log else self._entries(where, identity)

    def _entries(self, where: str, *values: object) -> list[Entry]:
        return select_entries(self.connection, self.path, where, *values)
