"""The compiled density of the last model that was sampled: other evidence needs no new compilation.

Evidence enters as tables of data, with as many rows as it needs. Constants of the compiled function are the settings,
which watches there are, and which indicators go unwatched together (`model.frame` holds the last two still).
"""

from dataclasses import dataclass
from typing import Any

from forecast.inference.density import FlatModel, flat_model, with_evidence
from forecast.inference.pymc_model import pymc_model, step_table, term_table
from forecast.model.arrays import Arrays
from forecast.model.version import Settings, model_identity

__all__ = ["Compiled", "compiled"]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A PyMC model and its density with the evidence of a day; `built` has the shapes of its free variables."""

    built: Any
    flat: FlatModel


#: One model is kept: who forecasts many days of several models takes one model after the other.
_last: dict[tuple[object, ...], Compiled] = {}


def compiled(model: Settings, data: Arrays) -> Compiled:
    """Build and compile the model, or give what was compiled last the evidence of `data`, if that is all that changed.

    Not for several threads at once.
    """
    constants = (
        model_identity(model),
        model.conditions,  # no part of the identity of a base-rate model, and yet of the shapes
        tuple((watch.indicator, watch.first, watch.detection) for watch in data.watches),
        data.unwatched.shape,
        data.unwatched.tobytes(),
    )
    kept = _last.get(constants)
    if kept is None:
        built = pymc_model(model, data)
        kept = Compiled(built, flat_model(built))
        _last.clear()
        _last[constants] = kept
    tables = {"evidence": step_table(data), "terms": term_table(data)}
    return Compiled(kept.built, with_evidence(kept.flat, tables))
