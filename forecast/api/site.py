"""What `site --json` prints."""

from pathlib import Path
from typing import Any

from forecast.report.site.build import INDEX, Built

__all__ = ["site_document"]


def site_document(built: Built, out: Path) -> dict[str, Any]:
    """What became of the files of a site, and what was wrong with scenarios that could not be read."""
    return {
        "ok": not built.findings and not built.foreign,
        "index": str(out / INDEX),
        "pages": built.n_pages,
        "written": list(built.written),
        "unchanged": built.n_unchanged,
        "removed": list(built.removed),
        "foreign": list(built.foreign),
        "errors": [{"scenario": name, **finding.as_dict()} for name, finding in built.findings],
    }
