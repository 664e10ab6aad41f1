"""Warnings of a forecast that the program itself decides upon: each has a code, recorded beside its text.

The text of a warning is for readers and may be reworded. What code depends on is the code.
"""

from typing import Self

from forecast.ledger.records import Forecast

__all__ = ["CLOCK", "FAR_EVIDENCE", "SEEN_CASE", "CodedWarning", "code_of", "has_code"]

#: The record was made before the record before it, and that was allowed.
CLOCK = "clock-behind"

#: The rates of the model were learned from the case that it forecasts.
SEEN_CASE = "seen-own-case"

#: The evidence is far outside of what the stated ranges expect.
FAR_EVIDENCE = "evidence-outside-ranges"

#: How warnings began that records have from before there were codes.
_TEXTS_BEFORE_CODES = {SEEN_CASE: "this forecast has seen its own case"}


class CodedWarning(str):
    """The text of a warning, with its code."""

    code: str

    def __new__(cls, text: str, code: str) -> Self:
        """Make it from text and code."""
        made = super().__new__(cls, text)
        made.code = code
        return made


def code_of(warning: str) -> str:
    """The code of a warning; empty if it has none."""
    return warning.code if isinstance(warning, CodedWarning) else ""


def has_code(forecast: Forecast, code: str) -> bool:
    """Whether a forecast has a warning with this code; records from before codes are known by how the text begins."""
    if forecast.warning_codes is not None:
        return code in forecast.warning_codes
    begin = _TEXTS_BEFORE_CODES.get(code)
    return begin is not None and any(warning.startswith(begin) for warning in forecast.warnings)
