"""The built-in proposer: cues of a lexicon and of the codebook, the tree of each sentence, names and dates; the same
text, the same proposals.

Parsing is offline. What a sentence says is decided by its grammar; which indicator it speaks for, by its words.
"""

from collections.abc import Callable, Iterator, Sequence

from forecast.about import VERSION
from forecast.coding.cues.actors import names
from forecast.coding.cues.indicators import indicator_cues
from forecast.coding.cues.relative_dates import numeric_order
from forecast.coding.cues.sentences import Sentence, notes, sentences
from forecast.coding.cues.tokens import tokens
from forecast.coding.grammar.tree import Tree, parsed
from forecast.coding.proposal import LeftOut, Omission, Proposal
from forecast.coding.proposers.events import Events
from forecast.coding.proposers.protocol import Material
from forecast.coding.proposers.row import Article, row
from forecast.coding.proposers.sentence import Read, body_of, read_sentence
from forecast.coding.proposers.statements import Statement, concluded, left_over, statements

__all__ = ["Lexical", "proposer"]

#: Context reaches back so many sentences within a paragraph.
CONTEXT = 3

#: Sentences beyond this length are lists or damage; only so many characters are looked at.
MOST_CHARS = 1_500

#: Sentences that are parsed at a time.
BATCH = 64

#: Characters of the beginning in which a dateline names its city.
HEAD_CHARS = 120


def proposer(argument: str) -> "Lexical":
    """The built-in proposer; it takes no argument."""
    del argument
    return Lexical()


class Lexical:
    """Proposes by the lexicon and the grammar."""

    name = f"lexicon {VERSION}"

    def propose(self, material: Material, progress: Callable[[float], None]) -> Iterator[Proposal | LeftOut]:
        """A proposal for each statement of a sentence that speaks for an indicator."""
        text, scenario = material.text, material.scenario
        everything = sentences(text)
        found = [one for one in everything if one.end - one.start <= MOST_CHARS]
        who = names(scenario)
        for one in found:
            who.learn(tokens(text, one.start, one.end))
        named = indicator_cues(scenario.codebook)
        events = Events(scenario, {report.event for report in scenario.reports})
        article = Article(material, found, notes(text), events, who, self.name)
        order = numeric_order(text, material.published, text[:HEAD_CHARS])
        before: list[Read] = []
        said_before: list[Statement] = []
        waiting: tuple[Read, list[Statement], list[Read]] | None = None
        for one in everything:
            if one.end - one.start > MOST_CHARS:
                yield _too_long(material, one)
        for number, (one, tree) in enumerate(_with_trees(text, found)):
            if number % BATCH == 0:
                progress(number / len(found))
            read = read_sentence(text, one, tree, who, before, material, order)
            said = [] if one.is_heading else statements(named, read, material, said_before)
            if waiting is not None:
                yield from _rows(article, *waiting, read, said)
            waiting = (read, said, list(before))
            if not said and (nearest := left_over(named, read, material)) is not None:
                yield _left_out(article, read, nearest.indicator)
            if before and before[-1].at.paragraph != one.paragraph:
                said_before = []
            said_before = [*said_before, *said]
            before.append(read)
            del before[:-CONTEXT]
        if waiting is not None:
            earlier, choices, context = waiting
            yield from (row(article, earlier, choice, context) for choice in choices)


def _with_trees(text: str, found: Sequence[Sentence]) -> Iterator[tuple[Sentence, Tree]]:
    for first in range(0, len(found), BATCH):
        part = found[first : first + BATCH]
        yield from zip(part, parsed(text, [body_of(text, one) for one in part]), strict=True)


def _rows(
    article: Article,
    earlier: Read,
    said: Sequence[Statement],
    context: Sequence[Read],
    read: Read,
    following: Sequence[Statement],
) -> Iterator[Proposal]:
    """The rows of a sentence, once the next one is known, which may say what it is a sign of."""
    taken_over = concluded(earlier, said, read, following)
    yield from (row(article, earlier, one, context) for one in ([taken_over] if taken_over else said))


def _left_out(article: Article, read: Read, indicator: str) -> LeftOut:
    """A sentence with words of an indicator that is not proposed, with the reason."""
    material, at = article.material, read.at
    partners = " or ".join(material.scenario.file.actors[key].name for key in material.partners)
    others: tuple[str, ...] = ()
    if read.at.is_heading:
        code, why = Omission.HEADING, "is a heading; the article usually says it again"
    elif read.others.keys:
        others = tuple(sorted(read.others.keys))
        called = " and ".join(article.who.called(key) for key in others)
        code, why = Omission.OTHERS, f"seems to tell of {called}, not of {partners}"
    else:
        code, why = Omission.TOO_LITTLE, f"has words of it, but does not name {partners} as a party"
    return LeftOut(
        sentence=material.text[at.start : at.end],
        start=at.start,
        end=at.end,
        locator=f"paragraph {at.paragraph}, sentence {at.number}",
        indicator=indicator,
        others=others,
        why=why,
        code=code,
    )


def _too_long(material: Material, at: Sentence) -> LeftOut:
    return LeftOut(
        sentence=material.text[at.start : at.start + MOST_CHARS],
        start=at.start,
        end=at.start + MOST_CHARS,
        locator=f"paragraph {at.paragraph}, sentence {at.number}",
        indicator="",
        others=(),
        why=f"has {at.end - at.start:,} characters; only sentences of up to {MOST_CHARS:,} are read",
        code=Omission.TOO_LONG,
    )
