"""The JSON documents that commands print: stable keys, to which later versions may add (docs/cli.md)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.errors import Finding
from forecast.ledger.records import Answer, Entry, Forecast
from forecast.model.elicited import BaseRateWeight, base_rate_weights, event_ratios
from forecast.model.evidence_set import evidence_set
from forecast.model.known import known
from forecast.model.priors import beta_median
from forecast.model.reliability import real, signatures
from forecast.model.version import settings
from forecast.scenario.record import Scenario
from forecast.update import Update
from forecast.words import words

if TYPE_CHECKING:
    from forecast.analysis.outlook import Outlook

__all__ = ["check_document", "history_rows", "show_document", "update_document", "watch_document"]

#: Of a question that has two outcomes this one is shown; the other is one minus it.
SHOWN = "yes"


def update_document(result: Update) -> dict[str, Any]:
    """What `update --json` prints."""
    forecast = result.forecast
    return {
        "forecast": result.entry.id if result.entry else None,
        "scenario": forecast.scenario,
        "title": forecast.title,
        "as_of": forecast.as_of,
        "made_at": forecast.made_at,
        "model": forecast.model,
        "family": forecast.family,
        "model_identity": forecast.model_identity,
        "evidence_identity": forecast.evidence_identity,
        "kind": forecast.kind,
        "seed": forecast.seed,
        "stored": result.stored,
        "since": forecast.since,
        "head": result.head,
        "warnings": [*result.problems, *forecast.warnings],
        "method": dict(forecast.method),
        "evidence": dict(forecast.evidence_counts),
        "new_events": list(result.new_events),
        "gone_events": list(result.gone_events),
        "interval": "90% range over draws of the probability given the rates",
        "answers": [_answer(answer, result.change(answer)) for answer in forecast.answers],
    }


def _answer(answer: Answer, change: float | None) -> dict[str, Any]:
    return {
        "question": answer.question,
        "ask": answer.ask,
        "kind": answer.kind,
        "outcome": answer.outcome,
        "p": answer.p,
        "mcse": answer.mcse,
        "low": answer.low,
        "high": answer.high,
        "words": None if answer.p is None else words(answer.p),
        "change": change,
        "closed": answer.closed,
        "resolved": answer.resolved,
    }


def watch_document(result: "Outlook") -> dict[str, Any]:
    """What `watch --json` prints."""
    found, asked, moved = result.watching, result.watching.asked, result.movement
    return {
        "scenario": asked.scenario,
        "forecast": asked.forecast,
        "as_of": asked.as_of.isoformat(),
        "model": asked.model.version,
        "question": asked.question.id,
        "ask": asked.question.ask,
        "outcome": found.outcome,
        "p": found.p,
        "mcse": found.mcse,
        "words": words(found.p),
        "window": {
            "from": found.window.first.isoformat(),
            "to": found.window.last.isoformat(),
            "cut": found.window.cut,
        },
        "draws": {
            "from": result.drawn.weighed.anchor.id,
            "khat": result.drawn.khat if np.isfinite(result.drawn.khat) else None,
            "ess": result.drawn.ess,
        },
        "problems": list(found.problems),
        "remarks": list(result.remarks),
        "rows": [asdict(row) for row in found.rows],
        "tipping": [asdict(tip) for tip in found.tipping],
        "movement": None if moved is None else asdict(moved) | {"to": moved.to.isoformat()},
        "unmoved": result.unmoved,
    }


def history_rows(
    entries: Iterable[Entry], question: str | None = None, outcome: str | None = None
) -> list[dict[str, Any]]:
    """One row for every forecast and outcome, oldest as-of date first; retracted forecasts say so.

    Of questions with two outcomes only 'yes' is listed, unless an outcome is asked for.
    """
    rows = []
    for entry in entries:
        forecast = entry.forecast
        for answer in forecast.answers:
            if answer.p is None or (question and answer.question != question):
                continue
            if answer.outcome != outcome if outcome else answer.kind != "state" and answer.outcome != SHOWN:
                continue
            rows.append(_history_row(entry, forecast, answer))
    return sorted(rows, key=lambda row: (row["as_of"], row["made_at"]))


def _history_row(entry: Entry, forecast: Forecast, answer: Answer) -> dict[str, Any]:
    return {
        "forecast": entry.id,
        "as_of": forecast.as_of,
        "made_at": forecast.made_at,
        "kind": forecast.kind,
        "model": forecast.model,
        "question": answer.question,
        "outcome": answer.outcome,
        "p": answer.p,
        "low": answer.low,
        "high": answer.high,
        "retracted": entry.retracted.reason if entry.retracted else None,
    }


def check_document(scenario: Scenario | None, findings: Iterable[Finding]) -> dict[str, Any]:
    """What `check --json` prints; without a scenario (it could not be read) only the findings."""
    listed = list(findings)
    tables: dict[str, Any] = {}
    if scenario is not None:
        models = {version: settings(scenario, version) for version in scenario.models}
        weights = {version: base_rate_weights(model) for version, model in models.items()}
        listed += _drowned(scenario, weights)
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


def show_document(scenario: Scenario, as_of: date, version: str) -> dict[str, Any]:
    """What `show --json` prints: the scenario as the model version sees it on a day.

    `real` is the probability that the event is real with every grade at its table's median.
    """
    model = settings(scenario, version)
    then = known(scenario, version, as_of)
    evidence = evidence_set(then, scenario.start, model)
    table, rows = signatures((event.origins for event in evidence.events), model)
    p_real = real(np, beta_median(model.grades), table)
    real_of = {event.id: float(p_real[row]) for event, row in zip(evidence.events, rows, strict=True)}
    codebook = scenario.codebooks[version]
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "as_of": as_of.isoformat(),
        "model": version,
        "family": model.family.value,
        "start": scenario.start.isoformat(),
        "searched_until": scenario.file.searched_until.isoformat() if scenario.file.searched_until else None,
        "regimes": [
            {"regime": name, "prior": regime.prior, "stays_years": list(regime.stays.years), "means": regime.means}
            for name, regime in codebook.regimes.items()
        ],
        "questions": [
            question.model_dump(mode="json", by_alias=True)
            | {"resolved": then.resolutions[question.id].outcome if question.id in then.resolutions else None}
            for question in scenario.file.questions
        ],
        "indicators": [
            {
                "indicator": name,
                "kind": indicator.kind,
                "means": indicator.means,
                "events": sum(event.indicator == name for event in evidence.events),
                "ranges": {regime: list(ends) for regime, ends in indicator.ranges.items()},
                "watches": [
                    {"from": watch.first.isoformat(), "until": watch.until.isoformat() if watch.until else None}
                    for watch in (*then.watches, *then.instruments)
                    if watch.indicator == name
                ],
            }
            for name, indicator in codebook.indicators.items()
        ],
        "evidence": [
            {
                "report": row.report.id,
                "indicator": row.report.indicator,
                "event": row.report.event,
                "origin": row.report.origin,
                "source": row.report.source,
                "when": str(row.report.when) if row.report.when else None,
                "known": row.report.known.isoformat(),
                "grade": row.grade if row.p_true is None else list(row.p_true),
                "denies": row.report.denies,
                "counted": row.counted,
                "why": row.why or None,
                "real": real_of.get(row.report.event) if row.counted else None,
                "claim": row.report.claim,
            }
            for row in then.reports
        ],
    }
