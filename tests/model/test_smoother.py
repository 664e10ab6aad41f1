"""The backward recursion against the enumeration of all paths of regimes."""

import numpy as np
import pytest

from forecast.model.filter import forward
from forecast.model.smoother import smoothed

from .. import naive
from .test_filter import random_inputs


@pytest.mark.parametrize("n_regimes", [2, 3])
@pytest.mark.parametrize("n_steps", [1, 2, 5])
def test_smoothed_probabilities_are_those_of_all_paths(n_regimes, n_steps):
    initial, move, moves, emission = random_inputs(11 * n_regimes + n_steps, n_regimes, n_steps)
    found = smoothed(forward(initial, move, moves, emission), move, moves)
    for draw in range(len(move)):
        expected = np.zeros((n_steps, n_regimes))
        for path, weight in naive.paths(initial, move[draw], moves, emission[draw]):
            expected[range(n_steps), path] += weight
        np.testing.assert_allclose(found[draw], expected / expected.sum(axis=1, keepdims=True), atol=1e-10)


def test_the_last_step_is_the_filter_and_every_step_sums_to_one():
    initial, move, moves, emission = random_inputs(5, 3, 6)
    result = forward(initial, move, moves, emission)
    found = smoothed(result, move, moves)
    np.testing.assert_allclose(found[:, -1], result.filtered[:, -1], atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=-1), 1.0, atol=1e-12)
