"""What of the existing evidence a proposal may repeat: the same words, the same event, the same origin."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from forecast.coding.proposal import Duplicate
from forecast.scenario.dates import When, parse_when
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Report

__all__ = ["Repeated", "repeated", "slug"]

#: Reports of one event differ by some days in what they say; a state of affairs is one until somebody says otherwise.
NEAR_DAYS = 7

#: The nearest few; a long list is read by nobody.
MOST = 3

#: A state that was told of so recently is taken to be the same spell.
SAME_SPELL_DAYS = 183


@dataclass(frozen=True, slots=True)
class Repeated:
    """The reports that may be repeated, likeliest first, and the event that it is taken to be, if any."""

    duplicates: tuple[Duplicate, ...]
    event: str | None


def repeated(scenario: Scenario, source: str, indicator: str, when: str, origin: str, words: str) -> Repeated:
    """Hold a proposal against the existing evidence.

    Parameters
    ----------
    scenario
        The case with its reports.
    source, indicator, when, origin, words
        Of the proposal; `when` may be '', `words` is its sentence.
    """
    told = parse_when(when) if when else None
    found: list[tuple[int, int, Duplicate, bool]] = []
    for report in scenario.reports:
        reasons, same = _reasons(scenario, report, source, indicator, told, origin, words)
        if reasons:
            found.append(
                (-len(reasons), _days(report, told), Duplicate(report.id, report.event, "; ".join(reasons)), same)
            )
    found.sort(key=lambda one: (not one[3], *one[:2], one[2].report))
    certain = next((duplicate.event for _, _, duplicate, same in found if same), None)
    return Repeated(tuple(duplicate for _, _, duplicate, _ in found[:MOST]), certain)


def _reasons(
    scenario: Scenario, report: Report, source: str, indicator: str, told: When | None, origin: str, words: str
) -> tuple[list[str], bool]:
    """Why it may be the same, and whether it is taken to be."""
    reasons: list[str] = []
    quoted = report.quote is not None and report.source == source and _bare(report.quote) in _bare(words)
    if quoted:
        return ["the same words of the same source"], True
    if report.indicator != indicator:
        return [], False
    entry = scenario.codebook.indicators[indicator]
    same = False
    if told is not None and report.when is not None:
        slack = timedelta(days=NEAR_DAYS if entry.kind == "event" else SAME_SPELL_DAYS)
        if told.first - slack <= report.when.last and report.when.first <= told.last + slack:
            reasons.append(f"{indicator} at the same time ({report.when})")
            # an imprecise date fits many events
            same = entry.kind == "condition" or max(told.n_days, report.when.n_days) <= 2 * NEAR_DAYS
    elif told is None and entry.kind == "condition":
        reasons.append("the same state of affairs")
    if (reasons or told is None) and report.origin == origin and origin != source:
        reasons.append(f"the same origin ({origin})")
    return reasons, same


def _days(report: Report, told: When | None) -> int:
    if told is None or report.when is None:
        return 10**6
    return abs((told.first - report.when.first).days)


_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    """The words alone, in small letters."""
    return " ".join(_WORD.findall(text.lower()))


def slug(parts: Iterable[str]) -> str:
    """Some words as an id."""
    plain = unicodedata.normalize("NFKD", "-".join(parts)).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())
