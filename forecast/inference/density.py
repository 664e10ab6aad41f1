"""The PyMC model as NUTS sees it: log-density and gradient as one function of one flat vector.

`nutpie.compile_pymc_model` wraps the function that PyTensor compiles into one of its own, whose machine code is made
anew by every process, for several seconds. Here the sampler calls PyTensor's function itself, whose machine code is
kept on disk; the way through Python costs microseconds a call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from nutpie.compiled_pyfunc import from_pyfunc
from pytensor.compile.mode import Mode, get_mode
from pytensor.link.numba.dispatch.basic import numba_njit
from pytensor.link.numba.linker import NumbaLinker

from forecast.model.version import Floats

__all__ = ["VECTOR", "FlatModel", "flat_model"]

#: Chains start within this distance of the prior's centre in every unconstrained coordinate, as PyMC's own do.
JITTER = 1.0

#: What the sampler calls the vector.
VECTOR = "unconstrained"


class _ParallelLinker(NumbaLinker):  # type: ignore[misc]
    """Compiles functions that let go of Python's lock, so that chains run at the same time."""

    def jit_compile(self, function_and_key: tuple[Any, str | None]) -> Any:
        """The function, from the cache on disk where PyTensor has a key for all its parts."""
        function, key = function_and_key
        return numba_njit(function.py_func, final_function=True, cache=key is not None, nogil=True)


@dataclass(frozen=True, slots=True)
class FlatModel:
    """A PyMC model over the N unconstrained values of its free variables, joined in their order.

    `density` gives log-density, Jacobians included, and gradient (N,); `start` is the centre of the prior; `machine` is
    numba's function, with its `stats`.
    """

    density: Callable[[Floats], tuple[float, Floats]]
    start: Floats
    machine: Any
    built: pm.Model

    def for_nutpie(self) -> Any:
        """What `nutpie.sample` takes; the trace has one variable, `VECTOR` (chain, draw, N)."""
        size = self.start.size
        return from_pyfunc(
            size,
            make_logp_fn=lambda: self.density,
            make_expand_fn=lambda *_: lambda vector: {VECTOR: vector},
            expanded_dtypes=[np.dtype(np.float64)],
            expanded_shapes=[(size,)],
            expanded_names=[VECTOR],
            make_initial_point_fn=self._initial,
        )

    def free_variables(self, vectors: Floats) -> dict[str, Floats]:
        """Values (..., shape of the variable) of every free variable, by name, from vectors (..., N)."""
        values: dict[str, Floats] = {}
        begin = 0
        for variable, shape in zip(self.built.free_RVs, self._shapes(), strict=True):
            end = begin + int(np.prod(shape))
            unconstrained = vectors[..., begin:end].reshape((*vectors.shape[:-1], *shape))
            values[variable.name] = self._constrained(variable, unconstrained)
            begin = end
        return values

    def _initial(self, seed: int) -> Floats:
        jitter: Floats = np.random.default_rng(seed).uniform(-JITTER, JITTER, self.start.size)
        return self.start + jitter

    def _shapes(self) -> list[tuple[int, ...]]:
        point = self.built.initial_point(0)
        return [point[self.built.rvs_to_values[variable].name].shape for variable in self.built.free_RVs]

    def _constrained(self, variable: Any, values: Floats) -> Floats:
        transform = self.built.rvs_to_transforms[variable]
        if transform is None:
            return values
        constrained = transform.backward(pt.as_tensor(values), *variable.owner.inputs)
        return np.asarray(constrained.eval(mode="FAST_COMPILE"))


def flat_model(built: pm.Model) -> FlatModel:
    """Compile log-density and gradient of a model, or take them from PyTensor's cache on disk."""
    point = built.initial_point(0)
    mode = Mode(_ParallelLinker(), get_mode("NUMBA").provided_optimizer)
    function = built.logp_dlogp_function(initial_point=point, ravel_inputs=True, mode=mode)._pytensor_function
    machine = function.vm.jit_fn
    evidence = [shared.get_value(borrow=True) for shared in function.get_shared()]

    def density(vector: Floats) -> tuple[float, Floats]:
        value, gradient = machine(vector, *evidence)
        return float(value), gradient

    start = np.concatenate([np.ravel(point[value.name]) for value in built.value_vars])
    density(start)  # compiles it, here and not while sampling
    return FlatModel(density, start, machine, built)
