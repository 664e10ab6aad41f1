"""Parts of a sentence that are told in passing: relative clauses and appositions between commas."""

import itertools
from collections.abc import Sequence

from forecast.coding.cues.tokens import Token

__all__ = ["aside_of", "asides", "clause_of"]

_RELATIVE = frozenset(("which", "who", "whose", "whom", "where"))
_ARTICLES = frozenset(("a", "an"))
_CONJUNCTIONS = frozenset(("and", "but", "while", "whereas", "although", "though", "yet", "or", "so"))

#: An aside is no longer than this, in tokens; what is longer is a clause of its own.
MOST_TOKENS = 25


def asides(text: Sequence[Token]) -> list[tuple[int, int]]:
    """First and last token of each part between two commas that presupposes what it says.

    A relative clause (`Arland, which sells arms, ...`), an apposition (`Arland, a party to the treaty, ...`), a
    participle (`Arland, isolated by its neighbours, ...`). What follows the last comma asserts as much as a main
    clause does.
    """
    found: list[tuple[int, int]] = []
    commas = [at for at, token in enumerate(text) if token.text in (",", "–", "—")]
    closed = -1
    for opening, closing in itertools.pairwise(commas):
        if opening in (0, closed) or not 1 <= closing - opening - 1 <= MOST_TOKENS:
            continue
        first, before = text[opening + 1], text[opening - 1]
        if all(token.is_capital or token.text in ("-", "of", "the") for token in text[opening + 1 : closing]):
            # a name: `the President, Arn Arnson, received ...` goes on with its verb
            closed = closing
            continue
        participle = first.text.endswith("ed") and before.is_capital
        apposition = first.text in _ARTICLES and before.is_capital
        if first.text in _RELATIVE or participle or apposition:
            found.append((opening + 1, closing - 1))
            closed = closing
    return found


def clause_of(text: Sequence[Token], at: int) -> int:
    """Number of the coordinate clause in which a token stands: they are parted by `, and`, `, but`, `;` and the
    like.
    """
    marks = [
        number
        for number, token in enumerate(text[:-1])
        if token.text == ";" or (token.text == "," and text[number + 1].text in _CONJUNCTIONS)
    ]
    return sum(mark < at for mark in marks)


def aside_of(at: int, within: Sequence[tuple[int, int]]) -> int | None:
    """Number of the aside in which a token stands."""
    return next((number for number, (first, last) in enumerate(within) if first <= at <= last), None)
