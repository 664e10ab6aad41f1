"""Draws of equal weight from weighted ones: how often each is taken, what they keep, and that means are the same."""

import numpy as np
import pytest

from forecast.inference import smc
from forecast.inference.draws import flat
from forecast.inference.resample import equal_draws, has_equal_weights, systematic
from forecast.inference.reweight import WeightedDraws, prior_draws, weigh
from forecast.scenario.schema import Family

from .conftest import small_case


@pytest.fixture(scope="module")
def particles() -> WeightedDraws:
    """Particles whose islands have unequal weights, for their own evidence."""
    case = small_case(Family.REGIME)
    proposal = smc.sample(case.model, case.data, 5, effort=smc.Effort(particles=800))
    return weigh(proposal, case.model, case.data)


def test_every_draw_is_taken_as_often_as_its_weight_says_rounded_up_or_down(particles: WeightedDraws):
    for n in (800, 300, 5000):
        copies = np.bincount(systematic(particles, n), minlength=800)
        assert copies.sum() == n
        assert np.all(np.abs(copies - n * particles.weights) < 1 + 1e-9)


def test_draws_of_equal_weight_stay_as_they_are():
    case = small_case(Family.REGIME)
    proposal = prior_draws(case.model, case.data, 3)
    weighted = weigh(proposal, case.model, case.data)
    flat_weights = WeightedDraws(
        proposal,
        case.model,
        case.data,
        weighted.parameters,
        weighted.filtered,
        np.full(4000, -np.log(4000)),
        -np.inf,
        4000.0,
    )
    assert has_equal_weights(flat_weights)
    assert not has_equal_weights(weighted)

    kept = equal_draws(flat_weights)

    assert kept.shape == (8, 500)
    assert "resampled" not in kept.meta
    for name, values in proposal.draws.arrays.items():
        np.testing.assert_array_equal(kept.arrays[name], values)


def test_resampled_particles_are_one_chain_that_keeps_ancestors_and_likelihoods(particles: WeightedDraws):
    draws = particles.proposal.draws
    found = equal_draws(particles)
    rows = systematic(particles)

    assert found.shape == (1, 800)
    assert found.meta["resampled"]
    assert found.log_weights is None
    assert found.log_likelihood is not None
    assert found.ancestry is not None
    assert draws.ancestry is not None
    np.testing.assert_allclose(found.log_likelihood[0], particles.filtered.log_likelihood.sum(axis=1)[rows])
    island = rows // draws.shape[1]
    np.testing.assert_array_equal(found.ancestry[0], draws.ancestry.ravel()[rows] + draws.meta["ancestors"] * island)
    assert found.ancestry.max() < found.meta["ancestors"]


def test_means_over_resampled_draws_are_the_weighted_means(particles: WeightedDraws):
    found = flat(equal_draws(particles))["indicator_common"]
    expected = particles.weights @ flat(particles.proposal.draws)["indicator_common"]
    # one draw in 800 more or less per island, of standard normal parameters
    np.testing.assert_allclose(found.mean(axis=0), expected, atol=3 * 8 / 800)
