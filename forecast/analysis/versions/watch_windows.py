"""Where several model versions all watch: windows within one step each, and how many events were seen in them.

Versions can be scored against each other only on the same data. So windows are what every version watches, and counts
are taken once, with one version's grade table, for all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil

from forecast.model.arrays import exposed_days
from forecast.model.as_of import KnownWatch, snapshot
from forecast.model.evidence_set import Event, events_of
from forecast.model.reliability import at_medians
from forecast.model.steps import Steps, steps_between
from forecast.model.version import Settings, settings
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Watch

__all__ = ["Window", "count_events", "watch_windows"]

#: A window is used only if at least this share of the events in it would have been reported by the day of the count:
#: of the last days before a count a model expects next to nothing, and one quick report would decide a score.
MIN_ARRIVED = 0.5

#: An event is taken to have happened if it is at least this probable, every grade at its table's median.
LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Window:
    """Days `first` to `last` (ordinals, both included) of step `step` that each version watches in one watch.

    `watches` has the watch of every version, in their order, as it stands on the day `count_on`, by which events are
    counted.
    """

    indicator: str
    step: int
    first: int
    last: int
    count_on: date
    watches: tuple[KnownWatch, ...]

    def exposed_days(self, version: int) -> float:
        """Days, each weighed by the probability that a report of an event on it has arrived by `count_on`."""
        return exposed_days(self.watches[version], self.first, self.last)


def watch_windows(
    scenario: Scenario, versions: Sequence[str], as_of: date, *, at_the_end: bool = False
) -> list[Window]:
    """The windows that all versions watch, up to the as-of date and to where the record was searched.

    Parameters
    ----------
    scenario, versions
        Read without errors, and names of its versions.
    as_of
        Nothing later is counted.
    at_the_end
        Count everything as of the last day that was searched, instead of each window as soon as nine out of ten of its
        reports have arrived (the upper end of `lag_days`, the longest of all versions).

    Returns
    -------
    list of Window
        In the order of days.
    """
    searched = min(as_of, scenario.file.searched_until or as_of)
    grid = steps_between(scenario.start, searched, scenario.file.step)
    codebooks = [scenario.codebooks[version].indicators for version in versions]
    windows = []
    for indicator in sorted(set.intersection(*(set(codebook) for codebook in codebooks))):
        watches = [codebook[indicator].watch for codebook in codebooks]
        if all(codebook[indicator].kind == "event" for codebook in codebooks):
            windows += list(_windows(indicator, watches, grid, searched, at_the_end=at_the_end))
    return sorted(windows, key=lambda window: (window.first, window.indicator))


def _windows(
    indicator: str, watches: Sequence[Sequence[Watch]], grid: Steps, searched: date, *, at_the_end: bool
) -> Iterator[Window]:
    edges = {watch.from_.toordinal() for row in watches for watch in row}
    edges |= {watch.to.toordinal() + 1 for row in watches for watch in row if watch.to}
    for step, (begin, end) in enumerate(zip(grid.first.tolist(), grid.last.tolist(), strict=True)):
        cuts = [begin, *sorted(edge for edge in edges if begin < edge <= end), end + 1]
        for first, after in pairwise(cuts):
            covering = [_covering(row, date.fromordinal(first)) for row in watches]
            here = [watch for watch in covering if watch is not None]
            if len(here) < len(covering):
                continue
            ends = [searched, *(watch.to for watch in here if watch.to)]
            if not at_the_end:
                ends.append(date.fromordinal(after - 1 + ceil(max(watch.lag_days[1] for watch in here))))
            count_on = min(ends)
            known_then = [
                KnownWatch(indicator, watch.from_, count_on, None, watch.detection, watch.lag_days) for watch in here
            ]
            window = Window(indicator, step, first, after - 1, count_on, tuple(known_then))
            if all(window.exposed_days(n) >= MIN_ARRIVED * (after - first) for n in range(len(here))):
                yield window


def _covering(watches: Sequence[Watch], day: date) -> Watch | None:
    return next((watch for watch in watches if watch.from_ <= day <= (watch.to or day)), None)


def count_events(scenario: Scenario, version: str, windows: Sequence[Window]) -> list[list[int]]:
    """For every window the days (ordinals) of the events seen in it by its `count_on`, with a version's grade table.

    An event lies on the middle day of the days it may have happened on. It is counted once, in the earliest window,
    also where its date was changed between two counts.
    """
    model = settings(scenario, version)
    by_day: dict[date, list[Event]] = {}
    counted: set[str] = set()
    rows = []
    for window in windows:
        if window.count_on not in by_day:
            then = snapshot(scenario, version, window.count_on)
            # also where the version is of the base-rate family, which uses no events: what happened is the same for all
            by_day[window.count_on] = _likely(events_of(then, scenario.start), model)
        inside = [
            event
            for event in by_day[window.count_on]
            if event.indicator == window.indicator
            and event.id not in counted
            and window.first <= _middle(event) <= window.last
        ]
        counted |= {event.id for event in inside}
        rows.append(sorted(_middle(event) for event in inside))
    return rows


def _likely(events: Sequence[Event], model: Settings) -> list[Event]:
    p_real = at_medians((event.origins for event in events), model)
    return [event for event, p in zip(events, p_real, strict=True) if p >= LIKELY]


def _middle(event: Event) -> int:
    return (event.first.toordinal() + event.last.toordinal()) // 2
