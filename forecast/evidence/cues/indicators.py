"""Which indicator of a codebook a sentence speaks for, and which of its words say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forecast.evidence.cues.actors import Mention, Title
from forecast.evidence.cues.lexicon import Kind, indicator_types
from forecast.evidence.cues.patterns import Cue, Finder, Hit, cue
from forecast.evidence.cues.tokens import Token
from forecast.scenario.schema import Codebook, Indicator

__all__ = ["Named", "Scored", "Sentence", "indicator_cues", "scored"]

#: What a cue is worth. A single word of a codebook is often an everyday one, so it needs company.
STRONG, WEAK, OWN_WORD = 1.0, 0.5, 0.6

#: The words of a sentence do not add up without end.
MOST = 2.5

#: For the sort of act, the rank of who meets, and names of the parties.
CLASS, RANK, WRONG_RANK, LOCAL = 0.3, 0.6, -1.2, 1.0

#: Parties that are only implied, and parties that are missing.
IMPLIED, MISSING = -0.25, -1.0

_MEETINGS = ("leader", "senior")


@dataclass(frozen=True, slots=True)
class Named:
    """The cues of a codebook: by indicator, its type, and the finder of all of them."""

    finder: Finder[tuple[str, float]]
    kinds: Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is known of a sentence before indicators are weighed; `implied` are actors that its context names."""

    words: Sequence[Token]
    mentions: Sequence[Mention]
    titles: Sequence[Title]
    implied: frozenset[str]
    act: str | None


@dataclass(frozen=True, slots=True)
class Scored:
    """An indicator with what it is worth in a sentence, the cues, and remarks that are not about a cue."""

    indicator: str
    score: float
    hits: tuple[Hit[tuple[str, float]], ...]
    remarks: tuple[str, ...]


def indicator_cues(codebook: Codebook) -> Named:
    """The lexicon's and the codebook's own cues for the indicators of a codebook."""
    kinds: dict[str, Kind] = {}
    cues: list[Cue[tuple[str, float]]] = []
    for name, indicator in codebook.indicators.items():
        kind = _type(name, indicator)
        kinds[name] = kind
        cues += [cue((name, STRONG), text) for text in kind.strong]
        cues += [cue((name, WEAK), text) for text in kind.weak]
        for text in indicator.cues:
            if any(char.isalnum() for char in text):
                cues.append(cue((name, STRONG if len(text.split()) > 1 else OWN_WORD), text))
    return Named(Finder(cues), kinds)


def _type(name: str, indicator: Indicator) -> Kind:
    """The lexicon's type of that name, else the first one with the same PLOVER class and a CAMEO code in common."""
    types = indicator_types()
    if name in types:
        return types[name]
    plover = (indicator.plover or "").partition("/")[0]
    for kind in types.values():
        if plover and kind.plover == plover and set(kind.cameo) & set(indicator.cameo):
            return kind
    return Kind(name, "partners" if indicator.kind == "event" else "partner", None, plover or None, (), (), ())


def scored(named: Named, sentence: Sentence, partners: tuple[str, str]) -> list[Scored]:
    """The indicators that a sentence may speak for, best first."""
    by_indicator: dict[str, list[Hit[tuple[str, float]]]] = {}
    for hit in named.finder.find(sentence.words):
        by_indicator.setdefault(hit.key[0], []).append(hit)
    ranks = {title.rank for title in sentence.titles}
    local = "local" in ranks or "economic" in ranks
    found = [
        _weighed(named.kinds[name], name, hits, sentence, partners, ranks, local=local)
        for name, hits in by_indicator.items()
    ]
    order = {name: position for position, name in enumerate(named.kinds)}
    return sorted(found, key=lambda one: (-one.score, order[one.indicator]))


def _weighed(
    kind: Kind,
    name: str,
    hits: Sequence[Hit[tuple[str, float]]],
    sentence: Sentence,
    partners: tuple[str, str],
    ranks: set[str],
    *,
    local: bool,
) -> Scored:
    used = _apart(hits)
    score = min(sum(hit.key[1] for hit in used), MOST)
    remarks: list[str] = []
    if kind.plover is not None and sentence.act == kind.plover:
        score += CLASS
        remarks.append(f"the act is of the class {sentence.act}")
    if kind.rank is not None:
        by, remark = _rank(kind.rank, used, sentence, ranks, local=local)
        score += by
        remarks += [remark] if remark else []
    elif name == "economic_cooperation" and local:
        score += LOCAL
        remarks.append("an official of a region or for the economy")
    by, remark = _parties(kind.who, sentence, partners)
    remarks += [remark] if remark else []
    return Scored(name, score + by, tuple(used), tuple(remarks))


def _rank(
    wanted: str, hits: Sequence[Hit[tuple[str, float]]], sentence: Sentence, ranks: set[str], *, local: bool
) -> tuple[float, str]:
    """What the ranks of those who meet do to a meeting of `wanted` rank."""
    if local:
        return WRONG_RANK, "an official of a region or for the economy"
    leaders = {title.actor or title.first for title in sentence.titles if title.rank == "leader"}
    has_senior = "senior" in ranks or any("delegation" in hit.cue.text for hit in hits)
    if wanted == "leader":
        # a leader who receives a minister is a minister's visit
        if not leaders or (has_senior and len(leaders) < 2):
            return WRONG_RANK, ""
        return RANK, "a head of state or government"
    if has_senior and (len(leaders) < 2 or "senior" in ranks):
        return RANK, "of the first rank below the leader"
    return WRONG_RANK, ""


def _parties(who: str, sentence: Sentence, partners: tuple[str, str]) -> tuple[float, str]:
    """What it costs that a sentence does not name whom the indicator is about."""
    named = {mention.key for mention in sentence.mentions}
    known = named | sentence.implied
    inside = named & set(partners)
    if who == "partners":
        if len(inside) == 2:
            return 0.0, ""
        if set(partners) <= known:
            return IMPLIED, "the other party is named nearby"
        return MISSING, ""
    if who == "outsider":
        outside = named - set(partners)
        if inside and outside:
            return 0.0, ""
        if outside and known & set(partners):
            return IMPLIED, "the party is named nearby"
        return MISSING if not outside else IMPLIED + MISSING, ""
    if inside:
        return 0.0, ""
    return (IMPLIED, "the party is named nearby") if known & set(partners) else (MISSING, "")


def _apart(hits: Sequence[Hit[tuple[str, float]]]) -> list[Hit[tuple[str, float]]]:
    """The heaviest, then longest cues that do not share a word."""
    chosen: list[Hit[tuple[str, float]]] = []
    for hit in sorted(hits, key=lambda one: (-one.key[1], one.first - one.last, one.first)):
        if all(hit.last < other.first or other.last < hit.first for other in chosen):
            chosen.append(hit)
    return sorted(chosen, key=lambda one: one.first)
