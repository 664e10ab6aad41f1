"""When it happened, as far as a sentence and the one before it tell."""

from collections.abc import Sequence
from datetime import timedelta

from forecast.coding.cues.clauses import aside_of, asides
from forecast.coding.cues.dates import Dated
from forecast.coding.cues.indicators import Scored
from forecast.coding.proposal import Because
from forecast.coding.proposers.protocol import Material
from forecast.coding.proposers.sentence import Read
from forecast.scenario.dates import parse_when

__all__ = ["when_of"]


def when_of(material: Material, read: Read, choice: Scored, before: Sequence[Read]) -> tuple[str, list[Because]]:
    """When it happened, as far as the text tells, and which words say so."""
    text, words = material.text, read.words
    first, last = min(hit.first for hit in choice.hits), max(hit.last for hit in choice.hits)
    within = asides(words)
    own = aside_of(first, within)
    speech = [hit for hit in read.hedges if hit.key == "speech" and not first <= hit.first <= last]
    told: list[tuple[int, int, Dated]] = []
    happened: list[tuple[int, int, Dated]] = []
    for dated in read.dated:
        at = [number for number, token in enumerate(words) if dated.start <= token.start < dated.end]
        if not at or (aside_of(at[0], within) is not None and aside_of(at[0], within) != own):
            continue
        distance = _gap(at[0], at[-1], first, last)
        of_speech = min((_gap(at[0], at[-1], hit.first, hit.last) for hit in speech), default=10**6)
        (told if of_speech < distance else happened).append((distance, at[0], dated))
    for found, is_told in ((happened, False), (told, True)):
        if found:
            dated = min(found, key=lambda one: one[:2])[2]
            when = dated.when
            note = f"read as {when}"
            if is_told:
                when, note = _told_on(when)
            return when, [Because("when", text[dated.start : dated.end], dated.start, dated.end, note)]
    previous = before[-1] if before and before[-1].at.paragraph == read.at.paragraph else None
    if previous is not None and previous.dated:
        dated = previous.dated[-1]
        month = parse_when(dated.when).first.isoformat()[:7]
        if parse_when(dated.when).n_days <= 31 and parse_when(month).first <= material.published:
            note = f"no date here; the sentence before has one, so about {month}"
            return month, [Because("when", text[dated.start : dated.end], dated.start, dated.end, note)]
    note = f"no date is told; a state that holds is usually given the article's day, {material.published}"
    return "", [Because("when", "", read.at.start, read.at.start, note)]


def _told_on(when: str) -> tuple[str, str]:
    """What is told on a day has happened on it or on the day before."""
    span = parse_when(when)
    if not span.is_precise:
        return when, f"the time of the statement, {when}"
    return (
        f"{span.first - timedelta(days=1)}/{span.first}",
        f"the day of the statement: it happened on {when} or the day before",
    )


def _gap(first: int, last: int, other_first: int, other_last: int) -> int:
    return max(other_first - last, first - other_last, 0)
