"""From an evidence set to arrays over steps: what the likelihood multiplies and adds.

A `term` is one distinct contribution to the log-emission: a row of the table of ratios (which watch, or which indicator
among which unwatched ones, or which condition), a signature (which grades) and a temper. Events that share all three
share the term; `weight[t, u]` says how much of term u falls into step t. So ten thousand reports cost little more than
a hundred.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from math import erf, log, sqrt

import numpy as np
from numpy.typing import NDArray

from forecast.model.as_of import KnownWatch
from forecast.model.evidence_set import Event, EvidenceSet, Origin
from forecast.model.priors import Constants, constants, lognormal_from_range
from forecast.model.reliability import CERTAIN, Signatures, signatures
from forecast.model.steps import Steps, steps_between
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Family

__all__ = ["Arrays", "Placed", "arrays", "exposed_days", "split_days", "with_certain_terms"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Placed:
    """Part of an event on the grid: the days `first` to `last` of step `step`, as ordinals.

    Parts of one event share its number `event`.
    """

    event: int
    indicator: int
    step: int
    term: int
    first: int
    last: int
    share: float  # of the event's days, in (0, 1]


@dataclass(frozen=True, slots=True)
class Arrays:
    """Evidence over T steps, W watches of events (instruments last), I event indicators, C conditions, U terms.

    A watch of a condition has no silence to speak of, only its reports are not tempered; it is not among the W. The
    rows of the table of ratios are the W watches, then (span, indicator) for every span of time in which the same
    indicators are unwatched, then `holds` and then `does not hold` for every condition.
    """

    steps: Steps
    moves: Floats  # (T,) share of a nominal step by which the regime may move into step t; 0 for the first
    fixed: Constants
    watches: tuple[KnownWatch, ...]
    silent: tuple[KnownWatch, ...]  # the watches again, `until` the last day whose silence counts
    watch_indicator: Ints  # (W,)
    watch_scale: Floats  # (W,) expected events seen per year
    unwatched: Floats  # (G, I) 1 where the indicator is not watched
    told_scale: Floats  # (G, I) expected share among what is told
    term_ratio: Ints  # (U,) row of the table of ratios
    term_temper: Floats  # (U,)
    term_grades: Signatures  # U rows
    by_step: Floats  # (T, U + W) weights of the terms, then exposure to each watch's silence
    placed: tuple[Placed, ...]

    @property
    def weight(self) -> Floats:
        """How much of each term falls into each step, (T, U)."""
        return self.by_step[:, : len(self.term_ratio)]

    @property
    def exposure(self) -> Floats:
        """Share of each nominal step in which the silence of each watch speaks, (T, W)."""
        return self.by_step[:, len(self.term_ratio) :]


def arrays(
    evidence: EvidenceSet, model: Settings, as_of: date, silence: Mapping[tuple[str, date], date] | None = None
) -> Arrays:
    """Lay an evidence set on the grid from its start to the as-of date.

    Parameters
    ----------
    evidence, model, as_of
        What is known, how it is read, and until when the grid goes.
    silence
        By indicator and first day of a watch, the last day whose silence counts; a watch that is not named is not
        listened to, and still covers its events. By default every watch's own last day: what explains a forecast takes
        silence apart from the rest.

    Raises
    ------
    KeyError
        If the evidence names an indicator that the settings do not have.
    """
    grid = steps_between(evidence.start, as_of, model.step)
    of_events = [watch for watch in evidence.watches if watch.indicator in model.events]
    of_conditions = [watch for watch in evidence.watches if watch.indicator not in model.events]
    instruments = [watch for watch in evidence.instruments if watch.indicator in model.events]
    watches = (*of_events, *instruments)
    silent = watches
    if silence is not None:
        silent = tuple(replace(watch, until=silence.get((watch.indicator, watch.first))) for watch in watches)
    fixed = constants(model, np.array([watch.detection for watch in watches], dtype=float).reshape(len(watches), 2))
    event_index = {name: position for position, name in enumerate(model.events)}
    watch_indicator = np.array([event_index[watch.indicator] for watch in watches], dtype=np.int64)
    spans = _Spans((*of_events, *of_conditions), model.events)
    collected = _collect(evidence, model, grid, spans, len(watches))
    table, signature_rows = signatures(collected.origins, model)
    term_ratio, term_signature, term_temper, term_of = _distinct(collected, signature_rows)
    weight = np.zeros((len(grid), len(term_ratio)))
    for part, term in zip(collected.parts, term_of, strict=True):
        weight[part.step, term] += part.share
    told = model.told * fixed.mean_rate
    totals = spans.unwatched @ told
    return Arrays(
        steps=grid,
        moves=_moves(grid, model),
        fixed=fixed,
        watches=watches,
        silent=silent,
        watch_indicator=watch_indicator,
        watch_scale=fixed.mean_detection * fixed.mean_rate[watch_indicator],
        unwatched=spans.unwatched,
        told_scale=told / np.where(totals > 0, totals, 1.0)[:, None],
        term_ratio=term_ratio,
        term_temper=term_temper,
        term_grades=table.take(term_signature),
        by_step=np.concatenate([weight, _exposure(grid, silent)], axis=1),
        placed=tuple(
            Placed(part.group, part.indicator, part.step, term, part.first, part.last, part.share)
            for part, term in zip(collected.parts, term_of, strict=True)
            if part.indicator >= 0
        ),
    )


def with_certain_terms(data: Arrays) -> Arrays:
    """The same evidence with one more term for every watch, which stands for a certain event in it.

    The new terms come last, in the order of the watches. They have no weight in any step yet.
    """
    n_watches, grades = len(data.watches), data.term_grades
    certain = np.zeros((n_watches, grades.linear.shape[1]))
    return replace(
        data,
        # the rows of the watches come first in the table of ratios
        term_ratio=np.concatenate([data.term_ratio, np.arange(n_watches)]),
        term_temper=np.concatenate([data.term_temper, np.ones(n_watches)]),
        term_grades=Signatures(
            np.concatenate([grades.offset, np.full(n_watches, CERTAIN)]),
            np.concatenate([grades.linear, certain]),
            grades.logit_unknown,
        ),
        by_step=np.concatenate([data.weight, np.zeros((len(data.steps), n_watches)), data.exposure], axis=1),
    )


def _moves(grid: Steps, model: Settings) -> Floats:
    moves = grid.fraction.copy()
    moves[:1] = 0.0
    return np.zeros_like(moves) if model.family is Family.STATIC else moves


class _Spans:
    """Which watch covers an indicator on a day, and which indicators are unwatched then."""

    def __init__(self, watches: Sequence[KnownWatch], events: Sequence[str]) -> None:
        self._by_indicator: dict[str, list[tuple[int, int, int]]] = {}
        cuts: set[int] = set()
        for number, watch in enumerate(watches):
            if watch.until is not None:
                first, last = watch.first.toordinal(), watch.until.toordinal()
                self._by_indicator.setdefault(watch.indicator, []).append((first, last, number))
                cuts |= {first, last + 1}
        self.cuts = sorted(cuts)
        masks = [tuple(self.watch(name, day) is None for name in events) for day in [0, *self.cuts]]
        distinct = {mask: position for position, mask in enumerate(dict.fromkeys(masks))}
        self._span_of = [distinct[mask] for mask in masks]
        self.unwatched = np.array(list(distinct), dtype=float).reshape(len(distinct), len(events))

    def watch(self, indicator: str, day: int) -> int | None:
        """Number of the watch that covers the day, None outside any watch."""
        for first, last, number in self._by_indicator.get(indicator, ()):
            if first <= day <= last:
                return number
        return None

    def span(self, day: int) -> int:
        """Number of the set of unwatched indicators on the day."""
        return self._span_of[bisect_right(self.cuts, day)]


@dataclass(frozen=True, slots=True)
class _Part:
    """Days `first` to `last` of one emission, within one step and on one side of every watch's edge."""

    indicator: int  # event indicator, -1 for a condition
    ratio: int
    temper: float
    group: int
    step: int
    first: int
    last: int
    share: float


