"""`proposals/<source>.yaml`: numbered proposals and what a person decided about each, which proposing again keeps.

What the proposer said stays as it is; a coder's changes stand beside it, under `changes`. Both a person with an editor
and the program write this file, so it is read as strictly as evidence, and edited by splicing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from forecast.canonical import sha256
from forecast.coding.act import Doubt, DoubtCode, Manner, Status
from forecast.coding.proposal import Because, Duplicate, Proposal
from forecast.coding.proposed_again import merged
from forecast.coding.reviewed import CHANGEABLE, Decision, Proposals, Reviewed, proposal_fields, stamp
from forecast.errors import Finding, InputError
from forecast.scenario.fields import Day, Flag, Grade, Id, Text, Texts, Whole
from forecast.scenario.nodes import Node, Step, mapping
from forecast.scenario.record import Scenario
from forecast.scenario.render import flow, scalar
from forecast.scenario.schema import Asserted, Entry
from forecast.scenario.validation import nearest, validate
from forecast.scenario.write import alone, replace_file, set_values
from forecast.scenario.yaml_text import read_yaml

__all__ = ["Mark", "mark", "proposals_path", "read_proposals", "read_with_findings", "write_proposals"]

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


class _Reason(Entry):
    field: Id
    words: str = ""
    at: Annotated[tuple[Whole, Whole], Field()]
    note: str = ""


class _Doubt(Entry):
    code: DoubtCode
    note: Text


class _Repeats(Entry):
    report: Id
    event: Id
    why: Text


def _amount(value: object) -> object:
    """A number as the file has it, for YAML scalars are read as text."""
    try:
        return float(str(value))
    except ValueError:
        return value


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
    targets: Texts = ()
    place: Text | None = None
    manner: Manner = Manner.ACT
    status: Status | None = None
    value: Annotated[float | None, BeforeValidator(_amount)] = None
    unit: Text | None = None
    doubts: tuple[_Doubt, ...] = ()
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
    read = read_with_findings(path, shown_as, findings)
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
        entries = merged(old, proposals, article_text)
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


_KEYS = ("source", "article_sha256", "proposals")


def read_with_findings(path: Path, shown_as: str, findings: list[Finding]) -> Proposals | None:
    """The file, None if anything in it is wrong; what is wrong is added to `findings`, each with its line."""
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
        targets=row.targets,
        place=row.place,
        manner=row.manner,
        status=row.status,
        value=row.value,
        unit=row.unit,
        doubts=tuple(Doubt(one.code, one.note) for one in row.doubts),
        because=tuple(Because(one.field, one.words, *one.at, one.note) for one in row.because),
        duplicates=tuple(Duplicate(one.report, one.event, one.why) for one in row.duplicates),
        proposer=row.proposer,
    )
    return Reviewed(row.id, proposal, row.decision, row.changes, row.report, node.line, row.stamp or "")


def _text(scenario: str, source: str, digest: str, entries: Sequence[Reviewed]) -> str:
    article = f"articles/{source}.txt"
    lines = [HEAD.format(article=article, scenario=scenario, name=f"{source}.yaml")]
    lines += [f"source: {scalar(source)}\n", f"article_sha256: {digest}\n"]
    lines.append("\nproposals:\n" if entries else "\nproposals: []\n")
    for entry in entries:
        lines += ["\n", f"  - id: {entry.number}\n", f"    decision: {entry.decision.value}\n"]
        lines.append(f"    changes: {flow(entry.changes)}\n")
        lines.append(f"    report: {flow(entry.report)}\n" if entry.report else "    report:\n")
        for key, value in proposal_fields(entry.proposal).items():
            if key in ("because", "duplicates", "doubts"):
                lines.append(f"    {key}:\n")
                lines += [f"      - {flow(item)}\n" for item in value]
            else:
                lines.append(f"    {key}: {flow(value)}\n")
        lines.append(f"    stamp: {flow(entry.stamped or stamp(entry.proposal))}\n")
    return "".join(lines)
