"""The layout of a hub's configuration as the hubverse publishes it, v6.0.0, in our own words: the parts we use.

Written in November 2026 from raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0/admin-schema.json and
target-data-schema.json, from v5.0.1/tasks-schema.json (that of v6.0.0 was not to be had), and from what the
documentation at docs.hubverse.io and the package hubAdmin check beyond the schemas.
"""

import re
from typing import Any

import jsonschema

URL = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0"

#: Zones of the schema's list that stand for the rest; 'UTC' is not in it.
ZONES = ["Africa/Abidjan", "Europe/London", "US/Eastern"]


def closed(needed: list[str], /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": needed, "properties": properties, "additionalProperties": False}


TEXT = {"type": "string"}
VALUES = {"type": ["array", "null"], "uniqueItems": True, "items": TEXT}
DAYS = {**VALUES, "items": {**TEXT, "format": "date"}}
FORMATS = {"type": "array", "items": {"enum": ["csv", "parquet", "arrow"]}}

ADMIN = closed(
    ["schema_version", "name", "maintainer", "contact", "repository", "file_format", "timezone"],
    schema_version={"const": f"{URL}/admin-schema.json"},
    name=TEXT,
    maintainer=TEXT,
    contact={"type": "object", "properties": {"name": TEXT, "email": {**TEXT, "format": "email"}}},
    repository={"type": "object", "properties": {"host": {"enum": ["github"]}, "owner": TEXT, "name": TEXT}},
    file_format=FORMATS,
    timezone={"enum": ZONES},
    model_output_dir=TEXT,
)

PMF = closed(
    ["output_type_id", "value", "is_required"],
    output_type_id=closed(["required"], required={"type": "array", "uniqueItems": True, "items": TEXT}),
    value=closed(["type", "minimum", "maximum"], type={"const": "double"}, minimum={"const": 0}, maximum={"const": 1}),
    is_required={"type": "boolean"},
)

TARGET = {
    "type": "object",
    "required": ["target_id", "target_name", "target_units", "target_type", "target_keys", "is_step_ahead"],
    "properties": {
        "target_id": {**TEXT, "maxLength": 30},
        "target_name": {**TEXT, "maxLength": 100},
        "target_units": {**TEXT, "maxLength": 100},
        "target_keys": {
            "type": ["object", "null"],
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": TEXT,
        },
        "target_type": {
            "enum": ["continuous", "discrete", "date", "binary", "nominal", "ordinal", "compositional"],
        },
        "is_step_ahead": {"type": "boolean"},
    },
}

TASK_ID = closed(["required", "optional"], required=VALUES, optional=VALUES)

TASKS = closed(
    ["rounds", "schema_version"],
    schema_version={"const": f"{URL}/tasks-schema.json"},
    rounds={
        "type": "array",
        "items": {
            "type": "object",
            "required": ["round_id_from_variable", "round_id", "model_tasks", "submissions_due"],
            "properties": {
                "round_id_from_variable": {"type": "boolean"},
                "round_id": TEXT,
                "model_tasks": {
                    "type": "array",
                    "items": closed(
                        ["task_ids", "output_type", "target_metadata"],
                        task_ids={
                            "type": "object",
                            "properties": {
                                "origin_date": closed(["required", "optional"], required=DAYS, optional=DAYS),
                                "target_end_date": closed(["required", "optional"], required=DAYS, optional=DAYS),
                            },
                            "additionalProperties": TASK_ID,
                        },
                        output_type=closed([], pmf=PMF),
                        target_metadata={"type": "array", "items": TARGET},
                    ),
                },
                "submissions_due": closed(
                    ["relative_to", "start", "end"],
                    relative_to=TEXT,
                    start={"type": "integer"},
                    end={"type": "integer"},
                ),
            },
        },
    },
    output_type_id_datatype={"enum": ["auto", "character", "double", "integer", "logical", "Date"]},
    derived_task_ids=VALUES,
)

UNIT = {"type": ["array", "null"], "uniqueItems": True, "items": TEXT}

TARGET_DATA = closed(
    ["schema_version", "observable_unit", "date_col"],
    schema_version={"const": f"{URL}/target-data-schema.json"},
    observable_unit={"type": "array", "uniqueItems": True, "items": TEXT},
    date_col=TEXT,
    versioned={"type": "boolean"},
    **{
        "oracle-output": closed(
            [], has_output_type_ids={"type": "boolean"}, observable_unit=UNIT, versioned={"type": "boolean"}
        )
    },
)


def check_config(admin: Any, tasks: Any, target_data: Any) -> None:
    """Raise where a document has another layout, or breaks a rule beyond the schemas."""
    for document, schema in ((admin, ADMIN), (tasks, TASKS), (target_data, TARGET_DATA)):
        validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
        validator.validate(document)
    for one in tasks["rounds"]:
        ids = [task["task_ids"] for task in one["model_tasks"]]
        assert one["round_id_from_variable"]
        assert len({str(task[one["round_id"]]) for task in ids}) == 1, "round ids differ between groups of tasks"
        assert len({tuple(task) for task in ids}) == 1, "groups of tasks have other task ids"
        assert one["submissions_due"]["relative_to"] in ids[0]
        assert set(tasks["derived_task_ids"]) <= set(ids[0])
        names = [target["target_id"] for task in one["model_tasks"] for target in task["target_metadata"]]
        assert len(set(names)) == len(names), "two targets have one id"
        for task, own in zip(one["model_tasks"], ids, strict=True):
            for target in task["target_metadata"]:
                ((key, value),) = target["target_keys"].items()
                assert value in (own[key]["required"] or []) + (own[key]["optional"] or [])
    assert set(target_data["observable_unit"]) <= set(ids[0])
    assert target_data["oracle-output"]["has_output_type_ids"], "pmf needs them"


#: `<round id>-<team>-<model>.csv`, with neither a hyphen within.
OUTPUT_FILE = re.compile(r"(\d{4}-\d{2}-\d{2})-([A-Za-z0-9_]+)-([A-Za-z0-9_]+)\.csv")
