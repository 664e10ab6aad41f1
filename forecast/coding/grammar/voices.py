"""Who says so: verbs and nouns of saying and denying in a tree, and the words for the speaker."""

from dataclasses import dataclass

from forecast.coding.grammar.table import table
from forecast.coding.grammar.tree import Tree

__all__ = ["Voice", "adds_voice", "aside_voices", "is_untrue", "lemmas", "subject"]

#: Words after a verb that may belong to it: `call off`, `take effect`, `enter into force`.
_AFTER = 2

_CLAUSAL = frozenset(("ccomp", "parataxis", "csubj", "xcomp", "pcomp", "csubjpass"))


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who says or denies it: the verb or noun, the head of the speaker's name, and what kind of speaker.

    `kind` is `official`, `media`, `judge` or `unnamed`. `is_verb` is false for a noun such as `claim`.
    """

    word: int
    speaker: int | None
    kind: str
    denies: bool = False
    is_verb: bool = True
    is_doubt: bool = False


def lemmas(tree: Tree, at: int) -> frozenset[str]:
    """The base form of a word, and of the phrasal verb that it begins."""
    word = tree.words[at]
    found = {word.lemma, word.text}
    found |= {f"{word.lemma} {tree.words[child].text}" for child in tree.children(at, "prt", "advmod", "prep")}
    after = [one.text for one in tree.words[at + 1 : at + 1 + _AFTER]]
    found |= {" ".join([word.lemma, *after[: n + 1]]) for n in range(len(after))}
    return frozenset(found)


def subject(tree: Tree, verb: int) -> int | None:
    """The head of a verb's subject: its own, its agent in the passive, or that of the verb above it."""
    at = verb
    for _ in range(len(tree.words)):
        for agent in tree.children(at, "agent"):
            found = tree.children(agent, "pobj")
            if found:
                return found[0]
        own = tree.children(at, "nsubj", "csubj")
        if own:
            head = own[0]
            if tree.words[head].tag in ("WDT", "WP") and tree.words[at].dep == "relcl":
                return tree.words[at].head
            return head
        word = tree.words[at]
        passive = tree.children(at, "nsubjpass")
        if passive and at != verb and tree.words[verb].dep == "xcomp":
            return passive[0]  # `Arland is expected to send ...`
        if passive or word.dep not in ("conj", "xcomp", "advcl", "pcomp", "prep", "acomp"):
            break
        at = word.head
    word = tree.words[at]
    return word.head if word.dep in ("relcl", "acl") and word.tag in ("VBG", "VBZ", "VBD", "VBP") else None


def voice_of(tree: Tree, word: int, speaker: int | None, *, denies: bool, is_verb: bool) -> Voice:
    """A voice with the kind of its speaker."""
    words, kind = table(), "official"
    if speaker is not None:
        named = {tree.words[one].lemma for one in tree.phrase(speaker)}
        heads = {tree.words[speaker].lemma} | {tree.words[c].lemma for c in tree.children(speaker, "appos", "compound")}
        if tree.words[speaker].lemma in words["judges"]:
            kind = "judge"
        elif heads & words["media"]:
            kind = "media"
        elif tree.words[speaker].lemma in words["unnamed"] and not named & {"official", "government"}:
            kind = "unnamed"
    elif not is_verb:
        kind = "media" if tree.words[word].lemma in ("report", "story", "article", "news") else "unnamed"
    return Voice(word, speaker, kind, denies, is_verb)


def adds_voice(voices: list[Voice], tree: Tree, below: int, above: int, *, is_asked: bool, untrue: bool) -> bool:
    """Add the voice of a word above a clause, if it is one of saying or denying; whether that ends what it governs."""
    words, dep, found = table(), tree.words[below].dep, lemmas(tree, above)
    verb = tree.words[above]
    voices += [one for one in aside_voices(tree, above, below) if all(one.word != other.word for other in voices)]
    is_report = not verb.is_verb and verb.lemma in words["reports"]
    if is_report and (dep in ("acl", "ccomp", "relcl") or (dep == "prep" and tree.words[below].text in _ABOUT)):
        voices.append(voice_of(tree, above, _owner(tree, above, below), denies=False, is_verb=False))
        return True
    if not verb.is_verb:
        if verb.lemma == "denial" and dep in ("acl", "prep"):
            voices.append(voice_of(tree, above, _owner(tree, above, below), denies=True, is_verb=False))
            return True
        return False
    negated = any(tree.words[c].dep == "neg" for c in tree.children(above)) or _is_nor(tree, above)
    who = subject(tree, above)
    if found & words["denies"] and _is_denied(tree, voices, below, above):
        if not negated:
            voices.append(voice_of(tree, above, who, denies=True, is_verb=True))
        return True
    if dep in ("dobj", "ccomp", "nsubjpass", "pobj") and is_untrue(tree, above, below) and voices:
        voices.append(voice_of(tree, above, who, denies=True, is_verb=True))
        return True
    if found & words["doubts"] and dep in (*_CLAUSAL, "dobj"):
        made = voice_of(tree, above, who, denies=not negated, is_verb=True)
        voices.append(Voice(above, who, made.kind, denies=not negated, is_doubt=True))
        return True
    if is_asked and found & words["says"]:
        refuted = any(_says_no(tree, clause) for clause in tree.children(above, "ccomp", "oprd", "dobj"))
        voices.append(voice_of(tree, above, who, denies=refuted, is_verb=True))
        return True
    is_passive = bool(tree.children(above, "auxpass")) and who is None
    if found & words["says"] and dep in _CLAUSAL and not (is_passive and dep == "xcomp"):
        if negated:
            return True
        if dep == "pcomp" and verb.lemma not in ("accuse",):
            return False
        voices.append(voice_of(tree, above, who, denies=untrue, is_verb=True))
        return True
    if dep == "prep" and tree.words[below].text == "of" and verb.lemma == "accuse":
        voices.append(voice_of(tree, above, who, denies=False, is_verb=True))
        return True
    return False


