"""Rates learned by NUTS: the density is that of the formulas, known rates are found again, limits are met."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm, poisson

from forecast.inference.draws import flat
from forecast.inference.learn import Learner, pooled_model
from forecast.model.pooling import learned_ranges, new_case
from forecast.model.priors import lognormal_from_range

from ..pooled import log_mean, make_counts, prior

pytestmark = pytest.mark.nuts

RANGES = [[(0.5, 4.0), (0.1, 1.2)], [(0.05, 0.8), (0.25, 2.2)]]
N_CASES = 6

#: Years for which every case was watched in each regime, where much is known.
YEARS = 40.0

#: Rates of the truth, all within the elicited ranges and away from their middles.
TRUE = np.array([[3.5, 0.15], [0.08, 2.0]])


@pytest.fixture(scope="session")
def learner():
    """The model of six cases with two indicators and two regimes, compiled once."""
    n = np.zeros((N_CASES, 2, 2), dtype=int)
    return Learner(make_counts(RANGES, n.tolist(), np.ones(n.shape).tolist(), (0.999, 0.9999)), lambda *_: None)


def data_of(n, years):
    return make_counts(RANGES, n.tolist(), years.tolist(), (0.999, 0.9999))


@pytest.fixture(scope="session")
def much(learner):
    """Six cases that all have the same rates, watched for forty years in each regime."""
    years = np.full((N_CASES, 2, 2), YEARS)
    n = np.random.default_rng(20261125).poisson(TRUE * years)
    data = data_of(n, years)
    return data, *learner.draw(data, 1, lambda *_: None)


def test_the_density_is_that_of_the_formulas():
    """The oracle is SciPy: normal priors, a uniform one, Poisson counts of the means that numpy computes."""
    data = make_counts(RANGES, [[[2, 1], [0, 3]], [[4, 0], [1, 1]]], [[[1, 2], [1, 2]], [[2, 1], [3, 1]]])
    built = pooled_model(data)
    density = built.compile_logp(jacobian=False, mode="FAST_COMPILE")
    raw = prior(data, 3, np.random.default_rng(5))
    for draw in range(3):
        one = {name: values[draw] for name, values in raw.items()}
        h = one["pooled"]
        point = {"pooled_interval__": np.log(h / (1 - h))} | {k: v for k, v in one.items() if k != "pooled"}
        expected = sum(norm.logpdf(values).sum() for name, values in one.items() if name != "pooled")
        expected += poisson.logpmf(data.n, np.exp(log_mean(raw, data)[draw])).sum()
        assert float(density(point)) == pytest.approx(expected, abs=1e-8)


def test_known_rates_are_found_again(much):
    """Of each case, and of one nobody has seen: cases agree, so the range closes in on the common rate."""
    data, draws, diagnosis = much
    assert diagnosis.problems == ()
    ranges = learned_ranges(new_case(flat(draws)), data)
    empirical = data.n.reshape(N_CASES, 2, 2).sum(axis=0) / (N_CASES * YEARS)
    np.testing.assert_allclose(np.sqrt(ranges.prod(axis=-1)), empirical, rtol=0.08)
    width = np.log(ranges[..., 1] / ranges[..., 0])
    assert (width < 0.4 * np.log(data.per_year[..., 1] / data.per_year[..., 0])).all()
    by_case = np.exp(log_mean(flat(draws), data)) / data.years
    low, high = np.quantile(by_case, [0.005, 0.995], axis=0)
    truth = TRUE[data.indicator, data.regime]
    assert ((low < truth) & (truth < high)).mean() >= 0.9


def test_cases_that_agree_have_much_in_common(much):
    assert np.quantile(flat(much[1])["pooled"], 0.1) > 0.7


@pytest.mark.slow
def test_cases_that_differ_as_much_as_was_elicited_leave_the_range_as_it_was(learner):
    rng = np.random.default_rng(4)
    log_rate = lognormal_from_range(np.array(RANGES))
    spread = np.linspace(-1.5, 1.5, N_CASES)
    errors = np.stack([[[rng.permutation(spread) for _ in range(2)] for _ in range(2)]])[0].transpose(2, 0, 1)
    years = np.full((N_CASES, 2, 2), YEARS)
    data = data_of(rng.poisson(np.exp(log_rate[..., 0] + log_rate[..., 1] * errors) * years), years)
    draws, _ = learner.draw(data, 2, lambda *_: None)

    ranges = learned_ranges(new_case(flat(draws)), data)
    assert flat(draws)["pooled"].mean() < 0.35
    np.testing.assert_allclose(np.log(ranges), np.log(data.per_year), atol=0.5)


def test_cases_in_which_nothing_was_watched_teach_nothing(learner, much):
    """No cell at all: the prior, which is what was elicited. Tolerance: 4000 draws of NUTS."""
    data = much[0]
    for case in data.cases:
        data = data.without(case)
    draws, diagnosis = learner.draw(data, 3, lambda *_: None)
    assert diagnosis.problems == ()
    np.testing.assert_allclose(learned_ranges(new_case(flat(draws)), data), data.per_year, rtol=0.12)


@pytest.mark.slow
def test_a_case_left_out_does_not_move_its_own_rates(learner, much):
    """Without its cells the case's own parts are the prior's again."""
    data = much[0]
    draws, _ = learner.draw(data.without("case0"), 4, lambda *_: None)
    own = flat(draws)["own"][:, 0]
    assert np.abs(own.mean(axis=0)).max() < 0.1
    assert np.abs(own.std(axis=0) - 1).max() < 0.1


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(learner):
    """Simulation-based calibration (Talts et al. 2018, arXiv 1804.06788): truths drawn from the prior, 30 data sets.

    The rank of the true log rate of every case and cell, and of `pooled`, among the draws is uniform: the share within
    the middle 80% is binomial around .8. With 30 data sets of 6 cases, as if 180 were independent, four standard errors
    are .12; of `pooled` there is one for each data set.
    """
    rng = np.random.default_rng(11)
    years = np.full((N_CASES, 2, 2), 3.0)
    inside, inside_pooled = [], []
    for number in range(30):
        data = data_of(np.zeros((N_CASES, 2, 2), dtype=int), years)
        truth = prior(data, 1, rng)
        expected = log_mean(truth, data)[0]
        data = replace(data, n=rng.poisson(np.exp(expected)))
        draws, _ = learner.draw(data, number, lambda *_: None)
        rank = (log_mean(flat(draws), data) < expected).mean(axis=0)
        inside.append(((rank > 0.1) & (rank < 0.9)).mean())
        inside_pooled.append(0.1 < (flat(draws)["pooled"] < truth["pooled"]).mean() < 0.9)
    assert np.mean(inside) == pytest.approx(0.8, abs=0.12)
    assert np.mean(inside_pooled) == pytest.approx(0.8, abs=0.25)
