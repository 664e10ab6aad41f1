"""A small working scenario as files, and a way to change one text in it and read it again."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from forecast.errors import Finding, InputError
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

CODEBOOK = """\
regimes:
  durable: {label: Durable, means: it lasts, prior: 0.5, stays: {years: [2, 10]}, goes_to: {fragile: 1}}
  fragile: {label: Fragile, means: it breaks, prior: 0.5, stays: {years: [0.5, 2]}}
indicators:
  meeting:
    kind: event
    means: Leaders of the partners meet
    counts_as: one meeting, however many days
    cameo: [042, 043]
    per_year: {durable: [1, 3], fragile: [0.1, 0.5]}
    label: Meeting of leaders
  dispute:
    kind: event
    means: The partners quarrel in public
    counts_as: one quarrel
    per_year: {durable: [0.1, 0.5], fragile: [1, 3]}
    label: Public quarrel
  threat:
    kind: condition
    means: Both name the same third state as a threat
    holds: {durable: [0.6, 0.9], fragile: [0.2, 0.5]}
    label: Shared threat
"""

SCENARIO = """\
id: toy
title: A toy alliance
actors: {AAA: {name: Arland, aliases: [Arlanders]}, BBB: {name: Borland}}
codebook: alliance
step: month
start: 2022-01-01
searched_until: 2024-12-31
base_rates:
  - {id: pacts, about: durable, endings: 3, years_at_risk: 100, relevance: 0.1,
     dataset: made up, filter: none, source: nobody}
questions:
  - {id: regime-2025, label: Regime in January 2025, ask: Which regime holds?, kind: state, on: 2025-01-07}
  - {id: unbroken-2025, label: Durable throughout 2024, ask: Does it last?, kind: stays, in: [durable],
     from: 2024-01-01, until: 2025-01-07}
  - {id: meeting-2024, label: The leaders meet in 2024, ask: Do they meet?, kind: occurs, indicator: meeting,
     between: [2024-01-01, 2024-12-31]}
default_model: v1
origins: {wire: {label: A news agency}}
"""

INDICATORS = """\
indicators:
  meeting:
    watch: [{from: 2024-01-01, detection: [0.7, 0.95], lag_days: [1, 14]}]
"""

SOURCES = """\
paper: {title: An article, published: 2024-01-07, reliability: B}
undated: {title: A leaflet}
"""

EVIDENCE = """\
defaults: {source: paper, coded_by: xy, coded_on: 2026-11-23}
reports:
  - id: S1
    indicator: meeting
    when: 2023-09-12
    claim: The leaders met
    grade: B1
  - id: S2
    indicator: threat
    when: 2023-Q3
    known: 2024-02-01
    origin: wire
    claim: Both said the same of Corland
    grade: B2
  - id: S3
    claim: They will surely stay together
    asserted_as: speculation
"""

MODEL = """\
version: v1
family: regime
notes: the first one
reliability: flat
told: {dispute: 0.5}
label: First model
"""

RESOLUTIONS = """\
meeting-2024: {outcome: yes, on: 2024-06-19, source: paper}
"""

GRADES = "means: every grade says the same\ngrades:\n" + "".join(
    f"  {letter}{digit}: [3, 1]\n" for letter in "ABCDEF" for digit in "123456"
)

FILES = {
    "scenarios/codebooks/alliance.yaml": CODEBOOK,
    "scenarios/grades/flat.yaml": GRADES,
    "scenarios/toy/scenario.yaml": SCENARIO,
    "scenarios/toy/indicators.yaml": INDICATORS,
    "scenarios/toy/sources.yaml": SOURCES,
    "scenarios/toy/evidence/paper.yaml": EVIDENCE,
    "scenarios/toy/models/v1.yaml": MODEL,
    "scenarios/toy/resolutions.yaml": RESOLUTIONS,
}

SHORT = {
    "codebook": "scenarios/codebooks/alliance.yaml",
    "scenario": "scenarios/toy/scenario.yaml",
    "indicators": "scenarios/toy/indicators.yaml",
    "sources": "scenarios/toy/sources.yaml",
    "evidence": "scenarios/toy/evidence/paper.yaml",
    "csv": "scenarios/toy/evidence/sheet.csv",
    "model": "scenarios/toy/models/v1.yaml",
    "resolutions": "scenarios/toy/resolutions.yaml",
}

Change = tuple[str, str, str]


class Case:
    """A workspace in a temporary folder. Files are called by the short names above."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace

    def path(self, name: str) -> Path:
        return self.workspace / SHORT.get(name, name)

    def write(self, name: str, text: str) -> None:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands in the file exactly once."""
        text = self.path(name).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def read(self) -> Scenario:
        return read_scenario(self.workspace, "toy")

    def errors(self, *changes: Change) -> list[Finding]:
        """What reading finds after the changes; at least one error."""
        for name, old, new in changes:
            self.change(name, old, new)
        with pytest.raises(InputError, match=r".") as caught:
            self.read()
        return list(caught.value.findings())

    def error(self, *changes: Change) -> Finding:
        """The one error that reading finds after the changes."""
        errors = self.errors(*changes)
        assert len(errors) == 1, [str(error) for error in errors]
        return errors[0]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    case = Case(tmp_path)
    for name, text in FILES.items():
        case.write(name, text)
    return case


@pytest.fixture
def messages() -> Callable[[Iterable[Finding]], list[str]]:
    return lambda findings: [finding.message for finding in findings]
