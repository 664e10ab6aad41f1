"""What `evidence import --json` prints."""

from collections.abc import Iterator
from typing import Any

from forecast.coding.imported import Imported
from forecast.scenario.record import Scenario
from forecast.scenario.render import flow

__all__ = ["imported_document"]


def imported_document(scenario: Scenario, result: Imported) -> dict[str, Any]:
    """Counts before and after, why rows were not used, and a watch that fits the span of the file."""
    lines = list(_watches(scenario, result))
    return {
        "scenario": scenario.id,
        "importer": result.importer.name,
        "about": result.importer.says.about,
        "between": list(result.partners),
        "lines": {
            "all": result.counts.lines,
            "before_header": result.counts.preamble,
            "header": result.counts.header,
            "empty": result.counts.blank,
            "in_rows": result.counts.in_rows,
        },
        "rows": result.n_rows,
        "rows_used": result.n_used,
        "rows_skipped": result.n_skipped,
        "rows_rejected": result.n_rejected,
        "entries": result.n_entries,
        "kept": result.n_kept,
        "skipped": [{"reason": reason, "entries": n} for reason, n in result.skipped.items()],
        "unmapped": [{"code": code, "entries": n} for code, n in result.unmapped.items()],
        "unused_classes": list(dict.fromkeys(entry.indicator for entry in result.unused)),
        "events": result.n_events,
        "reports": result.n_reports,
        "new": result.n_new,
        "by_indicator": [{"indicator": name, "events": n} for name, n in result.events.items()],
        "doubtful": [{"report": report, "reason": reason} for report, reason in result.doubtful],
        "first": result.span[0].isoformat() if result.span else None,
        "last": result.span[1].isoformat() if result.span else None,
        "evidence": result.file.relative_to(scenario.workspace).as_posix(),
        "source_added": result.source_added,
        "written": result.written,
        "watch": "indicators:\n" + "".join(lines) if lines else None,
    }


def _watches(scenario: Scenario, result: Imported) -> Iterator[str]:
    """Lines for indicators.yaml: one watch for each indicator with events that is not watched in that span yet.

    None for indicators whose events have coarser dates than a watch allows.
    """
    if result.span is None:
        return
    first, last = max(result.span[0], scenario.start), result.span[1]
    looks = {entry.indicator: entry.watch or result.importer.says.watch for entry in result.importer.says.classes}
    for indicator in result.events:
        look = looks[indicator]
        taken = any(
            watch.from_ <= last and (watch.to is None or watch.to >= first)
            for watch in scenario.codebook.indicators[indicator].watch
        )
        if look is None or taken or last < first or indicator in result.coarse:
            continue
        watch = {"from": first, "to": last, "detection": look.detection, "lag_days": look.lag_days}
        yield f"  {indicator}:\n    watch: [{flow(watch)}]\n"
