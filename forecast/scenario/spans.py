"""Where every value of a YAML text begins and ends, so that an edit replaces only what it changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import yaml

__all__ = ["Span", "spans"]


@dataclass(frozen=True, slots=True)
class Span:
    """The characters `start` to `end` (excluded) of a text that hold one value.

    A block mapping or list ends with its last scalar, before the comments that follow it. `column` is where it begins
    in its line: the indentation of its keys or dashes. `key_end` is where its key ends, before the colon.
    """

    kind: Literal["text", "list", "mapping"]
    is_flow: bool
    start: int
    end: int
    column: int
    key_end: int
    keys: "dict[str, Span]"
    items: "tuple[Span, ...]"
    text: str

    def child(self, step: str | int) -> "Span | None":
        """The value of a key, or the entry of a list at a position or with an `id`."""
        if self.kind == "mapping":
            return self.keys.get(str(step))
        if isinstance(step, int):
            return self.items[step] if 0 <= step < len(self.items) else None
        for item in self.items:
            own = item.keys.get("id")
            if own is not None and own.text == step:
                return item
        return None


def spans(text: str) -> Span | None:
    """The tree of spans of a text that `parse_yaml` has read without errors; None for an empty one."""
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
    for event in events:
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            return _span(event, events, 0)
    return None


def _span(event: Any, events: Iterator[Any], key_end: int) -> Span:
    """Read one value whose first event is given. Recursion is safe: `parse_yaml` has limited the depth."""
    start, stop, column = event.start_mark.index, event.end_mark.index, event.start_mark.column
    if isinstance(event, yaml.ScalarEvent):
        return Span("text", False, start, stop, column, key_end, {}, (), event.value)
    keys: dict[str, Span] = {}
    items: list[Span] = []
    end = start
    is_mapping = isinstance(event, yaml.MappingStartEvent)
    for inner in events:
        stop = inner.end_mark.index
        if isinstance(inner, yaml.CollectionEndEvent):
            end = stop if event.flow_style else end
            break
        if is_mapping:
            child = keys[inner.value] = _span(next(events), events, stop)
        else:
            child = _span(inner, events, 0)
            items.append(child)
        end = child.end
    kind: Literal["list", "mapping"] = "mapping" if is_mapping else "list"
    return Span(kind, bool(event.flow_style), start, end, column, key_end, keys, tuple(items), "")
