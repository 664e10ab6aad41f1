"""A tree of texts that know where they stand: what files say, before the schema gives anything a type.

`yaml_text` and `csv_text` make such trees, `validation` turns them into entries of the schema.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Node", "Step", "find", "locate", "mapping", "merge", "name_steps", "plain", "shown"]

Step = str | int
SHOWN_CHARS = 80


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a file: a text, a list or keys with values.

    `line` is where to point a reader: the line of the key for what has a key, else the line where the value begins.
    """

    value: "str | tuple[Node, ...] | dict[str, Node]"
    file: str
    line: int


def mapping(node: Node | None) -> dict[str, Node]:
    """The node's keys and values; empty for everything that is not a mapping."""
    return node.value if node is not None and isinstance(node.value, dict) else {}


def merge(base: Node, change: Node) -> Node:
    """Lay one tree over another: mappings merge key by key, texts and lists are replaced.

    Every leaf keeps its own mark; a merged mapping keeps the mark of `base`, where the thing is defined.
    """
    if not isinstance(base.value, dict) or not isinstance(change.value, dict):
        return change
    merged = dict(base.value)
    for key, value in change.value.items():
        merged[key] = merge(merged[key], value) if key in merged else value
    return Node(merged, base.file, base.line)


def plain(node: Node) -> Any:
    """The tree as dict, list and str."""
    value = node.value
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return {key: item.value if isinstance(item.value, str) else plain(item) for key, item in value.items()}


def find(node: Node, path: Sequence[Step]) -> Node | None:
    """The node at the end of a path of keys and positions, None if there is none."""
    for step in path:
        inner = _child(node, step)
        if inner is None:
            return None
        node = inner
    return node


def locate(node: Node, path: Sequence[Step]) -> tuple[str, int]:
    """File and line of the deepest node that exists on the path."""
    for step in path:
        inner = _child(node, step)
        if inner is None:
            break
        node = inner
    return node.file, node.line


def name_steps(node: Node, path: Sequence[Step]) -> str:
    """The path in words: an entry of a list is called by its `id` where it has one, else by its position from 0."""
    names = []
    here: Node | None = node
    for step in path:
        here = _child(here, step) if here is not None else None
        own = mapping(here).get("id")
        names.append(own.value if isinstance(step, int) and own and isinstance(own.value, str) else str(step))
    return ".".join(names)


def shown(node: Node | None) -> str | None:
    """What stands there, short enough for a message; None for nothing."""
    if node is None:
        return None
    text = node.value if isinstance(node.value, str) else _inline(plain(node))
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 3] + "..."


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    return str(value)


def _child(node: Node, step: Step) -> Node | None:
    if isinstance(node.value, dict):
        return node.value.get(step) if isinstance(step, str) else None
    if isinstance(node.value, tuple) and isinstance(step, int) and 0 <= step < len(node.value):
        return node.value[step]
    return None
