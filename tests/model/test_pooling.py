"""Rates that cases have in common: the limits that can be computed, and the integrals against other programs."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy.stats import norm, poisson

from forecast.model.pooling import NewCase, elicited, learned_ranges, log_predictive, new_case, tied
from forecast.model.priors import SHARED, Z90, logitnormal_from_range, lognormal_from_range

from ..pooled import log_mean, make_counts, prior

RANGES = [[(0.7, 4.0), (0.1, 1.2)], [(0.01, 0.1), (0.25, 2.2)]]
DATA = make_counts(RANGES, [[[5, 0], [1, 3]], [[2, 1], [0, 9]]], [[[2.0, 3.0], [2.0, 3.0]], [[1.5, 4.0], [0.5, 4.0]]])


def test_without_data_the_learned_range_is_the_elicited_one():
    np.testing.assert_allclose(learned_ranges(elicited(DATA), DATA), DATA.per_year, rtol=1e-6)


def test_draws_of_the_prior_give_the_elicited_range_whatever_is_pooled():
    """Each error has variance h + (1 - h) = 1, for any h; tolerance: 20,000 draws."""
    raw = prior(DATA, 20_000, np.random.default_rng(1))
    np.testing.assert_allclose(learned_ranges(new_case(raw), DATA), DATA.per_year, rtol=0.05)


def test_a_mixture_of_two_draws_against_scipy():
    case = NewCase(np.array([0.0, 2.0]).reshape(2, 1, 1) * np.ones((2, 2, 2)), np.array([1.0, 0.5]))
    location, scale = lognormal_from_range(DATA.per_year)[0, 0]
    ends = (np.log(learned_ranges(case, DATA)[0, 0]) - location) / scale
    mixture = [(norm.cdf(end) + norm.cdf((end - 2) / 0.5)) / 2 for end in ends]
    assert mixture == pytest.approx([0.1, 0.9], abs=1e-6)


def test_the_predictive_probability_against_gauss_and_hermite():
    """Another rule, by numpy, over SciPy's Poisson probabilities; `dblquad` of SciPy gives the same, in a minute."""
    nodes, weights = hermegauss(120)
    weights = weights / weights.sum()
    rates, stated = lognormal_from_range(DATA.per_year), logitnormal_from_range(DATA.detection)
    for row, found in enumerate(log_predictive(elicited(DATA), DATA)[:, 0]):
        i, k, w = DATA.indicator[row], DATA.regime[row], DATA.watch[row]
        rate = np.exp(rates[i, k, 0] + rates[i, k, 1] * nodes)
        detection = 1 / (1 + np.exp(-(stated[w, 0] + stated[w, 1] * nodes)))
        p = poisson.pmf(DATA.n[row], rate[:, None] * detection * DATA.years[row])
        assert found == pytest.approx(np.log(weights @ p @ weights), abs=1e-6)


def test_errors_of_two_regimes_are_correlated_as_in_a_fit():
    """`model.priors.natural` gives each regime variance 1 and correlation `SHARED`."""
    errors = tied(np.random.default_rng(2).standard_normal((200_000, 3)))
    expected = np.full((3, 3), SHARED) + (1 - SHARED) * np.eye(3)
    np.testing.assert_allclose(np.cov(errors.T), expected, atol=0.01)


def test_predictive_probabilities_of_all_counts_sum_to_one():
    total = np.zeros(len(DATA.n))
    for n in range(80):
        total += np.exp(log_predictive(elicited(DATA), replace(DATA, n=np.full(len(DATA.n), n)))[:, 0])
    np.testing.assert_allclose(total, 1.0, atol=1e-3)


def test_expected_counts_by_hand():
    raw = prior(DATA, 1, np.random.default_rng(3))
    row = 5
    c, i, k, w = (int(part[row]) for part in (DATA.case, DATA.indicator, DATA.regime, DATA.watch))
    h, q = raw["pooled"][0], SHARED
    # the second of two regimes: q of the first's error, and its own
    assert k == 1
    typical, own = (
        q * first + np.sqrt(1 - q**2) * second for first, second in (raw["typical"][0, i], raw["own"][0, c, i])
    )
    low, high = DATA.per_year[i, k]
    log_rate = (np.log(low) + np.log(high)) / 2 + (np.log(high) - np.log(low)) / (2 * Z90) * (
        np.sqrt(h) * typical + np.sqrt(1 - h) * own
    )
    low, high = (np.log(p / (1 - p)) for p in DATA.detection[w])
    kept = np.sqrt(q) * raw["coverage_common"][0, c] + np.sqrt(1 - q) * raw["coverage_own"][0, w]
    logit = (low + high) / 2 + (high - low) / (2 * Z90) * kept
    expected = log_rate + np.log(1 / (1 + np.exp(-logit))) + np.log(DATA.years[row])
    assert log_mean(raw, DATA)[0, row] == pytest.approx(expected, abs=1e-12)
