"""What a sentence says about the thing that a word of it names: that it happened, did not, may, or is planned; and in
whose words.

The tree is read from the word upward. Each word above may negate, postpone, plan or report what is below it. Which
words do so is in `lexicon/grammar.yaml`; this file has the rules.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from forecast.coding.act import Manner, Status
from forecast.coding.grammar.table import Table, table
from forecast.coding.grammar.tree import Tree
from forecast.coding.grammar.voices import Voice, adds_voice, aside_voices, is_untrue, lemmas

__all__ = ["Reading", "Why", "readings"]

#: Verbs that do by saying: who announces a withdrawal withdraws, if the indicator counts declared steps.
_DECLARES = frozenset(("announce", "declare", "proclaim", "order"))

_OBJECTS = frozenset(("dobj", "nsubjpass", "pobj", "attr", "csubjpass"))
_SUBJECTS = frozenset(("nsubj", "nsubjpass", "csubj", "csubjpass"))
_COMPLEMENTS = frozenset(("xcomp", "ccomp", "pcomp", "acl", "advcl", *_OBJECTS))

_OFFERS = frozenset(("offer", "proposal", "invitation"))

#: Above these a clause stands on its own: what is said of the noun or the main clause is not said of it.
_OPAQUE = frozenset(("relcl", "advcl", "parataxis"))


@dataclass(frozen=True, slots=True)
class Why:
    """A word that decided a field, and a remark."""

    word: int
    field: str
    note: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One statement about a thing: whether it is denied, its manner and stage, who says so, and which words decided."""

    denies: bool
    manner: Manner
    status: Status | None
    is_possible: bool
    voice: Voice | None
    why: tuple[Why, ...]


@dataclass(slots=True)
class _State:
    """What has been seen on the way up."""

    tree: Tree
    own: Collection[int]
    kind: str
    words: Table = field(default_factory=table)
    is_open: bool = True
    n_negations: int = 0
    manner: Manner = Manner.ACT
    status: Status | None = None
    possible: bool = False
    had_plan: bool = False
    is_asked: bool = False
    untrue: bool = False
    voices: list[Voice] = field(default_factory=list)
    why: list[Why] = field(default_factory=list)

    def negate(self, at: int, note: str = "says that it is not so") -> None:
        self.n_negations += 1
        self.why.append(Why(at, "denies", note))

    def plan(self, at: int, manner: Manner, status: Status | None) -> None:
        """A plan; what was given up or put off stays so."""
        if self.status in (Status.CALLED_OFF, Status.POSTPONED):
            return
        if self.manner is Manner.ACT or manner in (Manner.THREAT, Manner.OFFER):
            self.manner = manner
        if self.status is None or status is not Status.ANNOUNCED:
            self.status = status or self.status
        self.why.append(Why(at, "manner", f"{manner}{', ' + status if status else ''}"))

    def give_up(self, at: int, status: Status) -> None:
        self.manner, self.status = Manner.ANNOUNCEMENT, status
        self.why.append(Why(at, "status", status.value))


def readings(tree: Tree, anchor: int, own: Collection[int], kind: str) -> list[Reading]:
    """The statements of a sentence about what a word names: one, or two where a claim and its denial meet.

    Parameters
    ----------
    tree
        The sentence.
    anchor
        The word: the verb of an act, or a noun such as `visit`.
    own
        Words of the cue. A negation among them is part of what the cue means.
    kind
        Type of the indicator, for acts that are done by declaring them.
    """
    state = _State(tree, own, kind)
    _operators(state, anchor, anchor)
    if not tree.words[anchor].is_verb and tree.words[anchor].lemma in _OFFERS:
        state.plan(anchor, Manner.OFFER, None)
    state.voices += aside_voices(tree, anchor)
    below = anchor
    while (above := tree.words[below].head) != below:
        _step(state, below, above)
        below = above
    return _made(state)


def _operators(state: _State, at: int, anchor: int) -> None:
    """Negations, modal verbs and the like that hang on a word."""
    tree, words = state.tree, state.words
    is_verb = tree.words[at].is_verb
    for child in tree.children(at):
        word = tree.words[child]
        is_party = is_verb and (word.dep in _SUBJECTS or (word.dep in ("dobj", "attr") and at == anchor))
        if is_party and (no := _no_of(state, child)) is not None:
            state.negate(no)
        if child in state.own:
            continue
        if (word.dep == "neg" or word.text in words["negatives"]) and word.dep not in ("dobj", "pobj", "nsubj"):
            if not _is_only(tree, child):
                state.negate(child)
        elif word.dep == "advmod" and word.text == "longer":
            state.negate(child)
        elif word.dep == "aux":
            _modal(state, at, child)
        elif word.dep == "mark" and word.text in words["conditions"]:
            state.possible = True
            state.why.append(Why(child, "asserted_as", "a condition"))
        elif word.dep == "advmod" and word.lemma in words["uncertain"]:
            state.possible = True
            state.why.append(Why(child, "asserted_as", "a guess"))
        elif not is_verb and word.dep in ("amod", "acl", "compound"):
            _participle(state, child)
    if is_verb:
        stage = next((s for s, verbs in words.stages.items() if lemmas(tree, at) & verbs), None)
        if stage is not None and (at == anchor or state.is_open) and state.status is None:
            state.status = Status(stage)


