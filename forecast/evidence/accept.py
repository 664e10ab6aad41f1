"""Reports into `evidence/<source>.yaml`: one that a coder writes, or proposals that a person accepted.

The file is replaced only by one with which the whole scenario can be read and every quote stands in its article. What
else happens meanwhile (another coder, a kill, a full disk) leaves the old file or the new one, and no decision is lost.
"""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from forecast.errors import Finding, InputError
from forecast.evidence.codable import wrong_value
from forecast.evidence.proposal import report_fields
from forecast.evidence.proposals_file import Mark, mark, read_proposals
from forecast.evidence.reviewed import Decision, Reviewed
from forecast.scenario.check import check
from forecast.scenario.nodes import mapping, plain
from forecast.scenario.parts import some
from forecast.scenario.read import read_scenario
from forecast.scenario.reading import files_in
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Report
from forecast.scenario.write import alone, replace_file, replace_text, with_reports
from forecast.scenario.yaml_text import read_yaml

__all__ = [
    "Coder",
    "Decided",
    "Wanted",
    "Written",
    "accepted_fields",
    "add_report",
    "decide",
    "evidence_file",
    "problems",
    "undo",
]

#: The order in which a report's fields are written.
FIELDS = tuple(Report.model_fields)

_NUMBERED = re.compile(r"([A-Za-z][A-Za-z._-]*?)(\d+)[a-z]?")

#: How reports are called in a file that has none yet.
PREFIX = "S"

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
        plan = _planned(now, source, [dict(fields)], coder, [_about_field])
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
    shown_as = _shown(scenario, path)
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
            plan = _planned(now, proposals.source, fields, coder, [_about_proposal(e, shown_as) for e in new])
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
        return list(_planned(scenario, source, [dict(fields)], coder, [_about_field]).findings)
    except InputError as error:
        return list(error.findings())


def undo(scenario: Scenario, path: Path, written: Written) -> bool:
    """Take back what `decide` has just written: the evidence file as it was, its proposals undecided.

    False, and nothing is done, if the evidence file has changed since: then a person has to edit it.
    """
    with alone(_evidence(scenario)):
        if not written.file.exists() or written.file.read_bytes() != written.after:
            return False
        # first the marks: a proposal that is undecided beside its report is recognised when it is accepted again
        mark(path, [Mark(number, Decision.UNDECIDED, report="") for number in written.number_of.values()])
        if written.before is None:
            written.file.unlink()
        else:
            replace_file(written.file, written.before)
    return True


def accepted_fields(entry: Reviewed) -> dict[str, Any]:
    """The fields of the report that a proposal with its coder's changes makes; '' takes a field away."""
    said = report_fields(entry.proposal) | dict(entry.changes)
    return {key: value for key, value in said.items() if value != ""}


def evidence_file(scenario: Scenario, source: str) -> tuple[Path, Mapping[str, Any]]:
    """The file for reports from a source, and what its `defaults` say.

    `evidence/<source>.yaml`, unless another file has the source in its defaults.
    """
    own = scenario.folder / "evidence" / f"{source}.yaml"
    paths = [path for path in files_in(own.parent, ".yaml") if path != own]
    for path in [own] if own.exists() else paths:
        findings: list[Finding] = []
        root = read_yaml(path, _shown(scenario, path), findings)
        defaults = mapping(mapping(root).get("defaults"))
        if path == own or ("source" in defaults and defaults["source"].value == source):
            return path, {key: plain(node) for key, node in defaults.items()}
    return own, {}


@dataclass(frozen=True, slots=True)
class _Plan:
    """The text that an evidence file is to have, and the ids of the new reports."""

    file: Path
    text: str
    reports: Sequence[str]
    findings: Sequence[Finding]


#: Turns a finding about a new report into one about where the coder said so; gets the key within the report.
_About = Callable[[Finding, str], Finding]


def _about_field(finding: Finding, key: str) -> Finding:
    return replace(finding, file=None, line=None, key=key or None)


def _about_proposal(entry: Reviewed, shown_as: str) -> _About:
    def about(finding: Finding, key: str) -> Finding:
        message = f"proposal {entry.number}: {finding.message}"
        return replace(finding, message=message, file=shown_as, line=entry.line, key=key or None)

    return about


