"""What the readers of a scenario's files share: where the files are, and what was found so far."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from forecast.errors import Finding
from forecast.scenario.fields import ID_PATTERN
from forecast.scenario.nodes import Node, mapping, shown
from forecast.scenario.workspace import shown_in
from forecast.scenario.yaml_text import parse_yaml, read_yaml

__all__ = ["ACCEPTED_ID", "Reading", "add_by_id", "check_ids", "files_in", "is_id"]

ACCEPTED_ID = "letters, digits, '.', '_' and '-', beginning with a letter or digit"


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a scenario. `findings` and `marks` (by kind and id, see `Scenario`) are added to.

    `instead` has texts that are read in place of files, whether these are there or not.
    """

    workspace: Path
    folder: Path
    findings: list[Finding] = field(default_factory=list)
    marks: dict[str, Mapping[str, Node]] = field(default_factory=dict)
    instead: Mapping[Path, str] = field(default_factory=dict)

    def name(self, path: Path) -> str:
        """How messages call a file: relative to the workspace."""
        return shown_in(self.workspace, path)

    def yaml(self, path: Path) -> Node | None:
        """The tree of a file, None if it cannot be read."""
        if path in self.instead:
            return parse_yaml(self.instead[path], self.name(path), self.findings)
        return read_yaml(path, self.name(path), self.findings)

    def files(self, folder: Path, suffix: str) -> list[Path]:
        """Files of one kind by name, with those that there are only texts for."""
        own = [path for path in self.instead if path.parent == folder and path.suffix == suffix]
        return sorted({*files_in(folder, suffix), *own})

    def optional_yaml(self, path: Path) -> Node | None:
        """The tree of a file that may be missing (then empty), None if it cannot be read."""
        return self.yaml(path) if path.exists() else Node({}, self.name(path), 1)

    def error(self, message: str, place: Node, key: str, accepted: str | None = None, found: str | None = None) -> None:
        """Add an error about what stands at a place; it is quoted unless `found` says otherwise."""
        if found is None and not isinstance(place.value, dict):
            found = shown(place)
        self.findings.append(Finding("error", message, place.file, place.line, key or None, found, accepted))


def is_id(name: str) -> bool:
    """Whether a name can be an id."""
    return re.fullmatch(ID_PATTERN, name) is not None


def files_in(folder: Path, suffix: str) -> list[Path]:
    """Files of one kind by name, without hidden ones (editors and our own writer leave those)."""
    return sorted(path for path in folder.glob(f"*{suffix}") if not path.name.startswith("."))


def add_by_id(reading: Reading, entries: dict[str, Node], entry: Node, kind: str) -> str:
    """Add an entry of a list under its id, which is returned; an id that is taken is an error, none is ''."""
    own = mapping(entry).get("id")
    if own is None or not isinstance(own.value, str):
        return ""
    first = entries.setdefault(own.value, entry)
    if first is not entry:
        message = f"the id '{own.value}' is taken: {first.file}:{first.line} has it"
        reading.error(message, own, f"{kind}.{own.value}.id", "an id of its own")
    return own.value


def check_ids(reading: Reading, entries: Mapping[str, Node], prefix: str = "") -> None:
    """Names that cannot be ids are errors."""
    for name, entry in entries.items():
        if not re.fullmatch(ID_PATTERN, name):
            reading.error(f"'{name}' cannot be an id", entry, prefix + name, ACCEPTED_ID, name)
