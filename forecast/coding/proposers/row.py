"""A statement of a sentence as a proposal: every field with the words that decided it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forecast.coding.act import Doubt, DoubtCode
from forecast.coding.cues.actors import Names
from forecast.coding.cues.asserted import Assertion, assertion
from forecast.coding.cues.sentences import Note, Sentence
from forecast.coding.grammar.roles import Parties, amount, parties
from forecast.coding.proposal import Because, Proposal
from forecast.coding.proposers.duplicates import repeated, slug
from forecast.coding.proposers.events import Events
from forecast.coding.proposers.grades import suggested
from forecast.coding.proposers.origins import note_of, origin_of_media, origin_of_note
from forecast.coding.proposers.protocol import Material
from forecast.coding.proposers.quotes import quote
from forecast.coding.proposers.sentence import Read, because_of
from forecast.coding.proposers.statements import Statement, seems_of_others
from forecast.coding.proposers.when import when_of
from forecast.scenario.schema import Asserted

__all__ = ["Article", "row"]

#: A claim is the sentence, but for what is longer than this.
CLAIM_CHARS = 400


@dataclass(frozen=True, slots=True)
class Article:
    """What is known of the article as a whole."""

    material: Material
    sentences: Sequence[Sentence]
    notes: Mapping[str, Note]
    events: Events
    who: Names
    proposer: str


def row(article: Article, read: Read, said: Statement, before: Sequence[Read]) -> Proposal:
    """The proposal of a statement."""
    material, at, words = article.material, read.at, read.words
    text, choice, reading = material.text, said.choice, said.reading
    kind = _asserted(material, read, said)
    when, because_when, doubts = when_of(material, read, said, before)
    doubts = [*_doubts(material, read, said, article.who), *doubts]
    because = [
        because_of(text, words, "indicator", hit, f"cue of {choice.indicator}: {hit.cue.text}") for hit in choice.hits
    ]
    because += [Because("indicator", "", at.start, at.start, remark) for remark in choice.remarks]
    because += because_when
    because += _why(text, read, said, kind)
    origin, why = _origin(article, read, said, kind)
    because += why
    grade, grade_why = suggested(material.reliability, kind.asserted_as, denied=reading.denies)
    sentence = text[at.start : at.end]
    begin, end = quote(text, read.begin, at.end, _places(read, said))
    again = repeated(material.scenario, material.source, choice.indicator, when, origin, sentence)
    event = again.event
    if event is None:
        event, told_before = article.events.suggest(choice.indicator, when, material.source)
        if told_before:
            because.append(Because("event", "", at.start, at.start, "this article seems to tell of it before"))
    who = _parties(material, read, said, before)
    clause = set(read.tree.subtree(read.tree.clause(said.anchor)))
    counted = None if said.refers_back else amount(text, read.tree, clause)
    if counted is not None:
        because.append(Because("value", text[counted.start : counted.end], counted.start, counted.end, counted.unit))
    return Proposal(
        sentence=sentence,
        sentence_start=at.start,
        sentence_end=at.end,
        quote=text[begin:end],
        start=begin,
        end=end,
        locator=f"paragraph {at.paragraph}, sentence {at.number}",
        claim=_claim(sentence),
        indicator=choice.indicator,
        event=event,
        when=when,
        known=material.published,
        asserted_as=kind.asserted_as,
        denies=reading.denies,
        grade=grade,
        grade_why=grade_why,
        origin=origin,
        speaker=_speaker(text, read, said),
        actors=who.actors,
        because=tuple(because),
        duplicates=again.duplicates,
        proposer=article.proposer,
        targets=who.targets,
        place=text[who.place[0] : who.place[1]] if who.place else None,
        manner=reading.manner,
        status=reading.status,
        value=counted.value if counted else None,
        unit=counted.unit if counted else None,
        doubts=tuple(doubts),
    )


def _claim(sentence: str) -> str:
    """The sentence itself; of a very long one the beginning."""
    words = " ".join(sentence.split())
    return words if len(words) <= CLAIM_CHARS else words[:CLAIM_CHARS].rsplit(" ", 1)[0] + " …"


def _places(read: Read, said: Statement) -> list[tuple[int, int, float]]:
    """What the quote must hold: the cues, and before them the word of a denial."""
    words, tree, voice = read.words, read.tree, said.reading.voice
    places = [(words[hit.first].start, words[hit.last].end, hit.key[1]) for hit in said.choice.hits]
    if voice is not None and voice.denies:
        places.append((tree.words[voice.word].start, tree.words[voice.word].end, 2.0))
    return places


def _parties(material: Material, read: Read, said: Statement, before: Sequence[Read]) -> Parties:
    known = material.scenario.file.actors
    named = {word: key for word, key in read.named.items() if key in known}
    near = [one for one in before if one.at.paragraph == read.at.paragraph]
    earlier = [mention.key for one in reversed(near) for mention in one.mentions if mention.key in known]
    if said.refers_back:
        return Parties()
    found = parties(read.tree, said.anchor, named, earlier)
    if read.seen.names_both and not found.actors and not found.targets:
        return Parties(tuple(material.partners), (), found.place)
    return found


def _doubts(material: Material, read: Read, said: Statement, who: Names) -> list[Doubt]:
    """Why a row may not be about the case, or about what it seems to be about."""
    first, second = (material.scenario.file.actors[key].name for key in material.partners)
    found = []
    if not read.is_near:
        found.append(Doubt(DoubtCode.NO_PARTNER, f"neither {first} nor {second} is named here or shortly before"))
    elif seems_of_others(said.choice, read):
        others = " and ".join(who.called(key) for key in sorted(read.others.keys))
        found.append(Doubt(DoubtCode.OTHERS, f"seems to tell of {others}, not of {first} or {second}"))
    if said.refers_back:
        found.append(Doubt(DoubtCode.REFERENCE, "it refers to what was told before; see what it denies"))
    return found


#: Kinds of sources, by a word in `kind`: what their bare sentences are.
_OFFICIAL, _OPINION = (
    ("official", "ministry", "government"),
    ("analysis", "opinion", "commentary", "essay", "op-ed", "think"),
)


def _asserted(material: Material, read: Read, said: Statement) -> Assertion:
    choice, kind = said.choice, material.kind.lower()
    first, last = min(hit.first for hit in choice.hits), max(hit.last for hit in choice.hits)
    default = Asserted.FACT
    if any(word in kind for word in _OFFICIAL):
        default = Asserted.OFFICIAL_CLAIM
    elif material.scenario.codebook.indicators[choice.indicator].kind == "condition" and any(
        word in kind for word in _OPINION
    ):
        # what somebody who argues says about a state of affairs is a conclusion
        default = Asserted.INFERENCE
    return assertion(read.words, read.hedges, first, last, said.reading, default)


def _why(text: str, read: Read, said: Statement, kind: Assertion) -> list[Because]:
    """What decided how it is asserted, whether it is denied, and its manner and stage."""
    remark = f"{kind.remark}: {kind.asserted_as}"
    if kind.hit is not None:
        because = [because_of(text, read.words, "asserted_as", kind.hit, remark)]
    else:
        at = said.reading.voice.word if said.reading.voice is not None else None
        start, end = (
            (read.at.start, read.at.start) if at is None else (read.tree.words[at].start, read.tree.words[at].end)
        )
        because = [Because("asserted_as", text[start:end], start, end, remark)]
    for one in said.reading.why:
        word = read.tree.words[one.word]
        because.append(Because(one.field, text[word.start : word.end], word.start, word.end, one.note))
    return because


def _speaker(text: str, read: Read, said: Statement) -> str | None:
    """The speaker's name as the article has it, without clauses."""
    voice = said.reading.voice
    if voice is None or voice.speaker is None:
        return None
    phrase = read.tree.phrase(voice.speaker)
    first, last = read.tree.words[phrase[0]], read.tree.words[phrase[-1]]
    return text[first.start : last.end]


