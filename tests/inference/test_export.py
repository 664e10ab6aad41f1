"""The DataTree that other tools read: dimensions, log-likelihood by step, log-prior."""

from datetime import date, timedelta

import arviz_stats
import numpy as np
import pytest

from forecast.inference import smc
from forecast.inference.draws import Draws
from forecast.inference.export import to_datatree
from forecast.inference.power_scale import power_scaling
from forecast.inference.pymc_model import pymc_model
from forecast.inference.resample import equal_draws
from forecast.inference.reweight import prior_draws, weigh
from forecast.model.answers import filtered
from forecast.scenario.schema import Family, State

from .conftest import small_case

pytestmark = pytest.mark.nuts

CHAINS, DRAWS = 2, 25


@pytest.fixture(scope="module")
def exported():
    case = small_case(Family.REGIME)
    arrays = {name: values.reshape((CHAINS, DRAWS, *values.shape[1:])) for name, values in case.raw.items()}
    return case, to_datatree(Draws(arrays, {"sampler": "prior", "seed": 8}), case.model, case.data)


def test_the_tree_has_named_dimensions(exported):
    case, tree = exported
    assert tree["posterior"]["rate"].dims == ("chain", "draw", "event", "regime")
    assert tree["posterior"]["regime_probability"].dims == ("chain", "draw", "step", "regime")
    assert tree["log_likelihood"]["steps"].dims == ("chain", "draw", "step")
    assert list(tree["posterior"]["regime"].to_numpy()) == list(case.model.regimes)


def test_the_log_likelihood_by_step_sums_to_numpys(exported):
    case, tree = exported
    expected = filtered(case.parameters, case.model, case.data).log_likelihood.sum(axis=1)
    found = tree["log_likelihood"]["steps"].sum("step").to_numpy().ravel()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)


def test_prior_and_likelihood_make_the_density_that_pymc_samples(exported):
    """The oracle is PyMC's own log-density of the model, without the Jacobians of its transformations."""
    case, tree = exported
    built = pymc_model(case.model, case.data)
    density = built.compile_logp(jacobian=False)
    transforms = {rv.name: built.rvs_to_transforms[rv] for rv in built.free_RVs}
    values = {rv.name: built.rvs_to_values[rv] for rv in built.free_RVs}
    expected, found = [], []
    for draw in range(5):
        point = {}
        for rv in built.free_RVs:
            value = case.raw[rv.name][draw]
            transform = transforms[rv.name]
            point[values[rv.name].name] = (
                value if transform is None else np.asarray(transform.forward(value, *rv.owner.inputs).eval())
            )
        expected.append(float(density(point)))
        prior = sum(float(tree["log_prior"][name].to_numpy()[0, draw]) for name in tree["log_prior"].data_vars)
        found.append(prior + float(tree["log_likelihood"]["steps"][0, draw].sum()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)


def test_power_scaling_of_a_fit_runs_on_the_tree(fitted):
    case = small_case(Family.REGIME)
    tree = to_datatree(fitted(Family.REGIME), case.model, case.data)
    last = {"step": tree["posterior"]["step"].to_numpy()[-1:]}
    for group in ("prior", "likelihood"):
        table = arviz_stats.psense(tree, var_names=["regime_probability"], coords=last, group=group)
        assert np.isfinite(table["regime_probability"].to_numpy()).all()


def test_power_scaling_of_particles_is_that_of_independent_draws():
    """The oracle is the same computation on draws of the prior, resampled by their likelihood."""
    case = small_case(Family.REGIME)
    last = date.fromordinal(int(case.data.steps.last[-1]))
    question = State(id="q", ask="?", kind="state", on=last + timedelta(days=90))
    particles = smc.sample(case.model, case.data, 1).draws
    independent = equal_draws(weigh(prior_draws(case.model, case.data, 2, n_each=2000), case.model, case.data))
    outcome = case.model.regimes[0]

    found, expected = (
        dict(power_scaling(draws, case.model, case.data, question, outcome)) for draws in (particles, independent)
    )

    assert found.keys() == expected.keys()
    assert found["mean stays"] > 0.04
    # distances between distributions over some thousand draws are known to a hundredth or two
    for prior, sensitivity in found.items():
        assert sensitivity == pytest.approx(expected[prior], abs=0.02)
