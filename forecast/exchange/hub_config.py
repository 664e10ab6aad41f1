"""The configuration of a hub: what its rounds, targets and models are, in the words of the hubverse's schemas, v6.0.0.

The schemas: raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0/{admin,tasks,target-data}-schema.json, explained
at docs.hubverse.io, 'Hub configuration files'. Beyond the schemas holds that every group of tasks of a round has the
same round ids, and that a target's key is one of the values of its task id.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forecast.about import VERSION
from forecast.scenario.render import block

__all__ = ["SCHEMAS", "Model", "Target", "config_files"]

SCHEMAS = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0"

#: Longest texts of a target's metadata.
MOST_ID, MOST_NAME = 30, 100

#: The zone in which deadlines are read: that of UTC all year, under a name that the schema lists (it has no 'UTC').
ZONE = "Africa/Abidjan"

#: What a question's outcomes are to the hubverse: regimes have an order.
_TYPES = {"state": "ordinal", "stays": "binary", "occurs": "binary"}

_KINDS = {
    "live": "made on the day as of which it forecasts",
    "replay": "made later, from the evidence known on that day, but with codebook, ranges and questions of a later "
    "day: hindsight remains in these, and scores flatter",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A question: SCENARIO/QUESTION, its last day, kind, wording, and outcomes in their order."""

    name: str
    ends: str
    kind: str
    ask: str
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A model version's live forecasts, or its replays, under abbreviations without a hyphen."""

    team: str
    short: str
    version: str
    kind: str
    family: str

    @property
    def id(self) -> str:
        """As it stands in file names."""
        return f"{self.team}-{self.short}"


def config_files(
    targets: Sequence[Target], models: Sequence[Model], dates: Sequence[str], delay: int, team: str
) -> dict[str, bytes]:
    """What describes a hub, by path: configuration, model metadata, README.

    Parameters
    ----------
    targets, models
        Of the hub.
    dates
        As-of dates, ISO.
    delay
        Longest time from an as-of date to the day on which a forecast was made, in days.
    team
        Who maintains it.
    """
    scenarios = dict.fromkeys(target.name.partition("/")[0] for target in targets)
    documents = {
        "admin": _admin(", ".join(scenarios), team),
        "tasks": _tasks(targets, dates, delay),
        "target-data": _target_data(),
        "model-metadata-schema": _metadata_schema(),
    }
    files = {f"hub-config/{name}.json": _json(document) for name, document in documents.items()}
    files |= {f"model-metadata/{model.id}.yml": block(_metadata(model), "", "\n").encode() for model in models}
    files["README.md"] = _readme(list(scenarios), models).encode()
    return files


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _admin(scenarios: str, team: str) -> dict[str, Any]:
    return {
        "schema_version": f"{SCHEMAS}/admin-schema.json",
        "name": f"Forecasts of {scenarios}",
        "maintainer": team,
        "contact": {"name": team},
        "repository": {},
        "file_format": ["csv"],
        "timezone": ZONE,
        "model_output_dir": "model-output",
    }


def _tasks(targets: Sequence[Target], dates: Sequence[str], delay: int) -> dict[str, Any]:
    derived = ["target_end_date", "question_kind"]
    return {
        "schema_version": f"{SCHEMAS}/tasks-schema.json",
        "rounds": [
            {
                "round_id_from_variable": True,
                "round_id": "origin_date",
                "model_tasks": [_model_task(target, dates) for target in targets],
                "submissions_due": {"relative_to": "origin_date", "start": 0, "end": delay},
            }
        ],
        "output_type_id_datatype": "character",
        "derived_task_ids": derived,
    }


def _model_task(target: Target, dates: Sequence[str]) -> dict[str, Any]:
    return {
        "task_ids": {
            "origin_date": _optional(dates),
            "target": _optional([target.name]),
            "target_end_date": _optional([target.ends]),
            "question_kind": _optional([target.kind]),
        },
        "output_type": {
            "pmf": {
                "output_type_id": {"required": list(target.outcomes)},
                "value": {"type": "double", "minimum": 0, "maximum": 1},
                "is_required": True,
            }
        },
        "target_metadata": [
            {
                "target_id": _short(target.name, MOST_ID),
                "target_name": _short(target.ask, MOST_NAME),
                "target_units": "outcome",
                "target_keys": {"target": target.name},
                "description": target.ask,
                "target_type": _TYPES.get(target.kind, "nominal"),
                "is_step_ahead": False,
            }
        ],
    }


def _optional(values: Sequence[str]) -> dict[str, Any]:
    """No question is asked in every round: it closes."""
    return {"required": None, "optional": list(values)}


def _short(text: str, most: int) -> str:
    """The text, or its beginning and a mark that tells it from others that begin so."""
    if len(text) <= most:
        return text
    mark = "~" + hashlib.sha256(text.encode()).hexdigest()[:6]
    return text[: most - len(mark)] + mark


def _target_data() -> dict[str, Any]:
    return {
        "schema_version": f"{SCHEMAS}/target-data-schema.json",
        "observable_unit": ["target", "target_end_date"],
        "date_col": "target_end_date",
        "versioned": False,
        "oracle-output": {"has_output_type_ids": True},
    }


def _metadata(model: Model) -> dict[str, str]:
    return {
        "team_abbr": model.team,
        "model_abbr": model.short,
        "model_version": model.version,
        "kind": model.kind,
        "methods": f"Bayesian hidden regimes, family {model.family}; {_KINDS[model.kind]}",
        "software": f"forecast {VERSION}",
    }


def _metadata_schema() -> dict[str, Any]:
    text = {"type": "string"}
    properties = {
        "team_abbr": text | {"pattern": "^[A-Za-z0-9_]+$", "maxLength": 16},
        "model_abbr": text | {"pattern": "^[A-Za-z0-9_]+$"},
        "model_version": text,
        "kind": text | {"enum": sorted(_KINDS)},
        "methods": text,
        "software": text,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Metadata of a model",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _readme(scenarios: Sequence[str], models: Sequence[Model]) -> str:
    rows = "".join(f"| `{model.id}` | {model.version} | {_KINDS[model.kind]} |\n" for model in models)
    return f"""\
# Forecasts of {", ".join(scenarios)}

Written by `forecast export --as hubverse`, version {VERSION}, in the layout of the hubverse (https://hubverse.io).
A round is an as-of date (`origin_date`), a target is a question (`SCENARIO/QUESTION`). What came of the questions that
are over and resolved stands in `target-data/oracle-output.csv`. Probabilities are those on record.

| model | version | |
|---|---|---|
{rows}
Live forecasts and replays are models of their own: never pool them. `admin.json` names no repository and no address;
fill them in before you share this.

    forecast score --forecasts .
"""
