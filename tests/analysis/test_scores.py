"""Scores against scoringrules, hand calculations, brute force and the laws that make them scores."""

import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.analysis.scoring.scores import (
    Murphy,
    auc,
    brier,
    crps_of_samples,
    log_score,
    murphy,
    placements,
    ranked_probability,
    weighted_interval,
)

#: Sums of some dozens of numbers of order one.
TOLERANCE = 1e-12

probabilities = st.floats(0, 1)


@pytest.fixture(scope="module")
def scoringrules():
    """Its formulas as written for NumPy: where it finds Numba it compiles those of forty other scores, for seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "numba", None)
        import scoringrules
    assert scoringrules.backends.active.name == "numpy"
    return scoringrules


def random_forecasts(seed, n, n_outcomes):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(n_outcomes), size=n), rng.integers(0, n_outcomes, n)


def test_brier_of_two_outcomes_is_the_squared_error_of_the_event():
    # by hand: it rains with .7 and does; with .7 and does not
    p = np.array([[0.7, 0.3], [0.7, 0.3]])
    np.testing.assert_allclose(brier(p, np.array([0, 1])), [0.09, 0.49], atol=TOLERANCE)


def test_twice_the_brier_score_is_that_of_1950():
    # Brier (1950), equation 2, by hand: (0.5 - 1)^2 + 0.3^2 + 0.2^2 = 0.38
    assert 2 * brier(np.array([[0.5, 0.3, 0.2]]), np.array([0]))[0] == pytest.approx(0.38, abs=TOLERANCE)


@pytest.mark.parametrize("n_outcomes", [2, 3, 5])
def test_multi_category_scores_are_those_of_scoringrules(scoringrules, n_outcomes):
    p, observed = random_forecasts(n_outcomes, 40, n_outcomes)
    one_hot = np.eye(n_outcomes)[observed]
    np.testing.assert_allclose(
        ranked_probability(p, observed), scoringrules.rps_score(one_hot, p, onehot=True), atol=TOLERANCE
    )
    if n_outcomes == 2:
        np.testing.assert_allclose(brier(p, observed), scoringrules.brier_score(one_hot[:, 0], p[:, 0]), atol=TOLERANCE)
        np.testing.assert_allclose(log_score(p, observed), scoringrules.log_score(one_hot[:, 0], p[:, 0]), atol=1e-9)


def test_ranked_probability_score_of_two_outcomes_is_the_brier_score():
    p, observed = random_forecasts(1, 50, 2)
    np.testing.assert_allclose(ranked_probability(p, observed), brier(p, observed), atol=TOLERANCE)


def test_ranked_probability_score_punishes_distance_and_the_brier_score_does_not():
    near, far = np.array([[0.0, 1.0, 0.0]]), np.array([[0.0, 0.0, 1.0]])
    observed = np.array([0])
    assert brier(near, observed) == brier(far, observed)
    assert (ranked_probability(near, observed)[0], ranked_probability(far, observed)[0]) == (1.0, 2.0)


def test_log_score_is_infinite_where_what_happened_had_no_chance():
    assert log_score(np.array([[0.0, 1.0], [0.25, 0.75]]), np.array([0, 0])).tolist() == [math.inf, math.log(4)]


@pytest.mark.parametrize("score", [brier, log_score, ranked_probability])
@pytest.mark.parametrize("seed", range(5))
def test_expected_scores_are_least_for_the_true_probabilities(score, seed):
    rng = np.random.default_rng(seed)
    truth = rng.dirichlet(np.ones(4))
    others = rng.dirichlet(np.ones(4), size=200)

    def expected(p):
        return sum(truth[k] * score(p, np.full(len(p), k)) for k in range(4))

    assert (expected(others) > expected(truth[None])).all()


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.4, 0.5, 1.0]), st.booleans()), min_size=1, max_size=40))
def test_auc_counts_pairs(rows):
    p, happened = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    pairs = [(a > b) + (a == b) / 2 for a in p[happened] for b in p[~happened]]
    if not pairs:
        assert auc(p, happened) is None
        return
    assert auc(p, happened) == pytest.approx(sum(pairs) / len(pairs), abs=TOLERANCE)
    for outcome in (happened, ~happened):
        assert placements(p, happened)[outcome].mean() == pytest.approx(sum(pairs) / len(pairs), abs=TOLERANCE)


@given(st.lists(st.tuples(probabilities, st.booleans()), min_size=1, max_size=60), st.booleans())
def test_parts_of_the_brier_score_add_up_exactly(rows, in_bins):
    p, happened = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    parts = murphy(p, happened) if in_bins else murphy(p, happened, edges=None)
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.within_bins
    assert total == pytest.approx(((p - happened) ** 2).mean(), abs=1e-12)
    if not in_bins:
        assert parts.within_bins == pytest.approx(0.0, abs=1e-15)


def test_parts_of_the_brier_score_by_hand():
    # 0.2: 1 of 4 happened; 0.8: 1 of 2. Base rate 1/3: reliability (4 * .05^2 + 2 * .3^2) / 6, resolution
    # (4 * (1/12)^2 + 2 * (1/6)^2) / 6, uncertainty 2/9
    p = np.array([0.2] * 4 + [0.8] * 2)
    happened = np.array([True, False, False, False, True, False])
    expected = Murphy(0.19 / 6, (4 / 144 + 2 / 36) / 6, 2 / 9, 0.0)
    np.testing.assert_allclose(murphy(p, happened, None), expected, atol=TOLERANCE)
    np.testing.assert_allclose(murphy(p, happened), expected, atol=TOLERANCE)


@pytest.mark.parametrize("with_median", [True, False])
def test_weighted_interval_score_is_that_of_scoringrules(scoringrules, with_median):
    rng = np.random.default_rng(4)
    lower = [0.01, 0.025, 0.1, 0.3]
    levels = np.array([*lower, *([0.5] if with_median else []), *(1 - level for level in reversed(lower))])
    quantiles = np.sort(rng.normal(size=(30, len(levels))), axis=1)
    observed = rng.normal(size=30) * 2
    scores = weighted_interval(levels, quantiles, observed)
    alpha = 2 * np.array(lower)
    if with_median:
        # the same by another way (Bracher et al. 2021): losses of all quantiles, over K + 1/2; its own sum of intervals
        # has, in version 0.11 and without Numba, the median where the distance to the median belongs
        losses = scoringrules.quantile_score(observed[:, None], quantiles, levels)
        expected = losses.sum(axis=1) / (len(lower) + 1 / 2)
    else:
        parts = scoringrules.interval_score(observed, quantiles[:, :4], quantiles[:, :-5:-1], alpha)
        expected = (alpha / 2 * parts).mean(axis=1)
    np.testing.assert_allclose(scores.score, expected, atol=TOLERANCE)


def test_weighted_interval_score_by_hand():
    # 50% interval 4 to 8, median 5, and 10 comes: (|10 - 5| / 2 + .25 * (4 + 4 * 2)) / 1.5, of which underprediction
    # (2.5 + 2) / 1.5 and width .25 * 4 / 1.5
    scores = weighted_interval(np.array([0.25, 0.5, 0.75]), np.array([[4.0, 5.0, 8.0]]), np.array([10.0]))
    np.testing.assert_allclose(np.ravel(scores), [5.5 / 1.5, 1 / 1.5, 0.0, 4.5 / 1.5], atol=TOLERANCE)


def test_parts_of_the_interval_score_mirror_each_other():
    rng = np.random.default_rng(8)
    levels = np.array([0.05, 0.2, 0.5, 0.8, 0.95])
    quantiles, observed = np.sort(rng.normal(size=(20, 5)), axis=1), rng.normal(size=20) * 2
    scores, mirrored = (
        weighted_interval(levels, quantiles, observed),
        weighted_interval(levels, -quantiles[:, ::-1], -observed),
    )
    np.testing.assert_allclose(scores.overprediction, mirrored.underprediction, atol=TOLERANCE)
    np.testing.assert_allclose(scores.dispersion, mirrored.dispersion, atol=TOLERANCE)
    assert (scores.dispersion > 0).all()


@pytest.mark.parametrize("n", [1, 2, 3, 50])
def test_crps_of_a_sample_is_that_of_scoringrules_and_of_all_pairs(scoringrules, n):
    rng = np.random.default_rng(n)
    sample, observed = rng.normal(size=n), 0.3
    pairs = np.abs(sample - observed).mean() - np.abs(sample[:, None] - sample).mean() / 2
    assert crps_of_samples(sample, observed) == pytest.approx(pairs, abs=TOLERANCE)
    expected = scoringrules.crps_ensemble(observed, sample, estimator="nrg")
    assert crps_of_samples(sample, observed) == pytest.approx(float(expected), abs=TOLERANCE)
