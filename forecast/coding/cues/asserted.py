"""How a sentence asserts what a cue in it says: as fact, as somebody's claim, as an inference, a guess, in passing;
or denies it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from forecast.coding.cues.actors import Mention, Title
from forecast.coding.cues.clauses import aside_of, asides
from forecast.coding.cues.lexicon import hedges
from forecast.coding.cues.patterns import Finder, Hit
from forecast.coding.cues.tokens import Token
from forecast.scenario.schema import Asserted

__all__ = ["Assertion", "assertion", "hedge_hits"]

#: Between a modal verb and what it bears on, in tokens.
MODAL_REACH = 14

#: Between a negation and what it bears on.
NEGATION_REACH = 7

#: Between who speaks and the verb of speech.
SPEAKER_REACH = 9

#: So near to a verb of speech, the part is what was said, whoever passed it on.
NEXT_TO = 2

#: Between a subject and its verb.
SUBJECT_REACH = 5

#: Between a verb of announcing and the act that is done by announcing it.
PERFORMS_REACH = 3

_PERFORMS = frozenset(
    ["announce", "announces", "announced", "announcing", "declare", "declares", "declared", "proclaim", "proclaimed"]
)
_MODAL = frozenset(("may", "might", "could", "can"))
_BARRIERS = frozenset((";", ":"))


@dataclass(frozen=True, slots=True)
class Assertion:
    """How it is asserted, whether it is denied, who says it, and the hits that say so, each with a remark."""

    asserted_as: Asserted
    denies: bool
    speaker: tuple[int, int] | None
    speaking_actor: str | None
    because: tuple[tuple[Hit[str], str], ...]
    denied_by: tuple[Hit[str], ...] = ()


@cache
def _finder() -> Finder[str]:
    return Finder(hedges())


def hedge_hits(text: Sequence[Token]) -> list[Hit[str]]:
    """Everything in the sentence that says how sure somebody is, or who speaks."""
    return _finder().find(text)


def assertion(
    text: Sequence[Token],
    hits: Sequence[Hit[str]],
    first: int,
    last: int,
    mentions: Sequence[Mention],
    titles: Sequence[Title],
    default: Asserted,
) -> Assertion:
    """How the part from `first` to `last` is asserted.

    The strongest doubt decides: in passing, then guess, observation, inference, then who is quoted; where there is no
    sign of any, `default`.
    """
    near = [hit for hit in hits if not _overlaps(hit, first, last)]
    denied_by = _denied(text, near, first, last)
    speech = _speech(text, near, mentions, titles, first, last)

    def made(kind: Asserted, because: Sequence[tuple[Hit[str], str]]) -> Assertion:
        who = speech.speaker if speech else None
        actor = speech.actor if speech else None
        return Assertion(kind, bool(denied_by), who, actor, tuple(because), tuple(denied_by))

    within = asides(text)
    inside = aside_of(first, within)
    if inside is not None and inside == aside_of(last, within):
        return made(Asserted.BACKGROUND, [])
    guesses = [hit for hit in near if hit.key == "speculation" and _bears(text, hit, first, last)]
    if guesses and not denied_by:
        return made(Asserted.SPECULATION, [(hit, "a guess") for hit in guesses])
    seen = [hit for hit in near if hit.key == "fact"]
    if seen:
        return made(Asserted.FACT, [(hit, "observed or on record") for hit in seen])
    inferred = [hit for hit in near if hit.key == "inference" and _bears(text, hit, first, last)]
    media = [hit for hit in near if hit.key == "media-report"]
    if inferred and speech is None:
        return made(Asserted.INFERENCE, [(hit, "a conclusion") for hit in inferred])
    if denied_by and any(hit.key == "denial" for hit in denied_by):
        return made(Asserted.OFFICIAL_CLAIM, [(hit, "a denial is somebody's claim") for hit in denied_by])
    if media and (speech is None or speech.gap > NEXT_TO):
        return made(Asserted.MEDIA_REPORT, [(hit, "as media report it") for hit in media])
    if speech is not None:
        return made(Asserted.OFFICIAL_CLAIM, [(speech.hit, "somebody who speaks for a state says so")])
    past = [hit for hit in near if hit.key == "background" and hit.first <= last]
    if past:
        return made(Asserted.BACKGROUND, [(hit, "what was before") for hit in past])
    future = [hit for hit in near if hit.key == "forecast" and _foretells(text, hit, first, last)]
    if future and default is not Asserted.OFFICIAL_CLAIM:
        return made(Asserted.SPECULATION, [(hit, "about the future, and nobody who acts is quoted") for hit in future])
    return made(default, [])


@dataclass(frozen=True, slots=True)
class _Speech:
    hit: Hit[str]
    speaker: tuple[int, int] | None
    actor: str | None
    gap: int


def _overlaps(hit: Hit[str], first: int, last: int) -> bool:
    return hit.first <= last and first <= hit.last and hit.key not in ("speech", "speaker")


def _foretells(text: Sequence[Token], hit: Hit[str], first: int, last: int) -> bool:
    """Whether a verb in the future bears on the part, which is its object or its subject."""
    if hit.first < last:
        return first - hit.last <= MODAL_REACH
    return hit.first - last <= SUBJECT_REACH and all(token.is_word for token in text[last + 1 : hit.first])


def _bears(text: Sequence[Token], hit: Hit[str], first: int, last: int) -> bool:
    """Whether a hedge bears on the part: it stands before its end, or attributes it afterwards."""
    words = [token.text for token in text[hit.first : hit.last + 1]]
    if hit.first > last:
        # `..., analysts say`; and a verb whose subject is what the part says: `their support serves as ...`
        between = text[last + 1 : hit.first]
        verb = hit.key == "inference" and hit.cue.text.startswith("+") and not any(not one.is_word for one in between)
        return verb or any(word in ("say", "said", "according", "believe", "believed") for word in words)
    if any(token.text in _BARRIERS for token in text[hit.last + 1 : first]):
        return False
    if len(words) == 1 and words[0] in _MODAL:
        return first - hit.last <= MODAL_REACH and hit.first <= last
    return True


def _denied(text: Sequence[Token], hits: Sequence[Hit[str]], first: int, last: int) -> list[Hit[str]]:
    """Negations and denials that bear on the part."""
    ends = [hit.first for hit in hits if hit.key == "ends"]
    found: list[Hit[str]] = []
    for hit in hits:
        if hit.key == "negation" and 0 <= first - hit.last <= NEGATION_REACH:
            stopped = any(hit.last < at < first for at in ends)
            stopped = stopped or any(token.text in (",", ";", ":") for token in text[hit.last + 1 : first])
            only = hit.last + 1 < len(text) and text[hit.last + 1].text in ("only", "least", "just")
            if not stopped and not only:
                found.append(hit)
        elif hit.key == "denial":
            stopped = any(min(hit.last, last) < at < max(hit.first, first) and text[at].text in ("but",) for at in ends)
            before = hit.last < first or hit.first > last
            if before and not stopped:
                found.append(hit)
    # who denies that something was not done says that it was
    return found if len({(hit.first, hit.last) for hit in found if hit.key == "negation"}) < 2 else []


def _speech(
    text: Sequence[Token],
    hits: Sequence[Hit[str]],
    mentions: Sequence[Mention],
    titles: Sequence[Title],
    first: int,
    last: int,
) -> _Speech | None:
    """Who is quoted for the part, if anybody is."""
    best: _Speech | None = None
    speakers = [hit for hit in hits if hit.key == "speaker"]
    for hit in hits:
        if hit.key != "speech" or (hit.first >= first and hit.last <= last):
            continue
        before = [token.text for token in text[max(0, hit.first - 2) : hit.first]]
        if before[:1] == ["it"] and before[1:] in (["is"], ["was"]):
            continue  # nobody speaks in `it is said`
        if _performs(text, hit, first) or _of_others(hit, hits):
            continue
        gap = first - hit.last if hit.last < first else hit.first - last
        after_verb = text[hit.first].text in ("according", "in", "by", "claim", "claims")
        named: list[tuple[int, int, int, str | None]] = [(0, one.first, one.last, None) for one in speakers]
        named += [(1, one.first, one.last, one.key) for one in mentions]
        named += [(0, one.first, one.last, one.actor) for one in titles]
        places = [(_distance(hit, a, b, after_verb) + more, a, b, key) for more, a, b, key in named]
        places = [place for place in places if place[0] <= SPEAKER_REACH]
        nearest = min(places, key=lambda place: place[:3], default=None)
        if nearest is None:
            continue
        actor = nearest[3] or _actor_near(nearest[1], nearest[2], mentions)
        begin = min([nearest[1], *(m.first for m in mentions if _leads_to(text, m, nearest[1]))])
        speech = _Speech(hit, (begin, nearest[2]), actor, gap)
        if best is None or abs(gap) < abs(best.gap):
            best = speech
    return best


def _performs(text: Sequence[Token], hit: Hit[str], first: int) -> bool:
    """Whether the act is done by saying so: who announces a suspension suspends."""
    near = text[hit.first].text in _PERFORMS and 0 < first - hit.last <= PERFORMS_REACH
    return near and not any(token.text == "that" for token in text[hit.last + 1 : first])


def _leads_to(text: Sequence[Token], mention: Mention, at: int) -> bool:
    """Whether a name stands before a speaker as part of what he is called: `the Arlish defence ministry`."""
    return 0 < at - mention.last <= 3 and all(token.is_word for token in text[mention.last + 1 : at])


def _of_others(hit: Hit[str], hits: Sequence[Hit[str]]) -> bool:
    """Whether it is media or analysts who say it."""
    kinds = ("media-report", "inference", "speculation")
    return any(one.key in kinds and one.first <= hit.last and hit.first - one.last <= 1 for one in hits)


def _distance(hit: Hit[str], first: int, last: int, after: bool) -> int:
    """Tokens between a verb of speech and who may be speaking; `said the minister` is as good as `the minister
    said`.
    """
    if last < hit.first:
        return hit.first - last + (20 if after else 0)
    return first - hit.last + (0 if after else 3)


def _actor_near(first: int, last: int, mentions: Sequence[Mention]) -> str | None:
    near = [(min(abs(one.first - last), abs(first - one.last)), one.key) for one in mentions]
    near = [one for one in near if one[0] <= 6]
    return min(near)[1] if near else None
