"""Simulation-based calibration of what sequential Monte Carlo draws, over two hundred simulated cases.

The process is that of `test_calibration`: evidence within watches, tau = 1, constant probabilities of truth, and false
reports that are simulated. Draws are thinned to fewer than are effective before the true parameter is ranked among
them (Talts et al. 2018, 'Validating Bayesian inference algorithms with simulation-based calibration').
"""

from functools import cache

import numpy as np
import pytest

from forecast.inference import smc
from forecast.inference.reweight import weigh
from forecast.model.arrays import arrays
from forecast.model.priors import draw_prior, natural

from .. import naive
from ..builders import make_evidence
from .test_calibration import AS_OF, MIN_P, MODEL, PARAMETERS, START, WATCHES, p_uniform, parameters, simulate

N_SIMULATIONS = 200

#: Draws that the truth is ranked among: fewer than the effective size of any parameter.
N_RANKED = 99


@cache
def quantiles(n_simulations: int = N_SIMULATIONS) -> dict[str, np.ndarray]:
    """Ranks of the true parameters as shares of the draws, (simulation,), spread over their cells."""
    rng = np.random.default_rng(20251120)
    fixed = arrays(make_evidence(START, [], WATCHES), MODEL, AS_OF).fixed
    found: dict[str, list[float]] = {}
    for number in range(n_simulations):
        true = naive.one_draw(natural(np, draw_prior(MODEL, fixed, 1, rng), MODEL, fixed), 0)
        reports, _ = simulate(rng, true, 1.0)
        data = arrays(make_evidence(START, reports, WATCHES), MODEL, AS_OF)
        weighted = weigh(smc.sample(MODEL, data, 1000 + number, effort=smc.Effort(1600)), MODEL, data)
        for name, values, value in parameters(weighted.parameters, true):
            _, error, _, _ = weighted.summary(values)
            assert values.var() / error**2 > N_RANKED, name
            thinned = rng.choice(values, size=N_RANKED, p=weighted.weights / weighted.weights.sum())
            found.setdefault(name, []).append((int((thinned < value).sum()) + rng.random()) / (N_RANKED + 1))
    return {name: np.array(values) for name, values in found.items()}


def test_the_true_parameters_of_a_few_simulations_lie_among_the_draws():
    """A small version of the test below, for every run: 20 simulations of 6 parameters."""
    ranks = np.concatenate(list(quantiles(20).values()))
    # mean .5, standard deviation .289; those of one simulation go together, so twice the error of independent ones
    assert abs(ranks.mean() - 0.5) < 4 * 2 * 0.289 / np.sqrt(ranks.size)
    assert 0.2 < ranks.std() < 0.36


@pytest.mark.slow
@pytest.mark.parametrize("name", PARAMETERS)
def test_true_parameters_have_uniform_ranks_among_the_draws_of_smc(name):
    assert p_uniform(quantiles()[name]) > MIN_P
