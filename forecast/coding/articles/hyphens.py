"""Words that were broken at the end of a line: joined where the word is whole without the hyphen, else left as they
are.
"""

import re
from collections.abc import Set as AbstractSet
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from forecast.coding.cues.lexicon import function_words
from forecast.coding.grammar.tree import PIPELINES

__all__ = ["rejoined", "words_of"]

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST = re.compile(r"([^\W\d_]+)-$")
_FIRST = re.compile(r"[^\W\d_]+")

#: Beginnings that are often written with a hyphen; what follows is a word then.
_PREFIXES = frozenset(
    (
        *("all", "anti", "co", "counter", "cross", "ex", "extra", "half", "inter", "mid", "multi", "neo", "non", "pan"),
        *("post", "pre", "pro", "quasi", "self", "semi", "sub", "trans", "ultra", "vice"),
    )
)

#: Endings of inflected forms, with what the base form has in their place.
_ENDINGS = (
    *(("ies", "y"), ("ied", "y"), ("es", ""), ("es", "e"), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", "")),
    *(
        ("ing", "e"),
        ("ly", ""),
        ("er", ""),
        ("er", "e"),
        ("ers", "er"),
        ("ness", ""),
        ("tion", "te"),
        ("tions", "tion"),
    ),
)


def words_of(text: str) -> frozenset[str]:
    """The words of a text that are not broken, in small letters, with those that have a hyphen of their own."""
    return frozenset(match[0].lower() for line in text.split("\n") for match in _WORD.finditer(line.rstrip("-")))


def rejoined(before: str, after: str, known: AbstractSet[str]) -> str:
    """Two lines as one, where the first ends with a hyphen behind a letter.

    Parameters
    ----------
    before, after
        The lines.
    known
        Words of the text (`words_of`): how it spells the word elsewhere decides first.
    """
    last, first = _LAST.search(before), _FIRST.match(after)
    if last is None or first is None:
        return f"{before} {after}"
    left, right = last[1].lower(), first[0].lower()
    if first[0][0].isupper() and not last[1].isupper():
        return before + after
    whole, parted = left + right, f"{left}-{right}"
    if parted in known:
        return before + after
    if whole in known:
        return before[:-1] + after
    if left in _PREFIXES and right.removesuffix("s") in _dictionary():
        return before + after
    joins = _is_word(whole) or not (_is_word(left) and _is_word(right))
    return (before[:-1] if joins else before) + after


def _is_word(word: str) -> bool:
    known = _dictionary()
    if word in known or word in function_words():
        return True
    for ending, base in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word[: -len(ending)] + base
            doubled = stem[-1:] == stem[-2:-1] and stem[:-1] in known
            if len(stem) > 2 and (stem in known or doubled):
                return True
    return False


@cache
def _dictionary() -> frozenset[str]:
    """The words of WordNet, which the English pipeline has for base forms; none where it is not installed."""
    # comes with the parser, and is a tenth of a second where the parser takes three
    import srsly  # type: ignore[import-untyped]

    for name in PIPELINES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue
        for path in sorted(Path(spec.origin).parent.glob("*/lemmatizer/lookups/lookups.bin")):
            tables: dict[str, Any] = srsly.msgpack_loads(path.read_bytes())
            index: dict[str, Any] = tables.get("lemma_index", {})
            return frozenset(word for words in index.values() for word in words)
    return frozenset()
