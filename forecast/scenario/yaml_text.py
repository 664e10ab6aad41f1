"""YAML text into a tree of marked texts: no constructors, no types, no references, nothing that can explode.

Only mappings, lists and scalars are read. Tags, anchors, aliases, merge keys, duplicate keys and a second document are
refused, each with its line; what a scalar means is left to the schema (`042` stays "042", `no` stays "no"). PyYAML's C
parser gives events one at a time, so depth and number of values are limited before anything is built.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from forecast.errors import Finding
from forecast.scenario.nodes import Node

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_EVENTS", "parse_yaml", "read_text", "read_yaml"]

#: Ten thousand coded reports are about 5 MB.
MAX_BYTES = 20 * 1024 * 1024
#: The deepest key of the formats lies 8 levels down.
MAX_DEPTH = 30
#: Ten thousand coded reports are about 300,000 events of the parser: keys, values, begins and ends.
MAX_EVENTS = 2_000_000

#: Keys that hold prose, in which ' #' is more likely meant as text than as a comment.
PROSE_KEYS = frozenset(
    (
        *("ask", "attributed_to", "author", "claim", "counts_as", "dataset", "filter", "label", "locator", "means"),
        *("name", "note", "notes", "publisher", "quote", "reason", "source", "speaker", "title", "why"),
    )
)

_NO_VALUE = frozenset(("", "~", "null", "Null", "NULL"))
_COMMENT = re.compile(r"[ \t]+#[^\r\n]*")


def read_yaml(path: Path, shown_as: str, findings: list[Finding]) -> Node | None:
    """Read one file; None if it could not be read. What is wrong with it is added to `findings`.

    Parameters
    ----------
    path
        The file.
    shown_as
        How messages call it: relative to the workspace.
    findings
        Receives errors and warnings.
    """
    text = read_text(path, shown_as, findings)
    return None if text is None else parse_yaml(text, shown_as, findings)


def read_text(path: Path, shown_as: str, findings: list[Finding]) -> str | None:
    """The text of a UTF-8 file within the size limit, without its byte order mark; None with a finding otherwise."""

    def refuse(message: str, accepted: str | None = None, line: int | None = None) -> None:
        findings.append(Finding("error", message, shown_as, line, accepted=accepted))

    try:
        if not path.is_file():
            refuse("this file does not exist" if not path.exists() else "this is not a file")
            return None
        size = path.stat().st_size
        if size > MAX_BYTES:
            refuse(f"the file has {size / 2**20:.0f} MiB", f"at most {MAX_BYTES // 2**20} MiB; split it into several")
            return None
        data = path.read_bytes()
    except OSError as error:
        refuse(f"the file cannot be read: {error.strerror or error}")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        refuse(f"the text is not UTF-8 (byte 0x{data[error.start]:02x})", "UTF-8; save the file in this encoding", line)
        return None
    if "\0" in text:
        refuse("the text contains a NUL character", "text", text.count("\n", 0, text.index("\0")) + 1)
        return None
    return text


def parse_yaml(text: str, shown_as: str, findings: list[Finding]) -> Node | None:
    """Turn YAML text into a tree whose top level is a mapping (empty for an empty text); None if that is impossible.

    A syntax error ends the reading of this text; all other findings are collected to its end, and the offending parts
    are left out of the tree.
    """
    before = len(findings)
    reading = _Reading(text, shown_as, findings, [], {})
    try:
        root = _document(reading, _events(reading))
    except _Stop:
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        findings.append(_syntax(error.problem or str(error), shown_as, mark.line + 1 if mark else None, text))
        return None
    except yaml.YAMLError as error:
        # a character that YAML forbids; the exception has its position, not its line
        position = getattr(error, "position", None)
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else None
        reason = getattr(error, "reason", str(error))
        findings.append(Finding("error", f"this is not YAML: {reason}", shown_as, line))
        return None
    if root is None:
        return Node({}, shown_as, 1)
    if not isinstance(root.value, dict):
        if not any(finding.level == "error" for finding in findings[before:]):
            findings.append(
                Finding("error", "the file is not a set of keys", shown_as, root.line, accepted="key: value")
            )
        return None
    return root


def _syntax(problem: str, shown_as: str, line: int | None, text: str) -> Finding:
    accepted = None
    if "mapping values are not allowed" in problem:
        accepted = "a text that contains ': ' in quotes"
    elif "cannot start any token" in problem:
        accepted = "spaces, not tabs, before a key; a text that begins with @, % or ` in quotes"
    elif "could not find expected ':'" in problem:
        accepted = "key: value"
    lines = text.splitlines()
    found = lines[line - 1].strip()[:80] if line and line <= len(lines) else None
    return Finding("error", f"this is not YAML: {problem}", shown_as, line, found=found, accepted=accepted)


class _Stop(Exception):  # noqa: N818 - control flow, never seen outside
    """The rest of the text must not be read."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One text being read: `path` leads to the value at hand, `keys` holds one string for all equal keys."""

    text: str
    file: str
    findings: list[Finding]
    path: list[str]
    keys: dict[str, str]

    def refuse(self, event: Any, message: str, accepted: str | None = None) -> None:
        line = event.start_mark.line + 1
        self.findings.append(Finding("error", message, self.file, line, ".".join(self.path) or None, accepted=accepted))