def _is_nor(tree: Tree, verb: int) -> bool:
    """`neither confirmed nor denied`: either verb says nothing."""
    first = tree.words[verb].head if tree.words[verb].dep == "conj" else verb
    return any(tree.words[c].text in ("neither", "nor") for c in tree.children(first))


_ABOUT = frozenset(("of", "about", "on", "that", "concerning"))


def _is_denied(tree: Tree, voices: list[Voice], below: int, above: int) -> bool:
    """Whether the thing itself is denied: a clause, a claim, or for `deny` any object."""
    dep, lemma = tree.words[below].dep, tree.words[above].lemma
    if dep in ("ccomp", "pcomp", "xcomp", "csubjpass"):
        return True
    if dep in ("dobj", "nsubjpass", "prep", "pobj"):
        return lemma == "deny" or bool(voices and not voices[-1].is_verb)
    return False


def is_untrue(tree: Tree, above: int, below: int) -> bool:
    """Whether a verb calls its object or subject false: `called the report baseless`, `the claims are untrue`."""
    inside = set(tree.subtree(below)) if tree.words[below].dep != "ccomp" else {below}
    words = table()["untrue"]
    if tree.words[above].lemma in table()["labels"] and tree.words[below].dep != "ccomp":
        return any(tree.words[one].lemma in words for one in tree.subtree(above))
    for child in tree.children(above, "acomp", "attr", "oprd", "prep", "ccomp", "xcomp", "advcl", "dobj"):
        if child in inside:
            continue
        if any(tree.words[one].lemma in words for one in (child, *tree.children(child, "pobj", "acomp", "amod"))):
            return True
    return tree.words[below].dep == "ccomp" and tree.words[below].lemma in words


def _says_no(tree: Tree, clause: int) -> bool:
    """Whether an answer says that it is not so: `that no such plan existed`, `it was not true`."""
    words = table()
    below = list(tree.subtree(clause))
    return any(tree.words[one].text in words["negatives"] or tree.words[one].lemma in words["untrue"] for one in below)


def _owner(tree: Tree, noun: int, below: int) -> int | None:
    """Whose claim it is: `Arland's claim`, `an Arlish claim`, `reports in the Arlish press`, `a report by a bank`."""
    for child in tree.children(noun, "poss", "amod", "compound"):
        if child != below and tree.words[child].tag in ("NNP", "NNPS", "JJ", "NN", "NNS") and _is_name(tree, child):
            return child
    for child in tree.children(noun, "prep"):
        if child != below and tree.words[child].text in ("in", "by", "from", "of"):
            found = tree.children(child, "pobj")
            if found:
                return found[0]
    return None


def _is_name(tree: Tree, at: int) -> bool:
    word = tree.words[at]
    media = table()["media"]
    return word.tag in ("NNP", "NNPS") or word.dep == "poss" or word.lemma in media or word.is_name


def aside_voices(tree: Tree, at: int, below: int = -1) -> list[Voice]:
    """Who says so according to a part that hangs on a clause."""
    found = (_aside(tree, child, below) for child in tree.children(at, "prep", "advcl"))
    return [one for one in found if one is not None]


def _aside(tree: Tree, at: int, below: int) -> Voice | None:
    """`according to the ministry`, `as Arland claims`, hanging on the clause."""
    word = tree.words[at]
    if word.text == "according":
        for step in tree.children(at, "prep", "pobj"):
            for found in (*tree.children(step, "pobj"), *([step] if word.dep == "pobj" else [])):
                return voice_of(tree, at, found, denies=False, is_verb=True)
    is_other_clause = word.dep == "advcl" and at != below and word.lemma in table()["says"]
    if is_other_clause and any(tree.words[c].text == "as" for c in tree.children(at, "mark", "advmod")):
        return voice_of(tree, at, subject(tree, at), denies=False, is_verb=True)
    return None
