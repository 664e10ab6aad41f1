"""The fonts that come with the program, and whether they can show a text.

PDF and charts use no other fonts, so that a document looks the same on every machine. What these fonts do not have is
refused by name before it could be lost.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

from forecast.errors import Finding, InputError

__all__ = ["FAMILY", "FOLDER", "SCRIPTS", "chart_converter", "check_shown", "svg_texts", "unshown"]

#: Made by `docs/make_fonts.py`, under the SIL Open Font License.
FOLDER = Path(__file__).parent / "assets" / "fonts"

#: Name of the one family there; no machine has another of this name.
FAMILY = "Forecast Sans"

#: What the family is made for, for messages.
SCRIPTS = "Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic and Korean (Hangul) text"

#: Characters beside the first one that cannot be shown, and names of scripts, in a message.
CONTEXT, MOST_NAMES = 20, 5

#: Where the name of a letter goes on after its script: 'DEVANAGARI LETTER KA', 'CJK UNIFIED IDEOGRAPH-4E2D'.
_AFTER_SCRIPT = re.compile(
    r" (?:(?:CAPITAL|SMALL|MODIFIER|UNIFIED|COMPATIBILITY) )?"
    r"(?:LETTER|SYLLABLE|SYLLABICS|CHARACTER|IDEOGRAPH|VOWEL|CONSONANT|SIGN|MARK|DIGIT|DIGRAPH|LIGATURE)\b.*"
)

#: Scripts whose characters have other names than readers know.
_KNOWN_AS = {"Cjk": "Chinese characters (Han)", "Hangul Choseong": "Old Korean (Hangul)"}

_SVG_TEXT = "{http://www.w3.org/2000/svg}text"


@cache
def _runs() -> tuple[list[int], list[int]]:
    """First and last code points of the runs that both weights cover."""
    pairs = [line.split("-") for line in (FOLDER / "coverage.txt").read_text("ascii").split()]
    return [int(first, 16) for first, _ in pairs], [int(last, 16) for _, last in pairs]


def unshown(text: str) -> Iterator[str]:
    """Characters of a text for which the fonts have no sign, in their order.

    Marks that follow a letter are first composed with it, as drawing programs do. Controls, marks of direction and
    selectors of variants have no sign of their own.
    """
    firsts, lasts = _runs()
    for sign in unicodedata.normalize("NFC", text):
        code = ord(sign)
        run = bisect_right(firsts, code) - 1
        if run >= 0 and code <= lasts[run]:
            continue
        is_selector = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
        if not is_selector and unicodedata.category(sign) not in ("Cc", "Cf", "Zl", "Zp", "Zs"):
            yield sign


def check_shown(text: str, what: str, accepted: str) -> None:
    """Refuse a text that the fonts cannot show whole.

    Parameters
    ----------
    text
        What is to be drawn or set.
    what
        Where it is to be shown, at the beginning of the message: 'the PDF'.
    accepted
        Formats that need no font of ours.

    Raises
    ------
    InputError
        If a character would be lost: names the scripts or signs, and quotes the first place.
    """
    missing = list(dict.fromkeys(unshown(text)))
    if not missing:
        return
    names = list(dict.fromkeys(_name(sign) for sign in missing))
    listed = ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
    whole = unicodedata.normalize("NFC", text)
    at = whole.index(missing[0])
    found = " ".join(whole[max(0, at - CONTEXT) : at + CONTEXT].split())
    message = f"{what} cannot show {listed}: the program's fonts have no such characters, as in '{found}'."
    raise InputError(Finding("error", message, found=found, accepted=f"{SCRIPTS}; or {accepted}"))


def _name(sign: str) -> str:
    """The script of a letter, or the name of another sign."""
    name = unicodedata.name(sign, "")
    if not name:
        return f"U+{ord(sign):04X}"
    if unicodedata.category(sign)[0] in "LMN":
        script = _AFTER_SCRIPT.sub("", name).title()
        return _KNOWN_AS.get(script, script)
    return f"{name} (U+{ord(sign):04X})"


def svg_texts(svg: str) -> str:
    """The texts that a drawing shows, one in a line."""
    return "\n".join("".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(_SVG_TEXT))


@cache
def chart_converter() -> ModuleType:
    """The module that draws charts (`vl_convert`), with the program's fonts known to it."""
    import vl_convert

    vl_convert.register_font_directory(str(FOLDER))
    return vl_convert
