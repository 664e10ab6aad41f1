"""Which forecast of a scenario is 'the latest': one rule for every command, report, citation and page."""

from collections.abc import Iterable
from typing import Any

from forecast.ledger.records import Entry, made_at_instant

__all__ = ["latest_of"]


def latest_of(
    entries: Iterable[Entry], question: str | None = None, *, model: str | None = None, default_model: str | None = None
) -> Entry | None:
    """The living forecast that speaks for a scenario; None if there is none.

    Live ones come before replays, which nobody made at the time; of these, those of the scenario's default version
    before what was made for comparison; of these the one with the latest as-of date, and of these the one made last.

    Parameters
    ----------
    entries
        Forecasts of one scenario; retracted ones are passed over.
    question
        Only those that answer it.
    model
        Only those of this version.
    default_model
        The version that the scenario's files make its own, where they can be read.
    """

    def rank(entry: Entry) -> tuple[bool, bool, str, Any, int]:
        content = entry.content
        is_own = content["model"] == default_model
        return content["kind"] == "live", is_own, content["as_of"], made_at_instant(content["made_at"]), entry.seq

    fitting = (
        entry
        for entry in entries
        if entry.retracted is None
        and model in (None, entry.content["model"])
        and (question is None or any(row["question"] == question for row in entry.content["answers"]))
    )
    return max(fitting, key=rank, default=None)
