"""What is unwise or contradictory in a scenario that can be read: warnings and notes, and quotes that are none.

`read_scenario` has raised the errors that make a model meaningless; nothing here stops a forecast.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from forecast.errors import Finding
from forecast.scenario.check_evidence import evidence_findings
from forecast.scenario.check_labels import label_findings
from forecast.scenario.dates import today as this_day
from forecast.scenario.record import Scenario, finding_at
from forecast.scenario.regimes import regimes_findings
from forecast.scenario.schema import Occurs, Resolution, State, Stays, Watch

__all__ = ["check", "first_unwatched", "odd_day"]


def check(scenario: Scenario, today: date | None = None) -> list[Finding]:
    """Everything an analyst should look at again.

    Parameters
    ----------
    scenario
        A scenario that was read.
    today
        The present day, against which dates are held; by default the system's.

    Returns
    -------
    list of Finding
        First what was odd while reading, then the scenario, its codebooks, its evidence, its resolutions, the regimes
        of the past, labels. A finding of level `error` is only a quote that its saved article does not contain, an
        article that cannot be read, or something wrong in regimes.yaml, which no forecast reads.
    """
    today = today or this_day()
    findings = [
        *scenario.warnings,
        *_searched(scenario, today),
        *_questions(scenario),
        *_codebooks(scenario),
        *evidence_findings(scenario, today),
        *_resolutions(scenario, today),
        *regimes_findings(scenario, today),
        *label_findings(scenario),
    ]
    return list(dict.fromkeys(findings))


def _searched(scenario: Scenario, today: date) -> Iterator[Finding]:
    until = scenario.file.searched_until
    if until is None:
        return
    if until > today:
        yield finding_at(
            scenario.marks,
            "warning",
            "nobody can have looked as far as this: the day is still to come",
            "scenario",
            "",
            "searched_until",
            accepted=f"a day not after {today}",
        )
    for version, codebook in scenario.codebooks.items():
        for name, indicator in codebook.indicators.items():
            for number, watch in enumerate(indicator.watch):
                if until < watch.from_ <= today:
                    message = f"nobody has looked yet: searched_until, {until}, is before this watch begins"
                    path = ("indicators", name, "watch", number, "from")
                    yield finding_at(scenario.marks, "warning", message, "codebooks", version, *path)


def _questions(scenario: Scenario) -> Iterator[Finding]:
    for question in scenario.file.questions:
        if not isinstance(question, Occurs) or question.settled_by != "record":
            continue
        for codebook in scenario.codebooks.values():
            gap = first_unwatched(codebook.indicators[question.indicator].watch, *question.between)
            if gap is not None:
                yield finding_at(
                    scenario.marks,
                    "warning",
                    f"the record settles this question, but '{question.indicator}' is not watched on {gap}",
                    "questions",
                    question.id,
                    "settled_by",
                    accepted="a watch over the whole window in indicators.yaml, or `settled_by: truth`",
                )


def first_unwatched(watches: tuple[Watch, ...], first: date, last: date) -> date | None:
    """First day from `first` to `last` that no watch covers; None if all are watched."""
    day = first
    for watch in sorted(watches, key=lambda watch: watch.from_):
        if watch.from_ > day:
            break
        if watch.to is None:
            return None
        day = max(day, watch.to + timedelta(days=1))
    return day if day <= last else None


def _codebooks(scenario: Scenario) -> Iterator[Finding]:
    for version, codebook in scenario.codebooks.items():
        for name, regime in codebook.regimes.items():
            if regime.absorbing and regime.goes_to:
                message = f"'{name}' is absorbing: nothing leaves it, and `goes_to` is not used"
                yield finding_at(scenario.marks, "warning", message, "codebooks", version, "regimes", name, "goes_to")
        events = [name for name, indicator in codebook.indicators.items() if indicator.kind == "event"]
        if len(events) == 1 and not codebook.indicators[events[0]].watch:
            message = (
                f"'{events[0]}' is the only event indicator: outside a watch only the mix of events speaks, "
                "so its events say nothing"
            )
            accepted = "a watch, or a second event indicator"
            yield finding_at(
                scenario.marks, "warning", message, "codebooks", version, "indicators", events[0], accepted=accepted
            )
        for name, indicator in codebook.indicators.items():
            path = ("indicators", name, "per_year" if indicator.kind == "event" else "holds")
            if len(set(indicator.ranges.values())) == 1:
                message = f"'{name}' has the same range in every regime: it cannot tell them apart"
                yield finding_at(scenario.marks, "note", message, "codebooks", version, *path)
            for within, (low, high) in indicator.ranges.items():
                if low == high:
                    message = f"a range without width says that '{name}' is known exactly"
                    yield finding_at(scenario.marks, "note", message, "codebooks", version, *path, within)


def _resolutions(scenario: Scenario, today: date) -> Iterator[Finding]:
    questions = scenario.questions
    for name, resolution in scenario.resolutions.items():
        if resolution.known > today:
            message = f"this is known only on {resolution.known}, a day still to come"
            yield finding_at(scenario.marks, "warning", message, "resolutions", name, "on")
        odd = odd_day(questions[name], resolution.outcome, resolution.on)
        if odd is not None:
            accepted = "the day on which it was settled"
            yield finding_at(scenario.marks, "warning", odd, "resolutions", name, "on", accepted=accepted)
        yield from _against_evidence(scenario, questions[name], resolution)


def odd_day(question: State | Stays | Occurs, outcome: str, on: date) -> str | None:
    """Why a question cannot have been settled so on the day of a resolution; None if it can.

    That an event did not happen may be certain before the last day, if it has become impossible; that is odd, too.
    """
    if outcome == "annulled":
        return None
    if isinstance(question, Occurs):
        if on < question.between[0]:
            return f"settled on {on}, before the question's window begins on {question.between[0]}"
        if outcome == "yes" and on > question.ends:
            return f"it happened on {on}, after the question's window ended on {question.ends}"
    if isinstance(question, Stays):
        if question.from_ is not None and on < question.from_:
            return f"settled on {on}, before the question's window begins on {question.from_}"
        if outcome == "no":
            return f"it broke on {on}, after the question's window ended" if on > question.ends else None
    still_open = isinstance(question, State) or outcome == ("no" if isinstance(question, Occurs) else "yes")
    if still_open and on < question.ends:
        return f"'{outcome}' on {on}, before the question's last day, {question.ends}"
    return None


def _against_evidence(
    scenario: Scenario, question: State | Stays | Occurs, resolution: Resolution
) -> Iterator[Finding]:
    if not isinstance(question, Occurs) or resolution.outcome != "no":
        return
    first, last = question.between
    events = {
        report.event
        for report in scenario.reports
        if report.counts
        and not report.denies
        and report.indicator == question.indicator
        and report.when is not None
        and first <= report.when.first
        and report.when.last <= last
    }
    if len(events) >= question.at_least:
        message = f"resolved 'no', but counted reports tell of {', '.join(sorted(events)[:3])} within the window"
        yield finding_at(scenario.marks, "warning", message, "resolutions", question.id, "outcome")
