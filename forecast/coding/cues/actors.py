"""Who a sentence names: actors of the scenario and other states, by name, demonym, capital, and known persons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forecast.coding.cues.lexicon import countries, led, ranks
from forecast.coding.cues.patterns import Cue, Finder, cue
from forecast.coding.cues.tokens import Token
from forecast.scenario.record import Scenario

__all__ = ["Mention", "Names", "Person", "Title", "names"]

#: Names of so few characters must be spelt as they are: US is no us.
SHORT_CHARS = 4

#: Words that may stand between a nationality and a title, and a title and a name.
NEAR = 4

_PARTS = frozenset(("north", "south", "east", "west"))


@dataclass(frozen=True, slots=True)
class Mention:
    """An actor that is named: its key, and the positions of the first and last token."""

    key: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Title:
    """A title that stands in a sentence, and whose it is, if that is said."""

    rank: str
    actor: str | None
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Person:
    """A person known from a title in the same article."""

    rank: str
    actor: str | None


class Names:
    """Finds actors and titles in sentences; `persons` grows while an article is read."""

    def __init__(self, spelt: Mapping[str, Sequence[str]], leaders: Mapping[str, str]) -> None:
        cues: list[Cue[str]] = []
        self._called = {key: listed[0] for key, listed in spelt.items()}
        self._short = {name for listed in spelt.values() for name in listed if len(name) <= SHORT_CHARS}
        for key, listed in spelt.items():
            cues += [cue(key, name) for name in listed]
        self._finder = Finder(cues)
        self._titles = Finder(ranks())
        self._halves = _halves(spelt)
        self._leaders = leaders
        self.persons: dict[str, Person] = {}

    def called(self, key: str) -> str:
        """How a key is called in texts."""
        return self._called[key]

    def mentions(self, text: Sequence[Token]) -> list[Mention]:
        """Actors in the order in which they are named; of overlapping names the longest."""
        found: list[Mention] = []
        taken = -1
        for hit in self._finder.find(text):
            spelt = " ".join(token.raw for token in text[hit.first : hit.last + 1])
            is_short = len(hit.cue.text) <= SHORT_CHARS
            if hit.first <= taken or not text[hit.first].is_capital or (is_short and spelt not in self._short):
                continue
            found.append(Mention(hit.key, hit.first, hit.last))
            taken = hit.last
        for at, token in enumerate(text):
            person = self.persons.get(token.raw)
            if person is not None and person.actor and not any(one.first <= at <= one.last for one in found):
                found.append(Mention(person.actor, at, at))
        return sorted([*found, *self._coordinated(text)], key=lambda one: one.first)

    def titles(self, text: Sequence[Token], mentions: Sequence[Mention]) -> list[Title]:
        """Titles, and persons who had one before; the longest where they overlap."""
        found: list[Title] = []
        taken = -1
        for hit in self._titles.find(text):
            if hit.first <= taken:
                continue
            found.append(Title(hit.key, _owner(hit.first, hit.last, mentions, text), hit.first, hit.last))
            taken = hit.last
        for at, token in enumerate(text):
            person = self.persons.get(token.raw)
            if person is not None and not any(abs(one.first - at) <= NEAR for one in found):
                found.append(Title(person.rank, person.actor, at, at))
        for mention in mentions:
            spelt = " ".join(token.text for token in text[mention.first : mention.last + 1])
            rank = self._leaders.get(spelt.replace(" - ", "-"))
            if rank and not any(one.first <= mention.last + 1 and mention.first - NEAR <= one.last for one in found):
                found.append(Title(rank, mention.key, mention.first, mention.last))
        return found

    def learn(self, text: Sequence[Token]) -> None:
        """Remember who has which title: `Foreign Minister Sergei Lavrov`, `Lavrov, the foreign minister,`."""
        mentions = self.mentions(text)
        for title in self.titles(text, mentions):
            after = _name(text, title.last + 1)
            if (after and title.first != title.last) or (after and text[title.first].text not in self.persons):
                for word in after:
                    self.persons.setdefault(word, Person(title.rank, title.actor))

    def _coordinated(self, text: Sequence[Token]) -> list[Mention]:
        """`North-South Korean`, `North and South Korea`: the half that lacks its noun."""
        found = []
        for at in range(len(text) - 3):
            first, middle, second, noun = text[at : at + 4]
            if (
                first.text in _PARTS
                and second.text in _PARTS
                and first.text != second.text
                and middle.text in ("-", "and")
            ):
                key = self._halves.get((first.text, noun.text))
                if key is not None:
                    found.append(Mention(key, at, at))
        return found


def names(scenario: Scenario) -> Names:
    """The names of a scenario's actors with demonyms and capitals, and of all other states."""
    known = countries()
    spelt: dict[str, list[str]] = {}
    used: set[str] = set()
    leaders: dict[str, str] = {}
    for key, actor in scenario.file.actors.items():
        code = key if key in known else next((c for c, listed in known.items() if actor.name in listed), None)
        own = [actor.name, key, *actor.aliases]
        listed = list(known[code]) if code else []
        used.add(code or key)
        spelt[key] = list(dict.fromkeys([*own, *listed]))
        if code:
            # an alias that is no name of the state is a person or an office of it
            persons = [alias for alias in actor.aliases if alias not in listed and _is_person(alias)]
            leaders |= {alias.lower(): "leader" for alias in persons}
    for code, told in known.items():
        leader = led().get(code)
        if leader in spelt and code not in used:
            spelt[leader] = [*spelt[leader], *told]
        elif code not in used:
            spelt[code] = list(told)
    return Names(spelt, leaders)


_OFFICES = frozenset(
    ("republic", "federation", "state", "states", "department", "house", "ministry", "union", "kingdom", "islamic")
)


def _is_person(alias: str) -> bool:
    words = alias.lower().replace("-", " ").split()
    return not alias.isupper() and "." not in alias and not _OFFICES & set(words)


def _owner(first: int, last: int, mentions: Sequence[Mention], text: Sequence[Token]) -> str | None:
    """Whose a title is: the actor just before it, or after `of`."""
    before = [one for one in mentions if one.last < first and first - one.last <= NEAR]
    if before and not any(
        token.text in (",", "and", "to", "in", "with") for token in text[before[-1].last + 1 : first]
    ):
        return before[-1].key
    after = [one for one in mentions if one.first > last and one.first - last <= NEAR + 2]
    if after and any(token.text in ("of", "from") for token in text[last + 1 : after[0].first]):
        return after[0].key
    return None


def _name(text: Sequence[Token], at: int) -> list[str]:
    """The capitalised words of a name that begins here, but for initials."""
    found: list[str] = []
    while at < len(text) and len(found) < NEAR and (text[at].is_capital or (text[at].text == "-" and found)):
        if text[at].text != "-" and len(text[at].raw) > 2:
            found.append(text[at].raw)
        at += 1
    return found


def _halves(spelt: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], str]:
    halves: dict[tuple[str, str], str] = {}
    for key, listed in spelt.items():
        for name in listed:
            words = name.lower().split()
            if len(words) == 2 and words[0] in _PARTS:
                halves[words[0], words[1]] = key
    return halves
