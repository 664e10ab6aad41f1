"""One way to name things everywhere: `(SCENARIO | FORECAST)[/QUESTION[:OUTCOME]]`."""

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

ACCEPTED = "SCENARIO, SCENARIO@latest or FORECAST, then /QUESTION, then :OUTCOME, as in dprk-russia/regime-2025:durable"

_ID = r"[A-Za-z0-9][\w.-]*"
_REF = re.compile(rf"(?P<target>{_ID}(?:{LATEST})?)(/(?P<question>{_ID})(:(?P<outcome>{_ID}))?)?")


@dataclass(frozen=True, slots=True)
class Ref:
    """A scenario or a forecast, and perhaps a question and an outcome of it."""

    target: str
    question: str | None
    outcome: str | None

    @property
    def latest_of(self) -> str | None:
        """The scenario whose latest forecast is meant by `SCENARIO@latest`; None otherwise."""
        return self.target.removesuffix(LATEST) if self.target.endswith(LATEST) else None

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


def named_entries(ledger: "Ledger", ref: Ref, workspace: "Path | None" = None) -> "list[Entry]":
    """The records that a reference names: one by its id, the latest forecast of a scenario, or all of its forecasts.

    Parameters
    ----------
    ledger, ref
        Where, and what is named.
    workspace
        Whose files say which version is a scenario's own; it is preferred in the latest forecast.

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
        latest = ledger.latest(ref.latest_of, default_model=own)
        return [latest] if latest else []
    return list(ledger.forecasts(ref.target))
