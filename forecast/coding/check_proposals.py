"""What `check` says about proposals files: what is wrong in them, and what waits for a person."""

from forecast.coding.proposals_file import read_with_findings
from forecast.coding.reviewed import Decision
from forecast.errors import Finding
from forecast.scenario.parts import some
from forecast.scenario.record import Scenario

__all__ = ["proposal_findings"]


def proposal_findings(scenario: Scenario) -> list[Finding]:
    """What `check` says about the proposals files: what is wrong in them, and where nobody has decided yet."""
    findings: list[Finding] = []
    there = {report.id for report in scenario.reports}
    for path in sorted((scenario.folder / "proposals").glob("*.yaml")):
        if path.name.startswith("."):
            continue
        shown_as = path.relative_to(scenario.workspace).as_posix()
        read = read_with_findings(path, shown_as, findings)
        if read is None:
            continue
        waiting = [entry for entry in read.entries if entry.decision.is_open]
        pending = [entry for entry in read.entries if entry.decision is Decision.ACCEPT and entry.report is None]
        if waiting:
            n_later = sum(entry.decision is Decision.LATER for entry in waiting)
            later = f" ({n_later} put off)" if n_later else ""
            message = f"{_proposals(len(waiting))} undecided{later}"
            accepted = f"a decision on each: forecast evidence add {scenario.id}"
            findings.append(Finding("warning", message, shown_as, waiting[0].line, accepted=accepted))
        lost = [entry for entry in read.entries if entry.report is not None and entry.report not in there]
        if lost:
            names = some(str(entry.report) for entry in lost)
            message = f"{_proposals(len(lost))} marked as written, but not on file: {names}"
            accepted = (
                f"the report, or a new decision: forecast evidence add {scenario.id} --from {path.name} --reject ..."
            )
            findings.append(Finding("warning", message, shown_as, lost[0].line, accepted=accepted))
        if pending:
            message = f"{_proposals(len(pending))} accepted, but not written to evidence yet"
            accepted = f"forecast evidence add {scenario.id} --from {path.name}"
            findings.append(Finding("warning", message, shown_as, pending[0].line, accepted=accepted))
    return findings


def _proposals(n: int) -> str:
    return f"{n} proposal is" if n == 1 else f"{n} proposals are"
