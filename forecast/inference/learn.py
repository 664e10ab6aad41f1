"""Rates learned from cases whose regimes are given: a small hierarchical model of Poisson counts, sampled by NUTS.

The mathematics is in `model.pooling` and docs/method.md, 'Learning rates from cases'. The cells are data, so that a
case can be left out without another compilation.
"""

from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from forecast.inference.compiled import Compiled
from forecast.inference.density import flat_model, with_evidence
from forecast.inference.diagnose import Diagnosis, diagnose
from forecast.inference.draws import Draws, flat
from forecast.inference.fit import sample
from forecast.inference.posterior import Progress
from forecast.model.counts import Counts
from forecast.model.pooling import expected_counts, new_case, shapes
from forecast.model.version import Floats

__all__ = ["Learner", "pooled_model"]


class Learner:
    """The model of some cases, compiled once; `draw` samples with the cells of all of them or of some."""

    def __init__(self, data: Counts, progress: Progress) -> None:
        progress("compiling", None, "some seconds, more the first time")
        self._began = perf_counter()
        built = pooled_model(data)
        self._ready = Compiled(built, flat_model(built))
        self._compiled_at = perf_counter()

    def draw(self, data: Counts, seed: int, progress: Progress) -> tuple[Draws, Diagnosis]:
        """Draws of the parameters, each (chain, draw, ...), and whether they may be used.

        Parameters
        ----------
        data
            Of the same cases, indicators and watches; perhaps with fewer cells.
        seed
            Seeds sampler and starting points.
        progress
            Called several times a second.
        """
        ready = replace(self._ready, flat=with_evidence(self._ready.flat, {"cells": cell_table(data)}))
        draws = sample(ready, seed, progress, self._began, self._compiled_at)
        return draws, diagnose(draws, _published(draws, data))


def pooled_model(data: Counts) -> pm.Model:
    """Build the model; the free variables are those of `model.pooling.RAW`."""
    with pm.Model() as built:
        raw: dict[str, Any] = {"pooled": pm.Uniform("pooled", 0.0, 1.0)}
        for name, shape in shapes(data).items():
            if name != "pooled":
                raw[name] = pm.Normal(name, shape=shape)
        cells = pm.Data("cells", cell_table(data))
        log_mean = expected_counts(pt, raw, data, cells[:, 1:])
        n = cells[:, 0]
        pm.Potential("counts", (n * log_mean - pt.exp(log_mean) - pt.gammaln(n + 1)).sum())
    return built


def cell_table(data: Counts) -> Floats:
    """The cells as one table of numbers, (R, 6): n, years, case, indicator, regime, watch."""
    columns = (data.n, data.years, data.case, data.indicator, data.regime, data.watch)
    return np.stack([np.asarray(column, dtype=float) for column in columns], axis=1)


def _published(draws: Draws, data: Counts) -> dict[str, Floats]:
    """What ranges are made of, (chain, draw), by a name for messages."""
    case = new_case(flat(draws))
    found = {"pooled": draws.arrays["pooled"]}
    for i, k in sorted(set(zip(data.indicator.tolist(), data.regime.tolist(), strict=True))):
        found[f"rate of {data.indicators[i]} in {data.regimes[k]}"] = case.mean[:, i, k].reshape(draws.shape)
    return found
