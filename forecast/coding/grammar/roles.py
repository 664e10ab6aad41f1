"""Who does it, to whom, and where: the parties around a verb or a noun of action, and an amount."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from forecast.coding.grammar.table import table
from forecast.coding.grammar.tree import Tree
from forecast.coding.grammar.voices import subject

__all__ = ["Amount", "Parties", "amount", "parties"]

_TO = frozenset(("to", "with", "against", "from", "on", "for", "into", "between", "towards", "at"))
_IN = frozenset(("in", "at", "near", "off", "around", "outside"))

#: Nouns of action say their parties with these: `a visit by Arland to Borland`.
_BY = frozenset(("by", "of", "between"))


@dataclass(frozen=True, slots=True)
class Parties:
    """Keys of actors that do it and to whom it is done, and where in the article the place stands."""

    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    place: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, and where it stands."""

    value: float
    unit: str
    start: int
    end: int


def parties(tree: Tree, anchor: int, named: Mapping[int, str], before: Sequence[str] = ()) -> Parties:
    """The parties of an act.

    Parameters
    ----------
    tree, anchor
        The sentence, and the word that names the act.
    named
        Keys of actors by the words that name them.
    before
        Keys that a pronoun as subject may refer to, the likeliest first.
    """
    predicate = anchor if tree.words[anchor].is_verb else _verb_of(tree, anchor)
    actors: list[str] = []
    targets: list[str] = []
    if predicate is not None:
        doer = subject(tree, predicate)
        if doer is not None:
            actors += _keys(tree, doer, named)
            if not actors and tree.words[doer].tag.startswith("PRP") and before:
                actors.append(before[0])
        for child in tree.children(predicate, "dobj", "dative", "nsubjpass", "xcomp", "pcomp"):
            targets += _within(tree, child, named)
        for child in tree.children(predicate, "prep", "dative"):
            if tree.words[child].text in _TO | _IN:
                targets += [key for noun in tree.children(child, "pobj") for key in _within(tree, noun, named)]
    if not tree.words[anchor].is_verb:
        for child in tree.children(anchor, "poss", "amod", "compound", "nmod"):
            actors += _keys(tree, child, named)
        for child in tree.children(anchor, "prep"):
            keys = [key for noun in tree.children(child, "pobj") for key in _within(tree, noun, named)]
            if tree.words[child].text in _BY:
                actors += keys
            else:
                targets += keys
    actors = list(dict.fromkeys(actors))
    targets = [key for key in dict.fromkeys(targets) if key not in actors]
    return Parties(tuple(actors), tuple(targets), _place(tree, anchor, predicate))


def _verb_of(tree: Tree, noun: int) -> int | None:
    """The verb whose object or subject a noun is, if it says that the thing took place."""
    for one in tree.up(noun):
        if tree.words[one].is_verb and tree.words[one].lemma not in table()["says"]:
            return one
        if tree.words[one].dep in ("acl", "relcl", "ccomp"):
            return None
    return None


def _keys(tree: Tree, noun: int, named: Mapping[int, str]) -> list[str]:
    return [named[one] for one in tree.phrase(noun) if one in named]


def _within(tree: Tree, noun: int, named: Mapping[int, str]) -> list[str]:
    return [named[one] for one in sorted(tree.subtree(noun)) if one in named and _is_near(tree, one, noun)]


def _is_near(tree: Tree, at: int, top: int) -> bool:
    """Whether no other clause lies between a word and the word above it."""
    for one in tree.up(at):
        if one == top:
            return True
        if tree.words[one].dep in ("relcl", "advcl", "ccomp"):
            return False
    return False


def _place(tree: Tree, anchor: int, predicate: int | None) -> tuple[int, int] | None:
    """Where it happened: the first name behind `in`, `at` or `near` that is neither a month nor a year."""
    for top in dict.fromkeys(one for one in (predicate, anchor) if one is not None):
        for child in sorted(tree.subtree(top), key=lambda one: (tree.depth(one), one)):
            if tree.words[child].dep != "prep" or tree.words[child].text not in _IN or not _is_near(tree, child, top):
                continue
            for noun in tree.children(child, "pobj"):
                word = tree.words[noun]
                if word.tag in ("NNP", "NNPS") and word.lemma not in _MONTHS:
                    names = [c for c in tree.phrase(noun) if tree.words[c].tag in ("NNP", "NNPS") and c <= noun]
                    return tree.words[min(names)].start, word.end
    return None


_MONTHS = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
) | frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])

_SCALE = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
_NUMBERS = {
    word: float(number)
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=1
    )
} | {"a dozen": 12.0}
_MONEY = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen", "₹": "rupees", "us$": "dollars"}
_COUNT = r"\b(?:a dozen|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b"
_AMOUNT = re.compile(
    r"(?i)(?P<money>us\$|[$€£¥₹])?\s?"
    rf"(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|{_COUNT})"
    r"(?:[\s-]?(?P<scale>hundred|thousand|million|billion|bn|trillion|m)\b)?"
    r"(?P<after>(?:[\s-]+[A-Za-z][A-Za-z-]*){0,4})"
)


def amount(text: str, tree: Tree, words: Collection[int]) -> Amount | None:
    """The first amount with a known unit among some words of a sentence: `40 billion dollars`, `3,000 soldiers`."""
    if not words:
        return None
    start, end = min(tree.words[one].start for one in words), max(tree.words[one].end for one in words)
    inside = sorted((tree.words[one].start, tree.words[one].end) for one in words)
    for found in _amounts(text, start, end):
        if any(first <= found.start < last or first == found.start for first, last in inside):
            return found
    return None


def _amounts(text: str, start: int, end: int) -> Iterator[Amount]:
    for match in _AMOUNT.finditer(text, start, end):
        number = match["number"].lower()
        value = _NUMBERS[number] if number in _NUMBERS else float(number.replace(",", ""))
        value *= _SCALE[match["scale"].lower()] if match["scale"] else 1.0
        if match["money"]:
            yield Amount(value, _MONEY[match["money"].lower()], match.start("money"), match.end("number"))
            continue
        after = match["after"].split()
        for n in range(len(after)):
            unit = _unit(after[: n + 1])
            if unit is not None:
                yield Amount(value, unit, match.start("number"), match.end("number"))
                break


def _unit(words: Sequence[str]) -> str | None:
    """The unit at the end of some words, as it is spelt."""
    units = table()["units"]
    for size in (2, 1):
        unit = " ".join(words[-size:]).lower()
        if len(words) >= size and (
            unit in units or unit.removesuffix("s") in units or unit.removesuffix("es") in units
        ):
            return unit
    return None
