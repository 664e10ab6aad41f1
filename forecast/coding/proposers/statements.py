"""The statements of a sentence: for each clause the indicator that its words speak for, and whether it says that it
happened, did not, is planned, or that somebody says or denies so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from forecast.coding.act import DENIED_STATUSES, Manner, Status
from forecast.coding.cues.indicators import GOVERNS, Named, NamedHit, Scored, scored
from forecast.coding.cues.others import is_party
from forecast.coding.grammar.reading import Reading, Why, readings
from forecast.coding.grammar.table import table
from forecast.coding.grammar.tree import Tree
from forecast.coding.grammar.voices import Voice, is_untrue, lemmas, subject, voice_of
from forecast.coding.proposers.protocol import Material
from forecast.coding.proposers.sentence import Read

__all__ = ["Statement", "concluded", "left_over", "seems_of_others", "statements"]

#: The least that the cues of a clause must be worth.
LEAST = 0.6

#: The least that a further clause of a sentence must be worth.
LEAST_FURTHER = 0.85

#: What is worth less than this is not even listed.
LEAST_LISTED = 0.5


@dataclass(frozen=True, slots=True)
class Statement:
    """An indicator with its cues, the word that names the act, and what the sentence says about it.

    `refers_back` is true where a denial names nothing itself (`Arland rejected this`).
    """

    choice: Scored
    anchor: int
    reading: Reading
    refers_back: bool = False


def statements(named: Named, read: Read, material: Material, before: Sequence[Statement]) -> list[Statement]:
    """The statements of a sentence, in the order of its words; `before` are those of the sentences before it."""
    chosen = [
        one
        for one in _chosen(named, read, material)
        if not _tells_of_others(one, read, material) and not _is_outsiders(one, read, material)
    ]
    found: list[Statement] = []
    for choice in sorted(chosen, key=lambda one: one.hits[0].first):
        anchor = _anchor(read, choice)
        own = _own(read, choice)
        kind = named.kinds[choice.indicator].name
        made = [Statement(choice, anchor, one) for one in readings(read.tree, anchor, own, kind)]
        found += [one for one in made if not any(_says_the_same(one, other) for other in found)]
    found = _without_lapsed_plans(found)
    return [*found, *_refers_back(read, [*before, *found], _clauses(read, found))]


def _clauses(read: Read, found: Sequence[Statement]) -> frozenset[int]:
    """The clauses of statements and of those who say so."""
    words = [one.anchor for one in found] + [one.reading.voice.word for one in found if one.reading.voice is not None]
    return frozenset(read.tree.clause(above) for one in words for above in read.tree.up(one))


def _without_lapsed_plans(found: Sequence[Statement]) -> list[Statement]:
    """`was to meet him in May, but the meeting was postponed` is one statement, about the meeting."""
    lapsed = {one.choice.indicator for one in found if one.reading.status in DENIED_STATUSES}
    return [
        one
        for one in found
        if not (one.choice.indicator in lapsed and one.reading.status in (Status.SCHEDULED, Status.ANNOUNCED))
    ]


def _is_outsiders(choice: Scored, read: Read, material: Material) -> bool:
    """Whether somebody else than a partner does what only partners can do to each other."""
    if not choice.of_partners:
        return False
    anchor = _anchor(read, choice)
    passive = read.tree.children(anchor, "nsubjpass")
    doer = passive[0] if passive else subject(read.tree, anchor)
    keys = {read.named[one] for one in read.tree.phrase(doer) if one in read.named} if doer is not None else set()
    return bool(keys) and not keys & set(material.partners)


def left_over(named: Named, read: Read, material: Material) -> Scored | None:
    """The indicator of a sentence without a statement that came nearest to one."""
    found = scored(named, read.seen, material.partners, lambda _: 0)
    return next((one for one in found if one.bare >= LEAST and one.score >= LEAST_LISTED - 1), None)


def seems_of_others(choice: Scored, read: Read) -> bool:
    """Whether an act between the partners is told with others in it and no partner, though one is named nearby."""
    others = read.others
    if not choice.of_partners or not others.keys:
        return False
    return others.are_two or is_party(read.words, read.mentions, others.keys, choice.hits[-1].first)


def _chosen(named: Named, read: Read, material: Material) -> list[Scored]:
    """The best indicator of each clause; of the sentence as a whole where no clause is enough by itself."""
    tree = read.tree

    def clause_of(hit: NamedHit) -> int | None:
        top = _top(read, hit)
        if top is None or _is_bare_cancellation(tree, read, hit):
            return None
        return tree.clause(top)

    found = [_governing(read, one) for one in scored(named, read.seen, material.partners, clause_of)]
    best: dict[int, Scored] = {}
    for one in sorted(found, key=lambda one: -one.score):
        if one.score >= LEAST and one.clause not in best:
            best[one.clause] = one
    if not best:
        whole = scored(named, read.seen, material.partners, lambda hit: 0 if clause_of(hit) is not None else None)
        return [one for one in whole if one.score >= LEAST][:1]
    first = max(best.values(), key=lambda one: one.score)
    return [one for one in best.values() if one is first or one.score >= LEAST_FURTHER]


def _governing(read: Read, one: Scored) -> Scored:
    """A cue with the verb of its clause says more than one with a noun."""
    governs = any(_top(read, hit) == one.clause and read.tree.words[one.clause].is_verb for hit in one.hits)
    return replace(one, score=one.score + GOVERNS) if governs else one


def _is_bare_cancellation(tree: Tree, read: Read, hit: NamedHit) -> bool:
    """`the visit was cancelled`, without saying by whom: the visit did not take place, and nobody is to blame."""
    words = table()
    inside = _words_of(read, hit)
    for one in inside:
        found = lemmas(tree, one)
        if found & words["cancels"] and tree.words[one].tag == "VBN" and len(inside) > 1:
            return not tree.children(one, "agent") and bool(tree.children(one, "auxpass", "nsubjpass"))
    return False


def _words_of(read: Read, hit: NamedHit) -> list[int]:
    found = (read.tree_at[token] for token in range(hit.first, hit.last + 1) if read.words[token].is_word)
    return list(dict.fromkeys(one for one in found if one is not None))


def _top(read: Read, hit: NamedHit) -> int | None:
    """The word of a cue that is highest in the tree: of `sent missiles`, `sent`."""
    ends = [one for one in (read.tree_at[hit.first], read.tree_at[hit.last]) if one is not None]
    return min(ends, key=lambda one: (read.tree.depth(one), one), default=None)


def _anchor(read: Read, choice: Scored) -> int:
    """The word that names the act: the highest one of the heaviest cues."""
    heaviest = max(hit.key[1] for hit in choice.hits)
    tops = [top for hit in choice.hits if hit.key[1] == heaviest and (top := _top(read, hit)) is not None]
    return min(tops, key=lambda one: (read.tree.depth(one), one)) if tops else 0


def _own(read: Read, choice: Scored) -> frozenset[int]:
    """The words of the cues, but for what stands in a gap of one: `did not hold talks` negates `hold ... talks`."""
    own: set[int] = set()
    for hit in choice.hits:
        spelt = {word for part in hit.cue.words for word in part.exact}
        for token in range(hit.first, hit.last + 1):
            word = read.tree_at[token]
            # `was to meet` is no passive of `meet`, and its `was` says that it was planned
            is_form_of_be = word is not None and read.tree.words[word].lemma == "be"
            if (
                word is not None
                and not is_form_of_be
                and (token in (hit.first, hit.last) or read.words[token].text in spelt)
            ):
                own.add(word)
    return frozenset(own)


def _says_the_same(one: Statement, other: Statement) -> bool:
    """Whether two clauses of a sentence make one statement: `held talks ... to discuss a visit`."""
    a, b = one.reading, other.reading
    if one.choice.indicator != other.choice.indicator or (a.denies, a.manner, a.status) != (
        b.denies,
        b.manner,
        b.status,
    ):
        return False
    return (a.voice and a.voice.speaker) == (b.voice and b.voice.speaker) and a.is_possible == b.is_possible


def _tells_of_others(choice: Scored, read: Read, material: Material) -> bool:
    """Whether others do what the words say, and it cannot be what the indicator asks of outsiders."""
    if not read.others.are_two:
        return False
    here = {mention.key for mention in read.mentions}
    if not (read.seen.implied | here) & set(material.partners):
        return True
    # drills of rivals threaten a partner who is named nearby; a visit of theirs is not a visit of the partner
    named = read.others.keys & here
    return choice.of_partners and (not named or is_party(read.words, read.mentions, named, choice.hits[-1].first))


_POINTING = frozenset(("this", "that", "it", "these", "those", "them"))


def _refers_back(read: Read, before: Sequence[Statement], used: frozenset[int]) -> Iterator[Statement]:
    """`Arland rejected this`, `the report is baseless`, `it did not happen`: a denial of the statement before."""
    last = next((one for one in reversed(before) if not one.reading.denies and not one.refers_back), None)
    if last is None:
        return
    tree = read.tree
    for at, word in enumerate(tree.words):
        if not word.is_verb or tree.clause(at) in used:
            continue
        voice = _denier(tree, at)
        if voice is None and not _lapses(tree, at):
            continue
        why = (Why(at, "denies", "a denial of what was told before"),)
        reading = Reading(True, Manner.ACT, None, False, voice, why)
        token = next((n for n, one in enumerate(read.tree_at) if one == at), 0)
        hit = replace(last.choice.hits[0], first=token, last=token)
        choice = replace(last.choice, hits=(hit,), remarks=(), clause=at)
        yield Statement(choice, at, reading, refers_back=True)
        return


def _denier(tree: Tree, at: int) -> Voice | None:
    """Who denies something by a word that points back: `rejected this`, `called it baseless`, `no such plan`."""
    words = table()
    objects = tree.children(at, "dobj", "nsubjpass", "nsubj", "oprd", "attr", "det")
    pointing = [
        one for one in objects if tree.words[one].text in _POINTING or tree.words[one].lemma in words["reports"]
    ]
    denies = lemmas(tree, at) & words["denies"] and any(tree.words[one].dep != "nsubj" for one in pointing)
    untrue = any(is_untrue(tree, at, one) for one in pointing)
    small = any(_small_clause(tree, child) for child in tree.children(at, "ccomp"))
    if not (denies or untrue or small or any(_no_such(tree, one) for one in objects)):
        return None
    who = subject(tree, at)
    if not denies and (who in pointing or (who is not None and _no_such(tree, who))):
        who = subject(tree, tree.words[at].head) if tree.words[at].dep == "ccomp" else None
    return voice_of(tree, at, who, denies=True, is_verb=True)


def _no_such(tree: Tree, noun: int) -> bool:
    """`no such plan`."""
    texts = {tree.words[one].text for one in tree.children(noun, "det", "amod", "predet")}
    return {"no", "such"} <= texts


def _lapses(tree: Tree, at: int) -> bool:
    """`He did not.`, `That never happened.`: a short sentence that says so of what was told before."""
    if len(tree.words) > MOST_ELLIPSIS or tree.words[at].dep != "ROOT":
        return False
    negated = any(tree.words[one].dep == "neg" for one in tree.children(at))
    points = any(tree.words[one].tag in ("PRP", "DT") for one in tree.children(at, "nsubj", "nsubjpass"))
    return negated and points and tree.words[at].lemma in _PRO_VERBS


#: Words and marks of a sentence such as `He did not.`
MOST_ELLIPSIS = 7

_PRO_VERBS = frozenset(("do", "have", "be", "happen", "occur", "come", "materialise", "materialize", "go"))


def _small_clause(tree: Tree, at: int) -> bool:
    """`called the article baseless`, as a clause of its own with `baseless` as its verb."""
    words = table()
    return tree.words[at].lemma in words["untrue"] and any(
        tree.words[c].lemma in words["reports"] or tree.words[c].text in _POINTING for c in tree.children(at, "nsubj")
    )


#: Verbs by which a sentence concludes from the one before it.
_CONCLUDES = frozenset(
    ["indicate", "indicates", "indicated", "suggest", "suggests", "suggested", "imply", "implies", "shows", "show"]
)
_CONTENT = 5


def concluded(before: Read, chosen: Sequence[Statement], read: Read, mine: Sequence[Statement]) -> Statement | None:
    """The statement of a sentence with the indicator of the next one, which says what it is a sign of.

    `Pictures show trains at the border. The trains suggest that weapons are delivered.` The first is what was seen of
    it.
    """
    if not chosen or not mine or read.at.paragraph != before.at.paragraph:
        return None
    first, next_one = chosen[0].choice, mine[0].choice
    verb = next((n for n, token in enumerate(read.words) if token.text in _CONCLUDES), None)
    if verb is None or next_one.hits[0].first < verb or next_one.indicator == first.indicator:
        return None
    subjects = {token.text for token in read.words[:verb] if len(token.text) >= _CONTENT}
    names = {token.text for m in before.mentions for token in before.words[m.first : m.last + 1]}
    told = {token.text for token in before.words if len(token.text) >= _CONTENT} - names
    refers = bool(subjects & told) or read.words[0].text in ("this", "these", "that", "which")
    if not refers:
        return None
    remark = "the next sentence concludes this from it"
    return replace(chosen[0], choice=replace(first, indicator=next_one.indicator, remarks=(*first.remarks, remark)))