def _origin(article: Article, read: Read, said: Statement, kind: Assertion) -> tuple[str, list[Because]]:
    """Who is behind it: whom a sentence quotes, else the note that covers it, else the source."""
    material, at, voice = article.material, read.at, said.reading.voice
    text, known = material.text, material.scenario.reports
    origins = list(dict.fromkeys(report.origin for report in known))
    if voice is not None and voice.speaker is not None:
        phrase = read.tree.phrase(voice.speaker)
        start, end = read.tree.words[phrase[0]].start, read.tree.words[phrase[-1]].end
        words = text[start:end]
        actor = next((read.named[one] for one in phrase if one in read.named), None)
        if voice.kind == "media":
            origin = origin_of_media(words, actor, origins)
        elif actor is not None and voice.kind == "official":
            origin = slug([actor, "government"])
        else:
            origin = slug(words.split()[:4]) or material.source
        return origin, [Because("origin", words, start, end, "who says so")]
    if kind.asserted_as is Asserted.MEDIA_REPORT and kind.hit is not None:
        actor = next((m.key for m in read.mentions if 0 < kind.hit.first - m.last <= 3), None)
        origin = origin_of_media(kind.hit.cue.text, actor, origins)
        return origin, [because_of(text, read.words, "origin", kind.hit, "the medium behind it")]
    mark = note_of(at, article.sentences)
    if mark is not None and mark in article.notes:
        note = f"note {mark}: {article.notes[mark].text[:120]}"
        return origin_of_note(article.notes[mark], material.scenario), [Because("origin", "", at.end, at.end, note)]
    return material.source, [Because("origin", "", at.start, at.start, "nobody else is named")]
