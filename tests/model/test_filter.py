"""The forward recursion against the enumeration of all paths of regimes."""

import numpy as np
import pytest

from forecast.model.filter import forward

from .. import naive

#: Sums over up to 729 paths of products of up to 12 numbers.
TOLERANCE = 1e-10


def random_inputs(seed, n_regimes, n_steps, n_draws=3):
    rng = np.random.default_rng(seed)
    moves = rng.uniform(0, 1, n_steps)
    moves[0] = 0
    return (
        rng.dirichlet(np.ones(n_regimes)),
        rng.dirichlet(np.ones(n_regimes), size=(n_draws, n_regimes)),
        moves,
        rng.normal(0, 3, (n_draws, n_steps, n_regimes)),
    )


@pytest.mark.parametrize("n_regimes", [2, 3])
@pytest.mark.parametrize("n_steps", [1, 2, 4, 6])
def test_the_likelihood_is_the_sum_over_all_paths(n_regimes, n_steps):
    initial, move, moves, emission = random_inputs(n_regimes * 10 + n_steps, n_regimes, n_steps)
    result = forward(initial, move, moves, emission)
    for draw in range(len(move)):
        expected = naive.log_likelihood(initial, move[draw], moves, emission[draw])
        np.testing.assert_allclose(result.log_likelihood[draw], expected, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("n_regimes", [2, 3])
def test_filtered_probabilities_are_those_of_all_paths(n_regimes):
    initial, move, moves, emission = random_inputs(7, n_regimes, 5)
    result = forward(initial, move, moves, emission)
    for draw in range(len(move)):
        for step in range(5):
            expected = np.zeros(n_regimes)
            for path, weight in naive.paths(initial, move[draw], moves[: step + 1], emission[draw, : step + 1]):
                expected[path[-1]] += weight
            np.testing.assert_allclose(result.filtered[draw, step], expected / expected.sum(), atol=TOLERANCE)


def test_a_constant_added_to_a_step_moves_its_likelihood_and_nothing_else():
    initial, move, moves, emission = random_inputs(3, 3, 4)
    before = forward(initial, move, moves, emission)
    shifted = emission.copy()
    shifted[:, 2] += 700.0  # exp(700) times any probability would be near the end of double precision
    after = forward(initial, move, moves, shifted)
    np.testing.assert_allclose(after.filtered, before.filtered, atol=1e-12)
    np.testing.assert_allclose(after.log_likelihood - before.log_likelihood, [[0, 0, 700, 0]] * 3, atol=1e-10)


def test_evidence_rolls_the_prediction_to_the_filtered_probability():
    initial, move, moves, emission = random_inputs(4, 3, 4)
    result = forward(initial, move, moves, emission)
    predicted = 0.0 + (1 - moves[3]) * result.filtered[:, 2]
    predicted = predicted + moves[3] * np.einsum("dj,djk->dk", result.filtered[:, 2], move)
    np.testing.assert_allclose(predicted * result.evidence[:, 3], result.filtered[:, 3], atol=1e-14)


def test_a_regime_that_cannot_be_is_never_filtered_in():
    initial, move, moves, emission = random_inputs(5, 2, 3)
    emission[..., 0] = -np.inf
    assert not forward(initial, move, moves, emission).filtered[..., 0].any()


def test_a_step_impossible_in_every_regime_is_refused():
    initial, move, moves, emission = random_inputs(6, 2, 3)
    emission[0, 1] = [-np.inf, 5.0]
    move[0] = [[1.0, 0.0], [1.0, 0.0]]
    moves[1] = 1.0
    with pytest.raises(ValueError, match="step 1 is impossible in every regime"):
        forward(initial, move, moves, emission)
