"""Posterior draws by NUTS: build, compile and sample, through nutpie.

Importing PyMC and nutpie and compiling take most of the time of a fit; this module is imported only when one is made.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version as version_of
from time import perf_counter
from typing import Any

# The log-density is small: higher levels of optimisation cost more time than they save. Read when numba is imported.
os.environ.setdefault("NUMBA_OPT", "1")

import numpy as np
import nutpie
from threadpoolctl import threadpool_limits

from forecast.inference.compiled import Compiled, compiled
from forecast.inference.density import VECTOR, for_nutpie, free_variables
from forecast.inference.draws import Draws
from forecast.inference.parameter_layout import raw_shapes
from forecast.inference.posterior import Progress
from forecast.model.arrays import Arrays
from forecast.model.version import Floats, Settings

__all__ = ["SAMPLER", "fit", "sample"]

#: Recorded with every fit.
SAMPLER = "nutpie NUTS"

CHAINS = 4
TUNE = 500
DRAWS = 1000


def fit(model: Settings, data: Arrays, seed: int, progress: Progress) -> Draws:
    """Draw from the posterior.

    Parameters
    ----------
    model, data
        Settings and evidence.
    seed
        Seeds sampler and starting points; equal seeds give equal draws on the same machine and versions.
    progress
        Called at every stage, and several times a second while sampling.

    Returns
    -------
    Draws
        `meta` holds sampler, seed, seconds by stage, divergences, energies and versions.

    Raises
    ------
    KeyboardInterrupt
        If the user interrupts; nothing is kept.
    """
    began = perf_counter()
    progress("compiling", None, "about a minute the first time, then some seconds")
    ready = compiled(model, data)
    draws = sample(ready, seed, progress, began, perf_counter())
    return replace(draws, arrays=_arrays(draws.arrays, model, data))


def sample(ready: Compiled, seed: int, progress: Progress, began: float, compiled_at: float) -> Draws:
    """Draws of a compiled model's free variables, with `meta` as `fit` has it.

    Parameters
    ----------
    ready
        Model and density.
    seed, progress
        As in `fit`.
    began, compiled_at
        When building began and ended, by `time.perf_counter`.
    """
    started = perf_counter()
    # chains use the processors there are; and sums of matrix products hang on the number of threads, in the last digit
    with threadpool_limits(1, "blas"):
        trace = _trace(ready, seed, lambda state: _report(state, progress, started))
    ended = perf_counter()
    stats = trace["sample_stats"]
    return Draws(
        arrays=free_variables(ready.built, trace["posterior"][VECTOR].to_numpy()),
        meta={
            "sampler": SAMPLER,
            "chains": CHAINS,
            "tune": TUNE,
            "draws": DRAWS,
            "seed": seed,
            "seconds": {"build_and_compile": round(compiled_at - began, 3), "sample": round(ended - started, 3)},
            "divergences": int(stats["diverging"].to_numpy().sum()),
            "bfmi": _bfmi(stats["energy"].to_numpy()),
            "versions": library_versions(),
        },
    )


def _trace(ready: Compiled, seed: int, report: Callable[[Any], None]) -> Any:
    """What nutpie samples; stopped at once where it is interrupted."""
    sampler = nutpie.sample(
        for_nutpie(ready.flat),
        chains=CHAINS,
        tune=TUNE,
        draws=DRAWS,
        cores=min(CHAINS, os.cpu_count() or 1),
        seed=seed % 2**63,
        save_warmup=False,
        progress_bar=False,
        progress_callback=report,
        progress_rate=200,
        blocking=False,
    )
    try:
        return sampler.wait()
    except BaseException:
        # waiting within `nutpie.sample` would give back the unfinished chains of an interrupted run as if they were all
        sampler.cancel()
        raise


def library_versions() -> dict[str, str]:
    """Versions of the libraries that made the draws."""
    return {name: version_of(name) for name in ("pymc", "nutpie", "pytensor", "numba", "arviz")}


def _report(state: Any, progress: Progress, began: float) -> None:
    done = sum(chain.finished_draws for chain in state)
    total = sum(chain.total_draws for chain in state)
    if done < total / 20:
        return  # the first draws are slow: a rate taken from them misleads
    rate = done / (perf_counter() - began)
    left = (total - done) / rate if rate else 0.0
    progress("sampling", done / total, f"{len(state)} chains, {rate:,.0f} draws/s, {left:.0f} s left")


def _arrays(sampled: Mapping[str, Floats], model: Settings, data: Arrays) -> dict[str, Floats]:
    """The sampled parameters, with those that have no free entry filled in."""
    arrays: dict[str, Floats] = {}
    for name, shape in raw_shapes(model, data).items():
        if name in sampled:
            arrays[name] = np.ascontiguousarray(sampled[name], dtype=float)
        else:
            # a simplex of one entry, or nothing at all
            arrays[name] = np.ones((CHAINS, DRAWS, *shape))
    return arrays


def _bfmi(energy: Floats) -> list[float]:
    """Bayesian fraction of missing information of every chain (Betancourt 2016, arXiv 1604.00695)."""
    change = np.square(np.diff(energy, axis=1)).mean(axis=1)
    return [round(float(value), 4) for value in change / energy.var(axis=1)]
