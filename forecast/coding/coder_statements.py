"""What one coder made of an article: the statements of an evidence file, or the accepted ones of a proposals file, each
with its place in the article where that can be found.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from forecast.coding.accept import accepted_fields
from forecast.coding.proposals_file import read_proposals
from forecast.coding.report_fields import wrong_value
from forecast.coding.reviewed import Decision
from forecast.errors import Finding, InputError
from forecast.scenario.check_evidence import folded
from forecast.scenario.nodes import Node, mapping
from forecast.scenario.parts import some
from forecast.scenario.read_evidence import read_evidence_files
from forecast.scenario.reading import Reading
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Report
from forecast.scenario.validation import findings_of
from forecast.scenario.workspace import shown_in
from forecast.scenario.yaml_text import read_text, read_yaml

__all__ = ["Coding", "Statement", "read_coding", "read_codings"]

_ELLIPSIS = re.compile(r"\[?(?:\.\.\.|…)\]?")

#: Between two sentences, after quotes and dashes were made plain.
_SENTENCE_END = re.compile(r"[.!?][\"')\]]*(?:\[\w+\])?\s+(?=[\"'(\[]?[A-Z])")

Span = tuple[int, int]

#: Every statement is held against every other of its source; what people code by hand is far fewer.
MOST_STATEMENTS = 2_000


@dataclass(frozen=True, slots=True)
class Statement:
    """A coded statement.

    `node` is what its file says. `place` has the quote's characters in the article (white space folded), `sentence` the
    sentence it begins in; None where there is no quote, no article, or no such words in it.
    """

    report: Report
    node: Node
    number: int
    place: Span | None
    sentence: Span | None

    @property
    def file(self) -> str:
        """The file it stands in."""
        return self.node.file

    def line(self, key: str = "") -> int:
        """The line of a field, or of the whole where it is not written down."""
        return mapping(self.node).get(key, self.node).line


@dataclass(frozen=True, slots=True)
class Coding:
    """The statements of one file, in its order; `coder` is who coded all of them, else the file's name."""

    path: Path
    file: str
    coder: str
    statements: tuple[Statement, ...]


def read_codings(scenario: Scenario, a: Path | str, b: Path | str) -> tuple[Coding, Coding]:
    """Two codings, told apart by their coders or else by their files.

    Raises
    ------
    InputError
        If a file cannot be read, or both are the same; carries what is wrong with either.
    """
    read: list[Coding] = []
    errors: list[Finding] = []
    for file in (a, b):
        try:
            read.append(read_coding(scenario, file))
        except InputError as error:
            errors += error.findings()
    if errors:
        raise InputError(errors)
    first, second = read
    if first.path == second.path:
        raise InputError(Finding("error", f"'{b}' is the same file twice", accepted="the files of two coders"))
    if first.coder == second.coder:
        first, second = replace(first, coder=first.path.stem), replace(second, coder=second.path.stem)
    if first.coder == second.coder:
        first, second = replace(first, coder=first.file), replace(second, coder=second.file)
    return first, second


def read_coding(scenario: Scenario, file: Path | str) -> Coding:
    """Read the statements of a coder.

    Parameters
    ----------
    scenario
        The case whose sources, codebook and articles count.
    file
        Evidence (YAML or CSV) or a proposals file: a path, or a name in the scenario's `evidence/` or `proposals/`.

    Raises
    ------
    InputError
        If there is no such file, or anything in it is wrong.
    """
    path = _named(scenario, file)
    shown_as = shown_in(scenario.workspace, path)
    findings: list[Finding] = []
    if path.suffix != ".csv" and "proposals" in mapping(read_yaml(path, shown_as, [])):
        read = list(_of_proposals(path, shown_as, findings))
    else:
        read = list(_of_evidence(scenario, path, findings))
    for report, node, _ in read:
        wrong = wrong_value(scenario, "indicator", report.indicator) if report.indicator is not None else None
        if wrong is not None:
            here = mapping(node).get("indicator", node)
            key = f"reports.{report.id}.indicator"
            findings.append(Finding("error", wrong.message, here.file, here.line, key, wrong.found, wrong.accepted))
    if len(read) > MOST_STATEMENTS:
        message = f"the file has {len(read):,} statements"
        accepted = f"at most {MOST_STATEMENTS:,}: agreement is about what people code"
        findings.append(Finding("error", message, shown_as, accepted=accepted))
    errors = [finding for finding in findings if finding.level == "error"]
    if errors:
        raise InputError(errors)
    articles: dict[str, _Article | None] = {}
    statements = []
    for number, (report, node, at) in enumerate(read):
        if report.source not in articles:
            articles[report.source] = _article(scenario, report.source)
        article = articles[report.source]
        place = None if article is None else article.place(report.quote, at)
        sentence = None if article is None or place is None else article.sentence(place[0])
        statements.append(Statement(report, node, number, place, sentence))
    names = {statement.report.coded_by for statement in statements}
    (only,) = names if len(names) == 1 else (None,)
    return Coding(path, shown_as, only or path.stem, tuple(statements))


