"""Clustered intervals: the quantile against scipy, the standard error against the textbook, coverage by simulation."""

import numpy as np
import pytest
from scipy import stats

from forecast.analysis.scoring.intervals import FEWEST_CLUSTERS, clustered, half_width, student_t


@pytest.mark.parametrize("degrees", [FEWEST_CLUSTERS - 1, 10, 30, 1000])
@pytest.mark.parametrize("level", [0.05, 0.5, 0.9, 0.95])
def test_student_quantile_is_that_of_scipy(degrees, level):
    assert student_t(level, degrees) == pytest.approx(stats.t.ppf(level, degrees), abs=1e-3)


def test_with_one_row_for_each_question_it_is_the_interval_of_a_mean():
    values = np.random.default_rng(1).normal(size=20)
    expected = stats.t.ppf(0.95, 19) * stats.sem(values)
    assert half_width((values - values.mean()) / 20, np.arange(20)) == pytest.approx(expected, rel=1e-4)


def test_asking_the_same_question_again_and_again_does_not_narrow_the_interval():
    values = np.random.default_rng(1).normal(size=20)
    once = half_width((values - values.mean()) / 20, np.arange(20))
    often = np.repeat(values, 50)
    assert half_width((often - often.mean()) / 1000, np.repeat(np.arange(20), 50)) == pytest.approx(once)


def test_there_is_no_interval_below_eight_questions():
    cluster = np.repeat(np.arange(FEWEST_CLUSTERS - 1), 100)
    assert half_width(np.zeros(len(cluster)), cluster) is None


def test_the_interval_covers_the_long_run_mean_and_one_that_takes_rows_for_independent_does_not():
    rng = np.random.default_rng(7)
    n_questions, n_rows, n_trials = 20, 10, 1000
    cluster = np.repeat(np.arange(n_questions), n_rows)
    covered = naive = 0
    for _ in range(n_trials):
        values = rng.normal(size=n_questions)[cluster] + 0.5 * rng.normal(size=n_questions * n_rows)
        influence = (values - values.mean()) / len(values)
        covered += abs(values.mean()) <= half_width(influence, cluster)
        naive += abs(values.mean()) <= half_width(influence, np.arange(len(values)))
    # nominal 90%; three standard errors of 1000 trials are 2.9 points
    assert covered / n_trials == pytest.approx(0.9, abs=0.03)
    assert naive / n_trials < 0.6


def test_clusters_are_numbered_in_the_order_of_their_first_row():
    assert clustered(["b", "a", "b", ("c", 1)]).tolist() == [0, 1, 0, 2]
