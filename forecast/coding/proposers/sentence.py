"""One sentence with all that cues find in it: words, names, dates, hedges and acts."""

from collections.abc import Sequence
from dataclasses import dataclass

from forecast.coding.cues.actors import Mention, Names
from forecast.coding.cues.asserted import hedge_hits
from forecast.coding.cues.dates import Dated, dates
from forecast.coding.cues.event_class import Classified, event_class
from forecast.coding.cues.indicators import Sentence as Weighed
from forecast.coding.cues.others import NOBODY, Others, names_both, others_in
from forecast.coding.cues.patterns import Hit
from forecast.coding.cues.sentences import Sentence
from forecast.coding.cues.tokens import Token, tokens
from forecast.coding.proposal import Because
from forecast.coding.proposers.protocol import Material

__all__ = ["Read", "because_of", "read_sentence"]


@dataclass(frozen=True, slots=True)
class Read:
    """One sentence with all that was found in it.

    `others` are whom it tells of instead of the partners; `is_near` is false where neither it nor a sentence shortly
    before it names a partner.
    """

    at: Sentence
    words: Sequence[Token]
    mentions: Sequence[Mention]
    dated: Sequence[Dated]
    hedges: Sequence[Hit[str]]
    act: Classified | None
    seen: Weighed
    others: Others
    is_near: bool


def read_sentence(text: str, at: Sentence, who: Names, before: Sequence[Read], material: Material) -> Read:
    """Find it all in a sentence; names in the sentences `before` it, within the paragraph, are implied."""
    words = tokens(text, at.start, at.end)
    mentions = who.mentions(words)
    titles = who.titles(words, mentions)
    near = [one for one in before if one.at.paragraph == at.paragraph]
    implied = {mention.key for one in near for mention in one.mentions}
    act = event_class(text, at.start, at.end)
    seen = Weighed(
        words, mentions, titles, frozenset(implied), act.name if act else None, names_both(words) is not None
    )
    begin = _after_dateline(text, at, words)
    dated = [one for one in dates(text, at.start, at.end, material.published) if one.start >= begin]
    hedges = [hit for hit in hedge_hits(words) if words[hit.first].start >= begin]
    partners = frozenset(material.partners)
    others = others_in(
        words,
        mentions,
        hedges,
        partners,
        before[-1].others if before else NOBODY,
        near_partner=bool(partners & implied),
    )
    is_near = any(
        mention.key in partners for mentioned in (mentions, *(one.mentions for one in before)) for mention in mentioned
    )
    return Read(at, words, mentions, dated, hedges, act, seen, others, is_near)


#: A dateline is no longer than this, in tokens.
DATELINE = 16


def _after_dateline(text: str, at: Sentence, words: Sequence[Token]) -> int:
    """Where the sentence begins behind `CITY, day (Agency) -`, whose day is that of the article."""
    if at.number > 1 or not words or not (words[0].raw.isupper() and len(words[0].raw) > 2):
        return at.start
    for token in words[1:DATELINE]:
        if token.text in "-–—" and text[token.start - 1].isspace():
            return token.end
    return at.start


def because_of(text: str, words: Sequence[Token], field: str, hit: Hit[object], note: str) -> Because:
    """The words of a cue as the reason for a field."""
    start, end = words[hit.first].start, words[hit.last].end
    return Because(field, text[start:end], start, end, note)
