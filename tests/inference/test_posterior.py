"""What goes on record about draws: which method, whose draws, and how good they are."""

from dataclasses import replace

import numpy as np
import pytest

from forecast.inference import smc
from forecast.inference.posterior import answered, sampled_by_nuts
from forecast.inference.reweight import weigh
from forecast.model.arrays import arrays
from forecast.scenario.schema import Family

from ..workspaces import exact
from .conftest import QUESTIONS, small_case

CASE = small_case(Family.REGIME)
PARTICLES = smc.Effort(800)


def test_particles_for_their_own_evidence_are_recorded_as_smc_with_what_they_found():
    proposal = smc.sample(CASE.model, CASE.data, 3, effort=PARTICLES)
    found = answered(weigh(proposal, CASE.model, CASE.data), QUESTIONS)
    method = found.method
    assert (method["name"], method["khat"], method["from_fit"]) == ("smc", None, None)
    assert method["log_evidence"] == proposal.draws.meta["log_evidence"]
    assert (method["islands"], method["particles"], method["moves"]) == (8, 800, 0)
    assert method["max_error"] == round(found.quality.error, 5)
    errors = [error for question in QUESTIONS for _, error, _, _ in found.summary(question.id)]
    assert found.quality.error == pytest.approx(max(errors), rel=1e-12)


def test_particles_for_other_evidence_are_recorded_as_reweighted_with_the_file_they_are_from():
    proposal = smc.sample(CASE.model, CASE.data, 3, effort=PARTICLES)
    proposal = replace(proposal, id="a" * 64, is_stored=True)
    other = replace(CASE.model, tau=0.4)
    method = answered(weigh(proposal, other, arrays(CASE.evidence, other, CASE.as_of)), QUESTIONS).method
    assert (method["name"], method["from_fit"]) == ("reweight", "a" * 64)
    assert np.isfinite(method["khat"])


def test_chains_are_recorded_as_nuts_and_judged_by_their_diagnosis():
    draws = exact(CASE.model, CASE.data, 1, lambda *_: None)
    found = sampled_by_nuts(draws, QUESTIONS, CASE.model, CASE.data)
    assert found.is_reliable
    assert (found.method["name"], found.method["khat"]) == ("nuts", None)
    assert found.method["rhat"] < 1.01
    divergent = replace(draws, meta={**draws.meta, "divergences": 3})
    failed = sampled_by_nuts(divergent, QUESTIONS, CASE.model, CASE.data)
    assert not failed.is_reliable
    assert any("3" in problem for problem in failed.problems)


def test_probabilities_of_the_outcomes_of_a_question_sum_to_one():
    found = answered(weigh(smc.sample(CASE.model, CASE.data, 3, effort=PARTICLES), CASE.model, CASE.data), QUESTIONS)
    for question in QUESTIONS:
        assert sum(p for p, *_ in found.summary(question.id)) == pytest.approx(1.0, abs=1e-12)
