"""The flat model that NUTS samples: PyMC's own density, its gradient, its free variables, and machine code kept."""

from dataclasses import replace

import numpy as np
import nutpie
import pytest

from forecast.inference.density import VECTOR, FlatModel, flat_model, for_nutpie, free_variables
from forecast.inference.pymc_model import pymc_model
from forecast.scenario.schema import Family

from .conftest import small_case

pytestmark = pytest.mark.nuts

#: As good as double precision allows through two ways of computing the same sums.
TOLERANCE = 1e-8

#: Central differences with this step lose about its square, and rounding of a density of some hundreds divided by it.
STEP = 1e-5
GRADIENT_TOLERANCE = 1e-6

N_POINTS = 4


@pytest.fixture(scope="module")
def built():
    case = small_case(Family.REGIME)
    return pymc_model(case.model, case.data)


@pytest.fixture(scope="module")
def flat(built):
    return flat_model(built)


@pytest.fixture(scope="module")
def vectors(flat):
    """Points around the centre of the prior, as wide as it is."""
    return flat.start + np.random.default_rng(3).standard_normal((N_POINTS, flat.start.size))


@pytest.fixture(scope="module")
def reference(built):
    """PyMC's own log-density of a vector, not compiled by numba."""
    density = built.compile_logp(mode="FAST_COMPILE")
    point = built.initial_point(0)

    def value(vector):
        parts, begin = {}, 0
        for variable in built.value_vars:
            shape = point[variable.name].shape
            end = begin + int(np.prod(shape))
            parts[variable.name] = vector[begin:end].reshape(shape)
            begin = end
        assert begin == vector.size
        return float(density(parts))

    return value


def test_the_density_is_pymcs_own(flat, vectors, reference):
    for vector in vectors:
        assert flat.density(vector)[0] == pytest.approx(reference(vector), abs=TOLERANCE, rel=TOLERANCE)


def test_the_gradient_is_that_of_finite_differences(flat, vectors, reference):
    for vector in vectors[:2]:
        steps = STEP * np.eye(vector.size)
        expected = [(reference(vector + step) - reference(vector - step)) / (2 * STEP) for step in steps]
        scale = max(float(np.abs(expected).max()), 1.0)
        np.testing.assert_allclose(flat.density(vector)[1] / scale, np.array(expected) / scale, atol=GRADIENT_TOLERANCE)


def test_free_variables_are_those_whose_unconstrained_values_were_sampled(built, vectors):
    """The oracle is PyMC's transformation in the other direction."""
    values = free_variables(built, vectors.reshape((2, 2, -1)))
    assert list(values) == [variable.name for variable in built.free_RVs]
    back = []
    for variable in built.free_RVs:
        array = values[variable.name]
        transform = built.rvs_to_transforms[variable]
        if transform is not None:
            array = transform.forward(array, *variable.owner.inputs).eval(mode="FAST_COMPILE")
        back.append(np.reshape(array, (N_POINTS, -1)))
    np.testing.assert_allclose(np.concatenate(back, axis=1), vectors, rtol=TOLERANCE, atol=TOLERANCE)
    np.testing.assert_allclose(values["goes_to"].sum(axis=-1), 1)
    assert ((values["truth"] > 0) & (values["truth"] < 1)).all()


def test_machine_code_is_taken_from_the_disk_also_for_other_evidence(flat):
    """Evidence is data, not constants: an event less changes no machine code."""
    assert sum(flat.machine.stats.cache_hits.values()) + sum(flat.machine.stats.cache_misses.values()) == 1
    case = small_case(Family.REGIME)
    less = case.data.by_step.copy()
    less[:, 0] = 0
    again = flat_model(pymc_model(case.model, replace(case.data, by_step=less)))
    assert sum(again.machine.stats.cache_hits.values()) == 1
    assert not again.machine.stats.cache_misses
    assert again.density(flat.start)[0] != flat.density(flat.start)[0]


def test_where_the_density_is_not_finite_the_sampler_turns_back():
    """A half-normal by force: what lies beyond the wall is a divergence and not among the draws."""

    def density(vector):
        return np.array(-0.5 * vector @ vector if vector[0] < 0 else np.nan), -vector

    walled = FlatModel(density, (), (), np.array([-1.5]))
    trace = nutpie.sample(
        for_nutpie(walled), chains=2, tune=100, draws=200, seed=1, save_warmup=False, progress_bar=False
    )
    draws = trace["posterior"][VECTOR].to_numpy()
    assert draws.shape == (2, 200, 1)
    assert (draws < 0).all()
    assert trace["sample_stats"]["diverging"].to_numpy().any()
