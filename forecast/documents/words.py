"""What `words --json` prints."""

from typing import Any

from forecast.analysis.confidence import confidence_document
from forecast.analysis.stability import stability_document
from forecast.analysis.wording import Wording

__all__ = ["words_document"]


def words_document(found: Wording) -> dict[str, Any]:
    """The words of a forecast, what became of them, and confidence; its scale with source and note."""
    record, scale = found.forecast.forecast, found.scale
    return {
        "forecast": found.forecast.id,
        "scenario": record.scenario,
        "title": record.title,
        "as_of": record.as_of,
        "model": record.model,
        "retracted": found.forecast.retracted,
        "scale": {
            "id": scale.id,
            "name": scale.name,
            "source": scale.source,
            "url": scale.url,
            "note": scale.note,
            "bands": [{"term": band.term, "percent": list(band.percent)} for band in scale.bands],
        },
        "answers": [
            {**stability_document(judged), "confidence": confidence_document(rated)} for judged, rated in found.answers
        ],
    }
