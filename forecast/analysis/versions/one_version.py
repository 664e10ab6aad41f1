"""One model version compared: its answers, what it predicted step by step, its predictive check, and what each took."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from time import perf_counter
from typing import Any

import numpy as np

from forecast.analysis.versions.predictive_check import predictive_check
from forecast.analysis.versions.prequential import Prequential, evidence_before, prequential
from forecast.analysis.versions.watch_windows import Window, count_events, watch_windows
from forecast.inference.posterior import Posterior, Progress
from forecast.inference.stored_draws import DrawSource
from forecast.model.arrays import arrays
from forecast.model.steps import steps_between
from forecast.model.version import Settings, settings
from forecast.plan import Question
from forecast.scenario.record import Scenario

__all__ = ["Counted", "OneVersion", "one_version"]


@dataclass(frozen=True, slots=True)
class Counted:
    """What all versions are compared on: windows of watching, and the number of events seen in each."""

    windows: Sequence[Window]
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class OneVersion:
    """What was computed for a version; `seconds` by stage."""

    model: Settings
    answered: Posterior
    scored: Prequential
    checked: Sequence[dict[str, Any]]
    seconds: dict[str, float]


def one_version(
    scenario: Scenario,
    name: str,
    number: int,
    counted: Counted,
    questions: Sequence[Question],
    as_of: date,
    source: DrawSource,
    *,
    seed: int,
    progress: Progress,
) -> OneVersion:
    """Answer, score and check a version as of a day.

    Parameters
    ----------
    scenario, name, number
        The version, and its place among the windows' watches.
    counted
        Windows and counts, the same for all versions.
    questions, as_of
        Those that are open, and the day after which nothing is used.
    source
        Chooses the draws for answers and check.
    seed
        Of all draws made here.
    progress
        Called at every stage.
    """
    model = settings(scenario, name)
    knows = evidence_before(scenario, model, counted.windows, number)
    began = perf_counter()
    progress(f"{name}: answers", None, "")
    answered = source.draws_for(model, arrays(knows(as_of), model, as_of), questions, seed=seed)
    answered_at = perf_counter()
    scored = prequential(
        model,
        counted.windows,
        counted.counts,
        steps_between(scenario.start, as_of, scenario.file.step),
        knows,
        seed=seed,
        number=number,
        progress=lambda done: progress(f"{name}: prequential score", done, ""),
    )
    scored_at = perf_counter()
    progress(f"{name}: predictive check", None, "")
    checked = _checked(scenario, name, answered, as_of, seed)
    seconds = {
        "answers": round(answered_at - began, 3),
        "prequential": round(scored_at - answered_at, 3),
        "check": round(perf_counter() - scored_at, 3),
    }
    return OneVersion(model, answered, scored, checked, seconds)


def _checked(scenario: Scenario, name: str, answered: Posterior, as_of: date, seed: int) -> list[dict[str, Any]]:
    """The predictive check of a version; none where nothing is watched, or its draws are not reliable."""
    windows = watch_windows(scenario, (name,), as_of, at_the_end=True)
    if not windows or not answered.is_reliable:
        return []
    seen = count_events(scenario, name, windows)
    rng = np.random.default_rng([seed % 2**63, 1])
    return [{"model": name} | asdict(row) for row in predictive_check(answered.weighted, windows, seen, rng)]
