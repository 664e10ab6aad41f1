"""What `show --json` prints."""

from datetime import date
from typing import Any

from forecast.errors import Finding, InputError
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set
from forecast.model.reliability import at_medians
from forecast.model.version import settings
from forecast.scenario.record import Scenario
from forecast.scenario.validation import nearest

__all__ = ["about_question", "show_document"]


def show_document(scenario: Scenario, as_of: date, version: str) -> dict[str, Any]:
    """What `show --json` prints: the scenario as the model version sees it on a day.

    `real` is the probability that the event is real with every grade at its table's median.
    """
    model = settings(scenario, version)
    then = snapshot(scenario, version, as_of)
    evidence = evidence_set(then, scenario.start, model)
    p_real = at_medians((event.origins for event in evidence.events), model)
    real_of = {event.id: p for event, p in zip(evidence.events, p_real, strict=True)}
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
                "counts_as": indicator.counts_as,
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


def about_question(document: dict[str, Any], question: str) -> dict[str, Any]:
    """A `show_document` with one question only, and the indicator and the evidence that it is about.

    Every indicator speaks to a question about regimes, so there all of them stay.

    Raises
    ------
    InputError
        If there is no such question.
    """
    found = [row for row in document["questions"] if row["id"] == question]
    if not found:
        ids = [row["id"] for row in document["questions"]]
        message = f"{document['scenario']} has no question '{question}'{nearest(question, ids)}"
        raise InputError(Finding("error", message, found=question, accepted=", ".join(ids)))
    indicator = found[0].get("indicator")
    about = {
        key: [row for row in document[key] if indicator in (None, row["indicator"])]
        for key in ("indicators", "evidence")
    }
    return document | {"questions": found} | about
