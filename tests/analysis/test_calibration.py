"""Isotonic calibration against brute force, its decomposition, and what its band promises."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from forecast.analysis.scoring.calibration import BAND, calibration, corp, isotonic
from forecast.analysis.scoring.scores import murphy

levels = st.sampled_from([0.0, 0.05, 0.1, 0.3, 0.5, 0.7, 0.95, 1.0])
rows = st.lists(st.tuples(levels, st.booleans()), min_size=1, max_size=40)


def best_by_brute_force(values, weights):
    """Of all ways to cut the sequence into blocks, the one whose block means do not fall and fit best."""
    n, best, least = len(values), None, np.inf
    for cuts in itertools.product([False, True], repeat=n - 1):
        edges = [0, *(place + 1 for place, cut in enumerate(cuts) if cut), n]
        blocks = [slice(a, b) for a, b in itertools.pairwise(edges)]
        means = [np.average(values[block], weights=weights[block]) for block in blocks]
        if any(b < a for a, b in itertools.pairwise(means)):
            continue
        fit = np.concatenate([[mean] * (block.stop - block.start) for mean, block in zip(means, blocks, strict=True)])
        loss = (weights * (values - fit) ** 2).sum()
        if loss < least - 1e-12:
            best, least = fit, loss
    return best


@pytest.mark.parametrize("seed", range(12))
def test_isotonic_fit_is_the_best_of_all_partitions(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 10))
    values, weights = rng.integers(0, 4, n) / 3, rng.integers(1, 5, n).astype(float)
    np.testing.assert_allclose(isotonic(values, weights), best_by_brute_force(values, weights), atol=1e-12)


def test_isotonic_fit_is_that_of_scipy():
    rng = np.random.default_rng(5)
    values, weights = rng.normal(size=500) + np.arange(500) / 200, rng.uniform(0.1, 2, 500)
    np.testing.assert_allclose(isotonic(values, weights), isotonic_regression(values, weights=weights).x, atol=1e-12)


@given(rows)
def test_corp_parts_add_up_and_are_not_negative(listed):
    p, happened = np.array([row[0] for row in listed]), np.array([row[1] for row in listed])
    parts = corp(p, happened)
    total = parts.miscalibration - parts.discrimination + parts.uncertainty
    assert total == pytest.approx(((p - happened) ** 2).mean(), abs=1e-12)
    assert parts.miscalibration >= -1e-12
    assert parts.discrimination >= -1e-12


def test_corp_is_murphys_decomposition_where_frequencies_rise_with_the_forecasts():
    # Dimitriadis, Gneiting and Jordan (2021): nothing is pooled then
    p = np.repeat([0.1, 0.4, 0.9], 10)
    happened = np.concatenate([np.arange(10) < k for k in (2, 3, 8)])
    parts, classes = corp(p, happened), murphy(p, happened, None)
    np.testing.assert_allclose(parts[:2], [classes.reliability, classes.resolution], atol=1e-12)


def test_a_forecaster_who_is_off_by_a_rising_function_discriminates_just_as_well():
    rng = np.random.default_rng(2)
    p = rng.random(200)
    happened = rng.random(200) < p
    honest, bold = corp(p, happened), corp(p**3, happened)
    assert bold.discrimination == pytest.approx(honest.discrimination, abs=1e-12)
    assert bold.miscalibration > honest.miscalibration + 0.01


@given(rows)
def test_blocks_hold_all_forecasts_and_rise(listed):
    p, happened = np.array([row[0] for row in listed]), np.array([row[1] for row in listed])
    blocks = calibration(p, happened, np.arange(len(p)))
    assert sum(block.n for block in blocks) == len(p)
    assert sum(block.n * block.observed for block in blocks) == pytest.approx(happened.sum())
    assert sum(block.n * block.p for block in blocks) == pytest.approx(p.sum())
    observed = [block.observed for block in blocks]
    assert observed == sorted(set(observed))
    assert all(0 <= block.low <= block.high <= 1 for block in blocks)


def share_outside(cluster, seed=5):
    """Of all forecasts of calibrated forecasters who learn, the share whose block lies outside its band.

    Twenty questions, of which three in ten come true; before each of six forecasts of it arrives one more signal.
    """
    rng = np.random.default_rng(seed)
    n_questions, n_times, drift, outside, n_trials = 20, 6, 0.35, 0, 50
    for _ in range(n_trials):
        happened = rng.random(n_questions) < 0.3
        log_odds = np.full(n_questions, np.log(0.3 / 0.7))
        p = []
        for _ in range(n_times):
            log_odds = log_odds + 2 * drift * rng.normal(np.where(happened, drift, -drift), 1)
            p.append(1 / (1 + np.exp(-log_odds)))
        number = np.repeat(np.arange(n_questions), n_times) if cluster else np.arange(n_questions * n_times)
        for block in calibration(np.array(p).T.ravel(), np.repeat(happened, n_times), number):
            if not block.low - 1e-9 <= block.observed <= block.high + 1e-9:
                outside += block.n
    return outside / (n_trials * n_questions * n_times)


@pytest.mark.slow
def test_the_band_holds_nine_of_ten_calibrated_forecasters_and_knows_that_questions_are_asked_again():
    # docs/method.md, 'Scores': 5% outside, nominal 10%, and 17% if outcomes are taken for independent
    assert BAND == (5.0, 95.0)
    assert share_outside(cluster=True) < 0.1
    assert share_outside(cluster=False) > 0.12