def _events(reading: _Reading) -> Iterator[Any]:
    """The parser's events, up to the limit."""
    for number, event in enumerate(yaml.parse(reading.text, Loader=yaml.CSafeLoader)):
        if number > MAX_EVENTS:
            reading.refuse(event, "the file holds too many values", f"at most {MAX_EVENTS:,}; split it into several")
            raise _Stop
        yield event


def _document(reading: _Reading, events: Iterator[Any]) -> Node | None:
    """The value of the only document; None for an empty one."""
    root: Node | None = None
    n_documents = 0
    for event in events:
        kind = type(event)
        if kind is yaml.DocumentStartEvent:
            n_documents += 1
            if n_documents > 1:
                reading.refuse(event, "a second document begins here", "one document in a file; no '---'")
                raise _Stop
        elif kind not in _FRAME:
            is_empty = kind is yaml.ScalarEvent and event.implicit[0] and event.value in _NO_VALUE
            value = _value(reading, event, events, event.start_mark.line + 1)
            root = None if is_empty else value
    return root


_FRAME = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)


def _value(reading: _Reading, event: Any, events: Iterator[Any], line: int) -> Node | None:
    """One value whose first event is given; None for one that was refused. The depth of recursion is limited."""
    kind = type(event)
    if kind is yaml.AliasEvent:
        reading.refuse(event, f"'*{event.anchor}' refers to another place", "the value itself, written out")
        return None
    _refuse_marks(reading, event)
    if kind is yaml.ScalarEvent:
        return _scalar(reading, event, line)
    if len(reading.path) >= MAX_DEPTH:
        reading.refuse(event, "the nesting is too deep", f"at most {MAX_DEPTH} levels")
        raise _Stop
    if kind is yaml.MappingStartEvent:
        return Node(_pairs(reading, events), reading.file, line)
    return Node(_items(reading, events), reading.file, line)


def _refuse_marks(reading: _Reading, event: Any) -> None:
    if event.anchor is not None:
        reading.refuse(event, f"'&{event.anchor}' names this place", "plain values; write each one out")
    if event.tag is not None:
        reading.refuse(event, f"'{event.tag}' is a tag", "plain values; the program knows the types")


def _pairs(reading: _Reading, events: Iterator[Any]) -> dict[str, Node]:
    pairs: dict[str, Node] = {}
    for event in events:
        if type(event) is yaml.MappingEndEvent:
            break
        key = _key(reading, event, pairs)
        reading.path.append(event.value)
        value = _value(reading, next(events), events, event.start_mark.line + 1)
        reading.path.pop()
        if key is not None and value is not None:
            pairs[key] = value
    return pairs


def _items(reading: _Reading, events: Iterator[Any]) -> tuple[Node, ...]:
    items: list[Node] = []
    for event in events:
        if type(event) is yaml.SequenceEndEvent:
            break
        reading.path.append(str(len(items)))
        value = _value(reading, event, events, event.start_mark.line + 1)
        reading.path.pop()
        if value is not None:
            items.append(value)
    return tuple(items)


def _key(reading: _Reading, event: Any, pairs: Mapping[str, Node]) -> str | None:
    """A key, None if it was refused; what is not a text at all ends the reading."""
    if type(event) is not yaml.ScalarEvent:
        message = "a list, mapping or reference stands where a key is wanted"
        reading.refuse(event, message, "a text; in quotes if it begins with {, [ or *")
        raise _Stop
    _refuse_marks(reading, event)
    key: str = event.value
    if key == "<<" and event.implicit[0]:
        reading.refuse(event, "'<<' merges another mapping", "the keys themselves, written out")
    elif not key:
        reading.refuse(event, "an empty key", "key: value")
    elif key in pairs:
        reading.refuse(event, f"'{key}' stands here twice, first on line {pairs[key].line}", "each key once")
    else:
        return reading.keys.setdefault(key, key)
    return None


def _scalar(reading: _Reading, event: Any, line: int) -> Node:
    value: str = event.value
    if event.implicit[0]:
        if value in _NO_VALUE:
            value = ""  # the schema refuses it, with the name of what is wanted
        elif reading.path and reading.path[-1] in PROSE_KEYS:
            _warn_cut(reading, event)
    return Node(value, reading.file, line)


def _warn_cut(reading: _Reading, event: Any) -> None:
    cut = _COMMENT.match(reading.text, event.end_mark.index)
    if cut is None:
        return
    reading.findings.append(
        Finding(
            "warning",
            f"YAML reads '{cut[0].strip()[:60]}' as a comment: the value ends before it",
            reading.file,
            event.end_mark.line + 1,
            ".".join(reading.path),
            found=event.value[-60:],
            accepted="the whole text in quotes, or the comment on a line of its own",
        )
    )
