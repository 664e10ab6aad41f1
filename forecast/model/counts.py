"""How many events a case saw in each regime, and for how long somebody looked: what rates are learned from.

Only watched days count, as everywhere: outside a watch nobody counted, and few events there mean nothing. A cell is one
watch of one indicator in one regime; how its days are cut into periods makes no difference.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecast.model.arrays import exposed_days
from forecast.model.as_of import KnownWatch, snapshot
from forecast.model.evidence_set import Event, events_of
from forecast.model.reliability import at_medians
from forecast.model.version import Floats, settings
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Period, Range

__all__ = ["CaseCounts", "Cell", "Counts", "case_counts", "counts"]

#: An event is counted above this: more likely real than not, at the medians of the grade table.
REAL = 0.5

#: Days of a year in which rates are stated.
YEAR_DAYS = 365.25

#: Why an event is in no cell.
NOT_REAL = "not more likely real than not"
NOT_WATCHED = "on a day that nobody watched"
NO_PERIOD = "on a day in no period"
NOT_ARRIVED = "on a day whose reports cannot have arrived"

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cell:
    """`n` events of an indicator in `years` of one regime during one watch, which begins on `first`."""

    case: str
    indicator: str
    regime: str
    first: date
    detection: Range
    n: int
    years: float


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """The cells of one case; years judged by regime; and how many events are in no cell, by reason."""

    case: str
    cells: tuple[Cell, ...]
    years: Mapping[str, float]
    left_out: Mapping[str, int]

    @property
    def n_events(self) -> int:
        """Events in all cells."""
        return sum(cell.n for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Counts:
    """Cells as arrays: R cells of C cases, I indicators, K regimes and W watches; ranges are 80% ranges.

    `case`, `indicator`, `regime` and `watch` are positions; `per_year` (I, K, 2) is what was elicited, `detection`
    (W, 2) what the cases state, `watch_case` (W,) whose watch it is.
    """

    cases: tuple[str, ...]
    indicators: tuple[str, ...]
    regimes: tuple[str, ...]
    watches: tuple[tuple[str, str, str], ...]  # case, indicator, first day
    n: Ints
    years: Floats
    case: Ints
    indicator: Ints
    regime: Ints
    watch: Ints
    per_year: Floats
    detection: Floats
    watch_case: Ints

    def without(self, case: str) -> "Counts":
        """The same without the cells of one case; it stays among the cases, with nothing seen."""
        kept = self.case != self.cases.index(case)
        return self._with(kept)

    def only(self, case: str) -> "Counts":
        """The cells of one case."""
        return self._with(self.case == self.cases.index(case))

    def _with(self, rows: NDArray[np.bool_]) -> "Counts":
        return replace(
            self,
            n=self.n[rows],
            years=self.years[rows],
            case=self.case[rows],
            indicator=self.indicator[rows],
            regime=self.regime[rows],
            watch=self.watch[rows],
        )


def case_counts(scenario: Scenario, periods: Sequence[Period], as_of: date) -> CaseCounts:
    """Count a case's events by watch and regime.

    Parameters
    ----------
    scenario
        Its default version says what is watched and how grades are read.
    periods
        Which regime held when; `scenario.regimes.read_regimes`.
    as_of
        What was known on this day is used: hindsight, on purpose.

    Returns
    -------
    CaseCounts
        An event stands in the cell of its middle day. Exposure is that of the filter: days weighed by the probability
        that their reports have arrived.
    """
    version = scenario.default_model
    model = settings(scenario, version)
    then = snapshot(scenario, version, as_of)
    watches = [watch for watch in then.watches if watch.indicator in model.events]
    # also where the model is of the base-rate family, which uses no events: what happened is the same for all
    events = [event for event in events_of(then, scenario.start) if event.indicator in model.events]
    p_real = at_medians((event.origins for event in events), model)
    seen: Counter[tuple[int, str]] = Counter()
    left_out: Counter[str] = Counter()
    exposed = {
        (number, regime): days / YEAR_DAYS
        for number, watch in enumerate(watches)
        for regime, days in _days(watch, periods).items()
    }
    for event, p in zip(events, p_real, strict=True):
        place = _place(event, watches, periods) if p > REAL else NOT_REAL
        if isinstance(place, str):
            left_out[place] += 1
        elif not exposed[place]:
            left_out[NOT_ARRIVED] += 1
        else:
            seen[place] += 1
    cells = tuple(
        Cell(
            scenario.id,
            watches[number].indicator,
            regime,
            watches[number].first,
            watches[number].detection,
            seen[number, regime],
            years,
        )
        for (number, regime), years in exposed.items()
        if years
    )
    judged: dict[str, float] = defaultdict(float)
    for period in periods:
        judged[period.regime] += ((period.to - period.from_).days + 1) / YEAR_DAYS
    return CaseCounts(scenario.id, cells, dict(judged), dict(left_out))


def _days(watch: KnownWatch, periods: Iterable[Period]) -> dict[str, float]:
    """Exposed days of a watch by regime."""
    days: dict[str, float] = defaultdict(float)
    for period in periods:
        days[period.regime] += exposed_days(watch, period.from_.toordinal(), period.to.toordinal())
    return dict(days)


def _place(event: Event, watches: Sequence[KnownWatch], periods: Sequence[Period]) -> tuple[int, str] | str:
    """Number of the watch and regime of an event's middle day, or why it has none."""
    day = date.fromordinal((event.first.toordinal() + event.last.toordinal()) // 2)
    watch = next(
        (
            number
            for number, watch in enumerate(watches)
            if watch.indicator == event.indicator and watch.until is not None and watch.first <= day <= watch.until
        ),
        None,
    )
    if watch is None:
        return NOT_WATCHED
    regime = next((period.regime for period in periods if period.from_ <= day <= period.to), None)
    return NO_PERIOD if regime is None else (watch, regime)


def counts(cases: Sequence[CaseCounts], per_year: Mapping[str, Mapping[str, Range]]) -> Counts:
    """Lay the cells of several cases out as arrays.

    Parameters
    ----------
    cases
        In any order: they are sorted by name, so that the order in which they were named changes no number.
    per_year
        What was elicited, by indicator and regime; cells of other indicators are left out.
    """
    cells = sorted(
        (cell for case in cases for cell in case.cells if cell.indicator in per_year),
        key=lambda cell: (cell.case, cell.indicator, cell.first, cell.regime),
    )
    names = tuple(sorted(case.case for case in cases))
    indicators = tuple(sorted({cell.indicator for cell in cells}))
    regimes = tuple(next(iter(per_year.values()))) if per_year else ()
    watched = {(cell.case, cell.indicator, cell.first.isoformat()): cell.detection for cell in cells}
    watches = tuple(watched)

    def positions(values: Iterable[object], among: Sequence[object]) -> Ints:
        at = {value: number for number, value in enumerate(among)}
        return np.array([at[value] for value in values], dtype=np.int64)

    return Counts(
        cases=names,
        indicators=indicators,
        regimes=regimes,
        watches=watches,
        n=np.array([cell.n for cell in cells], dtype=np.int64),
        years=np.array([cell.years for cell in cells], dtype=float),
        case=positions((cell.case for cell in cells), names),
        indicator=positions((cell.indicator for cell in cells), indicators),
        regime=positions((cell.regime for cell in cells), regimes),
        watch=positions(((cell.case, cell.indicator, cell.first.isoformat()) for cell in cells), watches),
        per_year=np.array([[per_year[name][regime] for regime in regimes] for name in indicators], dtype=float).reshape(
            len(indicators), len(regimes), 2
        ),
        detection=np.array(list(watched.values()), dtype=float).reshape(len(watches), 2),
        watch_case=positions((case for case, _, _ in watches), names),
    )
