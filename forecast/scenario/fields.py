"""Types of single fields: from the text that stands in a file to a value, or a refusal that says what is accepted.

The type comes from here, never from YAML (`042` stays text, `no` stays `no`).
"""

import re
from datetime import date
from math import isfinite
from typing import Annotated, NoReturn

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from forecast.scenario.dates import ACCEPTED_DAY, ACCEPTED_WHEN, When, parse_day, parse_when
from forecast.words import SCALES

__all__ = [
    "ACCEPTED_TEXT",
    "GRADE_PATTERN",
    "ID_PATTERN",
    "MOST_LABEL_CHARS",
    "Day",
    "Flag",
    "Grade",
    "Id",
    "Label",
    "Number",
    "PositiveRange",
    "ProbabilityRange",
    "Range",
    "ScaleId",
    "Text",
    "Texts",
    "TruthRange",
    "WhenField",
    "Whole",
    "control_in",
    "refuse",
]

Range = tuple[float, float]

ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]*"
GRADE_PATTERN = r"[A-F][1-6]"

ACCEPTED_TEXT = "letters, signs, tabs and line ends"

#: A label longer than this fits neither a column of a table nor the axis of a chart.
MOST_LABEL_CHARS = 80

#: What may not stand in a text, though YAML can write it by an escape and a CSV cell hold it: controls but tab and line
#: end, halves of characters, and the two numbers that are none. XML, and so Word, has no way to write most of them
#: (XML 1.0, production 2), terminals obey them, and no reader sees them. Marks of direction are text.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]|\r(?!\n)")


def refuse(message: str, accepted: str) -> NoReturn:
    """Reject a value: what is wrong with it, and what would be right.

    Raises
    ------
    PydanticCustomError
        Always; the reader turns it into a finding with file and line.
    """
    # braces would be read as a format by pydantic
    safe = message.replace("{", "(").replace("}", ")")
    raise PydanticCustomError("refused", safe, {"accepted": accepted})


def control_in(text: str) -> str | None:
    """The first character, as U+001B, that no text of ours may hold; None where there is none."""
    found = None if text.isprintable() else _CONTROL.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            return parse_day(value)
        except ValueError as error:
            refuse(str(error), ACCEPTED_DAY)
    return value


def _when(value: object) -> object:
    if isinstance(value, str):
        try:
            return parse_when(value)
        except ValueError as error:
            refuse(str(error), ACCEPTED_WHEN)
    if isinstance(value, When):
        return value
    refuse("this is not a date", ACCEPTED_WHEN)


def _flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    refuse(f"'{value}' is not true or false", "true | false")


def _number(value: object) -> object:
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            refuse(f"'{value}' is not a number", "a number")
        if not isfinite(number) or "_" in value:
            refuse(f"'{value}' is not a finite number", "a number")
        return number
    return value


def _whole(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"[+-]?\d{1,9}", value):
            refuse(f"'{value}' is not a whole number", "a whole number")
        return int(value)
    return value


def _text(value: object) -> object:
    if not isinstance(value, str):
        refuse("this is not text", "text")
    if not value.strip():
        refuse("this is empty", "text, or delete the key")
    if control := control_in(value):
        refuse(f"the text contains the control character {control}", ACCEPTED_TEXT)
    return value


def _label(value: object) -> object:
    accepted = f"one line of at most {MOST_LABEL_CHARS} characters"
    text = str(_text(value)).strip()
    if "\n" in text:
        refuse("the label has several lines", accepted)
    if len(text) > MOST_LABEL_CHARS:
        refuse(f"the label has {len(text)} characters", accepted)
    return text


