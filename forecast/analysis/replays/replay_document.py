"""What `replay --json` prints: forecasts, automatic questions, scores, and what happened on each day."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from forecast.analysis.replays.replay import Replayed
from forecast.analysis.replays.replay_scores import automatic_answers, replay_scores
from forecast.analysis.scoring.resolved import HINDSIGHT
from forecast.analysis.scoring.score import finite
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set
from forecast.model.version import settings
from forecast.scenario.schema import Family

__all__ = ["NEVER_POOLED", "replay_document"]

NEVER_POOLED = "replays are never pooled with live forecasts"


def replay_document(replays: Sequence[Replayed], rows: Sequence[Mapping[str, Any]], today: date) -> dict[str, Any]:
    """Put a replay into one document.

    Parameters
    ----------
    replays
        One for every scenario.
    rows
        The forecasts as history rows, each with its `scenario`.
    today
        Resolutions known by this day count for the scores.
    """
    span = replays[0].span
    answers = [automatic_answers(one) for one in replays]
    scores = [row for one, found in zip(replays, answers, strict=True) for row in replay_scores(one, found, today)]
    return {
        "scenarios": [one.scenario.id for one in replays],
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "every": "days" if span.asked else span.every,
        "models": {one.scenario.id: list(one.models) for one in replays},
        "warnings": [HINDSIGHT, NEVER_POOLED],
        "from_prior": sum(one.from_prior for one in replays),
        "moved": sum(one.moved for one in replays),
        "notes": [f"{one.scenario.id} {note}" for one in replays for note in one.notes],
        "problems": [problem for one in replays for problem in one.problems],
        "interval": "90% range over draws of the probability given the rates",
        "brier_scale": "0-1",
        "days": [row for one in replays for row in _days(one)],
        "rows": list(rows),
        "automatic": [row for found in answers for row in found],
        "scores": finite(scores),
    }


def _days(replayed: Replayed) -> Iterator[dict[str, Any]]:
    """By day: which events had become known since the day before, and which questions were resolved."""
    scenario = replayed.scenario
    version = next(
        (name for name in replayed.models if scenario.models[name].family is not Family.BASE_RATE), replayed.models[0]
    )
    model = settings(scenario, version)
    before: set[str] = set()
    settled: set[str] = set()
    for day in replayed.days:
        then = snapshot(scenario, version, day)
        events = {event.id for event in evidence_set(then, scenario.start, model).events}
        yield {
            "scenario": scenario.id,
            "as_of": day.isoformat(),
            "events": len(events),
            "new_events": sorted(events - before),
            "resolved": sorted(set(then.resolutions) - settled),
        }
        before, settled = events, set(then.resolutions)