def _planned(
    scenario: Scenario, source: str, listed: Sequence[dict[str, Any]], coder: Coder, about: Sequence[_About]
) -> _Plan:
    """The file with reports added, after the whole scenario could be read with it and their quotes were found.

    Raises
    ------
    InputError
        If that is not so.
    """
    path, defaults = evidence_file(scenario, source)
    ids = _ids(scenario, path, listed)
    whole = [
        _ordered({"source": source, "coded_by": coder.name, "coded_on": coder.on.isoformat(), **fields, "id": name})
        for name, fields in zip(ids, listed, strict=True)
    ]
    written = [
        {key: value for key, value in fields.items() if key == "id" or defaults.get(key) != value} for fields in whole
    ]

    def tell(findings: Iterable[Finding]) -> list[Finding]:
        """Findings about the new reports, said of where the coder said so; all others as they are."""
        told = []
        for finding in findings:
            for name, place in zip(ids, about, strict=True):
                start = f"reports.{name}"
                if finding.key is not None and f"{finding.key}.".startswith(f"{start}."):
                    message = finding.message.removeprefix(f"report {name}: ")
                    finding = place(replace(finding, message=message), finding.key[len(start) + 1 :])  # noqa: PLW2901
                    break
            told.append(finding)
        return told

    text = with_reports(path, written)
    try:
        trial = read_scenario(scenario.workspace, str(scenario.folder), {path: text})
    except InputError as error:
        # a report that is wrong in itself is not held against the sources
        unknown = wrong_value(scenario, "source", source)
        others = [finding for finding in error.findings() if not finding.message.startswith("there is no source")]
        raise InputError([*([unknown] if unknown else []), *tell(others)]) from error
    errors = _altered_by_defaults(trial, whole, _shown(scenario, path), defaults)
    found = [f for f in check(trial, coder.on) if f.key and any(f"{f.key}.".startswith(f"reports.{i}.") for i in ids)]
    errors += [finding for finding in found if finding.level == "error"]
    if errors:
        raise InputError(tell(errors))
    if any("quote" in fields for fields in whole) and not (scenario.folder / "articles" / f"{source}.txt").exists():
        message = f"articles/{source}.txt is not there: nobody can see whether the quotes stand in the article"
        found.append(Finding("warning", message, accepted="the article's text, saved under this name"))
    return _Plan(path, text, ids, tell(found))


def _ordered(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields in the schema's order, without what only says the default; unknown ones last, for the reader to refuse."""
    said = {key: fields[key] for key in (*FIELDS, *fields) if key in fields}
    if said.get("origin") == said["source"]:
        del said["origin"]
    if said.get("denies") == "false":
        del said["denies"]
    return said


def _altered_by_defaults(
    trial: Scenario, whole: Sequence[Mapping[str, Any]], shown_as: str, defaults: Mapping[str, Any]
) -> list[Finding]:
    """Errors where the file's defaults would say something about a report that its coder did not."""
    errors = []
    for fields in whole:
        for key in defaults:
            # `known` may be left to the file: it is the source's date there, as it is without a file
            if key not in fields and key not in ("origin", "denies", "known"):
                message = f"the defaults of {shown_as} would say `{key}: {defaults[key]}` of this report"
                accepted = f"`{key}` given explicitly"
                errors.append(Finding("error", message, key=f"reports.{fields['id']}.{key}", accepted=accepted))
    by_id = {report.id: report for report in trial.reports}
    for fields in whole:
        report = by_id[fields["id"]]
        told = {"origin": fields.get("origin", fields["source"]), "denies": fields.get("denies") == "true"}
        for key, value in told.items():
            if getattr(report, key) != value:
                message = f"the defaults of {shown_as} would say `{key}: {defaults.get(key)}` of this report"
                accepted = f"`{key}` as the defaults say, or another evidence file for this source"
                errors.append(Finding("error", message, key=f"reports.{fields['id']}.{key}", accepted=accepted))
    return errors


def _ids(scenario: Scenario, path: Path, listed: Sequence[Mapping[str, Any]]) -> list[str]:
    """Ids for new reports: those that coders chose, else the next free ones in the manner of the file."""
    taken = set(scenario.marks["reports"]) | {str(fields["id"]) for fields in listed if "id" in fields}
    shown_as = _shown(scenario, path)
    here = [name for name, node in scenario.marks["reports"].items() if node.file == shown_as]
    prefix, width = _manner(here)
    numbers = [int(match[2]) for name in taken if (match := _NUMBERED.fullmatch(name)) and match[1] == prefix]
    number = max(numbers, default=0)
    ids = []
    for fields in listed:
        if "id" in fields:
            ids.append(str(fields["id"]))
            continue
        number += 1
        ids.append(f"{prefix}{number:0{width}d}")
    return ids


def _manner(names: Sequence[str]) -> tuple[str, int]:
    """The prefix that most ids have, and how many digits follow at least."""
    matches = [match for name in names if (match := _NUMBERED.fullmatch(name))]
    if not matches:
        return PREFIX, 1
    prefix = Counter(match[1] for match in matches).most_common(1)[0][0]
    digits = [match[2] for match in matches if match[1] == prefix]
    padded = [len(text) for text in digits if text.startswith("0")]
    return prefix, max(padded, default=1)


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


def _replace(plan: _Plan, number_of: Mapping[str, int]) -> Written:
    before = plan.file.read_bytes() if plan.file.exists() else None
    replace_text(plan.file, plan.text)
    return Written(plan.file, plan.reports, before, plan.file.read_bytes(), plan.findings, number_of)


def _evidence(scenario: Scenario) -> Path:
    """A name in the folder that is locked while evidence is written."""
    return scenario.folder / "evidence" / "any.yaml"


def _shown(scenario: Scenario, path: Path) -> str:
    inside = path.is_relative_to(scenario.workspace)
    return (path.relative_to(scenario.workspace) if inside else path).as_posix()
