"""The built-in lexicon, read from `lexicon/*.yaml` with the program's own reader; every list becomes cues once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from forecast.coding.cues.patterns import Cue, cue
from forecast.errors import Finding, InputError
from forecast.scenario.nodes import plain
from forecast.scenario.yaml_text import read_yaml

__all__ = [
    "FOLDER",
    "Kind",
    "classes",
    "countries",
    "function_words",
    "hedges",
    "indicator_types",
    "intent",
    "led",
    "ranks",
    "read_table",
]

FOLDER = Path(__file__).parents[1] / "lexicon"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of indicator: whose names its sentences need, the rank that must be meant, what it is like, its cues."""

    name: str
    who: str
    rank: str | None
    plover: str | None
    cameo: tuple[str, ...]
    strong: tuple[str, ...]
    weak: tuple[str, ...]


@cache
def read_table(name: str) -> Mapping[str, Any]:
    """A table of the lexicon as it is in its file."""
    findings: list[Finding] = []
    node = read_yaml(FOLDER / f"{name}.yaml", f"lexicon/{name}.yaml", findings)
    if node is None or findings:
        raise InputError(findings)
    told: dict[str, Any] = plain(node)
    return told


@cache
def indicator_types() -> Mapping[str, Kind]:
    """By name."""
    sets, listed = read_table("indicators")["sets"], {k: v for k, v in read_table("indicators").items() if k != "sets"}
    return {
        name: Kind(
            name,
            entry["who"],
            entry.get("rank"),
            entry["like"].get("plover") if entry["like"] else None,
            tuple(entry["like"].get("cameo", ())) if entry["like"] else (),
            tuple(_spelt_out(entry["strong"], sets)),
            tuple(_spelt_out(entry["weak"], sets)),
        )
        for name, entry in listed.items()
    }


def _spelt_out(texts: Sequence[str], sets: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Each cue, with every word of a set in the place of `{set}`."""
    for text in texts:
        parts = re.split(r"\{(\w+)\}", text)
        choices = [sets[part] if number % 2 else [part] for number, part in enumerate(parts)]
        yield from ("".join(words) for words in product(*choices))


@cache
def led() -> Mapping[str, str]:
    """Organisations that act for the state which leads them, by code."""
    return dict(read_table("organisations"))


@cache
def classes() -> tuple[Cue[tuple[str, bool]], ...]:
    """Cues of event classes; the key is the class and whether it is a verb."""
    made: list[Cue[tuple[str, bool]]] = []
    for name, entry in read_table("classes")["classes"].items():
        made += [cue((name, True), text, verb=True) for text in entry["verbs"]]
        made += [cue((name, False), text) for text in entry["phrases"]]
    return tuple(made)


@cache
def intent() -> tuple[Cue[str], ...]:
    """What puts an act into the future or under a will; and, with the key `about`, what leads away from the act."""
    entry = read_table("classes")
    return (
        *(cue("intent", text, verb=True) for text in entry["intent"]["verbs"]),
        *(cue("intent", text) for text in entry["intent"]["phrases"]),
        *(cue("about", text) for text in entry["about"]),
        *(cue("condition", text) for text in entry["condition"]),
    )


@cache
def hedges() -> tuple[Cue[str], ...]:
    """Phrases by which a sentence asserts; the key is the kind of assertion."""
    return tuple(cue(kind, text) for kind, texts in read_table("hedges").items() for text in texts)


@cache
def ranks() -> tuple[Cue[str], ...]:
    """Titles; the key is the rank."""
    return tuple(cue(rank, title) for rank, titles in read_table("ranks").items() for title in titles)


@cache
def countries() -> Mapping[str, Sequence[str]]:
    """Names, demonyms and capitals by code."""
    return dict(read_table("countries"))


@cache
def function_words() -> frozenset[str]:
    """The commonest words of English."""
    return frozenset(read_table("english")["words"])
