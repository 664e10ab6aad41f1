"""What a document tells its readers of where its numbers come from agrees with its list for programs and the ledger.

Found are the sentences that `report` and `render` write: the list of numbers cited, the line that names log, head and
list, references to forecasts, and the identity of the forecast of a report. What says the same in other words is not.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

from forecast.errors import InputError, LedgerError
from forecast.ledger.records import Entry
from forecast.ledger.store import Head
from forecast.report import cite
from forecast.report.citations.listing import Listing, grouped
from forecast.report.citations.reading import Reading
from forecast.report.named import Named

__all__ = ["stated"]

#: Differences that are told one by one.
TOLD = 3

#: Characters at the end of a page and at the beginning of the next, between which an entry of the list may break.
_ENDS = 400

_REFERENCE = re.compile(r"Forecast (fc-\w+), made with forecast ")
_SUBTITLE = re.compile(r"Forecast (fc-\w+) as of (\S+), model (.+?) \((\w+)\), (\w+)")
_FOOT = re.compile(
    r"scenario (\S+) forecast (fc-\w+) as of (\S+) made at (\S+) model (.+?) \((\w+)\) log (\S+) head (\S+)"
)
_MADE = re.compile(r"as of; made at (\S+); (\S+) \((\w+)\)")
_HEAD = re.compile(r"log and its head (\S+) (\S+)")
_LINE = re.compile(r"Log (\S+), head (\S+), list (\S+?)\.")


def stated(reading: Reading, listing: Listing, entry: Callable[[str], Entry]) -> list[str]:
    """What does not agree.

    Parameters
    ----------
    reading
        Of the document.
    listing
        Its list for programs.
    entry
        Gives the record with an id; raises InputError where there is none.
    """
    told = list(_of_list(reading, listing))
    more = [f"and {len(told) - TOLD} more places of the list for readers"] if len(told) > TOLD else []
    return [*told[:TOLD], *more, *_of_identity(reading.text, listing, entry)]


def _of_list(reading: Reading, listing: Listing) -> Iterator[str]:
    if reading.printed is None:
        yield from _of_pages(reading.text, listing)
        return
    for n, citation in enumerate(listing.citations, start=1):
        said = reading.printed.get(n)
        if said is None:
            yield f"the list for readers lacks number {n}"
        elif _bare(said) != _bare(str(citation)):
            yield f"the list for readers says '{said[:200]}' for number {n}, and the list for programs '{citation}'"
    for n in sorted(reading.printed.keys() - set(range(1, len(listing.citations) + 1))):
        yield f"the list for readers has a number {n}, and the list for programs has none"


def _of_pages(text: str, listing: Listing) -> Iterator[str]:
    """The same where entries are lines of pages, divided by form feeds."""
    pages = [_bare(page) for page in text.split("\f")]
    for citation, places in grouped(listing.citations):
        line = _bare(f"{', '.join(map(str, places))}: {citation}")
        if not any(line in page for page in pages) and not _is_broken(line, pages):
            yield f"the list for readers does not say '{citation}' for number {places[0]}"


def _is_broken(line: str, pages: list[str]) -> bool:
    """Whether a line stands on two pages, around what they have at their foot and head."""
    ends = [(one[-_ENDS:], two[:_ENDS]) for one, two in pairwise(pages)]
    return any(line[:at] in end and line[at:] in begin for end, begin in ends for at in range(1, len(line)))


def _of_identity(text: str, listing: Listing, entry: Callable[[str], Entry]) -> Iterator[str]:
    line = " ".join(text.split())
    bare = _bare(line)
    for log, head, digest in _LINE.findall(line):
        if f"Log {log}, head {head}, list {digest}." != listing.source():
            yield f"the document names log {log}, head {head}, list {digest}; the list for programs: {listing.source()}"
    subtitle, foot = _SUBTITLE.search(line), _FOOT.search(line)
    for name in dict.fromkeys(_REFERENCE.findall(line)):
        record = _recorded(name, entry)
        reference = record and cite.text(
            Named(replace(record, retracted=None), None, latest=False), Head(listing.log, listing.head)
        )
        if reference and _bare(reference) not in bare:
            yield f"the reference to {name} is not the ledger's: {reference}"
    if subtitle:
        yield from _differences(
            subtitle[1], _values(subtitle[1], entry, ("as_of", "model", "family", "kind")), subtitle.groups()[1:]
        )
    if foot:
        yield from _differences(foot[2], _values(foot[2], entry, ("scenario",)), foot.groups()[:1])
        yield from _differences(
            foot[2], _values(foot[2], entry, ("as_of", "made_at", "model", "family")), foot.groups()[2:6]
        )
        yield from _differences("the ledger", [listing.log, listing.head], foot.groups()[6:])
    made, head_of = _MADE.search(line), _HEAD.search(line)
    if subtitle and made:
        yield from _differences(subtitle[1], _values(subtitle[1], entry, ("as_of", "made_at", "kind")), made.groups())
    if head_of and listing.log:
        yield from _differences("the ledger", [listing.log, listing.head[: cite.HEAD_DIGITS]], head_of.groups())


def _recorded(name: str, entry: Callable[[str], Entry]) -> Entry | None:
    """A forecast's record; None where there is none, which is told with the numbers that cite it."""
    try:
        record = entry(name)
    except (InputError, LedgerError):
        return None
    return record if record.type == "forecast" else None


def _values(name: str, entry: Callable[[str], Entry], keys: tuple[str, ...]) -> list[str] | None:
    record = _recorded(name, entry)
    return [str(getattr(record.forecast, key)) for key in keys] if record else None


def _differences(what: str, given: list[str] | None, said: tuple[str, ...]) -> Iterator[str]:
    for one, other in zip(given or (), said, strict=False):
        if _bare(one) != _bare(other):
            yield f"the document says '{other[:200]}' of {what}, and it is '{one}'"


def _bare(text: str) -> str:
    """Letters and digits alone: programs exchange quotes, hyphens and spaces, and break words."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())
