"""What a coder decided last, kept so that it can be taken back in a later sitting.

A step holds how the evidence file differed before, not the file itself; it applies only to the file that the step left.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from forecast.canonical import sha256
from forecast.coding.accept import Written
from forecast.coding.proposals_file import Mark, mark, read_proposals
from forecast.coding.reviewed import Decision
from forecast.scenario.record import Scenario
from forecast.scenario.workspace import shown_in
from forecast.scenario.write import alone, replace_file

__all__ = ["Step", "last_step", "remember", "take_back"]

#: Steps that are kept.
MOST_STEPS = 50

#: The steps of some long reviews; what is larger was not written by this program.
MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One decision.

    Attributes
    ----------
    proposals, number, decision, before
        The proposals file relative to the workspace, the proposal, what was decided about it, and what before.
    file, report
        Evidence file relative to the workspace and the report in it; '' where none was written.
    after
        SHA-256 of the evidence file behind the step; '' where none was written.
    start, end, removed
        The file before the step has `removed` between its first `start` and its last `end` characters;
        `is_new` is true where there was no file.
    """

    proposals: str
    number: int
    decision: str
    before: str
    file: str = ""
    report: str = ""
    after: str = ""
    start: int = 0
    end: int = 0
    removed: str = ""
    is_new: bool = False


def remember(
    scenario: Scenario,
    coder: str,
    path: Path,
    number: int,
    decision: Decision,
    before: Decision,
    written: Written | None,
) -> None:
    """Keep a step.

    Raises
    ------
    WorkspaceError
        If it cannot be written.
    """
    step = Step(shown_in(scenario.workspace, path), number, decision.value, before.value)
    if written is not None and written.reports:
        new = written.after.decode()
        old = "" if written.before is None else written.before.decode()
        start = _shared(old, new)
        end = _shared(old[start:][::-1], new[start:][::-1])
        step = replace(
            step,
            file=shown_in(scenario.workspace, written.file),
            report=written.reports[0],
            after=sha256(new),
            start=start,
            end=end,
            removed=old[start : len(old) - end],
            is_new=written.before is None,
        )
    _save(scenario, coder, [*_steps(scenario, coder), step][-MOST_STEPS:])


def _shared(one: str, other: str) -> int:
    """Length of the common beginning."""
    length = min(len(one), len(other))
    return next((n for n in range(length) if one[n] != other[n]), length)


def last_step(scenario: Scenario, coder: str) -> Step | None:
    """The step that would be taken back; None if none is kept."""
    return next(reversed(_steps(scenario, coder)), None)


def take_back(scenario: Scenario, coder: str, step: Step) -> str:
    """Take the last step back: the evidence file as it was, the proposal as it was decided before.

    Returns
    -------
    str
        Why it cannot be taken back, '' if it was. A step that cannot be taken back is forgotten.
    """
    path = scenario.workspace / step.proposals
    with alone(scenario.folder / "evidence" / "any.yaml"):
        problem = _problem(scenario, path, step)
        if not problem:
            # first the mark: an undecided proposal beside its report is recognised when it is accepted again
            report = "" if step.report else None
            mark(path, [Mark(step.number, Decision(step.before), report=report)])
            if step.report:
                _restore(scenario.workspace / step.file, step)
    _save(scenario, coder, _steps(scenario, coder)[:-1])
    return problem


def _problem(scenario: Scenario, path: Path, step: Step) -> str:
    if not path.exists():
        return f"{step.proposals} is not there any more"
    entries = {entry.number: entry for entry in read_proposals(path, step.proposals).entries}
    entry = entries.get(step.number)
    if entry is None or entry.decision.value != step.decision:
        return f"proposal {step.number} of {step.proposals} has been decided otherwise since"
    if not step.report:
        return ""
    file = scenario.workspace / step.file
    if not file.exists() or sha256(file.read_bytes().decode(errors="replace")) != step.after:
        return f"{step.file} was edited since: take {step.report} out of it by hand"
    return ""


def _restore(file: Path, step: Step) -> None:
    if step.is_new:
        file.unlink()
        return
    text = file.read_bytes().decode()
    replace_file(file, (text[: step.start] + step.removed + text[len(text) - step.end :]).encode())


def _steps(scenario: Scenario, coder: str) -> list[Step]:
    path = _path(scenario, coder)
    with suppress(OSError, ValueError, TypeError):
        if path.stat().st_size <= MOST_BYTES:
            said = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(said, list):
                return [Step(**one) for one in said if isinstance(one, Mapping)]
    return []


def _save(scenario: Scenario, coder: str, steps: list[Step]) -> None:
    text = json.dumps([asdict(one) for one in steps], ensure_ascii=False, indent=0)
    replace_file(_path(scenario, coder), text.encode())


def _path(scenario: Scenario, coder: str) -> Path:
    name = re.sub(r"[^A-Za-z0-9]+", "-", coder).strip("-").lower()[:40]
    return scenario.workspace / ".forecast" / "undo" / f"{scenario.id}-{name}-{sha256(coder)[:8]}.json"
