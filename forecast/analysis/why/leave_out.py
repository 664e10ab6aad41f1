"""The probability without one event, one origin or one source: which single piece of evidence carries the forecast."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from forecast.analysis.why.recorded import Recorded
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import Event, EvidenceSet, evidence_identity, evidence_set
from forecast.scenario.record import Scenario

__all__ = ["By", "LeftOut", "by_source", "left_out", "without_each_origin"]

type By = Literal["event", "origin", "source"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The recorded probability as it would be without `id`, and the Monte Carlo error of the difference."""

    by: By
    id: str
    p: float
    change_mcse: float


def left_out(
    evidence: EvidenceSet, sources: Mapping[str, EvidenceSet] | None, *, events: bool = True
) -> list[tuple[By, str, EvidenceSet]]:
    """The evidence without every event, every origin in all its events, and every source, one at a time.

    Parameters
    ----------
    evidence
        All of it.
    sources
        The evidence without each source, see `by_source`; evidence sets alone do not name sources.
    events
        Whether single events are left out too.
    """
    return [
        *(("event", event.id, without_event(evidence, event.id)) for event in evidence.events if events),
        *(("origin", name, left) for name, left in without_each_origin(evidence)),
        *(("source", name, left) for name, left in sorted((sources or {}).items())),
    ]


def without_event(evidence: EvidenceSet, event: str) -> EvidenceSet:
    """The set without an event; watches stay, so that its days are silent."""
    return replace(evidence, events=tuple(row for row in evidence.events if row.id != event))


def without_origin(evidence: EvidenceSet, origin: str) -> EvidenceSet:
    """The set without what an origin says; events that no other origin reports go, the dates of others stay."""
    return replace(evidence, events=tuple(_remaining(evidence, origin)))


def _remaining(evidence: EvidenceSet, origin: str) -> Iterator[Event]:
    for event in evidence.events:
        voices = tuple(voice for voice in event.origins if voice.origin != origin)
        if voices:
            yield event if voices == event.origins else replace(event, origins=voices)


def without_each_origin(evidence: EvidenceSet) -> Iterator[tuple[str, EvidenceSet]]:
    """Every origin by name, and the set without what it says."""
    for name in sorted({voice.origin for event in evidence.events for voice in event.origins}):
        yield name, without_origin(evidence, name)


def by_source(scenario: Scenario | None, forecast: Recorded) -> dict[str, EvidenceSet] | None:
    """The evidence without the reports of each source; None where the files no longer give the recorded evidence."""
    if scenario is None or forecast.forecast.model not in scenario.models:
        return None
    then = snapshot(scenario, forecast.forecast.model, forecast.as_of)
    model, start = forecast.model, scenario.start
    if evidence_identity(evidence_set(then, start, model)) != forecast.forecast.evidence_identity:
        return None
    sources = sorted({row.report.source for row in then.reports if row.counted}) if forecast.evidence.events else []
    return {
        source: evidence_set(
            replace(then, reports=tuple(row for row in then.reports if row.report.source != source)), start, model
        )
        for source in sources
    }
