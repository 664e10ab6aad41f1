"""Forecasts as they would have been on earlier days: planned, computed by an executor and recorded one by one.

Every day is recorded by itself and at once, so a replay that was killed continues where it was.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from forecast.analysis.replays.days import EVERY, Every, days_between
from forecast.analysis.replays.recorder import Recorder
from forecast.analysis.replays.segment import Run, Segment
from forecast.analysis.replays.steps import Step, remaining, segments_of
from forecast.errors import Finding, InputError
from forecast.inference.posterior import Progress, Sampler, nuts
from forecast.ledger.records import Entry
from forecast.ledger.store import LEDGER_FILE, Ledger, open_ledger
from forecast.scenario.dates import now
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Family

__all__ = ["METHODS", "Method", "Replayed", "Span", "replay"]

#: `smc` moves particles from day to day; `nuts` samples every day by itself, as a check.
type Method = Literal["smc", "nuts"]

METHODS: tuple[str, ...] = get_args(Method.__value__)


@dataclass(frozen=True, slots=True)
class Span:
    """What is replayed: from when to when, how often, with which model versions (none: the scenario's default).

    The version of the base-rate family is always added, because the others are compared with it. `asked` are questions
    and the days on which they were asked (`replays.asked`): then these are the days, and only these are scored.
    """

    first: date
    last: date
    every: Every = "month"
    models: tuple[str, ...] = ()
    method: Method = "smc"
    asked: frozenset[tuple[str, date]] = frozenset()


@dataclass(frozen=True, slots=True)
class Replayed:
    """The replay of one scenario.

    `days` are all days of the span, `models` the versions in the order of the tables; `entries` the recorded forecasts
    by version and day; `from_prior` and `moved` count how they were computed, now or earlier; `notes` say which days
    have no forecast and why, `problems` which days failed their diagnostics.
    """

    scenario: Scenario
    span: Span
    days: tuple[date, ...]
    models: tuple[str, ...]
    entries: tuple[Entry, ...]
    from_prior: int
    moved: int
    notes: tuple[str, ...]
    problems: tuple[str, ...]


def replay(
    scenarios: Sequence[Scenario],
    span: Span,
    run: Run,
    *,
    clock: Callable[[], datetime] = now,
    allow_clock: bool = False,
    sampler: Sampler = nuts,
    progress: Progress = lambda *_: None,
    at: Callable[[str], None] = lambda _: None,
) -> list[Replayed]:
    """Forecast scenarios as of every day of a span, with what was known then, and record it.

    Parameters
    ----------
    scenarios
        Read without errors.
    span
        What is wanted.
    run
        Computes segments (`analysis.replays.executor.executor`).
    clock
        Gives the present instant in UTC.
    allow_clock
        Record even if the clock is behind the last record.
    sampler
        NUTS, for a span whose method it is; a function of a module where other processes are to use it.
    progress
        Called after every forecast.
    at
        Called at named points of writing; tests end the process there.

    Raises
    ------
    InputError
        If the span is upside down, ends in the future, begins before a scenario or holds no day, or a model version
        does not exist; nothing is computed then.
    WorkspaceError, LedgerError
        If ledger or draws cannot be written; found out before anything is computed.
    """
    days = _checked_days(scenarios, span, clock().date())
    path = scenarios[0].workspace / LEDGER_FILE
    segments: dict[tuple[str, str], list[list[Step]]] = {}
    notes: dict[str, list[str]] = {scenario.id: [] for scenario in scenarios}
    with open_ledger(path, read_only=True) as ledger:
        for scenario in scenarios:
            for version in _versions(scenario, span):
                segments[scenario.id, version] = segments_of(
                    scenario, version, days[scenario.id], span.method, ledger, notes[scenario.id]
                )
    with open_ledger(path, create=True, at=at) as ledger:
        left = [
            segment
            for (scenario_id, version), parts in segments.items()
            for part in parts
            if (segment := remaining(ledger, f"{scenario_id} {version}", part, span.method)) is not None
        ]
        recorder = Recorder(ledger, segments, clock, allow_clock, at)
        if left:
            ledger.probe()
            recorder.tidy()
        steps = {step.day.key: step for parts in segments.values() for part in parts for step in part}
        problems = _computed(left, steps, run, sampler if span.method == "nuts" else None, recorder, progress)
        return [
            _collected(ledger, scenario, span, days[scenario.id], segments, notes[scenario.id], problems)
            for scenario in scenarios
        ]


def _computed(
    segments: Sequence[Segment],
    steps: Mapping[str, Step],
    run: Run,
    sampler: Sampler | None,
    recorder: Recorder,
    progress: Progress,
) -> dict[str, str]:
    """Compute what is left and record it; by key, why a day has no forecast."""
    total = sum(len(segment.days) for segment in segments)
    if total and sampler is not None:
        progress("starting", 0.0, "PyMC compiles for about a minute the first time")
    problems: dict[str, str] = {}
    with closing(run(segments, sampler)) as stream:
        for done, forecast in enumerate(stream, start=1):
            step = steps[forecast.key]
            progress(step.name, done / total, f"{done} of {total}")
            if forecast.problems:
                problems[forecast.key] = f"{step.name}: not recorded: {'; '.join(forecast.problems)}"
            else:
                recorder.record(forecast)
    return problems


def _versions(scenario: Scenario, span: Span) -> tuple[str, ...]:
    """What is asked for, then the first version of the base-rate family."""
    asked = span.models or (scenario.default_model,)
    base_rates = [name for name in sorted(scenario.models) if scenario.models[name].family is Family.BASE_RATE]
    return tuple(dict.fromkeys((*asked, *base_rates[:1])))


def _checked_days(scenarios: Sequence[Scenario], span: Span, today: date) -> dict[str, list[date]]:
    """Days by scenario; everything that is wrong with what is asked, at once."""
    findings: list[Finding] = []
    if span.first > span.last:
        accepted = "--from not after --to"
        findings.append(Finding("error", f"{span.first} is after {span.last}.", key="--from", accepted=accepted))
    if span.last > today:
        findings.append(
            Finding("error", f"{span.last} is in the future.", key="--to", accepted=f"a day up to {today}, today (UTC)")
        )
    if span.every not in EVERY:
        findings.append(Finding("error", f"Unknown period '{span.every}'.", key="--every", accepted=", ".join(EVERY)))
    if span.method not in METHODS:
        findings.append(
            Finding("error", f"Unknown method '{span.method}'.", key="--method", accepted=", ".join(METHODS))
        )
    days = {}
    for scenario in scenarios:
        if span.first < scenario.start:
            message = f"{span.first} is before the start of {scenario.id}."
            findings.append(Finding("error", message, key="--from", accepted=f"a day from {scenario.start}"))
        for version in span.models:
            try:
                scenario.model(version)
            except InputError as error:
                findings += error.findings()
        if not findings:
            days[scenario.id] = _days(scenario, span)
            if not days[scenario.id]:
                what = f"no {span.every} ends" if not span.asked else f"no question of {scenario.id} was asked"
                message = f"{what} from {span.first} to {span.last}."
                accepted = "a span that contains the end of one" if not span.asked else "at least one row"
                findings.append(
                    Finding("error", message, key="--to" if not span.asked else "--days", accepted=accepted)
                )
    if findings:
        raise InputError(dict.fromkeys(findings))
    return days


def _days(scenario: Scenario, span: Span) -> list[date]:
    if not span.asked:
        return days_between(span.first, span.last, span.every, scenario.file.step)
    questions = {question.id for question in scenario.file.questions}
    return sorted({day for question, day in span.asked if question in questions})


def _collected(
    ledger: Ledger,
    scenario: Scenario,
    span: Span,
    days: Sequence[date],
    segments: Mapping[tuple[str, str], Sequence[Sequence[Step]]],
    notes: Sequence[str],
    problems: Mapping[str, str],
) -> Replayed:
    models = _versions(scenario, span)
    keys = [step.day.key for name in models for part in segments[scenario.id, name] for step in part]
    entries = [entry for key in keys if (entry := ledger.find_key(key)) is not None]
    n_moved = sum("moved_from" in entry.forecast.method for entry in entries)
    return Replayed(
        scenario,
        span,
        tuple(days),
        models,
        tuple(entries),
        len(entries) - n_moved,
        n_moved,
        tuple(notes),
        tuple(problems[key] for key in keys if key in problems),
    )
