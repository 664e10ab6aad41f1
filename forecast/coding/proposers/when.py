"""When it happened, as far as a sentence and the one before it tell."""

from collections.abc import Sequence
from datetime import timedelta

from forecast.coding.act import Doubt, DoubtCode, Manner
from forecast.coding.cues.dates import Dated
from forecast.coding.proposal import Because
from forecast.coding.proposers.protocol import Material
from forecast.coding.proposers.sentence import Read
from forecast.coding.proposers.statements import Statement
from forecast.scenario.dates import parse_when

__all__ = ["When", "when_of"]

type When = tuple[str, list[Because], list[Doubt]]

#: A date as exact as this dates also what the next sentence says about the same act.
MOST_DAYS = 31

#: Nouns whose date is that of the words, not of the act: `in a statement on Monday`.
_SPOKEN = frozenset(("statement", "speech", "interview", "briefing", "communique", "article", "letter", "tweet"))

_CONTINUES = frozenset(("they", "it", "he", "she", "both", "this", "these", "there"))


def when_of(material: Material, read: Read, said: Statement, before: Sequence[Read]) -> When:
    """When it happened, which words say so, and what is doubtful about it."""
    text, tree = material.text, read.tree
    predicate = tree.clause(said.anchor)
    voice = said.reading.voice
    above = list(tree.up(predicate))
    own: list[tuple[int, Dated]] = []
    spoken: list[Dated] = []
    other: list[Dated] = []
    for dated in read.dated:
        word = tree.at(dated.start)
        is_plan = said.reading.manner is not Manner.ACT or said.reading.denies
        if word is None or (dated.is_aim and not is_plan and not parse_when(dated.when).is_precise):
            continue
        clause = tree.clause(word)
        if any(tree.words[one].lemma in _SPOKEN for one in tree.up(word) if one != word):
            spoken.append(dated)
        elif _hangs_on(read, word, said.anchor):
            own.append((0, dated))
        elif clause == predicate and _is_in_subject(read, word, predicate, said.anchor):
            other.append(dated)
        elif clause == predicate:
            own.append((1, dated))
        elif (
            not said.reading.denies
            and tree.words[predicate].dep in ("conj", "xcomp", "pcomp")
            and clause == tree.clause(tree.words[predicate].head)
        ):
            own.append((2, dated))
        elif voice is not None and clause in above:
            spoken.append(dated)
        elif tree.words[clause].dep not in ("relcl", "advcl", "acl") or predicate in tree.up(clause):
            other.append(dated)
    if own and not said.refers_back:
        nearest = min(own, key=lambda one: (one[0], _distance(read, said, one[1])))[1]
        return _told(text, nearest, nearest.when, f"read as {nearest.when}")
    if said.reading.denies or said.reading.manner is not Manner.ACT:
        dated_entry = read.entry if voice is None or said.reading.denies else None
        if dated_entry is not None:
            return _told(text, dated_entry, dated_entry.when, f"the day of this entry, {dated_entry.when}")
        return _untold(material, read)
    is_state = material.scenario.codebook.indicators[said.choice.indicator].kind == "condition"
    if other and not spoken and read.entry is None and not is_state:
        return _told(text, other[0], other[0].when, f"read as {other[0].when}")
    if spoken:
        when, note = _told_on(spoken[0].when)
        return _told(text, spoken[0], when, note)
    if read.entry is not None:
        return _told(text, read.entry, read.entry.when, f"the day of this entry, {read.entry.when}")
    previous = before[-1] if before and before[-1].at.paragraph == read.at.paragraph else None
    if previous is not None and previous.dated and read.words and read.words[0].text in _CONTINUES | {"the"}:
        dated = previous.dated[-1]
        span = parse_when(dated.when)
        is_both = read.seen.names_both or read.words[0].text in _CONTINUES
        if is_both and span.n_days <= MOST_DAYS and span.first <= material.published:
            return _told(text, dated, dated.when, f"no date here; the sentence before has {dated.when}")
    return _untold(material, read)


def _hangs_on(read: Read, word: int, anchor: int) -> bool:
    """Whether a date belongs to a word, and not to a clause about something else below it."""
    for one in read.tree.up(word):
        if one == anchor:
            return True
        if read.tree.words[one].dep in ("relcl", "advcl", "ccomp", "conj"):
            return False
    return False


def _is_in_subject(read: Read, word: int, predicate: int, anchor: int) -> bool:
    """`the attack in 2022 brought them closer` dates the attack, not what it brought."""
    for one in read.tree.up(word):
        if one in (predicate, anchor):
            return False
        if read.tree.words[one].dep == "nsubj":
            return read.tree.words[one].head == predicate
    return False


def _distance(read: Read, said: Statement, dated: Dated) -> int:
    return abs(dated.start - read.tree.words[said.anchor].start)


def _told(text: str, dated: Dated, when: str, note: str) -> When:
    because = [Because("when", text[dated.start : dated.end], dated.start, dated.end, note)]
    if dated.other is None:
        return when, because, []
    words = text[dated.start : dated.end]
    doubt = Doubt(DoubtCode.DATE, f"'{words}' can be {when} or {dated.other}; the article does not say which")
    return when, because, [doubt]


def _untold(material: Material, read: Read) -> When:
    note = f"no date is told; a state that holds is usually given the article's day, {material.published}"
    return "", [Because("when", "", read.at.start, read.at.start, note)], []


def _told_on(when: str) -> tuple[str, str]:
    """What is told on a day has happened on it or on the day before."""
    span = parse_when(when)
    if not span.is_precise:
        return when, f"the time of the statement, {when}"
    return (
        f"{span.first - timedelta(days=1)}/{span.first}",
        f"the day of the statement: it happened on {when} or the day before",
    )
