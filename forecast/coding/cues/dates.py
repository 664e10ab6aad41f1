"""Dates in English sentences, with the precision of the text: absolute ones, and relative ones from the day of
publication.

Expressions are found by a small grammar, because searching with a parser takes `may` and `March` for months; what one
day, month or span `two weeks ago` means is left to dateparser.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from forecast.coding.cues.relative_dates import Order, by_context, numeric
from forecast.coding.cues.tokens import folded
from forecast.scenario.dates import parse_when

__all__ = ["Dated", "dates"]

_M = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)|apr(?:il|\.)?|may|june?|july?|aug(?:ust|\.)?|sep(?:t(?:ember|\.)?|\.)?"
    r"|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
)
_D = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_Y = r"(?:1[5-9]\d\d|20\d\d)"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_PART = (
    r"(?:early|mid|late|(?:the\s+)?(?:beginning|start|middle|end)\s+of|at\s+the\s+(?:beginning|start|middle|end)\s+of)"
)
_NUMBER = r"(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,3})"

_GRAMMAR = re.compile(
    rf"""(?ix) (?<![\w-]) (?:
      (?P<iso> \d{{4}}-\d\d-\d\d )
    | (?P<span_dm> (?P<d1>{_D}) \s*(?:-|–|to|and|until)\s* (?P<d2>{_D}) \s+ (?:of\s+)? (?P<m1>{_M})
        (?:,?\s+(?P<y1>{_Y}))? )
    | (?P<span_md> (?P<m2>{_M}) \s+ (?P<d3>{_D}) \s*(?:-|–|to)\s* (?P<d4>{_D}) (?:,?\s+(?P<y2>{_Y}))? )
    | (?P<numeric> (?P<na>\d{{1,2}}) (?P<sep>[./]) (?P<nb>\d{{1,2}}) (?P=sep) (?P<ny>{_Y}) )
    | (?P<context> the\s+same\s+(?:day|week|month|year) | the\s+(?:following|next)\s+(?:day|week|month|year)
        | a\s+(?:day|week|month|year)\s+(?:later|earlier) | the\s+(?:day|week|month|year)\s+before(?!\s+yesterday)
        | (?:on|from|until|by|since)\s+the\s+(?P<nth_day>(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th))
          (?!\s+(?:of|{_M}|floor|anniversary|century|time|day|round|session|congress|meeting|summit|parallel)\b) )
    | (?P<weekend> (?:(?:over|at|during)\s+the|last|this)\s+weekend )
    | (?P<fortnight> (?:a|one)\s+fortnight\s+ago )
    | (?P<newyear> since\s+(?:the\s+)?new\s+year )
    | (?P<part> (?P<which>{_PART}) [\s-]+
        (?P<of> {_M}(?:\s+(?:of\s+)?{_Y})? | {_Y} | (?:this|last|next|the)\s+(?:month|year)) )
    | (?P<day> {_D} \s+ (?:of\s+)? {_M} (?:,?\s+{_Y})? | {_M} \s+ {_D} (?:,?\s+{_Y})? ) (?![\w-]*\d)
    | (?P<month> {_M} (?:\s+of)? ,? \s+ {_Y} )
    | (?P<quarter> (?:(?P<nth>first|second|third|fourth|last)\s+quarter\s+of\s+|q(?P<q>[1-4])\s+(?:of\s+)?)
        (?P<yq>{_Y}) )
    | (?P<half> (?P<hn>first|second)\s+half\s+of\s+(?P<yh>{_Y}) )
    | (?P<season> (?P<sn>spring|summer|autumn|fall|winter)\s+(?:of\s+)?(?P<ys>{_Y}) )
    | (?P<decade> (?:the\s+)? (?P<dec>1[5-9]\d|20\d)0s )
    | (?P<years> (?P<ya>{_Y})\s*(?:-|–|to)\s*(?P<yb>{_Y}|\d\d)(?!\d) )
    | (?P<ago> {_NUMBER} \s+ (?:days?|weeks?|months?|years?) \s+ ago )
    | (?P<bareseason> (?:in|during|over|since|this|last|by|until)\s+(?:the\s+|early\s+|late\s+|last\s+)?
        (?P<bs>spring|summer|autumn|winter)(?!\s+(?:of\s+)?\d) )
    | (?P<relative> the\s+day\s+before\s+yesterday | the\s+day\s+after\s+tomorrow | tomorrow | yesterday
        | today | tonight | (?:earlier|later)\s+this\s+(?:week|month|year)
        | (?:last|this|next|past)\s+(?:week|month|year|{_WEEKDAY}|{_M}(?!\w))
        | the\s+(?:past|coming)\s+(?:week|month|year) )
    | (?P<weekday> (?:(?<=on\s)|(?<=^)|(?<=\s)) {_WEEKDAY} )
    | (?P<lead> (?:in|since|until|till|by|during|of|last|this|from|to|through|after|before) ) \s+
        (?: (?P<bare> {_M} ) (?!\s*\d) | (?P<year> {_Y} ) (?!\s*(?:%|percent|people|soldiers|troops|dollars|tonnes)) )
    | (?P<lone> (?<=[\s(]) {_Y} )
        (?=\s+(?:report|treaty|agreement|war|summit|election|pact|accord|deal|invasion|visit|constitution))
    ) (?!\w)""",
)

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CAPITAL = re.compile(r"\b(?:may|march)\b", re.IGNORECASE)
_FUTURE = re.compile(
    r"\b(?:will|shall|due|set|(?:is|are) to|to start|to begin|to take place|scheduled|planned|expected|next|coming"
    r"|plans? (?:to|for)|(?:might|could)\s(?!have)|(?-i:may)\s(?!have|march))\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date that a text tells: its place in the text, and what it means, as evidence files write it.

    `other` is the second reading of a numeric date. `is_aim` marks `for 2024`: a plan for 2024 was not made then.
    """

    start: int
    end: int
    when: str
    is_start: bool = False
    other: str | None = None
    is_aim: bool = False


def dates(
    text: str, start: int, end: int, published: date, *, order: Order = None, last: str | None = None
) -> list[Dated]:
    """The dates of a part of a text, in their order.

    Parameters
    ----------
    text, start, end
        The text and the part.
    published
        The day from which relative dates and dates without a year are reckoned.
    order
        Of day and month in numeric dates (`numeric_order`).
    last
        The date that was told before, for `the same day`.
    """
    part = folded(text[start:end])
    found: list[Dated] = []
    for match in _GRAMMAR.finditer(part):
        # the month of May and of March begins with a capital; the verbs do not
        names = _CAPITAL.findall(match[0])
        if any(name[0].islower() for name in names):
            continue
        future = _FUTURE.search(part[max(0, match.start() - 60) : match.start()]) is not None
        try:
            other = None
            if match["numeric"]:
                when, other = numeric(match, published, order)
            elif match["context"]:
                when = by_context(match, found[-1].when if found else last, published)
            else:
                when = _meaning(match, published, future)
            if when is not None:
                parse_when(when)
        except (ValueError, OverflowError):
            continue
        if when is not None:
            lead = (match["lead"] or part[: match.start()].rstrip().rpartition(" ")[2]).lower()
            first = match.start() + (len(match[0]) - len(match[0].lstrip()))
            if lead in ("until", "till", "before") and not _has_day(match):
                continue
            if lead == "since":
                when = _since(when, published)
            found.append(Dated(start + first, start + match.end(), when, lead == "since", other, lead == "for"))
    return found


def _has_day(match: re.Match[str]) -> bool:
    return bool(match["day"] or match["iso"])


def _since(when: str, published: date) -> str:
    first = parse_when(when).first
    return f"{first}/{published}" if first <= published else when


def _meaning(match: re.Match[str], published: date, future: bool) -> str | None:
    if match["iso"]:
        return match["iso"]
    if match["span_dm"] or match["span_md"]:
        days = (match["d1"], match["d2"]) if match["span_dm"] else (match["d3"], match["d4"])
        month = match["m1"] or match["m2"]
        year = match["y1"] or match["y2"] or ""
        ends = [_read(f"{_plain(day)} {month} {year}", published, future) for day in days]
        return None if None in ends else f"{ends[0]}/{ends[1]}"
    if match["weekend"]:
        saturday = published - timedelta(days=(published.weekday() - 5) % 7 or 7)
        saturday = published - timedelta(days=1) if published.weekday() == 6 else saturday
        return f"{saturday}/{saturday + timedelta(days=1)}"
    if match["fortnight"]:
        return _read("2 weeks ago", published, False)
    if match["newyear"]:
        return f"{published.year}-01-01/{published}"
    if match["bareseason"]:
        return _last_season(match["bs"].lower(), published, future)
    if match["part"]:
        return _part(match["which"], match["of"], published, future)
    if match["quarter"]:
        number = match["q"] or {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}[match["nth"].lower()]
        return f"{match['yq']}-Q{number}"
    if match["half"]:
        return (
            f"{match['yh']}-01/{match['yh']}-06"
            if match["hn"].lower() == "first"
            else f"{match['yh']}-07/{match['yh']}-12"
        )
    if match["season"]:
        return _season(match["sn"].lower(), int(match["ys"]))
    if match["decade"]:
        return f"{match['dec']}0/{match['dec']}9"
    if match["years"]:
        last = match["yb"] if len(match["yb"]) == 4 else match["ya"][:2] + match["yb"]
        return f"{match['ya']}/{last}"
    if match["year"] or match["lone"]:
        return match["year"] or match["lone"]
    if match["relative"]:
        return _relative(" ".join(match["relative"].lower().split()), published)
    if match["bare"]:
        lead = match["lead"].lower()
        return _read(f"{match['bare']}", published, future and lead not in ("last", "since"))
    if match["weekday"]:
        return _weekday(match["weekday"].lower(), published, 1 if future else 0)
    return _read(match["day"] or match["month"] or match["ago"], published, future)


def _plain(day: str) -> str:
    return re.sub(r"\D", "", day)


def _part(which: str, of: str, published: date, future: bool) -> str | None:
    """The first ten days of a month, the middle, the rest; the first quarter of a year, the middle two, the last."""
    whole = (
        _relative(" ".join(of.lower().split()), published)
        if of.lower().startswith(("this", "last", "next", "the"))
        else None
    )
    whole = whole or (of if re.fullmatch(_Y, of) else _read(of, published, future))
    if whole is None:
        return None
    third = 0 if re.search("early|beginning|start", which, re.I) else 1 if re.search("mid", which, re.I) else 2
    if len(whole) == 4:
        return (f"{whole}-Q1", f"{whole}-04/{whole}-09", f"{whole}-Q4")[third]
    span = parse_when(whole)
    first_day, last_day = ((1, 10), (11, 20), (21, span.last.day))[third]
    return f"{whole}-{first_day:02d}/{whole}-{last_day:02d}"


def _season(name: str, year: int) -> str:
    if name == "winter":
        return f"{year - 1}-12/{year}-02"
    first = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9}[name]
    return f"{year}-{first:02d}/{year}-{first + 2:02d}"


