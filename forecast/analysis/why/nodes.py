"""The path from one forecast to another: what is changed, one thing after the other, in a fixed order.

Earlier forecast; model; question; what counts no longer; what counts otherwise; watches; the as-of date; every new
event by the day on which it was known; silence. The last node is the later forecast exactly.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from forecast.analysis.why.recorded import Recorded
from forecast.model.arrays import Arrays, arrays
from forecast.model.as_of import KnownWatch
from forecast.model.evidence_set import Event, EvidenceSet
from forecast.model.version import Settings, model_identity
from forecast.plan import Question
from forecast.scenario.schema import Family, Occurs, Stays

__all__ = ["Kind", "Node", "path_between", "path_from_nothing"]

type Kind = Literal["start", "model", "question", "withdrawn", "changed", "watches", "as_of", "event", "silence"]
type Name = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Node:
    """A point on the path, with what has changed on the way from the one before.

    `silence` gives, by indicator and first day of a watch, the last day whose silence counts.
    """

    kind: Kind
    label: str
    model: Settings
    question: Question
    evidence: EvidenceSet
    silence: Mapping[Name, date]
    as_of: date

    def data(self) -> Arrays:
        """The evidence on its grid."""
        return arrays(self.evidence, self.model, self.as_of, self.silence)


def path_from_nothing(later: Recorded, question: str) -> list[Node]:
    """From no evidence, its watches declared and not listened to, to a forecast."""
    nothing = replace(later.evidence, events=())
    start = Node("start", "no evidence", later.model, later.question(question), nothing, {}, later.as_of)
    return [start, *_arrivals(start, later)]


def path_between(earlier: Recorded, later: Recorded, question: str) -> list[Node]:
    """From one forecast to another; what does not change makes no node.

    Raises
    ------
    InputError
        If one of them does not ask the question.
    """
    evidence = earlier.evidence
    asked, asks = earlier.question(question), later.question(question)
    node = Node("start", earlier.id, earlier.model, asked, evidence, _heard(evidence), earlier.as_of)
    path = [node]
    for change in (_model, _question, _withdrawn, _changed, _watches, _as_of):
        path.extend(change(path[-1], later, asks))
    return [*path, *_arrivals(path[-1], later)]


def _heard(evidence: EvidenceSet) -> dict[Name, date]:
    return {_name(watch): watch.until for watch in evidence.watches if watch.until is not None}


def _name(watch: KnownWatch) -> Name:
    return watch.indicator, watch.first


def _model(node: Node, later: Recorded, asks: Question) -> Iterator[Node]:
    """Another model reads what is known; what it has no place for goes with the old one."""
    old, new = node.model, later.model
    starts = node.evidence.start, later.evidence.start
    if model_identity(old) == model_identity(new) and starts[0] == starts[1]:
        return
    label = f"model {old.version} edited" if old.version == new.version else f"model {old.version} -> {new.version}"
    if starts[0] != starts[1]:
        label += f", from {starts[1]} instead of {starts[0]}"
    read = dict.fromkeys(new.events, "event") | dict.fromkeys(new.conditions, "condition")
    was = dict.fromkeys(old.events, "event") | dict.fromkeys(old.conditions, "condition")
    events = tuple(row for row in node.evidence.events if read.get(row.indicator) == was[row.indicator])
    watches = tuple(row for row in node.evidence.watches if row.indicator in read)
    instruments = tuple(row for row in node.evidence.instruments if row.indicator in read)
    question = node.question
    if old.regimes != new.regimes or (isinstance(question, Occurs) and question.indicator not in new.events):
        question = asks  # what was asked has no meaning in the new model
    silence = node.silence
    if new.family is Family.BASE_RATE and old.family is not Family.BASE_RATE:
        # it uses no evidence: its watches only say how a question is settled
        instruments = _sorted(*instruments, *(replace(watch, until=None) for watch in watches))
        events, watches, silence = (), (), {}
    if len(events) < len(node.evidence.events):
        label += f" (reads {len(events)} of {len(node.evidence.events)} events)"
    evidence = EvidenceSet(starts[1], new.step, events, watches, instruments)
    yield replace(node, kind="model", label=label, model=new, question=question, evidence=evidence, silence=silence)


def _question(node: Node, _: Recorded, asks: Question) -> Iterator[Node]:
    was, now = (question.model_dump(exclude={"ask"}) for question in (node.question, asks))
    if was != now:
        label = "the question is defined otherwise"
        if isinstance(asks, Stays) and was | {"from_": asks.from_} == now:
            label = f"the stay begins on {asks.from_}, not on {was['from_']}"
        yield replace(node, kind="question", label=label, question=asks)


def _withdrawn(node: Node, later: Recorded, _: Question) -> Iterator[Node]:
    remain = {event.id for event in later.evidence.events}
    gone = [event for event in _by_known(node.evidence.events) if event.id not in remain]
    for event in gone:
        left = tuple(row for row in node.evidence.events if row.id != event.id)
        node = replace(node, kind="withdrawn", label=event.id, evidence=replace(node.evidence, events=left))
        yield node


def _changed(node: Node, later: Recorded, _: Question) -> Iterator[Node]:
    now = {event.id: event for event in later.evidence.events}
    for event in _by_known(node.evidence.events):
        if event != now[event.id]:
            rows = tuple(now[row.id] if row.id == event.id else row for row in node.evidence.events)
            label = f"{event.id}: {', '.join(_differences(event, now[event.id]))}"
            node = replace(node, kind="changed", label=label, evidence=replace(node.evidence, events=rows))
            yield node


def _differences(old: Event, new: Event) -> Iterator[str]:
    """What changed of an event, in a few words."""
    if old.indicator != new.indicator:
        yield f"now {new.indicator}"
    before, after = ({origin.origin: origin for origin in event.origins} for event in (old, new))
    if added := after.keys() - before.keys():
        yield f"also told by {', '.join(sorted(added))}"
    if gone := before.keys() - after.keys():
        yield f"no longer told by {', '.join(sorted(gone))}"
    for name in sorted(before.keys() & after.keys()):
        was, now = before[name], after[name]
        if was.denies != now.denies:
            yield f"{name} {'denies' if now.denies else 'confirms'} it now"
        if (was.grade, was.p_true) != (now.grade, now.p_true):
            yield f"{_grade(was.grade, was.p_true)} -> {_grade(now.grade, now.p_true)}"
    if (old.first, old.last) != (new.first, new.last):
        yield f"dated {new.first}" if new.first == new.last else f"dated {new.first}/{new.last}"
    if old.known != new.known:
        yield f"known on {new.known}"


def _grade(grade: str | None, p_true: tuple[float, float] | None) -> str:
    return grade or "p_true [{:g}, {:g}]".format(*(p_true or ()))


def _watches(node: Node, later: Recorded, _: Question) -> Iterator[Node]:
    """Watches declared otherwise: what they cover, and their silence as far as it has been heard."""
    before, after = _declared(node.evidence), _declared(later.evidence)
    gone = before.keys() - after.keys()
    new = {name for name in after.keys() - before.keys() if name[1] <= node.as_of}
    later_is_later = later.as_of >= node.as_of
    other = {
        name
        for name in before.keys() & after.keys()
        if (_differ(before[name], after[name]) if later_is_later else _differ(after[name], before[name]))
    }
    if not gone | new | other:
        return
    kept = {name for name in before if name not in gone | other}
    taken = new | other
    evidence = replace(
        node.evidence,
        watches=_sorted(
            *(row for row in node.evidence.watches if _name(row) in kept),
            *(row for row in later.evidence.watches if _name(row) in taken),
        ),
        instruments=_sorted(
            *(row for row in node.evidence.instruments if _name(row) in kept),
            *(row for row in later.evidence.instruments if _name(row) in taken),
        ),
    )
    silence = {name: day for name, day in node.silence.items() if name not in gone}
    silence |= {name: min(day, node.as_of) for name, day in _heard(later.evidence).items() if name in new}
    words = [(gone, "no longer watched: "), (new, "now watched: "), (other, "watched otherwise: ")]
    label = "; ".join(
        text + ", ".join(f"{name} from {day}" for name, day in sorted(names)) for names, text in words if names
    )
    yield replace(node, kind="watches", label=label, evidence=evidence, silence=silence)


def _declared(evidence: EvidenceSet) -> dict[Name, KnownWatch]:
    return {_name(watch): watch for watch in (*evidence.watches, *evidence.instruments)}


def _differ(first: KnownWatch, second: KnownWatch) -> bool:
    """Whether a watch was declared otherwise by the later day; that it has ended meanwhile is no change."""
    if (first.detection, first.lag_days) != (second.detection, second.lag_days):
        return True
    return first.closed is not None and first.closed != second.closed


def _as_of(node: Node, later: Recorded, _: Question) -> Iterator[Node]:
    """Time passes: watches go on and are not listened to, nothing new is known."""
    evidence = replace(node.evidence, watches=later.evidence.watches, instruments=later.evidence.instruments)
    if node.as_of != later.as_of or evidence != node.evidence:
        label = f"{node.as_of} -> {later.as_of}" if node.as_of != later.as_of else "searched on"
        yield replace(node, kind="as_of", label=label, evidence=evidence, as_of=later.as_of)


def _arrivals(node: Node, later: Recorded) -> Iterator[Node]:
    """Every event that is not there yet, then the silence of the watches."""
    there = {event.id for event in node.evidence.events}
    for event in _by_known(later.evidence.events):
        if event.id not in there:
            events = tuple(sorted((*node.evidence.events, event), key=lambda row: row.id))
            node = replace(node, kind="event", label=event.id, evidence=replace(node.evidence, events=events))
            yield node
    heard = _heard(later.evidence)
    if node.silence != heard:
        yield replace(node, kind="silence", label="silence of the watches", silence=heard)


def _by_known(events: tuple[Event, ...]) -> list[Event]:
    return sorted(events, key=lambda event: (event.known, event.id))


def _sorted(*watches: KnownWatch) -> tuple[KnownWatch, ...]:
    return tuple(sorted(watches, key=lambda watch: (watch.indicator, watch.first)))
