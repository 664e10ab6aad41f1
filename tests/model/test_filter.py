"""The forward recursion against the enumeration of all paths of regimes."""

import numpy as np
import pytest

from forecast.model.filter import draws_innermost, forward, log_likelihood

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


@pytest.mark.parametrize("is_static", [False, True])
def test_the_total_alone_is_the_sum_of_the_steps(is_static):
    initial, move, moves, emission = random_inputs(8, 3, 6)
    moves = moves * (not is_static)
    last = [np.ascontiguousarray(np.moveaxis(values, 0, -1)) for values in (move, emission)]
    found = log_likelihood(initial, last[0], moves, last[1])
    np.testing.assert_allclose(found, forward(initial, move, moves, emission).log_likelihood.sum(axis=1), rtol=1e-12)


def test_a_regime_without_prior_probability_overwhelms_nothing():
    """Its emission is e^2000 times larger; nothing overflows, and it stays impossible."""
    initial, emission = np.array([0.0, 0.4, 0.6]), np.zeros((2, 4, 3))
    emission[..., 0], emission[..., 2] = 500.0, -1.0
    result = forward(initial, np.tile(np.eye(3), (2, 1, 1)), np.zeros(4), emission)
    expected = np.array([0.4, 0.6 * np.exp(-4)])
    np.testing.assert_allclose(result.filtered[:, -1, 1:], [expected / expected.sum()] * 2, rtol=1e-12)
    assert not result.filtered[..., 0].any()
    assert np.isfinite(result.evidence).all()
    np.testing.assert_allclose(result.log_likelihood.sum(axis=1), np.log(expected.sum()), rtol=1e-12)


def test_steps_that_contradict_each_other_beyond_double_precision_are_refused_and_not_answered_wrongly():
    """The first step excludes regime 1 by e^-900, four others bring it back by e^1200: the filter cannot hold that."""
    emission = np.array([[[0.0, -900.0], *[[-300.0, 0.0]] * 4]])
    initial, move = np.array([0.5, 0.5]), np.eye(2)[None]
    with pytest.raises(ValueError, match="steps contradict each other by more than a factor of 1e300"):
        forward(initial, move, np.zeros(5), emission)
    # the total alone is exact: log(.5 e^-1200 + .5 e^-900)
    last = np.ascontiguousarray(np.moveaxis(emission, 0, -1))
    found = log_likelihood(initial, np.moveaxis(draws_innermost(move), 0, -1), np.zeros(5), last)
    assert found[0] == pytest.approx(np.log(0.5) - 900, rel=1e-12)
