"""Simulation-based calibration of what NUTS draws, over two hundred simulations from one compilation.

The process is that of `test_calibration`: evidence within watches, tau = 1, false reports simulated. There the ranks
are among weighed draws of the prior; here every simulated case is sampled as a forecast is. A package for this purpose
would have to simulate from the PyMC model, in which what is observed stands for all evidence of a step and cannot be
drawn.
"""

from functools import cache

import numpy as np
import pytest

from forecast.inference.compiled import compiled
from forecast.inference.draws import flat
from forecast.model.arrays import arrays
from forecast.model.priors import draw_prior, natural

from .. import naive
from ..builders import make_evidence
from .test_calibration import AS_OF, MIN_P, MODEL, PARAMETERS, START, WATCHES, p_uniform, parameters, simulate

N_SIMULATIONS = 200


@cache
def quantiles() -> tuple[dict[str, np.ndarray], int]:
    """Posterior quantiles (simulation,) of the true parameters, and how many densities were compiled."""
    from forecast.inference.fit import fit

    rng = np.random.default_rng(20241120)
    fixed = arrays(make_evidence(START, [], WATCHES), MODEL, AS_OF).fixed
    found: dict[str, list[float]] = {}
    built = set()
    for number in range(N_SIMULATIONS):
        true = naive.one_draw(natural(np, draw_prior(MODEL, fixed, 1, rng), MODEL, fixed), 0)
        reports, _ = simulate(rng, true, 1.0)
        data = arrays(make_evidence(START, reports, WATCHES), MODEL, AS_OF)
        draws = fit(MODEL, data, number, lambda *_: None)
        built.add(id(compiled(MODEL, data).built))
        sampled = natural(np, flat(draws), MODEL, data.fixed)
        for name, values, value in parameters(sampled, true):
            found.setdefault(name, []).append(float((values < value).mean()))
    return {name: np.array(values) for name, values in found.items()}, len(built)


@pytest.mark.slow
@pytest.mark.parametrize("name", PARAMETERS)
def test_true_parameters_have_uniform_ranks_among_the_draws_of_nuts(name):
    assert p_uniform(quantiles()[0][name]) > MIN_P


@pytest.mark.slow
def test_all_simulations_are_sampled_from_one_compilation():
    assert quantiles()[1] == 1
