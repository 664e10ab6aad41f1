"""Effective sample sizes and Monte Carlo errors: of chains against ArviZ, of particles against loops and repetition."""

import arviz_stats.base
import numpy as np
import pytest

from forecast.inference.monte_carlo import ancestral_error, effective_size, mcse_of_mean

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


# --- particles ------------------------------------------------------------------------------------------------------


def naive_ancestral_error(influence, ancestry, n_ancestors, n_islands):
    """The two estimates of `ancestral_error` by loops over islands and families."""
    within = 0.0
    for chain, numbers in zip(influence, ancestry, strict=True):
        families = [sum(x for x, number in zip(chain, numbers, strict=True) if number == a) for a in range(n_ancestors)]
        middle = sum(families) / n_ancestors
        # a fixed number of draws in every chain: the variance of a sum of n_ancestors families
        within += n_ancestors * sum((family - middle) ** 2 for family in families) / (n_ancestors - 1)
    islands = [
        sum(sum(chain) for number, chain in enumerate(influence) if number % n_islands == island)
        for island in range(n_islands)
    ]
    middle = sum(islands) / n_islands
    between = n_islands / (n_islands - 1) * sum((island - middle) ** 2 for island in islands)
    return max(within, between) ** 0.5


@pytest.mark.parametrize(("n_chains", "n_islands", "spread"), [(8, 8, 0.0), (8, 8, 1.0), (6, 3, 0.0), (6, 3, 1.0)])
def test_the_error_of_particles_is_that_of_loops_over_families_and_islands(n_chains, n_islands, spread):
    """`spread` moves the islands apart, so that each of the two estimates is once the larger."""
    rng = np.random.default_rng(7)
    influence = rng.normal(size=(n_chains, 40)) / 320 + spread * rng.normal(size=(n_chains, 1)) / 320
    ancestry = rng.integers(0, 12, (n_chains, 40))
    expected = naive_ancestral_error(influence, ancestry, 12, n_islands)
    assert ancestral_error(influence, ancestry, 12, n_islands) == pytest.approx(expected, rel=1e-12)


def test_the_error_of_independent_draws_is_that_of_their_mean():
    values = np.random.default_rng(8).normal(size=(8, 5000))
    ancestry = np.tile(np.arange(5000), (8, 1))
    error = ancestral_error((values - values.mean()) / values.size, ancestry, 5000, 8)
    # the spread of 8 islands is known to one part in four, and the larger estimate is taken
    assert 0.99 <= error * np.sqrt(values.size) <= 1.5


def test_errors_by_ancestry_are_those_of_repetition():
    """Families of equal draws, as after resampling: the error of the mean is what repeated runs show."""
    rng = np.random.default_rng(9)
    means, errors = [], []
    for _ in range(600):
        ancestors = rng.normal(size=(8, 60))
        ancestry = rng.integers(0, 60, (8, 200))
        values = np.take_along_axis(ancestors, ancestry, axis=1) + 0.3 * rng.normal(size=(8, 200))
        means.append(values.mean())
        errors.append(ancestral_error((values - values.mean()) / values.size, ancestry, 60, 8))
    # the larger of two estimates is above the truth by a tenth on average; 600 runs tell 4%
    assert 0.95 < np.sqrt(np.mean(np.square(errors))) / np.std(means) < 1.25


def test_an_error_of_no_influence_is_zero():
    assert ancestral_error(np.zeros((8, 10)), np.tile(np.arange(10), (8, 1)), 10, 8) == 0.0
