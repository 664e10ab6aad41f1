"""From what was typed after `watch` to the open question, and the scale of its words."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from forecast.analysis.ahead.open_question import WatchRequest, request_for_plan, request_for_record
from forecast.api.days import Day, day_of
from forecast.api.scales import scale_of
from forecast.errors import Finding, InputError
from forecast.ledger.store import Ledger
from forecast.plan import Request, plan
from forecast.references import Ref, named_entries, parse_ref
from forecast.scenario.read import read_scenario, readable

__all__ = ["watch_request"]


def watch_request(
    ledger: Ledger, workspace: Path, ref: str, as_of: Day, model: str | None, words: str | None, today: date
) -> WatchRequest:
    """The question that a reference names: of a recorded forecast, or of a scenario's files as of a day.

    Parameters
    ----------
    ledger, workspace
        Where forecasts and scenarios are.
    ref
        SCENARIO, SCENARIO@latest or FORECAST, then /QUESTION and :OUTCOME.
    as_of, model
        The day and the version; neither for a recorded forecast, which has its own.
    words
        Id of a scale; by default the scenario's, as its files say now.
    today
        The present day.

    Raises
    ------
    InputError
        If there is no such forecast, question or scale, the question is closed, or a day or a version is named for a
        recorded forecast.
    """
    wanted = parse_ref(ref)
    scale = scale_of(words) if words else None
    if not (wanted.is_forecast or wanted.latest_of):
        scenario = read_scenario(workspace, wanted.target)
        made = plan(scenario, Request(model, day_of(as_of)), today, ledger)
        request = request_for_plan(made, wanted.question, wanted.outcome)
        return replace(request, scale=scale or scenario.words)
    request = _request_for_forecast(workspace, ledger, ref, wanted, takes_its_own=as_of is None and model is None)
    return replace(request, scale=scale or scale_of(None, readable(workspace, request.scenario)))


def _request_for_forecast(
    workspace: Path, ledger: Ledger, ref: str, wanted: Ref, *, takes_its_own: bool
) -> WatchRequest:
    entries = named_entries(ledger, wanted, workspace)
    if not entries:
        message = f"no forecast of '{wanted.latest_of}' is recorded."
        raise InputError(Finding("error", message, found=ref, accepted=f"{wanted.latest_of}/QUESTION"))
    if not takes_its_own:
        message = f"{entries[0].id} has its own as-of date and model."
        accepted = f"neither --as-of nor --model, or {entries[0].forecast.scenario}/QUESTION with them"
        raise InputError(Finding("error", message, found=ref, accepted=accepted))
    return request_for_record(ledger, entries[0], wanted.question, wanted.outcome)
