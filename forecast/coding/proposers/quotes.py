"""The words of a sentence that are quoted: at most twelve, around what decided, from one clause where that is
possible.
"""

import re
from collections.abc import Sequence

from forecast.scenario.check_evidence import MOST_QUOTED_WORDS

__all__ = ["quote"]

#: A quote should be recognised at once, and no longer than that needs.
WANTED_WORDS = 10

_WORD = re.compile(r"\S+")
_BEFORE = re.compile(r"[,;:–—]$")


def quote(text: str, start: int, end: int, cues: Sequence[tuple[int, int, float]]) -> tuple[int, int]:
    """Where the quote stands.

    Parameters
    ----------
    text, start, end
        The text and the sentence.
    cues
        Places of the words that decided, each with its weight; at least one.
    """
    words = [(start + one.start(), start + one.end()) for one in _WORD.finditer(text[start:end])]
    spans = [(_at(words, first), _at(words, last - 1), weight) for first, last, weight in cues]

    def worth(first: int) -> float:
        last = first + MOST_QUOTED_WORDS - 1
        return sum(weight for a, b, weight in spans if first <= a and b <= last)

    best = max(range(len(words)), key=lambda first: (worth(first), -first))
    inside = [(a, b) for a, b, _ in spans if best <= a and b < best + MOST_QUOTED_WORDS]
    if not inside:
        # one cue is longer than a quote may be: its beginning
        first = min(a for a, _, _ in spans)
        inside = [(first, min(first + MOST_QUOTED_WORDS, len(words)) - 1)]
    first, last = min(a for a, _ in inside), max(b for _, b in inside)
    while last - first + 1 < WANTED_WORDS:
        grown = False
        if first > 0 and not _BEFORE.search(text[slice(*words[first - 1])]):
            first, grown = first - 1, True
        if last - first + 1 < WANTED_WORDS and last + 1 < len(words) and not _BEFORE.search(text[slice(*words[last])]):
            last, grown = last + 1, True
        if not grown:
            break
    begin, finish = words[first][0], words[last][1]
    bare = text[begin:finish].rstrip('.,;:!?”"’)]')
    return begin, begin + len(bare) if bare else finish


def _at(words: Sequence[tuple[int, int]], place: int) -> int:
    return max(number for number, (first, _) in enumerate(words) if first <= place)
