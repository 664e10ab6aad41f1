"""Evidence of many days in terms of the same watches and spans, so that one compiled model serves them all.

Steps and terms are data, and may be as many as a day needs. What the compiled model has as constants, which watches
there are and which indicators go unwatched together, a frame holds for all days. A watch that a day does not know has
no exposure there, which leaves its detection to the prior. A frame comes from the codebook alone, not from evidence:
nothing that was known later shapes what is computed for an earlier day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast.model.arrays import Arrays
from forecast.model.as_of import KnownWatch
from forecast.model.priors import constants
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Codebook

__all__ = ["Frame", "frame", "in_frame", "watch_columns"]


@dataclass(frozen=True, slots=True)
class Frame:
    """W watches of events, by indicator and first day, and the distinct rows `Arrays.unwatched` can have, (G, I)."""

    watches: tuple[KnownWatch, ...]
    unwatched: Floats


def frame(codebook: Codebook, model: Settings) -> Frame:
    """The frame of a model version for all days, from the codebook of that version."""
    watches = tuple(
        KnownWatch(name, watch.from_, None, watch.to, watch.detection, watch.lag_days)
        for name in model.events
        for watch in sorted(codebook.indicators[name].watch, key=lambda watch: watch.from_)
    )
    cuts = {watch.first for watch in watches} | {watch.closed for watch in watches if watch.closed is not None}
    # on the first day of all nothing is watched, and so it is after the last day searched, whichever that is
    days = [0, *sorted({day.toordinal() + after for day in cuts for after in (0, 1)})]
    rows = [tuple(float(not _is_watched(watches, name, day)) for name in model.events) for day in days]
    return Frame(watches, np.array(list(dict.fromkeys(rows)), dtype=float).reshape(-1, len(model.events)))


def _is_watched(watches: Sequence[KnownWatch], indicator: str, day: int) -> bool:
    return any(
        watch.indicator == indicator
        and watch.first.toordinal() <= day
        and (watch.closed is None or day <= watch.closed.toordinal())
        for watch in watches
    )


def in_frame(data: Arrays, model: Settings, around: Frame) -> Arrays:
    """The same evidence with the frame's watches and spans: the same likelihood for the same parameters.

    The result is for the likelihood; its watches do not say how far a day has been searched, so no question can be
    answered with it.

    Raises
    ------
    ValueError
        If the frame lacks one of the watches or spans.
    """
    n_terms, n_events, n_watches = len(data.term_ratio), len(model.events), len(around.watches)
    columns = watch_columns(data.watches, around)
    spans = _span_places(data, around)
    told_rows = [n_watches + span * n_events + event for span in spans for event in range(n_events)]
    first_condition = n_watches + len(around.unwatched) * n_events
    condition_rows = range(first_condition, first_condition + 2 * len(model.conditions))
    row_of = np.array([*columns, *told_rows, *condition_rows], dtype=np.int64)  # the order of `emission.ratios`
    by_step = np.zeros((len(data.steps), n_terms + n_watches))
    by_step[:, :n_terms] = data.weight
    by_step[:, [n_terms + column for column in columns]] = data.exposure
    fixed = constants(model, np.array([watch.detection for watch in around.watches], dtype=float).reshape(-1, 2))
    indicators = np.array([model.events.index(watch.indicator) for watch in around.watches], dtype=np.int64)
    told = model.told * fixed.mean_rate
    totals = around.unwatched @ told
    return replace(
        data,
        fixed=fixed,
        watches=around.watches,
        watch_indicator=indicators,
        watch_scale=fixed.mean_detection * fixed.mean_rate[indicators],
        unwatched=around.unwatched,
        told_scale=told / np.where(totals > 0, totals, 1.0)[:, None],
        term_ratio=row_of[data.term_ratio],
        by_step=by_step,
    )


def watch_columns(watches: Sequence[KnownWatch], around: Frame) -> list[int]:
    """Where the frame has each of some watches.

    Raises
    ------
    ValueError
        If the frame does not have one of them.
    """
    places = {(watch.indicator, watch.first): place for place, watch in enumerate(around.watches)}
    missing = [watch for watch in watches if (watch.indicator, watch.first) not in places]
    if missing:
        raise ValueError(f"the frame has no watch of {missing[0].indicator} from {missing[0].first}")
    return [places[watch.indicator, watch.first] for watch in watches]


def _span_places(data: Arrays, around: Frame) -> list[int]:
    places = {tuple(row): place for place, row in enumerate(around.unwatched.tolist())}
    spans = [tuple(row) for row in data.unwatched.tolist()]
    if any(span not in places for span in spans):
        raise ValueError("the frame has no span in which the same indicators go unwatched")
    return [places[span] for span in spans]
