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

from forecast.evidence.mapping import EventClass, Importer
from forecast.evidence.rows import Table
from forecast.scenario.dates import When, parse_when
from forecast.scenario.record import Scenario

__all__ = ["Coded", "Coder", "Reason", "Refused", "coder", "origin_id"]

#: Distinct texts of dates and names that are remembered; data sets repeat them without end.
REMEMBERED = 200_000

NOTE_CHARS = 300

#: Names of so few characters are words of their own in small letters.
SHORT_CHARS = 4


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

    `code` takes the cells of a row and gives one result for each event that the row may tell of; `seen` gives the days
    on which a row came out, first and last, as far as they can be read, whether or not it is used.
    """

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
    fields = importer.columns
    at = {name: table.position(getattr(fields, name)) for name in type(fields).model_fields}
    date_at, actor_at, target_at = at["date"], at["actor"], at["target"]
    assert date_at is not None  # required columns are there
    assert actor_at is not None
    assert target_at is not None
    find = _finder(importer, scenario)
    match = _matcher(table, importer, classes)
    read = _remembering(lambda text: _when(text, importer.dates.formats))
    until_at, published_at, code_at = at["until"], at["published"], at["code"]
    start, stale = scenario.start, importer.dates.stale_after_days
    n_cells = len(table.columns)

    def code(cells: Sequence[str]) -> list[Coded | Refused]:
        if len(cells) != n_cells:
            return [Refused(Reason.CELLS)]
        who = _pairs(find(cells[actor_at]), find(cells[target_at]), partners)
        if not who:
            return [Refused(Reason.ACTORS)]
        found = match(cells, who)
        if found is None:
            if "partners" not in who:
                return [Refused(Reason.ACTORS)]
            return [Refused(Reason.CODE, cells[code_at].strip() if code_at is not None else "")]
        texts = [cells[date_at]]
        if importer.each is not None:
            texts = [text for text in cells[date_at].split(importer.each.split) if text.strip()]
        if not any(text.strip() for text in texts):
            return [Refused(Reason.NO_DATE)]
        return [dated(cells, found[0], found[1], text) for text in texts]

    def dated(cells: Sequence[str], event_class: EventClass, who: tuple[str, str], text: str) -> Coded | Refused:
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
        if when.first > known:
            return Refused(Reason.FUTURE)
        return Coded(event_class, who, when, known, origins(cells), text_at(cells, "key"), text_at(cells, "note"))

    def text_at(cells: Sequence[str], name: str) -> str:
        position = at[name]
        return "" if position is None else " ".join(cells[position].split())[:NOTE_CHARS]

    def origins(cells: Sequence[str]) -> tuple[str, ...]:
        position = at["origin"]
        if position is None:
            return ()
        cell = cells[position]
        parts = cell.split(importer.split_origin) if importer.split_origin else [cell]
        return tuple(dict.fromkeys(name for name in map(origin_id, parts) if name))

    seen_at = published_at if published_at is not None else date_at

    def seen(cells: Sequence[str]) -> tuple[date, date] | None:
        if len(cells) != n_cells:
            return None
        if seen_at == date_at and importer.each is not None:
            days = [when for when in map(read, cells[seen_at].split(importer.each.split)) if when is not None]
            return (min(when.first for when in days), max(when.last for when in days)) if days else None
        when = read(cells[seen_at])
        return None if when is None else (when.first, when.last)

    return Coder(code, seen)


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


def _pairs(actors: Sequence[str], targets: Sequence[str], partners: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """By kind of class, who acts on whom; empty if nobody that matters does."""
    found: dict[str, tuple[str, str]] = {}
    for actor in actors:
        for target in targets:
            if target not in partners or actor == target:
                continue
            found.setdefault("partners" if actor in partners else "outsider", (actor, target))
    return found


def _finder(importer: Importer, scenario: Scenario) -> Callable[[str], tuple[str, ...]]:
    """From a cell to the keys of the actors that it names."""
    spellings: dict[str, str] = {}
    for key, actor in scenario.file.actors.items():
        for name in (key, actor.name, *actor.aliases, *importer.actors.names.get(key, ())):
            spellings.setdefault(_folded(name), key)
    split = importer.actors.split
    if importer.actors.match == "words":
        pattern = _words(scenario, importer)

        def words(cell: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(spellings[_folded(hit)] for hit in pattern.findall(_spaced(cell))))

        return _remembering(words)

    def whole(cell: str) -> tuple[str, ...]:
        parts = cell.split(split) if split else [cell]
        return tuple(dict.fromkeys(spellings[name] for name in map(_folded, parts) if name in spellings))

    return _remembering(whole)


def _words(scenario: Scenario, importer: Importer) -> re.Pattern[str]:
    """Finds names among other words, the longest first: North Korea before Korea. Short ones as they are spelt: US."""
    names: set[str] = set()
    for key, actor in scenario.file.actors.items():
        names.update(map(_spaced, (key, actor.name, *actor.aliases, *importer.actors.names.get(key, ()))))
    listed = sorted(names, key=lambda name: (-len(name), name))
    parts = [re.escape(name) if len(name) <= SHORT_CHARS else f"(?i:{re.escape(name)})" for name in listed]
    return re.compile(r"(?<!\w)(" + "|".join(parts) + r")(?!\w)")


def _matcher(
    table: Table, importer: Importer, classes: Sequence[EventClass]
) -> Callable[[Sequence[str], Mapping[str, tuple[str, str]]], tuple[EventClass, tuple[str, str]] | None]:
    """The first class that a row fits, with who acts on whom."""
    tests = []
    for event_class in classes:
        columns = []
        for column, patterns in event_class.where.items():
            position = table.position(importer.columns.code if column == "code" else (column,))
            assert position is not None  # required columns are there
            columns.append((position, re.compile("|".join(map(_pattern, patterns))).fullmatch))
        tests.append((event_class, columns))

    def match(cells: Sequence[str], who: Mapping[str, tuple[str, str]]) -> tuple[EventClass, tuple[str, str]] | None:
        for event_class, columns in tests:
            pair = who.get(event_class.who)
            if pair is not None and all(fits(_folded(cells[position])) for position, fits in columns):
                return event_class, pair if event_class.directed else (min(pair), max(pair))
        return None

    return match


def _pattern(text: str) -> str:
    """Text with `*` for anything, as it stands: a code has no value, 010 is not 10."""
    return ".*".join(re.escape(part) for part in _folded(text).split("*"))


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


def _remembering[T](function: Callable[[str], T]) -> Callable[[str], T]:
    """The function with a memory of bounded size."""
    memory: dict[str, T] = {}

    def recall(text: str) -> T:
        try:
            return memory[text]
        except KeyError:
            if len(memory) >= REMEMBERED:
                memory.clear()
            return memory.setdefault(text, function(text))

    return recall


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _folded(text: str) -> str:
    return _spaced(text).casefold()
