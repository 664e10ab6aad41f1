"""The built-in proposer: cues of a lexicon and of the codebook, names, dates and hedges; the same text, the same
proposals.

It knows no grammar beyond the order of words, so it proposes more than a coder would keep, and says why each time.
"""

from collections.abc import Callable, Iterator, Sequence

from forecast.about import VERSION
from forecast.coding.cues.actors import Names, names
from forecast.coding.cues.asserted import Assertion, assertion
from forecast.coding.cues.indicators import Scored, indicator_cues
from forecast.coding.cues.sentences import Note, Sentence, notes, sentences
from forecast.coding.cues.tokens import tokens
from forecast.coding.proposal import DOUBT, Because, LeftOut, Proposal
from forecast.coding.proposers.duplicates import repeated, slug
from forecast.coding.proposers.events import Events
from forecast.coding.proposers.grades import suggested
from forecast.coding.proposers.indicators import chosen_indicators, concluded, of_others, seems_of_others
from forecast.coding.proposers.origins import note_of, origin_of_media, origin_of_note
from forecast.coding.proposers.protocol import Material
from forecast.coding.proposers.quotes import quote
from forecast.coding.proposers.sentence import Read, because_of, read_sentence
from forecast.coding.proposers.when import when_of
from forecast.scenario.schema import Asserted

__all__ = ["Lexical", "proposer"]

#: Context reaches back so many sentences within a paragraph.
CONTEXT = 2

#: Sentences beyond this length are lists or damage; only so many characters are looked at.
MOST_CHARS = 1_500


def proposer(argument: str) -> "Lexical":
    """The built-in proposer; it takes no argument."""
    del argument
    return Lexical()


class Lexical:
    """Proposes by the lexicon."""

    name = f"lexicon {VERSION}"

    def propose(self, material: Material, progress: Callable[[float], None]) -> Iterator[Proposal | LeftOut]:
        """One proposal for a sentence that speaks for an indicator, two where two of its parts do."""
        text, scenario = material.text, material.scenario
        found = [one for one in sentences(text) if one.end - one.start <= MOST_CHARS]
        who = names(scenario)
        for one in found:
            who.learn(tokens(text, one.start, one.end))
        listed = notes(text)
        named = indicator_cues(scenario.codebook)
        taken = {report.event for report in scenario.reports}
        events = Events(scenario, taken)
        before: list[Read] = []
        waiting: list[tuple[Read, list[Scored], list[Read]]] = []
        for number, one in enumerate(found):
            if number % 100 == 0:
                progress(number / len(found))
            read = read_sentence(text, one, who, before, material)
            chosen = [] if one.is_heading else chosen_indicators(named, read, material)
            other = None if one.is_heading or chosen else of_others(named, read, material)
            if other is not None:
                yield _left_out(material, read, other.indicator, who)
            for earlier, choices, context in waiting:
                taken_over = concluded(earlier, choices, read, chosen)
                for choice in [taken_over] if taken_over else choices:
                    yield _proposal(material, earlier, choice, context, found, listed, events, who, self.name)
            waiting = [(read, chosen, list(before))]
            before.append(read)
            del before[:-CONTEXT]
        for read, choices, context in waiting:
            for choice in choices:
                yield _proposal(material, read, choice, context, found, listed, events, who, self.name)


