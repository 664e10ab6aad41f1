"""The verbs on a workspace: its scenarios, its ledger, and what is asked of recorded forecasts by reference.

What only one verb needs is imported by that verb: a command should not wait for the modules of the others.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.api.days import Day, day_of, past, required
from forecast.api.records import Records, StatusRecords, WatchRecords, scored
from forecast.api.scales import scale_of
from forecast.errors import Finding, ForecastError, InputError
from forecast.refs import Ref, parse_ref
from forecast.scenario.dates import now
from forecast.scenario.read import read_scenario, readable
from forecast.scenario.workspace import find_workspace, scenario_names

if TYPE_CHECKING:
    from forecast.analysis.replays.days import Every
    from forecast.analysis.scoring.rows import Convention
    from forecast.api.case import Case
    from forecast.exchange.export import Format
    from forecast.inference.posterior import Progress, Sampler
    from forecast.ledger.exchange import Imported
    from forecast.ledger.records import Entry, Kind
    from forecast.ledger.store import Ledger
    from forecast.ledger.verify import Problem
    from forecast.model.version import Settings
    from forecast.report.made import Report
    from forecast.scenario.record import Scenario

__all__ = ["Workspace"]


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
        from forecast.api.case import Case

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

    def status(self, *, clock: Callable[[], datetime] = now) -> StatusRecords:
        """Where every scenario stands today; one that cannot be read hides no other.

        Raises
        ------
        WorkspaceError
            If the folder of scenarios cannot be read.
        """
        from forecast.analysis.status import status
        from forecast.documents.status import status_document

        today = clock().date()
        found, unreadable = [], []
        with self.ledger() as ledger:
            for name in self.names():
                try:
                    found.append(status(read_scenario(self.path, name), ledger, today))
                except ForecastError as error:
                    unreadable += [(name, finding) for finding in error.findings()]
                except OSError as error:
                    unreadable.append((name, Finding("error", str(error), file=f"scenarios/{name}")))
        document = status_document(today, found, unreadable)
        return StatusRecords(document["rows"], document, [finding for _, finding in unreadable])

    def site(
        self, out: Path | str, *, progress: "Progress" = lambda *_: None, clock: Callable[[], datetime] = now
    ) -> StatusRecords:
        """A static site over all scenarios, written or brought up to date; see `forecast.report.site.build.build`.

        Raises
        ------
        InputError
            If the folder holds what this program did not write.
        """
        from forecast.report.site.build import INDEX, build

        with self.ledger() as ledger:
            built = build(self.path, ledger, Path(out), clock().date(), progress)
        document: dict[str, Any] = {
            "ok": not built.findings and not built.foreign,
            "index": str(Path(out) / INDEX),
            "pages": built.n_pages,
            "written": list(built.written),
            "unchanged": built.n_unchanged,
            "removed": list(built.removed),
            "foreign": list(built.foreign),
            "errors": [{"scenario": name, **finding.as_dict()} for name, finding in built.findings],
        }
        rows = [{"file": name, "what": what} for what in ("written", "removed", "foreign") for name in document[what]]
        return StatusRecords(rows, document, [finding for _, finding in built.findings])

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
                message = f"no recorded answer fits '{ref}'."
                raise InputError(Finding("error", message, found=ref, accepted=_fitting(entries, wanted.question)))
        return Records(rows, {"rows": rows})

    def score(
        self,
        *scenarios: str,
        as_of: Day = None,
        model: str | None = None,
        brier: "Convention" = "0-1",
        file: Path | None = None,
    ) -> Records:
        """Recorded forecasts against what happened, for some scenarios or all; see `analysis.scoring.resolved`.

        Raises
        ------
        InputError
            If a scenario cannot be read, or the day is in the future.
        """
        from forecast.analysis.scoring.resolved import score_document
        from forecast.scenario.validation import nearest

        read = [self.open(name).scenario for name in scenarios or self.names()]
        with self.ledger(file=file) as ledger:
            entries = [entry for scenario in read for entry in ledger.forecasts(scenario.id)]
        models = {version for scenario in read for version in scenario.models}
        models |= {str(entry.content["model"]) for entry in entries}
        if model is not None and model not in models:
            message = f"there is no model version '{model}'{nearest(model, models)}"
            accepted = ", ".join(sorted(models))
            raise InputError(Finding("error", message, key="--model", found=model, accepted=accepted))
        return scored(score_document(read, entries, past(as_of), brier, model))

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
        """Forecasts of scenarios as of many earlier days, recorded and scored; see `analysis.replays.replay.replay`.

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
        from forecast.analysis.replays.executor import executor
        from forecast.analysis.replays.replay import Span, replay
        from forecast.analysis.replays.replay_document import replay_document
        from forecast.documents.history import history_rows
        from forecast.inference.posterior import nuts

        read = [self.open(name).scenario for name in dict.fromkeys(scenarios)]
        span = Span(required(first, "--from"), required(last, "--to"), every, tuple(models))
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
        words: str | None = None,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
    ) -> Records:
        """Why a probability is what it is, from no evidence; or why it moved `since` a forecast (or `earlier`).

        `ref` is SCENARIO or FORECAST, then /QUESTION, then :OUTCOME; see `forecast.analysis.why.explain.explain`.
        `words` is the id of a scale (`forecast.words.SCALES`); by default the scenario's.
        """
        from forecast.analysis.why.asked import Asked, explained
        from forecast.analysis.why.documents import explain_document
        from forecast.inference.posterior import nuts

        wanted = parse_ref(ref)
        scale = scale_of(words) if words else None
        asked = Asked(wanted.target, wanted.question, wanted.outcome, since, scale)
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

    def words(self, ref: str, words: str | None = None, *, progress: "Progress" = lambda *_: None) -> Records:
        """Which words of a forecast hold under other readings, and how well founded each answer is.

        `ref` is SCENARIO or FORECAST, then /QUESTION, then :OUTCOME; `words` is the id of a scale
        (`forecast.words.SCALES`), by default the scenario's. See `forecast.analysis.wording`.
        """
        from forecast.analysis.wording import wording
        from forecast.documents.words import words_document

        wanted = parse_ref(ref)
        scale = scale_of(words) if words else None
        with self.ledger() as ledger:
            found = wording(ledger, self.path, wanted.target, wanted.question, wanted.outcome, scale, progress)
        document = words_document(found)
        keys = ("question", "outcome", "p", "word", "stable", "text")
        rows = [
            {key: answer[key] for key in keys} | {"confidence": answer["confidence"]["rating"]}
            for answer in document["answers"]
        ]
        return Records(rows, document)

    def watch(
        self,
        ref: str,
        as_of: Day = None,
        model: str | None = None,
        *,
        ahead: int = 3,
        movement: bool = True,
        refit: bool = False,
        words: str | None = None,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
        clock: Callable[[], datetime] = now,
    ) -> WatchRecords:
        """What to watch for a question of a scenario's files or of a recorded forecast; see `analysis.ahead.outlook`.

        Raises
        ------
        InputError
            If there is no such question, it is closed, or a day or a version is named for a recorded forecast.
        """
        from forecast.analysis.ahead.open_question import asked_of_plan, asked_of_record
        from forecast.analysis.ahead.outlook import outlook
        from forecast.documents.watch import watch_document
        from forecast.inference.posterior import nuts
        from forecast.plan import Request, plan

        wanted = parse_ref(ref)
        scale = scale_of(words) if words else None
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
                scale = scale or scale_of(None, readable(self.path, asked.scenario))
            else:
                scenario = read_scenario(self.path, wanted.target)
                made = plan(scenario, Request(model, day_of(as_of)), clock().date(), ledger)
                asked = asked_of_plan(made, wanted.question, wanted.outcome)
                scale = scale or scenario.words
            result = outlook(
                replace(asked, scale=scale),
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

    def report(
        self,
        ref: str,
        out: Path | str,
        *,
        brief: bool = False,
        progress: "Progress" = lambda *_: None,
        clock: Callable[[], datetime] = now,
    ) -> "Report":
        """Write a report of a scenario's latest forecast, or of a named one, to a file whose ending says how.

        What it cites beside the answers of forecasts is recorded in the ledger first. Nothing is sampled.

        Parameters
        ----------
        ref
            SCENARIO or FORECAST, then perhaps /QUESTION and :OUTCOME, which the report looks at most closely.
        out
            FILE.html, .pdf, .docx or .md.
        brief
            One page.
        progress, clock
            Who is told, and what says which day it is.

        Raises
        ------
        InputError
            If there is no such forecast, question or outcome, or the file cannot be written to.
        MissingExtraError
            If the format needs libraries that are not installed.
        """
        from forecast.report.made import report

        return report(self.path, parse_ref(ref), Path(out), clock().date(), brief=brief, progress=progress)

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

    def export(
        self,
        *refs: str,
        to: Path | str,
        form: "Format | None" = None,
        kind: "Kind | None" = None,
        retracted: bool = False,
        replace: bool = False,
        team: str = "forecast",
        file: Path | None = None,
        clock: Callable[[], datetime] = now,
    ) -> Records:
        """Write recorded forecasts for other tools; see `forecast.exchange.export.export`.

        Parameters
        ----------
        refs
            SCENARIO, SCENARIO@latest or FORECAST, then /QUESTION, then :OUTCOME; none for every scenario on record.
        to, form
            File or folder, and the format; by default the one that the ending stands for.
        kind, retracted
            Only live forecasts or only replays; also those that were retracted.
        replace
            Whatever an export wrote there before.
        team
            Of the models of a hub.
        file
            An exported ledger, or another one.
        clock
            Gives the present instant.
        """
        from forecast.documents.exported import exported_document
        from forecast.exchange.export import Wanted, export

        wanted = Wanted(refs, Path(to), form, kind, retracted, replace, team)
        with self.ledger(file=file) as ledger:
            done = export(
                ledger,
                self.path,
                wanted,
                today=clock().date(),
                files_of=self._files_of,
                settings_of=self._settings_of,
            )
        document = exported_document(done)
        return Records([document], document)

    def learn_codebook(
        self,
        *cases: str,
        file: Path | None = None,
        seed: int | None = None,
        draft: bool = False,
        progress: "Progress" = lambda *_: None,
        clock: Callable[[], datetime] = now,
    ) -> Records:
        """Rates learned from cases whose regimes are given; see `forecast.documents.learned.learn_codebook`."""
        from forecast.documents.learned import LearnRequest, learn_codebook

        request = LearnRequest(cases, file, seed, draft)
        document = learn_codebook(self.path, request, clock().date(), progress=progress)
        return Records(document["rates"], document)

    def _files_of(self, scenario: str) -> "Scenario | None":
        """A scenario of the workspace; None where its folder is not here, as of an imported log."""
        return read_scenario(self.path, scenario) if scenario in self.names() else None

    def _settings_of(self, scenario: str, version: str) -> "Settings | None":
        """The settings of a model version as the files have them now; None where they cannot be read."""
        from forecast.model.version import settings

        try:
            return settings(read_scenario(self.path, scenario), version)
        except ForecastError:
            return None

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


def _fitting(entries: "list[Entry]", question: str | None) -> str:
    """What could stand in a reference: outcomes of the question if it has any, else the questions."""
    answers = [answer for entry in entries for answer in entry.forecast.answers]
    fitting = dict.fromkeys(
        answer.outcome for answer in answers if answer.question == question and answer.p is not None
    )
    if fitting:
        return f"outcomes of {question}: {', '.join(fitting)}"
    return f"questions {', '.join(dict.fromkeys(answer.question for answer in answers if answer.p is not None))}"


def _entries(ledger: "Ledger", wanted: Ref) -> "list[Entry]":
    if wanted.is_forecast:
        return [ledger.entry(wanted.target)]
    if wanted.latest_of:
        latest = ledger.latest(wanted.latest_of)
        return [latest] if latest else []
    return list(ledger.forecasts(wanted.target))
