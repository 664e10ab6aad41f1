"""One real fit of every family: NUTS against reweighted draws from the prior, answer by answer."""

from functools import cache

import numpy as np
import pytest

from forecast.inference import compiled as module
from forecast.inference.draws import flat
from forecast.inference.monte_carlo import mcse_of_mean
from forecast.inference.posterior import nuts
from forecast.model.answers import answer, filtered
from forecast.model.priors import draw_prior, natural
from forecast.scenario.schema import Family

from .conftest import QUESTIONS, small_case

pytestmark = pytest.mark.nuts

N_PRIOR = 40_000

#: Of the difference between two independent estimates; some thirty are compared.
ERRORS = 4.0


def answers_of(raw, case):
    parameters = natural(np, raw, case.model, case.data.fixed)
    result = filtered(parameters, case.model, case.data)
    rows = [answer(question, result, parameters, case.model, case.data) for question in QUESTIONS]
    return np.concatenate(rows, axis=1), result.log_likelihood.sum(axis=1)


@cache
def reweighted_prior(family):
    """Prior draws, their answers, and weights that make them draws of the posterior."""
    case = small_case(family)
    raw = draw_prior(case.model, case.data.fixed, N_PRIOR, np.random.default_rng(5))
    values, log_weight = answers_of(raw, case)
    weight = np.exp(log_weight - log_weight.max())
    return raw, values, weight / weight.sum()


@pytest.mark.parametrize("family", list(Family))
def test_nuts_agrees_with_reweighted_prior_draws_on_every_answer(fitted, family):
    draws = fitted(family)
    found, _ = answers_of(flat(draws), small_case(family))
    _, values, weight = reweighted_prior(family)
    assert 1 / (weight**2).sum() > 1000
    expected = weight @ values
    expected_error = np.sqrt((weight[:, None] ** 2 * (values - expected) ** 2).sum(axis=0))
    for column in range(values.shape[1]):
        by_chain = found[:, column].reshape(draws.n_chains, -1)
        error = np.hypot(mcse_of_mean(by_chain), expected_error[column])
        assert by_chain.mean() == pytest.approx(expected[column], abs=ERRORS * error + 1e-12)
        assert error < 0.01


def test_nuts_agrees_with_reweighted_prior_draws_on_the_parameters(fitted):
    draws = fitted(Family.REGIME)
    raw, _, weight = reweighted_prior(Family.REGIME)
    for name, values in raw.items():
        columns = values.reshape(N_PRIOR, -1)
        sampled = draws.arrays[name].reshape(draws.n_chains, -1, columns.shape[1])
        expected = weight @ columns
        errors = np.sqrt((weight[:, None] ** 2 * (columns - expected) ** 2).sum(axis=0))
        for column in range(columns.shape[1]):
            error = np.hypot(mcse_of_mean(sampled[..., column]), errors[column])
            # about seventy comparisons: five errors
            assert sampled[..., column].mean() == pytest.approx(expected[column], abs=5 * error + 1e-12), name


def test_the_base_rate_familys_posterior_is_its_prior(fitted):
    case = small_case(Family.BASE_RATE)
    draws = flat(fitted(Family.BASE_RATE))
    _, log_likelihood = answers_of(draws, case)
    np.testing.assert_allclose(log_likelihood, 0, atol=1e-12)
    prior = draw_prior(case.model, case.data.fixed, N_PRIOR, np.random.default_rng(7))
    for name in ("stay_own", "truth", "detection_own"):
        quantiles = [
            np.quantile(values.reshape(len(values), -1), [0.1, 0.5, 0.9], axis=0)
            for values in (draws[name], prior[name])
        ]
        # .1 and .9 quantiles of 4,000 nearly independent draws are within .06 standard deviations
        np.testing.assert_allclose(*quantiles, atol=5 * 0.03 * prior[name].std())


@pytest.mark.parametrize("family", list(Family))
def test_the_sampler_reports_no_divergence(fitted, family):
    meta = fitted(family).meta
    assert meta["divergences"] == 0
    assert min(meta["bfmi"]) > 0.3


def test_draws_have_the_shapes_that_the_prior_has(fitted):
    case = small_case(Family.REGIME)
    draws = fitted(Family.REGIME)
    assert draws.arrays.keys() == case.raw.keys()
    for name, values in case.raw.items():
        assert draws.arrays[name].shape[2:] == values.shape[1:]


def test_the_same_seed_gives_the_same_draws(monkeypatch):
    """Also where the density is compiled anew; another seed gives others."""
    # the very same numbers: a difference in the first step of a chain would be in all that follow
    monkeypatch.setattr("forecast.inference.fit.TUNE", 100)
    monkeypatch.setattr("forecast.inference.fit.DRAWS", 50)
    case = small_case(Family.REGIME)

    def drawn(seed):
        return nuts(case.model, case.data, seed, lambda *_: None).arrays

    first, other = drawn(20231123), drawn(20231124)
    module._last.clear()
    second = drawn(20231123)
    for name, values in first.items():
        np.testing.assert_array_equal(second[name], values)
    assert not np.array_equal(first["truth"], other["truth"])
