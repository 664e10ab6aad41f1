"""One record per line of an export, `{content, hash, id, log, prev, seq}`: its form, and how it is read.

Where the content is not told the line holds its digest, `{digest, hash, id, log, prev, seq}`. Lines may come in any
order and more than once; two different records in one place of one log are a fork.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.canonical import canonical_json
from forecast.errors import Finding, InputError
from forecast.ledger.records import Content, content_digest

__all__ = ["ACCEPTED", "Line", "fork_finding", "parsed_lines", "united"]

_FORMS = {
    "log": re.compile(r"[0-9a-z]{1,64}"),
    "id": re.compile(r"[a-z]{1,8}-[a-z2-7]{10}"),
    **dict.fromkeys(("prev", "hash", "digest"), re.compile(r"[0-9a-f]{64}")),
}
_KEYS = ({"log", "seq", "id", "prev", "hash", "content"}, {"log", "seq", "id", "prev", "hash", "digest"})

#: What a finding about a line accepts.
ACCEPTED = "one line per record as `forecast ledger export` writes them"


@dataclass(frozen=True, slots=True)
class Line:
    """One record of an export; `content` is None where only its digest is told. `number` is the line in the file."""

    log: str
    seq: int
    id: str
    prev: str
    hash: str
    digest: str
    content: Content | None
    number: int | None = None

    @property
    def place(self) -> tuple[str, int]:
        """The log and the number in it."""
        return self.log, self.seq

    def text(self) -> str:
        """The line as it is written."""
        line = {"log": self.log, "seq": self.seq, "id": self.id, "prev": self.prev, "hash": self.hash}
        told = {"digest": self.digest} if self.content is None else {"content": self.content}
        return canonical_json(line | told) + "\n"


def parsed_lines(path: Path) -> tuple[list[Line], list[Finding]]:
    """The lines of a file, sorted, each place once; and what is wrong with single lines or between two of a place."""
    try:
        texts = path.read_bytes().split(b"\n")  # no other character ends a line: claims may hold U+2028
    except OSError as error:
        raise InputError(
            Finding("error", f"cannot be read ({error.strerror}).", str(path), accepted=ACCEPTED)
        ) from error
    lines, findings = [], []
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            continue
        try:
            lines.append(_parsed(text, number))
        except (ValueError, RecursionError) as error:
            findings.append(Finding("error", f"{error}.", str(path), number, accepted=ACCEPTED))
    merged, forks = united(lines)
    findings += [fork_finding(fork, path, path) for fork in forks]
    return merged, sorted(findings, key=lambda finding: finding.line or 0)


def _parsed(text: bytes, number: int) -> Line:
    if text.startswith((b"<<<<<<<", b"=======", b">>>>>>>")):
        raise ValueError("a conflict that git left; delete this line and keep the records around it")
    line = json.loads(text.decode(), object_pairs_hook=_unique_keys)
    if not isinstance(line, Mapping) or set(line) not in _KEYS:
        found = ", ".join(line) if isinstance(line, Mapping) else repr(line)
        raise ValueError(f"not the keys of a record: {found}")
    for key, form in _FORMS.items():
        if key in line and not (isinstance(line[key], str) and form.fullmatch(line[key])):
            raise ValueError(f"{key} is {line[key]!r}")
    if type(line["seq"]) is not int or not 0 < line["seq"] < 2**63:
        raise ValueError(f"seq is {line['seq']!r}")
    content: Any = line.get("content")
    if "content" in line and not isinstance(content, Mapping):
        raise ValueError(f"content is {content!r}")
    digest = line["digest"] if content is None else content_digest(content)
    return Line(line["log"], line["seq"], line["id"], line["prev"], line["hash"], digest, content, number)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, for `object_pairs_hook`; of two equal keys a reader sees one and the program the other."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice")
    return value


def united(lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """One line per place, the one with the content if there is one, sorted; and the lines that contradict another."""
    by_place: dict[tuple[str, int], Line] = {}
    forks = []
    for line in lines:
        there = by_place.setdefault(line.place, line)
        if (there.id, there.prev, there.hash, there.digest) != (line.id, line.prev, line.hash, line.digest):
            forks.append(line if line.number is not None else there)
        elif there.content is None:
            by_place[line.place] = line
    return sorted(by_place.values(), key=lambda line: line.place), forks


def fork_finding(line: Line, path: Path, other: Path) -> Finding:
    """What is said of a line of `path` where `other` has another record in its place."""
    return Finding(
        "error",
        f"log {line.log} record {line.seq} ({line.id}) is another one in {other}: one workspace is a copy of the other "
        "and both went on, or a record was altered. Nothing was written. `forecast ledger verify` on each tells which.",
        str(path),
        line.number,
        accepted="logs that agree wherever they overlap",
    )
