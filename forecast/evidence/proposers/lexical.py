"""The built-in proposer: cues of a lexicon and of the codebook, names, dates and hedges; the same text, the same
proposals.

It knows no grammar beyond the order of words, so it proposes more than a coder would keep, and says why each time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from forecast.about import VERSION
from forecast.evidence.cues.actors import Mention, Names, names
from forecast.evidence.cues.asserted import Assertion, assertion, hedge_hits
from forecast.evidence.cues.clauses import aside_of, asides, clause_of
from forecast.evidence.cues.dates import Dated, dates
from forecast.evidence.cues.event_class import Classified, event_class
from forecast.evidence.cues.indicators import Named, Scored, indicator_cues, scored
from forecast.evidence.cues.indicators import Sentence as Weighed
from forecast.evidence.cues.patterns import Hit
from forecast.evidence.cues.sentences import Note, Sentence, notes, sentences
from forecast.evidence.cues.tokens import Token, tokens
from forecast.evidence.proposal import Because, Proposal
from forecast.evidence.proposers.duplicates import repeated, slug
from forecast.evidence.proposers.grades import suggested
from forecast.evidence.proposers.origins import note_of, origin_of_media, origin_of_note
from forecast.evidence.proposers.protocol import Material
from forecast.evidence.proposers.quotes import quote
from forecast.scenario.dates import parse_when
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Asserted

__all__ = ["Lexical", "proposer"]

#: The least that the cues of a sentence must be worth.
LEAST = 0.7

#: The least that a second indicator of one sentence must be worth, by words of its own.
LEAST_SECOND = 0.85

#: Context reaches back so many sentences within a paragraph.
CONTEXT = 2

#: Sentences beyond this length are lists or damage; only so many characters are looked at.
MOST_CHARS = 1_500


def proposer(argument: str) -> "Lexical":
    """The built-in proposer; it takes no argument."""
    del argument
    return Lexical()


@dataclass(frozen=True, slots=True)
class _Read:
    """One sentence with all that was found in it."""

    at: Sentence
    words: Sequence[Token]
    mentions: Sequence[Mention]
    dated: Sequence[Dated]
    hedges: Sequence[Hit[str]]
    act: Classified | None
    seen: Weighed


class Lexical:
    """Proposes by the lexicon."""

    name = f"lexicon {VERSION}"

    def propose(self, material: Material, progress: Callable[[float], None]) -> Iterator[Proposal]:
        """One proposal for a sentence that speaks for an indicator, two where two of its parts do."""
        text, scenario = material.text, material.scenario
        found = [one for one in sentences(text) if one.end - one.start <= MOST_CHARS]
        who = names(scenario)
        for one in found:
            who.learn(tokens(text, one.start, one.end))
        listed = notes(text)
        named = indicator_cues(scenario.codebook)
        taken = {report.event for report in scenario.reports}
        events = _Events(scenario, taken)
        before: list[_Read] = []
        waiting: list[tuple[_Read, list[Scored], list[_Read]]] = []
        for number, one in enumerate(found):
            if number % 100 == 0:
                progress(number / len(found))
            read = _read(text, one, who, before, material)
            chosen = [] if one.is_heading else _chosen(named, read, material)
            for earlier, choices, context in waiting:
                taken_over = _concluded(earlier, choices, read, chosen)
                for choice in [taken_over] if taken_over else choices:
                    yield _proposal(material, earlier, choice, context, found, listed, events, self.name)
            waiting = [(read, chosen, list(before))]
            before.append(read)
            del before[:-CONTEXT]
        for read, choices, context in waiting:
            for choice in choices:
                yield _proposal(material, read, choice, context, found, listed, events, self.name)


def _read(text: str, at: Sentence, who: Names, before: Sequence[_Read], material: Material) -> _Read:
    words = tokens(text, at.start, at.end)
    mentions = who.mentions(words)
    titles = who.titles(words, mentions)
    near = [one for one in before if one.at.paragraph == at.paragraph]
    implied = {mention.key for one in near for mention in one.mentions}
    both = _speaks_of_both(words)
    act = event_class(text, at.start, at.end)
    seen = Weighed(words, mentions, titles, frozenset(implied), act.name if act else None, both)
    begin = _after_dateline(text, at, words)
    dated = [one for one in dates(text, at.start, at.end, material.published) if one.start >= begin]
    hedges = [hit for hit in hedge_hits(words) if words[hit.first].start >= begin]
    return _Read(at, words, mentions, dated, hedges, act, seen)


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


_BOTH = (
    ("two", "countries"), ("both", "countries"), ("two", "sides"), ("both", "sides"), ("two", "states"),
    ("two", "nations"),
    ("the", "parties"), ("two", "capitals"), ("two", "armies"), ("bilateral",), ("two", "allies"), ("two", "leaders"),
    ("the", "sides"), ("two", "governments"), ("both", "nations"), ("two", "neighbours"), ("two", "neighbors"),
)  # fmt: skip


def _speaks_of_both(words: Sequence[Token]) -> bool:
    spelt = [token.text for token in words]
    return any(tuple(spelt[at : at + len(both)]) == both for both in _BOTH for at in range(len(spelt)))


def _chosen(named: Named, read: _Read, material: Material) -> list[Scored]:
    """The best indicator, and a second one whose words stand in another part of the sentence."""
    found = [one for one in scored(named, read.seen, material.partners) if one.score >= LEAST]
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


#: Verbs by which a sentence concludes from the one before it.
_CONCLUDES = frozenset(
    ["indicate", "indicates", "indicated", "suggest", "suggests", "suggested", "imply", "implies", "shows", "show"]
)
_CONTENT = 5


def _concluded(before: _Read, chosen: Sequence[Scored], read: _Read, mine: Sequence[Scored]) -> Scored | None:
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


class _Events:
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


def _proposal(
    material: Material,
    read: _Read,
    choice: Scored,
    before: Sequence[_Read],
    all_sentences: Sequence[Sentence],
    listed: dict[str, Note],
    events: _Events,
    by: str,
) -> Proposal:
    text, at, words = material.text, read.at, read.words
    first, last = min(hit.first for hit in choice.hits), max(hit.last for hit in choice.hits)
    said = _asserted(material, read, choice)
    because = [
        _because(text, words, "indicator", hit, f"cue of {choice.indicator}: {hit.cue.text}") for hit in choice.hits
    ]
    because += [Because("indicator", "", at.start, at.start, remark) for remark in choice.remarks]
    when, why = _when(material, read, choice, before)
    because += why
    because += [
        _because(text, words, "asserted_as", hit, f"{remark}: {said.asserted_as}") for hit, remark in said.because
    ]
    if not said.because:
        remark = (
            "in passing, between commas" if said.asserted_as is Asserted.BACKGROUND else "no other sign in the sentence"
        )
        because.append(Because("asserted_as", "", at.start, at.start, f"{remark}: {said.asserted_as}"))
    because += [_because(text, words, "denies", hit, "says that it is not so") for hit in said.denied_by]
    origin, why = _origin(material, read, said, all_sentences, listed)
    because += why
    grade, grade_why = suggested(material.reliability, said.asserted_as, denied=said.denies)
    sentence = text[at.start : at.end]
    begin, end = quote(
        text, at.start, at.end, [(words[hit.first].start, words[hit.last].end, hit.key[1]) for hit in choice.hits]
    )
    again = repeated(material.scenario, material.source, choice.indicator, when, origin, sentence)
    event = again.event
    if event is None:
        event, told_before = events.suggest(choice.indicator, when, material.source)
        if told_before:
            because.append(Because("event", "", at.start, at.start, "this article seems to tell of it before"))
    actors = tuple(dict.fromkeys(m.key for m in read.mentions if m.key in material.scenario.file.actors))
    speaker = None
    if said.speaker is not None and said.asserted_as is Asserted.OFFICIAL_CLAIM:
        speaker = text[words[said.speaker[0]].start : words[said.speaker[1]].end]
    del first, last
    return Proposal(
        sentence=sentence,
        sentence_start=at.start,
        sentence_end=at.end,
        quote=text[begin:end],
        start=begin,
        end=end,
        locator=f"paragraph {at.paragraph}, sentence {at.number}",
        claim=_claim(material, choice, actors, when, said),
        indicator=choice.indicator,
        event=event,
        when=when,
        known=material.published,
        asserted_as=said.asserted_as,
        denies=said.denies,
        grade=grade,
        grade_why=grade_why,
        origin=origin,
        speaker=speaker,
        actors=actors,
        because=tuple(because),
        duplicates=again.duplicates,
        proposer=by,
    )


def _because(text: str, words: Sequence[Token], field: str, hit: Hit[object], note: str) -> Because:
    start, end = words[hit.first].start, words[hit.last].end
    return Because(field, text[start:end], start, end, note)


#: Kinds of sources, by a word in `kind`: what their bare sentences are.
_OFFICIAL, _OPINION = (
    ("official", "ministry", "government"),
    ("analysis", "opinion", "commentary", "essay", "op-ed", "think"),
)


def _asserted(material: Material, read: _Read, choice: Scored) -> Assertion:
    first, last = min(hit.first for hit in choice.hits), max(hit.last for hit in choice.hits)
    kind = material.kind.lower()
    default = Asserted.FACT
    if any(word in kind for word in _OFFICIAL):
        default = Asserted.OFFICIAL_CLAIM
    elif material.scenario.codebook.indicators[choice.indicator].kind == "condition" and any(
        word in kind for word in _OPINION
    ):
        # what somebody who argues says about a state of affairs is a conclusion
        default = Asserted.INFERENCE
    return assertion(read.words, read.hedges, first, last, read.mentions, read.seen.titles, default)


def _when(material: Material, read: _Read, choice: Scored, before: Sequence[_Read]) -> tuple[str, list[Because]]:
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


def _origin(
    material: Material, read: _Read, said: Assertion, all_sentences: Sequence[Sentence], listed: dict[str, Note]
) -> tuple[str, list[Because]]:
    """Who is behind it: whom a sentence quotes, else the note that covers it, else the source."""
    text, words, at = material.text, read.words, read.at
    known = list(dict.fromkeys(report.origin for report in material.scenario.reports))
    if said.asserted_as is Asserted.MEDIA_REPORT and said.because:
        hit = said.because[0][0]
        actor = next((m.key for m in read.mentions if 0 < hit.first - m.last <= 3), None)
        origin = origin_of_media(hit.cue.text, actor, known)
        return origin, [_because(text, words, "origin", hit, "the medium behind it")]
    if said.asserted_as is Asserted.OFFICIAL_CLAIM and said.speaking_actor and said.speaker:
        first, last = words[said.speaker[0]], words[said.speaker[1]]
        origin = slug([said.speaking_actor, "government"])
        words_said = text[first.start : last.end]
        return origin, [Because("origin", words_said, first.start, last.end, "who says so")]
    mark = note_of(at, all_sentences)
    if mark is not None and mark in listed:
        note = f"note {mark}: {listed[mark].text[:120]}"
        return origin_of_note(listed[mark], material.scenario), [Because("origin", "", at.end, at.end, note)]
    return material.source, [Because("origin", "", at.start, at.start, "nobody else is named")]


_SAID = {
    Asserted.FACT: "Told as fact",
    Asserted.OFFICIAL_CLAIM: "Claimed by officials",
    Asserted.MEDIA_REPORT: "Reported by media",
    Asserted.INFERENCE: "Concluded",
    Asserted.SPECULATION: "Guessed",
    Asserted.BACKGROUND: "Told in passing",
}


def _claim(material: Material, choice: Scored, actors: Sequence[str], when: str, said: Assertion) -> str:
    """A statement in words that are not the article's, for the coder to put better."""
    listed = material.scenario.file.actors
    # an act between the partners is told of both, also where one of them is a pronoun
    about = material.partners if choice.of_partners else actors[:3]
    who = " and ".join(listed[key].name for key in about) or "parties that are named nearby"
    what = choice.indicator.replace("_", " ")
    no = "no " if said.denies else ""
    return f"{_SAID[said.asserted_as]}: {no}{what}, {who}{', ' + when if when else ''}."
