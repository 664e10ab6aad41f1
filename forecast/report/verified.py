"""Whether the numbers of a document are those of the ledger: what is seen is compared with what the ledger gives.

Every cited number gets a status, the worst of what was found, and all that was found is told.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from forecast.errors import InputError, LedgerError
from forecast.ledger.latest import latest_of
from forecast.ledger.records import Entry
from forecast.ledger.store import Ledger
from forecast.ledger.verify import Problem
from forecast.report.check_statements import stated
from forecast.report.citation import Citation, NotThereError, parse_citation, shown
from forecast.report.citations.adjacent_text import OBJECT, touches
from forecast.report.citations.listing import Listing, read_listing
from forecast.report.citations.reading import Mark, Reading
from forecast.report.since import Lost

__all__ = ["STATUSES", "Checked", "Fault", "Verified", "same_text", "touches", "verified"]

#: What can be said of a cited number, the worst first.
STATUSES = ("tampered", "edited", "removed", "unknown", "retracted", "withdrawn", "stale", "ok")

#: Problems of a ledger that are told one by one.
TOLD = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a cited number or with the whole document; a `note` is not wrong."""

    status: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A cited number: the text that is seen (None if its mark is gone) and the one the ledger gives (None if none)."""

    n: int
    token: str
    shown: str | None
    ledger: str | None
    faults: tuple[Fault, ...]

    @property
    def status(self) -> str:
        """The worst of what was found."""
        return min((fault.status for fault in self.faults), key=STATUSES.index, default="ok")


@dataclass(frozen=True, slots=True)
class Verified:
    """Everything that was found: about the document as a whole, and about each of its cited numbers in their order."""

    listing: Listing | None
    faults: tuple[Fault, ...]
    citations: tuple[Checked, ...]

    @property
    def ok(self) -> bool:
        """Whether there are numbers and all of them stand."""
        wrong = any(fault.status != "note" for fault in self.faults)
        return bool(self.citations) and not wrong and all(row.status == "ok" for row in self.citations)

    def document(self) -> dict[str, Any]:
        """What `verify --json` prints."""
        return {
            "ok": self.ok,
            "log": self.listing.log if self.listing else None,
            "head": self.listing.head if self.listing else None,
            "problems": [{"status": fault.status, "message": fault.message} for fault in self.faults],
            "citations": [
                {
                    "n": row.n,
                    "token": row.token,
                    "status": row.status,
                    "shown": row.shown,
                    "ledger": row.ledger,
                    "findings": [{"status": fault.status, "message": fault.message} for fault in row.faults],
                }
                for row in self.citations
            ],
        }


def verified(
    reading: Reading, ledger: Ledger, problems: Sequence[Problem], lost: Lost, *, whole: bool = False
) -> Verified:
    """Compare a document with a ledger.

    Parameters
    ----------
    reading
        Marks and list of the document.
    ledger
        Open for reading.
    problems
        What is wrong with it, by `ledger.reading.open_examined`.
    lost
        Evidence of a forecast that no longer counts.
    whole
        Whether the ledger is the whole one of a workspace: then the head that the document names must be in it. An
        export may be of one scenario, or older than the document.

    Returns
    -------
    Verified
        One entry per mark in the order of the document, then those of the list whose marks are gone.
    """
    listing, faults = _listing(reading)
    faults += _of_ledger(ledger, problems, listing, whole=whole)
    if not reading.marks and not (listing and listing.citations):
        faults.append(Fault("removed", "no cited number is in it: there is nothing to verify"))
    in_order = _in_order([mark.n for mark in reading.marks])
    source = _Source(ledger, problems, lost)
    faults += [Fault("note", note) for note in reading.notes]
    faults += [Fault("edited", doubt) for doubt in reading.doubts]
    if listing and listing.citations:
        faults += [Fault("tampered", difference) for difference in stated(reading, listing, source.entry)]
    seen: set[int] = set()
    rows = []
    for at, mark in enumerate(reading.marks):
        rows.append(_checked(mark, listing, source, in_order=at in in_order, repeated=mark.n in seen))
        seen.add(mark.n)
    for n, citation in enumerate(listing.citations if listing else (), start=1):
        if n not in seen:
            text, found = source.value(citation)
            gone = Fault("removed", "is in the list, and its mark is gone from the text")
            rows.append(Checked(n, str(citation), None, text, (gone, *found)))
    return Verified(listing, tuple(faults), tuple(rows))


def _listing(reading: Reading) -> tuple[Listing | None, list[Fault]]:
    if reading.listing is None:
        return None, [Fault("tampered", "the list of citations is gone")] if reading.marks else []
    try:
        listing, intact = read_listing(reading.listing)
    except ValueError as error:
        return None, [Fault("tampered", f"the list of citations cannot be read ({error})")]
    return listing, [] if intact else [Fault("tampered", "the list of citations was changed: its digest is wrong")]


def _of_ledger(ledger: Ledger, problems: Sequence[Problem], listing: Listing | None, *, whole: bool) -> list[Fault]:
    faults = [Fault("tampered", f"the ledger does not verify: {problem}") for problem in problems[:TOLD]]
    if len(problems) > TOLD:
        faults.append(Fault("tampered", f"and {len(problems) - TOLD} more problems of the ledger"))
    if listing is None or not listing.log or ledger.holds(listing.head):
        return faults
    head = f"head {listing.head[:16]} of log {listing.log}, which the document names, is not in {ledger.path}"
    if whole and listing.log == ledger.own_log:
        return [*faults, Fault("tampered", f"{head}: the ledger was cut or rewritten since")]
    return [*faults, Fault("note", f"{head}: it is of other scenarios, or older than the document")]


def _checked(mark: Mark, listing: Listing | None, source: "_Source", *, in_order: bool, repeated: bool) -> Checked:
    listed = listing.citations[mark.n - 1] if listing and mark.n <= len(listing.citations) else None
    token = mark.citation or (str(listed) if listed else "")
    faults = []
    if listing and listed is None:
        faults.append(Fault("tampered", "its mark is not in the list of citations"))
    if listed and mark.citation not in (None, str(listed)):
        faults.append(Fault("tampered", f"its mark is not the list's, which says '{listed}' here"))
    if repeated:
        faults.append(Fault("tampered", "its mark stands twice"))
    elif not in_order:
        faults.append(Fault("tampered", "stands at another place than in the list"))
    try:
        citation = parse_citation(token)
    except ValueError:
        why = f"'{token}' is no citation" if token else "nothing says where it comes from"
        return Checked(mark.n, token, mark.text, None, (*faults, Fault("unknown", why)))
    text, found = source.value(citation)
    if text is not None and not same_text(mark.text, text):
        faults.append(Fault("edited", f"reads '{_told(mark.text)}', and the ledger gives '{text}'"))
    if touches(mark.before, mark.after):
        faults.append(Fault("edited", f"reads '{_told(mark.before + mark.text + mark.after)}' with what touches it"))
    faults += [
        Fault("edited", f"{doubt}: a reader may see something else than '{_told(mark.text)}'") for doubt in mark.doubts
    ]
    return Checked(mark.n, token, mark.text, text, (*faults, *found))


def _told(text: str) -> str:
    """A text in which what is none has a name."""
    return text.replace(OBJECT, "[no text]")


def _in_order(numbers: Sequence[int]) -> set[int]:
    """Positions of a longest run of rising numbers: what is not among them was moved."""
    ends: list[int] = []  # of the runs of each length the smallest last number, and its position
    tails: list[int] = []
    before: list[int | None] = []
    for at, number in enumerate(numbers):
        place = bisect_left(ends, number)
        before.append(tails[place - 1] if place else None)
        ends[place : place + 1], tails[place : place + 1] = [number], [at]
    found: set[int] = set()
    at_last = tails[-1] if tails else None
    while at_last is not None:
        found.add(at_last)
        at_last = before[at_last]
    return found


#: Signs that programs write in place of others, and what cannot be seen.
_SAME = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
    }
)


def _plain(text: str) -> str:
    return " ".join(text.translate(_SAME).split())


def same_text(seen: str, given: str) -> bool:
    """Whether a reader sees what the ledger gives: kinds of spaces, hyphens and ligatures make no difference."""
    return _plain(seen) == _plain(given)


class _Source:
    """What the ledger gives for citations; each record and scenario is looked at once."""

    def __init__(self, ledger: Ledger, problems: Sequence[Problem], lost: Lost) -> None:
        self.ledger, self.lost = ledger, lost
        self.broken = {problem.id for problem in problems} | {problem.log for problem in problems} - {None}
        self._values: dict[Citation, tuple[str | None, tuple[Fault, ...]]] = {}
        self._entries: dict[str, Entry] = {}
        self._forecasts: dict[tuple[str | None, str], list[Entry]] = {}
        self._lost: dict[str, Sequence[str]] = {}

    def value(self, citation: Citation) -> tuple[str | None, tuple[Fault, ...]]:
        """The text of a citation, None if there is none, and what is wrong with where it comes from."""
        if citation not in self._values:
            self._values[citation] = self._value(citation)
        return self._values[citation]

    def _value(self, citation: Citation) -> tuple[str | None, tuple[Fault, ...]]:
        try:
            record = self.entry(citation.record)
            text = shown(citation, self.entry)
            forecast = self.entry(str(record.content["of"])) if record.type == "workings" else record
            faults = [*self._of_record(record), *self._of_forecast(forecast, citation)]
        except NotThereError as error:
            return None, (Fault("unknown", str(error)),)
        except InputError as error:
            return None, (Fault("unknown", error.findings()[0].message.removesuffix(".")),)
        except LedgerError as error:
            return None, (Fault("tampered", str(error)),)
        return text, tuple(faults)

    def entry(self, name: str) -> Entry:
        """The record with an id."""
        if name not in self._entries:
            entry = self.ledger.entry(name)
            if entry.id != name:  # the beginning of an id names a record, and cites none
                raise InputError(f"'{name}' is in no log of {self.ledger.path}.")
            self._entries[name] = entry
        return self._entries[name]

    def _of_record(self, record: Entry) -> Iterable[Fault]:
        if record.id in self.broken or record.log in self.broken:
            yield Fault("tampered", f"the log of {record.id} does not verify")

    def _other_log(self, citation: Citation, entry: Entry) -> str:
        """Why workings of an imported log are not those of an own forecast; empty if they are."""
        record = self.entry(citation.record)
        if record.foreign is None or record.foreign == entry.foreign:
            return ""
        return f"{record.id} is of the imported log {record.foreign}, which did not make {entry.id}"

    def _of_forecast(self, entry: Entry, citation: Citation) -> Iterable[Fault]:
        forecast = entry.forecast
        if record_log := self._other_log(citation, entry):
            yield Fault("unknown", record_log)
        if entry.retracted is not None:
            when = entry.retracted.made_at[:10]
            yield Fault("retracted", f"{entry.id} was retracted on {when}: {entry.retracted.reason}")
        if entry.id not in self._lost:
            self._lost[entry.id] = self.lost(entry)
        yield from (Fault("withdrawn", line) for line in self._lost[entry.id])
        if not citation.latest:
            return
        place = (entry.foreign, forecast.scenario)
        if place not in self._forecasts:
            self._forecasts[place] = list(self.ledger.beside(entry))
        question = None if citation.at.startswith("/") else citation.at.partition(":")[0]
        latest = latest_of(self._forecasts[place], question, model=forecast.model)
        if latest is not None and latest.id != entry.id:
            yield Fault("stale", f"{latest.id} as of {latest.content['as_of']} is the latest now")
