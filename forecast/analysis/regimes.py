"""Which regime held, step by step: as it was seen at the time, and as it is seen now with all that came later.

Both are averages over the draws that a recorded forecast rests on, weighed for its evidence. "At the time" means the
model's filter, not the forecasts that were made then: ranges and codebook are those of the recorded model throughout.
"""

from datetime import date
from pathlib import Path
from typing import Any

from forecast.analysis.anchors import best_of
from forecast.analysis.why.explain import anchors_for
from forecast.analysis.why.nodes import path_from_nothing
from forecast.analysis.why.recorded import Recorded
from forecast.inference.posterior import summarised
from forecast.inference.reweight import serves
from forecast.ledger.store import Ledger
from forecast.model.arrays import arrays
from forecast.model.smoother import smoothed

__all__ = ["regimes_document"]


def regimes_document(ledger: Ledger, workspace: Path, forecast: Recorded) -> dict[str, Any]:
    """Probabilities of the regimes in every step to the as-of date, as JSON values.

    `reliable` says whether the draws at hand serve: k-hat of their weights and effective sample size as for answers.

    Raises
    ------
    ValueError
        If no draws at hand have the prior of the model.
    """
    question = str(forecast.forecast.questions[0]["id"])
    anchors, spare = anchors_for(ledger, workspace, None, forecast, path_from_nothing(forecast, question)[-1:])
    data = arrays(forecast.evidence, forecast.model, forecast.as_of)
    weighed = best_of([*anchors, *spare], forecast.model, data)
    seen = smoothed(weighed.filtered, weighed.parameters.move, data.moves)
    weights = weighed.weights.reshape(weighed.shape)
    rows = []
    for at, name in enumerate(forecast.model.regimes):
        for step in range(len(data.steps)):
            then, _, _, _ = summarised(weights, weighed.filtered.filtered[:, step, at].reshape(weighed.shape))
            now, mcse, low, high = summarised(weights, seen[:, step, at].reshape(weighed.shape))
            rows.append(
                {
                    "first": date.fromordinal(int(data.steps.first[step])).isoformat(),
                    "regime": name,
                    "then": then,
                    "p": now,
                    "mcse": mcse,
                    "low": low,
                    "high": high,
                }
            )
    return {
        "forecast": forecast.id,
        "regimes": list(forecast.model.regimes),
        "last": forecast.as_of.isoformat(),
        "khat": weighed.khat if weighed.khat > -float("inf") else None,
        "ess": weighed.ess,
        "reliable": serves(weighed.khat, weighed.ess),
        "rows": rows,
    }
