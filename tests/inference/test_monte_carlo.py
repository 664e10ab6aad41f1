"""Effective sample sizes and Monte Carlo errors against ArviZ."""

import arviz_stats.base
import numpy as np
import pytest

from forecast.inference.monte_carlo import effective_size, mcse_of_mean

ORACLE = arviz_stats.base.array_stats


def autoregressive(seed, correlation, n_chains=4, n_draws=1000):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_chains, n_draws))
    for draw in range(1, n_draws):
        values[:, draw] = correlation * values[:, draw - 1] + np.sqrt(1 - correlation**2) * values[:, draw]
    return values


CHAINS = {
    "independent": autoregressive(1, 0.0),
    "sticky": autoregressive(2, 0.95),
    "antithetic": autoregressive(3, -0.6),
    "probabilities": 1 / (1 + np.exp(-3 * autoregressive(4, 0.5))),
    "disagreeing chains": autoregressive(5, 0.3) + np.arange(4)[:, None],
    "odd length": autoregressive(6, 0.5, n_draws=501),
    "one chain": autoregressive(7, 0.5, n_chains=1, n_draws=400),
    "short": autoregressive(8, 0.2, n_draws=20),
}


@pytest.mark.parametrize("name", CHAINS)
def test_the_effective_size_is_that_of_arviz(name):
    expected = float(ORACLE.ess(CHAINS[name], chain_axis=0, draw_axis=1, method="mean"))
    assert effective_size(CHAINS[name]) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("seed", range(40))
def test_the_effective_size_is_that_of_arviz_for_any_chains(seed):
    rng = np.random.default_rng(seed)
    values = autoregressive(seed, rng.uniform(-0.9, 0.99), int(rng.integers(1, 6)), int(rng.integers(10, 300)))
    expected = float(ORACLE.ess(values, chain_axis=0, draw_axis=1, method="mean"))
    assert effective_size(values) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("name", CHAINS)
def test_the_error_of_a_mean_is_that_of_arviz(name):
    expected = float(ORACLE.mcse(CHAINS[name], chain_axis=0, draw_axis=1, method="mean"))
    assert mcse_of_mean(CHAINS[name]) == pytest.approx(expected, rel=1e-8)


def test_draws_that_never_vary_count_in_full_and_have_no_error():
    values = np.full((4, 100), 0.3)
    assert effective_size(values) == 400
    assert mcse_of_mean(values) == pytest.approx(0, abs=1e-15)
