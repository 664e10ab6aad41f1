"""The verbs for notebooks and for the command line: one verb, one function.

What only one verb needs is imported by that verb: a command should not wait for the modules of the others.

>>> import forecast
>>> case = forecast.open("dprk-russia")
>>> case.update(as_of="2024-01-07").to_frame()  # doctest: +SKIP
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.errors import Finding, InputError, LedgerError
from forecast.refs import Ref, parse_ref
from forecast.scenario.dates import now, parse_day, today
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario
from forecast.scenario.workspace import find_workspace, scenario_names

if TYPE_CHECKING:
    import pandas as pd

    from forecast.analysis.days import Every
    from forecast.analysis.outlook import Outlook
    from forecast.analysis.rows import Convention
    from forecast.inference.posterior import Progress, Sampler
    from forecast.ledger.exchange import Imported
    from forecast.ledger.records import Entry
    from forecast.ledger.store import Ledger
    from forecast.ledger.verify import Problem
    from forecast.plan import Method
    from forecast.update import Update

__all__ = ["Case", "Records", "UpdateRecords", "WatchRecords", "Workspace", "base_rate", "open", "score_files"]

Day = date | str | None


@dataclass(frozen=True, slots=True)
class Records:
    """What a verb found: `rows` for tables, `document` for JSON."""

    rows: Sequence[Mapping[str, Any]]
    document: Mapping[str, Any]

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> "pd.DataFrame":
        """The rows as a pandas data frame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows))


@dataclass(frozen=True, slots=True)
class UpdateRecords(Records):
    """The answers of a forecast; `result` has the record, what it is compared with, and failed diagnostics."""

    result: "Update"


