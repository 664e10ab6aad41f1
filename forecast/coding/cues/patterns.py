"""Cues: words as a lexicon or a codebook spells them, compiled once and found in a sentence in one pass.

`word*` is any word that begins so, ` ... ` up to five words between, a word after `+` any form of that verb. Hyphens
and spaces are the same, case does not matter, and no cue reaches over a semicolon, a colon or a full stop.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from forecast.coding.cues.inflect import forms
from forecast.coding.cues.tokens import Token, tokens

__all__ = ["MOST_GAP", "Cue", "Finder", "Hit", "cue", "passive"]

#: Words that may stand where a cue has ` ... `.
MOST_GAP = 5

#: A shorter beginning of a word stands for the forms of that word only.
LEAST_PREFIX = 4

_ENDS = frozenset(".;:!?")


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a cue: `exact` ones, or any that begins with `prefix`; after a gap of up to `gap` other words."""

    exact: frozenset[str]
    prefix: str
    gap: int

    def fits(self, text: str) -> bool:
        return text in self.exact or (bool(self.prefix) and text.startswith(self.prefix))


@dataclass(frozen=True, slots=True)
class Cue[Key: Hashable]:
    """A compiled cue: what it speaks for, how it was spelt, and its words."""

    key: Key
    text: str
    words: tuple[_Word, ...]


@dataclass(frozen=True, slots=True)
class Hit[Key: Hashable]:
    """A cue that was found: the positions of its first and last token, both included."""

    cue: Cue[Key]
    first: int
    last: int

    @property
    def key(self) -> Key:
        """What it speaks for."""
        return self.cue.key


def cue[Key: Hashable](key: Key, text: str, *, verb: bool = False) -> Cue[Key]:
    """Compile a cue.

    Parameters
    ----------
    key
        What it speaks for.
    text
        Its words.
    verb
        True if the first word stands for all forms of a verb, as after `+`.

    Raises
    ------
    ValueError
        If there is no word in it.
    """
    words: list[_Word] = []
    gap, inflected = 0, verb
    for part in text.split():
        if part == "...":
            gap = MOST_GAP
            continue
        inflected = inflected or part.startswith("+")
        for token in tokens(part.removeprefix("+").removesuffix("*")):
            if token.is_word:
                exact = forms(token.text) if inflected else frozenset([token.text])
                words.append(_Word(exact, "", gap))
                gap, inflected = 0, False
        if part.endswith("*") and words:
            last = words[-1]
            stem = next(iter(last.exact))
            # `ban*` is ban, bans and banned, and not bank
            short = forms(stem) | {f"{stem}s"}
            words[-1] = _Word(short, "", last.gap) if len(stem) < LEAST_PREFIX else _Word(frozenset(), stem, last.gap)
    if not words:
        raise ValueError(f"'{text}' is no cue: it has no word")
    return Cue(key, text, tuple(words))


_BE = frozenset(("is", "are", "was", "were", "be", "been", "being"))


def passive[Key: Hashable](active: Cue[Key]) -> Cue[Key] | None:
    """The cue turned round, `+cancel ... visit` into `visit ... was cancelled`; None where it has no object at a
    distance.
    """
    verb, *rest = active.words
    if not rest or rest[0].gap == 0 or not {form for form in verb.exact if form.endswith("ing")}:
        return None
    participles = frozenset(form for form in verb.exact if not form.endswith(("ing", "s")))
    words = (_Word(rest[0].exact, rest[0].prefix, 0), *rest[1:], _Word(_BE, "", MOST_GAP), _Word(participles, "", 1))
    return Cue(active.key, f"{active.text} (passive)", words)


class Finder[Key: Hashable]:
    """Many cues at once; looks up by first word, so that the time hardly depends on their number."""

    def __init__(self, cues: Iterable[Cue[Key]]) -> None:
        self.cues = tuple(cues)
        self._exact: dict[str, list[Cue[Key]]] = defaultdict(list)
        self._prefix: dict[str, list[Cue[Key]]] = defaultdict(list)
        for entry in self.cues:
            first = entry.words[0]
            for word in first.exact:
                self._exact[word].append(entry)
            if first.prefix:
                self._prefix[first.prefix[:3]].append(entry)

    def find(self, text: Sequence[Token]) -> list[Hit[Key]]:
        """Every cue that stands in the tokens, by first token, longer ones first; each cue once per place."""
        hits: list[Hit[Key]] = []
        for at, token in enumerate(text):
            found = []
            candidates = [*self._exact.get(token.text, ()), *self._prefix.get(token.text[:3], ())]
            for candidate in candidates:
                last = _end(candidate.words, text, at)
                if last is not None:
                    found.append(Hit(candidate, at, last))
            hits += sorted(found, key=lambda hit: -hit.last)
        return hits


def _end(words: Sequence[_Word], text: Sequence[Token], at: int) -> int | None:
    """Position of the last token if the words stand there from `at` on."""
    if not words[0].fits(text[at].text):
        return None
    for word in words[1:]:
        skipped = depth = 0
        at += 1
        while at < len(text):
            token = text[at]
            # what stands in brackets is passed over
            depth += (token.text == "(") - (token.text == ")")
            if depth == 0 and word.fits(token.text):
                break
            if token.text in _ENDS or depth < 0:
                return None
            if depth or token.text == ")":
                pass
            elif token.is_word:
                skipped += 1
                if skipped > word.gap:
                    return None
            elif not word.gap and token.text not in ("-", "'s"):
                return None
            at += 1
        else:
            return None
    return at
