"""Labels that are missing, and labels that name two things: what `check` says of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from forecast.errors import Finding
from forecast.scenario.fields import MOST_LABEL_CHARS
from forecast.scenario.labels import Labelled, label_of, written_label
from forecast.scenario.nodes import Step
from forecast.scenario.parts import some
from forecast.scenario.record import Kind, Level, Scenario, finding_at

__all__ = ["label_findings"]

#: Where an entry stands: what `finding_at` needs.
type _Spot = tuple[Kind, str, tuple[Step, ...]]

_ACCEPTED = f"label: a short name in plain words, at most {MOST_LABEL_CHARS} characters"


def label_findings(scenario: Scenario) -> Iterator[Finding]:
    """One note per kind of entry that lacks labels, and a warning for every label that two entries share."""
    for kind, spots in _labelled(scenario).items():
        missing = [name for name in spots if _is_missing(scenario, kind, name)]
        if missing:
            verb = "has" if len(missing) == 1 else "have"
            message = f"{len(missing)} of {len(spots)} {kind}s {verb} no `label`: {some(missing)}"
            if kind in ("event", "condition"):
                message += f"; without one the claim is shown, which is longer than {MOST_LABEL_CHARS} characters"
            yield _at(scenario, "note", message, spots[missing[0]], accepted=_ACCEPTED)
        yield from _shared(scenario, kind, spots)
    yield from _contradictions(scenario)
    yield from _unused_origins(scenario)


def _labelled(scenario: Scenario) -> Mapping[Labelled, Mapping[str, _Spot]]:
    """By kind, everything a reader may meet and where it stands."""
    spots: dict[Labelled, dict[str, _Spot]] = defaultdict(dict)
    for question in scenario.questions:
        spots["question"][question] = ("questions", question, ("label",))
    for version, codebook in scenario.codebooks.items():
        for regime in codebook.regimes:
            spots["regime"].setdefault(regime, ("codebooks", version, ("regimes", regime, "label")))
        for indicator in codebook.indicators:
            spots["indicator"].setdefault(indicator, ("codebooks", version, ("indicators", indicator, "label")))
        spots["version"][version] = ("models", version, ("label",))
    indicators = scenario.codebook.indicators
    for report in scenario.reports:
        spots["origin"].setdefault(report.origin, ("reports", report.id, ("origin",)))
        if report.counts and report.indicator:
            kind: Labelled = "condition" if indicators[report.indicator].kind == "condition" else "event"
            spots[kind].setdefault(report.event, ("reports", report.id, ("label",)))
    for source in scenario.sources:
        spots["source"][source] = ("sources", source, ("label",))
    return spots


def _is_missing(scenario: Scenario, kind: Labelled, name: str) -> bool:
    """Whether readers would see a name made from the id, or a claim that is too long for a name."""
    if written_label(scenario, kind, name):
        return False
    if kind in ("event", "condition"):
        return len(label_of(scenario, kind, name)) > MOST_LABEL_CHARS
    return kind not in ("source", "origin") or name not in scenario.sources


def _shared(scenario: Scenario, kind: Labelled, spots: Mapping[str, _Spot]) -> Iterator[Finding]:
    names: dict[str, list[str]] = defaultdict(list)
    for name in spots:
        label = written_label(scenario, kind, name)
        if label:
            names[label.casefold()].append(name)
    for same in names.values():
        if len(same) > 1:
            message = f"the {kind}s {_quoted(same)} have the same label: readers cannot tell them apart"
            yield _at(scenario, "warning", message, spots[same[1]], accepted="a label for each")


def _contradictions(scenario: Scenario) -> Iterator[Finding]:
    """Reports of one event that label it differently; the first label is shown."""
    labels: dict[str, str] = {}
    for report in scenario.reports:
        if report.label is None:
            continue
        first = labels.setdefault(report.event, report.label)
        if first != report.label:
            message = f"report {report.id}: another label of event '{report.event}' than the one shown, '{first}'"
            spot: _Spot = ("reports", report.id, ("label",))
            yield _at(scenario, "warning", message, spot, accepted="one label for an event")


def _unused_origins(scenario: Scenario) -> Iterator[Finding]:
    used = {report.origin for report in scenario.reports}
    unused = [name for name in scenario.file.origins if name not in used]
    if unused:
        spot: _Spot = ("scenario", "", ("origins", unused[0]))
        message = f"`origins` labels what no report has as its origin: {some(unused)}"
        yield _at(scenario, "note", message, spot, accepted=some(sorted(used)) or "an origin of a report")


def _quoted(names: Sequence[str]) -> str:
    return " and ".join(f"'{name}'" for name in names)


def _at(scenario: Scenario, level: Level, message: str, spot: _Spot, accepted: str) -> Finding:
    kind, entry, path = spot
    return finding_at(scenario.marks, level, message, kind, entry, *path, accepted=accepted)
