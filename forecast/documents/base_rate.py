"""What `base-rate --json` prints."""

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.evidence.base_rates import BaseRate, snippet
from forecast.evidence.spells import Spells

__all__ = ["base_rate_document"]


def base_rate_document(
    spells: Spells, rate: BaseRate, fields: Mapping[str, object], ages: Sequence[float]
) -> dict[str, Any]:
    """Counts, the curve at some ages in years, and the entry, also as YAML."""
    curve = rate.curve
    return {
        "n": rate.n,
        "endings": rate.endings,
        "years_at_risk": rate.years_at_risk,
        "coded_until": spells.censored_on.isoformat(),
        "rows": spells.n_rows,
        "filtered": spells.n_filtered,
        "skipped": [{"reason": reason, "rows": n} for reason, n in spells.skipped.items()],
        "causes": [
            {"cause": cause, "endings": n, "counted": cause in rate.counted} for cause, n in rate.causes.items()
        ],
        "median_years": curve.median,
        "ages": [
            {
                "years": age,
                "lasting": curve.lasting(age),
                "low": curve.interval(age)[0],
                "high": curve.interval(age)[1],
                "ended": [{"cause": cause, "p": curve.ended(cause, age)} for cause in rate.causes],
            }
            for age in ages
        ],
        "entry": dict(fields),
        "yaml": snippet(fields),
    }
