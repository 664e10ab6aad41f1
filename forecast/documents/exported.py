"""What `export --json` prints."""

from typing import Any

from forecast.exchange.export import Exported

__all__ = ["exported_document"]


def exported_document(done: Exported) -> dict[str, Any]:
    """Where the export is, what it holds, and what stayed behind and why."""
    return {
        "path": str(done.path),
        "format": done.format,
        "files": done.n_files,
        "forecasts": done.n_forecasts,
        "answers": done.n_answers,
        "live": done.kinds.get("live", 0),
        "replay": done.kinds.get("replay", 0),
        "resolved": done.n_resolved,
        "records": done.n_records,
        "left_out": [{"why": why, "n": n} for why, n in sorted(done.left_out.items())],
        "notes": list(done.notes),
    }
