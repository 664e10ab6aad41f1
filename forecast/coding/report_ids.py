"""Ids of new reports: the next free ones, in the manner of the file that they are written into."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from forecast.scenario.record import Scenario
from forecast.scenario.workspace import shown_in

__all__ = ["new_ids"]

_NUMBERED = re.compile(r"([A-Za-z][A-Za-z._-]*?)(\d+)[a-z]?")

#: How reports are called in a file that has none yet.
PREFIX = "S"


def new_ids(scenario: Scenario, path: Path, listed: Sequence[Mapping[str, Any]]) -> list[str]:
    """Ids for new reports: those that coders chose, else the next free ones in the manner of the file."""
    taken = set(scenario.marks["reports"]) | {str(fields["id"]) for fields in listed if "id" in fields}
    shown_as = shown_in(scenario.workspace, path)
    here = [name for name, node in scenario.marks["reports"].items() if node.file == shown_as]
    prefix, width = _manner(here)
    numbers = [int(match[2]) for name in taken if (match := _NUMBERED.fullmatch(name)) and match[1] == prefix]
    number = max(numbers, default=0)
    ids = []
    for fields in listed:
        if "id" in fields:
            ids.append(str(fields["id"]))
            continue
        number += 1
        ids.append(f"{prefix}{number:0{width}d}")
    return ids


def _manner(names: Sequence[str]) -> tuple[str, int]:
    """The prefix that most ids have, and how many digits follow at least."""
    matches = [match for name in names if (match := _NUMBERED.fullmatch(name))]
    if not matches:
        return PREFIX, 1
    prefix = Counter(match[1] for match in matches).most_common(1)[0][0]
    digits = [match[2] for match in matches if match[1] == prefix]
    padded = [len(text) for text in digits if text.startswith("0")]
    return prefix, max(padded, default=1)
