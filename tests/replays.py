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

from .workspaces import exact, never, noon

#: Fourteen month-ends, in two segments; two models.
SPAN = Span(date(2023, 5, 1), date(2024, 6, 30))
N_DAYS = 14

#: The same, every day sampled by NUTS.
BY_NUTS = replace(SPAN, method="nuts")

#: A day after the toy's end.
TODAY = date(2026, 1, 1)


def replay_toy(
    workspace: Path,
    span: Span = SPAN,
    *,
    jobs: int = 1,
    on: str | None = None,
    sampler: Sampler = never,
    today: date = TODAY,
    at: Callable[[str], None] = lambda _: None,
    progress: Callable[..., None] = lambda *_: None,
) -> Replayed:
    """Replay the toy."""
    with executor(jobs, on) as run:
        (found,) = replay(
            [read_scenario(workspace, "toy")], span, run, clock=noon(today), sampler=sampler, at=at, progress=progress
        )
    return found


def numbers(workspace: Path) -> dict[tuple[str, str], Any]:
    """By model and day everything that a replay computed, digit for digit; without what differs from run to run.

    The digest of the particles is among it: all of them are equal where it is. Raises if a day is on record twice.
    """
    found: dict[tuple[str, str], Any] = {}
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        for entry in ledger.forecasts():
            forecast = entry.forecast
            if "chain" not in forecast.extra:
                continue
            place = (forecast.model, forecast.as_of)
            assert place not in found, f"{place} is on record twice"
            method = {name: value for name, value in forecast.method.items() if name != "seconds"}
            found[place] = (forecast.key, forecast.answers, forecast.extra, method)
    return found


def days_of(replayed: Replayed, models: Sequence[str] = ("v1", "v0")) -> list[tuple[str, str]]:
    """Every model and day there should be."""
    return [(model, day.isoformat()) for model in models for day in replayed.days]


def killing(model: Any, data: Any, seed: int, progress: Any) -> Draws:
    """A sampler that is killed, as the system kills where memory runs out, at the first day after twelve."""
    if len(data.steps) > 16 and model.family.value == "regime":
        os.kill(os.getpid(), signal.SIGKILL)
    return exact(model, data, seed, progress)


def diverging(model: Any, data: Any, seed: int, progress: Any) -> Draws:
    """A sampler that fails its diagnostics on one day."""
    draws = exact(model, data, seed, progress)
    fails = len(data.steps) == 17 and model.family.value == "regime"
    return replace(draws, meta={**draws.meta, "divergences": 3}) if fails else draws
