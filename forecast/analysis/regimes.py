"""Which regime held, step by step: as it was seen at the time, and as it is seen now with all that came later.

Both are averages over the draws that a recorded forecast rests on. "At the time" means the model's filter, not the
forecasts that were made then: ranges and codebook are those of the recorded model throughout.
"""

from datetime import date
from typing import Any

from forecast.analysis.why.recorded import Recorded
from forecast.inference.stored_draws import DrawSource, check_reliable
from forecast.model.arrays import arrays
from forecast.model.smoother import smoothed

__all__ = ["regimes_document"]


def regimes_document(source: DrawSource, forecast: Recorded) -> dict[str, Any]:
    """Probabilities of the regimes in every step to the as-of date, as JSON values.

    Parameters
    ----------
    source
        Chooses the draws: the forecast's own, or others where its file is gone.
    forecast
        The record.

    Raises
    ------
    DiagnosticError
        If no draws are good enough.
    """
    record = forecast.forecast
    asked = dict.fromkeys(answer.question for answer in record.answers if not answer.closed)
    data = arrays(forecast.evidence, forecast.model, forecast.as_of)
    found = source.draws_for(
        forecast.model,
        data,
        [forecast.question(question) for question in asked],
        seed=record.seed,
        candidates=lambda stored: record.fit is None or stored.sha256 == record.fit,
    )
    weighted = check_reliable(found, forecast.id).weighted
    seen = smoothed(weighted.filtered, weighted.parameters.move, data.moves)
    rows = []
    for at, name in enumerate(forecast.model.regimes):
        for step in range(len(data.steps)):
            then = weighted.mean(weighted.filtered.filtered[:, step, at])
            now, mcse, low, high = weighted.summary(seen[:, step, at])
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
        "method": found.method["name"],
        "khat": found.method["khat"],
        "ess": found.method["ess"],
        "rows": rows,
    }
