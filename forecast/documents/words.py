"""What `words --json` prints."""

from collections.abc import Mapping
from typing import Any

from forecast.analysis.confidence import confidence_document
from forecast.analysis.stability import stability_document
from forecast.analysis.wording import Wording

__all__ = ["word_rows", "words_document"]


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


def word_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Its answers as rows of a table: the word, whether it holds, and the rating of the evidence base."""
    keys = ("question", "outcome", "p", "word", "stable", "text")
    return [
        {key: answer[key] for key in keys} | {"confidence": answer["confidence"]["rating"]}
        for answer in document["answers"]
    ]
