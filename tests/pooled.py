"""Made-up counts of cases, with known rates, and draws without PyMC for the model that learns rates."""

from collections.abc import Mapping, Sequence

import numpy as np

from forecast.inference.diagnose import Diagnosis
from forecast.inference.draws import Draws
from forecast.inference.posterior import Progress
from forecast.model.counts import Counts
from forecast.model.pooling import expected_counts, shapes
from forecast.model.version import Floats


def make_counts(
    per_year: Sequence[Sequence[tuple[float, float]]],
    n: Sequence[Sequence[Sequence[int]]],
    years: Sequence[Sequence[Sequence[float]]],
    detection: tuple[float, float] = (0.8, 0.95),
) -> Counts:
    """Counts from nested lists: ranges by (indicator, regime), `n` and `years` by (case, indicator, regime).

    One watch for every case and indicator.
    """
    seen = np.array(n)
    n_cases, n_indicators, _ = seen.shape
    case, indicator, regime = (axis.ravel() for axis in np.indices(seen.shape))
    return Counts(
        cases=tuple(f"case{c}" for c in range(n_cases)),
        indicators=tuple(f"indicator{i}" for i in range(n_indicators)),
        regimes=tuple(f"regime{k}" for k in range(seen.shape[2])),
        watches=tuple((f"case{c}", f"indicator{i}", "2020-01-01") for c in range(n_cases) for i in range(n_indicators)),
        n=seen.ravel(),
        years=np.array(years, dtype=float).ravel(),
        case=case,
        indicator=indicator,
        regime=regime,
        watch=case * n_indicators + indicator,
        per_year=np.array(per_year, dtype=float),
        detection=np.array([detection] * (n_cases * n_indicators)),
        watch_case=np.repeat(np.arange(n_cases), n_indicators),
    )


def prior(data: Counts, n_draws: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Independent draws of the parameters from their prior, (D, ...)."""
    sizes = shapes(data)
    raw = {name: rng.standard_normal((n_draws, *size)) for name, size in sizes.items()}
    return raw | {"pooled": rng.random(n_draws)}


def log_mean(raw: Mapping[str, Floats], data: Counts) -> Floats:
    """Logarithm of the expected counts, (D, R)."""
    cells = np.stack([data.years, data.case, data.indicator, data.regime, data.watch], axis=1)
    result: Floats = expected_counts(np, raw, data, cells)
    return result


class ResampledPrior:
    """A learner without a Markov chain: prior draws, resampled by the likelihood of the counts. For few counts only."""

    def __init__(self, data: Counts, progress: Progress, problems: tuple[str, ...] = ()) -> None:
        self.problems = problems
        progress("compiling", None, "")

    def draw(self, data: Counts, seed: int, progress: Progress) -> tuple[Draws, Diagnosis]:
        progress("sampling", None, "")
        rng = np.random.default_rng(seed % 2**63)
        raw = prior(data, 12_000, rng)
        expected = log_mean(raw, data)
        weight = (data.n * expected - np.exp(expected)).sum(axis=1)
        weight = np.exp(weight - weight.max())
        rows = rng.choice(len(weight), size=2000, p=weight / weight.sum())
        arrays = {name: values[rows].reshape((4, 500, *values.shape[1:])) for name, values in raw.items()}
        meta = {"sampler": "resampled prior", "chains": 4, "draws": 500}
        return Draws(arrays, meta), Diagnosis(1.0, 2000.0, 0, 1.0, self.problems)
