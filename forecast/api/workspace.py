"""The verbs on a workspace: its scenarios, its ledger, and what is asked of recorded forecasts by reference.

What only one verb needs is imported by that verb: a command should not wait for the modules of the others.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.api.days import Day, past
from forecast.api.records import Records, StatusRecords, WatchRecords, scored
from forecast.api.scales import scale_of
from forecast.references import parse_ref
from forecast.scenario.dates import now
from forecast.scenario.read import read_scenario
from forecast.scenario.workspace import find_workspace, scenario_names

if TYPE_CHECKING:
    from forecast.analysis.replays.days import Every
    from forecast.analysis.replays.replay import Method
    from forecast.analysis.scoring.rows import Convention
    from forecast.api.case import Case
    from forecast.exchange.export import Format
    from forecast.inference.posterior import Progress, Sampler
    from forecast.ledger.import_log import Imported, Restored
    from forecast.ledger.records import Entry, Kind
    from forecast.ledger.store import Ledger
    from forecast.ledger.verify import Problem
    from forecast.report.build import Report

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

    @property
    def has_ledger(self) -> bool:
        """Whether anything was ever recorded or imported here."""
        from forecast.ledger.store import LEDGER_FILE

        return (self.path / LEDGER_FILE).exists()

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

    def new(self, name: str, like: str | None = None, *, shared: Callable[[Path], object] = lambda _: None) -> Path:
        """Make a working scenario from the template, or with the structure of another; its folder.

        `shared` is told of every codebook and grade table that was added beside it.
        """
        from forecast.scenario.new import create

        return create(self.path, name, like, shared=shared)

    def ledger(self, *, write: bool = False, file: Path | None = None) -> AbstractContextManager["Ledger"]:
        """The ledger of the workspace, or an exported one; reading makes no file."""
        if file is not None:
            from forecast.ledger.reading import open_for_reading

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
        from forecast.analysis.status import status_of_all
        from forecast.documents.status import status_document

        today = clock().date()
        with self.ledger() as ledger:
            found, unreadable = status_of_all(self.path, ledger, today)
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
        from forecast.api.site import site_document
        from forecast.report.site.build import build

        with self.ledger() as ledger:
            built = build(self.path, ledger, Path(out), clock().date(), progress)
        document = site_document(built, Path(out))
        rows = [{"file": name, "what": what} for what in ("written", "removed", "foreign") for name in document[what]]
        return StatusRecords(rows, document, [finding for _, finding in built.findings])

    def history(self, ref: str, *, file: Path | None = None) -> Records:
        """Forecasts over time of a scenario, a question or an outcome (`SCENARIO/QUESTION:OUTCOME`)."""
        from forecast.documents.history import history_of

        with self.ledger(file=file) as ledger:
            rows = history_of(ledger, ref, self.path)
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
        from forecast.analysis.scoring.resolved import refuse_unknown_model, score_document

        read = [self.open(name).scenario for name in scenarios or self.names()]
        with self.ledger(file=file) as ledger:
            entries = [entry for scenario in read for entry in ledger.forecasts(scenario.id, foreign=True)]
        refuse_unknown_model(read, entries, model)
        return scored(score_document(read, entries, past(as_of), brier, model))

    def replay(
        self,
        *scenarios: str,
        first: date | str | None = None,
        last: date | str | None = None,
        every: "Every" = "month",
        models: Sequence[str] = (),
        asked: Path | None = None,
        method: "Method" = "smc",
        jobs: int = 1,
        on: str | None = None,
        allow_clock: bool = False,
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
        asked
            Instead of a span, a CSV file with the columns `question,as_of`: there is a forecast for every day in it,
            and each question is scored on the days on which it was asked.
        method
            `smc` moves particles from day to day, `nuts` samples every day by itself.
        jobs, on
            Processes of this machine, or the address of a Dask scheduler.
        allow_clock, progress, sampler, clock
            As in `Case.update`; other processes import the sampler, so it is a function of a module.
        """
        from forecast.analysis.replays.asked import span_of
        from forecast.analysis.replays.executor import executor
        from forecast.analysis.replays.replay import replay
        from forecast.analysis.replays.replay_document import replay_document
        from forecast.documents.history import history_rows
        from forecast.inference.posterior import nuts

        read = [self.open(name).scenario for name in dict.fromkeys(scenarios)]
        span = span_of(read, first, last, every, tuple(models), method, asked, clock().date())
        with executor(jobs, on) as run:
            made = replay(
                read, span, run, clock=clock, allow_clock=allow_clock, sampler=sampler or nuts, progress=progress
            )
        rows = [{"scenario": one.scenario.id, **row} for one in made for row in history_rows(one.entries)]
        return Records(rows, replay_document(made, rows, clock().date()))

    def explain(
        self,
        ref: str,
        since: str | None = None,
        *,
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
        from forecast.documents.words import word_rows, words_document

        wanted = parse_ref(ref)
        scale = scale_of(words) if words else None
        with self.ledger() as ledger:
            found = wording(ledger, self.path, wanted.target, wanted.question, wanted.outcome, scale, progress)
        document = words_document(found)
        return Records(word_rows(document), document)

    def watch(
        self,
        ref: str,
        as_of: Day = None,
        model: str | None = None,
        *,
        ahead: int = 3,
        movement: bool = True,
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
        DiagnosticError
            If no draws are good enough.
        """
        from forecast.analysis.ahead.outlook import outlook
        from forecast.api.watching import watch_request
        from forecast.documents.watch import watch_document
        from forecast.inference.posterior import nuts
        from forecast.inference.stored_draws import DrawSource
        from forecast.ledger.draw_store import LedgerDraws

        with self.ledger() as ledger:
            request = watch_request(ledger, self.path, ref, as_of, model, words, clock().date())
            store = LedgerDraws(ledger, self.path, request.scenario, request.model)
            source = DrawSource(store, "auto", sampler or nuts, progress)
            result = outlook(request, source, ahead, with_movement=movement)
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
        from forecast.report.build import report

        return report(self.path, parse_ref(ref), Path(out), clock().date(), brief=brief, progress=progress)

    def retract(self, ref: str, reason: str, made_at: datetime | None = None, *, allow_clock: bool = False) -> "Entry":
        """Append a record that disowns a forecast; `allow_clock` even if it is made before the last record."""
        clock = now if made_at is None else lambda: made_at
        with self.ledger(write=True) as ledger:
            return ledger.retract(ref, reason, clock, allow_clock=allow_clock)

    def verify(self, head: str | None = None, *, file: Path | None = None) -> "list[Problem]":
        """Everything that is wrong with the ledger; only problems of level `error` break it."""
        from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE
        from forecast.ledger.verify import verify, verify_file

        if file is not None and file.suffix == ".jsonl":
            from forecast.ledger.reading import verify_jsonl

            return verify_jsonl(file, head)
        folder = None if file else self.path / DRAWS_FOLDER
        with self.ledger(file=file) as ledger:
            return [*(verify_file(self.path / LEDGER_FILE) if file is None else []), *verify(ledger, head, folder)]

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
        from forecast.exchange.at_hand import files_at_hand, settings_at_hand
        from forecast.exchange.export import Wanted, export

        wanted = Wanted(refs, Path(to), form, kind, retracted, replace, team)
        with self.ledger(file=file) as ledger:
            done = export(
                ledger,
                self.path,
                wanted,
                today=clock().date(),
                files_of=partial(files_at_hand, self.path),
                settings_of=partial(settings_at_hand, self.path),
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

    def export_ledger(self, file: Path, scenario: str | None = None) -> int:
        """Write the ledger (of one scenario) as JSON Lines, or bring such a file up to date; number of records."""
        from forecast.ledger.exchange import export_jsonl

        with self.ledger() as ledger:
            return export_jsonl(ledger, file, scenario)

    def import_ledger(
        self, file: Path, names: Sequence[str] = (), *, clock: Callable[[], datetime] = now
    ) -> "Imported":
        """Add the logs of others, unchanged, as foreign logs; see `forecast.ledger.import_log.import_jsonl`."""
        from forecast.ledger.import_log import check_jsonl, import_jsonl

        if not self.has_ledger:
            check_jsonl(file, clock())  # a file that cannot be imported makes no ledger
        with self.ledger(write=True) as ledger:
            return import_jsonl(ledger, file, clock(), names)

    def restore_ledger(
        self, file: Path, log: str | None = None, head: str | None = None, *, clock: Callable[[], datetime] = now
    ) -> "Restored":
        """Continue an exported log in an empty workspace; see `forecast.ledger.import_log.restore_jsonl`."""
        from forecast.ledger.import_log import check_jsonl, restore_jsonl

        if not self.has_ledger:
            check_jsonl(file, clock())
        with self.ledger(write=True) as ledger:
            return restore_jsonl(ledger, file, clock(), log, head)
