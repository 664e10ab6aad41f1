"""A reference class from a table of spells: endings, years at risk, how long such things last, and the entry for it.

With `in_force`, only what happened in those years counts: spells that began earlier enter late, and leave at their end.
"""

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forecast.coding.spells import Condition, Spells
from forecast.coding.survival import Curve, kaplan_meier
from forecast.errors import Finding, InputError
from forecast.scenario.dates import ACCEPTED_WHEN, parse_when
from forecast.scenario.render import flow

__all__ = ["DAYS_PER_YEAR", "BaseRate", "base_rate", "entry", "snippet", "years"]

DAYS_PER_YEAR = 365.25

#: What ends on the day on which it begins has lasted half a day; without that it would never have been at risk.
SHORTEST_DAYS = 0.5

#: Stands in the entry where no regime was named; no codebook has it, so `check` asks for one.
NO_REGIME = "REGIME"

LINE_CHARS = 80


@dataclass(frozen=True, slots=True)
class BaseRate:
    """A reference class: `n` spells, of which `endings` ended for one of the causes that count.

    `causes` has the number of all endings by cause, counted or not. `curve` is over all endings; ages in years.
    `n_outside` spells were read and not in force in the years that count.
    """

    n: int
    endings: int
    years_at_risk: float
    causes: Mapping[str, int]
    counted: tuple[str, ...]
    curve: Curve
    n_outside: int = 0


def base_rate(spells: Spells, counted: Sequence[str] = (), in_force: tuple[date, date] | None = None) -> BaseRate:
    """Count endings and years at risk, and estimate how long such spells last.

    Parameters
    ----------
    spells
        What was read.
    counted
        Causes that count as endings; all if there are none. Endings from other causes end the time at risk.
    in_force
        First and last day of the years that count; by default all.

    Raises
    ------
    InputError
        If no spell is left, or a cause does not occur.
    """
    entered, left, causes = [], [], []
    for spell in spells.spells:
        first, last, cause = spell.begin, spell.end or spells.censored_on, spell.cause
        if in_force is not None:
            if spell.begin > in_force[1] or last < in_force[0]:
                continue
            if last > in_force[1]:
                # still in force at the midnight after the last day
                last, cause = in_force[1] + timedelta(days=1), None
            first = max(first, in_force[0])
        begun = spell.begin.toordinal()
        entered.append((first.toordinal() - begun) / DAYS_PER_YEAR)
        left.append(max(last.toordinal() - begun, first.toordinal() - begun + SHORTEST_DAYS) / DAYS_PER_YEAR)
        causes.append(cause)
    if not entered:
        why = "".join(f"; {n} rows: {reason}" for reason, n in spells.skipped.items())
        message = f"no row is left of {spells.n_rows}: {spells.n_filtered} do not meet the filter{why}"
        raise InputError(Finding("error", message, accepted="a filter that some rows meet, days as YYYY-MM-DD or YYYY"))
    by_cause = Counter(cause for cause in causes if cause is not None)
    unknown = [cause for cause in counted if cause not in by_cause]
    if unknown:
        known = ", ".join(by_cause) or "none: nothing has ended"
        raise InputError(
            Finding("error", f"nothing ended as '{unknown[0]}'", key="--endings", found=unknown[0], accepted=known)
        )
    ages, exits = np.array(entered), np.array(left)
    wanted = tuple(counted) or tuple(by_cause)
    return BaseRate(
        n=len(causes),
        endings=sum(by_cause[cause] for cause in wanted),
        years_at_risk=float(np.sum(exits - ages)),
        causes=dict(by_cause.most_common()),
        counted=wanted,
        curve=kaplan_meier(ages, exits, causes),
        n_outside=len(spells.spells) - len(causes),
    )


def entry(
    rate: BaseRate,
    spells: Spells,
    conditions: Sequence[Condition],
    *,
    name: str,
    about: str | None,
    relevance: float | None,
    dataset: str,
    source: str,
    in_force: tuple[date, date] | None = None,
) -> dict[str, object]:
    """The class as an entry of `base_rates`.

    Without a `relevance` the whole class weighs as much as one ending that was seen in the case itself: a place to
    start from, for somebody has to judge how much the class has to do with the case.
    """
    parts = [", ".join(map(str, conditions)) or "all rows"]
    if in_force is not None:
        parts.append(f"in force between {in_force[0]} and {in_force[1]}")
    causes = ", ".join(f"{n} {cause}" for cause, n in rate.causes.items())
    n_ended = sum(rate.causes.values())
    parts.append(f"n = {rate.n}, of which {n_ended} ended{f' ({causes})' if causes else ''}")
    if rate.endings != n_ended:
        parts.append(f"only {', '.join(rate.counted)} counted as endings")
    parts.append(f"coded to {spells.censored_on}")
    weight = relevance if relevance is not None else float(f"{1 / max(rate.endings, 1):.1g}")
    return {
        "id": name,
        "about": about or NO_REGIME,
        "endings": rate.endings,
        "years_at_risk": round(rate.years_at_risk, 2),
        "relevance": weight,
        "dataset": dataset,
        "filter": "; ".join(parts),
        "source": source,
    }


def years(text: str) -> tuple[date, date]:
    """First and last day of `1946/2016`, `1989` or `1946-01-01/2016-12-31`.

    Raises
    ------
    InputError
        If the text is no span of days.
    """
    try:
        when = parse_when(text)
    except ValueError as error:
        raise InputError(Finding("error", f"{error}", key="--in-force", found=text, accepted=ACCEPTED_WHEN)) from error
    return when.first, when.last


def snippet(fields: Mapping[str, object]) -> str:
    """The entry as YAML, to be pasted below `base_rates:` of a scenario.yaml."""
    return "base_rates:\n  - " + "\n    ".join(_lines(key, value) for key, value in fields.items()) + "\n"


def _lines(key: str, value: object) -> str:
    text = f"{key}: {flow(value)}"
    if len(text) <= LINE_CHARS or not isinstance(value, str) or not value.isprintable():
        return text
    return f"{key}: >-\n" + textwrap.fill(
        value, LINE_CHARS, initial_indent=" " * 6, subsequent_indent=" " * 6, break_on_hyphens=False
    )
