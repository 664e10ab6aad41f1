"""The words of `lexicon/grammar.yaml`, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from forecast.coding.cues.lexicon import read_table

__all__ = ["Table", "table"]


@dataclass(frozen=True, slots=True)
class Table:
    """Sets of base forms by what they do in a sentence; phrasal verbs are one entry, `call off`."""

    sets: Mapping[str, frozenset[str]]
    stages: Mapping[str, frozenset[str]]

    def __getitem__(self, name: str) -> frozenset[str]:
        return self.sets[name]


@cache
def table() -> Table:
    """The table."""
    read: Mapping[str, Any] = read_table("grammar")
    return Table(
        {name: frozenset(words) for name, words in read.items() if name != "stages"},
        {stage: frozenset(words) for stage, words in read["stages"].items()},
    )
