"""The forward recursion as a PyTensor Op with an analytic reverse pass, compiled by numba for NUTS.

The same recursion as `model.filter.forward` for one draw. Plain PyTensor operations unroll or scan it and compile about
ten times longer; here two small kernels do the work. With cotangents g_t on log p(step t | ...), the reverse pass keeps
lambda, the derivative with respect to the filtered state:

    d joint = (lambda - lambda . filtered + g) / s,   d log_emission = joint d joint,   d predicted = exp(e) d joint
    lambda' = (1 - f) d predicted + f P d predicted,  d P += f filtered' (outer) d predicted
"""

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch import basic as numba_basic

__all__ = ["FilterOp", "filter_log_likelihood"]

#: Stands for less: a trajectory may reach parameters under which a step is impossible in the regimes that are left, and
#: must turn round there; dividing by zero would end the sampler.
LEAST_TOTAL = 1e-300


def _forward(initial: Any, move: Any, moves: Any, log_emission: Any) -> Any:
    """Log-likelihood (T,) by step; arguments as in `model.filter.forward`, for one draw."""
    n_steps, n_regimes = log_emission.shape
    result = np.empty(n_steps)
    state = initial.copy()
    joint = np.empty(n_regimes)
    for step in range(n_steps):
        fraction = moves[step]
        highest = log_emission[step, 0]
        for k in range(1, n_regimes):
            highest = max(highest, log_emission[step, k])
        total = 0.0
        for k in range(n_regimes):
            predicted = (1.0 - fraction) * state[k]
            for j in range(n_regimes):
                predicted += fraction * state[j] * move[j, k]
            joint[k] = predicted * np.exp(log_emission[step, k] - highest)
            total += joint[k]
        total = max(total, LEAST_TOTAL)
        result[step] = np.log(total) + highest
        for k in range(n_regimes):
            state[k] = joint[k] / total
    return result


def _reverse(initial: Any, move: Any, moves: Any, log_emission: Any, cotangents: Any) -> Any:
    """Derivatives of sum_t cotangents[t] log p(step t | ...) by move (K, K) and log_emission (T, K)."""
    n_steps, n_regimes = log_emission.shape
    before = np.empty((n_steps, n_regimes))
    predicted = np.empty((n_steps, n_regimes))
    weights = np.empty((n_steps, n_regimes))
    totals = np.empty(n_steps)
    state = initial.copy()
    for step in range(n_steps):
        fraction = moves[step]
        highest = log_emission[step, 0]
        for k in range(1, n_regimes):
            highest = max(highest, log_emission[step, k])
        total = 0.0
        for k in range(n_regimes):
            before[step, k] = state[k]
            value = (1.0 - fraction) * state[k]
            for j in range(n_regimes):
                value += fraction * state[j] * move[j, k]
            predicted[step, k] = value
            weights[step, k] = np.exp(log_emission[step, k] - highest)
            total += value * weights[step, k]
        total = max(total, LEAST_TOTAL)
        totals[step] = total
        for k in range(n_regimes):
            state[k] = predicted[step, k] * weights[step, k] / total
    d_move = np.zeros((n_regimes, n_regimes))
    d_log_emission = np.empty((n_steps, n_regimes))
    d_state = np.zeros(n_regimes)
    d_predicted = np.empty(n_regimes)
    for back in range(n_steps):
        step = n_steps - 1 - back
        fraction = moves[step]
        mean = 0.0
        for k in range(n_regimes):
            mean += d_state[k] * predicted[step, k] * weights[step, k] / totals[step]
        for k in range(n_regimes):
            d_joint = (d_state[k] - mean + cotangents[step]) / totals[step]
            d_log_emission[step, k] = predicted[step, k] * weights[step, k] * d_joint
            d_predicted[k] = weights[step, k] * d_joint
        for k in range(n_regimes):
            value = (1.0 - fraction) * d_predicted[k]
            for j in range(n_regimes):
                value += fraction * move[k, j] * d_predicted[j]
                d_move[k, j] += fraction * before[step, k] * d_predicted[j]
            d_state[k] = value
    return d_move, d_log_emission


class FilterOp(Op):  # type: ignore[misc]
    """`initial (K), move (K, K), moves (T), log_emission (T, K) -> log-likelihood by step (T)`."""

    __props__ = ()

    def make_node(self, initial: Any, move: Any, moves: Any, log_emission: Any) -> Apply:
        """Wrap the inputs; the output is a vector over steps."""
        inputs = [pt.as_tensor(x) for x in (initial, move, moves, log_emission)]
        return Apply(self, inputs, [pt.vector(shape=(inputs[3].type.shape[0],), dtype="float64")])

    def infer_shape(self, _node: Any, shapes: Any) -> Any:
        """The length is the number of steps."""
        return [(shapes[3][0],)]

    def perform(self, _node: Any, inputs: Any, outputs: Any) -> None:
        """Pure Python, for tests and for graphs that are not compiled by numba."""
        outputs[0][0] = _forward(*inputs)

    def pullback(self, inputs: Any, _outputs: Any, cotangents: Any) -> Any:
        """The analytic reverse pass; `initial` and `moves` are constants of the model."""
        d_move, d_log_emission = _FilterGradOp()(*inputs, cotangents[0])
        return [DisconnectedType()(), d_move, DisconnectedType()(), d_log_emission]

    def connection_pattern(self, _node: Any) -> Any:
        """No derivative by the stated prior of regimes and by the grid."""
        return [[False], [True], [False], [True]]


class _FilterGradOp(Op):  # type: ignore[misc]
    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        inputs = tuple(pt.as_tensor(x) for x in inputs)
        return Apply(self, list(inputs), [inputs[1].type(), inputs[3].type()])

    def infer_shape(self, _node: Any, shapes: Any) -> Any:
        return [shapes[1], shapes[3]]

    def perform(self, _node: Any, inputs: Any, outputs: Any) -> None:
        outputs[0][0], outputs[1][0] = _reverse(*inputs)


#: Raised whenever a kernel changes: PyTensor keeps compiled kernels on disk under this number.
_KERNEL_VERSION = 2


@numba_basic.register_funcify_default_op_cache_key(FilterOp)  # type: ignore[untyped-decorator]
def _numba_forward(_op: Any, **_: Any) -> Any:
    return numba_basic.numba_njit(_forward), _KERNEL_VERSION


@numba_basic.register_funcify_default_op_cache_key(_FilterGradOp)  # type: ignore[untyped-decorator]
def _numba_reverse(_op: Any, **_: Any) -> Any:
    return numba_basic.numba_njit(_reverse), _KERNEL_VERSION


def filter_log_likelihood(initial: Any, move: Any, moves: Any, log_emission: Any) -> Any:
    """Log-likelihood by step (T,) as a tensor, differentiable by `move` and `log_emission`."""
    return FilterOp()(initial, move, moves, log_emission)