def _modal(state: _State, verb: int, aux: int) -> None:
    text = state.tree.words[aux].text
    if text in state.words["possible"]:
        state.possible = True
        state.why.append(Why(aux, "asserted_as", "a guess"))
    elif text in state.words["future"]:
        has_have = any(state.tree.words[c].lemma == "have" for c in state.tree.children(verb, "aux"))
        if has_have and text == "would":
            state.possible = True
        else:
            state.plan(aux, Manner.ANNOUNCEMENT, Status.ANNOUNCED)


def _participle(state: _State, at: int) -> None:
    """`a planned visit`, `a visit scheduled for May`, `the cancelled meeting`."""
    found = lemmas(state.tree, at)
    if found & state.words["cancels"]:
        state.give_up(at, Status.CALLED_OFF)
    elif found & state.words["postpones"]:
        state.give_up(at, Status.POSTPONED)
    elif found & (state.words["scheduled"] | {"plan"}) and state.tree.words[at].tag in ("VBN", "JJ", "VBD"):
        state.had_plan = state.manner is Manner.ACT
        state.plan(at, Manner.ANNOUNCEMENT, Status.SCHEDULED)


def _no_of(state: _State, noun: int) -> int | None:
    """The `no` of a noun, or the noun itself if it is `nobody`."""
    if state.tree.words[noun].lemma in ("nobody", "none", "nothing", "neither"):
        return noun
    found = (c for c in state.tree.children(noun, "det", "neg", "preconj") if c not in state.own)
    return next((c for c in found if state.tree.words[c].text in ("no", "neither", "not")), None)


def _is_only(tree: Tree, at: int) -> bool:
    """`not only`, `not least`, `no later than` negate nothing."""
    after = tree.words[at + 1].text if at + 1 < len(tree.words) else ""
    return after in ("only", "least", "just", "later", "merely")


def _step(state: _State, below: int, above: int) -> None:
    """One step up the tree."""
    tree, words = state.tree, state.words
    dep, verb, found = tree.words[below].dep, tree.words[above], lemmas(state.tree, above)
    if dep == "conj":
        _coordinate(state, below, above)
        return
    if found & words["questions"] and dep in (*_COMPLEMENTS, "prep"):
        state.is_asked = state.possible = True
        state.is_open = False
    if adds_voice(state.voices, tree, below, above, is_asked=state.is_asked, untrue=state.untrue):
        if state.voices and state.voices[-1].word == above:
            said = state.voices[-1]
            note = "a denial" if said.denies else "who says so"
            state.why.append(Why(above, "denies" if said.denies else "asserted_as", note))
        else:
            state.possible = True
        if verb.lemma == "warn" and state.manner is Manner.ANNOUNCEMENT:
            state.manner = Manner.THREAT
        state.is_open = False
        return
    if dep in _SUBJECTS and is_untrue(tree, above, below):
        state.untrue = True
        state.is_open = False
    if "do" in found and dep == "ccomp":
        state.is_open = False  # `the parliament objected, the government did not`
    if not state.is_open:
        return
    _complement(state, below, above)
    if (
        dep in _OPAQUE
        or (dep == "acl" and not (_is_plan(state, above) or found & (words["threats"] | words["evidence"])))
        or (dep in ("nsubj", "csubj") and not found & words["occurs"])
    ):
        state.is_open = False
    elif dep != "conj" and state.is_open:
        _operators(state, above, -1)


def _coordinate(state: _State, below: int, above: int) -> None:
    """Of two verbs in a row the second has the subject, the modal verb and the negation of the first."""
    tree = state.tree
    own_subject = tree.children(below, *_SUBJECTS)
    same = tree.words[below].tag == tree.words[above].tag
    if tree.words[below].is_verb and not own_subject and same and tree.words[below].tag in ("VB", "VBN", "VBG"):
        contrast = any(tree.words[c].text == "but" for c in tree.children(above, "cc"))
        if state.is_open and not contrast and not tree.children(below, "aux"):
            _operators(state, above, -1)


