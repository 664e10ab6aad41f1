"""Writing down what happened: a resolution is checked whole before the file is touched, and read back after."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from forecast.analysis.scoring.propose import Proposal, propose
from forecast.errors import Finding, InputError
from forecast.scenario.check import check, odd_day
from forecast.scenario.dates import ACCEPTED_DAY, parse_day
from forecast.scenario.fields import ACCEPTED_TEXT, control_in
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario
from forecast.scenario.schema import State
from forecast.scenario.validation import nearest
from forecast.scenario.write import set_resolution

__all__ = ["ANNULLED", "Resolving", "accepted_outcomes", "resolutions_document", "resolve", "resolve_proposed"]

#: The question is void: it is never scored.
ANNULLED = "annulled"


@dataclass(frozen=True, slots=True)
class Resolving:
    """How a question was settled, as somebody typed it; `known` is the first day on which it could be known."""

    question: str
    outcome: str | None
    on: str | None
    source: str | None
    known: str | None = None
    note: str | None = None


def accepted_outcomes(scenario: Scenario, question: str) -> list[str]:
    """What a question can be resolved to: a regime of any model version, or yes and no; or annulled."""
    if isinstance(scenario.question(question), State):
        regimes = dict.fromkeys(name for book in scenario.codebooks.values() for name in book.regimes)
        return [*regimes, ANNULLED]
    return ["yes", "no", ANNULLED]


def resolve(scenario: Scenario, wanted: Resolving, today: date, *, replace: bool = False) -> dict[str, Any]:
    """Write how a question was settled into resolutions.yaml, and say what `check` finds odd about it.

    Parameters
    ----------
    scenario
        Read without errors.
    wanted
        The resolution.
    today
        What lies after it cannot be known.
    replace
        Write it in place of another one.

    Returns
    -------
    dict
        What `resolutions_document` gives afterwards, with what was `written` and where.

    Raises
    ------
    InputError
        With everything that is wrong; nothing was written.
    WorkspaceError
        If the file cannot be written; the old one stays.
    """
    fields = _checked(scenario, wanted, today, replace=replace)
    return _write(scenario, {wanted.question: fields}, today)


def resolve_proposed(scenario: Scenario, as_of: date, question: str | None = None) -> dict[str, Any]:
    """Write what the evidence of a day proposes, for one question or for all; the document of `resolve`.

    Raises
    ------
    InputError
        If the evidence proposes nothing for the question.
    """
    proposals, undecided = propose(scenario, as_of)
    if question is None:
        return _write(scenario, {proposal.question: proposal.fields() for proposal in proposals}, as_of)
    scenario.question(question)
    for proposal in proposals:
        if proposal.question == question:
            return _write(scenario, {question: proposal.fields()}, as_of)
    reasons = {row.question: row.why for row in undecided}
    if question in scenario.resolutions:
        reasons[question] = f"it is resolved already, '{scenario.resolutions[question].outcome}'"
    raise InputError(
        Finding(
            "error",
            f"the evidence proposes nothing for '{question}': {reasons[question]}.",
            key="--accept",
            found=question,
            accepted=", ".join(p.question for p in proposals) or "--outcome, --on and --source, from a person",
        )
    )


def resolutions_document(scenario: Scenario, as_of: date) -> dict[str, Any]:
    """What `resolve SCENARIO --json` prints: every question, how it was settled, or what the evidence proposes."""
    proposals, undecided = propose(scenario, as_of)
    return {
        "scenario": scenario.id,
        "as_of": as_of.isoformat(),
        "resolved": [
            {
                "question": name,
                "outcome": row.outcome,
                "on": row.on.isoformat(),
                "known": row.known.isoformat(),
                "source": row.source,
                "note": row.note,
            }
            for name, row in scenario.resolutions.items()
        ],
        "proposed": [_proposed(proposal) for proposal in proposals],
        "undecided": [{"question": row.question, "why": row.why} for row in undecided],
        "written": [],
    }


def _proposed(proposal: Proposal) -> dict[str, Any]:
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in proposal.fields().items()}
    return {"question": proposal.question, **plain}


def _checked(scenario: Scenario, wanted: Resolving, today: date, *, replace: bool) -> dict[str, object]:
    """The fields as they will be written."""
    findings: list[Finding] = []

    def refuse(key: str, message: str, found: str | None, accepted: str) -> None:
        findings.append(Finding("error", message, key=key, found=found, accepted=accepted))

    before = scenario.resolutions.get(wanted.question)
    if wanted.question not in scenario.questions:
        hint = nearest(wanted.question, scenario.questions)
        refuse("QUESTION", f"there is no question '{wanted.question}'{hint}", wanted.question, _names(scenario))
    else:
        outcomes = accepted_outcomes(scenario, wanted.question)
        if wanted.outcome not in outcomes:
            text = wanted.outcome or ""
            message = f"'{text}' is no outcome of {wanted.question}{nearest(text, outcomes)}" if text else "no outcome"
            refuse("--outcome", message, wanted.outcome, ", ".join(outcomes))
        if before is not None and not replace:
            place = scenario.where("resolutions", wanted.question)
            message = f"{wanted.question} is resolved already, '{before.outcome}'"
            at = f"{place.file}:{place.line}" if place else "resolutions.yaml"
            refuse("QUESTION", f"{message} ({at})", wanted.question, "--replace, to write another in its place")
    on = _day("--on", wanted.on, today, findings)
    known = _day("--known", wanted.known, today, findings) if wanted.known is not None else on
    if on is not None and known is not None and known < on:
        refuse("--known", f"known on {known}, before it happened on {on}", str(known), "a day not before --on")
    question = scenario.questions.get(wanted.question)
    if question is not None and on is not None and wanted.outcome is not None:
        is_ruled_out = question.kind == "occurs" and wanted.outcome == "no"  # an event may become impossible early
        odd = None if is_ruled_out else odd_day(question, wanted.outcome, on)
        if odd is not None:
            refuse("--on", odd, wanted.on, "the day on which it was settled; wait where it is not settled yet")
    if not (wanted.source or "").strip():
        refuse("--source", "a resolution needs its source", wanted.source, "what settles it, so that others can check")
    for key, typed in (("--source", wanted.source), ("--note", wanted.note)):
        if control := control_in(typed or ""):
            refuse(key, f"the text contains the control character {control}", typed, ACCEPTED_TEXT)
    if findings:
        raise InputError(findings)
    note = (wanted.note or "").strip() or None
    fields = {
        "outcome": wanted.outcome,
        "on": on,
        "known": known,
        "source": (wanted.source or "").strip(),
        "note": note,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _day(key: str, text: str | None, today: date, findings: list[Finding]) -> date | None:
    try:
        day = parse_day(text or "")
    except ValueError as error:
        message = str(error) if text else "no day"
        findings.append(Finding("error", message, key=key, found=text, accepted=ACCEPTED_DAY))
        return None
    if day > today:
        findings.append(
            Finding("error", f"{day} is in the future", key=key, found=text, accepted=f"up to {today}, today (UTC)")
        )
    return day


def _names(scenario: Scenario) -> str:
    return ", ".join(scenario.questions)


def _write(scenario: Scenario, resolutions: Mapping[str, Mapping[str, object]], as_of: date) -> dict[str, Any]:
    path = scenario.folder / "resolutions.yaml"
    for question, fields in resolutions.items():
        set_resolution(path, question, fields)
    again = read_scenario(scenario.workspace, scenario.id)
    name = path.relative_to(scenario.workspace).as_posix()
    findings = [finding for finding in check(again) if finding.file == name and finding.level == "warning"]
    written = [_document(again, question, name, findings) for question in resolutions]
    return resolutions_document(again, as_of) | {"written": written}


def _document(scenario: Scenario, question: str, file: str, findings: Iterable[Finding]) -> dict[str, Any]:
    row = scenario.resolutions[question]
    return {
        "question": question,
        "outcome": row.outcome,
        "on": row.on.isoformat(),
        "known": row.known.isoformat(),
        "source": row.source,
        "note": row.note,
        "file": file,
        "warnings": [finding.message for finding in findings if (finding.key or "").split(".")[0] == question],
    }
