"""Draws weighed for other evidence: the answers of that evidence's own posterior, whatever the order or the draws."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from forecast.inference.monte_carlo import effective_size
from forecast.inference.reweight import (
    ProposalDraws,
    WeightedDraws,
    judge,
    prior_draws,
    same_prior,
    serves,
    weigh,
    weighted_mean,
)
from forecast.model.arrays import Arrays, arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.version import Floats, ReferenceClass, Settings
from forecast.scenario.schema import Family, State

from ..builders import event, make_evidence, make_settings, says, watched
from ..workspaces import exact

START, AS_OF = date(2023, 1, 1), date(2023, 9, 30)
STATE = State(id="state", ask="?", kind="state", on=date(2024, 3, 1))
MODEL = make_settings(
    per_year={"attack": [[2, 6], [0.5, 2]], "visit": [[0.5, 2], [1, 3]]}, holds={"border": [[0.2, 0.5], [0.5, 0.9]]}
)
EVENTS = [
    event("a", "attack", date(2023, 5, 3)),
    event("b", "visit", date(2023, 6, 20), date(2023, 7, 10), [says("x", "B2")]),
    event("c", "border", date(2023, 2, 11), origins=[says("x", "B3"), says("y", "B2", denies=True)]),
]
WATCH = watched("attack", date(2023, 4, 1), AS_OF)


def laid_out(events: Any = EVENTS, watches: Any = (WATCH,), model: Settings = MODEL) -> Arrays:
    return arrays(make_evidence(START, list(events), list(watches)), model, AS_OF)


def posterior(data: Arrays, model: Settings = MODEL, seed: int = 1) -> ProposalDraws:
    """Draws of the posterior, by resampling draws of the prior, as an anchor."""
    draws = exact(model, data, seed, lambda *_: None)
    named = replace(draws, watches=tuple((w.indicator, w.first.isoformat()) for w in data.watches))
    flat_draws = replace(named, log_likelihood=np.zeros((4, 500)))
    total = weigh(ProposalDraws("fit", model, flat_draws), model, data).filtered.log_likelihood.sum(axis=1)
    return ProposalDraws("fit", model, replace(named, log_likelihood=total.reshape(4, 500)))


def answered(weighed: WeightedDraws, data: Arrays, model: Settings = MODEL) -> tuple[float, float]:
    """Probability of the first regime and its Monte Carlo error."""
    values: Floats = weighed.answer(STATE, model, data)[:, 0]
    return weighted_mean(weighed.weights.reshape(weighed.shape), values.reshape(weighed.shape))


def test_draws_weighed_for_their_own_evidence_keep_equal_weights() -> None:
    data = laid_out()
    weighed = weigh(posterior(data), MODEL, data)
    np.testing.assert_allclose(weighed.weights, 1 / 2000, rtol=1e-12)
    assert weighed.khat == -np.inf
    assert weighed.ess == pytest.approx(2000)


@pytest.mark.parametrize("n_known", [0, 1, 2])
def test_from_any_subset_of_the_evidence_the_answer_is_the_same(n_known: int) -> None:
    data = laid_out()
    direct, direct_error = answered(weigh(posterior(data, seed=5), MODEL, data), data)
    other = laid_out(EVENTS[:n_known])
    p, error = answered(weigh(posterior(other, seed=6), MODEL, data), data)
    assert abs(p - direct) < 4 * np.hypot(error, direct_error)


def test_draws_of_the_prior_do_as_well_where_there_is_little_evidence() -> None:
    data = laid_out()
    direct, direct_error = answered(weigh(posterior(data), MODEL, data), data)
    weighed = weigh(prior_draws(MODEL, data, seed=3), MODEL, data)
    p, error = answered(weighed, data)
    assert weighed.khat < 0.7
    assert abs(p - direct) < 4 * np.hypot(error, direct_error)


def test_the_order_of_evidence_changes_nothing() -> None:
    anchor = posterior(laid_out())
    one, other = laid_out(EVENTS), laid_out(EVENTS[::-1])
    np.testing.assert_allclose(
        weigh(anchor, MODEL, one).weights, weigh(anchor, MODEL, other).weights, rtol=1e-9, atol=1e-15
    )


def test_a_new_watch_draws_its_detection_from_the_prior_and_always_the_same() -> None:
    anchor = posterior(laid_out())
    new = watched("visit", date(2023, 5, 1), AS_OF, detection=(0.2, 0.6))
    both, alone = laid_out(watches=(WATCH, new)), laid_out(watches=(new,))
    with_both, with_one = weigh(anchor, MODEL, both), weigh(anchor, MODEL, alone)
    detection = with_both.parameters.detection
    np.testing.assert_array_equal(detection[:, 1], with_one.parameters.detection[:, 0])
    logit = np.log(detection[:, 1] / (1 - detection[:, 1]))
    # an 80% range of .2 to .6 has logits of mean -.490 and standard deviation .699; 2,000 draws
    assert logit.mean() == pytest.approx(-0.4904, abs=4 * 0.699 / np.sqrt(2000))
    assert logit.std() == pytest.approx(0.699, rel=0.1)
    known = weigh(anchor, MODEL, laid_out()).parameters.detection
    np.testing.assert_array_equal(detection[:, 0], known[:, 0])


def test_a_watch_that_is_taken_away_leaves_no_trace() -> None:
    data = laid_out(watches=())
    direct, direct_error = answered(weigh(posterior(data, seed=8), MODEL, data), data)
    p, error = answered(weigh(posterior(laid_out(), seed=9), MODEL, data), data)
    assert abs(p - direct) < 4 * np.hypot(error, direct_error)


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"tau": 0.5}, True),
        ({"told": {"attack": 0.2}}, True),
        ({"initial": (0.5, 0.5)}, True),
        ({"stays": [[1, 2], [1, 2]]}, True),
        ({"goes_to": [[0, 3], [1, 0]]}, False),
        ({"family": Family.STATIC}, False),
        ({"base_rates": (ReferenceClass("r", 0, 3, 10, 0.5),)}, False),
        ({"per_year": {"attack": [[1, 2], [1, 2]], "walk": [[1, 2], [1, 2]]}}, False),
    ],
)
def test_draws_serve_for_models_whose_standard_parameters_have_the_same_prior(changed: Any, same: bool) -> None:
    base: dict[str, Any] = {"per_year": {"attack": [[2, 6], [0.5, 2]], "visit": [[0.5, 2], [1, 3]]}, "holds": {}}
    assert same_prior(make_settings(**base), make_settings(**{**base, **changed})) is same


def test_other_ranges_and_options_are_weighed_exactly() -> None:
    # the standard parameters know neither ranges nor tau: both enter by the likelihood
    other = replace(MODEL, tau=0.3, per_year=MODEL.per_year * 1.5)
    data = laid_out(model=other)
    direct, direct_error = answered(weigh(posterior(data, other, seed=11), other, data), data, other)
    p, error = answered(weigh(posterior(laid_out(), seed=12), other, data), data, other)
    assert abs(p - direct) < 4 * np.hypot(error, direct_error)


def test_draws_with_another_prior_are_refused() -> None:
    other = replace(MODEL, grades=MODEL.grades + 1)
    with pytest.raises(ValueError, match="have another prior"):
        weigh(posterior(laid_out()), other, laid_out(model=other))


def test_judging_finds_the_answer_that_hangs_on_few_draws() -> None:
    rng = np.random.default_rng(2)
    base = weigh(posterior(laid_out()), MODEL, laid_out(EVENTS[:2]))
    easy = np.full((2000, 1), 0.5)
    # one draw in a hundred decides: heavy tail of weights times answer
    rare = (0.001 / rng.random((2000, 1)) ** 1.5).clip(0, 1)
    khat, ess = judge(base, {"easy": easy})
    worse_khat, worse_ess = judge(base, {"easy": easy, "rare": rare})
    assert worse_khat > khat
    assert worse_ess <= ess


def test_errors_of_weighted_means_are_those_of_repetition() -> None:
    rng = np.random.default_rng(4)
    found, errors = [], []
    for _ in range(400):
        x = rng.normal(size=(4, 250))
        weights = np.exp(0.5 * x)
        mean, error = weighted_mean(weights / weights.sum(), x)
        found.append(mean)
        errors.append(error)
    # importance sampling of N(0.5, 1) by N(0, 1)
    assert np.mean(found) == pytest.approx(0.5, abs=0.01)
    assert np.std(found) == pytest.approx(np.mean(errors), rel=0.12)


def test_equal_weights_give_mean_and_error_of_a_chain() -> None:
    values = np.random.default_rng(5).normal(size=(4, 300)).cumsum(axis=1) / 20
    mean, error = weighted_mean(np.full((4, 300), 1 / 1200), values)
    assert mean == values.mean()
    assert error == values.std(ddof=1) / np.sqrt(effective_size(values))


def test_an_evidence_set_of_nothing_gives_the_prior() -> None:
    data = arrays(EvidenceSet(START, MODEL.step, (), (), ()), MODEL, AS_OF)
    weighed = weigh(posterior(laid_out()), MODEL, data)
    p, error = answered(weighed, data)
    reference = weigh(prior_draws(MODEL, data, seed=1), MODEL, data)
    expected, expected_error = answered(reference, data)
    assert abs(p - expected) < 4 * np.hypot(error, expected_error)


@pytest.mark.parametrize(
    ("khat", "ess", "expected"),
    [(-np.inf, 4000.0, True), (0.7, 400.0, True), (0.71, 4000.0, False), (0.1, 399.0, False), (np.nan, 4000.0, False)],
)
def test_draws_serve_up_to_both_limits_and_not_beyond_either(khat: float, ess: float, expected: bool):
    # the limits that docs/method.md states: k-hat 0.7, effective sample size 400
    assert serves(khat, ess) is expected


def test_the_mean_of_what_is_certain_in_every_draw_is_exactly_one():
    """Weights that sum to one add up to a little more in floating point; a probability above 1 has no word."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        weights = rng.gamma(1, size=(4, 1000))
        assert weighted_mean(weights / weights.sum(), np.ones((4, 1000))) == (1.0, 0.0)
