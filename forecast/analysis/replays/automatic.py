"""Questions that ask themselves: whether an event is recorded at least once in the next 3, 6 or 12 months.

They are questions settled by record, and the evidence settles them: people neither resolve them nor choose them for
their outcome. Where the indicator is watched, the answer is rate times detection; where it is not, the model takes the
record to be complete, so that its answers are too high by as much as the record misses.
"""

from collections.abc import Iterable, Sequence
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

__all__ = [
    "HORIZONS",
    "UNWATCHED_LAG_DAYS",
    "Recorded",
    "Window",
    "automatic_questions",
    "lag_days",
    "watch_on",
    "windows",
]

#: Lengths of the windows in months.
HORIZONS = (3, 6, 12)

#: Days after a window in which reports of unwatched events may still come: the slowest watch of the shipped scenarios.
UNWATCHED_LAG_DAYS = 60


@dataclass(frozen=True, slots=True)
class Window:
    """A window after a day whose end was searched: whether an event was recorded in it.

    On `decided` the last report may still have come (the upper end of the watch's `lag_days` after the window, else
    `UNWATCHED_LAG_DAYS`), and evidence known by then settles the outcome for good. `watched` says whether the window
    lies wholly within one watch.
    """

    indicator: str
    months: int
    as_of: date
    last: date
    decided: date
    watched: bool
    outcome: bool


def automatic_questions(then: Snapshot, model: Settings) -> dict[tuple[str, int], Occurs]:
    """The automatic questions of a day, by indicator and months: for every event indicator, watched or not."""
    return {
        (indicator, months): Occurs(
            id=f"automatic.{indicator}.{months}",
            ask=f"Is {indicator} recorded at least once in the next {months} months?",
            kind="occurs",
            indicator=indicator,
            between=(then.as_of + timedelta(days=1), months_after(then.as_of, months)),
            settled_by="record",
        )
        for indicator in model.events
        for months in HORIZONS
    }


class Recorded:
    """Events of a scenario that count as recorded on a day: more likely real than not, by the default model's grades.

    The default model's, also where it is the benchmark, which uses no events: what happened is the same for all.
    """

    def __init__(self, scenario: Scenario) -> None:
        model = settings(scenario)

        @cache
        def known_on(day: date) -> tuple[Event, ...]:
            events = events_of(snapshot(scenario, model.version, day), scenario.start)
            p = p_real(events, model)
            return tuple(event for event in events if p[event.id] > REAL)

        self.known_on = known_on

    def within(self, indicator: str, first: date, last: date, known_by: date) -> int:
        """How many events of an indicator have at least half of their days within two days, both included."""
        events = (event for event in self.known_on(known_by) if event.indicator == indicator)
        return sum(_mostly_within(event, first, last) for event in events)


def windows(scenario: Scenario, version: str, days: Iterable[date], recorded: Recorded | None = None) -> list[Window]:
    """The windows after some days that are decided, of all event indicators of a model version.

    A window that begins within a watch but is not covered by it is left out: it would be neither watched nor not.

    Parameters
    ----------
    scenario
        With all its evidence; what was known when a window was decided counts.
    version
        Model version whose codebook has the watches.
    days
        The days.
    recorded
        Events of the scenario, where they are in use already.
    """
    searched = scenario.file.searched_until
    if searched is None:
        return []
    recorded = recorded or Recorded(scenario)
    found = []
    for day in days:
        for indicator, entry in sorted(scenario.codebooks[version].indicators.items()):
            if entry.kind != "event":
                continue
            watch = watch_on(entry.watch, day)
            for months in HORIZONS:
                last = months_after(day, months)
                decided = last + timedelta(days=lag_days(watch))
                if decided > searched or (watch is not None and watch.to is not None and watch.to < last):
                    continue
                n = recorded.within(indicator, day + timedelta(days=1), last, decided)
                found.append(Window(indicator, months, day, last, decided, watch is not None, n > 0))
    return found


def lag_days(watch: Watch | None) -> int:
    """Days for which reports are waited for."""
    return UNWATCHED_LAG_DAYS if watch is None else ceil(watch.lag_days[1])


def watch_on(watches: Sequence[Watch], day: date) -> Watch | None:
    """The watch that is open on a day and on the day after it, if there is one."""
    return next((watch for watch in watches if watch.from_ <= day and (watch.to is None or day < watch.to)), None)


def _mostly_within(event: Event, first: date, last: date) -> bool:
    """Whether at least half of the days between which the event lies are days of the window."""
    inside = (min(event.last, last) - max(event.first, first)).days + 1
    return 2 * inside >= (event.last - event.first).days + 1
