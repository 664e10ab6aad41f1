"""The reports of a case that fit what is asked for: by what they are about, where they come from, when, and whether
they count.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from forecast.errors import Finding, InputError
from forecast.model.as_of import KnownReport, snapshot
from forecast.scenario.parts import some
from forecast.scenario.record import Scenario
from forecast.scenario.validation import nearest

__all__ = ["Wish", "listed"]

#: Filters that name an attribute of reports, and how the option is called.
_NAMED = {"indicator": "indicator", "event": "event", "origin": "origin", "source": "source", "coded_by": "coded-by"}


@dataclass(frozen=True, slots=True)
class Wish:
    """Which reports are wanted; what is empty or None asks for nothing.

    Attributes
    ----------
    indicator, event, origin, source, coded_by
        Values of which a report has one.
    since, until
        Days; a report fits whose `when` may lie between them. One without a date never does.
    known_by
        Only what was known on this day, as it stood then.
    counted
        True for reports that count, False for those that do not.
    grade
        `B2`, a letter or a digit; a report fits whose effective grade has one of these.
    text
        Words that all stand in claim, quote, note, reason or speaker, in capitals or not.
    """

    indicator: Sequence[str] = ()
    event: Sequence[str] = ()
    origin: Sequence[str] = ()
    source: Sequence[str] = ()
    coded_by: Sequence[str] = ()
    since: date | None = None
    until: date | None = None
    known_by: date | None = None
    counted: bool | None = None
    grade: Sequence[str] = ()
    text: str = ""


def listed(scenario: Scenario, wish: Wish) -> list[KnownReport]:
    """The reports that fit, in the order of the files.

    Raises
    ------
    InputError
        If a filter names what no report has, or no grade; names the nearest.
    """
    errors = list(_wrong(scenario, wish))
    if errors:
        raise InputError(errors)
    then = snapshot(scenario, scenario.default_model, wish.known_by or date.max)
    order = {report.id: number for number, report in enumerate(scenario.reports)}
    rows = sorted(then.reports, key=lambda row: order[row.report.id])
    return [row for row in rows if _fits(row, wish)]


def _wrong(scenario: Scenario, wish: Wish) -> Iterator[Finding]:
    for key, option in _NAMED.items():
        there = dict.fromkeys(str(value) for report in scenario.reports if (value := getattr(report, key)) is not None)
        # what nobody has reported yet can be asked for, too
        there |= dict.fromkeys({"indicator": scenario.codebook.indicators, "source": scenario.sources}.get(key, ()))
        for value in getattr(wish, key):
            if value not in there:
                message = f"no report has the {key.replace('_', ' ')} '{value}'{nearest(value, there)}"
                yield Finding("error", message, key=f"--{option}", found=value, accepted=some(there) or "none yet")
    for grade in wish.grade:
        letter, digit = _grade(grade)
        if not (letter or digit) or letter + digit != grade.upper():
            accepted = "a letter A-F, a digit 1-6, or both: B, 2, B2"
            yield Finding("error", f"'{grade}' is no grade", key="--grade", found=grade, accepted=accepted)
    if wish.since is not None and wish.until is not None and wish.until < wish.since:
        message = f"until {wish.until} is before since {wish.since}"
        yield Finding("error", message, key="--until", found=str(wish.until), accepted=f"{wish.since} or later")


def _grade(text: str) -> tuple[str, str]:
    """Letter and digit of `B2`, `B` or `2`; both empty for what is no grade."""
    letter = text[:1].upper() if text[:1].upper() in tuple("ABCDEF") else ""
    rest = text[len(letter) :]
    return letter, rest if rest in tuple("123456") else ""


def _fits(row: KnownReport, wish: Wish) -> bool:
    report = row.report
    if any(getattr(wish, key) and getattr(report, key) not in getattr(wish, key) for key in _NAMED):
        return False
    if wish.counted is not None and row.counted is not wish.counted:
        return False
    if wish.since is not None or wish.until is not None:
        if report.when is None:
            return False
        if wish.since is not None and report.when.last < wish.since:
            return False
        if wish.until is not None and report.when.first > wish.until:
            return False
    if wish.grade and not any(_has_grade(row.grade, *_grade(text)) for text in wish.grade):
        return False
    prose = " ".join(filter(None, _prose(report))).casefold()
    return all(word in prose for word in wish.text.casefold().split())


def _has_grade(grade: str | None, letter: str, digit: str) -> bool:
    return grade is not None and grade[0] in (letter or grade[0]) and grade[1] in (digit or grade[1])


def _prose(report: Any) -> Iterable[str | None]:
    return (report.claim, report.quote, report.note, report.reason, report.speaker, report.attributed_to)


def asked_for(wish: Wish) -> dict[str, Any]:
    """The filters that ask for something, by name."""
    said = {entry.name: getattr(wish, entry.name) for entry in fields(Wish)}
    return {key: value for key, value in said.items() if value not in (None, (), [], "")}