def _named(scenario: Scenario, file: Path | str) -> Path:
    folders = [scenario.folder / "evidence", scenario.folder / "proposals"]
    name = str(file)
    candidates = [Path(name), *(folder / f"{name}{end}" for folder in folders for end in ("", ".yaml", ".csv"))]
    for path in candidates:
        try:
            if path.is_file():
                return path.resolve()
        except (OSError, ValueError):
            break
    there = [p.name for folder in folders for p in sorted(folder.glob("*.*")) if not p.name.startswith(".")]
    accepted = f"a path, or a name in evidence/ or proposals/: {some(there) or 'nothing there yet'}"
    raise InputError(Finding("error", f"there is no file '{name}' of a coder", found=name[:80], accepted=accepted))


Read = tuple[Report, Node, int | None]


def _of_evidence(scenario: Scenario, path: Path, findings: list[Finding]) -> Iterator[Read]:
    marks: dict[str, Mapping[str, Node]] = {"sources": scenario.marks.get("sources", {})}
    reading = Reading(scenario.workspace, scenario.folder, findings, marks)
    for report in read_evidence_files(reading, scenario.sources, [path]):
        yield report, reading.marks["reports"][report.id], None


def _of_proposals(path: Path, shown_as: str, findings: list[Finding]) -> Iterator[Read]:
    """The accepted proposals as reports; the offset of each quote."""
    proposals = read_proposals(path, shown_as)
    for entry in proposals.entries:
        if entry.decision is not Decision.ACCEPT:
            continue
        name = entry.report or f"P{entry.number}"
        raw = {"event": name, "origin": proposals.source, **accepted_fields(entry), "id": name}
        raw["source"] = proposals.source
        node = Node({key: Node(str(value), shown_as, entry.line) for key, value in raw.items()}, shown_as, entry.line)
        try:
            yield Report.model_validate(raw), node, entry.proposal.start if "quote" not in entry.changes else None
        except ValidationError as error:
            findings += findings_of(error, Report, node, ("proposals", str(entry.number)))


@dataclass(frozen=True, slots=True)
class _Article:
    text: str
    folded: str
    ends: tuple[int, ...]

    def place(self, quote: str | None, at: int | None) -> Span | None:
        """Where a quote stands in the folded text, at or after a place in the text as it is saved."""
        if quote is None:
            return None
        pieces = [words for piece in _ELLIPSIS.split(quote) if (words := folded(piece))]
        # the folded text up to a character is a little shorter or equally long
        position = 0 if at is None else max(0, len(folded(self.text[:at] + "x")) - 1)
        start = None
        for piece in pieces:
            found = self.folded.find(piece, position)
            if found < 0:
                return None
            start = found if start is None else start
            position = found + len(piece)
        return None if start is None else (start, position)

    def sentence(self, at: int) -> Span:
        """First character and end of the sentence that has a character of the folded text."""
        before = [end for end in self.ends if end <= at]
        after = [end for end in self.ends if end > at]
        return (before[-1] if before else 0, after[0] if after else len(self.folded))


def _article(scenario: Scenario, source: str) -> _Article | None:
    path = scenario.folder / "articles" / f"{source}.txt"
    text = read_text(path, str(path), []) if path.exists() else None
    if text is None:
        return None
    plain = folded(text)
    return _Article(text, plain, tuple(match.end() for match in _SENTENCE_END.finditer(plain)))
