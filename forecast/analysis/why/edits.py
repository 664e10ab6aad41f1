"""Suppositions about the evidence: read as they are typed, applied to a scenario in memory.

What comes of it goes through the same cut as the files (`forecast.plan.plan`); nothing is written.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from forecast.errors import Finding, InputError
from forecast.model.as_of import KnownReport, Snapshot, snapshot
from forecast.scenario.dates import ACCEPTED_WHEN, When, parse_day, parse_when
from forecast.scenario.fields import GRADE_PATTERN
from forecast.scenario.record import Scenario
from forecast.scenario.rules_evidence import MOST_STEPS, n_steps
from forecast.scenario.schema import Codebook, Range, Report, Watch
from forecast.scenario.validation import nearest

__all__ = ["DEFAULT_DETECTION", "DEFAULT_GRADE", "Edit", "Suppositions", "suppose"]

#: Grade of a supposed report, and detection of a supposed watch of an indicator without any, where none is given.
DEFAULT_GRADE = "B2"
DEFAULT_DETECTION: Range = (0.5, 0.9)

ADD = "INDICATOR@DATE or INDICATOR@DATE=GRADE, as in leader_meeting@2024-06-19=A1"
GRADE = "ID=GRADE, as in S29=A1; ID is a report, an event or an origin"
DATE = "ID=DATE, as in S29=2024-05; ID is a report or an event"
WATCH = "INDICATOR@FROM, INDICATOR@FROM..TO, either with =LOW-HIGH, as in leader_meeting@2024-01-01=0.7-0.95"

_WATCH = re.compile(
    r"(?P<name>[^@=]+)@(?P<first>[\d-]+?)(\.\.(?P<last>[\d-]+))?(=(?P<low>\d*\.?\d+)-(?P<high>\d*\.?\d+))?"
)


@dataclass(frozen=True, slots=True)
class Suppositions:
    """What is typed after each option, one text per use."""

    add: Sequence[str] = ()
    drop: Sequence[str] = ()
    grade: Sequence[str] = ()
    date: Sequence[str] = ()
    watch: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """One supposition: the option and its text, and in words what was made of it."""

    option: str
    text: str
    means: str


def suppose(scenario: Scenario, version: str, as_of: date, typed: Suppositions) -> tuple[Scenario, list[Edit]]:
    """Apply suppositions to a scenario: new grades and dates, then what is dropped, added and watched.

    Parameters
    ----------
    scenario, version, as_of
        Read without errors; whose codebook says what there is; the day on which all this is supposed to be known.
    typed
        What is supposed.

    Returns
    -------
    Scenario
        A copy for this version alone: other versions' codebooks stay as they are.
    list of Edit
        In the order in which they were applied.

    Raises
    ------
    InputError
        For everything that cannot be: carries every finding.
    """
    draft = _Draft(scenario, version, as_of)
    options: list[tuple[str, Sequence[str], Callable[[str], str]]] = [
        ("--watch", typed.watch, draft.watch),
        ("--grade", typed.grade, draft.regrade),
        ("--date", typed.date, draft.redate),
        ("--drop", typed.drop, draft.drop),
        ("--add", typed.add, draft.add),
    ]
    edits: list[Edit] = []
    findings: list[Finding] = []
    for option, texts, apply in options:
        for text in texts:
            try:
                edits.append(Edit(option, text, apply(text.strip())))
            except _RefusedError as refused:
                findings.append(Finding("error", refused.message, key=option, found=text, accepted=refused.accepted))
    if not any(texts for _, texts, _ in options):
        findings.append(Finding("error", "nothing is supposed.", accepted="--add, --drop, --grade, --date, --watch"))
    if findings:
        raise InputError(findings)
    return draft.scenario(), edits


class _RefusedError(Exception):
    """A supposition that cannot be; `suppose` collects them."""

    def __init__(self, message: str, accepted: str) -> None:
        self.message = message
        self.accepted = accepted
        super().__init__(message)


class _Draft:
    """The scenario while it is being edited; what was looked up counts as of the day."""

    def __init__(self, scenario: Scenario, version: str, as_of: date) -> None:
        self._scenario = scenario
        self._version = version
        self._as_of = as_of
        self._codebook: Codebook = scenario.codebooks[version]
        self._then: Snapshot = snapshot(scenario, version, as_of)
        self._reports: dict[str, Report] = {report.id: report for report in scenario.reports}
        self._n_added = 0

    def scenario(self) -> Scenario:
        """The scenario as edited."""
        return replace(
            self._scenario,
            reports=tuple(self._reports.values()),
            codebooks={**self._scenario.codebooks, self._version: self._codebook},
        )

    def drop(self, text: str) -> str:
        rows, what = self._found(text, "the id of a report, an event or an origin")
        for row in rows:
            self._reports.pop(row.report.id, None)
        return f"without {what}"

    def regrade(self, text: str) -> str:
        name, grade = _pair(text, GRADE)
        if not re.fullmatch(GRADE_PATTERN, grade):
            raise _RefusedError(
                f"'{grade}' is not a grade.", "a source letter A-F and an information digit 1-6, such as B2"
            )
        rows, what = self._found(name, GRADE)
        for row in rows:
            self._change(row.report.id, {"grade": grade, "p_true": None, "revised": ()})
        return f"{what} graded {grade} instead of {_listed(_grade_of(row) for row in rows)}"

    def redate(self, text: str) -> str:
        name, written = _pair(text, DATE)
        when = self._when(written)
        rows, what = self._found(name, DATE, origins=False)
        for row in rows:
            if when.first > row.report.known:
                message = f"{row.report.id} was known on {row.report.known}, before {when}."
                raise _RefusedError(message, "a date that begins on or before the day on which it was known")
            self._check_imprecise(str(row.report.indicator), when.first, min(when.last, row.report.known))
            self._change(row.report.id, {"when": when})
        return f"{what} dated {when} instead of {_listed(str(row.when) for row in rows)}"

    def add(self, text: str) -> str:
        place, _, grade = text.partition("=")
        grade = grade.strip() or DEFAULT_GRADE
        name, at, written = place.partition("@")
        if not at or not re.fullmatch(GRADE_PATTERN, grade):
            raise _RefusedError(f"'{text}' cannot be read.", ADD)
        name = self._indicator(name.strip())
        when = self._when(written.strip())
        self._check_imprecise(name, when.first, min(when.last, self._as_of))
        self._n_added += 1
        supposed = f"what-if-{self._n_added}"
        self._reports[supposed] = Report(
            id=supposed,
            indicator=name,
            event=supposed,
            when=when,
            known=self._as_of,
            source="what-if",
            origin=supposed,
            claim="supposed",
            grade=grade,
        )
        default = "" if "=" in text else " (by default)"
        return f"one more report of {name}, {when}, graded {grade}{default}"

    def watch(self, text: str) -> str:
        match = _WATCH.fullmatch(text)
        if match is None:
            raise _RefusedError(f"'{text}' cannot be read.", WATCH)
        name = self._indicator(match["name"].strip())
        first = _day(match["first"])
        last = _day(match["last"]) if match["last"] else None
        self._check_span(first, last)
        searched = self._scenario.file.searched_until
        if searched is not None and searched < first:
            message = f"nobody has searched after {searched} (`searched_until`): a watch from {first} says nothing."
            raise _RefusedError(message, f"a watch that begins by {searched}")
        indicator = self._codebook.indicators[name]
        for other in indicator.watch:
            if (last is None or other.from_ <= last) and (other.to is None or first <= other.to):
                message = f"{name} is watched from {other.from_} to {other.to or 'now'} already."
                raise _RefusedError(message, "days outside the watches there are")
        detection = indicator.watch[-1].detection if indicator.watch else DEFAULT_DETECTION
        given = match["low"] is not None
        if given:
            detection = float(match["low"]), float(match["high"])
        if not 0 < detection[0] <= detection[1] < 1:
            raise _RefusedError(f"the detection of '{text}' is no range of probabilities.", WATCH)
        watch = Watch.model_validate({"from": first, "to": last, "detection": detection})
        watches = tuple(sorted((*indicator.watch, watch), key=lambda entry: entry.from_))
        indicators = {**self._codebook.indicators, name: indicator.model_copy(update={"watch": watches})}
        self._codebook = self._codebook.model_copy(update={"indicators": indicators})
        for row in self._then.reports:
            if row.counted and row.report.indicator == name and row.when is not None:
                self._check_imprecise(name, max(row.when.first, self._scenario.start), row.when.last)
        low, high = detection
        source = "" if given else " (by default that of its other watches)" if indicator.watch else " (by default)"
        return f"{name} watched from {first} to {last or 'now'}, detection {low:g} to {high:g}{source}"

    def _change(self, report: str, update: Mapping[str, object]) -> None:
        self._reports[report] = self._reports[report].model_copy(update=update)

    def _indicator(self, name: str) -> str:
        names = self._codebook.indicators
        if name not in names:
            raise _RefusedError(f"there is no indicator '{name}'{nearest(name, names)}", ", ".join(sorted(names)))
        return name

    def _found(self, name: str, accepted: str, *, origins: bool = True) -> tuple[list[KnownReport], str]:
        """Counted reports of a report's, an event's or an origin's id, in this order, and what they are in words."""
        counted = [row for row in self._then.reports if row.counted]
        kinds: list[tuple[str, Callable[[KnownReport], str]]] = [
            ("report", lambda row: row.report.id),
            ("event", lambda row: row.report.event),
        ]
        if origins:
            kinds.append(("origin", lambda row: row.report.origin))
        for kind, key in kinds:
            rows = [row for row in counted if key(row) == name]
            if rows:
                n = "" if kind == "report" else f" ({len(rows)} report{'s' if len(rows) > 1 else ''})"
                return rows, f"{kind} {name}{n}"
        row = next((row for row in self._then.reports if row.report.id == name), None)
        if row is not None:
            raise _RefusedError(f"report {name} does not count as of {self._as_of}: {row.why}.", "a report that counts")
        if name in self._reports:
            message = f"report {name} was known on {self._reports[name].known} only, after {self._as_of}."
            raise _RefusedError(message, "a report that was known; or a later --as-of")
        names = {key(row) for _, key in kinds for row in counted}
        raise _RefusedError(
            f"no report, event or origin that counts is called '{name}'{nearest(name, names)}", accepted
        )

    def _when(self, written: str) -> When:
        try:
            when = parse_when(written)
        except ValueError as error:
            raise _RefusedError(f"{error}.", ACCEPTED_WHEN) from error
        self._check_span(when.first, None)
        return when

    def _check_span(self, first: date, last: date | None) -> None:
        start, as_of = self._scenario.start, self._as_of
        if first > as_of:
            raise _RefusedError(
                f"{first} is after the as-of date {as_of}: what is supposed has happened.", f"up to {as_of}"
            )
        if first < start:
            raise _RefusedError(f"{first} is before the start of {self._scenario.id}.", f"from {start} to {as_of}")
        if last is not None and last < first:
            raise _RefusedError(f"{last} is before {first}.", "FROM..TO with TO not before FROM")

    def _check_imprecise(self, indicator: str, first: date, last: date) -> None:
        """The rule of the files: within a watch a date spreads over few steps."""
        step = self._scenario.file.step
        for watch in self._codebook.indicators[indicator].watch:
            begin, end = max(first, watch.from_), last if watch.to is None else min(last, watch.to)
            if begin <= end and n_steps(begin, end, step) > MOST_STEPS:
                message = (
                    f"a date from {first} to {last} spans more than {MOST_STEPS} steps while {indicator} is watched."
                )
                raise _RefusedError(message, "a better date: FIRST/LAST within a few steps")


def _pair(text: str, accepted: str) -> tuple[str, str]:
    name, equals, value = text.rpartition("=")
    if not equals or not name.strip() or not value.strip():
        raise _RefusedError(f"'{text}' cannot be read.", accepted)
    return name.strip(), value.strip()


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError as error:
        raise _RefusedError(f"{error}.", WATCH) from error


def _grade_of(row: KnownReport) -> str:
    return "p_true {:g} to {:g}".format(*row.p_true) if row.p_true else str(row.grade)


def _listed(texts: Iterator[str]) -> str:
    return ", ".join(dict.fromkeys(texts))
