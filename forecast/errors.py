"""The errors of the program: each says what was found, where, what is accepted and what to do next.

Nothing here imports anything of the project. `cli.app` alone turns these into exit codes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

__all__ = [
    "DiagnosticError",
    "Finding",
    "ForecastError",
    "InputError",
    "LedgerError",
    "WorkspaceError",
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in what an analyst wrote.

    `file` is relative to the workspace where there is one, `line` counts from 1, `key` is the path of keys
    (`questions.2.on`), `found` the text that stands there, `accepted` what would have been right.
    """

    level: Literal["error", "warning", "note"]
    message: str
    file: str | None = None
    line: int | None = None
    key: str | None = None
    found: str | None = None
    accepted: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Every field by name, for JSON."""
        return asdict(self)

    def where(self) -> str:
        """`file:line key`, as far as these are known."""
        place = self.file or ""
        if self.file and self.line:
            place = f"{self.file}:{self.line}"
        return " ".join(part for part in (place, self.key) if part)

    def __str__(self) -> str:
        place = self.where()
        text = f"{place}: {self.message}" if place else self.message
        if self.accepted:
            text += f" Accepted: {self.accepted}."
        return text


class ForecastError(Exception):
    """What the user can do something about. `exit_code` is what the command line returns."""

    exit_code = 2

    def findings(self) -> Sequence[Finding]:
        """What was found, one entry per place; at least one."""
        return [Finding("error", str(self))]


class InputError(ForecastError):
    """Files or arguments that cannot be used; carries every finding, not only the first."""

    def __init__(self, findings: Iterable[Finding] | Finding | str) -> None:
        if isinstance(findings, str):
            findings = Finding("error", findings)
        if isinstance(findings, Finding):
            findings = [findings]
        # what was typed twice is wrong once
        self._findings = tuple(dict.fromkeys(findings))
        super().__init__("\n".join(str(finding) for finding in self._findings))

    def findings(self) -> Sequence[Finding]:
        """Every finding, in the order of the files."""
        return self._findings


class WorkspaceError(ForecastError):
    """No workspace, no such scenario, a folder that cannot be read or written, a full disk."""


class LedgerError(ForecastError):
    """The ledger or a draws file is missing, busy or not what it says it is."""


class DiagnosticError(ForecastError):
    """A fit that must not be used; nothing was recorded."""

    exit_code = 1
