"""The verbs on one scenario.

What only one verb needs is imported by that verb: a command should not wait for the modules of the others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.api.days import Day, day_of, past
from forecast.api.records import Records, UpdateRecords, WatchRecords
from forecast.api.scales import scale_of
from forecast.api.workspace import Workspace
from forecast.scenario.dates import now, today
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

if TYPE_CHECKING:
    from forecast.inference.posterior import Progress, Sampler
    from forecast.plan import Method

__all__ = ["Case", "open"]


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
            If there is no such model version or question, or the day is before the scenario's start or in the future.
        """
        from forecast.documents.show import about_question, show_document
        from forecast.plan import check_day

        version = self.scenario.model(model).version
        now_on = today()
        day = day_of(as_of) or now_on
        check_day(self.scenario, day, now_on)
        document = show_document(self.scenario, day, version)
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
        allow_clock: bool = False,
        words: str | None = None,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
        clock: Callable[[], datetime] = now,
    ) -> UpdateRecords:
        """Forecast, record and compare; see `forecast.update.update` for arguments and errors.

        `words` is the id of a scale (`forecast.words.SCALES`); by default the scenario's.
        """
        from forecast.documents.update import update_document
        from forecast.inference.posterior import nuts
        from forecast.update import Request, update

        scale = scale_of(words, self.scenario)
        request = Request(model, day_of(as_of), seed, method, force, draft, allow_clock)
        result = update(self.scenario, request, clock=clock, sampler=sampler or nuts, progress=progress)
        document = update_document(result, scale)
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
        """Import an event data set as evidence; see `forecast.coding.imported.import_events`."""
        from forecast.coding.imported import import_events
        from forecast.documents.imported import imported_document

        scenario = self._read_again()
        result = import_events(
            scenario,
            Path(file),
            importer,
            between=between,
            known_on=day_of(known, "--known"),
            encoding=encoding,
            rejects=None if rejects is None else Path(rejects),
            write=not dry_run,
            progress=progress,
        )
        document = imported_document(scenario, result)
        return Records(document["by_indicator"], document)

    def propose(
        self,
        article: Path | str,
        *,
        source: str | None = None,
        published: Day = None,
        url: str | None = None,
        title: str | None = None,
        publisher: str | None = None,
        author: str | None = None,
        kind: str | None = None,
        reliability: str | None = None,
        proposer: str = "lexicon",
        between: Sequence[str] = (),
        encoding: str | None = None,
        dry_run: bool = False,
        progress: "Progress" = lambda *_: None,
    ) -> Records:
        """Propose rows of evidence from an article; see `forecast.coding.proposing.propose`."""
        from forecast.coding.article_source import About
        from forecast.coding.proposing import propose
        from forecast.documents.proposed import proposed_document

        scenario = self._read_again()
        day = day_of(published, "--published")
        about = About(source, day, url, title, publisher, author, kind, reliability)
        result = propose(
            scenario,
            Path(article),
            about,
            proposer=proposer,
            between=between,
            encoding=encoding,
            write=not dry_run,
            progress=progress,
        )
        document = proposed_document(scenario, result)
        return Records(document["proposals"], document)

    def evidence(
        self,
        *,
        indicator: Sequence[str] = (),
        event: Sequence[str] = (),
        origin: Sequence[str] = (),
        source: Sequence[str] = (),
        coded_by: Sequence[str] = (),
        grade: Sequence[str] = (),
        since: Day = None,
        until: Day = None,
        known_by: Day = None,
        counted: bool | None = None,
        text: str = "",
    ) -> Records:
        """Coded reports that fit all of what is asked for; see `forecast.coding.listing.Wish`.

        Raises
        ------
        InputError
            If a day is none, or no report has what a filter names.
        """
        from forecast.coding.listing import Wish
        from forecast.documents.listed import listed_document

        wish = Wish(
            indicator=indicator,
            event=event,
            origin=origin,
            source=source,
            coded_by=coded_by,
            since=day_of(since, "--since"),
            until=day_of(until, "--until"),
            known_by=day_of(known_by, "--known-by"),
            counted=counted,
            grade=grade,
            text=text,
        )
        document = listed_document(self.scenario, wish)
        return Records(document["rows"], document)

    def agreement(self, a: Path | str, b: Path | str, pool: Path | str | None = None, *, seed: int = 0) -> Records:
        """How far two coders agree, and what they made of it pooled; see `forecast.coding.agreement`.

        Parameters
        ----------
        a, b
            Evidence or proposals files: paths, or names in `evidence/` or `proposals/`.
        pool
            A new file for what they agree on, with all else left blank.
        seed
            Of the bootstrap.

        Raises
        ------
        InputError
            If a file cannot be read, both are one, or the file to be written is there.
        """
        from forecast.documents.agreed import agreed_document

        document = agreed_document(self.scenario, a, b, None if pool is None else Path(pool), seed)
        return Records(document["fields"], document)

    def add_report(
        self, source: str, fields: Mapping[str, Any], by: str, clock: Callable[[], datetime] = now
    ) -> Records:
        """Write a coded report into `evidence/`; see `forecast.coding.accept.add_report`.

        Raises
        ------
        InputError
            If the scenario could not be read with this report; nothing is written then.
        """
        from forecast.coding.accept import Coder, add_report
        from forecast.documents.reviewed import written_document

        written = add_report(self.scenario, source, fields, Coder(by, clock().date()))
        document = written_document(self.scenario, source, written)
        return Records(document["written"], document)

    def decide(
        self,
        file: Path | str,
        by: str,
        *,
        accept: Sequence[int] = (),
        reject: Sequence[int] = (),
        later: Sequence[int] = (),
        everything: bool = False,
        clock: Callable[[], datetime] = now,
    ) -> Records:
        """Decide about the proposals in a file; without numbers, as the `decision` of each entry says.

        Parameters
        ----------
        file
            Path, or name of a file in `proposals/`.
        by
            Who decides.
        accept, reject, later
            Numbers of proposals.
        everything
            Accept also all others that nobody has decided about.
        clock
            Gives the present instant.

        Raises
        ------
        InputError
            If one of those accepted cannot be evidence, or a number cannot be decided about; nothing is written then.
        """
        from forecast.coding.accept import Coder, decide
        from forecast.coding.decisions import decisions, proposals_named
        from forecast.documents.reviewed import decided_document

        path = proposals_named(self.scenario, file)
        wanted = decisions(self.scenario, path, accept, reject, later, everything=everything)
        document = decided_document(self.scenario, path, decide(self.scenario, path, wanted, Coder(by, clock().date())))
        return Records(document["written"], document)

    def resolutions(self, as_of: Day = None) -> Records:
        """How questions were settled, how the evidence would settle more, and why it does not settle the rest."""
        from forecast.analysis.scoring.resolve import resolutions_document

        document = resolutions_document(self.scenario, past(as_of))
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
        """Write down how a question was settled; see `analysis.scoring.resolve.resolve`."""
        from forecast.analysis.scoring.resolve import Resolving, resolve

        wanted = Resolving(question, outcome, on, source, known, note)
        document = resolve(self.scenario, wanted, today(), replace=replace)
        return Records(document["written"], document)

    def accept(self, question: str | None = None, as_of: Day = None) -> Records:
        """Write down what the evidence proposes, for one question or for all."""
        from forecast.analysis.scoring.resolve import resolve_proposed

        document = resolve_proposed(self.scenario, past(as_of), question)
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
        words: str | None = None,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
        clock: Callable[[], datetime] = now,
    ) -> Records:
        """The forecast under suppositions next to today's; nothing is recorded.

        Suppositions are written as after the options of `forecast whatif`; see `forecast.analysis.why.edits.suppose`.

        Raises
        ------
        DiagnosticError
            If no draws are good enough.
        """
        from forecast.analysis.why.documents import whatif_document
        from forecast.analysis.why.edits import Suppositions
        from forecast.analysis.why.whatif import whatif
        from forecast.inference.posterior import nuts
        from forecast.plan import Request

        scale = scale_of(words, self.scenario)
        typed = Suppositions(add, drop, grade, date, watch)
        request = Request(model, day_of(as_of))
        with self.workspace.ledger() as ledger:
            found = whatif(
                self.scenario, request, typed, clock().date(), ledger, sampler=sampler or nuts, progress=progress
            )
        document = whatif_document(found, scale)
        return Records(document["then"], document)

    def compare(
        self,
        *versions: str,
        as_of: Day = None,
        seed: int | None = None,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
    ) -> Records:
        """Model versions side by side, the base-rate version with them; see `analysis.versions.compare`."""
        from forecast.analysis.versions.compare import compare
        from forecast.inference.posterior import nuts

        with self.workspace.ledger() as ledger:
            document = compare(
                self.scenario,
                versions,
                day_of(as_of) or today(),
                today(),
                ledger,
                seed=seed,
                sampler=sampler or nuts,
                progress=progress,
            )
        return Records(document["answers"], document)

    def datatree(self, forecast: str) -> Any:
        """The draws of a recorded forecast as an ArviZ DataTree; see `forecast.exchange.draws.draws_tree`.

        Raises
        ------
        LedgerError
            If the draws are missing or altered, or the record cannot be computed again.
        """
        from forecast.exchange.draws import draws_tree
        from forecast.model.version import settings

        with self.workspace.ledger() as ledger:
            entry = ledger.entry(forecast)
            model = entry.forecast.model
            own = settings(self.scenario, model) if model in self.scenario.models else None
            return draws_tree(ledger, entry, self.workspace.path, lambda: own)

    def explain(
        self,
        question: str | None = None,
        since: str | None = None,
        *,
        power_scaling: bool = False,
        words: str | None = None,
        progress: "Progress" = lambda *_: None,
        sampler: "Sampler | None" = None,
    ) -> Records:
        """Why the latest forecast gives a probability, or moved since an earlier one; see `Workspace.explain`."""
        ref = f"{self.scenario.id}/{question}" if question else self.scenario.id
        return self.workspace.explain(
            ref, since, power_scaling=power_scaling, words=words, sampler=sampler, progress=progress
        )

    def watch(self, question: str, as_of: Day = None, model: str | None = None, **options: Any) -> WatchRecords:
        """What to watch for a question (or `QUESTION:OUTCOME`); options as for `Workspace.watch`."""
        return self.workspace.watch(f"{self.scenario.id}/{question}", as_of, model, **options)

    def history(self, question: str | None = None) -> Records:
        """Forecasts over time."""
        return self.workspace.history(f"{self.scenario.id}/{question}" if question else self.scenario.id)

    def _read_again(self) -> Scenario:
        """As its files are now: what an earlier call has written into them must be seen by the next."""
        return read_scenario(self.scenario.workspace, self.scenario.id)


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