def _last_season(name: str, published: date, future: bool) -> str:
    """The latest such season that has begun by the day of publication, or the next one."""
    if future:
        years = (published.year, published.year + 1)
        return next(s for s in (_season(name, y) for y in years) if parse_when(s).first > published)
    back = (published.year + 1, published.year, published.year - 1)
    return next(s for s in (_season(name, y) for y in back) if parse_when(s).first <= published)


_NEAR_DAYS = {"yesterday": -1, "the day before yesterday": -2, "tomorrow": 1, "the day after tomorrow": 2}


def _relative(words: str, published: date) -> str | None:
    if words in ("today", "tonight"):
        return published.isoformat()
    if words in _NEAR_DAYS:
        return (published + timedelta(days=_NEAR_DAYS[words])).isoformat()
    unit = words.rpartition(" ")[2]
    by = 1 if words.startswith(("next", "the coming")) else -1 if words.startswith(("last", "past", "the past")) else 0
    if unit == "week":
        monday = published - timedelta(days=published.weekday()) + timedelta(weeks=by)
        last = monday + timedelta(days=6)
        return f"{monday}/{min(last, published) if words.startswith('earlier') else last}"
    if unit == "month":
        month = published.year * 12 + published.month - 1 + by
        return f"{month // 12:04d}-{month % 12 + 1:02d}"
    if unit == "year":
        return f"{published.year + by:04d}"
    if unit in _WEEKDAYS and by > 0 and published.weekday() == _WEEKDAYS.index(unit):
        return (published + timedelta(days=7)).isoformat()
    return _weekday(unit, published, by) if unit in _WEEKDAYS else _read(unit, published, by > 0)


