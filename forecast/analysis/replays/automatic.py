"""Questions that ask themselves: whether a watched event is seen at least once in the next 3, 6 or 12 months.

They are answered by what the watch will show, rate times detection, as a question settled by record is. The evidence
decides them: nobody has to resolve anything, and nobody chose them for their outcome.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import ceil

from forecast.analysis.replays.days import months_after
from forecast.analysis.scoring.propose import REAL, p_real
from forecast.model.as_of import Snapshot, snapshot
from forecast.model.evidence_set import Event, events_of
from forecast.model.version import Settings, settings
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Occurs, Watch

__all__ = ["HORIZONS", "Window", "automatic_questions", "climatology", "windows"]

#: Lengths of the windows in months.
HORIZONS = (3, 6, 12)


@dataclass(frozen=True, slots=True)
class Window:
    """A window after a day, wholly inside a watch and searched to its end: whether an event was seen in it.

    On `decided` the last report may still have come (the upper end of the watch's `lag_days` after the window), and
    evidence known by then settles the outcome for good.
    """

    indicator: str
    months: int
    as_of: date
    last: date
    decided: date
    outcome: bool


def automatic_questions(then: Snapshot, model: Settings) -> dict[tuple[str, int], Occurs]:
    """The automatic questions of a day by indicator and months: for every watch of events that is open on it.

    Whether the watch will go on to the window's end is not known on the day; windows that it does not cover are left
    out of the scores, not out of what is asked.
    """
    return {
        (watch.indicator, months): Occurs(
            id=f"automatic.{watch.indicator}.{months}",
            ask=f"Is {watch.indicator} seen at least once in the next {months} months, as recorded here?",
            kind="occurs",
            indicator=watch.indicator,
            between=(then.as_of + timedelta(days=1), months_after(then.as_of, months)),
            settled_by="record",
        )
        for watch in then.watches
        if watch.indicator in model.events and watch.closed is None
        for months in HORIZONS
    }


def windows(scenario: Scenario, version: str, days: Iterable[date]) -> list[Window]:
    """The windows after some days that lie wholly inside a watch of a model version, and are decided.

    Parameters
    ----------
    scenario
        With all its evidence; what was known when a window was decided counts, with the grades of the default model.
    version
        Model version whose codebook has the watches.
    days
        The days.
    """
    searched = scenario.file.searched_until
    if searched is None:
        return []
    model = settings(scenario)

    @cache
    def seen_by(day: date) -> tuple[Event, ...]:
        # also where the default model is the benchmark, which uses no events: what happened is the same for all
        events = events_of(snapshot(scenario, model.version, day), scenario.start)
        p = p_real(events, model)
        return tuple(event for event in events if p[event.id] > REAL)

    found = []
    for day in days:
        for indicator, entry in sorted(scenario.codebooks[version].indicators.items()):
            watch = _watch_on(entry.watch, day) if entry.kind == "event" else None
            for months in HORIZONS if watch is not None else ():
                assert watch is not None
                last = months_after(day, months)
                decided = last + timedelta(days=ceil(watch.lag_days[1]))
                if decided > searched or (watch.to is not None and watch.to < last):
                    continue
                events = (event for event in seen_by(decided) if event.indicator == indicator)
                outcome = any(_mostly_within(event, day + timedelta(days=1), last) for event in events)
                found.append(Window(indicator, months, day, last, decided, outcome))
    return found


def _watch_on(watches: Sequence[Watch], day: date) -> Watch | None:
    return next((watch for watch in watches if watch.from_ <= day and (watch.to is None or day < watch.to)), None)


def _mostly_within(event: Event, first: date, last: date) -> bool:
    """Whether at least half of the days between which the event lies are days of the window."""
    inside = (min(event.last, last) - max(event.first, first)).days + 1
    return 2 * inside >= (event.last - event.first).days + 1


def climatology(asked: Iterable[Window], earlier: Iterable[Window]) -> Mapping[Window, float]:
    """What somebody says who knows only how often it was yes so far: (n + 1) / (N + 2), after Laplace.

    N earlier windows of the same indicator and length had been decided by the day, n of them with yes.

    Parameters
    ----------
    asked
        Windows to forecast.
    earlier
        All windows there are, from the first day of the watches.
    """
    past: dict[tuple[str, int], list[Window]] = {}
    for window in earlier:
        past.setdefault((window.indicator, window.months), []).append(window)
    said = {}
    for window in asked:
        over = [row for row in past.get((window.indicator, window.months), ()) if row.decided <= window.as_of]
        said[window] = (sum(row.outcome for row in over) + 1) / (len(over) + 2)
    return said
