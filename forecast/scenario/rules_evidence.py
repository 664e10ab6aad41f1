"""Rules for reports as evidence: dates that cannot be, events that cannot be one event."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from forecast.errors import Finding
from forecast.scenario.nodes import Step as PathStep
from forecast.scenario.parts import NOT_KNOWN, Parts, some
from forecast.scenario.schema import Report, Step, Watch
from forecast.scenario.validation import nearest

__all__ = ["MOST_STEPS", "broken_evidence_rules", "n_steps"]

#: Inside a watch an event spread over more steps distorts the answer (docs/method.md, 'Imprecise dates').
MOST_STEPS = 3


def broken_evidence_rules(parts: Parts) -> Iterator[Finding]:
    """Every breach, report by report, then event by event."""
    watches = _watches(parts)
    for report in parts.reports:
        yield from _indicator(parts, report)
        yield from _later_changes(parts, report)
        if report.counts:
            yield from _dates(parts, report)
            yield from _imprecise(parts, report, watches.get(report.indicator or "", ()))
    yield from _events(parts)


def n_steps(first: date, last: date, step: Step) -> int:
    """Number of calendar steps that the days from `first` to `last` touch."""
    return _step_number(last, step) - _step_number(first, step) + 1


def _step_number(day: date, step: Step) -> int:
    if step is Step.WEEK:
        return (day.toordinal() - 1) // 7  # ordinal 1 was a Monday
    months = day.year * 12 + day.month - 1
    return months if step is Step.MONTH else months // 3


def _watches(parts: Parts) -> dict[str, Sequence[Watch]]:
    """Watches by indicator, of all versions."""
    watches: dict[str, list[Watch]] = defaultdict(list)
    for codebook in parts.codebooks.values():
        for name, indicator in codebook.indicators.items():
            watches[name] += [watch for watch in indicator.watch if watch not in watches[name]]
    return dict(watches)


def _finding(parts: Parts, report: Report, message: str, accepted: str, *path: PathStep) -> Finding:
    return parts.finding(f"report {report.id}: {message}", "reports", report.id, *path, accepted=accepted)


def _indicator(parts: Parts, report: Report) -> Iterator[Finding]:
    if report.indicator is None:
        return
    lacking = [version for version in parts.codebooks if report.indicator not in parts.names(version, "indicators")]
    if not lacking:
        return
    if len(lacking) == len(parts.codebooks):
        names = parts.names(lacking[0], "indicators")
        message = f"there is no indicator '{report.indicator}'{nearest(report.indicator, names)}"
        yield _finding(parts, report, message, some(names), "indicator")
    elif report.counts:
        message = f"the codebook of model version {', '.join(lacking)} has no indicator '{report.indicator}'"
        accepted = "an indicator of every version; define this one in the overrides of that version"
        yield _finding(parts, report, message, accepted, "indicator")


def _dates(parts: Parts, report: Report) -> Iterator[Finding]:
    when = report.when
    assert when is not None  # the schema: a report that counts has one
    if parts.file is not None and when.first < parts.file.start:
        start = parts.file.start
        message = f"it counts, but happened before the scenario's start, {start}"
        accepted = "a date from the start on, or `use: false` with a `reason`"
        if when.last >= start:
            message = f"it counts, but may have happened before the scenario's start, {start}"
            accepted = f"{start}/{when.last} if it happened after the start, or `use: false` with a `reason`"
        yield _finding(parts, report, message, accepted, "when")
    if when.first > report.known:
        message = f"known on {report.known}, before it happened: {when}"
        yield _finding(parts, report, message, "`known` on or after the first day of `when`", "known")


def _later_changes(parts: Parts, report: Report) -> Iterator[Finding]:
    if report.known == NOT_KNOWN:
        return
    if report.coded_on is not None and report.known > report.coded_on:
        message = f"coded on {report.coded_on}, before it was known on {report.known}"
        yield _finding(parts, report, message, "`coded_on` on or after `known`", "coded_on")
    if report.withdrawn is not None and report.withdrawn.on < report.known:
        message = f"withdrawn on {report.withdrawn.on}, before it was known on {report.known}"
        yield _finding(parts, report, message, "a day on or after `known`", "withdrawn", "on")
    days: set[date] = set()
    for number, revision in enumerate(report.revised):
        path = ("revised", number, "on")
        if revision.on < report.known:
            message = f"revised on {revision.on}, before it was known on {report.known}"
            yield _finding(parts, report, message, "a day on or after `known`", *path)
        if revision.on in days:
            yield _finding(parts, report, f"revised twice on {revision.on}", "one revision a day", *path)
        days.add(revision.on)


def _imprecise(parts: Parts, report: Report, watches: Sequence[Watch]) -> Iterator[Finding]:
    if parts.file is None or report.when is None or report.when.is_precise:
        return
    first = max(report.when.first, parts.file.start)
    last = min(report.when.last, report.known)
    for watch in watches:
        inside_first = max(first, watch.from_)
        inside_last = last if watch.to is None else min(last, watch.to)
        if inside_first <= inside_last and n_steps(inside_first, inside_last, parts.file.step) > MOST_STEPS:
            message = (
                f"the date spans more than {MOST_STEPS} steps ({parts.file.step}) while '{report.indicator}' is watched"
            )
            yield _finding(parts, report, message, "a better date: FIRST/LAST within a few steps", "when")
            return


def _events(parts: Parts) -> Iterator[Finding]:
    events: dict[str, list[Report]] = defaultdict(list)
    for report in parts.reports:
        if report.counts:
            events[report.event].append(report)
    for event, reports in events.items():
        if len(reports) == 1:
            continue
        first = reports[0]
        for report in reports[1:]:
            if report.indicator != first.indicator:
                message = f"event '{event}' is '{report.indicator}' here and '{first.indicator}' in report {first.id}"
                yield _finding(parts, report, message, "one indicator for all reports of an event", "indicator")
        certain = {report.denies: report for report in reports if report.p_true == (1.0, 1.0)}
        if len(certain) == 2:
            message = f"p_true [1, 1] denies the event '{event}', which report {certain[False].id} confirms with [1, 1]"
            yield _finding(parts, certain[True], message, "certainty on one side at most", "p_true")
