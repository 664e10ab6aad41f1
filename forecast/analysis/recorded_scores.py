"""Scores of recorded forecasts on resolved questions, paired: every version on the same questions as of the same days.

Live forecasts and replays are never pooled, and questions that people judge (`state`, `stays`) stand apart from those
that events settle.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import inf, log
from typing import Any

from forecast.ledger.records import Entry

__all__ = ["paired_scores", "score_answer"]

#: The groups in which questions are scored.
GROUPS: Mapping[str, str] = {"occurs": "settled by events", "state": "judged by people", "stays": "judged by people"}


def score_answer(p: Mapping[str, float], outcome: str) -> tuple[float, float]:
    """Brier score from 0 to 1 and log score of the probabilities of all outcomes.

    Half the sum of squared errors over outcomes, which is (p - o)^2 where there are two (Brier 1950, 'Verification of
    forecasts expressed in terms of probability', Monthly Weather Review 78, halved); and log p(outcome), minus infinity
    where that was called impossible.
    """
    brier = sum((chance - (name == outcome)) ** 2 for name, chance in p.items()) / 2
    return brier, log(p[outcome]) if p[outcome] > 0 else -inf


def paired_scores(
    entries: Iterable[Entry], identities: Mapping[str, str], resolved: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Mean scores of the versions that have forecasts on record, over the questions and days that all of these have.

    Parameters
    ----------
    entries
        Living forecasts of one scenario; of several of one version, kind and day the last counts.
    identities
        Model identity by version, in the order of rows; forecasts made before a version was edited are not its own.
    resolved
        Outcome by question.

    Returns
    -------
    list of dict
        `kind` (live or replay), `questions` (the group), `model`, `n`, `brier` (0 to 1), `log_score` (natural
        logarithm; None for minus infinity).
    """
    scores: dict[tuple[str, str], dict[str, dict[tuple[str, str], tuple[float, float]]]] = defaultdict(dict)
    for entry in entries:
        forecast = entry.forecast
        if identities.get(forecast.model) != forecast.model_identity:
            continue
        answers: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        for answer in forecast.answers:
            if answer.p is not None:
                answers[answer.question, answer.kind][answer.outcome] = answer.p
        for (question, ask), p in answers.items():
            outcome = resolved.get(question)
            if outcome in p:
                group = scores[forecast.kind, GROUPS[ask]]
                group.setdefault(forecast.model, {})[question, forecast.as_of] = score_answer(p, outcome)
    return [row for (kind, group), table in sorted(scores.items()) for row in _rows(kind, group, table, identities)]


def _rows(
    kind: str, group: str, table: Mapping[str, Mapping[tuple[str, str], tuple[float, float]]], versions: Iterable[str]
) -> list[dict[str, Any]]:
    common = set.intersection(*(set(scored) for scored in table.values()))
    if len(table) < 2 or not common:
        return []
    rows = []
    for version in versions:
        if version in table:
            pairs: Sequence[tuple[float, float]] = [table[version][key] for key in sorted(common)]
            brier, log_score = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
            rows.append(
                {
                    "kind": kind,
                    "questions": group,
                    "model": version,
                    "n": len(pairs),
                    "brier": brier,
                    "log_score": log_score if log_score > -inf else None,
                }
            )
    return rows
