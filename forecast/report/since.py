"""What happened after a forecast: evidence that it used was withdrawn."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from forecast.ledger.records import Entry, made_at_instant
from forecast.ledger.store import Ledger
from forecast.scenario.record import Scenario

__all__ = ["Lost", "lost_by_files", "lost_by_ledger"]

#: Evidence of a forecast that no longer counts, in words, one line for each piece.
type Lost = Callable[[Entry], Sequence[str]]


def lost_by_files(scenario: Scenario, ledger: Ledger, entry: Entry, today: date) -> list[str]:
    """Evidence of a forecast that the scenario's files say is withdrawn, or that no longer stands there as evidence."""
    as_of = date.fromisoformat(entry.content["as_of"])
    lines = []
    for event, origin in _spoken(ledger.evidence(entry.content["evidence_identity"])):
        reports = [
            report
            for report in scenario.reports
            if report.event == event and report.origin == origin and report.known <= as_of
        ]
        gone = [report for report in reports if report.withdrawn is not None and as_of < report.withdrawn.on <= today]
        for report in gone:
            assert report.withdrawn is not None
            when, why = report.withdrawn.on, report.withdrawn.reason
            lines.append(f"report {report.id} of event {event} withdrawn on {when}: {why}")
        if not gone and not any(report.counts for report in reports):
            lines.append(f"event {event} of origin {origin} no longer stands in the files as evidence")
    return lines


def lost_by_ledger(ledger: Ledger, entry: Entry) -> list[str]:
    """Evidence of a forecast that the newest forecast of the same model version no longer uses.

    Without the files nothing says why: it was withdrawn, or coded otherwise.
    """
    content = entry.content
    later = [
        other
        for other in ledger.beside(entry, model=content["model"], retracted=False)
        if _age(other) > _age(entry) and other.content["evidence_identity"] != content["evidence_identity"]
    ]
    newest = max(later, key=_age, default=None)
    if newest is None:
        return []
    now = set(_spoken(ledger.evidence(newest.content["evidence_identity"])))
    where = f"the evidence of {newest.id} (as of {newest.content['as_of']})"
    return [
        f"event {event} of origin {origin} no longer is among {where}"
        for event, origin in _spoken(ledger.evidence(content["evidence_identity"]))
        if (event, origin) not in now
    ]


def _age(entry: Entry) -> tuple[str, Any]:
    return entry.content["as_of"], made_at_instant(entry.content["made_at"])


def _spoken(evidence: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Who says what in an evidence set: event and origin; a set of another form says nothing."""
    for event in evidence.get("events", ()):
        for origin in event.get("origins", ()) if isinstance(event, Mapping) else ():
            if isinstance(origin, Mapping):
                yield str(event.get("id")), str(origin.get("origin"))
