"""Evidence far outside of what the stated ranges expect: copies of one event, another unit of count, or wrong ranges.

The model then answers from a corner in which no range was meant to hold, and its certainty is not to be trusted.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from forecast.model.evidence_set import EvidenceSet
from forecast.model.version import Settings

__all__ = ["RARE", "FarIndicator", "far_indicators"]

#: Probability below which a count is far outside: of a thousand counts that fit the ranges, none is found.
RARE = 1e-6

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12


@dataclass(frozen=True, slots=True)
class FarIndicator:
    """An indicator with more events than its ranges expect: `n` `when`, where `most_per_year` is the highest end."""

    indicator: str
    n: int
    when: str
    most_per_year: float

    def __str__(self) -> str:
        return (
            f"{self.n} events of {self.indicator} {self.when}, and the stated ranges expect at most "
            f"{self.most_per_year:g} a year in any regime: look for copies of one event and for `counts_as`, or state "
            "wider ranges; until then do not trust how sure the answers are"
        )


def far_indicators(evidence: EvidenceSet, model: Settings, as_of: date) -> Iterator[FarIndicator]:
    """Indicators whose events, in a month or in all, are far more than the upper ends of their ranges expect.

    Parameters
    ----------
    evidence
        Events that count.
    model
        With the ranges of events per year; a version without them expects nothing.
    as_of
        Last day of the evidence.
    """
    if not len(model.per_year):
        return
    n_years = max((as_of - evidence.start).days / DAYS_PER_YEAR, DAYS_PER_MONTH / DAYS_PER_YEAR)
    for number, indicator in enumerate(model.events):
        days = [event.first for event in evidence.events if event.indicator == indicator]
        most = float(model.per_year[number].max())
        if not days:
            continue
        month, n = max(Counter((day.year, day.month) for day in days).items(), key=lambda pair: pair[1])
        if _log_tail(n, most / 12) < math.log(RARE / (12 * n_years)):
            yield FarIndicator(indicator, n, f"in {month[0]}-{month[1]:02}", most)
        elif _log_tail(len(days), most * n_years) < math.log(RARE):
            yield FarIndicator(indicator, len(days), f"since {evidence.start}", most)


def _log_tail(n: int, expected: float) -> float:
    """An upper bound of the logarithm of the probability of `n` or more events (Chernoff's for Poisson counts)."""
    return 0.0 if n <= expected else n - expected - n * math.log(n / expected)
