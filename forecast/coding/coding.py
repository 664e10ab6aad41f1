"""One row of a data set into what it tells: who, what, when, and who said so; or the reason why it tells nothing here.

Compiled once for a scenario and a file, for there may be millions of rows. Tests that most rows fail come first.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from forecast.coding.mapping import EventClass, Importer
from forecast.coding.matching import finder, matcher, pairs, remembering
from forecast.coding.rows import Table
from forecast.scenario.dates import When, parse_when
from forecast.scenario.record import Scenario

__all__ = ["Coded", "Coder", "Reason", "Refused", "coder", "origin_id"]


NOTE_CHARS = 300


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that tells nothing here; `unmapped` is the code that has no class, where that is the reason."""

    reason: str
    unmapped: str | None = None


@dataclass(frozen=True, slots=True)
class Coded:
    """What one row tells.

    `who` are the actors' keys, in order where the class is directed, else sorted; `when` has the precision of the row,
    `known` the first day on which one could know; `origins` are ids, at least one.
    """

    event_class: EventClass
    who: tuple[str, str]
    when: When
    known: date
    origins: tuple[str, ...]
    key: str
    note: str


#: The usual names of what a row is refused for, in the order of the tests.
class Reason:
    """Why rows are refused."""

    CELLS = "another number of cells than columns"
    ACTORS = "not between the actors"
    CODE = "no class for this code"
    NO_DATE = "no date"
    DATE = "a date that cannot be read"
    EARLY = "before the scenario's start"
    PERHAPS_EARLY = "perhaps before the scenario's start"
    STALE = "told too long after the day that it names"
    FUTURE = "dated after the day on which it was known"


@dataclass(frozen=True, slots=True)
class Coder:
    """How rows of one open table are read; see `coder`.

    `unreadable` gives the reason for which a row cannot be read at all, whomever it is about, or None; `code` takes the
    cells of a row that can be read and gives one result for each event that the row may tell of; `seen` gives the days
    on which a row came out, first and last, as far as they can be read, whether or not it is used.
    """

    unreadable: Callable[[Sequence[str]], str | None]
    code: Callable[[Sequence[str]], list[Coded | Refused]]
    seen: Callable[[Sequence[str]], tuple[date, date] | None]


def coder(
    table: Table,
    importer: Importer,
    scenario: Scenario,
    partners: tuple[str, str],
    classes: Sequence[EventClass],
    today: date,
    known_on: date | None = None,
) -> Coder:
    """Compile an importer for a scenario and an open table.

    Parameters
    ----------
    table
        The open file, which has the columns that the importer requires.
    importer
        What the columns mean.
    scenario
        Its actors and its first day count.
    partners
        The two actors whose tie the case is about.
    classes
        Those of the importer's classes whose indicator the codebook has; the first that fits a row counts.
    today
        The present day: who has the file knows it by now.
    known_on
        The day on which all of it could be known, where the user says so.
    """
    at = _positions(table, importer)
    date_at, actor_at, target_at, code_at = at["date"], at["actor"], at["target"], at["code"]
    assert date_at is not None  # required columns are there
    assert actor_at is not None
    assert target_at is not None
    find = finder(importer, scenario)
    match = matcher(table, importer, classes)
    read = remembering(lambda text: _when(text, importer.dates.formats))
    days = _dater(at, importer, read, scenario.start, today, known_on)
    origins = _teller(at["origin"], importer)
    n_cells = len(table.columns)

    def unreadable(cells: Sequence[str]) -> str | None:
        if len(cells) != n_cells:
            return Reason.CELLS
        texts = texts_of(cells)
        if not texts:
            return Reason.NO_DATE
        return None if any(read(text) is not None for text in texts) else Reason.DATE

    def texts_of(cells: Sequence[str]) -> list[str]:
        cell = cells[date_at]
        texts = cell.split(importer.each.split) if importer.each is not None else [cell]
        return [text for text in texts if text.strip()]

    def code(cells: Sequence[str]) -> list[Coded | Refused]:
        who = pairs(find(cells[actor_at]), find(cells[target_at]), partners)
        if not who:
            return [Refused(Reason.ACTORS)]
        found = match(cells, who)
        if found is None:
            if "partners" not in who:
                return [Refused(Reason.ACTORS)]
            return [Refused(Reason.CODE, cells[code_at].strip() if code_at is not None else "")]
        return [dated(cells, found[0], found[1], text) for text in texts_of(cells)]

    def dated(cells: Sequence[str], event_class: EventClass, who: tuple[str, str], text: str) -> Coded | Refused:
        found = days(cells, text)
        if isinstance(found, Refused):
            return found
        when, known = found
        return Coded(event_class, who, when, known, origins(cells), text_at(cells, "key"), text_at(cells, "note"))

    def text_at(cells: Sequence[str], name: str) -> str:
        position = at[name]
        return "" if position is None else " ".join(cells[position].split())[:NOTE_CHARS]

    return Coder(unreadable, code, _seer(date_at, at["published"], importer, read, n_cells))


