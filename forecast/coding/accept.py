"""Reports into `evidence/<source>.yaml`: one that a coder writes, or proposals that a person accepted.

The file is replaced only by one with which the whole scenario can be read and every quote stands in its article. What
else happens meanwhile (another coder, a kill, a full disk) leaves the old file or the new one, and no decision is lost.
"""

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from forecast.coding.evidence_file import About, Planned, planned
from forecast.coding.proposal import act_words, report_fields
from forecast.coding.proposals_file import Mark, mark, read_proposals
from forecast.coding.report_fields import grade_words
from forecast.coding.reviewed import Decision, Reviewed
from forecast.errors import Finding, InputError
from forecast.scenario.parts import some
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario
from forecast.scenario.workspace import shown_in
from forecast.scenario.write import alone, replace_text

__all__ = [
    "Coder",
    "Decided",
    "Wanted",
    "Written",
    "accepted_fields",
    "add_report",
    "decide",
    "problems",
]


At = Callable[[str], None]


def nothing(_: str) -> None:
    """What is done at the points of a writing: nothing, unless a test kills the process there."""


@dataclass(frozen=True, slots=True)
class Coder:
    """Who decides, and the day on which."""

    name: str
    on: date


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a coder decides about one proposal.

    `changes` None keeps those on file. `seen` is the proposal as the coder saw it: if somebody else has decided about
    it since, that is an error.
    """

    number: int
    decision: Decision
    changes: Mapping[str, Any] | None = None
    seen: Reviewed | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """Reports that were added to a file: their ids, the file's bytes before and after, and what `check` says of them.

    `before` is None for a file that was begun. `number_of` has the proposal of each report, by id.
    """

    file: Path
    reports: Sequence[str]
    before: bytes | None
    after: bytes
    findings: Sequence[Finding]
    number_of: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of decisions: numbers by decision, what was written, accepted ones that were on file already."""

    numbers: Mapping[Decision, Sequence[int]]
    written: Written | None
    on_file: Mapping[int, str]


def add_report(scenario: Scenario, source: str, fields: Mapping[str, Any], coder: Coder, at: At = nothing) -> Written:
    """Write a report that a coder coded without a proposal.

    Parameters
    ----------
    scenario
        The case; it is read again before anything is written.
    source
        Id of the source.
    fields
        Fields of a report as texts, by name; without `id` it gets the next free one.
    coder
        Who codes, and when.
    at
        Called at `evidence: checked` and `evidence: written`.

    Raises
    ------
    InputError
        If the scenario could not be read with this report; `key` names the field. Nothing is written then.
    WorkspaceError
        If the file cannot be written; the old one stays.
    """
    with alone(_evidence(scenario)):
        now = read_scenario(scenario.workspace, str(scenario.folder))
        plan = planned(now, source, [dict(fields)], [_about_field], by=coder.name, on=coder.on)
        at("evidence: checked")
        written = _replace(plan, {})
        at("evidence: written")
    return written


def decide(scenario: Scenario, path: Path, wanted: Sequence[Wanted], coder: Coder, at: At = nothing) -> Decided:
    """Take decisions about proposals: write them down, and those accepted into evidence.

    All of it is checked first; after an error nothing is written. Decisions are written down before the evidence, so
    that a process killed in between has lost none: an accepted proposal without a report is written by the next call
    that names it. A statement that is on file already, word by word, is not written twice.

    Parameters
    ----------
    scenario
        The case; it is read again before anything is written.
    path
        The proposals file.
    wanted
        One for each proposal at most.
    coder
        Who decides, and when.
    at
        Called at `review: checked`, `review: decided`, `evidence: written` and `review: marked`.

    Raises
    ------
    InputError
        If there is no such proposal, somebody has decided otherwise meanwhile, or an accepted one cannot be evidence.
    WorkspaceError
        If a file cannot be written.
    """
    shown_as = shown_in(scenario.workspace, path)
    with alone(_evidence(scenario)):
        now = read_scenario(scenario.workspace, str(scenario.folder))
        proposals = read_proposals(path, shown_as)
        entries = {entry.number: entry for entry in proposals.entries}
        there = {report.id for report in now.reports}
        # one whose report was taken out of evidence since is as if it had never been written
        entries = {n: e if e.report in there else replace(e, report=None) for n, e in entries.items()}
        _refuse_impossible(wanted, entries, shown_as)
        chosen = {
            one.number: replace(
                entries[one.number],
                decision=one.decision,
                changes=entries[one.number].changes if one.changes is None else dict(one.changes),
            )
            for one in wanted
        }
        accepted = [e for e in chosen.values() if e.decision is Decision.ACCEPT and e.report is None]
        on_file = {e.number: twin for e in accepted if (twin := _twin(now, proposals.source, e)) is not None}
        new = [entry for entry in accepted if entry.number not in on_file]
        plan = None
        if new:
            fields = [accepted_fields(entry) for entry in new]
            about = [_about_proposal(entry, shown_as) for entry in new]
            plan = planned(now, proposals.source, fields, about, by=coder.name, on=coder.on)
        at("review: checked")
        lost = {e.number for e in proposals.entries if e.report is not None and e.report not in there}
        mark(path, [_mark(one, entries[one.number], lost) for one in wanted])
        at("review: decided")
        written = None
        reports = dict(on_file)
        if plan is not None:
            written = _replace(plan, {one: entry.number for one, entry in zip(plan.reports, new, strict=True)})
            reports |= {number: report for report, number in written.number_of.items()}
        at("evidence: written")
        mark(path, [Mark(number, report=report) for number, report in reports.items()])
        at("review: marked")
    numbers = {kind: [one.number for one in wanted if one.decision is kind] for kind in Decision}
    return Decided(numbers, written, on_file)


