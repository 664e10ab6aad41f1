"""What `evidence list --json` prints."""

from typing import Any

from forecast.coding.listing import Wish, asked_for, listed
from forecast.model.as_of import KnownReport
from forecast.scenario.record import Scenario

__all__ = ["listed_document"]


def listed_document(scenario: Scenario, wish: Wish) -> dict[str, Any]:
    """The reports that fit, and how many count, of how many events and origins."""
    found = listed(scenario, wish)
    counted = [row.report for row in found if row.counted]
    filters = {
        key: value if isinstance(value, bool | str) else [*value] if isinstance(value, list | tuple) else str(value)
        for key, value in asked_for(wish).items()
    }
    return {
        "scenario": scenario.id,
        "filters": filters,
        "of": len(scenario.reports),
        "reports": len(found),
        "counted": len(counted),
        "events": len({report.event for report in counted}),
        "origins": len({report.origin for report in counted}),
        "rows": [_row(scenario, row) for row in found],
    }


def _row(scenario: Scenario, row: KnownReport) -> dict[str, Any]:
    report = row.report
    place = scenario.where("reports", report.id)
    return {
        "report": report.id,
        "event": report.event,
        "indicator": report.indicator,
        "when": str(report.when) if report.when else None,
        "known": report.known.isoformat(),
        "source": report.source,
        "origin": report.origin,
        "asserted_as": report.asserted_as.value,
        "denies": report.denies,
        "grade": row.grade,
        "p_true_low": row.p_true[0] if row.p_true else None,
        "p_true_high": row.p_true[1] if row.p_true else None,
        "counted": row.counted,
        "why": row.why or None,
        "claim": report.claim,
        "quote": report.quote,
        "coded_by": report.coded_by,
        "coded_on": report.coded_on.isoformat() if report.coded_on else None,
        "file": place.file if place else None,
        "line": place.line if place else None,
    }
