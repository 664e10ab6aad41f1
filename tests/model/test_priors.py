"""Priors from 80% ranges, against SciPy's distributions, adaptive quadrature and hand calculation."""

from dataclasses import replace
from itertools import pairwise
from math import exp, lgamma, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from forecast.model.priors import (
    beta_median,
    constants,
    draw_prior,
    log_base_rate,
    logitnormal_from_range,
    logitnormal_mean,
    lognormal_from_range,
    natural,
)
from forecast.model.version import ReferenceClass

from .. import naive
from ..builders import make_settings

N_DRAWS = 40_000

#: Five standard errors of a quantile at probability .1 from N_DRAWS draws: sqrt(.1 x .9 / 40000) = .0015.
SHARE_ERROR = 0.0075

POSITIVE = st.tuples(st.floats(1e-3, 1e3), st.floats(1.0, 100.0)).map(lambda pair: (pair[0], pair[0] * pair[1]))
PROBABILITIES = st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)).map(lambda pair: tuple(sorted(pair)))


@given(POSITIVE)
def test_a_positive_range_holds_the_10th_and_90th_percentile_of_its_lognormal(low_high):
    location, scale = lognormal_from_range(np.array(low_high))
    found = np.exp(stats.norm.ppf([0.1, 0.9], location, scale)) if scale > 0 else np.exp([location] * 2)
    np.testing.assert_allclose(found, low_high, rtol=1e-9)


@given(PROBABILITIES)
def test_a_probability_range_holds_the_10th_and_90th_percentile_of_its_logitnormal(low_high):
    location, scale = logitnormal_from_range(np.array(low_high))
    z = stats.norm.ppf([0.1, 0.9], location, scale) if scale > 0 else np.array([location] * 2)
    np.testing.assert_allclose(1 / (1 + np.exp(-z)), low_high, rtol=1e-9)


@pytest.mark.parametrize("low_high", [(0.7, 0.95), (0.01, 0.02), (0.4, 0.6), (0.3, 0.3), (0.05, 0.95)])
def test_the_mean_of_a_logitnormal_is_that_of_adaptive_quadrature(low_high):
    found = logitnormal_mean(logitnormal_from_range(np.array(low_high)))
    assert found == pytest.approx(naive.mean_of_probability(*low_high), rel=1e-9)


@given(st.floats(1, 60), st.floats(1, 60))
def test_the_median_of_a_beta_is_scipys(true, false):
    found = beta_median(np.array([true, false]))
    assert found == pytest.approx(stats.beta.median(true, false), rel=2e-5, abs=2e-6)


@given(st.floats(0.5, 60), st.floats(0.5, 60))
def test_the_median_of_a_beta_with_an_infinite_density_at_an_end_is_good_for_ordering_grades(true, false):
    found = beta_median(np.array([true, false]))
    assert found == pytest.approx(stats.beta.median(true, false), abs=5e-4)


def test_medians_keep_the_shape_of_the_table():
    assert beta_median(np.ones((3, 4, 2))).shape == (3, 4)


def a_model(**changes):
    return make_settings(
        initial=(0.2, 0.5, 0.3),
        per_year={"attack": [[1, 3], [0.1, 0.5], [2, 2]]},
        holds={"border": [[0.1, 0.4], [0.5, 0.5], [0.2, 0.9]]},
        stays=[[1, 4], [0.5, 0.5], [2, 9]],
        goes_to=[[0, 3, 1], [1, 0, 1.5], [0.5, 4, 0]],
        **changes,
    )


DETECTION = np.array([[0.6, 0.9], [0.3, 0.3]])


def drawn(model, seed=1):
    fixed = constants(model, DETECTION)
    return natural(np, draw_prior(model, fixed, N_DRAWS, np.random.default_rng(seed)), model, fixed)


def test_constants_are_means_over_the_stated_prior():
    fixed = constants(a_model(), DETECTION)
    rates = [0.2 * naive.mean_of_positive(1, 3), 0.5 * naive.mean_of_positive(0.1, 0.5), 0.3 * 2]
    assert fixed.mean_rate[0] == pytest.approx(sum(rates), rel=1e-12)
    holds = [0.2 * naive.mean_of_probability(0.1, 0.4), 0.5 * 0.5, 0.3 * naive.mean_of_probability(0.2, 0.9)]
    assert fixed.mean_holds[0] == pytest.approx(sum(holds), rel=1e-9)
    assert fixed.mean_detection == pytest.approx([naive.mean_of_probability(0.6, 0.9), 0.3], rel=1e-9)


def test_drawn_parameters_have_the_stated_percentiles():
    parameters = drawn(a_model())
    for values, (low, high) in [
        (parameters.rate[:, 0, 0], (1, 3)),
        (parameters.rate[:, 0, 1], (0.1, 0.5)),
        (parameters.holds[:, 0, 0], (0.1, 0.4)),
        (parameters.holds[:, 0, 2], (0.2, 0.9)),
        (parameters.detection[:, 0], (0.6, 0.9)),
    ]:
        assert np.mean(values < low) == pytest.approx(0.1, abs=SHARE_ERROR)
        assert np.mean(values < high) == pytest.approx(0.9, abs=SHARE_ERROR)


def test_a_range_of_equal_ends_is_a_point():
    parameters = drawn(a_model())
    np.testing.assert_allclose(parameters.rate[:, 0, 2], 2, rtol=1e-12)
    np.testing.assert_allclose(parameters.holds[:, 0, 1], 0.5, rtol=1e-12)
    np.testing.assert_allclose(parameters.detection[:, 1], 0.3, rtol=1e-12)


