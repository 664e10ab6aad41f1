"""The model in PyMC against the one in numpy: likelihood by step, base rates, emission, named dimensions."""

from datetime import date

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest

from forecast.inference.pymc_model import pymc_model
from forecast.model.arrays import arrays
from forecast.model.emission import log_emission
from forecast.model.filter import forward
from forecast.model.priors import Natural, draw_prior, log_base_rate, natural
from forecast.scenario.schema import Family

from ..builders import RandomCase, event, make_evidence, make_settings, random_case, watched
from .conftest import small_case

pytestmark = pytest.mark.nuts

#: As good as double precision allows through two ways of computing the same sums.
TOLERANCE = 1e-8


def points(built, raw, n):
    """The first draws as values of the model's free variables, transformed as PyMC does."""
    for draw in range(n):
        point = {}
        for variable in built.free_RVs:
            value = raw[variable.name][draw]
            transform = built.rvs_to_transforms[variable]
            if transform is not None:
                value = transform.forward(pt.as_tensor(value), *variable.owner.inputs).eval()
            point[built.rvs_to_values[variable].name] = value
        yield point


def log_likelihood(case):
    emission = log_emission(np, case.parameters, case.model, case.data)
    return forward(case.model.initial, case.parameters.move, case.data.moves, emission).log_likelihood


def assert_same_likelihood(case, n=3):
    built = pymc_model(case.model, case.data)
    by_step = built.compile_fn(built.logp(vars=[built["steps"]], sum=False), mode="FAST_COMPILE")
    expected = log_likelihood(case)
    for draw, point in enumerate(points(built, case.raw, n)):
        np.testing.assert_allclose(by_step(point)[0], expected[draw], rtol=TOLERANCE, atol=TOLERANCE)
    return built


@pytest.mark.parametrize("seed", [1, 2])
def test_the_likelihood_of_every_step_is_numpys_for_any_evidence(seed):
    # watches, half-watched and unwatched indicators, imprecise dates, denials, p_true, conditions
    assert_same_likelihood(random_case(seed, n_regimes=4 - seed, n_draws=3))


@pytest.mark.parametrize("family", list(Family))
def test_the_likelihood_of_every_step_is_numpys_in_every_family(family):
    assert_same_likelihood(small_case(family))


def test_conditions_alone_make_a_model():
    model = make_settings(family=Family.STATIC, per_year={}, holds={"border": [[0.1, 0.3], [0.6, 0.9]]})
    start, as_of = date(2023, 1, 1), date(2023, 3, 31)
    evidence = make_evidence(start, [event("c", "border", start)], [watched("border", start, as_of)])
    data = arrays(evidence, model, as_of)
    raw = draw_prior(model, data.fixed, 3, np.random.default_rng(1))
    assert_same_likelihood(RandomCase(model, evidence, as_of, data, raw, natural(np, raw, model, data.fixed)))


def test_base_rates_tilt_the_prior_as_in_numpy():
    case = small_case(Family.REGIME)
    built = pymc_model(case.model, case.data)
    [log_weight] = built.replace_rvs_by_values([built["base_rates"]])
    potential = built.compile_fn(log_weight, inputs=built.value_vars, on_unused_input="ignore", mode="FAST_COMPILE")
    stays = case.data.fixed.log_stay
    for draw, point in enumerate(points(built, case.raw, 3)):
        expected = log_base_rate(np, stays[:, 0] + stays[:, 1] * case.raw["stay_own"][draw], case.model)
        np.testing.assert_allclose(potential(point), expected, rtol=TOLERANCE)


def test_the_emission_in_pytensor_is_numpys():
    case = small_case(Family.REGIME)
    names = ("rate", "holds", "move", "truth", "detection")
    expected = log_emission(np, case.parameters, case.model, case.data)
    for draw in range(2):
        one = Natural(*(pt.as_tensor(getattr(case.parameters, name)[draw]) for name in names))
        found = log_emission(pt, one, case.model, case.data).eval(mode="FAST_COMPILE")
        np.testing.assert_allclose(found, expected[draw], rtol=TOLERANCE, atol=TOLERANCE)


def test_the_diagram_names_every_dimension():
    case = small_case(Family.REGIME)
    diagram = pm.model_to_mermaid(pymc_model(case.model, case.data))
    for dimension in ("indicator", "regime", "departure", "grade", "watch", "step"):
        assert dimension in diagram
