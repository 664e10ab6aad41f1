"""What a coder may say in each field of a report: the accepted values, in words, and what is wrong with one."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from forecast.errors import Finding
from forecast.scenario.dates import ACCEPTED_DAY, ACCEPTED_WHEN
from forecast.scenario.nodes import Node
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Report
from forecast.scenario.validation import findings_of, nearest

__all__ = ["ASKED", "accepted", "choices", "grade_words", "schema_findings", "wrong_value"]

#: The fields that a coder is asked for, in this order; all others can be given, too.
ASKED = (
    *("source", "quote", "claim", "indicator", "event", "when", "known", "origin", "asserted_as", "denies"),
    *("grade", "locator", "speaker", "note", "use", "reason"),
)

#: The Admiralty code (NATO STANAG 2511): letters judge the source, digits the statement.
LETTERS = {
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "reliability cannot be judged",
}
DIGITS = {
    "1": "confirmed by others",
    "2": "probably true",
    "3": "possibly true",
    "4": "doubtful",
    "5": "improbable",
    "6": "truth cannot be judged",
}

_KINDS = {
    "fact": "stated as fact",
    "official-claim": "a government or body says so",
    "media-report": "other media say so",
    "inference": "the author concludes it; does not count by default",
    "speculation": "may, could, is thought; does not count by default",
    "background": "before the case, or its setting; does not count by default",
}

_WORDS = {
    "id": "an id of its own; none: the next free one",
    "event": "an id; reports of one event share it",
    "when": ACCEPTED_WHEN,
    "known": f"{ACCEPTED_DAY}, the first on which an analyst could know; none: the source's",
    "origin": "an id: where the statement ultimately comes from; none: the source itself",
    "claim": "the statement in your own words",
    "quote": "at most twelve words, as they stand in the article",
    "locator": "where in the article: paragraph 3, sentence 2",
    "note": "why this grade; traps",
    "reason": "why `use` goes against the default",
    "speaker": "who really said it",
    "attributed_to": "whom the source names",
    "p_true": "[low, high] between 0 and 1, in place of a grade",
    "coded_by": "a name",
}


def choices(scenario: Scenario, key: str, indicator: str | None = None) -> dict[str, str]:
    """The values that may be meant, with their meaning; for events and origins those that are in use, for others all.

    Parameters
    ----------
    scenario
        The case.
    key
        A field of a report.
    indicator
        For `event`: only events of this indicator.
    """
    if key == "indicator":
        return {name: entry.means for name, entry in scenario.codebook.indicators.items()}
    if key == "source":
        return {name: source.title for name, source in scenario.sources.items()}
    if key == "event":
        reports = [report for report in scenario.reports if indicator is None or report.indicator == indicator]
        return {report.event: f"{report.when or 'no date'}: {report.claim}" for report in reversed(reports)}
    if key == "origin":
        names = dict.fromkeys(report.origin for report in scenario.reports)
        return {name: scenario.sources[name].title if name in scenario.sources else "" for name in names}
    if key == "asserted_as":
        return _KINDS
    if key == "denies":
        return {"false": "it says that this happened or holds", "true": "it says that this did not happen or hold"}
    if key == "use":
        return {"true": "it counts as evidence", "false": "it is kept, and does not count"}
    return {}


def accepted(scenario: Scenario, key: str) -> str:
    """What a field takes, in a line."""
    if key in ("indicator", "source", "asserted_as", "denies", "use"):
        return " | ".join(choices(scenario, key))
    if key == "grade":
        return f"{_listed(LETTERS)}; then {_listed(DIGITS)}; such as B2"
    return _WORDS.get(key, "text")


def _listed(words: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {meaning}" for key, meaning in words.items())


def grade_words(grade: str) -> str:
    """A grade in words; '' for what is none."""
    if len(grade) != 2 or grade[0] not in LETTERS or grade[1] not in DIGITS:
        return ""
    return f"{LETTERS[grade[0]]}, {DIGITS[grade[1]]}"


def schema_findings(said: Mapping[str, Any]) -> list[Finding]:
    """What is wrong with single fields of a report, whatever else is missing; `key` is the field."""
    # not counted: then nothing is required that only a report which counts must have
    spare = {"id": "0", "claim": "-", "event": "0", "origin": "0", "source": "0", "known": "2000-01-01"}
    raw = {**spare, **said, "use": said.get("use", "false"), "reason": said.get("reason", "-")}
    errors: list[Finding] = []
    # a wrong `use` is told by itself; a right one must not ask for what else is missing
    for one in (raw, {**raw, "use": "false"}):
        try:
            Report.model_validate(one)
        except ValidationError as error:
            node = Node({key: _node(value) for key, value in one.items()}, "", 0)
            errors += [finding for finding in findings_of(error, Report, node, ()) if finding.key]
    found = [Finding("error", one.message, key=one.key, found=one.found, accepted=one.accepted) for one in errors]
    return list(dict.fromkeys(found))


def _node(value: Any) -> Node:
    if isinstance(value, str):
        return Node(value, "", 0)
    if isinstance(value, Mapping):
        return Node({str(key): _node(item) for key, item in value.items()}, "", 0)
    return Node(tuple(_node(item) for item in value), "", 0)


def wrong_value(scenario: Scenario, key: str, value: Any) -> Finding | None:
    """What is wrong with a value by itself, as soon as it is typed; None if nothing is.

    Whether the whole report can be evidence shows only when it is accepted.
    """
    if key not in Report.model_fields:
        message = f"a report has no field '{key}'{nearest(key, Report.model_fields)}"
        return Finding("error", message, key=key, accepted=", ".join(Report.model_fields))
    for finding in schema_findings({key: value}):
        if finding.key and finding.key.split(".")[0] == key:
            return finding
    if key in ("indicator", "source"):
        names = choices(scenario, key)
        if value not in names:
            message = f"there is no {key} '{value}'{nearest(value, names)}"
            return Finding("error", message, key=key, found=value, accepted=", ".join(names))
    return None
