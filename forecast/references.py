"""One way to name things everywhere: `(SCENARIO | FORECAST)[/QUESTION[:OUTCOME]]`.

`SCENARIO@latest` is its last forecast in the own log, `SCENARIO@NAME` that in the imported log of this name.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast.errors import Finding, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from forecast.ledger.records import Entry
    from forecast.ledger.store import Ledger

__all__ = ["Ref", "named_entries", "parse_ref"]

#: After a scenario: the forecast that speaks for it; see `forecast.ledger.latest`.
LATEST = "@latest"

ACCEPTED = (
    "SCENARIO, SCENARIO@latest, SCENARIO@NAME of an imported log or FORECAST, then /QUESTION, then :OUTCOME, as in "
    "dprk-russia/regime-2025:durable"
)

_ID = r"[A-Za-z0-9][\w.-]*"
_REF = re.compile(rf"(?P<target>{_ID}(?:@{_ID})?)(/(?P<question>{_ID})(:(?P<outcome>{_ID}))?)?")


@dataclass(frozen=True, slots=True)
class Ref:
    """A scenario or a forecast, and perhaps a question and an outcome of it."""

    target: str
    question: str | None
    outcome: str | None

    @property
    def latest_of(self) -> str | None:
        """The scenario whose latest forecast is meant by `SCENARIO@latest` or `SCENARIO@NAME`; None otherwise."""
        return self.target.partition("@")[0] if "@" in self.target else None

    @property
    def foreign(self) -> str | None:
        """The imported log that is meant by `SCENARIO@NAME`; None otherwise."""
        name = self.target.partition("@")[2]
        return name if name and not self.target.endswith(LATEST) else None

    @property
    def is_forecast(self) -> bool:
        """Whether the target is the id of a forecast (or the beginning of one)."""
        return self.target.startswith("fc-")


def parse_ref(text: str) -> Ref:
    """Read a reference.

    Raises
    ------
    InputError
        If the text has another form.
    """
    match = _REF.fullmatch(text)
    if match is None:
        raise InputError(Finding("error", f"'{text}' names nothing.", found=text, accepted=ACCEPTED))
    return Ref(match["target"], match["question"], match["outcome"])


def named_entries(
    ledger: "Ledger", ref: Ref, workspace: "Path | None" = None, *, foreign: bool = False
) -> "list[Entry]":
    """The records that a reference names: one by its id, the latest forecast of a scenario, or all of its forecasts.

    Parameters
    ----------
    ledger, ref
        Where, and what is named.
    workspace
        Whose files say which version is a scenario's own; it is preferred in the latest forecast.
    foreign
        Whether all forecasts of a scenario are those of imported logs, too.

    Raises
    ------
    InputError
        If an id names no record; of a scenario without forecasts there are none.
    """
    if ref.is_forecast:
        return [ledger.entry(ref.target)]
    if ref.latest_of:
        from forecast.scenario.read import default_model

        own = default_model(workspace, ref.latest_of) if workspace is not None else None
        latest = ledger.latest(ref.latest_of, default_model=own, foreign=ref.foreign)
        return [latest] if latest else []
    return list(ledger.forecasts(ref.target, foreign=foreign))
