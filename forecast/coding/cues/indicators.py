"""Which indicator of a codebook a sentence speaks for, and which of its words say so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from forecast.coding.cues.actors import Mention, Title
from forecast.coding.cues.lexicon import Kind, indicator_types
from forecast.coding.cues.patterns import Cue, Finder, Hit, cue, passive
from forecast.coding.cues.tokens import Token
from forecast.scenario.schema import Codebook, Indicator

__all__ = ["Named", "NamedHit", "Scored", "Sentence", "indicator_cues", "scored"]

#: What a cue is worth. A single word of a codebook is often an everyday one, so it needs company.
STRONG, WEAK, OWN_WORD = 1.0, 0.5, 0.7

#: The words of a sentence do not add up without end.
MOST = 2.5

#: For the sort of act, the rank of who meets, and names of the parties.
CLASS, RANK, WRONG_RANK, UNKNOWN_RANK, LOCAL = 0.3, 0.6, -1.2, -0.3, 1.0

#: Parties that are only implied, and parties that are missing.
IMPLIED, MISSING = -0.1, -1.0

#: Of two parties one is named, and nobody else who could be meant.
ONE_NAMED = -0.15

#: What would be a turn to an outsider is between the partners.
WITH_EACH_OTHER = -1.0

#: The cue holds the verb of its clause.
GOVERNS = 0.3

#: What remains of a cue that is part of a longer one of another indicator.
PART_OF_OTHER = 0.3


type NamedHit = Hit[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Named:
    """The cues of a codebook: by indicator, its type, and the finder of all of them."""

    finder: Finder[tuple[str, float]]
    kinds: Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is known of a sentence before indicators are weighed; `implied` are actors that its context names,
    `names_both` is true where it says `the two countries`.
    """

    words: Sequence[Token]
    mentions: Sequence[Mention]
    titles: Sequence[Title]
    implied: frozenset[str]
    act: str | None
    names_both: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """An indicator with what it is worth in a sentence, the cues, and remarks that are not about a cue.

    `bare` is what it would be worth if its parties did not matter. `clause` is where its words stand.
    """

    indicator: str
    score: float
    hits: tuple[NamedHit, ...]
    remarks: tuple[str, ...]
    bare: float = 0.0
    of_partners: bool = False
    clause: int = 0


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
    cues += [turned for turned in map(passive, cues) if turned is not None]
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


def scored(
    named: Named, sentence: Sentence, partners: tuple[str, str], clause_of: Callable[[NamedHit], int | None]
) -> list[Scored]:
    """The indicators that the clauses of a sentence may speak for, best first.

    `clause_of` says in which clause a cue stands; None leaves the cue out.
    """
    by_place: dict[tuple[int, str], list[NamedHit]] = {}
    found_cues = [hit for hit in named.finder.find(sentence.words) if not _in_name(hit, sentence)]
    for hit in found_cues:
        clause = clause_of(hit)
        if clause is not None:
            by_place.setdefault((clause, hit.key[0]), []).append(hit)
    ranks = {title.rank for title in sentence.titles}
    local = "local" in ranks or "economic" in ranks
    found = [
        replace(
            _weighed(named.kinds[name], name, hits, found_cues, sentence, partners, ranks, local=local), clause=clause
        )
        for (clause, name), hits in by_place.items()
    ]
    for clause in dict.fromkeys(clause for clause, _ in by_place):
        found += _turned_away(named, [one for one in found if one.clause == clause], sentence, partners)
    order = {name: position for position, name in enumerate(named.kinds)}
    return sorted(found, key=lambda one: (-one.score, order[one.indicator]))


def _weighed(
    kind: Kind,
    name: str,
    hits: Sequence[NamedHit],
    others: Sequence[NamedHit],
    sentence: Sentence,
    partners: tuple[str, str],
    ranks: set[str],
    *,
    local: bool,
) -> Scored:
    used = _apart(hits)
    score = min(sum(hit.key[1] * _own(hit, others) for hit in used), MOST)
    remarks: list[str] = []
    if score < WEAK:
        # all that it has belongs to another indicator
        return Scored(name, score + MISSING, tuple(used), ())
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
    by, remark = _parties(kind.who, sentence, partners, used)
    remarks += [remark] if remark else []
    return Scored(name, score + by, tuple(used), tuple(remarks), score, kind.who == "partners")


def _in_name(hit: NamedHit, sentence: Sentence) -> bool:
    """Whether a cue of one word is part of a longer name: the `Treaty` of the Collective Security Treaty
    Organization.
    """
    return hit.first == hit.last and any(
        mention.first < mention.last and mention.first <= hit.first <= mention.last for mention in sentence.mentions
    )


