"""Lines into paragraphs: one line for each, an empty one between, without characters that nobody sees."""

import re
import unicodedata

from forecast.coding.articles.hyphens import rejoined, words_of

__all__ = ["plain_text", "unwrapped"]

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")

#: Kept: tab and line end. Left out: all other controls, marks of direction, zero-width characters, soft hyphens.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff0-\uffff]"
)

#: A line that is shorter than this share of the usual length ends a paragraph.
SHORT = 0.75

#: Text is taken to be wrapped if lines are no longer than this, in characters.
WRAPPED_CHARS = 130

#: And if so many paragraphs go over several lines.
FEWEST_LINES = 3


def plain_text(text: str) -> tuple[str, int]:
    """The text with one kind of line end, single spaces and nothing invisible; how many characters were left out."""
    text = _BREAKS.sub("\n", text)
    text, removed = _INVISIBLE.subn("", text)
    text = "".join(" " if unicodedata.category(char) == "Zs" else char for char in text) if not text.isascii() else text
    lines = [" ".join(line.split()) for line in text.split("\n")]
    paragraphs = [line for line in lines if line]
    return "\n\n".join(paragraphs) + "\n", removed


def unwrapped(text: str) -> str:
    """Paragraphs of a text whose lines were broken to fit a width, each on one line; another text as it is."""
    text = _BREAKS.sub("\n", text)
    lines = [line.rstrip() for line in text.split("\n")]
    long = sorted(len(line) for line in lines if line.strip())
    if not long or long[-1] > WRAPPED_CHARS:
        return text
    blocks = re.split(r"\n[ \t]*\n", "\n".join(lines))
    if sum(block.strip("\n").count("\n") >= FEWEST_LINES - 1 for block in blocks) == 0:
        return text
    usual = long[int(len(long) * 0.8)]
    broken = re.search(r"[^\W\d_]-[ \t]*\n", text) is not None
    known = words_of(text) if broken else frozenset()
    return "\n\n".join(_joined(block.split("\n"), usual, known) for block in blocks if block.strip())


def _joined(lines: list[str], usual: int, known: frozenset[str]) -> str:
    """One block: lines go on in the next one unless they are short and end a sentence."""
    made: list[str] = []
    goes_on = False
    for line in map(str.strip, lines):
        if not line:
            continue
        if made and (goes_on or line[0].islower()):
            made[-1] = rejoined(made[-1], line, known)
        else:
            made.append(line)
        ends = re.search(r"[.!?:…][\"”’')\]]*$", line) is not None
        goes_on = line.endswith("-") or len(line) >= SHORT * usual or (not ends and len(line) > usual / 2)
    return "\n\n".join(made)
