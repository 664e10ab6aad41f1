"""Where a scenario stands today: its last forecast, what that did not use, what has gone stale, what is due.

Everything comes from the files and the ledger; nothing is computed anew, and numpy is not loaded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from forecast.errors import Finding, ForecastError, LedgerError
from forecast.ledger.latest import earlier_of, latest_of
from forecast.ledger.records import Answer, Entry
from forecast.ledger.store import Ledger
from forecast.model.as_of import Snapshot, snapshot
from forecast.model.evidence_set import Event, events_of, from_content
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Family, Step
from forecast.scenario.workspace import scenario_names
from forecast.words import Worded, word

__all__ = ["STEP_DAYS", "Changed", "Due", "Status", "Unused", "status", "status_of_all"]

#: Days in the longest step of each kind: who has not looked for longer has missed a whole one.
STEP_DAYS = {Step.WEEK: 7, Step.MONTH: 31, Step.QUARTER: 92}


@dataclass(frozen=True, slots=True)
class Unused:
    """Evidence that the last forecast did not have as it stands today.

    `reports` are those whose stance or grade is new, `events` all that are new or changed, `gone` those that no longer
    count.
    """

    reports: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.events or self.gone)


@dataclass(frozen=True, slots=True)
class Changed:
    """An answer whose word is another than in the live forecast before."""

    question: str
    outcome: str
    p_before: float
    p: float
    before: Worded
    word: Worded


@dataclass(frozen=True, slots=True)
class Due:
    """A question whose last day has passed, and nobody has said how it was settled."""

    question: str
    ended: date


@dataclass(frozen=True, slots=True)
class Status:
    """One scenario on a day.

    `last` is its last living forecast, live if there is one, of the default version if there is one; `before` the live
    one as of an earlier day that it is compared with. `looked` is the day to which somebody has searched, or else that
    on which something was coded last; `stale` says that a whole step has passed since. Questions that are `open` have
    not ended. `foreign` counts the forecasts of imported logs, by name of the log.
    """

    scenario: Scenario
    today: date
    last: Entry | None
    before: Entry | None
    unused: Unused
    looked: date | None
    last_coded: date | None
    stale: bool
    changed: tuple[Changed, ...]
    due: tuple[Due, ...]
    n_open: int
    foreign: Mapping[str, int] = field(default_factory=dict)

    @property
    def age_days(self) -> int | None:
        """Days since the as-of date of the last forecast."""
        return None if self.last is None else (self.today - date.fromisoformat(self.last.content["as_of"])).days


def status_of_all(workspace: Path, ledger: Ledger, today: date) -> tuple[list[Status], list[tuple[str, Finding]]]:
    """Look at every scenario of a workspace; what is wrong with one that cannot be read is said, and hides no other.

    Raises
    ------
    WorkspaceError
        If the folder of scenarios cannot be read.
    """
    found, unreadable = [], []
    for name in scenario_names(workspace):
        try:
            found.append(status(read_scenario(workspace, name), ledger, today))
        except ForecastError as error:
            unreadable += [(name, finding) for finding in error.findings()]
        except OSError as error:
            unreadable.append((name, Finding("error", str(error), file=f"scenarios/{name}")))
    return found, unreadable


def status(scenario: Scenario, ledger: Ledger, today: date) -> Status:
    """Look at one scenario.

    Parameters
    ----------
    scenario
        Read without errors.
    ledger
        Its workspace's.
    today
        The day as of which evidence and resolutions are known.

    Raises
    ------
    LedgerError
        If a record cannot be read, or the evidence of the last forecast is missing.
    """
    last, before = _last_two(scenario, ledger)
    version = last.content["model"] if last is not None else scenario.default_model
    then = snapshot(scenario, version if version in scenario.models else scenario.default_model, today)
    due = tuple(_due(scenario, then))
    n_open = sum(
        question.ends >= today and question.id not in then.resolutions for question in scenario.questions.values()
    )
    coded = max((row.coded_on for row in scenario.reports if row.coded_on is not None), default=None)
    looked = scenario.file.searched_until or coded
    late = looked is not None and (today - looked).days > STEP_DAYS[scenario.file.step]
    return Status(
        scenario=scenario,
        today=today,
        last=last,
        before=before,
        unused=_unused(scenario, ledger, last, then),
        looked=looked,
        last_coded=coded,
        stale=late and bool(n_open or due),
        changed=tuple(_changed(scenario, before, last)),
        due=due,
        n_open=n_open,
        foreign=ledger.foreign_counts(scenario.id),
    )


def _last_two(scenario: Scenario, ledger: Ledger) -> tuple[Entry | None, Entry | None]:
    """The last forecast, and the live one before it if that is live itself."""
    entries = list(ledger.forecasts(scenario.id, retracted=False))
    last = latest_of(entries, default_model=scenario.default_model)
    if last is None or last.content["kind"] != "live":
        return last, None
    return last, earlier_of(entries, last.content["model"], last.content["as_of"], "live")


def _due(scenario: Scenario, then: Snapshot) -> Iterator[Due]:
    for question in scenario.questions.values():
        if question.ends < then.as_of and question.id not in then.resolutions:
            yield Due(question.id, question.ends)


def _unused(scenario: Scenario, ledger: Ledger, last: Entry | None, then: Snapshot) -> Unused:
    """What of today's evidence the last forecast lacks; nothing where its version uses none."""
    recorded: dict[str, Event] = {}
    if last is not None:
        if last.content["family"] == Family.BASE_RATE.value:
            return Unused()
        content = ledger.evidence(last.content["evidence_identity"])
        try:
            recorded = {event.id: event for event in from_content(content).events}
        except (KeyError, TypeError, ValueError) as error:
            raise LedgerError(f"the evidence set of {last.id} cannot be read: {error!r}") from error
    today = {event.id: event for event in events_of(then, scenario.start)}
    news = [event for event in today.values() if recorded.get(event.id) != event]
    voices = {
        (event.id, voice.origin)
        for event in news
        for voice in event.origins
        if event.id not in recorded or voice not in recorded[event.id].origins
    }
    # of several reports of one origin the one known latest has its say
    latest: dict[tuple[str, str], str] = {}
    for row in sorted(then.reports, key=lambda row: (row.report.known, row.report.id)):
        if row.counted and (row.report.event, row.report.origin) in voices:
            latest[row.report.event, row.report.origin] = row.report.id
    gone = tuple(name for name in recorded if name not in today)
    return Unused(tuple(sorted(latest.values())), tuple(event.id for event in news), gone)


def _changed(scenario: Scenario, before: Entry | None, last: Entry | None) -> Iterator[Changed]:
    if before is None or last is None:
        return
    earlier = {(row.question, row.outcome): row.p for row in _shown(before.forecast.answers)}
    for row in _shown(last.forecast.answers):
        p_before = earlier.get((row.question, row.outcome))
        if p_before is None or row.p is None:
            continue
        was, is_now = word(p_before, scenario.words), word(row.p, scenario.words)
        if was.text != is_now.text:
            yield Changed(row.question, row.outcome, p_before, row.p, was, is_now)


def _shown(answers: Sequence[Answer]) -> Iterator[Answer]:
    return (row for row in answers if row.p is not None and row.is_shown)