def _own(hit: NamedHit, others: Sequence[NamedHit]) -> float:
    """A cue that is part of a longer one of another indicator is worth less: `visit` in `cancelled a visit`."""
    n_words = len(hit.cue.words)
    for other in others:
        shares = hit.first <= other.last and other.first <= hit.last
        if not shares or other.key[0] == hit.key[0] or other.key[1] != STRONG:
            continue
        # of two as long the first governs: `cancelled a meeting` and `meeting with the president`
        if (len(other.cue.words), -other.first) > (n_words, -hit.first):
            return PART_OF_OTHER
    return 1.0


def _turned_away(named: Named, found: Sequence[Scored], sentence: Sentence, partners: tuple[str, str]) -> list[Scored]:
    """An act of cooperation whose parties are one partner and an outsider, as an alignment with a rival."""
    made = []
    target = next((name for name, kind in named.kinds.items() if kind.name == "rival_alignment"), None)
    for one in found:
        kind = named.kinds[one.indicator]
        between_both = set(partners) <= {mention.key for mention in sentence.mentions}
        if target is None or kind.name not in _COOPERATIVE or one.bare < STRONG or between_both:
            continue
        first, last = one.hits[0].first, one.hits[-1].last
        near = sorted(sentence.mentions, key=lambda m: max(first - m.last, m.first - last, 0))
        parties = list(dict.fromkeys(mention.key for mention in near))[:2]
        if len(parties) == 2 and len(set(parties) & set(partners)) == 1:
            remark = f"{kind.name.replace('_', ' ')}, but with an outsider"
            made.append(Scored(target, one.bare + CLASS, one.hits, (*one.remarks, remark), clause=one.clause))
    best = max(made, key=lambda one: one.score, default=None)
    if best is None:
        return []
    return [best]


_COOPERATIVE = frozenset(
    (
        "leader_meeting",
        "formal_commitment",
        "military_exercise",
        "arms_transfer",
        "troop_deployment",
        "economic_cooperation",
    )
)


def _rank(
    wanted: str, hits: Sequence[NamedHit], sentence: Sentence, ranks: set[str], *, local: bool
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
    if not ranks:
        return UNKNOWN_RANK, "it is not said who met"
    return WRONG_RANK, ""


def _parties(who: str, sentence: Sentence, partners: tuple[str, str], hits: Sequence[NamedHit]) -> tuple[float, str]:
    """What it costs that a sentence does not name whom the indicator is about."""
    named = {mention.key for mention in sentence.mentions}
    known = named | sentence.implied
    inside = named & set(partners)
    if who == "partners":
        if len(inside) == 2 or sentence.names_both:
            return 0.0, ""
        if set(partners) <= known:
            return IMPLIED, "the other party is named nearby"
        outside = named - set(partners)
        if outside or not known & set(partners):
            return MISSING, ""
        return ONE_NAMED + (0.0 if inside else IMPLIED), "only one of the parties is named"
    if who == "outsider":
        outside = named - set(partners)
        if inside and outside:
            return (WITH_EACH_OTHER, "") if _between_partners(sentence, hits, partners) else (0.0, "")
        if outside and known & set(partners):
            return IMPLIED, "the party is named nearby"
        return MISSING if not outside else IMPLIED + MISSING, ""
    if inside:
        return 0.0, ""
    return (IMPLIED, "the party is named nearby") if known & set(partners) else (MISSING, "")


def _between_partners(sentence: Sentence, hits: Sequence[NamedHit], partners: tuple[str, str]) -> bool:
    """Whether what the cues name is `between` the partners themselves."""
    for hit in hits:
        after = [token.text for token in sentence.words[hit.last + 1 : hit.last + 10]]
        if "between" in after:
            at = hit.last + 1 + after.index("between")
            near = [mention.key for mention in sentence.mentions if at < mention.first <= at + 6]
            if set(partners) <= set(near) or sentence.names_both:
                return True
    return False


def _apart(hits: Sequence[NamedHit]) -> list[NamedHit]:
    """The heaviest, then longest cues that do not share a word."""
    chosen: list[NamedHit] = []
    for hit in sorted(hits, key=lambda one: (-one.key[1], one.first - one.last, one.first)):
        if all(hit.last < other.first or other.last < hit.first for other in chosen):
            chosen.append(hit)
    return sorted(chosen, key=lambda one: one.first)
