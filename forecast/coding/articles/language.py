"""Whether a text is English, by the share of its words that are the commonest words of English."""

import re

from forecast.coding.cues.lexicon import function_words

__all__ = ["MIN_SHARE", "english_share"]

#: English prose has 0.3 to 0.5; other languages in Latin script below 0.12, as some words are theirs too.
MIN_SHARE = 0.2

#: Fewer words say nothing.
FEWEST_WORDS = 30

#: The beginning is enough.
MOST_WORDS = 20_000

_WORD = re.compile(r"[^\W\d_]+")


def english_share(text: str) -> float | None:
    """The share in [0, 1]; None for a text that is too short to tell."""
    # names are nobody's language: of a brief full of names only the other words are counted
    found = (match[0] for _, match in zip(range(MOST_WORDS), _WORD.finditer(text), strict=False))
    words = [word for word in found if word.islower()]
    if len(words) < FEWEST_WORDS:
        return None
    known = function_words()
    return sum(word in known for word in words) / len(words)
