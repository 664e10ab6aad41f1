"""JSON Schemas (draft 2020-12) for editors, one for each kind of file: what the reader accepts, as far as JSON can say.

They are made from the schema the reader uses, so the two cannot drift apart. An editor's YAML has types where the
reader has texts: dates are strings, numbers are numbers, flags are booleans.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from forecast.scenario.fields import ID_PATTERN
from forecast.scenario.schema import (
    Codebook,
    GradeTable,
    Indicator,
    ModelVersion,
    Regime,
    RegimesFile,
    Report,
    Resolution,
    ScenarioFile,
    Source,
)

__all__ = ["FILE_KINDS", "json_schema", "json_schemas"]

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_ID = {"type": "string", "pattern": f"^{ID_PATTERN}$"}


#: Limits that pydantic leaves in its own words where a validator of ours comes first.
_KEYWORDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def _entry(model: type[BaseModel]) -> Schema:
    schema: Schema = _tidy(model.model_json_schema(by_alias=True, mode="validation"))
    return schema


def _tidy(value: Any) -> Any:
    """Limits in JSON Schema's words; no null, which the reader refuses; no titles that only repeat the key."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if not isinstance(value, dict):
        return value
    tidy: Schema = {}
    for key, item in value.items():
        if key in ("title", "default") and not isinstance(item, dict):
            continue
        if key == "patternProperties":
            tidy["additionalProperties"] = False  # all other keys
        if key in ("properties", "$defs"):
            tidy[key] = {name: _tidy(inner) for name, inner in item.items()}
        else:
            tidy[_KEYWORDS.get(str(key), str(key))] = _tidy(item)
    branches = [branch for branch in tidy.get("anyOf", []) if branch != {"type": "null"}]
    if len(branches) == 1:
        del tidy["anyOf"]
        tidy = {**branches[0], **tidy}
    elif branches:
        tidy["anyOf"] = branches
    if "minLength" in tidy and tidy.get("type") != "string":
        tidy["minItems"] = tidy.pop("minLength")
    return tidy


def _named(model: type[BaseModel]) -> Schema:
    """A file whose keys are ids."""
    schema = _entry(model)
    definitions = schema.pop("$defs", {})
    return {
        "type": "object",
        "propertyNames": _ID,
        "additionalProperties": schema,
        "$defs": definitions,
    }


def _partial(schema: Schema) -> Schema:
    """The same keys, none of them required: for what is merged into something else."""
    return {key: value for key, value in schema.items() if key != "required"}


def _changes() -> Schema:
    """Changes to a codebook: entries need not be complete."""
    schema = _entry(Codebook)
    definitions = schema["$defs"]
    for model in (Indicator, Regime):
        definitions[model.__name__] = _partial(definitions[model.__name__])
    schema = _partial(schema)
    for section in schema["properties"].values():
        section.pop("minProperties", None)
        section.pop("minLength", None)
    return schema


def _evidence() -> Schema:
    report = _entry(Report)
    definitions = report.pop("$defs", {})
    # the reader fills these in
    report["required"] = ["id", "claim"]
    defaults = _partial(report)
    defaults = {**defaults, "properties": {key: value for key, value in report["properties"].items() if key != "id"}}
    return {
        "type": "object",
        "properties": {
            "defaults": {**deepcopy(defaults), "description": "Fields that all reports share."},
            "reports": {"type": "array", "items": {"$ref": "#/$defs/Report"}},
        },
        "additionalProperties": False,
        "$defs": {**definitions, "Report": report},
    }


def _model() -> Schema:
    schema = _entry(ModelVersion)
    changes = _changes()
    schema.setdefault("$defs", {}).update(changes.pop("$defs"))
    schema["properties"]["overrides"] = {**changes}
    return schema


def _resolutions() -> Schema:
    schema = _named(Resolution)
    required = schema["additionalProperties"]["required"]
    schema["additionalProperties"]["required"] = [key for key in required if key != "known"]
    return schema


_MAKERS: dict[str, Callable[[], Schema]] = {
    "scenario": lambda: _entry(ScenarioFile),
    "codebook": lambda: _entry(Codebook),
    "indicators": _changes,
    "sources": lambda: _named(Source),
    "evidence": _evidence,
    "model": _model,
    "resolutions": _resolutions,
    "regimes": lambda: _entry(RegimesFile),
    "grades": lambda: _entry(GradeTable),
}

#: The kinds of files, as `forecast schema` calls them.
FILE_KINDS = tuple(_MAKERS)

_TITLES = {
    "scenario": "scenario.yaml",
    "codebook": "codebooks/<name>.yaml",
    "indicators": "indicators.yaml",
    "sources": "sources.yaml",
    "evidence": "evidence/<name>.yaml",
    "model": "models/<version>.yaml",
    "resolutions": "resolutions.yaml",
    "regimes": "regimes.yaml",
    "grades": "grades/<name>.yaml",
}


def json_schema(kind: str) -> Schema:
    """The JSON Schema of one kind of file.

    Parameters
    ----------
    kind
        One of `FILE_KINDS`.

    Raises
    ------
    KeyError
        If there is no such kind.
    """
    schema = _MAKERS[kind]()
    return {"$schema": _DIALECT, **schema, "title": _TITLES[kind]}


def json_schemas() -> dict[str, Schema]:
    """The JSON Schemas of all kinds of files."""
    return {kind: json_schema(kind) for kind in FILE_KINDS}
