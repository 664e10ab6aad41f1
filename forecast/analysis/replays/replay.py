"""Forecasts as they would have been at earlier days: planned here, walked by an executor, recorded here as they come.

Every day is recorded by itself and at once, so a replay that was killed goes on where it was. A record's key holds the
chain it belongs to (its first day, its rhythm, the segment), for its numbers hang on the fit the segment began with.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from forecast.analysis.replays.automatic import automatic_questions
from forecast.analysis.replays.chain import Day, Made, Run, Segment
from forecast.analysis.replays.days import EVERY, Every, days_between
from forecast.canonical import canonical_json, is_unaltered, sha256
from forecast.errors import Finding, InputError, LedgerError
from forecast.inference.draws import load_draws
from forecast.inference.posterior import Progress, Sampler, nuts
from forecast.inference.reweight import Anchor
from forecast.ledger.records import Content, Entry
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, Ledger, open_ledger
from forecast.model.evidence_set import to_content
from forecast.model.frame import Frame, frame
from forecast.model.version import settings
from forecast.model.version import to_content as model_content
from forecast.plan import Plan, Request, plan
from forecast.scenario.dates import now
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Family
from forecast.update import forecast_record, keep_draws, remarks

__all__ = ["SEGMENT", "Replayed", "Span", "replay"]

#: Days in a segment, each of which begins with a fit of its own: draws of a year ago often no longer serve, and
#: segments are what can be walked at the same time.
SEGMENT = 12


@dataclass(frozen=True, slots=True)
class Span:
    """What is replayed: from when to when, in which rhythm, with which model versions (None: the scenario's default).

    The version of the base-rate family is always added, for the others are compared with it.
    """

    first: date
    last: date
    every: Every = "month"
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """The replay of one scenario.

    `days` are all days of the span, `models` the versions in the order of the tables; `entries` the recorded forecasts
    by version and day; `fits` and `reweighted` count how they were made, now or earlier; `notes` say which days have
    no forecast and why, `problems` which fits failed.
    """

    scenario: Scenario
    span: Span
    days: tuple[date, ...]
    models: tuple[str, ...]
    entries: tuple[Entry, ...]
    fits: int
    reweighted: int
    notes: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """One day of one chain: its plan and what it is computed from; `entry` is its record, if there is one."""

    plan: Plan
    day: Day
    chain: Content
    entry: Entry | None


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
        Walks segments (`analysis.replays.executor.executor`).
    clock
        Gives the present instant in UTC.
    allow_clock
        Record even if the clock is behind the last record.
    sampler
        Draws from the posterior; a function of a module where other processes are to use it.
    progress
        Told of every forecast.
    at
        Called at named points of writing; tests die there.

    Raises
    ------
    InputError
        If the span is upside down, ends in the future, begins before a scenario or holds no day, or a model version
        does not exist; nothing is computed then.
    WorkspaceError, LedgerError
        If ledger or draws cannot be written; found out before anything is sampled.
    """
    today = clock().date()
    days = _checked(scenarios, span, today)
    path = scenarios[0].workspace / LEDGER_FILE
    chains: dict[tuple[str, str], list[list[_Step]]] = {}
    notes: dict[str, list[str]] = {scenario.id: [] for scenario in scenarios}
    with open_ledger(path, read_only=True) as ledger:
        for scenario in scenarios:
            for version in _versions(scenario, span):
                found = _segments(scenario, version, days[scenario.id], span, ledger, notes[scenario.id])
                chains[scenario.id, version] = found
    with open_ledger(path, create=True, at=at) as ledger:
        segments = [
            segment
            for (scenario_id, version), parts in chains.items()
            for part in parts
            if (segment := _left(ledger, f"{scenario_id} {version}", part)) is not None
        ]
        if segments:
            ledger.probe()
        steps = {step.day.key: step for parts in chains.values() for part in parts for step in part}
        problems = _walked(ledger, segments, steps, run, clock, allow_clock, sampler, progress, at)
        return [
            _collected(ledger, scenario, span, days[scenario.id], chains, notes[scenario.id], problems)
            for scenario in scenarios
        ]


def _versions(scenario: Scenario, span: Span) -> tuple[str, ...]:
    """What is asked for, then the first version of the base-rate family."""
    asked = span.models or (scenario.default_model,)
    base_rates = [name for name in sorted(scenario.models) if scenario.models[name].family is Family.BASE_RATE]
    return tuple(dict.fromkeys((*asked, *base_rates[:1])))


def _checked(scenarios: Sequence[Scenario], span: Span, today: date) -> dict[str, list[date]]:
    """Days by scenario; all that is wrong with what is asked, at once."""
    findings: list[Finding] = []
    if span.first > span.last:
        accepted = "--from not after --to"
        findings.append(Finding("error", f"{span.first} is after {span.last}.", key="--from", accepted=accepted))
    if span.last > today:
        findings.append(
            Finding("error", f"{span.last} is in the future.", key="--to", accepted=f"a day up to {today}, today (UTC)")
        )
    if span.every not in EVERY:
        findings.append(Finding("error", f"'{span.every}' is no rhythm.", key="--every", accepted=", ".join(EVERY)))
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
            days[scenario.id] = days_between(span.first, span.last, span.every, scenario.file.step)
            if not days[scenario.id]:
                message = f"no {span.every} ends from {span.first} to {span.last}."
                findings.append(Finding("error", message, key="--to", accepted="a span with the end of one in it"))
    if findings:
        raise InputError(dict.fromkeys(findings))
    return days


def _segments(
    scenario: Scenario, version: str, days: Sequence[date], span: Span, ledger: Ledger, notes: list[str]
) -> list[list[_Step]]:
    """The days of one chain, cut into segments; a day without an open question is left out with a note."""
    around = frame(scenario.codebooks[version], settings(scenario, version))
    segments: list[list[_Step]] = []
    for begin in range(0, len(days), SEGMENT):
        chain = {"first": days[0].isoformat(), "every": span.every, "segment": begin // SEGMENT}
        steps = [_step(scenario, version, day, chain, around, ledger) for day in days[begin : begin + SEGMENT]]
        segments.append([step for step in steps if step is not None])
        notes += [
            f"{day}: every question is over or resolved; no forecast with {version}"
            for day, step in zip(days[begin:], steps, strict=False)
            if step is None
        ]
    return segments


def _step(scenario: Scenario, version: str, as_of: date, chain: Content, around: Frame, ledger: Ledger) -> _Step | None:
    try:
        # the day after: a replay is none of the live forecasts, even as of today
        planned = plan(scenario, Request(version, as_of), as_of + timedelta(days=1), ledger)
    except InputError as error:
        if [finding.key for finding in error.findings()] == ["questions"]:
            return None
        raise
    key = sha256(canonical_json({**planned.identity, "seed": planned.seed, "chain": chain}))
    questions = (*planned.open_questions, *automatic_questions(planned.snapshot, planned.model).values())
    day = Day(key, as_of, planned.model, planned.evidence, questions, planned.seed, around)
    return _Step(replace(planned, key=key), day, chain, ledger.find_key(key))


def _left(ledger: Ledger, chain: str, steps: Sequence[_Step]) -> Segment | None:
    """What of a segment is still to be walked, from the fit that was last when it was left; None if nothing is."""
    begin = next((place for place, step in enumerate(steps) if step.entry is None), None)
    if begin is None:
        return None
    anchor = None
    for place in range(begin - 1, -1, -1):
        step = steps[place]
        assert step.entry is not None
        if step.entry.forecast.method["from_fit"] is None:
            anchor = _anchor(ledger, step)
            if anchor is None:
                begin = place  # its draws are gone: they are made again, and the days after it are walked again
            break
    return Segment(chain, tuple(step.day for step in steps[begin:]), anchor)


def _anchor(ledger: Ledger, step: _Step) -> Anchor | None:
    assert step.entry is not None
    fit = str(step.entry.forecast.fit)
    try:
        draws = load_draws(_draws_file(step, fit), fit)
    except LedgerError:
        ledger.forget_fit(fit)
        return None
    return Anchor(step.day.key, step.plan.model, draws)


def _draws_file(step: _Step, fit: str) -> Path:
    return step.plan.scenario.workspace / DRAWS_FOLDER / f"{fit}.npz"


def _is_kept(step: _Step, fit: str | None) -> bool:
    return fit is not None and is_unaltered(_draws_file(step, fit), fit)


def _walked(
    ledger: Ledger,
    segments: Sequence[Segment],
    steps: Mapping[str, _Step],
    run: Run,
    clock: Callable[[], datetime],
    allow_clock: bool,
    sampler: Sampler,
    progress: Progress,
    at: Callable[[str], None],
) -> dict[str, str]:
    """Walk what is left and record it; by key, why a day has no forecast."""
    total = sum(len(segment.days) for segment in segments)
    if total:
        progress("starting", 0.0, "importing and compiling take some seconds, a minute the first time")
    fits = {key: step.entry.forecast.fit for key, step in steps.items() if step.entry is not None}
    problems: dict[str, str] = {}
    with closing(run(segments, sampler)) as stream:
        for done, made in enumerate(stream, start=1):
            step = steps[made.key]
            how = "fitted" if made.of == made.key else "weighed"
            name = f"{step.plan.scenario.id} {step.plan.version} {step.plan.as_of}"
            progress(name, done / total, f"{how}, {done} of {total}")
            if made.problems:
                problems[made.key] = f"{name}: not recorded: {'; '.join(made.problems)}"
                continue
            if step.entry is None:
                fits[made.key] = _recorded(ledger, step, made, fits, clock, allow_clock, at)
            elif made.fitted is not None and not _is_kept(step, fits[made.key]):
                fits[made.key] = keep_draws(ledger, step.plan, made.fitted, clock(), at)
    return problems


def _recorded(
    ledger: Ledger,
    step: _Step,
    made: Made,
    fits: Mapping[str, str | None],
    clock: Callable[[], datetime],
    allow_clock: bool,
    at: Callable[[str], None],
) -> str | None:
    """Append the forecast, its draws first; the SHA-256 of the draws."""
    if made.fitted is not None:
        fit: str | None = keep_draws(ledger, step.plan, made.fitted, clock(), at)
    else:
        fit = fits[made.of]
    said = (*remarks(step.plan),)
    forecast = forecast_record(step.plan, made, clock(), said)
    forecast = replace(
        forecast,
        fit=fit,
        method={**forecast.method, "from_fit": None if made.fitted is not None else fit},
        evidence_counts={**forecast.evidence_counts, "new": 0},
        extra={"chain": dict(step.chain), "automatic": _automatic(step, made)},
    )
    evidence, model = to_content(step.plan.evidence), model_content(step.plan.model)
    ledger.append_forecast(forecast, evidence, model, clock=clock, allow_clock=allow_clock, at=at)
    return fit


def _automatic(step: _Step, made: Made) -> list[dict[str, Any]]:
    """The answers to automatic questions, as they are recorded."""
    rows = []
    for (indicator, months), question in automatic_questions(step.plan.snapshot, step.plan.model).items():
        (p, mcse, low, high), _ = made.summary(question.id)
        rows.append({"indicator": indicator, "horizon": months, "p": p, "mcse": mcse, "low": low, "high": high})
    return rows


def _collected(
    ledger: Ledger,
    scenario: Scenario,
    span: Span,
    days: Sequence[date],
    chains: Mapping[tuple[str, str], Sequence[Sequence[_Step]]],
    notes: Sequence[str],
    problems: Mapping[str, str],
) -> Replayed:
    models = _versions(scenario, span)
    keys = [step.day.key for name in models for part in chains[scenario.id, name] for step in part]
    entries = [entry for key in keys if (entry := ledger.find_key(key)) is not None]
    n_fits = sum(entry.forecast.method["from_fit"] is None for entry in entries)
    failed = [problems[key] for key in keys if key in problems]
    return Replayed(
        scenario,
        span,
        tuple(days),
        models,
        tuple(entries),
        n_fits,
        len(entries) - n_fits,
        tuple(notes),
        tuple(failed),
    )