def _proposal(
    material: Material,
    read: Read,
    choice: Scored,
    before: Sequence[Read],
    all_sentences: Sequence[Sentence],
    listed: dict[str, Note],
    events: Events,
    who: Names,
    by: str,
) -> Proposal:
    text, at, words = material.text, read.at, read.words
    said = _asserted(material, read, choice)
    doubt = _doubt(material, read, choice, who)
    because = [Because("indicator", "", at.start, at.start, DOUBT + doubt)] if doubt else []
    because += [
        because_of(text, words, "indicator", hit, f"cue of {choice.indicator}: {hit.cue.text}") for hit in choice.hits
    ]
    because += [Because("indicator", "", at.start, at.start, remark) for remark in choice.remarks]
    when, why = when_of(material, read, choice, before)
    because += why
    because += _why_asserted(text, read, said)
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
    return Proposal(
        sentence=sentence,
        sentence_start=at.start,
        sentence_end=at.end,
        quote=text[begin:end],
        start=begin,
        end=end,
        locator=f"paragraph {at.paragraph}, sentence {at.number}",
        claim=_claim(material, choice, None if doubt else actors, when, said),
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


def _doubt(material: Material, read: Read, choice: Scored, who: Names) -> str | None:
    """Why a proposal may not be about the case, if so."""
    if not read.is_near:
        first, second = _partners(material)
        return f"neither {first} nor {second} is named here or shortly before"
    return f"seems to {_tells_of(material, read, who)}" if seems_of_others(choice, read) else None


def _tells_of(material: Material, read: Read, who: Names) -> str:
    others = " and ".join(who.called(key) for key in sorted(read.others.keys))
    return f"tell of {others}, not of {' or '.join(_partners(material))}"


def _partners(material: Material) -> list[str]:
    return [material.scenario.file.actors[key].name for key in material.partners]


def _left_out(material: Material, read: Read, indicator: str, who: Names) -> LeftOut:
    """A sentence about others, with the reason."""
    at = read.at
    return LeftOut(
        sentence=material.text[at.start : at.end],
        start=at.start,
        end=at.end,
        locator=f"paragraph {at.paragraph}, sentence {at.number}",
        indicator=indicator,
        others=tuple(sorted(read.others.keys)),
        why=f"seems to {_tells_of(material, read, who)}",
    )


#: Kinds of sources, by a word in `kind`: what their bare sentences are.
_OFFICIAL, _OPINION = (
    ("official", "ministry", "government"),
    ("analysis", "opinion", "commentary", "essay", "op-ed", "think"),
)


def _asserted(material: Material, read: Read, choice: Scored) -> Assertion:
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


def _why_asserted(text: str, read: Read, said: Assertion) -> list[Because]:
    """What decided how the sentence asserts its claim, and whether it denies it."""
    because = [
        because_of(text, read.words, "asserted_as", hit, f"{remark}: {said.asserted_as}")
        for hit, remark in said.because
    ]
    if not said.because:
        remark = (
            "in passing, between commas" if said.asserted_as is Asserted.BACKGROUND else "no other sign in the sentence"
        )
        start = read.at.start
        because.append(Because("asserted_as", "", start, start, f"{remark}: {said.asserted_as}"))
    because += [because_of(text, read.words, "denies", hit, "says that it is not so") for hit in said.denied_by]
    return because


def _origin(
    material: Material, read: Read, said: Assertion, all_sentences: Sequence[Sentence], listed: dict[str, Note]
) -> tuple[str, list[Because]]:
    """Who is behind it: whom a sentence quotes, else the note that covers it, else the source."""
    text, words, at = material.text, read.words, read.at
    known = list(dict.fromkeys(report.origin for report in material.scenario.reports))
    if said.asserted_as is Asserted.MEDIA_REPORT and said.because:
        hit = said.because[0][0]
        actor = next((m.key for m in read.mentions if 0 < hit.first - m.last <= 3), None)
        origin = origin_of_media(hit.cue.text, actor, known)
        return origin, [because_of(text, words, "origin", hit, "the medium behind it")]
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


def _claim(material: Material, choice: Scored, actors: Sequence[str] | None, when: str, said: Assertion) -> str:
    """A statement in words that are not the article's, for the coder to put better; None for actors: nobody knows."""
    listed = material.scenario.file.actors
    # an act between the partners is told of both, also where one of them is a pronoun
    about = () if actors is None else material.partners if choice.of_partners else actors[:3]
    nobody = "parties that are not named" if actors is None else "parties that are named nearby"
    who = " and ".join(listed[key].name for key in about) or nobody
    what = choice.indicator.replace("_", " ")
    no = "no " if said.denies else ""
    return f"{_SAID[said.asserted_as]}: {no}{what}, {who}{', ' + when if when else ''}."
