"""The model in PyMC: the same priors, emission and recursion as in numpy, with named dimensions.

One model for all families: the base-rate family gets no evidence, the static one no moves.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from forecast.inference.filter_op import filter_log_likelihood
from forecast.inference.parameter_layout import RAW, coords, raw_shapes
from forecast.model.arrays import Arrays
from forecast.model.emission import log_emission
from forecast.model.priors import goes_to_concentrations, log_base_rate, natural
from forecast.model.version import Floats, Settings

__all__ = ["pymc_model", "step_table", "term_table"]


def pymc_model(model: Settings, data: Arrays) -> pm.Model:
    """Build the model.

    Returns
    -------
    pymc.Model
        Free variables are the standard parameters of `RAW` (those with no entries are left out), `steps` is the
        observed variable: its log-likelihood by step is the filter's.
    """
    with pm.Model(coords=coords(model, data)) as built:
        raw: dict[str, Any] = {
            name: _standard_normal(name, RAW[name], shape)
            for name, shape in raw_shapes(model, data).items()
            if name not in ("goes_to", "truth")
        }
        raw["goes_to"] = _departures(model)
        raw["truth"] = pm.Beta("truth", model.grades[:, 0], model.grades[:, 1], dims="grade")
        parameters = natural(pt, raw, model, data.fixed)
        if model.base_rates:
            log_stay = data.fixed.log_stay[:, 0] + data.fixed.log_stay[:, 1] * raw["stay_own"]
            pm.Potential("base_rates", log_base_rate(pt, log_stay, model))
        evidence = _as_data(data)
        emission = log_emission(pt, parameters, model, evidence)
        by_step = filter_log_likelihood(model.initial, parameters.move, evidence.moves, emission)
        pm.CustomDist(
            "steps",
            by_step,
            logp=lambda _, log_p: log_p,
            random=_nothing,
            observed=np.asarray(data.weight.sum(axis=1)),
            dims="step",
        )
    return built


def _nothing(log_p: Floats, **_: Any) -> Floats:
    """Predict nothing, in the right shape: what is 'observed' stands for all evidence of a step. For diagrams."""
    return np.full_like(log_p, np.nan)


def _standard_normal(name: str, dims: tuple[str, ...], shape: tuple[int, ...]) -> Any:
    if 0 in shape:
        return np.zeros(shape)
    return pm.Normal(name, dims=dims)


def _departures(model: Settings) -> Any:
    if len(model.regimes) == 2:
        return np.ones((2, 1))
    return pm.Dirichlet("goes_to", goes_to_concentrations(model), dims=("regime", "departure"))


def _as_data(data: Arrays) -> Arrays:
    """The same arrays as two tables of PyMC data, so that other evidence needs no new compilation.

    Two and not twelve: every shared array costs the compiler most of a second.
    """
    by_step = pm.Data("evidence", step_table(data), dims=("step", "evidence_column"))
    by_term = pm.Data("terms", term_table(data), dims=("term", "term_column"))
    return replace(
        data,
        moves=by_step[:, 0],
        by_step=by_step[:, 1:],
        term_ratio=by_term[:, 0].astype("int64"),
        term_temper=by_term[:, 1],
        term_grades=replace(data.term_grades, offset=by_term[:, 2], linear=by_term[:, 3:]),
    )


def step_table(data: Arrays) -> Floats:
    """What enters by step, (T, 1 + U + W): the move into the step, weights of terms, exposures."""
    return np.concatenate([data.moves[:, None], data.by_step], axis=1)


def term_table(data: Arrays) -> Floats:
    """What defines the terms, (U, 3 + 2 G): row of ratios, temper, and the signature's offset and coefficients."""
    grades = data.term_grades
    columns = [data.term_ratio.astype(float), data.term_temper, grades.offset]
    return np.concatenate([np.stack(columns, axis=1), grades.linear], axis=1)