def problems(scenario: Scenario, source: str, fields: Mapping[str, Any], coder: Coder) -> list[Finding]:
    """What would be said if a report were added now, errors first; nothing is written."""
    try:
        return list(planned(scenario, source, [dict(fields)], [_about_field], by=coder.name, on=coder.on).findings)
    except InputError as error:
        return list(error.findings())


def accepted_fields(entry: Reviewed) -> dict[str, Any]:
    """The fields of the report that a proposal with its coder's changes makes; '' takes a field away.

    The proposer's note explains the proposed grade, so with another grade it says what that one means. A coder who says
    that it is counted, or that it is not, also gives the reason.
    """
    changes = dict(entry.changes)
    said = report_fields(entry.proposal)
    if changes.get("grade") not in (None, "", entry.proposal.grade) and "note" not in changes:
        act = act_words(entry.proposal)
        meaning = grade_words(str(changes["grade"])) or "the coder's grade"
        said["note"] = f"{meaning}, as the coder judges.{' ' + act if act else ''}"
    if "use" in changes and changes["use"] != said.get("use"):
        said.pop("reason", None)
    said |= changes
    return {key: value for key, value in said.items() if value != ""}


def _about_field(finding: Finding, key: str) -> Finding:
    return replace(finding, file=None, line=None, key=key or None)


def _about_proposal(entry: Reviewed, shown_as: str) -> About:
    def about(finding: Finding, key: str) -> Finding:
        message = f"proposal {entry.number}: {finding.message}"
        return replace(finding, message=message, file=shown_as, line=entry.line, key=key or None)

    return about


def _twin(scenario: Scenario, source: str, entry: Reviewed) -> str | None:
    """The report on file that says just what the accepted proposal says: a process was killed after writing it."""
    fields = accepted_fields(entry)
    keys = ("indicator", "event", "claim", "quote")
    wanted = [str(fields[key]) if key in fields else None for key in keys]
    for report in scenario.reports:
        if report.source == source and [getattr(report, key) for key in keys] == wanted:
            return report.id
    return None


def _refuse_impossible(wanted: Sequence[Wanted], entries: Mapping[int, Reviewed], shown_as: str) -> None:
    errors = []
    counts = Counter(one.number for one in wanted)
    missing = sorted(number for number in counts if number not in entries)
    if missing:
        numbers = f"1 to {max(entries)}" if entries else "none: the file has no proposal"
        message = f"there is no proposal {some(map(str, missing))}"
        errors.append(Finding("error", message, shown_as, accepted=numbers))
    for one in wanted:
        entry = entries.get(one.number)
        if entry is None:
            continue
        message = ""
        if counts[one.number] > 1:
            message = "it is named twice"
        elif entry.report is not None and (
            one.decision is not Decision.ACCEPT or one.changes not in (None, entry.changes)
        ):
            message = f"it is evidence already, as report {entry.report}; edit or withdraw the report instead"
        elif one.seen is not None and (one.seen.decision, one.seen.changes) != (entry.decision, entry.changes):
            message = f"somebody has decided meanwhile: {entry.decision}"
        if message:
            errors.append(Finding("error", f"proposal {one.number}: {message}", shown_as, entry.line))
    if errors:
        raise InputError(list(dict.fromkeys(errors)))


def _mark(one: Wanted, entry: Reviewed, lost: Container[int]) -> Mark:
    """Only what is new: an unchanged key is not written again. A report that is `lost` is no longer named."""
    changes = None if one.changes is None or dict(one.changes) == dict(entry.changes) else one.changes
    decision = None if one.decision is entry.decision else one.decision
    return Mark(one.number, decision, changes, "" if one.number in lost else None)


def _replace(plan: Planned, number_of: Mapping[str, int]) -> Written:
    before = plan.file.read_bytes() if plan.file.exists() else None
    replace_text(plan.file, plan.text)
    return Written(plan.file, plan.reports, before, plan.file.read_bytes(), plan.findings, number_of)


def _evidence(scenario: Scenario) -> Path:
    """A name in the folder that is locked while evidence is written."""
    return scenario.folder / "evidence" / "any.yaml"
