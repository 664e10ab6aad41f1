"""What each step says for each regime: the log-emission, written once for numpy and PyTensor.

Inside a watch an event weighs real detection rate / ref + 1 - real and silence weighs - detection rate exposure;
outside any watch only the mix of what was told speaks, tempered (docs/method.md, 'Emission').
"""

from typing import Any

import numpy as np

from forecast.model.arrays import Arrays
from forecast.model.priors import Natural
from forecast.model.reliability import real
from forecast.model.version import Settings

__all__ = ["log_emission", "ratios", "values"]


def ratios(xp: Any, parameters: Natural, model: Settings, data: Arrays) -> Any:
    """Table (..., W + G I + 2 C, K): how much more probable each kind of observation is than the prior expects.

    Rows as `Arrays` describes: detection rate / ref of every watch; share / share0 of every indicator in every span of
    unwatched ones; holds / h0 and (1 - holds) / (1 - h0) of every condition.
    """
    rate, holds = parameters.rate, parameters.holds
    seen = parameters.detection[..., None] * _rows(xp, rate, data.watch_indicator)
    seen = seen / data.watch_scale[:, None]
    told = model.told[:, None] * rate
    # where every indicator is watched, nothing is told and no term uses the row: a sum of one keeps it finite
    nothing_told = (data.unwatched.sum(axis=1) == 0).astype(float)
    total = _mixed(xp, data.unwatched, told) + nothing_told[:, None]
    share = told[..., None, :, :] / total[..., :, None, :] / data.told_scale[:, :, None]
    share = share.reshape((*_leading(rate), -1, len(model.regimes)))
    expected = data.fixed.mean_holds[:, None]
    return xp.concatenate([seen, share, holds / expected, (1 - holds) / (1 - expected)], axis=-2)


def log_emission(xp: Any, parameters: Natural, model: Settings, data: Arrays) -> Any:
    """Log-emission (..., T, K) of every step in every regime.

    Parameters
    ----------
    xp
        numpy or `pytensor.tensor`.
    parameters
        With units; in numpy with a leading axis of draws.
    model, data
        Settings and evidence.

    Returns
    -------
    array or tensor
        Up to a constant per step that is the same for all regimes and parameters.
    """
    table = values(xp, parameters, model, data)
    return _mixed(xp, data.by_step, table)


def values(xp: Any, parameters: Natural, model: Settings, data: Arrays) -> Any:
    """What `by_step` weighs: the logarithm of every term, then of each watch's silence over a step, (..., U + W, K)."""
    probability = real(xp, parameters.truth, data.term_grades)[..., None]
    ratio = _rows(xp, ratios(xp, parameters, model, data), data.term_ratio)
    terms = data.term_temper[:, None] * xp.log(probability * ratio + (1 - probability))
    expected_seen = parameters.detection[..., None] * _rows(xp, parameters.rate, data.watch_indicator)
    return xp.concatenate([terms, -model.step.years * expected_seen], axis=-2)


def _rows(xp: Any, table: Any, rows: Any) -> Any:
    """Some rows (..., R, K) of a table (..., N, K); in numpy the draws stay innermost in memory."""
    if xp is not np or table.ndim == 2:
        return xp.take(table, rows, axis=-2)
    return np.moveaxis(np.moveaxis(table, 0, -1)[rows], -1, 0)


def _mixed(xp: Any, weights: Any, table: Any) -> Any:
    """Weighted sums (..., R, K) of the rows of a table (..., N, K), for weights (R, N)."""
    # one large product of matrices: `matmul` would make many with only K columns, several times slower
    if xp is not np or table.ndim == 2:
        return xp.moveaxis(xp.tensordot(weights, table, axes=[[1], [table.ndim - 2]]), 0, -2)
    return np.moveaxis(np.tensordot(weights, np.moveaxis(table, 0, -1), axes=1), -1, 0)


def _leading(rate: Any) -> tuple[int, ...]:
    """Leading axes of draws: known in numpy, none in PyTensor."""
    return tuple(rate.shape[:-2]) if rate.ndim > 2 else ()
