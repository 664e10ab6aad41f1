"""The static family against a worked example of the CIA, a Bayesian network in pyAgrum, and quadrature."""

import warnings
from datetime import date

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import dblquad

from forecast.model.answers import answer, filtered
from forecast.model.arrays import arrays
from forecast.model.priors import draw_prior, natural
from forecast.scenario.schema import Family, State

from ..builders import event, make_evidence, make_settings, says, watched

START, AS_OF = date(2023, 1, 1), date(2023, 6, 30)
CERTAIN = says(p_true=(1, 1))
NOW = State(id="q", ask="?", kind="state", on=AS_OF)


def posterior(model, evidence, n_draws=1, seed=0):
    """Of the regimes: every draw's, with the log of its weight."""
    data = arrays(evidence, model, AS_OF)
    parameters = natural(np, draw_prior(model, data.fixed, n_draws, np.random.default_rng(seed)), model, data.fixed)
    result = filtered(parameters, model, data)
    return answer(NOW, result, parameters, model, data), result.log_likelihood.sum(axis=1)


def test_the_cia_example_of_1976_comes_out_as_printed():
    """CIA, Studies in Intelligence 20(2), 'Bayesian Analysis for Intelligence: Some Focus on the Middle East'.

    Prior .1 and .9 that Israel plans an offensive; the finance minister speaks of an economy of war and scarcity, with
    probabilities .99 and .80. The paper prints .12; exactly it is .099 / .819. (The worked example is kept in
    ../shared/data/worked_bayes/cases.json, too.)
    """
    model = make_settings(
        family=Family.STATIC,
        initial=(0.1, 0.9),
        per_year={},
        holds={"war-economy": [[0.99, 0.99], [0.8, 0.8]]},
        tau=1.0,
    )
    report = event("minister", "war-economy", date(2023, 2, 1), origins=[CERTAIN])
    found, _ = posterior(model, make_evidence(START, [report]))
    np.testing.assert_allclose(found[0], [0.1208791208791209, 0.8791208791208791], rtol=1e-12)


@pytest.fixture
def pyagrum():
    with warnings.catch_warnings():
        # SWIG's types have no module, which Python deprecates; as an error it ends the process while importing
        warnings.simplefilter("ignore", DeprecationWarning)
        import pyagrum
    return pyagrum


def test_a_static_net_with_point_parameters_is_the_one_of_pyagrum(pyagrum):
    prior = [0.2, 0.5, 0.3]
    holds = {"border": [0.2, 0.5, 0.9], "threat": [0.6, 0.3, 0.1], "trade": [0.4, 0.45, 0.7]}
    reports = {"border": (False, 0.8), "threat": (True, 0.7), "trade": (False, 1.0)}
    model = make_settings(
        family=Family.STATIC,
        initial=prior,
        per_year={},
        holds={name: [[p, p] for p in values] for name, values in holds.items()},
    )
    events = [
        event(name, name, date(2023, 2, 1), origins=[says(p_true=(p_true, p_true), denies=denies)])
        for name, (denies, p_true) in reports.items()
    ]
    found, _ = posterior(model, make_evidence(START, events))

    net = pyagrum.BayesNet()
    net.add(pyagrum.LabelizedVariable("regime", "", 3))
    net.cpt("regime").fillWith(prior)
    for name, values in holds.items():
        net.add(pyagrum.LabelizedVariable(name, "", 2))
        net.addArc("regime", name)
        for regime, p in enumerate(values):
            net.cpt(name)[{"regime": regime}] = [1 - p, p]
    inference = pyagrum.LazyPropagation(net)
    for name, (denies, p_true) in reports.items():
        # virtual evidence (Pearl): with probability p_true the report shows the value, else it is made as often
        # whatever the value; 'as often' is the value's expected frequency, so that p_true is P(true) under the prior
        expected = float(np.dot(prior, holds[name]))
        claimed = [1 / (1 - expected), 0.0] if denies else [0.0, 1 / expected]
        virtual = p_true * np.array(claimed) + 1 - p_true
        inference.addEvidence(name, (virtual / virtual.max()).tolist())
    inference.makeInference()
    np.testing.assert_allclose(found[0], [inference.posterior("regime")[k] for k in range(3)], atol=1e-9)


def test_silence_and_events_of_one_watched_indicator_are_those_of_quadrature():
    """P(regime | 3 certain events in half a watched year) by integrals over rate and detection of each regime.

    One indicator and one regime at a time: the shared error does not matter. Every report arrives within a day.
    """
    model = make_settings(family=Family.STATIC, initial=(0.4, 0.6), per_year={"attack": [[2, 8], [0.5, 3]]})
    watch = watched("attack", START, AS_OF, detection=(0.5, 0.9), lag_days=(1e-9, 1e-9))
    events = [event(f"e{n}", "attack", date(2023, 2, 1 + n), origins=[CERTAIN]) for n in range(3)]
    found, log_weight = posterior(model, make_evidence(START, events, [watch]), n_draws=80_000, seed=4)
    weight = np.exp(log_weight - log_weight.max())
    # the last day's reports have not arrived: 29 of 30 days of June
    years = (5 + 29 / 30) / 12
    z90 = stats.norm.ppf(0.9)

    def likelihood(low_high):
        rate_at = np.log(low_high).mean(), np.diff(np.log(low_high))[0] / 2 / z90
        logits = np.log([0.5 / 0.5, 0.9 / 0.1])
        detection_at = logits.mean(), np.diff(logits)[0] / 2 / z90

        def integrand(a, b):
            seen = np.exp(rate_at[0] + rate_at[1] * a) / (1 + np.exp(-(detection_at[0] + detection_at[1] * b)))
            return stats.norm.pdf(a) * stats.norm.pdf(b) * seen**3 * np.exp(-seen * years)

        return dblquad(integrand, -7, 7, -7, 7, epsabs=1e-7, epsrel=1e-7)[0]

    joint = np.array([0.4, 0.6]) * [likelihood([2, 8]), likelihood([0.5, 3])]
    p = (weight * found[:, 0]).sum() / weight.sum()
    error = np.sqrt((weight**2 * (found[:, 0] - p) ** 2).sum()) / weight.sum()
    assert error < 0.003
    assert p == pytest.approx(joint[0] / joint.sum(), abs=4 * error)


def test_regimes_of_a_static_model_never_move():
    model = make_settings(family=Family.STATIC, initial=(0.4, 0.6))
    later = State(id="q", ask="?", kind="state", on=date(2040, 1, 1))
    data = arrays(make_evidence(START), model, AS_OF)
    parameters = natural(np, draw_prior(model, data.fixed, 3, np.random.default_rng(0)), model, data.fixed)
    result = filtered(parameters, model, data)
    np.testing.assert_allclose(answer(later, result, parameters, model, data), [[0.4, 0.6]] * 3, atol=1e-15)


def test_when_something_happened_never_matters_in_a_static_model():
    model = make_settings(family=Family.STATIC, per_year={"attack": [[1, 3], [0.1, 0.5]], "visit": [[1, 2], [3, 4]]})
    early, _ = posterior(model, make_evidence(START, [event("e", "attack", date(2023, 1, 5))]))
    late, _ = posterior(model, make_evidence(START, [event("e", "attack", date(2023, 6, 5))]))
    np.testing.assert_allclose(early, late, atol=1e-14)
