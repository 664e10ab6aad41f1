"""Draws as an ArviZ DataTree, for diagnostics by other tools; see `inference.draw_groups`."""

from typing import Any

from arviz_base import from_dict

from forecast.inference.draw_groups import draw_groups
from forecast.inference.draws import Draws
from forecast.model.arrays import Arrays
from forecast.model.version import Settings

__all__ = ["to_datatree"]


def to_datatree(draws: Draws, model: Settings, data: Arrays) -> Any:
    """Put draws into a DataTree.

    Parameters
    ----------
    draws
        Posterior draws of equal weight of this model and evidence.
    model, data
        What they were drawn from.

    Returns
    -------
    xarray.DataTree
        Groups as `inference.draw_groups.draw_groups` has them, dims chain, draw, step, indicator, regime ...
    """
    found = draw_groups(draws, model, data)
    groups = dict(found.groups)
    log_prior = groups.pop("log_prior")
    dims = {name: list(found.dims[name]) for group in groups.values() for name in group if name in found.dims}
    tree = from_dict(
        groups,
        coords=found.labels,
        dims=dims,
        attrs={"/": {"sampler": str(draws.meta.get("sampler")), "seed": str(draws.meta.get("seed"))}},
    )
    # apart, because here the same names have no dimensions after chain and draw
    tree["log_prior"] = from_dict({"log_prior": log_prior})["log_prior"]
    return tree
