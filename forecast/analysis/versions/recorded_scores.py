"""Scores of recorded forecasts on resolved questions, paired: every version on the same questions as of the same days.

Live forecasts and replays are never pooled, and questions that people judge stand apart from those that events settle.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import isinf
from typing import Any

import numpy as np

from forecast.analysis.scoring.resolved import resolved_rows
from forecast.analysis.scoring.rows import JUDGED, Row
from forecast.analysis.scoring.scores import brier, log_score
from forecast.ledger.records import Entry
from forecast.model.version import Floats
from forecast.scenario.record import Scenario

__all__ = ["paired_scores", "rows_of_versions"]


def rows_of_versions(
    scenario: Scenario, entries: Iterable[Entry], identities: Mapping[str, str], as_of: date
) -> list[Row]:
    """What can be scored of versions by a day; a forecast made before its version was edited is not that version's."""
    own = [entry for entry in entries if identities.get(entry.content["model"]) == entry.content["model_identity"]]
    return list(resolved_rows(scenario, own, as_of).rows)


def paired_scores(rows: Iterable[Row], versions: Sequence[str]) -> list[dict[str, Any]]:
    """Mean scores of the versions that have forecasts on record, over the questions and days that all of these have.

    Where codebooks name other regimes, probabilities are of other outcomes, and such a question is passed over.

    Parameters
    ----------
    rows
        Forecasts of resolved questions.
    versions
        In the order of the result.

    Returns
    -------
    list of dict
        `kind` (live or replay), `questions` (judged by people or settled by events), `model`, `n`, `brier` (0 to 1),
        `log_score` (minus the natural logarithm of the probability of what happened; None where infinite).
    """
    tables: dict[tuple[str, str], dict[str, dict[tuple[object, ...], Row]]] = defaultdict(dict)
    for row in rows:
        group = "judged by people" if row.question_kind in JUDGED else "settled by events"
        tables[row.kind, group].setdefault(row.model, {})[row.occasion] = row
    found: list[dict[str, Any]] = []
    for (kind, group), table in sorted(tables.items()):
        shared = set.intersection(*(set(scored) for scored in table.values()))
        common = [one for one in shared if len({frozenset(scored[one].outcomes) for scored in table.values()}) == 1]
        if len(table) < 2 or not common:
            continue
        for version in versions:
            if version in table:
                scores = np.array([_scores(table[version][occasion]) for occasion in common]).mean(axis=0)
                found.append(
                    {
                        "kind": kind,
                        "questions": group,
                        "model": version,
                        "n": len(common),
                        "brier": float(scores[0]),
                        "log_score": None if isinf(scores[1]) else float(scores[1]),
                    }
                )
    return found


def _scores(row: Row) -> Floats:
    p, observed = np.array([row.p]), np.array([row.outcomes.index(row.observed)])
    return np.concatenate([brier(p, observed), log_score(p, observed)])
