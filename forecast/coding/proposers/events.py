"""Suggested ids of events: one for what an article tells twice, each else its own."""

from forecast.coding.proposers.duplicates import slug
from forecast.scenario.dates import parse_when
from forecast.scenario.record import Scenario

__all__ = ["Events"]


class Events:
    """Suggested ids of events: one for what one article tells twice, each else its own."""

    def __init__(self, scenario: Scenario, taken: set[str]) -> None:
        self._scenario = scenario
        self._taken = taken
        self._made: list[tuple[str, str, str]] = []

    def suggest(self, indicator: str, when: str, source: str) -> tuple[str, bool]:
        """An id, and whether an earlier proposal of this article has it."""
        is_state = self._scenario.codebook.indicators[indicator].kind == "condition"
        for other, other_when, event in self._made:
            if other == indicator and (is_state or _may_be_one(when, other_when)):
                return event, True
        stem = slug([indicator, when.partition("/")[0]]) if when else slug([indicator, source])
        event, number = stem, 2
        while event in self._taken:
            event, number = f"{stem}-{number}", number + 1
        self._taken.add(event)
        self._made.append((indicator, when, event))
        return event, False


def _may_be_one(when: str, other: str) -> bool:
    if not when or not other:
        return not when and not other
    a, b = parse_when(when), parse_when(other)
    return a.first <= b.last and b.first <= a.last
