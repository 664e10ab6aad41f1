"""What the elicited ranges say before any evidence: likelihood ratios of single events, weight of base rates.

A reader sees from these which two indicators decide a case, and whether a reference class has drowned a stated range.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from forecast.model.priors import constants, stay_quantile
from forecast.model.version import Floats, Settings

__all__ = ["BaseRateWeight", "EventRatio", "base_rate_weights", "event_ratios"]


@dataclass(frozen=True, slots=True)
class EventRatio:
    """How much one certain event (or holding condition) speaks for `regime` against `other`.

    `watched` is the ratio of median rates (of median probabilities for a condition); `told` the ratio of shares among
    what is told, tempered, with nothing watched.
    """

    indicator: str
    kind: str
    regime: str
    other: str
    watched: float
    told: float


@dataclass(frozen=True, slots=True)
class BaseRateWeight:
    """What the reference classes of a regime weigh against its stated range of mean stays.

    `pseudo_endings` is the sum of r n; `expected_endings` the sum of r E / stay at the stated range's median, which is
    the information that the classes carry; `range_weight` is 1 / s^2, the number of endings that would say as much as
    the range; `median_years` is the prior's median with the classes, which should lie within `stated`.
    """

    regime: str
    pseudo_endings: float
    expected_endings: float
    range_weight: float
    median_years: float
    stated: tuple[float, float]

    @property
    def leaves_the_range(self) -> bool:
        """Whether the classes have moved the median out of the stated range."""
        return not self.stated[0] <= self.median_years <= self.stated[1]


def event_ratios(model: Settings) -> list[EventRatio]:
    """Ratios for every indicator and pair of regimes, the most telling indicator first."""
    fixed = constants(model, np.zeros((0, 2)))
    rates = np.exp(fixed.log_rate[..., 0])
    shares = model.told[:, None] * rates / (model.told[:, None] * rates).sum(axis=0) if len(rates) else rates
    holds = 1 / (1 + np.exp(-fixed.logit_holds[..., 0]))
    rows = [
        *_rows(model, model.events, "event", rates, shares),
        *_rows(model, model.conditions, "condition", holds, holds),
    ]
    largest: dict[str, float] = {}
    for row in rows:
        largest[row.indicator] = max(largest.get(row.indicator, 0.0), abs(np.log(row.watched)))
    return sorted(rows, key=lambda row: -largest[row.indicator])


def _rows(model: Settings, names: tuple[str, ...], kind: str, watched: Floats, told: Floats) -> Iterator[EventRatio]:
    for position, name in enumerate(names):
        for a, b in combinations(range(len(model.regimes)), 2):
            yield EventRatio(
                name,
                kind,
                model.regimes[a],
                model.regimes[b],
                float(watched[position, a] / watched[position, b]),
                float((told[position, a] / told[position, b]) ** model.tau),
            )


def base_rate_weights(model: Settings) -> list[BaseRateWeight]:
    """One row for every regime that a reference class is about."""
    fixed = constants(model, np.zeros((0, 2)))
    rows = []
    for regime in sorted({rate.regime for rate in model.base_rates}):
        location, scale = fixed.log_stay[regime]
        classes = [rate for rate in model.base_rates if rate.regime == regime]
        rows.append(
            BaseRateWeight(
                model.regimes[regime],
                sum(rate.relevance * rate.endings for rate in classes),
                float(sum(rate.relevance * rate.years_at_risk for rate in classes) / np.exp(location)),
                float(1 / scale**2) if scale > 0 else float("inf"),
                stay_quantile(model, fixed, regime, 0.5),
                (float(model.stays[regime, 0]), float(model.stays[regime, 1])),
            )
        )
    return rows
