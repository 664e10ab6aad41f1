"""Which regime held when, as somebody saw it afterwards: regimes.yaml. It is hindsight, and no forecast reads it.

`read_scenario` does not touch the file, so that a forecast can neither use it nor fail because of it. `check` looks at
it, and `codebook learn` counts events by the regimes that it names.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from forecast.errors import Finding, InputError
from forecast.scenario.nodes import Node, mapping, shown
from forecast.scenario.reading import Reading
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Period
from forecast.scenario.validation import nearest, validate

__all__ = ["FILE", "read_regimes", "regimes_findings"]

#: Name of the file in a scenario's folder.
FILE = "regimes.yaml"


def read_regimes(scenario: Scenario) -> tuple[Period, ...]:
    """The periods of a case, in their order.

    Raises
    ------
    InputError
        If the case has no such file, or anything in it is wrong: every error with file, line and key path.
    """
    path = scenario.folder / FILE
    if not path.exists():
        name = path.relative_to(scenario.workspace).as_posix()
        accepted = "periods: [{from: YYYY-MM-DD, to: YYYY-MM-DD, regime: NAME, why: ..., source: ...}]"
        raise InputError(
            Finding("error", f"{scenario.id} does not say which regime held when.", name, None, None, None, accepted)
        )
    periods, findings = _read(scenario)
    if findings:
        raise InputError(findings)
    return periods


def regimes_findings(scenario: Scenario, today: date) -> list[Finding]:
    """What is wrong with the file, and days that cannot have been judged yet; nothing where there is none."""
    if not (scenario.folder / FILE).exists():
        return []
    periods, findings = _read(scenario)
    name = (scenario.folder / FILE).relative_to(scenario.workspace).as_posix()
    for number, period in enumerate(periods):
        if period.to > today:
            message = f"nobody can have seen yet which regime holds until {period.to}"
            key, accepted = f"periods.{number}.to", f"a day not after {today}"
            findings.append(Finding("warning", message, name, None, key, str(period.to), accepted))
    return findings


def _read(scenario: Scenario) -> tuple[tuple[Period, ...], list[Finding]]:
    """The periods that could be read, by their first day, and every error."""
    reading = Reading(scenario.workspace, scenario.folder)
    node = reading.yaml(scenario.folder / FILE)
    for key, entry in mapping(node).items():
        if key != "periods":
            reading.error(f"unknown key '{key}'{nearest(key, ['periods'])}", entry, key, "periods", key)
    listed = mapping(node).get("periods")
    if node is not None and (listed is None or not isinstance(listed.value, tuple) or not listed.value):
        reading.error("there are no periods", listed or node, "periods", "a list of periods", "")
    nodes = listed.value if listed is not None and isinstance(listed.value, tuple) else ()
    read = [
        (number, entry, period)
        for number, entry in enumerate(nodes)
        if (period := validate(Period, entry, ("periods", number), reading.findings)) is not None
    ]
    reading.findings.extend(_broken_rules(scenario, read))
    return tuple(sorted((period for _, _, period in read), key=lambda period: period.from_)), reading.findings


def _broken_rules(scenario: Scenario, read: Sequence[tuple[int, Node, Period]]) -> Iterator[Finding]:
    regimes = list(dict.fromkeys(name for book in scenario.codebooks.values() for name in book.regimes))
    for number, entry, period in read:
        if period.regime not in regimes:
            message = f"there is no regime '{period.regime}'{nearest(period.regime, regimes)}"
            yield _at(entry, number, "regime", message, ", ".join(regimes))
    for (_, _, before), (number, entry, after) in pairwise(sorted(read, key=lambda one: one[2].from_)):
        if after.from_ <= before.to:
            message = f"this period overlaps the one from {before.from_} to {before.to}"
            yield _at(entry, number, "from", message, f"a day after {before.to}")


def _at(entry: Node, number: int, key: str, message: str, accepted: str) -> Finding:
    place = mapping(entry)[key]
    return Finding("error", message, place.file, place.line, f"periods.{number}.{key}", shown(place), accepted)