@dataclass(frozen=True, slots=True)
class _Collected:
    parts: list[_Part]
    origins: list[tuple[Origin, ...]]


def _collect(evidence: EvidenceSet, model: Settings, grid: Steps, spans: _Spans, n_watches: int) -> _Collected:
    """Spread every event and every spell of a condition over the steps its days touch."""
    n_events, n_conditions = len(model.events), len(model.conditions)
    event_index = {name: position for position, name in enumerate(model.events)}
    condition_index = {name: position for position, name in enumerate(model.conditions)}
    first_condition_row = n_watches + len(spans.unwatched) * n_events
    parts: list[_Part] = []
    origins: list[tuple[Origin, ...]] = []
    reports_of_conditions: dict[str, list[Event]] = {}
    for event in evidence.events:
        if event.indicator in condition_index:
            reports_of_conditions.setdefault(event.indicator, []).append(event)
            continue
        position = event_index[event.indicator]
        for step, first, last, share in split_days(event.first, event.last, grid, spans.cuts):
            watch = spans.watch(event.indicator, first)
            if watch is None:
                ratio, temper = n_watches + spans.span(first) * n_events + position, model.tau
            else:
                ratio, temper = watch, 1.0
            parts.append(_Part(position, ratio, temper, len(origins), step, first, last, share))
        origins.append(event.origins)
    for name, reports in sorted(reports_of_conditions.items()):
        for spell in _spells(reports):
            row = first_condition_row + condition_index[name] + (n_conditions if spell.denied else 0)
            for step, first, last, share in split_days(spell.first, spell.last, grid, spans.cuts):
                temper = model.tau if spans.watch(name, first) is None else 1.0
                parts.append(_Part(-1, row, temper, len(origins), step, first, last, share))
            origins.append(spell.origins)
    return _Collected(parts, origins)


