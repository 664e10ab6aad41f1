"""The kind of assertion of a statement: fact, claim, media report, inference, guess or background.

What the tree of the sentence says (`forecast.coding.grammar`) comes first. Phrases such as `it is thought` and
`reportedly` decide where it says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from forecast.coding.cues.clauses import aside_of, asides
from forecast.coding.cues.lexicon import hedges
from forecast.coding.cues.patterns import Finder, Hit
from forecast.coding.cues.tokens import Token
from forecast.coding.grammar.reading import Reading
from forecast.scenario.schema import Asserted

__all__ = ["Assertion", "assertion", "hedge_hits"]

_BARRIERS = frozenset((";", ":"))

_KINDS = {
    "official": Asserted.OFFICIAL_CLAIM,
    "media": Asserted.MEDIA_REPORT,
    "judge": Asserted.INFERENCE,
    "unnamed": Asserted.MEDIA_REPORT,
}


@dataclass(frozen=True, slots=True)
class Assertion:
    """The kind, the phrase that decided it, if any, and a remark."""

    asserted_as: Asserted
    hit: Hit[str] | None
    remark: str


@cache
def _finder() -> Finder[str]:
    return Finder(hedges())


def hedge_hits(text: Sequence[Token]) -> list[Hit[str]]:
    """Every phrase in a sentence that says how sure somebody is."""
    return _finder().find(text)


def assertion(
    text: Sequence[Token], hits: Sequence[Hit[str]], first: int, last: int, reading: Reading, default: Asserted
) -> Assertion:
    """How the part from token `first` to token `last` is asserted; `default` where nothing says so."""
    near = [hit for hit in hits if not (hit.first <= last and first <= hit.last) and _bears(text, hit, first, last)]

    def of(kind: str) -> Hit[str] | None:
        return next((hit for hit in near if hit.key == kind), None)

    voice = reading.voice
    within = asides(text)
    inside = aside_of(first, within)
    is_aside = inside is not None and inside == aside_of(last, within)
    if voice is not None and voice.is_doubt:
        return Assertion(Asserted.SPECULATION, None, "a doubt")
    if voice is not None and voice.denies:
        return Assertion(_KINDS[voice.kind], None, "a denial is somebody's claim")
    if is_aside and voice is None:
        return Assertion(Asserted.BACKGROUND, None, "in passing, between commas")
    if reading.is_possible:
        return Assertion(Asserted.SPECULATION, None, "it may be, and is not said to be so")
    if (hit := of("speculation")) is not None:
        return Assertion(Asserted.SPECULATION, hit, "a guess")
    if (hit := of("fact")) is not None:
        return Assertion(Asserted.FACT, hit, "observed or on record")
    if voice is not None:
        passed_on = of("media-report") if voice.kind == "unnamed" else None
        return Assertion(_KINDS[voice.kind], passed_on, f"somebody says so ({voice.kind})")
    for kind, remark in (
        ("inference", "a conclusion"),
        ("media-report", "as media report it"),
        ("background", "what was before"),
    ):
        if (hit := of(kind)) is not None and (kind != "background" or hit.first <= last):
            return Assertion(Asserted(kind), hit, remark)
    return Assertion(default, None, "no other sign in the sentence")


def _bears(text: Sequence[Token], hit: Hit[str], first: int, last: int) -> bool:
    """Whether a phrase bears on the part: it stands before its end, or attributes it afterwards."""
    if hit.first > last:
        between = text[last + 1 : hit.first]
        # a verb whose subject is what the part says: `their support serves as ...`
        is_verb = hit.key == "inference" and hit.cue.text.startswith("+") and all(one.is_word for one in between)
        says = {"say", "said", "according", "believe", "believed", "reported", "told"}
        return is_verb or hit.key == "media-report" or any(t.text in says for t in text[hit.first : hit.last + 1])
    return not any(token.text in _BARRIERS for token in text[hit.last + 1 : first])
