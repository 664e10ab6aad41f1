"""The recursion as an Op, compiled by numba: equal to numpy's, with the gradient of finite differences."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from forecast.inference.filter_op import FilterOp, filter_log_likelihood
from forecast.model.filter import forward

from .. import naive

pytestmark = pytest.mark.nuts

#: Central differences with this step lose about its square, and rounding divided by it.
STEP = 1e-5
GRADIENT_TOLERANCE = 1e-6


def random_inputs(seed, n_regimes, n_steps):
    rng = np.random.default_rng(seed)
    moves = rng.uniform(0, 1, n_steps)
    moves[0] = 0
    return (
        rng.dirichlet(np.ones(n_regimes)),
        rng.dirichlet(np.ones(n_regimes), size=n_regimes),
        moves,
        rng.normal(0, 3, (n_steps, n_regimes)),
    )


CASES = [(seed, k, t) for seed, (k, t) in enumerate([(2, 1), (3, 1), (2, 5), (3, 6), (4, 40)])]


@pytest.fixture(scope="session")
def compiled():
    """The numba function of value and gradient, and the one in pure Python."""
    initial, moves = pt.vectors("initial", "moves")
    move, emission = pt.matrices("move", "emission")
    cotangents = pt.vector("cotangents")
    by_step = filter_log_likelihood(initial, move, moves, emission)
    gradient = pt.grad((by_step * cotangents).sum(), [move, emission])
    inputs = [initial, move, moves, emission, cotangents]
    return pytensor.function(inputs, [by_step, *gradient], mode="NUMBA")


@pytest.mark.parametrize(("seed", "n_regimes", "n_steps"), CASES)
def test_the_compiled_recursion_is_that_of_numpy(compiled, seed, n_regimes, n_steps):
    inputs = random_inputs(seed, n_regimes, n_steps)
    initial, move, moves, emission = inputs
    expected = forward(initial, move[None], moves, emission[None]).log_likelihood[0]
    np.testing.assert_allclose(compiled(*inputs, np.ones(n_steps))[0], expected, rtol=1e-10, atol=1e-10)


def test_the_compiled_recursion_is_the_sum_over_all_paths(compiled):
    inputs = random_inputs(9, 3, 5)
    found = compiled(*inputs, np.ones(5))[0]
    np.testing.assert_allclose(found, naive.log_likelihood(*inputs), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("seed", "n_regimes", "n_steps"), CASES)
def test_the_gradient_is_that_of_finite_differences(compiled, seed, n_regimes, n_steps):
    initial, move, moves, emission = random_inputs(seed, n_regimes, n_steps)
    cotangents = np.random.default_rng(seed).normal(size=n_steps)

    def value(move, emission):
        return forward(initial, move[None], moves, emission[None]).log_likelihood[0] @ cotangents

    def differences(array, of):
        result = np.empty_like(array)
        for index in np.ndindex(array.shape):
            up, down = array.copy(), array.copy()
            up[index] += STEP
            down[index] -= STEP
            result[index] = (of(up) - of(down)) / (2 * STEP)
        return result

    _, d_move, d_emission = compiled(initial, move, moves, emission, cotangents)
    for found, expected in [
        (d_move, differences(move, lambda changed: value(changed, emission))),
        (d_emission, differences(emission, lambda changed: value(move, changed))),
    ]:
        scale = max(float(np.abs(expected).max()), 1.0)
        np.testing.assert_allclose(found / scale, expected / scale, atol=GRADIENT_TOLERANCE)


def test_one_step_has_no_derivative_by_the_transitions(compiled):
    initial, move, moves, emission = random_inputs(1, 3, 1)
    assert not compiled(initial, move, moves, emission, np.ones(1))[1].any()


def test_far_apart_emissions_keep_their_gradient(compiled):
    initial, move, moves, emission = random_inputs(2, 3, 4)
    emission = emission + np.array([0.0, -900.0, 900.0])
    by_step, d_move, d_emission = compiled(initial, move, moves, emission, np.ones(4))
    assert np.isfinite(by_step).all()
    assert np.isfinite(d_move).all()
    np.testing.assert_allclose(d_emission.sum(axis=1), 1, atol=1e-12)


def test_without_numba_the_op_gives_the_same():
    inputs = random_inputs(3, 3, 5)
    node = FilterOp().make_node(*inputs)
    storage = [[None]]
    node.op.perform(node, inputs, storage)
    initial, move, moves, emission = inputs
    expected = forward(initial, move[None], moves, emission[None]).log_likelihood[0]
    np.testing.assert_allclose(storage[0][0], expected, rtol=1e-10)


def test_a_step_that_no_regime_left_allows_is_improbable_and_no_error(compiled):
    """The first step excludes regime 1 by e^-900, the second all but excludes regime 0."""
    emission = np.array([[0.0, -900.0], [-900.0, 0.0]])
    by_step, *gradients = compiled(np.array([0.5, 0.5]), np.eye(2), np.zeros(2), emission, np.ones(2))
    assert by_step[1] == pytest.approx(np.log(1e-300))
    assert all(np.isfinite(values).all() for values in gradients)
