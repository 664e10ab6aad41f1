"""One sentence with all that is found in it: words, tree, names, dates and phrases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forecast.coding.cues.actors import Mention, Names
from forecast.coding.cues.asserted import hedge_hits
from forecast.coding.cues.dateline import after_dateline
from forecast.coding.cues.dates import Dated, dates
from forecast.coding.cues.event_class import Classified, event_class
from forecast.coding.cues.indicators import Sentence as Weighed
from forecast.coding.cues.others import NOBODY, Others, names_both, others_in
from forecast.coding.cues.patterns import Hit
from forecast.coding.cues.relative_dates import Order
from forecast.coding.cues.sentences import Sentence
from forecast.coding.cues.tokens import Token, tokens
from forecast.coding.grammar.table import table
from forecast.coding.grammar.tree import Tree
from forecast.coding.grammar.voices import aside_voices, subject
from forecast.coding.proposal import Because
from forecast.coding.proposers.protocol import Material

__all__ = ["Read", "because_of", "body_of", "read_sentence"]


@dataclass(frozen=True, slots=True)
class Read:
    """One sentence with all that was found in it.

    `begin` is where it begins behind a dateline. `tree_at` gives for each token the word of the tree that covers it,
    and `named` the actor of each word of the tree that names one. `others` are the states that it tells of instead of
    the partners; `is_near` is false where neither it nor a sentence shortly before it names a partner. `entry` is the
    day of an entry in a chronology.
    """

    at: Sentence
    begin: int
    words: Sequence[Token]
    tree: Tree
    tree_at: Sequence[int | None]
    mentions: Sequence[Mention]
    speaking: Sequence[Mention]
    named: Mapping[int, str]
    dated: Sequence[Dated]
    entry: Dated | None
    hedges: Sequence[Hit[str]]
    act: Classified | None
    seen: Weighed
    others: Others
    is_near: bool


def body_of(text: str, at: Sentence) -> tuple[int, int]:
    """The part of a sentence that is parsed: without a dateline or the day of an entry."""
    return (after_dateline(text, at.start, at.end) if at.number == 1 else at.start), at.end


def read_sentence(
    text: str, at: Sentence, tree: Tree, who: Names, before: Sequence[Read], material: Material, order: Order
) -> Read:
    """Find it all in a sentence; names in the sentences `before` it, within the paragraph, are implied."""
    begin, end = body_of(text, at)
    words = tokens(text, begin, end)
    tree_at = [tree.at(token.start) for token in words]
    mentions = who.mentions(words)
    titles = who.titles(words, mentions)
    speaking = _speaking(tree, tree_at, mentions)
    near = [one for one in before if one.at.paragraph == at.paragraph]
    implied = {mention.key for one in near for mention in one.mentions}
    around = {m.key for one in before for m in one.mentions} | {one.key for one in speaking}
    if not titles and near and words and _continues(words):
        # `the two met again` is told of those who met before
        titles = list(near[-1].seen.titles)
    act = event_class(text, begin, end)
    acting = [one for one in mentions if one not in speaking]
    both = names_both(words) is not None
    seen = Weighed(words, acting, titles, frozenset(around), act.name if act else None, both)
    last = next((one.dated[-1].when for one in reversed(before) if one.dated), None)
    dated = dates(text, begin, end, material.published, order=order, last=last)
    entry = None
    if begin > at.start and text[at.start : begin].rstrip().endswith(":"):
        entry = next(iter(dates(text, at.start, begin, material.published, order=order)), None)
    elif near:
        entry = near[-1].entry
    partners = frozenset(material.partners)
    others = others_in(
        words,
        mentions,
        speaking,
        partners,
        before[-1].others if before else NOBODY,
        near_partner=bool(partners & implied),
    )
    is_near = any(m.key in partners for listed in (mentions, *(one.mentions for one in before)) for m in listed)
    return Read(
        at=at,
        begin=begin,
        words=words,
        tree=tree,
        tree_at=tree_at,
        mentions=mentions,
        speaking=speaking,
        named=_named(tree_at, mentions),
        dated=dated,
        entry=entry,
        hedges=hedge_hits(words),
        act=act,
        seen=seen,
        others=others,
        is_near=is_near,
    )


_PRONOUNS = frozenset(("they", "he", "she", "both", "neither"))


_SAME = frozenset(
    ("two", "leaders", "ministers", "presidents", "pair", "meeting", "visit", "talks", "summit", "trip", "journey")
)


def _continues(words: Sequence[Token]) -> bool:
    """Whether a sentence begins with a word for those of the sentence before it."""
    first, second = words[0].text, words[1].text if len(words) > 1 else ""
    return first in _PRONOUNS or (first == "the" and second in _SAME)


def _named(tree_at: Sequence[int | None], mentions: Sequence[Mention]) -> dict[int, str]:
    found: dict[int, str] = {}
    for mention in mentions:
        for token in range(mention.first, mention.last + 1):
            if (word := tree_at[token]) is not None:
                found[word] = mention.key
    return found


def _speaking(tree: Tree, tree_at: Sequence[int | None], mentions: Sequence[Mention]) -> list[Mention]:
    """Who only says it: names in the subject of a verb that reports a clause, or behind `according to`."""
    words = table()
    heads: set[int] = set()
    for at, word in enumerate(tree.words):
        if word.is_verb and word.lemma in words["says"] | words["denies"] and tree.children(at, "ccomp", "parataxis"):
            who = subject(tree, at)
            heads |= set() if who is None else {who}
        heads |= {one.speaker for one in aside_voices(tree, at) if one.speaker is not None}
    inside = {one for head in heads for one in tree.phrase(head)}
    return [one for one in mentions if tree_at[one.first] in inside or tree_at[one.last] in inside]


def because_of(text: str, words: Sequence[Token], field: str, hit: Hit[object], note: str) -> Because:
    """The words of a cue as the reason for a field."""
    start, end = words[hit.first].start, words[hit.last].end
    return Because(field, text[start:end], start, end, note)
