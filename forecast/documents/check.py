"""What `check --json` prints."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from forecast.coding.check_proposals import proposal_findings
from forecast.errors import Finding
from forecast.model.as_of import snapshot
from forecast.model.elicited import BaseRateWeight, base_rate_weights, event_ratios
from forecast.model.reliability import UNKNOWN, silent
from forecast.model.version import Settings, settings
from forecast.scenario.record import Scenario, finding_at
from forecast.scenario.schema import Family

__all__ = ["check_document"]


def check_document(scenario: Scenario | None, findings: Iterable[Finding]) -> dict[str, Any]:
    """What `check --json` prints; without a scenario (it could not be read) only the findings."""
    listed = list(findings)
    tables: dict[str, Any] = {}
    if scenario is not None:
        models = {version: settings(scenario, version) for version in scenario.models}
        weights = {version: base_rate_weights(model) for version, model in models.items()}
        listed += proposal_findings(scenario)
        listed += _drowned(scenario, weights)
        listed += _silent_denials(scenario, models)
        tables = {
            "likelihood_ratios": {v: [asdict(row) for row in event_ratios(model)] for v, model in models.items()},
            "base_rates": {
                version: [asdict(row) | {"leaves_the_range": row.leaves_the_range} for row in rows]
                for version, rows in weights.items()
            },
        }
    return {
        "ok": not any(finding.level == "error" for finding in listed),
        "findings": [finding.as_dict() for finding in listed],
        **tables,
    }


def _drowned(scenario: Scenario, weights: Mapping[str, Sequence[BaseRateWeight]]) -> list[Finding]:
    """A warning for every regime whose stated mean stay the reference classes have overruled."""
    findings = {}
    for row in (row for rows in weights.values() for row in rows if row.leaves_the_range):
        place = scenario.where("scenario", "", "base_rates")
        low, high = row.stated
        findings[row.regime] = Finding(
            "warning",
            f"the base rates about '{row.regime}' outweigh its range of mean stays: the median becomes "
            f"{row.median_years:.1f} years, outside {low:g} to {high:g}.",
            place.file if place else None,
            place.line if place else None,
            "base_rates",
            accepted="a smaller `relevance`, or another range if the treaties really speak of this regime",
        )
    return list(findings.values())


def _silent_denials(scenario: Scenario, models: Mapping[str, Settings]) -> list[Finding]:
    """A note for every denial whose grade takes nothing from its event; the versions are named if not all agree."""
    versions: dict[str, list[str]] = {}
    using = {version: model for version, model in models.items() if model.family is not Family.BASE_RATE}
    for version, model in using.items():
        voices = {
            row.report.id: row.p_true or row.grade
            for row in snapshot(scenario, version, date.max).reports
            if row.counted and row.report.denies
        }
        nothing = silent((voice for voice in voices.values() if voice is not None), model)
        for report, voice in voices.items():
            if voice in nothing:
                versions.setdefault(report, []).append(version)
    findings = []
    for report, where in versions.items():
        of = "" if len(where) == len(using) else f" in {', '.join(where)}"
        message = (
            f"report {report}: it denies, but its grade is not above {UNKNOWN}, of what cannot be judged{of}: "
            "it takes nothing from the event"
        )
        accepted = "this, if it is meant; a better grade, if the denial deserves one"
        findings.append(finding_at(scenario.marks, "note", message, "reports", report, "grade", accepted=accepted))
    return findings
