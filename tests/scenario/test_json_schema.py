import json
import re

import pytest

from forecast.scenario.json_schema import FILE_KINDS, json_schema, json_schemas
from forecast.scenario.schema import Report, ScenarioFile
from forecast.scenario.validation import keys_of


def inner(schema):
    """Every schema within a schema, and itself."""
    yield schema
    for key, value in schema.items():
        if key in ("properties", "$defs", "patternProperties"):
            for part in value.values():
                yield from inner(part)
        elif key in ("items", "additionalProperties", "propertyNames") and isinstance(value, dict):
            yield from inner(value)
        elif key in ("anyOf", "oneOf", "prefixItems"):
            for part in value:
                yield from inner(part)


KEYWORDS = {
    *("$schema", "$defs", "$ref", "title", "description", "examples", "type", "enum", "const", "pattern"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "minProperties"),
    *("minLength", "maxLength"),
    *("properties", "patternProperties", "additionalProperties", "propertyNames", "required", "items", "prefixItems"),
    *("anyOf", "oneOf"),
}


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_schema_uses_only_words_of_draft_2020_12_and_refers_only_to_itself(kind):
    schema = json_schema(kind)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for part in inner(schema):
        assert set(part) <= KEYWORDS, set(part) - KEYWORDS
        if "$ref" in part:
            assert part["$ref"].removeprefix("#/$defs/") in schema["$defs"]
        if "pattern" in part:
            re.compile(part["pattern"])


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_unknown_keys_are_refused_everywhere(kind):
    for part in inner(json_schema(kind)):
        if part.get("type") == "object" and "properties" in part:
            assert part["additionalProperties"] is False


def test_a_schema_is_json():
    assert json.loads(json.dumps(json_schemas())) == json_schemas()


def test_keys_are_those_that_the_reader_accepts():
    assert set(json_schema("scenario")["properties"]) == set(keys_of(ScenarioFile))
    assert set(json_schema("evidence")["$defs"]["Report"]["properties"]) == set(keys_of(Report))
    assert {"in", "from"} <= set(json_schema("scenario")["$defs"]["Stays"]["properties"])


def test_what_the_reader_fills_in_is_not_required():
    assert json_schema("evidence")["$defs"]["Report"]["required"] == ["id", "claim"]
    assert "known" not in json_schema("resolutions")["additionalProperties"]["required"]


def test_ranges_are_pairs_of_numbers_within_their_limits():
    indicator = json_schema("codebook")["$defs"]["Indicator"]["properties"]
    (pair,) = indicator["holds"]["patternProperties"].values()
    assert pair == {
        "type": "array",
        "items": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "minItems": 2,
        "maxItems": 2,
    }


def test_changes_to_a_codebook_need_not_be_complete():
    for part in inner(json_schema("indicators")):
        assert "kind" not in part.get("required", [])
