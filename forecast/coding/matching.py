"""Which actors the cells of a row name, who acts on whom, and which class of event the row fits."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from forecast.coding.mapping import EventClass, Importer
from forecast.coding.rows import Table
from forecast.scenario.record import Scenario

__all__ = ["finder", "matcher", "pairs", "remembering"]

#: Distinct texts of dates and names that are remembered; data sets repeat them without end.
REMEMBERED = 200_000

#: Names of so few characters are words of their own in small letters.
SHORT_CHARS = 4


def finder(importer: Importer, scenario: Scenario) -> Callable[[str], tuple[str, ...]]:
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

        return remembering(words)

    def whole(cell: str) -> tuple[str, ...]:
        parts = cell.split(split) if split else [cell]
        return tuple(dict.fromkeys(spellings[name] for name in map(_folded, parts) if name in spellings))

    return remembering(whole)


def _words(scenario: Scenario, importer: Importer) -> re.Pattern[str]:
    """Finds names among other words, the longest first: North Korea before Korea. Short ones as they are spelt: US."""
    names: set[str] = set()
    for key, actor in scenario.file.actors.items():
        names.update(map(_spaced, (key, actor.name, *actor.aliases, *importer.actors.names.get(key, ()))))
    listed = sorted(names, key=lambda name: (-len(name), name))
    parts = [re.escape(name) if len(name) <= SHORT_CHARS else f"(?i:{re.escape(name)})" for name in listed]
    return re.compile(r"(?<!\w)(" + "|".join(parts) + r")(?!\w)")


def pairs(actors: Sequence[str], targets: Sequence[str], partners: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """By kind of class, who acts on whom; empty if nobody that matters does."""
    found: dict[str, tuple[str, str]] = {}
    for actor in actors:
        for target in targets:
            if target not in partners or actor == target:
                continue
            found.setdefault("partners" if actor in partners else "outsider", (actor, target))
    return found


def matcher(
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


def remembering[T](function: Callable[[str], T]) -> Callable[[str], T]:
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
