"""The list of everything a document cites, in the order of reading, with a digest: what was taken out or moved shows.

It names the log and the head of the ledger at that time too, so that whoever has the ledger can tell whether it was
cut or rewritten since.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from forecast.canonical import canonical_json, sha256
from forecast.report.citation import Citation, parse_citation

__all__ = ["ANCHOR", "TITLE", "Listing", "anchor", "grouped", "number_of", "read_listing"]

#: Heading of the list that readers see.
TITLE = "Numbers cited"

#: How the list names itself: in pages, attached files and parts of documents.
ANCHOR = "forecast-citations"

#: Of this form of the list; a reader of another one says so.
FORM = 1

#: Digits of a head that are printed; all of them stand in the list that programs read.
_HEAD_DIGITS = 16

_NUMBER = re.compile(r"cited-([1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class Listing:
    """All citations of a document in the order of reading, repeated ones too, and the ledger they were taken from.

    Parameters
    ----------
    citations
        The mark number n is that of `citations[n - 1]`.
    log, head
        Log of the ledger and hash of its last record when the document was written; empty if it has no own log.
    """

    citations: tuple[Citation, ...]
    log: str = ""
    head: str = ""

    def content(self) -> dict[str, Any]:
        """The list as JSON values, without its digest."""
        return {
            "form": FORM,
            "log": self.log,
            "head": self.head,
            "citations": [str(citation) for citation in self.citations],
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the list."""
        return sha256(canonical_json(self.content()))

    def text(self) -> str:
        """One line of JSON with the digest; no character in it has a meaning in HTML or ends a comment."""
        line = canonical_json(self.content() | {"digest": self.digest})
        return re.sub(r"[^ -~]|[<>&`]", _escaped, line).replace("--", "-\\u002d")

    def source(self) -> str:
        """What readers are told of the ledger, in words."""
        if not self.log:
            return f"List {self.digest[:_HEAD_DIGITS]}."
        return f"Log {self.log}, head {self.head[:_HEAD_DIGITS]}, list {self.digest[:_HEAD_DIGITS]}."


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1] if ord(match[0]) > 126 else f"\\u{ord(match[0]):04x}"


def read_listing(text: str) -> tuple[Listing, bool]:
    """Read what `Listing.text` wrote, and whether its digest is right.

    Raises
    ------
    ValueError
        If the text is no such list.
    """
    try:
        content = json.loads(text)
    except RecursionError as error:
        raise ValueError("the list of citations is no list") from error
    if not isinstance(content, dict) or content.get("form") != FORM:
        raise ValueError("the list of citations has another form")
    lines, log, head = (content.get(key) for key in ("citations", "log", "head"))
    if not (isinstance(lines, list) and isinstance(log, str) and isinstance(head, str)):
        raise ValueError("the list of citations lacks a part")
    listing = Listing(tuple(parse_citation(str(line)) for line in lines), log, head)
    return listing, content.get("digest") == listing.digest and content.keys() == {*listing.content(), "digest"}


def anchor(n: int) -> str:
    """Name of the place of the n-th citation in the list."""
    return f"cited-{n}"


def number_of(name: str) -> int | None:
    """The n of an anchor, None for names of anything else; of an address only what follows `#` counts."""
    match = _NUMBER.fullmatch(name.rpartition("#")[2])
    return int(match[1]) if match else None


def grouped(citations: Iterable[Citation]) -> Sequence[tuple[Citation, list[int]]]:
    """Each citation once, with the places n at which it stands."""
    places: dict[Citation, list[int]] = {}
    for n, citation in enumerate(citations, start=1):
        places.setdefault(citation, []).append(n)
    return list(places.items())
