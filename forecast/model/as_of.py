"""The as-of cut: what an analyst could know on a day. Everything that reads evidence goes through `snapshot`.

Each rule of the cut is one function in `Rules`; a test replaces them one at a time and sees later knowledge leak.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from forecast.scenario.dates import When
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Occurs, Range, Report, Resolution, Watch

__all__ = ["RULES", "KnownReport", "KnownWatch", "Rules", "Snapshot", "goes_on_until", "snapshot"]


@dataclass(frozen=True, slots=True)
class KnownReport:
    """A report as it stood on the as-of date: `report` has no later withdrawal or revision.

    `grade` and `p_true` are the effective ones; `when` is cut at the day on which the report was known. `counted` says
    whether it is evidence and `why` gives the reason, in words.
    """

    report: Report
    grade: str | None
    p_true: Range | None
    when: When | None
    counted: bool
    why: str


@dataclass(frozen=True, slots=True)
class KnownWatch:
    """A watch of an indicator as it stood on the as-of date.

    `until` is the last day whose silence can speak, None if the watch has not begun; `closed` is its last day where
    that has passed, None while it is open.
    """

    indicator: str
    first: date
    until: date | None
    closed: date | None
    detection: Range
    lag_days: Range


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that was known on `as_of`: nothing in here depends on anything that came later.

    `instruments` are watches in which nothing has been searched yet and that will settle a question 'by record': they
    say how a question is decided, not what happened, and so belong to the question.
    """

    as_of: date
    reports: tuple[KnownReport, ...]
    watches: tuple[KnownWatch, ...]
    instruments: tuple[KnownWatch, ...]
    resolutions: Mapping[str, Resolution]


def _report_is_known(report: Report, as_of: date) -> bool:
    return report.known <= as_of


def _as_it_stood(report: Report, as_of: date) -> Report:
    """The report without what was said about it later."""
    later: dict[str, object] = {}
    if report.withdrawn is not None and report.withdrawn.on > as_of:
        later["withdrawn"] = None
    if any(revision.on > as_of for revision in report.revised):
        later["revised"] = tuple(revision for revision in report.revised if revision.on <= as_of)
    when = _when(report, as_of)
    if when != report.when:
        later["when"] = when
    return report.model_copy(update=later) if later else report


def _withdrawal(report: Report, as_of: date) -> str | None:
    """Why the report no longer counts on the day, None if it does."""
    if report.withdrawn is not None and report.withdrawn.on <= as_of:
        return f"withdrawn on {report.withdrawn.on}: {report.withdrawn.reason}"
    return None


def _grade(report: Report, as_of: date) -> tuple[str | None, Range | None]:
    """Grade and probability of truth, of which one holds."""
    grade, p_true = report.grade, report.p_true
    for revision in sorted(report.revised, key=lambda revision: revision.on):
        if revision.on <= as_of:
            grade, p_true = revision.grade, revision.p_true
    return grade, p_true


def _when(report: Report, as_of: date) -> When | None:
    """The date of the event, cut at the day on which it was known: what is known has happened."""
    if report.when is None:
        return None
    last = min(report.when.last, report.known, as_of)
    return report.when if last >= report.when.last else When(report.when.first, last, report.when.text)


def _resolution_is_known(resolution: Resolution, as_of: date) -> bool:
    return resolution.known <= as_of


def _watched_until(watch: Watch, as_of: date, searched_until: date) -> date | None:
    """Last day whose silence can speak: nobody has looked beyond it. None before the watch begins."""
    end = min(as_of, searched_until) if watch.to is None else min(as_of, searched_until, watch.to)
    return end if end >= watch.from_ else None


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the cut, one function each."""

    report_is_known: Callable[[Report, date], bool] = _report_is_known
    as_it_stood: Callable[[Report, date], Report] = _as_it_stood
    withdrawal: Callable[[Report, date], str | None] = _withdrawal
    grade: Callable[[Report, date], tuple[str | None, Range | None]] = _grade
    when: Callable[[Report, date], When | None] = _when
    resolution_is_known: Callable[[Resolution, date], bool] = _resolution_is_known
    watched_until: Callable[[Watch, date, date], date | None] = _watched_until


RULES = Rules()


def snapshot(scenario: Scenario, version: str, as_of: date, rules: Rules = RULES) -> Snapshot:
    """Cut a scenario at a day.

    Parameters
    ----------
    scenario
        A scenario that has been read without errors.
    version
        Model version, whose codebook says which indicators exist and are watched.
    as_of
        The day; what became known on it is known.
    rules
        The rules of the cut; only tests pass others.

    Returns
    -------
    Snapshot
        Reports sorted by id, watches by indicator and first day.
    """
    reports = tuple(
        _as_known(report, as_of, rules)
        for report in sorted(scenario.reports, key=lambda report: report.id)
        if rules.report_is_known(report, as_of)
    )
    recorded = {
        question.indicator: question.ends
        for question in sorted(scenario.file.questions, key=lambda question: question.ends)
        if isinstance(question, Occurs) and question.settled_by == "record"
    }
    watches: list[KnownWatch] = []
    instruments: list[KnownWatch] = []
    for name, indicator in sorted(scenario.codebooks[version].indicators.items()):
        for watch in sorted(indicator.watch, key=lambda watch: watch.from_):
            until = rules.watched_until(watch, as_of, scenario.file.searched_until or as_of)
            closed = watch.to if watch.to is not None and watch.to <= as_of else None
            row = KnownWatch(name, watch.from_, until, closed, watch.detection, watch.lag_days)
            if until is not None:
                watches.append(row)
            elif name in recorded and watch.from_ <= recorded[name]:
                instruments.append(row)
    resolutions = {
        name: resolution
        for name, resolution in sorted(scenario.resolutions.items())
        if rules.resolution_is_known(resolution, as_of)
    }
    return Snapshot(as_of, reports, tuple(watches), tuple(instruments), resolutions)


def goes_on_until(watch: KnownWatch, watches: Iterable[KnownWatch], last: date) -> date:
    """The last day, up to `last`, of a watch that nobody has ended yet: the next of its indicator takes its place."""
    following = (row.first for row in watches if row.indicator == watch.indicator and row.first > watch.first)
    return min([last, *(first - timedelta(days=1) for first in following)])


def _as_known(report: Report, as_of: date, rules: Rules) -> KnownReport:
    grade, p_true = rules.grade(report, as_of)
    withdrawal = rules.withdrawal(report, as_of)
    counted = report.counts and withdrawal is None
    why = withdrawal or report.reason or ""
    if not counted and not why:
        why = f"asserted as {report.asserted_as}"
    return KnownReport(rules.as_it_stood(report, as_of), grade, p_true, rules.when(report, as_of), counted, why)
