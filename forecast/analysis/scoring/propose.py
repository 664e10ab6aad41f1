"""How the evidence itself would settle `occurs` questions: proposals, which a person accepts or not.

`yes` needs enough events that are more likely real than not, wholly within the window; a doubtful or imprecise one is
never counted, and never ruled out either. `no` needs a window that was watched throughout and searched to its end and
the usual delay of reports beyond, and a question that the record settles: silence settles nothing about the world.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from forecast.model.as_of import Snapshot, snapshot
from forecast.model.evidence_set import Event, events_of
from forecast.model.reliability import at_medians
from forecast.model.version import Settings, settings
from forecast.scenario.check import first_unwatched
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Occurs, Report, Watch

__all__ = ["REAL", "Proposal", "Undecided", "p_real", "propose"]

#: An event counts above this: with grades at their medians it is more likely real than not.
REAL = 0.5


@dataclass(frozen=True, slots=True)
class Proposal:
    """How the evidence settles a question: `on` is the day it was decided, `known` the first day that showed it."""

    question: str
    outcome: str
    on: date
    known: date
    source: str

    def fields(self) -> dict[str, object]:
        """What stands in resolutions.yaml."""
        return {"outcome": self.outcome, "on": self.on, "known": self.known, "source": self.source}


@dataclass(frozen=True, slots=True)
class Undecided:
    """A question that the evidence does not settle, and why."""

    question: str
    why: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """Events of the question's indicator as of a day: those that count, and ids of those that may or may not."""

    counted: tuple[Event, ...]
    doubtful: tuple[str, ...]


def propose(scenario: Scenario, as_of: date) -> tuple[list[Proposal], list[Undecided]]:
    """Go through the questions without a resolution, with the evidence known on a day.

    Parameters
    ----------
    scenario
        Read without errors; grades and indicators are those of its default model.
    as_of
        Nothing that became known later is used, and no window that ends later is over.
    """
    version = scenario.default_model
    model = settings(scenario, version)
    proposals: list[Proposal] = []
    undecided: list[Undecided] = []
    for question in scenario.file.questions:
        if question.id in scenario.resolutions:
            continue
        if not isinstance(question, Occurs):
            why = "people judge it with the codebook" if question.ends < as_of else f"it runs until {question.ends}"
            undecided.append(Undecided(question.id, why))
            continue
        decided = _yes(scenario, model, question, as_of) or _no(scenario, model, question, as_of)
        (proposals if isinstance(decided, Proposal) else undecided).append(decided)  # type: ignore[arg-type]
    return proposals, undecided


def _yes(scenario: Scenario, model: Settings, question: Occurs, as_of: date) -> Proposal | None:
    if len(_seen(scenario, model, question, as_of).counted) < question.at_least:
        return None
    reports = (report for report in scenario.reports if report.indicator == question.indicator)
    days = sorted({day for report in reports for day in _days(report) if day < as_of} | {as_of})
    for day in days:  # what counted early may have been denied or withdrawn later, so each day is asked anew
        seen = _seen(scenario, model, question, day).counted
        if len(seen) >= question.at_least:
            enough = sorted(seen, key=lambda event: event.last)[: question.at_least]
            then = snapshot(scenario, model.version, day)
            source = ", ".join(dict.fromkeys(name for event in enough for name in _reports(then, event)))
            return Proposal(question.id, "yes", enough[-1].last, day, source)
    return None


def _days(report: Report) -> Iterator[date]:
    """The days on which what a report says of its event changed."""
    yield report.known
    yield from (revision.on for revision in report.revised)
    if report.withdrawn is not None:
        yield report.withdrawn.on


def _no(scenario: Scenario, model: Settings, question: Occurs, as_of: date) -> Proposal | Undecided:
    """Whether silence settles the question, which the evidence has not answered with yes."""
    watches = scenario.codebooks[model.version].indicators[question.indicator].watch
    shown = question.ends + timedelta(days=_delay(watches, question))
    searched = scenario.file.searched_until
    seen = _seen(scenario, model, question, as_of)
    gap = first_unwatched(watches, *question.between)
    if question.ends >= as_of:
        why = f"its window runs until {question.ends}"
    elif question.settled_by == "truth":
        why = f"a search settles it, not this record ({_counted(seen, question)})"
    elif gap is not None:
        why = f"'{question.indicator}' was not watched on {gap}"
    elif searched is None or searched < shown:
        why = f"the record must be searched to {shown} first; it is searched to {searched or 'no day'}"
    elif len(seen.counted) + len(seen.doubtful) >= question.at_least:
        why = f"it hangs on {', '.join(seen.doubtful)}: doubtful, or perhaps outside the window"
    elif shown > as_of:
        why = f"reports may come until {shown}"
    else:
        source = f"Evidence of this scenario, searched to {searched}: {_counted(seen, question)}"
        return Proposal(question.id, "no", question.ends, shown, source)
    return Undecided(question.id, why)


def _delay(watches: tuple[Watch, ...], question: Occurs) -> int:
    """Days by which 90% of reports have come, of the slowest watch in the window."""
    first, last = question.between
    within = (watch for watch in watches if watch.from_ <= last and (watch.to is None or watch.to >= first))
    return max((ceil(watch.lag_days[1]) for watch in within), default=0)


def _counted(seen: _Seen, question: Occurs) -> str:
    n = len(seen.counted)
    return f"{n or 'no'} event{'' if n == 1 else 's'} of {question.indicator} within the window"


def _seen(scenario: Scenario, model: Settings, question: Occurs, as_of: date) -> _Seen:
    # also where the model is of the base-rate family, which uses no events: what happened is the same for all
    then = snapshot(scenario, model.version, as_of)
    events = [event for event in events_of(then, scenario.start) if event.indicator == question.indicator]
    if not events:
        return _Seen((), ())
    likely = p_real(events, model)
    first, last = question.between
    counted, doubtful = [], []
    for event in events:
        if event.last < first or event.first > last:
            continue
        if likely[event.id] > REAL and first <= event.first and event.last <= last:
            counted.append(event)
        elif any(not origin.denies for origin in event.origins):
            doubtful.append(event.id)
    return _Seen(tuple(counted), tuple(doubtful))


def p_real(events: Sequence[Event], model: Settings) -> Mapping[str, float]:
    """Probability that each event is real, with every grade at its table's median."""
    values = at_medians((event.origins for event in events), model)
    return {event.id: value for event, value in zip(events, values, strict=True)}


def _reports(then: Snapshot, event: Event) -> list[str]:
    return [
        row.report.id for row in then.reports if row.counted and row.report.event == event.id and not row.report.denies
    ]
