"""From a marked tree to an entry of the schema, or to findings in plain language with file, line and key path."""

from collections.abc import Iterable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from forecast.errors import Finding
from forecast.scenario.nodes import Node, Step, find, locate, name_steps, plain, shown

__all__ = ["findings_of", "keys_of", "nearest", "validate"]

#: Below this similarity a suggestion confuses more than it helps.
SIMILAR = 0.6

_LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}

_SHAPES = {
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "dict_type": "keys with values",
    "tuple_type": "a list: [first, second, ...], or a line with '- ' for each",
    "list_type": "a list: [first, second, ...], or a line with '- ' for each",
    "string_type": "text",
    "date_type": "a day as YYYY-MM-DD",
    "float_type": "a number",
    "int_type": "a whole number",
}


def nearest(name: str, names: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the name that comes closest, else nothing."""
    import difflib

    folded = {known.lower(): known for known in names}
    close = difflib.get_close_matches(name.lower(), list(folded), n=1, cutoff=SIMILAR)
    return f"; did you mean '{folded[close[0]]}'?" if close else ""


def validate[T: BaseModel](model: type[T], node: Node, prefix: Sequence[Step], findings: list[Finding]) -> T | None:
    """Read one entry; None if it is wrong, and then `findings` says why.

    Parameters
    ----------
    model
        The schema's class.
    node
        What the file says.
    prefix
        Where the entry stands in its file: the first part of every key path.
    findings
        Receives every error of the entry.
    """
    try:
        return model.model_validate(plain(node))
    except ValidationError as error:
        findings.extend(findings_of(error, model, node, prefix))
        return None


def findings_of(error: ValidationError, model: type[BaseModel], node: Node, prefix: Sequence[Step]) -> list[Finding]:
    """Every error pydantic found, in our words."""
    return [
        _finding(details, model, node, prefix)
        for details in error.errors(include_url=False, include_context=True, include_input=False)
    ]


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of an entry as analysts write them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _finding(details: Mapping[str, Any], model: type[BaseModel], node: Node, prefix: Sequence[Step]) -> Finding:
    kind: str = details["type"]
    path = _written_path(node, details["loc"], is_missing=kind == "missing")
    if key_at_fault := details.get("ctx", {}).get("key"):
        path = (*path, key_at_fault)
    here = find(node, path)
    file, line = locate(node, path)
    name = str(path[-1]) if path else ""
    message, accepted = _words(details, model, path, here)
    if here is not None and here.value == "":
        message, accepted = f"'{name}' has no value", accepted or "a value, or delete the key"
    if kind == "extra_forbidden":
        found: str | None = name
    else:
        found = None if kind == "missing" or (here and isinstance(here.value, dict)) else shown(here)
    key = ".".join([*(str(step) for step in prefix), *([name_steps(node, path)] if path else [])])
    return Finding("error", message, file, line, key or None, found, accepted)


def _written_path(node: Node, location: Sequence[Step], *, is_missing: bool) -> tuple[Step, ...]:
    """Pydantic's location without what stands in no file: the tag of a union, the mark of a wrong key."""
    path: list[Step] = []
    here: Node | None = node
    for position, step in enumerate(location):
        is_last = position == len(location) - 1
        inner = find(here, [step]) if here is not None else None
        if inner is not None:
            path.append(step)
            here = inner
        elif is_last and is_missing:
            path.append(step)
    return tuple(path)


def _words(
    details: Mapping[str, Any], model: type[BaseModel], path: Sequence[Step], here: Node | None
) -> tuple[str, str | None]:
    """Message, and what is accepted."""
    kind: str = details["type"]
    context: Mapping[str, Any] = details.get("ctx", {})
    fallback: str = details["msg"]
    name = str(path[-1]) if path else "this"
    if kind == "refused":
        return fallback, str(context["accepted"]) if "accepted" in context else None
    if kind == "missing":
        if path and isinstance(path[-1], int):
            return f"entry {path[-1] + 1} of the list is missing", "a list of two: [first, second]"
        return f"'{name}' is missing", f"{name}: ..."
    if kind == "extra_forbidden":
        keys = _keys_at(model, path[:-1])
        return f"unknown key '{name}'{nearest(name, keys)}", ", ".join(keys) or None
    if kind in ("literal_error", "enum"):
        names = _alternatives(str(context.get("expected", "")))
        text = here.value if here is not None and isinstance(here.value, str) else ""
        return f"'{text}' is not known here{nearest(text, names)}", " | ".join(names)
    if kind in _LIMITS:
        limit, words = _LIMITS[kind]
        return f"'{name}' is out of range", f"{words} {context[limit]:g}"
    if kind == "too_short":
        return f"'{name}' has too few entries", f"at least {context.get('min_length', 1)}"
    if kind == "too_long":
        return f"'{name}' has too many entries", f"at most {context.get('max_length')}"
    if kind in _SHAPES:
        return f"'{name}' has the wrong form", _SHAPES[kind]
    return fallback[:1].lower() + fallback[1:], None


def _alternatives(expected: str) -> list[str]:
    """The names in pydantic's "'a', 'b' or 'c'"."""
    return expected.split("'")[1::2]


def _keys_at(model: type[BaseModel], path: Sequence[Step]) -> list[str]:
    """Keys accepted at a path below an entry of the schema."""
    models = _models_in(model)
    for step in path:
        inner: list[type[BaseModel]] = []
        for candidate in models:
            for name, field in candidate.model_fields.items():
                if step == (field.alias or name):
                    inner.extend(_models_in(field.annotation))
        # a position in a list, or a name that the analyst chose: the models stay
        if inner:
            models = inner
    keys = [key for candidate in models for key in keys_of(candidate)]
    return list(dict.fromkeys(keys))


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The entries of the schema that an annotation contains, not going into them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Annotated, Union, UnionType, tuple, dict, list):
        return [model for inner in get_args(annotation) for model in _models_in(inner)]
    return []
