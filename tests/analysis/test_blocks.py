"""Intervals by moving blocks: against hand sums, and against the spread of many simulated series."""

import numpy as np
import pytest

from forecast.analysis.replays.blocks import FEWEST_BLOCKS, half_width
from forecast.analysis.scoring.intervals import student_t


def test_none_where_fewer_than_eight_blocks_fit():
    assert FEWEST_BLOCKS == 8
    day = np.arange(95)
    values = np.random.default_rng(1).standard_normal(95)
    influence = (values - values.mean()) / 95
    assert half_width(influence, day, 12) is None
    assert half_width(influence, day, 11) is not None


def test_blocks_of_one_day_give_the_plain_standard_error():
    """With b = 1 the variance of the mean is the sum of squared influences: the spread with divisor n."""
    values = np.array([0.1, 0.5, 0.2, 0.9, 0.4, 0.3, 0.8, 0.7, 0.6, 0.0])
    influence = (values - values.mean()) / 10
    expected = student_t(0.95, 9) * values.std() / np.sqrt(10)
    assert half_width(influence, np.arange(10), 1) == pytest.approx(expected)


def test_a_small_case_by_hand():
    """Days with influences 1, -1, 1, -1 ... in blocks of two: every run sums to zero."""
    influence = np.tile([1.0, -1.0], 8)
    assert half_width(influence, np.arange(16), 2) == pytest.approx(0.0)
    # in blocks of one, n / b times the mean square is 16
    assert half_width(influence, np.arange(16), 1) == pytest.approx(student_t(0.95, 15) * 4.0)


def test_rows_of_one_day_are_summed_first_and_the_first_day_may_have_any_number():
    influence = np.array([0.5, 0.5, -1.0] * 8)
    day = np.repeat(np.arange(16), [2, 1] * 8) + 100
    assert half_width(influence, day, 1) == pytest.approx(student_t(0.95, 15) * 4.0)


def test_nine_of_ten_intervals_hold_the_mean_of_series_whose_days_depend_on_each_other():
    """Moving averages over 12 days, as windows of 12 months make of independent months; plain errors fail badly."""
    rng = np.random.default_rng(7)
    n, width, held, held_plainly = 600, 12, 0, 0
    for _ in range(400):
        noise = rng.standard_normal(n + width - 1)
        values = np.convolve(noise, np.ones(width) / width, mode="valid")
        influence = (values - values.mean()) / n
        held += abs(values.mean()) <= half_width(influence, np.arange(n), 3 * width)
        held_plainly += abs(values.mean()) <= half_width(influence, np.arange(n), 1)
    # the binomial error of 400 tries is .015; blocks cut what lies across their ends, which costs some coverage
    assert 0.83 <= held / 400 <= 0.95
    assert held_plainly / 400 < 0.5
