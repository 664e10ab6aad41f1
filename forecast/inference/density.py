"""The PyMC model as NUTS sees it: log-density and gradient as one function of one flat vector.

`nutpie.compile_pymc_model` wraps the function that PyTensor compiles into one of its own, whose machine code is made
anew by every process, for several seconds. Here the sampler calls PyTensor's function itself, whose machine code is
kept on disk; the way through Python costs microseconds a call.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from nutpie.compiled_pyfunc import from_pyfunc
from pytensor.compile.mode import NUMBA, Mode
from pytensor.link.numba.dispatch.basic import numba_njit
from pytensor.link.numba.linker import NumbaLinker

from forecast.model.version import Floats

__all__ = ["VECTOR", "FlatModel", "flat_model", "for_nutpie", "free_variables"]

#: Chains start within this distance of the prior's centre in every unconstrained coordinate, as PyMC's own do.
JITTER = 1.0

#: Name of the vector in the sampler's trace.
VECTOR = "unconstrained"


class _ParallelLinker(NumbaLinker):
    """Makes functions that let go of Python's lock, so that chains run at the same time."""

    def jit_compile(self, fn_and_cache: Any) -> Any:
        """The function; kept on disk if PyTensor has a key for all its parts."""
        function, key = fn_and_cache
        return numba_njit(function.py_func, final_function=True, cache=key is not None, nogil=True)


@dataclass(frozen=True, slots=True)
class FlatModel:
    """Log-density over the N unconstrained values of all free variables, joined in the model's order.

    `machine` is the compiled function of a vector and the evidence; `start` is the centre of the prior, (N,).
    """

    machine: Any
    evidence: tuple[Floats, ...]
    start: Floats

    def density(self, vector: Floats) -> tuple[float, Floats]:
        """Log-density with the Jacobians of the transformations, and its gradient (N,)."""
        value, gradient = self.machine(vector, *self.evidence)
        return float(value), gradient


def flat_model(built: pm.Model) -> FlatModel:
    """Compile log-density and gradient of a model, or load them from PyTensor's cache on disk."""
    point = built.initial_point(0)
    mode = Mode(_ParallelLinker(), NUMBA.provided_optimizer)
    function = built.logp_dlogp_function(initial_point=point, ravel_inputs=True, mode=mode)._pytensor_function
    flat = FlatModel(
        machine=function.vm.jit_fn,
        evidence=tuple(shared.get_value(borrow=True) for shared in function.get_shared()),
        start=np.concatenate([np.ravel(point[value.name]) for value in built.value_vars]),
    )
    flat.density(flat.start)  # numba compiles a function when it is first called: here, not while sampling
    return flat


def for_nutpie(flat: FlatModel) -> Any:
    """The model that `nutpie.sample` takes; its trace has one variable, `VECTOR` (chain, draw, N)."""
    size = flat.start.size

    def jittered(seed: int) -> Floats:
        around: Floats = flat.start + np.random.default_rng(seed).uniform(-JITTER, JITTER, size)
        return around

    return from_pyfunc(
        size,
        make_logp_fn=lambda: flat.density,
        make_expand_fn=lambda *_: lambda vector: {VECTOR: vector},
        expanded_dtypes=[np.dtype(np.float64)],
        expanded_shapes=[(size,)],
        expanded_names=[VECTOR],
        make_initial_point_fn=jittered,
    )


def free_variables(built: pm.Model, vectors: Floats) -> dict[str, Floats]:
    """Values (..., shape of the variable) of every free variable, by name, from vectors (..., N) of a flat model."""
    point = built.initial_point(0)
    values: dict[str, Floats] = {}
    begin = 0
    for variable in built.free_RVs:
        shape = point[built.rvs_to_values[variable].name].shape
        end = begin + int(np.prod(shape))
        part = vectors[..., begin:end].reshape((*vectors.shape[:-1], *shape))
        transform = built.rvs_to_transforms[variable]
        if transform is not None:
            part = transform.backward(pt.as_tensor(part), *variable.owner.inputs).eval(mode="FAST_COMPILE")
        values[variable.name] = part
        begin = end
    return values
