"""A text as words and marks, each with its place: what all cues are looked for in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Token", "folded", "tokens"]

_FOLD = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‑": "-", "‐": "-"})

#: Abbreviations with points (U.S.), words and numbers, the possessive apart, any other mark alone.
_TOKEN = re.compile(r"(?:[A-Za-z]\.){2,}|'s\b|n't\b|\w+?(?=n't\b)|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word in small letters, or a mark; `start` and `end` are its place, `raw` how it is spelt."""

    text: str
    raw: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """False for marks and the possessive, which stand in no cue's way."""
        return self.text[0].isalnum() or self.text == "n't"

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.raw[0].isupper()


def folded(text: str) -> str:
    """The text with plain quotation marks and hyphens: as long as it was."""
    return text.translate(_FOLD)


def tokens(text: str, start: int = 0, end: int | None = None) -> Sequence[Token]:
    """The tokens of a part of a text, with places in the whole."""
    part = folded(text[start:end])
    return [
        Token("not" if match[0] == "n't" else match[0].lower(), match[0], start + match.start(), start + match.end())
        for match in _TOKEN.finditer(part)
    ]
