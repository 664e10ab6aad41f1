"""`proposals/<source>.yaml`: numbered proposals and what a person decided about each, which proposing again keeps.

What the proposer said stays as it is; a coder's changes stand beside it, under `changes`. Both a person with an editor
and the program write this file, so it is read as strictly as evidence, and edited by splicing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from forecast.canonical import canonical_json, sha256
from forecast.errors import Finding, InputError
from forecast.evidence.proposal import Because, Duplicate, Proposal
from forecast.scenario.fields import Day, Flag, Grade, Id, Text, Texts, Whole
from forecast.scenario.nodes import Node, Step, mapping
from forecast.scenario.parts import some
from forecast.scenario.record import Scenario
from forecast.scenario.render import flow, scalar
from forecast.scenario.schema import Asserted, Entry, Report
from forecast.scenario.validation import nearest, validate
from forecast.scenario.write import alone, replace_file, set_values
from forecast.scenario.yaml_text import read_yaml

__all__ = [
    "CHANGEABLE",
    "Decision",
    "Mark",
    "Proposals",
    "Reviewed",
    "mark",
    "proposal_findings",
    "proposals_path",
    "read_proposals",
    "write_proposals",
]

HEAD = """\
# Proposals from the article {article}.
#
# Nobody has coded anything yet: a proposal becomes evidence when a person accepts it. Either
#   forecast evidence add {scenario}                      asks about one after the other, or
#   forecast evidence add {scenario} --from {name}        takes what the `decision` of each one says, or
#   forecast evidence add {scenario} --from {name} --accept 1,4,7 --reject 2
#
# For each proposal you may edit two keys:
#   decision   undecided | accept | reject | later
#   changes    what you would say otherwise, as fields of a report:  changes: {{when: 2023-09, grade: B2}}
#              ('' takes a field away). `use: false` needs a `reason`.
# All else is what the proposer said, and stays: each `at` has character positions in the article's text, `because`
# says which words decided which field, `duplicates` what of your evidence this may repeat.
# `report` is the id under which an accepted proposal stands in evidence/; the program writes it.
# Proposing again keeps everything that somebody decided, changed or edited here, but no comments.
"""

#: Fields of a report that a coder may change; the source is the article's.
CHANGEABLE = tuple(key for key in Report.model_fields if key not in ("source", "coded_on", "withdrawn", "revised"))


class Decision(StrEnum):
    """What a person decided about a proposal."""

    UNDECIDED = "undecided"
    ACCEPT = "accept"
    REJECT = "reject"
    LATER = "later"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to look at it."""
        return self in (Decision.UNDECIDED, Decision.LATER)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A proposal, what was decided about it, what the coder would say otherwise, and the report it became."""

    number: int
    proposal: Proposal
    decision: Decision = Decision.UNDECIDED
    changes: Mapping[str, Any] = field(default_factory=dict)
    report: str | None = None
    line: int = 0
    #: what `stamp` was when the program wrote the proposal; another one now means that somebody edited it
    stamped: str = ""

    @property
    def is_touched(self) -> bool:
        """Whether a person has decided, changed or edited anything of it."""
        edited = bool(self.stamped) and self.stamped != stamp(self.proposal)
        return self.decision is not Decision.UNDECIDED or bool(self.changes) or self.report is not None or edited


@dataclass(frozen=True, slots=True)
class Proposals:
    """A proposals file: the source, the SHA-256 of the text that the offsets are of, the entries in their order."""

    source: str
    article_sha256: str
    entries: tuple[Reviewed, ...]


class _Reason(Entry):
    field: Id
    words: str = ""
    at: Annotated[tuple[Whole, Whole], Field()]
    note: str = ""


class _Repeats(Entry):
    report: Id
    event: Id
    why: Text


class _Row(Entry):
    """One entry of the file; `id` is its number."""

    id: Annotated[Whole, Field(ge=1)]
    decision: Decision = Decision.UNDECIDED
    changes: dict[str, Any] = Field(default_factory=dict)
    report: Annotated[Id | None, BeforeValidator(lambda value: value or None)] = None
    claim: Text
    indicator: Id | None = None
    event: Id
    when: Text | None = None
    known: Day
    asserted_as: Asserted
    denies: Flag = False
    grade: Grade
    grade_why: Text | None = None
    origin: Id
    speaker: Text | None = None
    actors: Texts = ()
    quote: Text
    quote_at: tuple[Whole, Whole]
    locator: Text
    sentence: Text
    sentence_at: tuple[Whole, Whole]
    because: tuple[_Reason, ...] = ()
    duplicates: tuple[_Repeats, ...] = ()
    proposer: Text
    stamp: Text | None = None


def proposals_path(scenario: Scenario, source: str) -> Path:
    """Where the proposals from a source are kept."""
    return scenario.folder / "proposals" / f"{source}.yaml"


def stamp(proposal: Proposal) -> str:
    """A short digest of all that a proposal says."""
    return sha256(canonical_json(_said(proposal)))[:12]


def read_proposals(path: Path, shown_as: str) -> Proposals:
    """Read a proposals file.

    Parameters
    ----------
    path, shown_as
        The file, and how messages call it: relative to the workspace.

    Raises
    ------
    InputError
        If anything in it is wrong; every error has its line.
    """
    findings: list[Finding] = []
    read = _read(path, shown_as, findings)
    errors = [finding for finding in findings if finding.level == "error"]
    if errors or read is None:
        raise InputError(errors)
    return read


def write_proposals(
    scenario: Scenario, source: str, article_text: str, proposals: Sequence[Proposal]
) -> tuple[Path, Proposals]:
    """Write what a proposer proposes, and keep what people decided about earlier proposals.

    An entry that nobody has touched gives way to what is proposed now; one with a decision, a change or an edit stays
    whole, under its number, and takes the place of the new proposal about the same sentence and indicator. If the
    article's text has changed, it moves with its sentence.

    Parameters
    ----------
    scenario
        The case.
    source
        Id of the source; `articles/<source>.txt` has the text.
    article_text
        The text that the offsets are of.
    proposals
        Valid ones (`validate`).

    Returns
    -------
    tuple of Path and Proposals
        The file and what it says now.

    Raises
    ------
    InputError
        If the file is there and cannot be read: it is not replaced.
    WorkspaceError
        If it cannot be written; the old one stays.
    """
    path = proposals_path(scenario, source)
    shown_as = path.relative_to(scenario.workspace).as_posix()
    digest = sha256(article_text)
    with alone(path):
        old = read_proposals(path, shown_as).entries if path.exists() else ()
        entries = _merged(old, proposals, article_text)
        text = _text(scenario.id, source, digest, entries)
        made = Proposals(source, digest, entries)
        replace_file(path, text.encode())
    return path, made


@dataclass(frozen=True, slots=True)
class Mark:
    """What to write down about one proposal; None leaves a key as it is, `report` '' says that there is none."""

    number: int
    decision: Decision | None = None
    changes: Mapping[str, Any] | None = None
    report: str | None = None


def mark(path: Path, marks: Iterable[Mark]) -> None:
    """Write down what was decided about proposals, all in one step; nothing else of the file changes.

    Raises
    ------
    InputError
        If there is no such proposal, or the file cannot be read.
    WorkspaceError
        If it cannot be written; the old one stays.
    """
    edits: list[tuple[Sequence[Step], object]] = []
    for one in marks:
        said = {"changes": one.changes, "decision": one.decision and one.decision.value, "report": one.report}
        edits += [(["proposals", str(one.number), key], value) for key, value in said.items() if value is not None]
    if edits:
        set_values(path, edits)


def proposal_findings(scenario: Scenario) -> list[Finding]:
    """What `check` says about the proposals files: what is wrong in them, and where nobody has decided yet."""
    findings: list[Finding] = []
    there = {report.id for report in scenario.reports}
    for path in sorted((scenario.folder / "proposals").glob("*.yaml")):
        if path.name.startswith("."):
            continue
        shown_as = path.relative_to(scenario.workspace).as_posix()
        read = _read(path, shown_as, findings)
        if read is None:
            continue
        waiting = [entry for entry in read.entries if entry.decision.is_open]
        pending = [entry for entry in read.entries if entry.decision is Decision.ACCEPT and entry.report is None]
        if waiting:
            n_later = sum(entry.decision is Decision.LATER for entry in waiting)
            later = f" ({n_later} put off)" if n_later else ""
            message = f"{_proposals(len(waiting))} undecided{later}"
            accepted = f"a decision on each: forecast evidence add {scenario.id}"
            findings.append(Finding("warning", message, shown_as, waiting[0].line, accepted=accepted))
        lost = [entry for entry in read.entries if entry.report is not None and entry.report not in there]
        if lost:
            names = some(str(entry.report) for entry in lost)
            message = f"{_proposals(len(lost))} marked as written, but not on file: {names}"
            accepted = (
                f"the report, or a new decision: forecast evidence add {scenario.id} --from {path.name} --reject ..."
            )
            findings.append(Finding("warning", message, shown_as, lost[0].line, accepted=accepted))
        if pending:
            message = f"{_proposals(len(pending))} accepted, but not written to evidence yet"
            accepted = f"forecast evidence add {scenario.id} --from {path.name}"
            findings.append(Finding("warning", message, shown_as, pending[0].line, accepted=accepted))
    return findings


def _proposals(n: int) -> str:
    return f"{n} proposal is" if n == 1 else f"{n} proposals are"


_KEYS = ("source", "article_sha256", "proposals")


def _read(path: Path, shown_as: str, findings: list[Finding]) -> Proposals | None:
    """The file, None if anything in it is wrong."""
    before = len(findings)
    root = read_yaml(path, shown_as, findings)
    if root is None:
        return None

    def wrong(message: str, place: Node, key: str, accepted: str | None = None) -> None:
        findings.append(Finding("error", message, shown_as, place.line, key, accepted=accepted))

    keys = mapping(root)
    for key, node in keys.items():
        if key not in _KEYS:
            wrong(f"unknown key '{key}'{nearest(key, _KEYS)}", node, key, ", ".join(_KEYS))
    for key in _KEYS:
        if key not in keys:
            wrong(f"'{key}' is missing", root, key, f"{key}: ...")
    texts = {key: keys[key].value for key in _KEYS[:2] if key in keys}
    for key, value in texts.items():
        if not isinstance(value, str) or not value:
            wrong(f"'{key}' is not text", keys[key], key, "text")
    listed = keys["proposals"].value if "proposals" in keys else ()
    if not isinstance(listed, tuple):
        wrong("'proposals' is not a list", keys["proposals"], "proposals", "a line with '- ' for each, or []")
        return None
    entries: list[Reviewed] = []
    first: dict[int, int] = {}
    for position, node in enumerate(listed):
        entry = _entry(node, position, findings)
        if entry is None:
            continue
        if entry.number in first:
            message = f"the number {entry.number} is taken: line {first[entry.number]} has it"
            wrong(message, node, f"proposals.{entry.number}.id", "a number of its own")
        first.setdefault(entry.number, entry.line)
        entries.append(entry)
    if any(finding.level == "error" for finding in findings[before:]):
        return None
    return Proposals(str(texts["source"]), str(texts["article_sha256"]), tuple(entries))


def _entry(node: Node, position: int, findings: list[Finding]) -> Reviewed | None:
    own = mapping(node).get("id")
    name = own.value if own is not None and isinstance(own.value, str) else str(position)
    row = validate(_Row, node, ("proposals", name), findings)
    if row is None:
        return None
    for key, inner in mapping(mapping(node).get("changes")).items():
        if key not in CHANGEABLE:
            message = f"'{key}' cannot be changed here{nearest(key, CHANGEABLE)}"
            place = f"proposals.{name}.changes.{key}"
            findings.append(Finding("error", message, inner.file, inner.line, place, key, ", ".join(CHANGEABLE)))
    proposal = Proposal(
        sentence=row.sentence,
        sentence_start=row.sentence_at[0],
        sentence_end=row.sentence_at[1],
        quote=row.quote,
        start=row.quote_at[0],
        end=row.quote_at[1],
        locator=row.locator,
        claim=row.claim,
        indicator=row.indicator,
        event=row.event,
        when=row.when or "",
        known=row.known,
        asserted_as=row.asserted_as,
        denies=row.denies,
        grade=row.grade,
        grade_why=row.grade_why or "",
        origin=row.origin,
        speaker=row.speaker,
        actors=row.actors,
        because=tuple(Because(one.field, one.words, *one.at, one.note) for one in row.because),
        duplicates=tuple(Duplicate(one.report, one.event, one.why) for one in row.duplicates),
        proposer=row.proposer,
    )
    return Reviewed(row.id, proposal, row.decision, row.changes, row.report, node.line, row.stamp or "")


def _said(proposal: Proposal) -> dict[str, Any]:
    """A proposal as the file says it: keys in their order, what is not told left out."""
    written: dict[str, Any] = {
        "claim": proposal.claim,
        "indicator": proposal.indicator,
        "event": proposal.event,
        "when": proposal.when or None,
        "known": proposal.known.isoformat(),
        "asserted_as": proposal.asserted_as.value,
        "denies": "true" if proposal.denies else "false",
        "grade": proposal.grade,
        "grade_why": proposal.grade_why or None,
        "origin": proposal.origin,
        "speaker": proposal.speaker,
        "actors": list(proposal.actors) or None,
        "quote": proposal.quote,
        "quote_at": [str(proposal.start), str(proposal.end)],
        "locator": proposal.locator,
        "sentence": proposal.sentence,
        "sentence_at": [str(proposal.sentence_start), str(proposal.sentence_end)],
        "because": [
            {"field": one.field, "words": one.words, "at": [str(one.start), str(one.end)], "note": one.note}
            for one in proposal.because
        ]
        or None,
        "duplicates": [{"report": one.report, "event": one.event, "why": one.why} for one in proposal.duplicates]
        or None,
        "proposer": proposal.proposer,
    }
    return {key: value for key, value in written.items() if value is not None}


def _text(scenario: str, source: str, digest: str, entries: Sequence[Reviewed]) -> str:
    article = f"articles/{source}.txt"
    lines = [HEAD.format(article=article, scenario=scenario, name=f"{source}.yaml")]
    lines += [f"source: {scalar(source)}\n", f"article_sha256: {digest}\n"]
    lines.append("\nproposals:\n" if entries else "\nproposals: []\n")
    for entry in entries:
        lines += ["\n", f"  - id: {entry.number}\n", f"    decision: {entry.decision.value}\n"]
        lines.append(f"    changes: {flow(entry.changes)}\n")
        lines.append(f"    report: {flow(entry.report)}\n" if entry.report else "    report:\n")
        for key, value in _said(entry.proposal).items():
            if key in ("because", "duplicates"):
                lines.append(f"    {key}:\n")
                lines += [f"      - {flow(item)}\n" for item in value]
            else:
                lines.append(f"    {key}: {flow(value)}\n")
        lines.append(f"    stamp: {flow(entry.stamped or stamp(entry.proposal))}\n")
    return "".join(lines)


def _merged(old: Iterable[Reviewed], proposals: Sequence[Proposal], text: str) -> tuple[Reviewed, ...]:
    """Old entries that somebody touched, and new proposals for all else, in the order of the text."""
    before = list(old)
    kept = {entry.number: entry for entry in before if entry.is_touched}
    numbers: dict[int, int] = {}  # position among the new ones -> number of the old one
    for is_near in (_is_same, _is_about_the_same):
        for entry in before:
            if entry.number in numbers.values():
                continue
            for position, new in enumerate(proposals):
                if position not in numbers and is_near(entry.proposal, new):
                    numbers[position] = entry.number
                    break
    highest = max((entry.number for entry in before), default=0)
    entries: list[Reviewed] = []
    for position, new in enumerate(proposals):
        number = numbers.get(position)
        if number in kept:
            entries.append(_moved(kept.pop(number), new.sentence_start))
        else:
            if number is None:
                highest = number = highest + 1
            entries.append(Reviewed(number, new, stamped=stamp(new)))
    for entry in kept.values():
        at = _place(entry.proposal, text)
        entries.append(entry if at is None else _moved(entry, at))
    return tuple(sorted(entries, key=lambda entry: (entry.proposal.sentence_start, entry.proposal.start, entry.number)))


def _is_same(old: Proposal, new: Proposal) -> bool:
    return (old.sentence, old.quote, old.indicator, old.event) == (new.sentence, new.quote, new.indicator, new.event)


def _is_about_the_same(old: Proposal, new: Proposal) -> bool:
    return (old.sentence, old.indicator) == (new.sentence, new.indicator)


def _place(proposal: Proposal, text: str) -> int | None:
    """Where the sentence stands in the text: where it stood, or the only other place."""
    if text[proposal.sentence_start : proposal.sentence_end] == proposal.sentence:
        return proposal.sentence_start
    return text.index(proposal.sentence) if text.count(proposal.sentence) == 1 else None


def _moved(entry: Reviewed, sentence_start: int) -> Reviewed:
    """The entry with its places moved to where its sentence begins now; reasons outside the sentence are lost then."""
    said = entry.proposal
    by = sentence_start - said.sentence_start
    if by == 0:
        return entry
    inside = [one for one in said.because if said.sentence_start <= one.start and one.end <= said.sentence_end]
    moved = replace(
        said,
        sentence_start=sentence_start,
        sentence_end=said.sentence_end + by,
        start=said.start + by,
        end=said.end + by,
        because=tuple(replace(one, start=one.start + by, end=one.end + by) for one in inside),
    )
    was_edited = entry.stamped != stamp(said)
    return replace(entry, proposal=moved, stamped=entry.stamped if was_edited else stamp(moved))