@dataclass(frozen=True, slots=True)
class _Spell:
    denied: bool
    first: date
    last: date
    origins: tuple[Origin, ...]


def _spells(reports: Sequence[Event]) -> list[_Spell]:
    """Join reports of a condition that follow each other with the same value: a spell speaks once.

    A report that only denies reports the opposite value, and its deniers confirm that. The spell lies where it was
    first reported; later reports of it add their origins, each of which still speaks once.
    """
    spells: list[_Spell] = []
    for report in sorted(reports, key=lambda event: (event.first, event.last, event.id)):
        denied = all(origin.denies for origin in report.origins)
        voices = tuple(
            Origin(origin.origin, origin.denies != denied, origin.grade, origin.p_true) for origin in report.origins
        )
        if spells and spells[-1].denied == denied:
            heard = {origin.origin for origin in spells[-1].origins}
            joined = spells[-1].origins + tuple(voice for voice in voices if voice.origin not in heard)
            spells[-1] = _Spell(denied, spells[-1].first, spells[-1].last, joined)
        else:
            spells.append(_Spell(denied, report.first, report.last, voices))
    return spells


def split_days(first: date, last: date, grid: Steps, cuts: Sequence[int] = ()) -> list[tuple[int, int, int, float]]:
    """Split days into runs that lie in one step and between neighbouring cuts.

    Returns
    -------
    list of (step, first ordinal, last ordinal, share of all days)
        Days outside the grid are left out of the rows, not of the shares.
    """
    begin, end = first.toordinal(), last.toordinal()
    if begin == end:
        step = int(np.searchsorted(grid.first, begin, side="right")) - 1
        return [(step, begin, begin, 1.0)] if 0 <= step < len(grid) and begin <= grid.last[step] else []
    n_days = end - begin + 1
    edges = sorted(
        {begin, *(int(day) for day in grid.first if begin < day <= end), *(c for c in cuts if begin < c <= end)}
    )
    rows: list[tuple[int, int, int, float]] = []
    for start, following in zip(edges, [*edges[1:], end + 1], strict=True):
        step = int(np.searchsorted(grid.first, start, side="right")) - 1
        stop = min(following - 1, int(grid.last[step]))
        if step >= 0 and start <= stop:
            rows.append((step, start, stop, (stop - start + 1) / n_days))
    return rows


def _distinct(collected: _Collected, signature_rows: Sequence[int]) -> tuple[Ints, list[int], Floats, list[int]]:
    """Ratio, signature and temper of the distinct terms, and the term of every part."""
    terms: dict[tuple[int, int, float], int] = {}
    term_of = [
        terms.setdefault((part.ratio, signature_rows[part.group], part.temper), len(terms)) for part in collected.parts
    ]
    return (
        np.array([ratio for ratio, _, _ in terms], dtype=np.int64),
        [signature for _, signature, _ in terms],
        np.array([temper for _, _, temper in terms], dtype=float),
        term_of,
    )


def _exposure(grid: Steps, watches: Sequence[KnownWatch]) -> Floats:
    """Share of each nominal step in which silence speaks, (T, W)."""
    days = [
        [exposed_days(watch, int(first), int(last)) for watch in watches]
        for first, last in zip(grid.first, grid.last, strict=True)
    ]
    return np.array(days, dtype=float).reshape(len(grid), len(watches)) / grid.period_days[:, None]


def exposed_days(watch: KnownWatch, first: int, last: int) -> float:
    """Days from `first` to `last` (ordinals) whose silence speaks: each weighed by P(its report has arrived)."""
    if watch.until is None:
        return 0.0
    until = watch.until.toordinal()
    begin, end = max(first, watch.first.toordinal()), min(last, until)
    if end < begin:
        return 0.0
    n_days = until - watch.first.toordinal() + 1
    arrived = _arrived_in_days(watch.lag_days, 1 << max(n_days - 1, 1).bit_length())
    return float(arrived[until - begin + 1] - arrived[until - end])


@lru_cache(maxsize=64)
def _arrived_in_days(lag_days: tuple[float, float], n_days: int) -> Floats:
    """Sum of P(lag <= j) over j < 0, 1, ..., n_days, for the log-normal lag with 80% range `lag_days`."""
    location, scale = lognormal_from_range(np.array(lag_days))
    if scale == 0:
        chances = [float(days >= lag_days[0]) for days in range(n_days)]
    else:
        chances = [0.0] + [0.5 * (1 + erf((log(days) - location) / (scale * sqrt(2)))) for days in range(1, n_days)]
    return np.concatenate([[0.0], np.cumsum(chances)])
