"""What touches a number and changes how it reads, whatever characters make it: digits, signs, letters, percent signs.

Characters are judged by their Unicode categories and compatibility forms (UAX 44, UAX 15), not by lists of look-alikes.
"""

import re
import unicodedata

__all__ = ["OBJECT", "UNSEEN_LETTERS", "after_mark", "before_mark", "is_seen", "touches", "turned"]

#: Stands for what is no text: a picture, a formula, a control, a field that programs compute anew.
OBJECT = "\ufffc"

#: Letters and marks that are drawn nowhere (Default_Ignorable_Code_Point of categories that are seen otherwise).
UNSEEN_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

#: Spaces that set digits of one number apart.
_NARROW = "\u2006\u2008\u2009\u200a\u202f\u205f"

#: Signs beside those of the category Pd that look like a minus or a plus, or turn two numbers into one.
_SIGNS = frozenset(
    "-+\u2212\u02d7\u207b\u208b\u2796\u2795\u2043\u2052\u23af\u2500\u00af\u203e\u4e00\u30fc\u3161\u00b1\u2213\u00d7\u00f7\u221a^<>\u2264\u2265"
)
_ALWAYS = _SIGNS - frozenset("-\u4e00\u30fc\u3161")
_LONG_DASHES = frozenset("\u2014\u2015\u2e3a\u2e3b")

#: Scripts that are written without spaces between words, and endings of Korean, which follow numbers.
_UNSPACED = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "YI")

_OPENS_TURN, _CLOSES_TURN = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068"), frozenset("\u202c\u2069")


def is_seen(char: str) -> bool:
    """Whether a character takes room of its own: no format character, combining mark or filler does."""
    return char not in UNSEEN_LETTERS and unicodedata.category(char) not in ("Cf", "Mn", "Me", "Cc", "Cs", "Cn")


def before_mark(text: str, n: int) -> str:
    """The last n characters of a line that are seen."""
    found: list[str] = []
    for char in reversed(text):
        if char == "\n" or len(found) == n:
            break
        if is_seen(char):
            found.append(char)
    return "".join(reversed(found))


def after_mark(text: str, n: int) -> str:
    """The first n characters of a line that are seen, and what is set over the number before them."""
    found: list[str] = []
    over = ""
    for char in text:
        if char == "\n" or len(found) == n:
            break
        if is_seen(char):
            found.append(char)
        elif not found and _is_over(char):
            over = over or char
    return over + "".join(found)


def _is_over(char: str) -> bool:
    """Whether a character is set over the one before it, such as a stroke through it."""
    ignorable = char == "\u034f" or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return unicodedata.category(char) in ("Mn", "Me") and not ignorable and char not in UNSEEN_LETTERS


def turned(text: str) -> bool:
    """Whether a text ends where its characters are put into another order by what it holds."""
    depth = 0
    for char in text:
        if char in _OPENS_TURN:
            depth += 1
        elif char in _CLOSES_TURN:
            depth = max(depth - 1, 0)
        elif char == "\n":
            depth = 0
    return depth > 0


def touches(before: str, after: str) -> bool:
    """Whether what stands directly beside a number changes how it reads.

    Letters of scripts that are written without spaces do not, nor do dashes between a word and the number.
    """
    if after and _is_over(after[0]):
        return True
    before, after = before_mark(before, len(before)), after_mark(after, len(after))
    return _changes_before(before) or _changes_after(after)


def _changes_before(text: str) -> bool:
    if not text:
        return False
    last, rest = text[-1], text[:-1]
    if last in _SIGNS or unicodedata.category(last) == "Pd":
        if last in _ALWAYS:
            return True
        if last in _LONG_DASHES:
            return not rest or rest[-1].isspace() or rest[-1] == ":"
        return not rest or not (
            rest[-1].isalnum() or unicodedata.category(rest[-1]) in ("Pe", "Pf") or rest[-1] in "\"'*_`"
        )
    return _is_of_number(last) or bool(re.search(rf"\d(?:[.,\u00b7\u066b'\u2019]|[{_NARROW}]+)$", _compatible(text)))


def _changes_after(text: str) -> bool:
    if not text:
        return False
    if _is_of_number(text[0]) or text[0] in "\u00d7\u00f7^\u00b1":
        return True
    following = text.lstrip()[:1]
    if following and any(
        name in unicodedata.name(following, "") for name in ("PERCENT", "PER MILLE", "PER TEN THOUSAND")
    ):
        return True
    return bool(re.match(rf"(?:[.,\u00b7\u066b'\u2019]|[{_NARROW}]+)\d", _compatible(text)))


def _is_of_number(char: str) -> bool:
    """Whether a character reads as part of the number that it touches."""
    category = unicodedata.category(char)
    if char == OBJECT or category in ("Nd", "Nl", "No", "Sc") or unicodedata.numeric(char, None) is not None:
        return True
    if category in ("So", "Co") and _compatible(char)[:1].isalnum():
        return True
    if not category.startswith("L"):
        return category == "Co"
    return not unicodedata.name(char, "").startswith(_UNSPACED)


def _compatible(text: str) -> str:
    return "".join(char if char in _NARROW else unicodedata.normalize("NFKC", char) for char in text)
