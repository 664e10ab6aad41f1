"""Forecasts made in memory, as if they had been recorded: for explanations without files."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from forecast.analysis.why.explain import Explanation, explain
from forecast.analysis.why.recorded import Recorded
from forecast.canonical import sha256
from forecast.inference.reweight import prior_draws, weigh
from forecast.ledger.records import Answer, Forecast
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.model.answers import outcomes
from forecast.model.arrays import arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.version import Settings, model_identity
from forecast.plan import Question


def made(
    name: str, model: Settings, evidence: EvidenceSet, as_of: date, questions: Sequence[Question], **changes: Any
) -> Recorded:
    """A forecast whose numbers are those of the prior's draws, weighed; `changes` are to the record."""
    data = arrays(evidence, model, as_of)
    weighed = weigh(prior_draws(model, data, seed=99), model, data)
    answers = []
    for question in questions:
        for outcome, values in zip(outcomes(question, model), weighed.answer(question, model, data).T, strict=True):
            p = float(weighed.weights @ values)
            spread = float(np.sqrt(weighed.weights @ (values - p) ** 2 / weighed.ess))
            answers.append(
                Answer(question.id, question.ask, question.kind, outcome, p, spread, p, p, closed=False, resolved=None)
            )
    record = Forecast(
        scenario="toy",
        title="A toy",
        model=model.version,
        family=model.family.value,
        model_identity=model_identity(model),
        evidence_identity=sha256(name),
        as_of=as_of.isoformat(),
        made_at="2026-01-01T12:00:00+00:00",
        kind="replay",
        key=sha256(name),
        seed=changes.pop("seed", 7),
        method={"name": "nuts"},
        fit=None,
        versions={},
        questions=tuple(question.model_dump(mode="json", by_alias=True) for question in questions),
        evidence_counts={},
        warnings=(),
        since=None,
        answers=changes.pop("answers", tuple(answers)),
        **changes,
    )
    return Recorded(name, record, model, evidence, as_of)


def explained(
    workspace: Path, earlier: Recorded | None, later: Recorded, question: str = "q", outcome: str | None = None
) -> Explanation:
    """An explanation from prior draws alone: there is no ledger."""
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        return explain(ledger, workspace, earlier, later, question, outcome, sources=None)
