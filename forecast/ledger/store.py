"""The append-only ledger of a workspace: append, look up, retract; every write is one transaction.

A ledger holds its own log, to which it appends, and any number of imported logs, which it only reads.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from forecast.canonical import canonical_json
from forecast.errors import Finding, InputError, LedgerError
from forecast.ledger.connection import BUSY_SECONDS, DRAWS, At, connect, nothing, sqlite_errors, transaction
from forecast.ledger.files import probe_folder
from forecast.ledger.fits import contradictions, fits_of, insert_fit, select_fits
from forecast.ledger.queries import end_of, value_of
from forecast.ledger.reader import Head, LedgerReader
from forecast.ledger.records import (
    Content,
    Entry,
    Evidence,
    FitRow,
    Forecast,
    ModelRecord,
    Retraction,
    Workings,
    content_digest,
    content_id,
)
from forecast.ledger.tables import FORMAT, chain_hash, rebuild_derived
from forecast.ledger.timing import clock_warning, instant_text, last_made_at
from forecast.ledger.warning_codes import CLOCK

__all__ = ["DRAWS_FOLDER", "LEDGER_FILE", "Head", "Ledger", "open_ledger"]

#: Where a workspace keeps them.
LEDGER_FILE = Path(".forecast/ledger.db")
DRAWS_FOLDER = LEDGER_FILE.parent / DRAWS

_TYPE = value_of("type")


class _UndoneError(Exception):
    """Ends a transaction that was only to be tried."""


def open_ledger(
    path: Path, *, create: bool = False, read_only: bool = False, busy_seconds: float = BUSY_SECONDS, at: At = nothing
) -> "Ledger":
    """Open `<workspace>/.forecast/ledger.db`; use it in a `with` block.

    Parameters
    ----------
    path
        The file, `workspace / LEDGER_FILE`.
    create
        Make file and folder where they are missing, with a new log.
    read_only
        Write nothing, not even the file: a missing one is an empty ledger. The folder may be read-only.
    busy_seconds
        How long to wait for another process.
    at
        Called with `ledger: tables made` before a new ledger is committed.

    Raises
    ------
    WorkspaceError
        If the folder or the file cannot be read or written, or the disk is full.
    LedgerError
        If the file is busy, damaged, no ledger, or missing and neither `create` nor `read_only` was asked for.
    """
    return Ledger(connect(path, create=create, read_only=read_only, busy_seconds=busy_seconds, at=at), path)


class Ledger(LedgerReader):
    """An open ledger; `path` is named in errors.

    All methods raise `LedgerError` where the file is busy or damaged, and `WorkspaceError` where it cannot be written.
    """

    # Appending

    def probe(self) -> None:
        """Find out whether a record and draws could be written, before anything long is computed for them.

        Raises
        ------
        WorkspaceError
            If ledger or folder of draws cannot be written, or the disk is full; nothing was written.
        LedgerError
            If another process holds the ledger.
        """
        with suppress(_UndoneError), transaction(self.connection, self.path):
            # an open transaction is not enough: only what changes a page needs the journal, and room for it
            self.connection.execute(f"PRAGMA user_version = {FORMAT}")
            raise _UndoneError
        if (self.path.parent / DRAWS).is_dir():  # else it can be made where the journal could
            probe_folder(self.path.parent / DRAWS)

    def append_forecast(
        self,
        forecast: Forecast,
        evidence: Content,
        model: Content | None = None,
        *,
        force: bool = False,
        clock: Callable[[], datetime] | None = None,
        allow_clock: bool = False,
        at: At = nothing,
    ) -> Entry:
        """Append a forecast, with the evidence set and the model it used where its log lacks them, in one transaction.

        Parameters
        ----------
        forecast
            What to record.
        evidence
            The evidence set; the SHA-256 of its canonical JSON is `forecast.evidence_identity`.
        model
            The settings; the SHA-256 of their canonical JSON is `forecast.model_identity`. With them anybody can
            compute the forecast again after the files have changed.
        force
            Append even if this log holds a forecast with the same key.
        clock
            Read inside the transaction for `made_at`; without it that of the forecast stays.
        allow_clock
            Append even if `made_at` is before the last record of the log; the warning code says so.
        at
            Called at `ledger: transaction begun`, `ledger: evidence inserted`, `ledger: model inserted` (only if they
            are), `ledger: forecast inserted` and `ledger: committed`.

        Returns
        -------
        Entry
            The new record; or, with `stored` true, the latest living one of this log with the same key (also under
            `force` if the whole content is the same: the same record is never there twice).

        Raises
        ------
        ValueError
            If a value has no JSON form, or evidence set or model are not those that the forecast names.
        LedgerError
            If the forecast would be made before the last record of the log.
        """
        Forecast.from_content(forecast.to_content())  # what could not be read back is not written
        if content_digest(evidence) != forecast.evidence_identity:
            raise ValueError(f"the evidence set is not {forecast.evidence_identity}, which the forecast names")
        if model is not None and content_digest(model) != forecast.model_identity:
            raise ValueError(f"the model is not {forecast.model_identity}, which the forecast names")
        with transaction(self.connection, self.path):
            at("ledger: transaction begun")
            stored = None if force else self.find_key(forecast.key)
            if stored is not None:
                return replace(stored, stored=True)
            content = self._timed(forecast, clock, allow_clock).to_content()
            if not self._rows_of("evidence", forecast.evidence_identity, self.own_log):
                self._append(Evidence(forecast.evidence_identity, evidence).to_content())
                at("ledger: evidence inserted")
            if model is not None and not self._rows_of("model", forecast.model_identity, self.own_log):
                self._append(ModelRecord(forecast.model_identity, model).to_content())
                at("ledger: model inserted")
            entry = self._append(content)
            at("ledger: forecast inserted")
        at("ledger: committed")
        return entry

    def check_clock(self, clock: Callable[[], datetime]) -> None:
        """Find out whether a record made now would be refused for its time, before anything long is computed for it.

        Raises
        ------
        LedgerError
            If the clock is behind the last record of the own log.
        """
        last = last_made_at(self.connection, self.path, self.own_log)
        clock_warning(self.path, last, instant_text(clock), allowed=False)

    def _timed(self, forecast: Forecast, clock: Callable[[], datetime] | None, allow_clock: bool) -> Forecast:
        """The forecast with the time at which it is recorded; within a transaction."""
        if clock is not None:
            forecast = replace(forecast, made_at=instant_text(clock))
        last = last_made_at(self.connection, self.path, self.own_log)
        warning = clock_warning(self.path, last, forecast.made_at, allowed=allow_clock)
        if warning is None:
            return forecast
        codes = forecast.warning_codes or ("",) * len(forecast.warnings)
        return replace(forecast, warnings=(*forecast.warnings, str(warning)), warning_codes=(*codes, warning.code))

    def retract(
        self,
        ref: str,
        reason: str,
        made_at: str | Callable[[], datetime],
        *,
        allow_clock: bool = False,
        at: At = nothing,
    ) -> Entry:
        """Append a record that disowns a forecast of any log; a second time returns the first, with `stored` true.

        A forecast of a foreign log is disowned for this workspace; its own log is not changed.

        Parameters
        ----------
        ref, reason
            Which forecast, and why.
        made_at
            The instant, or a clock that is read inside the transaction.
        allow_clock, at
            As in `append_forecast`.

        Raises
        ------
        InputError
            If `ref` names no forecast, or more than one, or the reason is empty.
        """
        if not reason.strip():
            raise InputError(Finding("error", "a retraction needs a reason.", accepted='--reason "..."'))
        with transaction(self.connection, self.path):
            at("ledger: transaction begun")
            target = self.entry(ref)
            if target.type != "forecast":
                raise InputError(Finding("error", f"'{target.id}' is no forecast.", found=ref, accepted="fc-..."))
            if target.retracted is not None:
                where = f"{_TYPE} = 'retraction' AND {value_of('of')} = ?"
                return replace(self._entries(where, target.id)[0], stored=True)
            instant = made_at if isinstance(made_at, str) else instant_text(made_at)
            last = last_made_at(self.connection, self.path, self.own_log)
            behind = clock_warning(self.path, last, instant, allowed=allow_clock)
            extra = {"warning_codes": [CLOCK]} if behind else {}
            content = Retraction(target.id, reason, instant, extra).to_content()
            Retraction.from_content(content)
            entry = self._append(content)
            at("ledger: retraction inserted")
        at("ledger: committed")
        return entry

    def append_workings(self, workings: Workings, *, at: At = nothing) -> Entry:
        """Append numbers derived from a forecast; the same ones a second time are the first record, `stored` true.

        Raises
        ------
        InputError
            If no log holds the forecast.
        ValueError
            If a value has no JSON form.
        """
        content = workings.to_content()
        Workings.from_content(content)
        with transaction(self.connection, self.path):
            at("ledger: transaction begun")
            self.entry(workings.of)
            entry = self._append(content)
            at("ledger: workings inserted")
        at("ledger: committed")
        return entry

    def _append(self, content: Content) -> Entry:
        """Put a content at the end of the own log; within a transaction."""
        log, identifier = self.own_log, content_id(content)
        if not log:
            raise LedgerError(f"{self.path}: nothing says which log is its own. `forecast ledger verify` says more.")
        same = self._entries("id = ? AND log = ?", identifier, log)
        if same and content_digest(same[0].content) == content_digest(content):
            return replace(same[0], stored=True)
        if same:
            raise LedgerError(
                f"{self.path}: another record has the same short id {identifier} by chance. Nothing was recorded. "
                "Run this again: the id depends on the instant."
            )
        seq, prev = end_of(self.connection, self.path, log)
        digest = content_digest(content)
        entry = Entry(log, seq + 1, identifier, prev, chain_hash(prev, digest), content)
        self.connection.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)",
            (log, entry.seq, entry.id, prev, entry.hash, canonical_json(content)),
        )
        return entry

    # What can be made again

    def record_fit(self, fit: FitRow) -> None:
        """Remember a draws file; a second time replaces the first."""
        with transaction(self.connection, self.path):
            insert_fit(self.connection, fit)

    def fits(self, model_identity: str | None = None) -> list[FitRow]:
        """The draws files remembered (of one model identity), the latest as-of date and then the last made first.

        Raises
        ------
        LedgerError
            If something else than this program edited their rows; each that is wrong is named.
        """
        fits, faults = self.examined_fits(model_identity)
        if faults:
            raise LedgerError(
                f"{self.path}: {'; '.join(faults)}. No record is lost by it: `forecast ledger verify` says whether "
                "they were altered too, `forecast doctor --prune` makes the table anew from them."
            )
        return fits

    def examined_fits(self, model_identity: str | None = None) -> tuple[list[FitRow], list[str]]:
        """As `fits`, but rows that are wrong are left out, and named in a list of their own."""
        with sqlite_errors(self.path):
            return select_fits(self.connection, model_identity)

    def forget_fit(self, sha256: str) -> None:
        """Forget a draws file, if it is remembered; the file itself is left."""
        with transaction(self.connection, self.path):
            self.connection.execute("DELETE FROM fits WHERE sha256 = ?", (sha256,))

    def rebuild(self, fits: Iterable[FitRow] = ()) -> None:
        """Make everything derived again: guards, indexes, and the fits, from the records and from `fits`.

        A draft leaves draws and no record, so whoever can read draws files passes what they say in `fits`; what a
        record contradicts is made again from the record.
        """
        entries = list(self.forecasts())
        sound = [fit for fit in fits if not any(contradictions([fit], entries))]
        rows = {fit.sha256: fit for fit in (*fits_of(entries), *sound)}
        with transaction(self.connection, self.path):
            rebuild_derived(self.connection, rows.values())
