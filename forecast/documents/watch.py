"""What `watch --json` prints."""

from dataclasses import asdict
from typing import Any

from forecast.analysis.ahead.outlook import Outlook
from forecast.words import words

__all__ = ["watch_document"]


def watch_document(result: Outlook) -> dict[str, Any]:
    """What `watch --json` prints."""
    found, request, moved = result.watching, result.watching.request, result.movement
    method = result.draws.method
    return {
        "scenario": request.scenario,
        "forecast": request.forecast,
        "as_of": request.as_of.isoformat(),
        "model": request.model.version,
        "question": request.question.id,
        "ask": request.question.ask,
        "outcome": found.outcome,
        "p": found.p,
        "mcse": found.mcse,
        "words": words(found.p, request.scale),
        "scale": request.scale.id,
        "window": {
            "from": found.window.first.isoformat(),
            "to": found.window.last.isoformat(),
            "cut": found.window.cut,
        },
        "draws": {
            "method": method["name"],
            "from": method["from_fit"],
            "khat": method["khat"],
            "ess": method["ess"],
        },
        "remarks": list(result.remarks),
        "rows": [asdict(row) for row in found.rows],
        "tipping": [asdict(tip) for tip in found.tipping],
        "movement": None if moved is None else asdict(moved) | {"to": moved.to.isoformat()},
        "unmoved": result.unmoved,
    }
