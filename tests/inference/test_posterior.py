"""What is said of an answer's draws: mean, error and the ends of the interval."""

import numpy as np
import pytest

from forecast.inference.posterior import INTERVAL, summarised


def test_the_interval_of_equal_draws_is_numpys_quantiles() -> None:
    values = np.random.default_rng(1).beta(2, 3, (4, 501))
    mean, _, *ends = summarised(np.full(values.shape, 1 / values.size), values)
    assert mean == pytest.approx(values.mean())
    assert ends == pytest.approx(np.quantile(values, INTERVAL), rel=1e-12)


def test_the_interval_of_weighted_draws_is_numpys_inverse_of_the_distribution() -> None:
    rng = np.random.default_rng(2)
    values, weights = rng.beta(2, 3, (4, 500)), rng.dirichlet(np.full(2000, 0.3)).reshape(4, 500)
    mean, _, *ends = summarised(weights, values)
    assert mean == pytest.approx((weights * values).sum())
    assert ends == list(np.quantile(values.ravel(), INTERVAL, weights=weights.ravel(), method="inverted_cdf"))