def _weekday(name: str, published: date, by: int) -> str:
    """The nearest such day before the publication, which itself counts; the one after it, or a week before."""
    back = (published.weekday() - _WEEKDAYS.index(name)) % 7
    if by > 0:
        return (published + timedelta(days=(7 - back) % 7)).isoformat()
    return (published - timedelta(days=back or (7 if by else 0))).isoformat()


@cache
def _parser(published: date, future: bool) -> Any:
    from dateparser.date import DateDataParser

    settings = {
        "RELATIVE_BASE": datetime(published.year, published.month, published.day, 12),
        "PREFER_DATES_FROM": "future" if future else "past",
        "PREFER_DAY_OF_MONTH": "first",
    }
    return DateDataParser(languages=["en"], settings=settings)


def _read(text: str, published: date, future: bool) -> str | None:
    """A date without a year is the last one before publication, or for a plan the nearest."""
    ahead = _parsed(text, published, future)
    if not future or ahead is None or _HAS_YEAR.search(text):
        return ahead
    back = _parsed(text, published, False)
    if back is None:
        return ahead
    return back if published - parse_when(back).last < parse_when(ahead).first - published else ahead


_HAS_YEAR = re.compile(r"\b\d{4}\b")


@cache
def _parsed(text: str, published: date, future: bool) -> str | None:
    """What dateparser makes of it, with no more precision than the text has."""
    data = _parser(published, future).get_date_data(" ".join(text.split()))
    if data.date_obj is None:
        return None
    day = data.date_obj.date()
    if data.period == "day":
        return str(day.isoformat())
    if data.period == "week":
        monday = day - timedelta(days=day.weekday())
        return f"{monday}/{monday + timedelta(days=6)}"
    return str(day.isoformat()[: 7 if data.period == "month" else 4])