@dataclass(frozen=True, slots=True)
class WatchRecords(Records):
    """The indicators by expected information; `result` has draws, diagnostics and the expected movement."""

    result: "Outlook"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder that has `scenarios/` in it."""

    path: Path

    @classmethod
    def find(cls, folder: Path | str | None = None) -> "Workspace":
        """The nearest workspace upward from a folder; by default from `FORECAST_HOME` or the current folder.

        Raises
        ------
        WorkspaceError
            If there is none.
        """
        return cls(find_workspace(Path(folder or os.environ.get("FORECAST_HOME") or Path.cwd())))

    def names(self) -> list[str]:
        """Ids of the scenarios."""
        return scenario_names(self.path)

    def open(self, name: str) -> "Case":
        """Read a scenario, by id or by path.

        Raises
        ------
        InputError
            If anything in its files is wrong; carries every error.
        """
        record = read_scenario(self.path, name)
        return Case(Workspace(record.workspace), record)

    def new(self, name: str, like: str | None = None) -> Path:
        """Make a working scenario from the template, or with the structure of another; its folder."""
        from forecast.scenario.new import create

        return create(self.path, name, like)

    def ledger(self, *, write: bool = False, file: Path | None = None) -> AbstractContextManager["Ledger"]:
        """The ledger of the workspace, or an exported one; reading makes no file."""
        if file is not None:
            from forecast.ledger.exchange import open_for_reading

            return open_for_reading(file)
        from forecast.ledger.store import LEDGER_FILE, open_ledger

        return open_ledger(self.path / LEDGER_FILE, create=write, read_only=not write)

    def history(self, ref: str, *, file: Path | None = None) -> Records:
        """Forecasts over time of a scenario, a question or an outcome (`SCENARIO/QUESTION:OUTCOME`)."""
        from forecast.documents.history import history_rows

        wanted = parse_ref(ref)
        with self.ledger(file=file) as ledger:
            entries = _entries(ledger, wanted)
            if not entries:
                known = ", ".join(ledger.scenarios()) or "none yet"
                raise InputError(
                    Finding("error", f"no forecast of '{wanted.target}' is recorded.", found=ref, accepted=known)
                )
            rows = history_rows(entries, wanted.question, wanted.outcome)
            if not rows:
                ids = dict.fromkeys(a.question for entry in entries for a in entry.forecast.answers)
                message = f"no recorded answer fits '{ref}'."
                raise InputError(Finding("error", message, found=ref, accepted="questions " + ", ".join(ids)))
        return Records(rows, {"rows": rows})

    def score(
        self,
        *scenarios: str,
        as_of: Day = None,
        model: str | None = None,
        brier: "Convention" = "0-1",
        file: Path | None = None,
    ) -> Records:
        """Recorded forecasts against what happened, for some scenarios or all; see `analysis.resolved`.

        Raises
        ------
        InputError
            If a scenario cannot be read, or the day is in the future.
        """
        from forecast.analysis.resolved import score_document

        read = [self.open(name).scenario for name in scenarios or self.names()]
        with self.ledger(file=file) as ledger:
            return _scored(score_document(read, ledger.forecasts(), _past(as_of), brier, model))

    def replay(
        self,
        *scenarios: str,
        first: date | str,
        last: date | str,
        every: "Every" = "month",
        models: Sequence[str] = (),
        jobs: int = 1,
        on: str | None = None,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
        clock: Callable[[], datetime] = now,
    ) -> Records:
        """Forecasts of scenarios as of many earlier days, recorded and scored; see `analysis.replay.replay`.

        Parameters
        ----------
        scenarios
            Ids or paths, at least one.
        first, last, every
            The span, and the period at whose ends there is a forecast: month, quarter, week or step.
        models
            Versions; by default each scenario's own. The base-rate version is always added.
        jobs, on
            Processes of this machine, or the address of a Dask scheduler.
        progress, sampler, clock
            As in `Case.update`; other processes import the sampler, so it is a function of a module.
        """
        from forecast.analysis.executor import executor
        from forecast.analysis.replay import Span, replay
        from forecast.analysis.replay_document import replay_document
        from forecast.documents.history import history_rows
        from forecast.inference.posterior import nuts

        read = [self.open(name).scenario for name in dict.fromkeys(scenarios)]
        span = Span(_required(first, "--from"), _required(last, "--to"), every, tuple(models))
        with executor(jobs, on) as run:
            made = replay(read, span, run, clock=clock, sampler=sampler or nuts, progress=progress)
        rows = [{"scenario": one.scenario.id, **row} for one in made for row in history_rows(one.entries)]
        return Records(rows, replay_document(made, rows, clock().date()))

    def explain(
        self,
        ref: str,
        since: str | None = None,
        *,
        refit: bool = False,
        power_scaling: bool = False,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
    ) -> Records:
        """Why a probability is what it is, from no evidence; or why it moved `since` a forecast (or `earlier`).

        `ref` is SCENARIO or FORECAST, then /QUESTION, then :OUTCOME; see `forecast.analysis.explain.explain`.
        """
        from forecast.analysis.asked import Asked, explained
        from forecast.analysis.documents import explain_document
        from forecast.inference.posterior import nuts

        wanted = parse_ref(ref)
        asked = Asked(wanted.target, wanted.question, wanted.outcome, since)
        with self.ledger() as ledger:
            found = explained(
                ledger,
                self.path,
                asked,
                refit=refit,
                power_scaling=power_scaling,
                sampler=sampler or nuts,
                progress=progress,
            )
        document = explain_document(found)
        return Records(document["rows"], document)

    def watch(
        self,
        ref: str,
        as_of: Day = None,
        model: str | None = None,
        *,
        ahead: int = 3,
        movement: bool = True,
        refit: bool = False,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
        clock: Callable[[], datetime] = now,
    ) -> WatchRecords:
        """What to watch for a question of a scenario's files or of a recorded forecast; see `analysis.outlook.outlook`.

        Raises
        ------
        InputError
            If there is no such question, it is closed, or a day or a version is named for a recorded forecast.
        """
        from forecast.analysis.open_question import asked_of_plan, asked_of_record
        from forecast.analysis.outlook import outlook
        from forecast.documents.watch import watch_document
        from forecast.inference.posterior import nuts
        from forecast.plan import Request, plan

        wanted = parse_ref(ref)
        with self.ledger() as ledger:
            if wanted.is_forecast or wanted.latest_of:
                entries = _entries(ledger, wanted)
                if not entries:
                    message = f"no forecast of '{wanted.latest_of}' is recorded."
                    raise InputError(Finding("error", message, found=ref, accepted=f"{wanted.latest_of}/QUESTION"))
                if as_of is not None or model is not None:
                    message = f"{entries[0].id} has its own as-of date and model."
                    accepted = f"neither --as-of nor --model, or {entries[0].forecast.scenario}/QUESTION with them"
                    raise InputError(Finding("error", message, found=ref, accepted=accepted))
                asked = asked_of_record(ledger, entries[0], wanted.question, wanted.outcome)
            else:
                scenario = read_scenario(self.path, wanted.target)
                made = plan(scenario, Request(model, _day(as_of)), clock().date(), ledger)
                asked = asked_of_plan(made, wanted.question, wanted.outcome)
            result = outlook(
                asked,
                ledger,
                self.path,
                ahead,
                with_movement=movement,
                refit=refit,
                sampler=sampler or nuts,
                progress=progress,
            )
        document = watch_document(result)
        return WatchRecords(document["rows"], document, result)

    def retract(self, ref: str, reason: str, made_at: datetime | None = None) -> "Entry":
        """Append a record that disowns a forecast."""
        with self.ledger(write=True) as ledger:
            return ledger.retract(ref, reason, (made_at or now()).isoformat(timespec="seconds"))

    def verify(self, head: str | None = None, *, file: Path | None = None) -> "list[Problem]":
        """Everything that is wrong with the ledger; only problems of level `error` break it."""
        from forecast.ledger.store import DRAWS_FOLDER
        from forecast.ledger.verify import verify

        if file is not None and file.suffix == ".jsonl":
            from forecast.ledger.exchange import verify_jsonl

            return verify_jsonl(file, head)
        folder = None if file else self.path / DRAWS_FOLDER
        with self.ledger(file=file) as ledger:
            return verify(ledger, head, folder)

    def export_ledger(self, file: Path, scenario: str | None = None) -> int:
        """Write the ledger (of one scenario) as JSON Lines, or bring such a file up to date; number of records."""
        from forecast.ledger.exchange import export_jsonl

        with self.ledger() as ledger:
            return export_jsonl(ledger, file, scenario)

    def import_ledger(self, file: Path) -> "Imported":
        """Add a colleague's log, unchanged."""
        from forecast.ledger.exchange import import_jsonl

        with self.ledger(write=True) as ledger:
            return import_jsonl(ledger, file)


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario in its workspace, as its files stood when it was opened."""

    workspace: Workspace
    scenario: Scenario

    def check(self) -> Records:
        """All findings, the elicited likelihood ratios and what base rates weigh."""
        from forecast.documents.check import check_document
        from forecast.scenario.check import check

        document = check_document(self.scenario, check(self.scenario))
        return Records(document["findings"], document)

    def show(self, as_of: Day = None, model: str | None = None, *, question: str | None = None) -> Records:
        """The scenario, or one question of it, as a model version sees it on a day: evidence that counts or does not.

        Raises
        ------
        InputError
            If there is no such model version or question.
        """
        from forecast.documents.show import about_question, show_document

        version = self.scenario.model(model).version
        document = show_document(self.scenario, _day(as_of) or today(), version)
        document = about_question(document, question) if question else document
        return Records(document["evidence"], document)

    def update(
        self,
        as_of: Day = None,
        model: str | None = None,
        *,
        seed: int | None = None,
        method: "Method" = "auto",
        force: bool = False,
        draft: bool = False,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
        clock: Callable[[], datetime] = now,
    ) -> UpdateRecords:
        """Forecast, record and compare; see `forecast.update.update` for arguments and errors."""
        from forecast.documents.update import update_document
        from forecast.inference.posterior import nuts
        from forecast.update import Request, update

        request = Request(model, _day(as_of), seed, method, force, draft)
        result = update(self.scenario, request, clock=clock, sampler=sampler or nuts, progress=progress)
        document = update_document(result)
        return UpdateRecords(document["answers"], document, result)

    def import_events(
        self,
        file: Path | str,
        importer: str,
        *,
        between: Sequence[str] = (),
        known: Day = None,
        encoding: str | None = None,
        rejects: Path | str | None = None,
        dry_run: bool = False,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Records:
        """Import an event data set as evidence; see `forecast.evidence.imported.import_events`."""
        from forecast.documents.imported import imported_document
        from forecast.evidence.imported import import_events

        # as the files are now: what an earlier import has written must be seen by the next
        scenario = read_scenario(self.scenario.workspace, self.scenario.id)
        result = import_events(
            scenario,
            Path(file),
            importer,
            between=between,
            known_on=_day(known, "--known"),
            encoding=encoding,
            rejects=None if rejects is None else Path(rejects),
            write=not dry_run,
            progress=progress,
        )
        document = imported_document(scenario, result)
        return Records(document["by_indicator"], document)

    def resolutions(self, as_of: Day = None) -> Records:
        """How questions were settled, how the evidence would settle more, and why it does not settle the rest."""
        from forecast.analysis.resolve import resolutions_document

        document = resolutions_document(self.scenario, _past(as_of))
        return Records(document["resolved"], document)

    def resolve(
        self,
        question: str,
        outcome: str | None = None,
        on: str | None = None,
        source: str | None = None,
        *,
        known: str | None = None,
        note: str | None = None,
        replace: bool = False,
    ) -> Records:
        """Write down how a question was settled; see `analysis.resolve.resolve`."""
        from forecast.analysis.resolve import Resolving, resolve

        wanted = Resolving(question, outcome, on, source, known, note)
        document = resolve(self.scenario, wanted, today(), replace=replace)
        return Records(document["written"], document)

    def accept(self, question: str | None = None, as_of: Day = None) -> Records:
        """Write down what the evidence proposes, for one question or for all."""
        from forecast.analysis.resolve import resolve_proposed

        document = resolve_proposed(self.scenario, _past(as_of), question)
        return Records(document["written"], document)

    def whatif(
        self,
        *,
        add: Sequence[str] = (),
        drop: Sequence[str] = (),
        grade: Sequence[str] = (),
        date: Sequence[str] = (),
        watch: Sequence[str] = (),
        as_of: Day = None,
        model: str | None = None,
        refit: bool = False,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
        clock: Callable[[], datetime] = now,
    ) -> Records:
        """The forecast under suppositions beside today's; nothing is recorded.

        Suppositions are written as after the options of `forecast whatif`; see `forecast.analysis.edits.suppose`.

        Raises
        ------
        DiagnosticError
            If no draws at hand serve both, and `refit` is not given.
        """
        from forecast.analysis.documents import whatif_document
        from forecast.analysis.edits import Suppositions
        from forecast.analysis.explain import refitting
        from forecast.analysis.whatif import whatif
        from forecast.inference.posterior import nuts
        from forecast.plan import Request

        typed = Suppositions(add, drop, grade, date, watch)
        made = refitting(sampler or nuts, progress, seed=0) if refit else None
        with self.workspace.ledger() as ledger:
            found = whatif(self.scenario, Request(model, _day(as_of)), typed, clock().date(), ledger, made)
        document = whatif_document(found)
        return Records(document["then"], document)

    def compare(
        self,
        *versions: str,
        as_of: Day = None,
        refit: bool = False,
        seed: int | None = None,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
    ) -> Records:
        """Model versions side by side, the base-rate version with them; see `forecast.analysis.compare.compare`."""
        from forecast.analysis.compare import compare
        from forecast.inference.posterior import nuts

        with self.workspace.ledger() as ledger:
            document = compare(
                self.scenario,
                versions,
                _day(as_of) or today(),
                today(),
                ledger,
                refit=refit,
                seed=seed,
                sampler=sampler or nuts,
                progress=progress,
            )
        return Records(document["answers"], document)

    def datatree(self, forecast: str) -> Any:
        """The draws of a recorded forecast as an ArviZ DataTree, with log-likelihood by step and log-prior.

        Raises
        ------
        LedgerError
            If the draws are missing or altered, or the model version was edited since.
        """
        from forecast.inference.draws import load_draws
        from forecast.ledger.store import DRAWS_FOLDER
        from forecast.model.arrays import arrays
        from forecast.model.evidence_set import from_content
        from forecast.model.version import model_identity, settings

        with self.workspace.ledger() as ledger:
            record = ledger.entry(forecast).forecast
            evidence = from_content(ledger.evidence(record.evidence_identity))
        model = settings(self.scenario, record.model)
        if record.fit is None or model_identity(model) != record.model_identity:
            raise LedgerError(f"{forecast}: model {record.model} was edited since; its draws cannot be read with it")
        draws = load_draws(self.workspace.path / DRAWS_FOLDER / f"{record.fit}.npz", record.fit)
        from forecast.inference.export import to_datatree

        return to_datatree(draws, model, arrays(evidence, model, date.fromisoformat(record.as_of)))

    def explain(
        self,
        question: str | None = None,
        since: str | None = None,
        *,
        refit: bool = False,
        power_scaling: bool = False,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
    ) -> Records:
        """Why the latest forecast gives a probability, or moved since an earlier one; see `Workspace.explain`."""
        ref = f"{self.scenario.id}/{question}" if question else self.scenario.id
        return self.workspace.explain(
            ref, since, refit=refit, power_scaling=power_scaling, sampler=sampler, progress=progress
        )

    def watch(self, question: str, as_of: Day = None, model: str | None = None, **options: Any) -> WatchRecords:
        """What to watch for a question (or `QUESTION:OUTCOME`); options as for `Workspace.watch`."""
        return self.workspace.watch(f"{self.scenario.id}/{question}", as_of, model, **options)

    def history(self, question: str | None = None) -> Records:
        """Forecasts over time."""
        return self.workspace.history(f"{self.scenario.id}/{question}" if question else self.scenario.id)


def open(name: str, workspace: Path | str | None = None) -> Case:  # noqa: A001 - forecast.open is the public name
    """Open a scenario by id or path, in a workspace found from the current folder upward.

    Raises
    ------
    WorkspaceError
        If there is no workspace or no such scenario.
    InputError
        If anything in its files is wrong.
    """
    return Workspace.find(workspace).open(name)


def base_rate(file: Path | str, where: Sequence[str] = (), **options: Any) -> Records:
    """Endings, years at risk and how long things last, from a table of spells.

    Options and errors are those of `documents.base_rate.base_rate_document`.
    """
    from forecast.documents.base_rate import base_rate_document

    document = base_rate_document(Path(file), where, **options)
    return Records(document["ages"], document)


def score_files(
    forecasts: Path | str,
    truth: Path | str,
    *,
    brier: "Convention" = "0-1",
    order: Sequence[str] = (),
    by: Sequence[str] = (),
    reference: str | None = None,
    model: str | None = None,
) -> Records:
    """Anybody's forecasts against what happened; see `analysis.given.given_document` for arguments and errors.

    The rows are those of forecasts of categories, or of numbers where there are none of categories.
    """
    from forecast.analysis.given import given_document

    return _scored(
        given_document(Path(forecasts), Path(truth), brier, order=order, by=by, reference=reference, model=model)
    )


def _scored(document: dict[str, Any]) -> Records:
    """Rows keep infinite scores, the document has none."""
    from forecast.analysis.score import finite, flat

    return Records(flat(document["tables"]) or document["numbers"], finite(document))


def _past(value: Day) -> date:
    """A day that is not in the future; by default today."""
    day = _day(value) or today()
    if day > today():
        message = f"{day} is in the future."
        raise InputError(Finding("error", message, key="--as-of", found=str(value), accepted=f"a day up to {today()}"))
    return day


def _day(value: Day, key: str = "--as-of") -> date | None:
    return None if value is None else _required(value, key)


def _required(value: date | str, key: str) -> date:
    if not isinstance(value, str):
        return value
    try:
        return parse_day(value)
    except ValueError as error:
        raise InputError(Finding("error", f"{error}.", key=key, found=value, accepted="YYYY-MM-DD")) from error


def _entries(ledger: "Ledger", wanted: Ref) -> "list[Entry]":
    if wanted.is_forecast:
        return [ledger.entry(wanted.target)]
    if wanted.latest_of:
        latest = ledger.latest(wanted.latest_of)
        return [latest] if latest else []
    return list(ledger.forecasts(wanted.target))
