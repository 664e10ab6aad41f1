"""Values as YAML text that the program's own reader reads back equal."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from forecast.errors import Finding
from forecast.scenario.dates import When
from forecast.scenario.nodes import Step, find, plain
from forecast.scenario.yaml_text import parse_yaml

__all__ = ["as_plain", "block", "flow", "scalar"]

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def as_plain(value: object) -> Any:
    """The value as the reader gives it back: texts, lists and mappings; entries that are None are left out."""
    if isinstance(value, Mapping):
        return {str(key): as_plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [as_plain(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int | float | When):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written")


def scalar(text: str) -> str:
    """A text without quotes if it reads back equal anywhere, else in double quotes."""
    if text == text.strip() and "\n" not in text and _reads_back(text):
        return text
    return '"' + "".join(_ESCAPES.get(char) or _printable(char) for char in text) + '"'


def flow(value: object) -> str:
    """The value on one line."""
    written = as_plain(value)
    if isinstance(written, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in written.items()) + "}"
    if isinstance(written, list):
        return "[" + ", ".join(flow(item) for item in written) + "]"
    return scalar(str(written))


def block(value: Mapping[str, object], indent: str, newline: str) -> str:
    """A mapping, one line for each key."""
    return "".join(f"{indent}{scalar(key)}: {flow(item)}{newline}" for key, item in as_plain(value).items())


def _reads_back(text: str) -> bool:
    """Whether the bare text means itself as key, as value and between brackets."""
    samples: list[tuple[str, tuple[Step, ...]]] = [
        (f"k: {text}\n", ("k",)),
        (f"k: [{text}, {{{text}: 1}}]\n", ("k", 0)),
    ]
    for sample, path in samples:
        findings: list[Finding] = []
        node = parse_yaml(sample, "", findings)
        there = find(node, path) if node is not None else None
        if findings or there is None or plain(there) != text:
            return False
    return True


def _printable(char: str) -> str:
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