def _positions(table: Table, importer: Importer) -> dict[str, int | None]:
    """By the importer's names of columns, where they are in the table."""
    columns = importer.columns
    return {name: table.position(getattr(columns, name)) for name in type(columns).model_fields}


def _dater(
    at: Mapping[str, int | None],
    importer: Importer,
    read: Callable[[str], When | None],
    start: date,
    today: date,
    known_on: date | None,
) -> Callable[[Sequence[str], str], tuple[When, date] | Refused]:
    """From a row and the text of its date to when it happened and the first day on which one could know."""
    until_at, published_at, stale = at["until"], at["published"], importer.dates.stale_after_days

    def days(cells: Sequence[str], text: str) -> tuple[When, date] | Refused:
        when = read(text)
        if when is not None and until_at is not None and cells[until_at].strip():
            when = _joined(when, read(cells[until_at]))
        if when is None:
            return Refused(Reason.DATE)
        if when.first < start:
            return Refused(Reason.EARLY if when.last < start else Reason.PERHAPS_EARLY)
        published = read(cells[published_at]) if published_at is not None else None
        if stale is not None and published is not None and (published.first - when.last).days > stale:
            return Refused(Reason.STALE)
        known = known_on or (published.first if published is not None else _known(when, importer))
        known = min(max(known, when.first), today) if known_on is None else known
        return Refused(Reason.FUTURE) if when.first > known else (when, known)

    return days


def _teller(position: int | None, importer: Importer) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """From a row to the ids of those who told of it."""
    if position is None:
        return lambda _: ()

    def origins(cells: Sequence[str]) -> tuple[str, ...]:
        cell = cells[position]
        parts = cell.split(importer.split_origin) if importer.split_origin else [cell]
        return tuple(dict.fromkeys(name for name in map(origin_id, parts) if name))

    return origins


def _seer(
    date_at: int, published_at: int | None, importer: Importer, read: Callable[[str], When | None], n_cells: int
) -> Callable[[Sequence[str]], tuple[date, date] | None]:
    """From a row to the days on which it came out; see `Coder.seen`."""
    seen_at = published_at if published_at is not None else date_at

    def seen(cells: Sequence[str]) -> tuple[date, date] | None:
        if len(cells) != n_cells:
            return None
        if seen_at == date_at and importer.each is not None:
            days = [when for when in map(read, cells[seen_at].split(importer.each.split)) if when is not None]
            return (min(when.first for when in days), max(when.last for when in days)) if days else None
        when = read(cells[seen_at])
        return None if when is None else (when.first, when.last)

    return seen


def origin_id(text: str) -> str:
    """An id for who told of something: the host of an address, else the name in small letters; '' for none."""
    text = text.strip()
    if "://" in text:
        try:
            text = (urlsplit(text).hostname or "").removeprefix("www.")
        except ValueError:
            text = ""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.")[:60]
    if not name and any(char.isalnum() for char in text):
        # a name in another script
        name = "origin-" + hashlib.sha256(text.encode()).hexdigest()[:10]
    return "" if name in ("na", "none", "unknown") else name


def _when(text: str, formats: Iterable[str]) -> When | None:
    text = text.strip()
    for form in formats:
        try:
            day = datetime.strptime(text, form)
        except ValueError:
            continue
        # `strptime` reads 2017063 as 3 June 2017
        if text.isdigit() and len(day.strftime(form)) != len(text):
            continue
        if "%d" in form:
            return parse_when(day.date().isoformat())
        return parse_when(day.date().isoformat()[: 7 if "%m" in form else 4])
    return None


def _joined(first: When, last: When | None) -> When | None:
    if last is None or last.last < first.first:
        return None
    return first if last.last <= first.last else parse_when(f"{first.first}/{last.last}")


def _known(when: When, importer: Importer) -> date:
    """First day on which one could know, by the habits of the data set."""
    end = when.last
    if importer.known.after == "year":
        end = date(end.year, 12, 31)
    elif importer.known.after == "month":
        end = date(end.year + end.month // 12, end.month % 12 + 1, 1) - timedelta(days=1)
    return end + timedelta(days=importer.known.days)