def test_half_of_a_rates_error_is_shared_between_regimes():
    logs = np.log(drawn(a_model()).rate[:, 0, :2])
    # c = 0.5 is the correlation of log rates; five standard errors of a correlation of .5 from 40,000 draws
    assert np.corrcoef(logs.T)[0, 1] == pytest.approx(0.5, abs=5 * 0.75 / N_DRAWS**0.5)


def test_tiny_concentrations_lead_to_one_regime_as_often_as_they_say():
    """Beta(a, b) has the mean a / (a + b); with tiny a and b it is all but 0 or 1, and most gammas underflow."""
    model = make_settings(
        initial=(0.2, 0.5, 0.3),
        per_year={"attack": [[1, 3], [0.1, 0.5], [2, 2]]},
        stays=[[1, 4], [1, 4], [1, 4]],
        goes_to=[[0, 0.001, 0.003], [1, 0, 3], [0.002, 0.002, 0]],
    )
    shares = draw_prior(model, constants(model, DETECTION), N_DRAWS, np.random.default_rng(2))["goes_to"]
    np.testing.assert_allclose(shares.sum(-1), 1, rtol=1e-12)
    assert shares[..., 0].mean(0) == pytest.approx([0.25, 0.25, 0.5], abs=SHARE_ERROR * 2)
    assert np.mean(np.minimum(shares[:, 0, 0], shares[:, 0, 1]) < 1e-6) > 0.97


def test_transitions_stay_by_the_mean_stay_and_depart_by_goes_to():
    model = a_model()
    move = drawn(model).move
    np.testing.assert_allclose(move.sum(-1), 1, atol=1e-12)
    # exp(-dt / stay) is increasing in stay: the percentiles map
    assert np.mean(move[:, 0, 0] < exp(-1 / 12 / 1)) == pytest.approx(0.1, abs=SHARE_ERROR)
    assert np.mean(move[:, 0, 0] < exp(-1 / 12 / 4)) == pytest.approx(0.9, abs=SHARE_ERROR)
    np.testing.assert_allclose(move[:, 1, 1], exp(-1 / 12 / 0.5), rtol=1e-12)
    # Dirichlet(3, 1): the first share is Beta(3, 1), of mean .75 and standard deviation .194
    share = move[:, 0, 1] / (move[:, 0, 1] + move[:, 0, 2])
    assert share.mean() == pytest.approx(0.75, abs=5 * 0.194 / N_DRAWS**0.5)
    assert stats.kstest(share, stats.beta(3, 1).cdf).pvalue > 1e-4


def test_an_absorbing_regime_stays_for_ever():
    move = drawn(a_model(absorbing=(False, True, False))).move
    np.testing.assert_array_equal(move[:, 1], [[0, 1, 0]] * N_DRAWS)


def test_truth_is_drawn_from_the_grade_table():
    model = a_model()
    truth = drawn(model).truth
    for grade in (0, 8, 35):
        assert stats.kstest(truth[:, grade], stats.beta(*model.grades[grade]).cdf).pvalue > 1e-4


def test_the_weight_of_a_base_rate_is_its_tempered_poisson_likelihood():
    rate = ReferenceClass("pacts", 0, endings=31, years_at_risk=400, relevance=0.3)
    model = a_model(base_rates=(rate,))

    def by_hand(stay):
        expected = 400 / stay
        return 0.3 * (31 * log(expected) - expected - lgamma(32))

    stays = np.log([[4.0, 1, 1], [9.0, 1, 1]])
    found = log_base_rate(np, stays, model)
    assert found[0] - found[1] == pytest.approx(by_hand(4) - by_hand(9), rel=1e-12)


def test_reference_classes_multiply():
    one = ReferenceClass("a", 0, endings=3, years_at_risk=40, relevance=1.0)
    two = ReferenceClass("b", 2, endings=5, years_at_risk=10, relevance=0.5)
    stays = np.random.default_rng(1).normal(size=(7, 3))
    both = log_base_rate(np, stays, a_model(base_rates=(one, two)))
    apart = [log_base_rate(np, stays, a_model(base_rates=(each,))) for each in (one, two)]
    np.testing.assert_allclose(both, apart[0] + apart[1])


@pytest.mark.parametrize("relevance", [0.01, 0.3, 1.0])
def test_mean_stays_are_drawn_from_the_prior_tilted_by_the_base_rate(relevance):
    rate = ReferenceClass("pacts", 0, endings=31, years_at_risk=400, relevance=relevance)
    model = replace(a_model(), base_rates=(rate,))
    stay = -1 / 12 / np.log(drawn(model).move[:, 0, 0])
    location, scale = log(2), (log(4) - log(1)) / 2 / stats.norm.ppf(0.9)

    def density(x):
        return exp(-(((x - location) / scale) ** 2) / 2 + relevance * (31 * (log(400) - x) - 400 * exp(-x) + 35))

    grid = [location - 3 * scale, log(6), log(9), log(12), location + 8 * scale]
    masses = [quad(density, a, b, epsabs=0, epsrel=1e-9)[0] for a, b in pairwise(grid)]
    cumulative = np.cumsum(masses) / sum(masses)
    found = [np.mean(np.log(stay) < x) for x in grid[1:-1]]
    assert found == pytest.approx(cumulative[:-1], abs=5 * 0.5 / N_DRAWS**0.5)


def test_a_base_rate_leaves_other_regimes_alone():
    rate = ReferenceClass("pacts", 0, endings=31, years_at_risk=400, relevance=1.0)
    np.testing.assert_allclose(drawn(a_model(base_rates=(rate,))).move[:, 2], drawn(a_model()).move[:, 2], rtol=1e-12)


def test_equal_seeds_draw_equal_parameters():
    np.testing.assert_array_equal(drawn(a_model(), seed=3).rate, drawn(a_model(), seed=3).rate)
