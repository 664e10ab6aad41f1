"""Parts of a sentence that are told in passing: relative clauses and appositions between commas."""

from collections.abc import Sequence

from forecast.evidence.cues.tokens import Token

__all__ = ["aside_of", "asides"]

_RELATIVE = frozenset(("which", "who", "whose", "whom", "where"))
_ARTICLES = frozenset(("a", "an"))

#: An aside is no longer than this, in tokens; what is longer is a clause of its own.
MOST_TOKENS = 25


def asides(text: Sequence[Token]) -> list[tuple[int, int]]:
    """First and last token of each part between two commas that presupposes what it says.

    A relative clause (`Arland, which sells arms, ...`), an apposition (`Arland, a party to the treaty, ...`), a participle
    (`Arland, isolated by its neighbours, ...`). What follows the last comma asserts as much as a main clause does.
    """
    found: list[tuple[int, int]] = []
    commas = [at for at, token in enumerate(text) if token.text in (",", "–", "—")]
    for opening, closing in zip(commas, commas[1:], strict=False):
        if opening == 0 or not 2 <= closing - opening - 1 <= MOST_TOKENS:
            continue
        first, before = text[opening + 1], text[opening - 1]
        participle = first.text.endswith("ed") and before.is_capital
        apposition = first.text in _ARTICLES and before.is_capital
        if first.text in _RELATIVE or participle or apposition:
            found.append((opening + 1, closing - 1))
    # `Arland, isolated, and Borland, whose trade was cut, agreed`
    return found


def aside_of(at: int, within: Sequence[tuple[int, int]]) -> int | None:
    """Number of the aside in which a token stands."""
    return next((number for number, (first, last) in enumerate(within) if first <= at <= last), None)
