"""Texts from anybody's files made safe to set in any format: every character can be seen, and none reorders others.

Nothing is escaped here; each renderer does that for its format.
"""

import re

__all__ = ["LONGEST", "asked", "breakable", "cut", "is_web", "seen", "visible"]

#: Characters of one text that are printed; the record keeps all of it.
LONGEST = 2000

#: Longest run of characters that is set without an opportunity to break it.
WORD = 30

#: Where a long word may break; takes no room.
BREAK = "\u200b"

#: Control characters, bidirectional marks and what no text has.
_UNSEEN = {
    code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    for code in (
        *range(9),
        *range(11, 32),
        *range(127, 160),
        *(0x061C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xD800, 0xE000),
        0xFFFE,
        0xFFFF,
    )
}
#: Letters that are drawn nowhere and can carry a hidden text.
_UNSEEN |= {code: f"\\U{code:08x}" for code in range(0xE0000, 0xE0080)}

#: A name that an analyst set as code.
_CODE = re.compile(r"`([^`]+)`")

_LONG = re.compile(rf"\S{{{WORD + 1},}}")


def visible(text: str) -> str:
    """A text whose characters can all be seen, in the order in which they stand."""
    return text.translate(_UNSEEN)


def seen(text: str, longest: int = LONGEST) -> str:
    """A text in one line whose characters can all be seen, in the order in which they stand; what is cut is told."""
    return " ".join(visible(cut(text, longest)).split())


def cut(text: str, longest: int = LONGEST) -> str:
    """A text as long as a reader may be asked to read, with how much of it was cut."""
    return text if len(text) <= longest else f"{text[:longest]} [... {len(text) - longest} more characters]"


def asked(question: str) -> str:
    """A question where no part of a text can be set as code: `seen`, without the backticks around names."""
    return seen(_CODE.sub(r"\1", question))


def breakable(text: str) -> str:
    """A text in which every long word may break: an address, or a row of letters made to burst a column."""
    return _LONG.sub(lambda match: BREAK.join(_pieces(match[0])), text)


def _pieces(word: str) -> list[str]:
    return [word[start : start + WORD // 2] for start in range(0, len(word), WORD // 2)]


def is_web(url: str) -> bool:
    """Whether an address leads to the web and nowhere else."""
    from urllib.parse import urlsplit

    if any(not character.isprintable() or character.isspace() for character in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
