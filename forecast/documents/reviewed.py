"""What `evidence add --json` prints."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from forecast.coding.accept import Decided, Written
from forecast.coding.proposals_file import read_proposals
from forecast.coding.reviewed import Decision
from forecast.scenario.record import Scenario
from forecast.scenario.workspace import shown_in

__all__ = ["decided_document", "written_document"]


def decided_document(scenario: Scenario, path: Path, done: Decided) -> dict[str, Any]:
    """What became of decisions about proposals, and how many are open still."""
    read = read_proposals(path, shown_in(scenario.workspace, path))
    document = _document(scenario, read.source, done.written, done.on_file)
    return document | {
        "proposals": shown_in(scenario.workspace, path),
        "rejected": list(done.numbers[Decision.REJECT]),
        "later": list(done.numbers[Decision.LATER]),
        "open": sum(entry.decision.is_open for entry in read.entries),
    }


def written_document(scenario: Scenario, source: str, written: Written) -> dict[str, Any]:
    """A report that was written without a proposal."""
    return _document(scenario, source, written, {})


def _document(scenario: Scenario, source: str, written: Written | None, on_file: Mapping[int, str]) -> dict[str, Any]:
    reports: Sequence[str] = () if written is None else written.reports
    return {
        "scenario": scenario.id,
        "source": source,
        "proposals": None,
        "written": [
            {"report": report, "proposal": None if written is None else written.number_of.get(report)}
            for report in reports
        ],
        "on_file": [{"report": report, "proposal": number} for number, report in on_file.items()],
        "rejected": [],
        "later": [],
        "open": None,
        "evidence": None if written is None else shown_in(scenario.workspace, written.file),
        "findings": [] if written is None else [finding.as_dict() for finding in written.findings],
    }