def _identifier(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(ID_PATTERN, value):
        refuse(f"'{value}' cannot be an id", "letters, digits, '.', '_' and '-', beginning with a letter or digit")
    return value


def _scale(value: object) -> object:
    if value not in SCALES:
        refuse(f"there is no scale of words '{value}'", " | ".join(SCALES))
    return value


def _grade(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(GRADE_PATTERN, value):
        refuse(f"'{value}' is not a grade", "a source letter A-F and an information digit 1-6, such as B2")
    return value


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _range(value: object, *, low: float, high: float, closed_above: bool, accepted: str) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        refuse("this is not a range", accepted)
    bottom, top = (_number(end) for end in value)
    if not isinstance(bottom, int | float) or not isinstance(top, int | float):
        refuse("this is not a range of numbers", accepted)
    if bottom > top:
        refuse(f"the range is upside down: {value[0]} is above {value[1]}", accepted)
    if bottom <= low or top > high or (top == high and not (closed_above and bottom == top)):
        refuse(f"[{value[0]}, {value[1]}] leaves the possible values", accepted)
    return float(bottom), float(top)


#: Ends of what a yearly rate, or a span in days or years, can be.
SMALLEST, LARGEST = 1e-6, 1e6


def _positive_range(value: object) -> object:
    accepted = "[low, high], both from 0.000001 to 1000000, low not above high: the 10th and 90th percentile"
    made = _range(value, low=0.0, high=float("inf"), closed_above=False, accepted=accepted)
    if made[0] < SMALLEST or made[1] > LARGEST:  # no rate or span is; arithmetic with it would overflow in the fit
        refuse(f"[{made[0]:g}, {made[1]:g}] leaves the possible values", accepted)
    return made


def _probability_range(value: object) -> object:
    accepted = "[low, high], both between 0 and 1 (ends excluded), low not above high: the 10th and 90th percentile"
    return _range(value, low=0.0, high=1.0, closed_above=False, accepted=accepted)


def _truth_range(value: object) -> object:
    accepted = "[low, high] between 0 and 1 (ends excluded), or [1, 1] for what is certain"
    return _range(value, low=0.0, high=1.0, closed_above=True, accepted=accepted)


_DAY_PATTERN = r"\d{4}-\d{2}-\d{2}"
_SPAN_PATTERN = r"\d{4}(-\d{2}(-\d{2})?|-Q[1-4])?"

# Editors' YAML has types: a year is an integer there, and so is an unquoted code.
_JSON_DAY = {"type": "string", "pattern": f"^{_DAY_PATTERN}$", "examples": ["2024-01-07"]}
_JSON_WHEN = {
    "anyOf": [
        {"type": "string", "pattern": f"^{_SPAN_PATTERN}(/{_SPAN_PATTERN})?$", "examples": ["2024-01-07", "2024-Q1"]},
        {"type": "integer", "minimum": 1, "maximum": 9999},
    ]
}
_JSON_ID = {"type": "string", "pattern": f"^{ID_PATTERN}$"}
_JSON_GRADE = {"type": "string", "pattern": f"^{GRADE_PATTERN}$"}
_JSON_TEXTS = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": ["string", "number"]}}],
}


def _json_range(**limits: float) -> dict[str, object]:
    return {"type": "array", "items": {"type": "number", **limits}, "minItems": 2, "maxItems": 2}


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema(_JSON_DAY)]
WhenField = Annotated[When, BeforeValidator(_when), WithJsonSchema(_JSON_WHEN)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Number = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_whole)]
Text = Annotated[str, BeforeValidator(_text)]
Label = Annotated[
    str, BeforeValidator(_label), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MOST_LABEL_CHARS})
]
Id = Annotated[str, BeforeValidator(_identifier), WithJsonSchema(_JSON_ID)]
ScaleId = Annotated[str, BeforeValidator(_scale), WithJsonSchema({"enum": list(SCALES)})]
Grade = Annotated[str, BeforeValidator(_grade), WithJsonSchema(_JSON_GRADE)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_one_or_many), WithJsonSchema(_JSON_TEXTS)]
PositiveRange = Annotated[Range, BeforeValidator(_positive_range), WithJsonSchema(_json_range(exclusiveMinimum=0))]
ProbabilityRange = Annotated[
    Range, BeforeValidator(_probability_range), WithJsonSchema(_json_range(exclusiveMinimum=0, exclusiveMaximum=1))
]
TruthRange = Annotated[Range, BeforeValidator(_truth_range), WithJsonSchema(_json_range(exclusiveMinimum=0, maximum=1))]
