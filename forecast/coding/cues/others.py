"""Whether a sentence tells of others than the partners of the case: two other states, and neither partner.

A speaker is not a party. A pronoun before the first state that is named refers to an earlier sentence. In doubt a
sentence is not of others, for what is proposed can be rejected.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from forecast.coding.cues.actors import Mention
from forecast.coding.cues.tokens import Token

__all__ = ["NOBODY", "Others", "is_party", "names_both", "others_in"]

#: So many others are parties to each other.
PARTIES = 2

#: Where others act more often than that it acts.
_PLACES = frozenset(("UN",))

_PRONOUNS = frozenset(
    ("he", "she", "they", "it", "his", "her", "their", "its", "this", "these", "those", "such", "both", "who")
)
#: `It is said that ...` refers to nothing.
_EXPLETIVE = frozenset(("is", "was", "seems", "appears", "remains"))

_BOTH = (
    ("two", "countries"), ("both", "countries"), ("two", "sides"), ("both", "sides"), ("two", "states"),
    ("two", "nations"),
    ("the", "parties"), ("two", "capitals"), ("two", "armies"), ("bilateral",), ("two", "allies"), ("two", "leaders"),
    ("the", "sides"), ("two", "governments"), ("both", "nations"), ("two", "neighbours"), ("two", "neighbors"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Others:
    """Keys of the actors whom a sentence tells of instead of a partner, if any; `are_two` where they may have the tie
    among themselves, so that no partner is wanted.
    """

    keys: frozenset[str] = frozenset()
    are_two: bool = False


NOBODY = Others()


def names_both(words: Sequence[Token]) -> int | None:
    """Where a sentence speaks of `the two countries`, if it does: the first token of that."""
    spelt = [token.text for token in words]
    places = (at for at in range(len(spelt)) if any(tuple(spelt[at : at + len(both)]) == both for both in _BOTH))
    return next(places, None)


def others_in(
    words: Sequence[Token],
    mentions: Sequence[Mention],
    speaking: Collection[Mention],
    partners: Collection[str],
    before: Others,
    *,
    near_partner: bool,
) -> Others:
    """The others whom a sentence tells of; nobody where it names a partner as a party, or refers to one.

    Parameters
    ----------
    words, mentions, speaking
        Of the sentence; who is `speaking` is not a party.
    partners
        Keys of the two actors whose tie the case is about.
    before
        The same of the sentence before it.
    near_partner
        Whether the sentences before it, in its paragraph, name a partner.
    """
    told = [one for one in mentions if one not in speaking]
    if any(one.key in partners for one in told):
        return NOBODY
    outside = frozenset(one.key for one in told) - _PLACES
    until = min((one.first for one in told), default=len(words))
    both = names_both(words)
    if both is not None and both < until:
        return before if before.are_two else NOBODY
    if _refers(words, until, speaking):
        # `he` and `they` may be anybody whom the paragraph names
        by_partner = near_partner or any(one.key in partners for one in speaking)
        return before if before.are_two and not by_partner else NOBODY
    if len(outside) < PARTIES and any(one.key in partners for one in mentions):
        return NOBODY
    return Others(outside, are_two=len(outside) >= PARTIES)


def is_party(words: Sequence[Token], mentions: Sequence[Mention], others: Collection[str], at: int) -> bool:
    """Whether one of the others does what is told by the cue at token `at`: it stands before that, or after `between`
    or `by`.
    """
    return any(
        one.first < at or any(token.text in ("between", "by") for token in words[max(one.first - 2, 0) : one.first])
        for one in mentions
        if one.key in others
    )


def _refers(words: Sequence[Token], until: int, speaking: Collection[Mention]) -> bool:
    """Whether a pronoun stands before the first party that is named."""
    # of a speaker's own words only what follows him can refer to him
    start = max((one.last + 1 for one in speaking if one.last < until), default=0)
    for at in range(start, until):
        after = words[at + 1].text if at + 1 < len(words) else ""
        if words[at].text in _PRONOUNS and not (words[at].text == "it" and after in _EXPLETIVE):
            return True
    return False