def _complement(state: _State, below: int, above: int) -> None:
    """What a verb, noun or preposition does to what depends on it."""
    tree, words = state.tree, state.words
    dep, found = tree.words[below].dep, lemmas(tree, above)
    if dep in ("nsubj", "nsubjpass") and _is_raised(state, above):
        # `the treaty has yet to be signed`, `the talks failed to start`: said of what its subject does
        dep = "xcomp"
    if (above in state.own and tree.words[above].is_verb) or dep not in _COMPLEMENTS | {
        "nsubj",
        "prep",
        "compound",
        "relcl",
    }:
        return
    infinitive = dep == "xcomp" or (dep == "acl" and bool(tree.children(below, "aux")))
    if found & words["cancels"] and dep in ("dobj", "nsubjpass", "nsubj"):
        state.give_up(above, Status.CALLED_OFF)
    elif found & words["postpones"] and dep in ("dobj", "nsubjpass", "nsubj"):
        state.give_up(above, Status.POSTPONED)
    elif found & words["fails"] and dep in ("xcomp", "pcomp"):
        state.negate(above, "did not do it")
    elif found & words["lacking"] and dep in ("pobj", "pcomp", "xcomp", "prep"):
        state.negate(above)
    elif "have" in found and dep == "xcomp" and any(tree.words[c].text == "yet" for c in tree.children(above)):
        state.negate(above, "not yet")
    elif "be" in found and infinitive:
        state.plan(above, Manner.ANNOUNCEMENT, Status.SCHEDULED)
    elif found & words["threatens"] or (found & words["threats"] and dep in ("acl", "prep", "relcl")):
        state.plan(above, Manner.THREAT, None)
    elif found & words["offers"] and dep in ("xcomp", "ccomp", "dobj", "acl"):
        state.plan(above, Manner.OFFER, None)
    elif found & words["scheduled"] and dep in ("xcomp", "ccomp", "dobj", "nsubjpass"):
        state.plan(above, Manner.ANNOUNCEMENT, Status.SCHEDULED)
    elif found & words["intended"] and dep in ("xcomp", "ccomp", "dobj", "nsubjpass"):
        state.plan(above, Manner.ANNOUNCEMENT, Status.ANNOUNCED)
    elif found & _DECLARES and dep in ("dobj", "nsubjpass"):
        if state.kind not in words["declared"]:
            state.plan(above, Manner.ANNOUNCEMENT, Status.ANNOUNCED)
    elif _is_plan(state, above) and (dep in ("acl", "relcl", "compound") or (dep == "prep" and _leads(tree, below))):
        offered = found & _OFFERS
        state.plan(above, Manner.OFFER if offered else Manner.ANNOUNCEMENT, None if offered else Status.ANNOUNCED)
    elif found & words["uncertain"] and dep in ("xcomp", "ccomp"):
        state.possible = True
        state.why.append(Why(above, "asserted_as", "a guess"))


def _is_plan(state: _State, noun: int) -> bool:
    """`a plan`, `a draft law`."""
    listed = (noun, *state.tree.children(noun, "amod", "compound"))
    return any(state.tree.words[one].lemma in state.words["plans"] for one in listed)


def _is_raised(state: _State, verb: int) -> bool:
    """Whether a verb tells of its subject by an infinitive of happening: `is to start`, `failed to take place`."""
    found = (state.tree.words[one] for one in state.tree.children(verb, "xcomp"))
    return any(one.is_verb and one.lemma in state.words["occurs"] for one in found)


def _leads(tree: Tree, preposition: int) -> bool:
    """`a plan for a visit`, `the possibility of talks`; `a plan with Borland` is something else."""
    return tree.words[preposition].text in ("for", "of", "to", "on", "about")


def _made(state: _State) -> list[Reading]:
    """The statements, the innermost speaker's first."""
    negated = state.n_negations % 2 == 1
    if negated and state.had_plan and state.status is Status.SCHEDULED:
        # `the planned visit did not take place` tells of the visit, not of the plan
        state.manner, state.status = Manner.ACT, None
    deniers = [one for one in state.voices if one.denies]
    claims = [one for one in state.voices if not one.denies]
    base = Reading(negated, state.manner, state.status, state.possible, None, tuple(state.why))
    if state.untrue and not deniers:
        # nobody is quoted, or it is said that the report is false
        if len(claims) > 1 or (claims and claims[-1].is_verb):
            deniers, claims = [replace(claims[-1], denies=True)], claims[:-1]
        else:
            base, claims = replace(base, denies=not negated), []
    if not deniers:
        return [replace(base, voice=claims[0] if claims else None)]
    denial = replace(base, denies=not negated, voice=deniers[0], is_possible=False)
    inside = [] if state.is_asked else list(_claimed(claims, deniers[0]))
    return [*(replace(base, voice=one) for one in inside[:1]), denial]


def _claimed(claims: list[Voice], denier: Voice) -> Iterator[Voice]:
    """Whose claim is denied: another speaker than the one who denies."""
    yield from (one for one in claims if one.speaker is not None and one.speaker != denier.speaker)
