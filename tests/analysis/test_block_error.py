"""The block error against loops, against processes whose variance is known, and where there is none."""

import numpy as np
import pytest

from forecast.analysis.versions.block_error import MIN_BLOCKS, block_error, block_length


@pytest.mark.parametrize(("n", "length"), [(1, 1), (7, 1), (8, 2), (26, 2), (27, 3), (64, 4), (1000, 10)])
def test_blocks_are_as_long_as_the_cube_root(n: int, length: int):
    assert block_length(n) == length


def test_the_error_is_the_formula_by_hand():
    # Meketon and Schmeiser (1984): n b / ((n - b)(n - b + 1)) sum (block mean - mean)^2 estimates n var(mean)
    values = np.array([1.0, 3, 2, 5, 4, 4, 0, 1, 2, 2, 3, 1, 0, 2, 5, 1])
    blocks = [(values[j] + values[j + 1]) / 2 for j in range(15)]
    long_run = 16 * 2 / (14 * 15) * sum((block - values.mean()) ** 2 for block in blocks)

    assert block_error(values) == pytest.approx(np.sqrt(16 * long_run), rel=1e-12)


def test_there_is_none_where_fewer_than_eight_blocks_fit():
    assert [n for n in range(1, 20) if block_error(np.arange(n) % 3.0) is not None] == [16, 17, 18, 19]
    assert MIN_BLOCKS == 8


def test_equal_scores_have_no_error():
    assert block_error(np.full(30, 0.1)) == 0.0


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_the_error_is_that_of_sums_of_a_known_process(correlation: float):
    # AR(1): n var(mean) tends to sigma^2 / (1 - rho)^2; blocks of 10 see nearly all of a correlation of one half
    rng = np.random.default_rng(1)
    n, found = 1000, []
    for _ in range(200):
        noise = rng.standard_normal(n + 50)
        values = np.empty(n + 50)
        values[0] = noise[0]
        for t in range(1, n + 50):
            values[t] = correlation * values[t - 1] + noise[t]
        found.append(block_error(values[50:]))

    # blocks of length b leave out rho / b (1 + rho) or so of the variance (Künsch 1989): a tenth of it here
    assert np.mean(found) == pytest.approx(np.sqrt(n) / (1 - correlation), rel=0.1)
