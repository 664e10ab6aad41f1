"""Which indicators a sentence speaks for: its best, a second one in another part, or what the next one concludes."""

from collections.abc import Sequence
from dataclasses import replace

from forecast.coding.cues.clauses import aside_of, asides, clause_of
from forecast.coding.cues.indicators import Named, Scored, scored
from forecast.coding.cues.others import is_party
from forecast.coding.proposers.protocol import Material
from forecast.coding.proposers.sentence import Read

__all__ = ["chosen_indicators", "concluded", "of_others", "seems_of_others"]

#: The least that the cues of a sentence must be worth.
LEAST = 0.7

#: The least that a second indicator of one sentence must be worth, by words of its own.
LEAST_SECOND = 0.85


def chosen_indicators(named: Named, read: Read, material: Material) -> list[Scored]:
    """The best indicator, and a second one whose words stand in another part of the sentence."""
    found = _worth(named, read, material)
    found = [one for one in found if not _tells_of_others(one, read, material)]
    if not found:
        return []
    first = found[0]
    within = asides(read.words)
    place = aside_of(first.hits[0].first, within), clause_of(read.words, first.hits[0].first)
    for other in found[1:]:
        shares = any(a.first <= b.last and b.first <= a.last for a in first.hits for b in other.hits)
        at = other.hits[0].first
        elsewhere = (aside_of(at, within), clause_of(read.words, at)) != place
        if not shares and elsewhere and other.score >= LEAST_SECOND:
            return sorted([first, other], key=lambda one: one.hits[0].first)
    return [first]


def of_others(named: Named, read: Read, material: Material) -> Scored | None:
    """What a sentence would be proposed for if it did not tell of others than the partners."""
    return next(iter(_worth(named, read, material)), None) if read.others.are_two else None


def seems_of_others(choice: Scored, read: Read) -> bool:
    """Whether an act between the partners is told with others in it and no partner, though one is named nearby."""
    others = read.others
    if not choice.of_partners or not others.keys:
        return False
    return others.are_two or is_party(read.words, read.mentions, others.keys, choice.hits[-1].first)


def _worth(named: Named, read: Read, material: Material) -> list[Scored]:
    return [one for one in scored(named, read.seen, material.partners) if one.score >= LEAST]


def _tells_of_others(choice: Scored, read: Read, material: Material) -> bool:
    """Whether others do what the words say, and it cannot be what the indicator asks of outsiders."""
    if not read.others.are_two:
        return False
    here = {mention.key for mention in read.mentions}
    if not (read.seen.implied | here) & set(material.partners):
        return True
    # drills of rivals threaten a partner who is named nearby; a visit of theirs is no visit of his
    named = read.others.keys & here
    return choice.of_partners and (not named or is_party(read.words, read.mentions, named, choice.hits[-1].first))


#: Verbs by which a sentence concludes from the one before it.
_CONCLUDES = frozenset(
    ["indicate", "indicates", "indicated", "suggest", "suggests", "suggested", "imply", "implies", "shows", "show"]
)
_CONTENT = 5


def concluded(before: Read, chosen: Sequence[Scored], read: Read, mine: Sequence[Scored]) -> Scored | None:
    """The indicator that a sentence takes from the next one, which says what it is a sign of.

    `Pictures show trains at the border. The trains suggest that weapons are delivered.` The first is what was seen of
    it.
    """
    if not chosen or not mine or read.at.paragraph != before.at.paragraph:
        return None
    verb = next((n for n, token in enumerate(read.words) if token.text in _CONCLUDES), None)
    if verb is None or mine[0].hits[0].first < verb or mine[0].indicator == chosen[0].indicator:
        return None
    subject = {token.text for token in read.words[:verb] if len(token.text) >= _CONTENT}
    names = {token.text for m in before.mentions for token in before.words[m.first : m.last + 1]}
    told = {token.text for token in before.words if len(token.text) >= _CONTENT} - names
    refers = bool(subject & told) or read.words[0].text in ("this", "these", "that", "which")
    if not refers:
        return None
    remark = "the next sentence concludes this from it"
    return replace(chosen[0], indicator=mine[0].indicator, remarks=(*chosen[0].remarks, remark))
