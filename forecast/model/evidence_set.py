"""From reports to the set of events and conditions that the model sees; its JSON form and identity.

The set is recorded in the ledger once per identity, so that any recorded forecast can be computed again after the files
have changed. It holds no wording, no coder, no order of entry and no report that does not count.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from forecast.canonical import canonical_json, sha256
from forecast.model.as_of import KnownReport, KnownWatch, Snapshot
from forecast.scenario.schema import Family, Range, Step

if TYPE_CHECKING:  # it loads numpy, which who compares evidence sets can do without
    from forecast.model.version import Settings

__all__ = [
    "Event",
    "EvidenceSet",
    "Origin",
    "events_of",
    "evidence_identity",
    "evidence_set",
    "from_content",
    "to_content",
]


@dataclass(frozen=True, slots=True)
class Origin:
    """What one ultimate origin says of one event: its latest known stance. `grade` or `p_true` is set, never both."""

    origin: str
    denies: bool
    grade: str | None
    p_true: Range | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event, or one report of a condition, with the days between which it lies (both included).

    `known` is the first day on which any counted report of it was known; origins are sorted by name.
    """

    id: str
    indicator: str
    first: date
    last: date
    known: date
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class EvidenceSet:
    """Everything of the evidence that shapes the numbers: events sorted by id, watches by indicator and day."""

    start: date
    step: Step
    events: tuple[Event, ...]
    watches: tuple[KnownWatch, ...]
    instruments: tuple[KnownWatch, ...]


def evidence_set(known: Snapshot, start: date, model: "Settings") -> EvidenceSet:
    """Gather counted reports into events: an origin speaks once per event.

    Parameters
    ----------
    known
        The evidence as of a day.
    start
        First day of the scenario.
    model
        The settings; the base-rate family uses no evidence, so its set has no event and no watch.

    Returns
    -------
    EvidenceSet
        Per event and origin the stance and grade known latest (ties: the larger report id), and the narrowest date
        among its counted reports (ties: known first, then the earlier day).
    """
    if model.family is Family.BASE_RATE:
        return EvidenceSet(start, model.step, (), (), _instruments(known))
    return EvidenceSet(start, model.step, events_of(known, start), known.watches, known.instruments)


def events_of(known: Snapshot, start: date) -> tuple[Event, ...]:
    """The events that counted reports tell of, sorted by id; see `evidence_set`."""
    groups: dict[str, list[KnownReport]] = defaultdict(list)
    for report in known.reports:
        if report.counted:
            groups[report.report.event].append(report)
    return tuple(_event(name, start, reports) for name, reports in sorted(groups.items()))


def _instruments(known: Snapshot) -> tuple[KnownWatch, ...]:
    """Without evidence every watch is only the way in which a question will be settled."""
    rows = [KnownWatch(w.indicator, w.first, None, w.closed, w.detection, w.lag_days) for w in known.watches]
    return tuple(sorted((*rows, *known.instruments), key=lambda watch: (watch.indicator, watch.first)))


def _event(name: str, start: date, reports: Iterable[KnownReport]) -> Event:
    rows = list(reports)
    latest: dict[str, KnownReport] = {}
    for row in sorted(rows, key=lambda row: (row.report.known, row.report.id)):
        latest[row.report.origin] = row
    dated = [(row.when, row.report.known) for row in rows if row.when is not None]
    when, _ = min(dated, key=lambda pair: (pair[0].n_days, pair[1], pair[0].first))
    indicator = rows[0].report.indicator
    assert indicator is not None  # the schema: a report that counts has one
    return Event(
        id=name,
        indicator=indicator,
        first=max(when.first, start),
        last=when.last,
        known=min(row.report.known for row in rows),
        origins=tuple(
            Origin(origin, row.report.denies, None if row.p_true else row.grade, row.p_true)
            for origin, row in sorted(latest.items())
        ),
    )


def to_content(evidence: EvidenceSet) -> dict[str, Any]:
    """The set as JSON values, for the ledger and for its identity."""
    return {
        "start": evidence.start.isoformat(),
        "step": evidence.step.value,
        "events": [
            {
                "id": event.id,
                "indicator": event.indicator,
                "first": event.first.isoformat(),
                "last": event.last.isoformat(),
                "known": event.known.isoformat(),
                "origins": [
                    {"origin": origin.origin, "denies": origin.denies}
                    | ({"p_true": list(origin.p_true)} if origin.p_true else {"grade": origin.grade})
                    for origin in event.origins
                ],
            }
            for event in evidence.events
        ],
        "watches": [_watch_content(watch) for watch in evidence.watches],
        "instruments": [_watch_content(watch) for watch in evidence.instruments],
    }


def _watch_content(watch: KnownWatch) -> dict[str, Any]:
    return {
        "indicator": watch.indicator,
        "first": watch.first.isoformat(),
        "until": watch.until.isoformat() if watch.until else None,
        "closed": watch.closed.isoformat() if watch.closed else None,
        "detection": list(watch.detection),
        "lag_days": list(watch.lag_days),
    }


def from_content(content: Mapping[str, Any]) -> EvidenceSet:
    """Read back what `to_content` wrote.

    Raises
    ------
    KeyError, ValueError
        If the content is not an evidence set.
    """
    return EvidenceSet(
        start=date.fromisoformat(content["start"]),
        step=Step(content["step"]),
        events=tuple(
            Event(
                id=row["id"],
                indicator=row["indicator"],
                first=date.fromisoformat(row["first"]),
                last=date.fromisoformat(row["last"]),
                known=date.fromisoformat(row["known"]),
                origins=tuple(
                    Origin(
                        entry["origin"],
                        entry["denies"],
                        entry.get("grade"),
                        (entry["p_true"][0], entry["p_true"][1]) if "p_true" in entry else None,
                    )
                    for entry in row["origins"]
                ),
            )
            for row in content["events"]
        ),
        watches=tuple(_watch_from(row) for row in content["watches"]),
        instruments=tuple(_watch_from(row) for row in content["instruments"]),
    )


def _watch_from(row: Mapping[str, Any]) -> KnownWatch:
    return KnownWatch(
        row["indicator"],
        date.fromisoformat(row["first"]),
        date.fromisoformat(row["until"]) if row["until"] else None,
        date.fromisoformat(row["closed"]) if row["closed"] else None,
        (row["detection"][0], row["detection"][1]),
        (row["lag_days"][0], row["lag_days"][1]),
    )


def evidence_identity(evidence: EvidenceSet) -> str:
    """SHA-256 of the canonical JSON of the set."""
    return sha256(canonical_json(to_content(evidence)))
