"""The event class of a sentence (PLOVER): which of its verbs governs the others, by position and by what stands
around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from forecast.coding.cues.lexicon import classes, intent
from forecast.coding.cues.patterns import Finder, Hit
from forecast.coding.cues.tokens import Token, tokens

__all__ = ["Classified", "event_class"]

_COOPERATIVE = frozenset(("CONSULT", "SUPPORT", "COOPERATE", "AID", "CONCEDE", "RETREAT", "AGREE"))

#: Classes of what is said rather than done: they govern the act that they are about.
_SPOKEN = frozenset(("AGREE", "DEMAND", "DISAPPROVE", "REJECT", "THREATEN"))


@dataclass(frozen=True, slots=True)
class Classified:
    """A class and the cue that decided it, by place in the text."""

    name: str
    words: str
    start: int
    end: int


@cache
def _classes() -> Finder[tuple[str, bool]]:
    return Finder(classes())


@cache
def _intent() -> Finder[str]:
    return Finder(intent())


def event_class(text: str, start: int = 0, end: int | None = None) -> Classified | None:
    """The class of what a sentence tells, None where no cue stands in it.

    The first verb governs, for English puts the main verb before what it governs: `rejected a call to release` is
    REJECT. Verbs behind `after`, `accused of` and the like tell of another act; a noun decides only where no verb
    does; an act of cooperation that is still to come is AGREE, one of conflict THREATEN.
    """
    words = tokens(text, start, end)
    hits = [hit for hit in _longest(_classes().find(words)) if not _is_name(words, hit)]
    if not hits:
        return None
    marks = _intent().find(words)
    away = [hit.first for hit in marks if hit.key == "about"]
    ranked = sorted(hits, key=lambda hit: _order(words, hit, away))
    chosen = ranked[0]
    name = chosen.key[0]
    wills = any(_wills(hit, chosen) for hit in marks)
    if wills and any(hit.key == "condition" for hit in marks):
        name = "THREATEN"
    elif name in _COOPERATIVE and _is_negated(words, chosen):
        name = "REJECT"
    elif name not in _SPOKEN and wills:
        name = "AGREE" if name in _COOPERATIVE else "THREATEN"
    first, last = words[chosen.first], words[chosen.last]
    return Classified(name, text[first.start : last.end], first.start, last.end)


#: Between a negation and the verb that it denies.
NEGATION_REACH = 3


def _is_negated(words: Sequence[Token], act: Hit[tuple[str, bool]]) -> bool:
    """Whether the act is not done: `will not accept`."""
    return any(
        token.text in ("not", "never", "cannot") for token in words[max(0, act.first - NEGATION_REACH) : act.first]
    )


def _is_name(words: Sequence[Token], hit: Hit[tuple[str, bool]]) -> bool:
    """Whether the word is part of a name (`Amnesty International`) or of a compound (`the rebel-held town`)."""
    after = words[hit.first + 1] if hit.first + 1 < len(words) else None
    named = hit.first == hit.last and words[hit.first].is_capital and after is not None and after.is_capital
    return named or (hit.first > 0 and words[hit.first - 1].text == "-")


def _wills(mark: Hit[str], act: Hit[tuple[str, bool]]) -> bool:
    return mark.key == "intent" and 0 < act.first - mark.last <= 4


def _order(words: Sequence[Token], hit: Hit[tuple[str, bool]], away: Sequence[int]) -> tuple[bool, bool, int]:
    """What comes first governs."""
    is_verb = hit.key[1] and not _is_noun(words, hit)
    led_away = any(at < hit.first for at in away)
    return (led_away, not is_verb, hit.first)


_DETERMINERS = frozenset(
    (
        "the",
        "a",
        "an",
        "its",
        "his",
        "her",
        "their",
        "of",
        "any",
        "no",
        "this",
        "that",
        "'s",
        "for",
        "new",
        "joint",
        "more",
    )
)


def _is_noun(words: Sequence[Token], hit: Hit[tuple[str, bool]]) -> bool:
    """Whether a word that may be a verb stands where a noun does: `the attack`, `its support for`."""
    if hit.first == 0:
        return False
    word = words[hit.first].text
    if word == "alleged":
        return True
    return words[hit.first - 1].text in _DETERMINERS and not word.endswith(("ed", "ing"))


def _longest(hits: Sequence[Hit[tuple[str, bool]]]) -> list[Hit[tuple[str, bool]]]:
    """Of cues that begin in one place the longest, the most words first; the first class named where they are equal."""
    best: dict[int, Hit[tuple[str, bool]]] = {}
    for hit in hits:
        other = best.get(hit.first)
        if other is None or len(hit.cue.words) > len(other.cue.words):
            best[hit.first] = hit
    return list(best.values())
