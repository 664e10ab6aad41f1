"""Rules over several entries whose breach makes the model meaningless; `read_scenario` raises them all.

What is merely unwise is in `check`.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import fsum

from forecast.errors import Finding
from forecast.scenario.parts import Parts
from forecast.scenario.rules_evidence import broken_evidence_rules
from forecast.scenario.schema import Occurs, ScenarioFile, State, Stays
from forecast.scenario.workspace import RESERVED_NAMES

__all__ = ["PRIOR_TOLERANCE", "broken_rules"]

#: Sums of decimal fractions in binary are off by some 1e-16; anything larger was written.
PRIOR_TOLERANCE = 1e-9

#: Outcomes that a regime must not be called.
RESERVED_OUTCOMES = ("yes", "no", "annulled")

FORECAST_PREFIX = "fc-"


def broken_rules(parts: Parts) -> Iterator[Finding]:
    """Every breach, in the order of the files."""
    if parts.file is not None:
        yield from _scenario(parts, parts.file)
        for question in parts.file.questions:
            if question.id in parts.marks["questions"]:
                yield from _question(parts, parts.file, question)
        yield from _base_rates(parts, parts.file)
    for version in parts.codebooks:
        yield from _regimes(parts, version)
        yield from _indicators(parts, version)
    yield from _watches(parts)
    yield from _models(parts)
    yield from broken_evidence_rules(parts)
    yield from _resolutions(parts)


def _scenario(parts: Parts, file: ScenarioFile) -> Iterator[Finding]:
    if file.id in RESERVED_NAMES or file.id.startswith(FORECAST_PREFIX):
        message = f"a scenario cannot be called '{file.id}'"
        accepted = f"a name other than {', '.join(RESERVED_NAMES)}, not beginning with '{FORECAST_PREFIX}'"
        yield parts.finding(message, "scenario", "", "id", accepted=accepted)
    if parts.marks["models"] and file.default_model not in parts.marks["models"]:
        yield parts.unknown("model version", file.default_model, parts.marks["models"], "scenario", "", "default_model")
    if file.searched_until is not None and file.searched_until < file.start:
        message = f"searched_until is before the start, {file.start}"
        yield parts.finding(message, "scenario", "", "searched_until", accepted="a day not before start")


def _question(parts: Parts, file: ScenarioFile, question: State | Stays | Occurs) -> Iterator[Finding]:
    versions = parts.codebooks
    first, key = question.ends, "until"
    if isinstance(question, State):
        key = "on"
    elif isinstance(question, Stays):
        if question.from_ is not None:
            first, key = question.from_, "from"
        for version in versions:
            regimes = parts.names(version, "regimes")
            for position, regime in enumerate(question.regimes):
                if regime not in regimes:
                    yield parts.unknown("regime", regime, regimes, "questions", question.id, "in", position)
            if regimes and set(question.regimes) >= set(regimes):
                message = "the question is about all regimes: the answer is always yes"
                yield parts.finding(message, "questions", question.id, "in", accepted="some of the regimes, not all")
        if len(set(question.regimes)) < len(question.regimes):
            yield parts.finding("a regime stands here twice", "questions", question.id, "in", accepted="each once")
    else:
        first, key = question.between[0], "between"
        yield from _counted_indicator(parts, question)
    if first < file.start:
        message = f"the question begins on {first}, before the scenario's start, {file.start}"
        yield parts.finding(message, "questions", question.id, key, accepted="a day not before start")


def _counted_indicator(parts: Parts, question: Occurs) -> Iterator[Finding]:
    for version, codebook in parts.codebooks.items():
        names = parts.names(version, "indicators")
        if question.indicator not in names:
            finding = parts.unknown("indicator", question.indicator, names, "questions", question.id, "indicator")
            yield _in_version(parts, finding, question.indicator, version)
        elif question.indicator in codebook.indicators and codebook.indicators[question.indicator].kind != "event":
            message = f"'{question.indicator}' is a condition: it holds or not, it does not occur"
            events = [name for name, entry in codebook.indicators.items() if entry.kind == "event"]
            yield parts.finding(message, "questions", question.id, "indicator", accepted=", ".join(events))


def _in_version(parts: Parts, finding: Finding, indicator: str, version: str) -> Finding:
    """Name the model version, where only some versions lack the indicator."""
    if not any(indicator in parts.names(other, "indicators") for other in parts.codebooks):
        return finding
    return Finding(
        finding.level,
        f"the codebook of model version {version} has no indicator '{indicator}', which is used here",
        finding.file,
        finding.line,
        finding.key,
        finding.found,
        f"an indicator of every version; define this one in the overrides of models/{version}.yaml",
    )


def _base_rates(parts: Parts, file: ScenarioFile) -> Iterator[Finding]:
    for rate in file.base_rates:
        if rate.id not in parts.marks["base_rates"]:
            continue
        for version, codebook in parts.codebooks.items():
            regimes = parts.names(version, "regimes")
            if rate.about not in regimes:
                yield parts.unknown("regime", rate.about, regimes, "base_rates", rate.id, "about")
            elif rate.about in codebook.regimes and codebook.regimes[rate.about].absorbing:
                message = f"'{rate.about}' is absorbing: it has no endings to count"
                yield parts.finding(message, "base_rates", rate.id, "about", accepted="a regime that can end")


def _regimes(parts: Parts, version: str) -> Iterator[Finding]:
    names = parts.names(version, "regimes")
    regimes = parts.codebooks[version].regimes
    for name, regime in regimes.items():
        if name in RESERVED_OUTCOMES:
            message = f"a regime cannot be called '{name}', which is an outcome of questions"
            yield parts.finding(message, "codebooks", version, "regimes", name, accepted="another name")
        for other in regime.goes_to:
            path = ("regimes", name, "goes_to", other)
            if other not in names:
                yield parts.unknown("regime", other, names, "codebooks", version, *path)
            elif other == name:
                message = f"'{name}' goes to itself; how long it stays is said by `stays`"
                yield parts.finding(message, "codebooks", version, *path, accepted="other regimes")
    if len(regimes) == len(names) and regimes:
        total = fsum(regime.prior for regime in regimes.values())
        if abs(total - 1) > PRIOR_TOLERANCE:
            message = f"the priors of the regimes sum to {total:.10g}"
            yield parts.finding(message, "codebooks", version, "regimes", accepted="priors that sum to 1")


def _indicators(parts: Parts, version: str) -> Iterator[Finding]:
    regimes = parts.names(version, "regimes")
    for name, indicator in parts.codebooks[version].indicators.items():
        key = "per_year" if indicator.kind == "event" else "holds"
        missing = [regime for regime in regimes if regime not in indicator.ranges]
        if missing:
            message = f"'{name}' has no range for {', '.join(missing)}"
            accepted = "a range [low, high] for every regime"
            yield parts.finding(message, "codebooks", version, "indicators", name, key, accepted=accepted)
        for regime in indicator.ranges:
            if regime not in regimes:
                yield parts.unknown("regime", regime, regimes, "codebooks", version, "indicators", name, key, regime)


def _watches(parts: Parts) -> Iterator[Finding]:
    for version, codebook in parts.codebooks.items():
        for name, indicator in codebook.indicators.items():
            if not indicator.watch:
                continue
            path = ("indicators", name, "watch")
            if parts.file is not None and parts.file.searched_until is None:
                message = f"'{name}' is watched, but scenario.yaml has no `searched_until`"
                accepted = "searched_until: YYYY-MM-DD in scenario.yaml, the last day to which somebody has looked"
                yield parts.finding(message, "codebooks", version, *path, accepted=accepted)
            order = sorted(range(len(indicator.watch)), key=lambda number: indicator.watch[number].from_)
            for before, after in pairwise(order):
                first, second = indicator.watch[before], indicator.watch[after]
                if first.to is None or second.from_ <= first.to:
                    until = f"until {first.to}" if first.to else "with no end"
                    message = f"this watch overlaps the one from {first.from_} {until}"
                    yield parts.finding(
                        message, "codebooks", version, *path, after, accepted="one watch of an indicator at a time"
                    )
            for number, watch in enumerate(indicator.watch):
                if parts.file is not None and watch.from_ < parts.file.start:
                    message = f"the watch begins before the scenario's start, {parts.file.start}"
                    yield parts.finding(
                        message, "codebooks", version, *path, number, "from", accepted="a day not before start"
                    )


def _models(parts: Parts) -> Iterator[Finding]:
    for version, model in parts.models.items():
        names = parts.names(version, "indicators")
        if version not in parts.codebooks:
            continue
        indicators = parts.codebooks[version].indicators
        for name in model.told:
            if name not in names:
                yield parts.unknown("indicator", name, names, "models", version, "told", name)
            elif name in indicators and indicators[name].kind != "event":
                message = f"'{name}' is a condition; `told` says how readily events are told"
                yield parts.finding(message, "models", version, "told", name, accepted="event indicators")


def _resolutions(parts: Parts) -> Iterator[Finding]:
    questions = {question.id: question for question in parts.file.questions} if parts.file is not None else {}
    for name, resolution in parts.resolutions.items():
        if "scenario" in parts.marks and parts.marks["scenario"] and name not in parts.marks["questions"]:
            yield parts.unknown("question", name, parts.marks["questions"], "resolutions", name)
        if resolution.known < resolution.on:
            message = f"known on {resolution.known}, before it happened on {resolution.on}"
            yield parts.finding(message, "resolutions", name, "known", accepted="a day not before `on`")
        if name not in questions:
            continue
        question = questions[name]
        accepted = ["yes", "no", "annulled"]
        if isinstance(question, State):
            versions = [parts.names(version, "regimes") for version in parts.codebooks]
            if not versions:
                continue
            accepted = [*dict.fromkeys(regime for regimes in versions for regime in regimes), "annulled"]
        if resolution.outcome not in accepted:
            yield parts.unknown("outcome", resolution.outcome, accepted, "resolutions", name, "outcome")
