"""What `status --json` prints."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from forecast.analysis.status import Status
from forecast.errors import Finding

__all__ = ["status_document"]


def status_document(today: date, found: Sequence[Status], unreadable: Sequence[tuple[str, Finding]]) -> dict[str, Any]:
    """All scenarios that could be read, and what was wrong with the others."""
    return {
        "today": today.isoformat(),
        "rows": [_row(one) for one in found],
        "errors": [{"scenario": name, **finding.as_dict()} for name, finding in unreadable],
    }


def _row(one: Status) -> dict[str, Any]:
    last = one.last.content if one.last else {}
    return {
        "scenario": one.scenario.id,
        "title": one.scenario.title,
        "forecast": one.last.id if one.last else None,
        "as_of": last.get("as_of"),
        "kind": last.get("kind"),
        "model": last.get("model"),
        "default_model": one.scenario.default_model,
        "age_days": one.age_days,
        "unused": {
            "reports": list(one.unused.reports),
            "events": list(one.unused.events),
            "gone": list(one.unused.gone),
        },
        "searched_until": _day(one.scenario.file.searched_until),
        "last_coded": _day(one.last_coded),
        "step": one.scenario.file.step.value,
        "stale": one.stale,
        "scale": one.scenario.words.id,
        "since": one.before.id if one.before else None,
        "changed": [
            {
                "question": row.question,
                "outcome": row.outcome,
                "p_before": row.p_before,
                "p": row.p,
                "words_before": row.before.text,
                "words": row.word.text,
            }
            for row in one.changed
        ],
        "due": [{"question": row.question, "ended": row.ended.isoformat()} for row in one.due],
        "open": one.n_open,
        "foreign": [{"log_name": name, "forecasts": n} for name, n in one.foreign.items()],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
