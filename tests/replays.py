"""Replays of the toy for tests: short, without PyMC, and in functions that other processes can import."""

import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from forecast.analysis.replays.executor import executor
from forecast.analysis.replays.replay import Replayed, Span, replay
from forecast.inference.draws import Draws
from forecast.inference.posterior import Sampler
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.scenario.read import read_scenario

from .workspaces import exact, noon

#: Fourteen month-ends, in two segments; two models.
SPAN = Span(date(2023, 5, 1), date(2024, 6, 30))
N_DAYS = 14

#: A day after the toy's end.
TODAY = date(2026, 1, 1)


def replay_toy(
    workspace: Path,
    span: Span = SPAN,
    *,
    jobs: int = 1,
    on: str | None = None,
    sampler: Sampler = exact,
    today: date = TODAY,
    at: Callable[[str], None] = lambda _: None,
    progress: Callable[..., None] = lambda *_: None,
) -> Replayed:
    """Replay the toy."""
    with executor(jobs, on) as run:
        (made,) = replay(
            [read_scenario(workspace, "toy")], span, run, clock=noon(today), sampler=sampler, at=at, progress=progress
        )
    return made


def numbers(workspace: Path, chained: bool = True) -> dict[tuple[str, str], Any]:
    """By model and day all that a replay computed, digit for digit; without what differs from run to run.

    Raises if a day of a chain is on record twice.
    """
    found: dict[tuple[str, str], Any] = {}
    fits: dict[str | None, str] = {}
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        for entry in ledger.forecasts():
            forecast = entry.forecast
            if ("chain" in forecast.extra) is not chained:
                continue
            if forecast.method["from_fit"] is None:
                fits[forecast.fit] = forecast.as_of
            place = (forecast.model, forecast.as_of)
            assert place not in found, f"{place} is on record twice"
            method = {name: forecast.method[name] for name in ("name", "khat", "ess", "rhat")}
            found[place] = (forecast.key, forecast.answers, forecast.extra, method, fits[forecast.fit])
    return found


def days_of(replayed: Replayed, models: Sequence[str] = ("v1", "v0")) -> list[tuple[str, str]]:
    """Every model and day there should be."""
    return [(model, day.isoformat()) for model in models for day in replayed.days]


def dying(model: Any, data: Any, seed: int, progress: Any) -> Draws:
    """Dies as the system kills, at the first fit of a second segment."""
    if len(data.steps) > 12 and model.family.value == "regime":
        os.kill(os.getpid(), signal.SIGKILL)
    return exact(model, data, seed, progress)


def diverging(model: Any, data: Any, seed: int, progress: Any) -> Draws:
    """A fit that fails its diagnostics at the beginning of the second segment."""
    draws = exact(model, data, seed, progress)
    fails = len(data.steps) == 17 and model.family.value == "regime"
    return replace(draws, meta={**draws.meta, "divergences": 3}) if fails else draws
