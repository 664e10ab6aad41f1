"""Draws for other programs, in the groups of ArviZ: parameters, log-likelihood by step, log-prior, and ancestry.

Plain numpy: `inference.export` makes a DataTree of it, `exchange.netcdf` a file. The log-likelihood of a step depends
on the steps before it: good for power scaling and leave-future-out, not for leave-one-out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import lgamma, log, pi

import numpy as np

from forecast.inference.draws import Draws, Ints, flat
from forecast.inference.parameter_layout import RAW, coords
from forecast.model.answers import filtered
from forecast.model.arrays import Arrays
from forecast.model.priors import goes_to_concentrations, log_base_rate, natural
from forecast.model.version import Floats, Settings

__all__ = ["DrawGroups", "draw_groups"]

#: Parameters with units, and their dimensions after chain and draw.
NATURAL: dict[str, tuple[str, ...]] = {
    "rate": ("event", "regime"),
    "holds": ("condition", "regime"),
    "move": ("regime", "regime_to"),
    "detection": ("watch",),
}


@dataclass(frozen=True, slots=True)
class DrawGroups:
    """Arrays (chain, draw, ...) by group and name.

    `dims` are the dimensions of a variable after chain and draw, none for a name that is not in it; `labels` are those
    of the dimensions.
    """

    groups: Mapping[str, Mapping[str, Floats | Ints]]
    dims: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, list[str]]


def draw_groups(draws: Draws, model: Settings, data: Arrays) -> DrawGroups:
    """Put draws into groups.

    Parameters
    ----------
    draws
        Posterior draws of equal weight of this model and evidence.
    model, data
        What they were drawn from.

    Returns
    -------
    DrawGroups
        `posterior` (standard parameters and those with units), `log_likelihood` (`steps`, by step), `log_prior` (by
        parameter; `base_rates` where there are reference classes), and for particles `sample_stats` (`ancestor`, the
        independent draw that a particle began as).
    """
    raw = flat(draws)
    parameters = natural(np, raw, model, data.fixed)
    result = filtered(parameters, model, data)

    def chains(values: Floats) -> Floats:
        return values.reshape((*draws.shape, *values.shape[1:]))

    with_units = {name: chains(getattr(parameters, name)) for name in NATURAL}
    posterior = {name: draws.arrays[name] for name in RAW} | with_units
    groups: dict[str, Mapping[str, Floats | Ints]] = {
        "posterior": {n: v for n, v in posterior.items() if v.size} | {"regime_probability": chains(result.filtered)},
        "log_likelihood": {"steps": chains(result.log_likelihood)},
        "log_prior": {name: chains(values) for name, values in _log_prior(raw, model, data).items() if values.size},
    }
    if draws.ancestry is not None:
        offsets = int(draws.meta["ancestors"]) * np.arange(draws.n_chains)[:, None]
        groups["sample_stats"] = {"ancestor": draws.ancestry + offsets}
    dims = {**RAW, **NATURAL, "regime_probability": ("step", "regime"), "steps": ("step",)}
    labels = coords(model, data) | {
        "event": list(model.events),
        "condition": list(model.conditions),
        "regime_to": list(model.regimes),
    }
    return DrawGroups(groups, dims, labels)


def _log_prior(raw: Mapping[str, Floats], model: Settings, data: Arrays) -> dict[str, Floats]:
    """Log-density (D,) of every sampled parameter under its prior, summed over its entries."""
    n_draws = len(raw["stay_own"])
    rows: dict[str, Floats] = {}
    for name in ("indicator_common", "indicator_own", "stay_own", "detection_own"):
        if raw[name].size:
            values = raw[name].reshape(n_draws, -1)
            rows[name] = -0.5 * np.square(values).sum(axis=1) - 0.5 * log(2 * pi) * values.shape[1]
    truth = np.stack([raw["truth"], 1 - raw["truth"]], axis=-1)
    rows["truth"] = _log_dirichlet(truth, model.grades)
    if len(model.regimes) > 2:
        rows["goes_to"] = _log_dirichlet(raw["goes_to"], goes_to_concentrations(model))
    if model.base_rates:
        log_stay = data.fixed.log_stay[:, 0] + data.fixed.log_stay[:, 1] * raw["stay_own"]
        rows["base_rates"] = log_base_rate(np, log_stay, model)
    return rows


def _log_dirichlet(shares: Floats, concentrations: Floats) -> Floats:
    """Log-density (D,) of rows of shares (D, R, S) under Dirichlet(concentrations (R, S)), summed over the rows."""
    constant = sum(lgamma(sum(row)) - sum(map(lgamma, row)) for row in concentrations.tolist())
    # a share of zero with a concentration of one has a finite density
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(concentrations == 1, 0.0, (concentrations - 1) * np.log(shares))
    found: Floats = constant + terms.sum(axis=(1, 2))
    return found
