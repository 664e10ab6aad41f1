"""What `explain --json` and `whatif --json` print: stable keys, to which later versions may add (docs/cli.md)."""

from typing import Any

import numpy as np

from forecast.analysis.explain import Explanation

__all__ = ["explain_document", "finite"]


def finite(value: float | None) -> float | None:
    """A number for JSON; None for what is infinite or no number."""
    return float(value) if value is not None and np.isfinite(value) else None


def explain_document(found: Explanation) -> dict[str, Any]:
    """An explanation as JSON values."""
    earlier, later = found.earlier, found.later
    return {
        "question": found.question,
        "ask": found.ask,
        "outcome": found.outcome or None,
        "scenario": later.forecast.scenario,
        "from": {
            "forecast": earlier.id if earlier else None,
            "as_of": earlier.forecast.as_of if earlier else None,
            "model": (earlier or later).forecast.model,
            "p": found.p_from,
        },
        "to": {
            "forecast": later.id,
            "as_of": later.forecast.as_of,
            "model": later.forecast.model,
            "p": found.p_to,
        },
        "approximate": found.approximate,
        "reason": found.reason,
        "rows": [
            {
                "kind": row.kind,
                "label": row.label,
                "log_odds": row.log_odds,
                "mcse": row.mcse,
                "p_after": row.p_after,
                "khat": finite(row.khat),
                "approximate": row.approximate,
            }
            for row in found.rows
        ],
        "leave_one_out": [
            {"by": row.by, "id": row.id, "p": row.p, "khat": finite(row.khat), "approximate": row.approximate}
            for row in found.leave_one_out
        ],
        "by_source": found.by_source,
        "sensitivity": [
            {"what": row.what, "p": row.p, "khat": finite(row.khat), "approximate": row.approximate}
            for row in found.sensitivity
        ],
        "power_scaling": None
        if found.power_scaling is None
        else [{"prior": words, "sensitivity": value} for words, value in found.power_scaling],
    }
