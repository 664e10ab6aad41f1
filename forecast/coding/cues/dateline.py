"""The head of an article: a dateline, `ROME, 14 September 2024 (Agency) -`, and the day of publication."""

import re
from datetime import date

from forecast.coding.cues.dates import dates
from forecast.coding.cues.tokens import folded
from forecast.scenario.dates import parse_when

__all__ = ["after_dateline", "published_in"]

#: A dateline is no longer than this, in characters.
MOST_CHARS = 110

_DASH = re.compile(r"\s(?:-{1,2}|–|—)\s")
_AGENCY = re.compile(r"\([^()\d]{2,40}\)")
_PLACE = re.compile(r"(?:[A-Z]{3,}[A-Z'’.]*[ ,/-]*)+")
_SAYS = re.compile(r"(?i)\b(?:published|compiled|posted|updated|issued|released|dated)\b[^.\n]{0,60}")

#: `17/02/2022: the junta ...`, a day with what happened on it.
_ENTRY = re.compile(r"\s*[^:\n]{4,32}:\s")

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")

#: A dateline or a line of publication stands so near to the beginning or the end.
HEAD_CHARS, TAIL_CHARS = 600, 200


def after_dateline(text: str, start: int, end: int) -> int:
    """Where a sentence begins behind a dateline or behind the day of an entry in a chronology."""
    part = folded(text[start : min(end, start + MOST_CHARS)])
    place = _PLACE.match(part)
    dash = _DASH.search(part)
    if dash is not None and (place is not None or _AGENCY.search(part[: dash.start()])):
        return start + dash.end()
    entry = _ENTRY.match(part)
    if entry is not None:
        found = dates(text, start, start + entry.end(), date(2000, 1, 1))
        if found and found[0].start - start <= 1 and text[found[-1].end : start + entry.end()].strip() == ":":
            return start + entry.end()
    return start


def published_in(text: str) -> date | None:
    """The day of publication that the text tells with its year: in a dateline or a line such as `Published ...`."""
    places = []
    for match in re.finditer(r"[^\n]+", text[:HEAD_CHARS]):
        begin = after_dateline(text, match.start(), match.end())
        if begin > match.start() and text[begin - 2 : begin].strip() != ":":
            places.append((match.start(), begin))
        elif _PLACE.match(match[0]) or re.match(r"[A-Z][A-Za-z' -]{2,30}, ", match[0]):
            places.append((match.start(), min(match.end(), match.start() + MOST_CHARS // 2)))
    for low, high in ((0, HEAD_CHARS), (max(0, len(text) - TAIL_CHARS), len(text))):
        places += [(low + match.start(), low + match.end()) for match in _SAYS.finditer(text[low:high])]
    for start, end in places:
        if not _YEAR.search(text[start:end]):
            continue
        for found in dates(text, start, end, date.max):
            when = parse_when(found.when)
            if when.is_precise and _YEAR.search(text[found.start : found.end]):
                return when.first
    return None
