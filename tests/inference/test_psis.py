"""Pareto-smoothed weights: equal to ArviZ's, with the sign the right way round, refused where they say nothing."""

import warnings

import numpy as np
import pytest
from arviz_stats.base import array_stats

from forecast.inference.psis import pareto_khat, psis

RNG = np.random.default_rng(20151)


def _with_a_dominant_one(n: int) -> np.ndarray:
    values = RNG.normal(size=n)
    values[n // 3] = 40.0
    return values


def _with_impossible_ones(n: int) -> np.ndarray:
    values = RNG.normal(size=n)
    values[: n // 2] = -np.inf
    return values


CASES = {
    f"{name}, {n}": make(n)
    for n in (25, 100, 224, 226, 1000, 4000, 20000)
    for name, make in {
        "light tail": lambda n: 0.3 * RNG.normal(size=n),
        "middling tail": lambda n: 1.5 * RNG.normal(size=n),
        "heavy tail": lambda n: -np.log(RNG.random(n)),
        "very heavy tail": lambda n: RNG.standard_t(1, size=n),
        "bounded": lambda n: np.log(RNG.random(n)),
        "ties": lambda n: np.round(RNG.normal(size=n), 1),
        "one dominates": _with_a_dominant_one,
        "some impossible": _with_impossible_ones,
    }.items()
}


@pytest.mark.parametrize("efficiency", [1.0, 0.37])
@pytest.mark.parametrize("name", CASES)
def test_weights_and_khat_are_arvizs(name: str, efficiency: float) -> None:
    log_ratios = CASES[name]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        # ArviZ takes log-likelihoods and negates them
        expected, expected_khat = array_stats.psislw(-log_ratios, r_eff=efficiency)
    log_weights, khat = psis(log_ratios, efficiency)
    np.testing.assert_allclose(khat, expected_khat, rtol=0, atol=1e-10)
    np.testing.assert_allclose(np.exp(log_weights), np.exp(expected), rtol=1e-10, atol=1e-10)
    finite = np.isfinite(expected)
    np.testing.assert_allclose(log_weights[finite], expected[finite], rtol=0, atol=1e-10)
    np.testing.assert_allclose(pareto_khat(log_ratios, efficiency), khat, rtol=1e-12)


@pytest.mark.parametrize("n", [25, 1000])
def test_constant_ratios_keep_equal_weights_where_arviz_refuses(n: int) -> None:
    with pytest.raises(ValueError, match="All tail values are the same"):
        array_stats.psislw(np.zeros(n))
    log_weights, khat = psis(np.full(n, 3.0))
    np.testing.assert_allclose(np.exp(log_weights), 1 / n, rtol=1e-12)
    assert khat == -np.inf


def test_the_heaviest_ratio_gets_the_heaviest_weight() -> None:
    log_ratios = _with_a_dominant_one(1000)
    log_weights, khat = psis(log_ratios)
    assert int(np.argmax(log_weights)) == 1000 // 3
    assert khat > 1
    # the other way round it would weigh nothing
    assert np.exp(log_weights[1000 // 3]) > 0.4


def test_too_few_draws_are_never_good_enough() -> None:
    log_ratios = RNG.normal(size=20)
    log_weights, khat = psis(log_ratios)
    assert khat == np.inf
    np.testing.assert_allclose(np.exp(log_weights), np.exp(log_ratios) / np.exp(log_ratios).sum(), rtol=1e-12)


def test_a_shift_of_all_ratios_changes_nothing() -> None:
    log_ratios = 1.5 * RNG.normal(size=500)
    for one, other in zip(psis(log_ratios), psis(log_ratios + 700.0), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_khat_is_the_shape_of_a_pareto_tail() -> None:
    # ratios U^-k have a generalised Pareto tail of shape k
    for k in (0.2, 0.5, 0.9):
        log_ratios = -k * np.log(np.random.default_rng(3).random(100_000))
        assert psis(log_ratios)[1] == pytest.approx(k, abs=0.1)
