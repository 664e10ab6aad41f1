"""Draws as an ArviZ DataTree, with log-likelihood by step and log-prior by parameter, for diagnostics by other tools.

The log-likelihood of a step leans on the steps before it: good for power scaling and leave-future-out, not for
leave-one-out.
"""

from typing import Any

import numpy as np
from arviz_base import from_dict
from scipy.stats import beta, dirichlet, norm

from forecast.inference.draws import Draws, flat
from forecast.inference.pymc_model import RAW, coords
from forecast.model.answers import filtered
from forecast.model.arrays import Arrays
from forecast.model.priors import goes_to_concentrations, log_base_rate, natural
from forecast.model.version import Floats, Settings

__all__ = ["to_datatree"]

#: Parameters with units, and their dimensions after chain and draw.
NATURAL: dict[str, tuple[str, ...]] = {
    "rate": ("event", "regime"),
    "holds": ("condition", "regime"),
    "move": ("regime", "regime_to"),
    "detection": ("watch",),
}


def to_datatree(draws: Draws, model: Settings, data: Arrays) -> Any:
    """Put draws into a DataTree.

    Parameters
    ----------
    draws
        Posterior draws of this model and evidence.
    model, data
        What they were drawn from.

    Returns
    -------
    xarray.DataTree
        Groups `posterior` (standard parameters and those with units, dims chain, draw, step, indicator, regime ...),
        `log_likelihood` (`steps`, by step), `log_prior` (by parameter; `base_rates` where there are reference classes).
    """
    raw = flat(draws)
    parameters = natural(np, raw, model, data.fixed)
    result = filtered(parameters, model, data)

    def chains(values: Floats) -> Floats:
        return values.reshape((*draws.shape, *values.shape[1:]))

    used = {name: dims for name, dims in RAW.items() if draws.arrays[name].size}
    with_units = {name: chains(getattr(parameters, name)) for name in NATURAL}
    posterior = {name: draws.arrays[name] for name in used} | {n: v for n, v in with_units.items() if v.size}
    posterior["regime_probability"] = chains(result.filtered)
    prior = {name: chains(values) for name, values in _log_prior(raw, model, data).items() if values.size}
    labels = coords(model, data) | {"event": list(model.events), "regime_to": list(model.regimes)}
    dims = {**used, **NATURAL, "regime_probability": ("step", "regime"), "steps": ("step",)}
    tree = from_dict(
        {"posterior": posterior, "log_likelihood": {"steps": chains(result.log_likelihood)}},
        coords=labels,
        dims={name: list(dims[name]) for name in (*posterior, "steps")},
        attrs={"/": {"sampler": str(draws.meta.get("sampler")), "seed": str(draws.meta.get("seed"))}},
    )
    # apart, because here the same names have no dimensions after chain and draw
    tree["log_prior"] = from_dict({"log_prior": prior})["log_prior"]
    return tree


def _log_prior(raw: dict[str, Floats], model: Settings, data: Arrays) -> dict[str, Floats]:
    """Log-density (D,) of every sampled parameter under its prior, summed over its entries."""
    n_draws = len(raw["stay_own"])
    rows = {
        name: norm.logpdf(raw[name]).reshape(n_draws, -1).sum(axis=1)
        for name in ("indicator_common", "indicator_own", "stay_own", "detection_own")
        if raw[name].size
    }
    rows["truth"] = beta.logpdf(raw["truth"], model.grades[:, 0], model.grades[:, 1]).sum(axis=1)
    if len(model.regimes) > 2:
        concentrations = goes_to_concentrations(model)
        rows["goes_to"] = sum(
            (dirichlet.logpdf(raw["goes_to"][:, k].T, concentrations[k]) for k in range(len(model.regimes))),
            start=np.zeros(n_draws),
        )
    if model.base_rates:
        log_stay = data.fixed.log_stay[:, 0] + data.fixed.log_stay[:, 1] * raw["stay_own"]
        rows["base_rates"] = log_base_rate(np, log_stay, model)
    return rows
