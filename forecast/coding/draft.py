"""A report that a coder has begun to write by hand, kept answer by answer until it is evidence or given up."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from forecast.canonical import sha256
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Report
from forecast.scenario.write import replace_file

__all__ = ["forget_draft", "keep_draft", "kept_draft"]

#: A draft is a few sentences; what is larger is no draft of ours.
MOST_BYTES = 1_000_000


def kept_draft(scenario: Scenario, coder: str) -> dict[str, str]:
    """The fields that the coder had answered; empty if there is no draft, or none that can be read."""
    path = _path(scenario, coder)
    with suppress(OSError, ValueError):
        if path.stat().st_size <= MOST_BYTES:
            said = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(said, dict):
                fields = Report.model_fields
                return {key: text for key, text in said.items() if key in fields and isinstance(text, str)}
    return {}


def keep_draft(scenario: Scenario, coder: str, fields: Mapping[str, str]) -> None:
    """Keep what was answered so far.

    Raises
    ------
    WorkspaceError
        If it cannot be written.
    """
    replace_file(_path(scenario, coder), json.dumps(dict(fields), ensure_ascii=False, indent=1).encode())


def forget_draft(scenario: Scenario, coder: str) -> None:
    """The draft has become evidence, or is not wanted any more."""
    _path(scenario, coder).unlink(missing_ok=True)


def _path(scenario: Scenario, coder: str) -> Path:
    name = re.sub(r"[^A-Za-z0-9]+", "-", coder).strip("-").lower()[:40]
    return scenario.workspace / ".forecast" / "drafts" / f"{scenario.id}-{name}-{sha256(coder)[:8]}.json"
