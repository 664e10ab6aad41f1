"""Which forecast of a scenario is 'the latest', which before it a 'change' is counted from, and which of other versions
stand beside it: one rule each.

Every command, report, citation and page goes by these.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from forecast.ledger.records import Entry, Forecast, Kind, made_at_instant

__all__ = ["WITHIN_DAYS", "earlier_of", "latest_of", "other_versions"]

#: Days before a forecast as of which another version's is taken to know about the same.
WITHIN_DAYS = 31


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


def earlier_of(entries: Iterable[Entry], model: str, as_of: str, kind: Kind) -> Entry | None:
    """The living forecast that a forecast is compared with: the last one as of an earlier day; None if it is the first.

    What was forecast for the same day, an hour before or with another seed, is another reckoning of the same knowledge
    and no news: who reads of a change asks what has come since the last time. A live forecast is compared with live
    ones alone, for nobody had said what a replay says; a replay with replays, or with live ones where there are none.

    Parameters
    ----------
    entries
        Forecasts of one scenario; retracted ones are passed over.
    model, as_of, kind
        Version, ISO date and kind of the forecast that is compared.
    """
    before = [entry for entry in entries if entry.content["as_of"] < as_of]
    same_kind = latest_of((entry for entry in before if entry.content["kind"] == kind), model=model)
    return same_kind if same_kind is not None or kind == "live" else latest_of(before, model=model)


def other_versions(entries: Iterable[Entry], forecast: Forecast) -> list[Entry]:
    """Of every other version the forecast nearest in time, of the same kind where there is one, by name of the version.

    None is as of a later day: it knew what this forecast could not, and would carry it into what is said of this day.

    Parameters
    ----------
    entries
        Living forecasts of the scenario.
    forecast
        Beside which they stand.
    """
    as_of = date.fromisoformat(forecast.as_of)
    nearest: dict[str, tuple[tuple[Any, ...], Entry]] = {}
    for entry in entries:
        model = entry.content["model"]
        days = (as_of - date.fromisoformat(entry.content["as_of"])).days
        if model == forecast.model or not 0 <= days <= WITHIN_DAYS:
            continue
        rank = (days, entry.content["kind"] != forecast.kind, -entry.seq, entry.id)
        if model not in nearest or rank < nearest[model][0]:
            nearest[model] = rank, entry
    return [nearest[model][1] for model in sorted(nearest)]
