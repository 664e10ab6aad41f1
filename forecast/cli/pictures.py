"""Pictures of text: sparklines, bars and bands that need nothing but characters, and plain ones where those lack.

A picture is drawn in block characters if standard output can show all that its kind uses, else in ASCII: half of each
would be unreadable. What is no finite number leaves a blank.
"""

import codecs
import sys
from collections.abc import Mapping, Sequence
from math import isfinite

__all__ = ["EVERY", "PLAIN", "axis_bar", "band", "band_marks", "keep_readable", "over_days", "showable", "sparkline"]

#: Heights from low to high, in blocks and in ASCII.
BLOCKS, LEVELS = "▁▂▃▄▅▆▇█", "_.,-~=*#"

#: Only outputs that have these have all characters.
EVERY = "é→█🙂"

#: What stands for characters that an output cannot show, one for one, so that columns keep their places.
PLAIN: Mapping[str, str] = {
    **dict(zip(BLOCKS, LEVELS, strict=True)),
    "▌": "#",
    "▐": "#",
    "─": "-",
    "│": "|",
    "┤": "|",
    "●": "o",
    "·": "-",
    "–": "-",
    "→": ">",
}


def showable(characters: str) -> bool:
    """Whether standard output has all these characters."""
    try:
        characters.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def sparkline(values: Sequence[float | None], low: float = 0.0, high: float = 1.0) -> str:
    """One character for each value, its height between two ends that do not move with the values.

    Heights of probabilities are the same in every line; a flat series is flat at its height. What lies beyond an end is
    drawn at it.
    """
    levels = BLOCKS if showable(BLOCKS) else LEVELS
    return "".join(_level(value, low, high, levels) for value in values)


def _level(value: float | None, low: float, high: float, levels: str) -> str:
    if value is None or not isfinite(value):
        return " "
    share = (min(max(value, low), high) - low) / (high - low)
    return levels[min(int(share * len(levels)), len(levels) - 1)]


def over_days(points: Mapping[int, float | None], first: int, last: int, width: int) -> list[float | None]:
    """Values along a line of days, each until the next one: what stood on the last day of each column.

    Parameters
    ----------
    points
        Value by ordinal day; None from a day on which there is none any more.
    first, last
        Days at the ends of the line.
    width
        Most columns; fewer where there are not as many days.
    """
    n = min(width, last - first + 1)
    days = sorted(points)
    drawn: list[float | None] = []
    value: float | None = None
    at = 0
    for column in range(n):
        until = last if n == 1 else first + round(column * (last - first) / (n - 1))
        while at < len(days) and days[at] <= until:
            value = points[days[at]]
            at += 1
        drawn.append(value)
    return drawn


def axis_bar(share: float, half: int) -> str:
    """A bar to the left or right of an axis in the middle, for a share in [-1, 1] of half its width."""
    if not isfinite(share):
        return " " * (2 * half + 1)
    blocks = showable("█▌▐")
    halves = round(min(abs(share), 1.0) * 2 * half)
    whole, odd = divmod(halves, 2)
    if share < 0:
        left = (("▐" if blocks else "-") if odd else "") + ("█" if blocks else "#") * whole
        return f"{left:>{half}}|{'':<{half}}"
    right = ("█" if blocks else "#") * whole + (("▌" if blocks else "-") if odd else "")
    return f"{'':>{half}}|{right:<{half}}"


def band_marks() -> tuple[str, str, str]:
    """The characters of a band: the interval, its middle, the mark."""
    return ("─", "│", "●") if showable("─│●") else ("-", "|", "o")


def band(low: float, high: float, middle: float, mark: float, width: int) -> str:
    """A line from 0 to 1 with an interval, its middle, and over both a mark."""
    line, tick, dot = band_marks()
    marks = [" "] * width

    def place(value: float) -> int:
        return round(min(max(value, 0.0), 1.0) * (width - 1))

    if isfinite(low) and isfinite(high):
        for column in range(place(low), place(high) + 1):
            marks[column] = line
    for value, character in ((middle, tick), (mark, dot)):
        if isfinite(value):
            marks[place(value)] = character
    return "".join(marks)


def keep_readable() -> None:
    """Let outputs that cannot show a character show a plain one, or its number, instead of failing."""
    codecs.register_error("forecast-plain", _plainly)
    for stream in (sys.stdout, sys.stderr):
        encoding = (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "")
        if encoding != "utf8" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="forecast-plain")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    plain = (PLAIN.get(one) or one.encode("ascii", "backslashreplace").decode() for one in characters)
    return "".join(plain), error.end
