"""What `watch --json` prints."""

from dataclasses import asdict
from typing import Any

import numpy as np

from forecast.analysis.ahead.outlook import Outlook
from forecast.words import words

__all__ = ["watch_document"]


def watch_document(result: Outlook) -> dict[str, Any]:
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
        "words": words(found.p, asked.scale),
        "scale": asked.scale.id,
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
