"""Simulation-based calibration of the regime family: what is inferred is as probable as said.

Talts et al. (2018), 'Validating Bayesian inference algorithms with simulation-based calibration', arXiv 1804.06788:
draw parameters from the prior, simulate regimes and evidence, infer; the true value's posterior quantile is uniform.

Which process is simulated. The likelihood of a watched event is `real detection rate / ref + 1 - real`. Up to a factor
that does not depend on regime or rates, that is the intensity of all reports of a kind,

    share detection rate + false,    false = share ref (1 - real) / real,

true reports of the kind (`share` of all that are seen) and false ones, both Poisson. So `real` is P(true) where true
reports come at their expected rate `ref`, and that is what a grade means here. The factor left out, the expected number
of false reports, depends on `real` alone: the model takes the number of reports as no sign of how truthful a grade is.
So the model is a joint distribution of parameters and data only given the truth of grades, and calibration is tested
with constants (`p_true: [x, x]`). A report, true or false, arrives after the lag of its watch; what has not arrived is
unknown.

Inference here is by weighing draws from the prior, exact up to Monte Carlo error; NUTS is held against it elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from forecast.model.answers import answer, filtered
from forecast.model.arrays import arrays
from forecast.model.priors import Z90, Natural, draw_prior, natural
from forecast.scenario.schema import Occurs, State, Stays

from .. import naive
from ..builders import event, make_evidence, make_settings, says, watched

START, AS_OF, LATER = date(2022, 1, 1), date(2023, 2, 14), date(2023, 5, 31)

N_SIMULATIONS = 500
N_DRAWS = 10_000
N_BINS = 10

#: Least effective sample size of the weights in any simulation and in all but one in fifty: one standard error of a
#: quantile is then at most .08 and .04, against bins of .1.
MIN_ESS = 40
USUAL_ESS = 150

#: A right program fails one of some ten chi-square tests at this level once in a thousand runs; seeds are fixed anyway.
MIN_P = 1e-4

#: Standard errors by which the frequency of an answer may differ from its mean probability.
MAX_Z = 4.0

MODEL = make_settings(
    initial=(0.4, 0.6),
    per_year={"attack": [[3, 15], [0.5, 3]], "visit": [[0.5, 3], [2, 10]]},
    stays=[[0.3, 1.5], [0.5, 2]],
)
LAG_DAYS = (2.0, 30.0)
DETECTION = (0.4, 0.9)
WATCHES = [watched(name, START, AS_OF, detection=DETECTION, lag_days=LAG_DAYS) for name in MODEL.events]

#: Two kinds of reports: the share of seen events that are reported so, and the constant P(true).
KINDS = ((0.7, 0.9), (0.3, 0.6))

QUESTIONS = {
    "state": State(id="q", ask="?", kind="state", on=LATER),
    "stays": Stays.model_validate(
        {"id": "q", "ask": "?", "kind": "stays", "in": ["regime1"], "from": date(2022, 11, 1), "until": LATER}
    ),
    "truth": Occurs(
        id="q",
        ask="?",
        kind="occurs",
        indicator="attack",
        at_least=2,
        between=(date(2022, 12, 10), LATER),
        settled_by="truth",
    ),
    "record": Occurs(
        id="q", ask="?", kind="occurs", indicator="visit", at_least=2, between=(date(2022, 12, 10), LATER)
    ),
}


@dataclass(frozen=True)
class Calibration:
    """Posterior quantiles (simulation,) of true parameters; answers and what came of them; effective sizes."""

    quantiles: dict[str, np.ndarray]
    answers: dict[str, np.ndarray]
    outcomes: dict[str, np.ndarray]
    sizes: np.ndarray


def simulate(rng: np.random.Generator, truth: Natural, false_factor: float) -> tuple[list[Any], dict[str, bool]]:
    """Reports known on the as-of date, and what came true."""
    past = naive.days_by_step(START, AS_OF, MODEL.step)
    ahead = naive.days_by_step(AS_OF + naive.ONE_DAY, LATER, MODEL.step)
    moves = naive.fractions(past, MODEL, begins=True) + naive.fractions(ahead, MODEL, begins=False)
    regime = int(rng.choice(2, p=MODEL.initial))
    path, reports = [], []
    counts = {"truth": 0, "record": 0}
    for days, move in zip(past + ahead, moves, strict=True):
        regime = int(rng.choice(2, p=(1 - move) * np.eye(2)[regime] + move * truth.move[regime]))
        path.append(regime)
        for i, name in enumerate(MODEL.events):
            false_rate = naive.mean_of_probability(*DETECTION) * naive.mean_rate(MODEL, name) * false_factor
            for day in days:
                years = naive.years_per_day(day, MODEL.step)
                for true in range(rng.poisson(truth.rate[i, regime] * years)):
                    del true
                    seen = rng.random() < truth.detection[i]
                    for question, counted in (("truth", True), ("record", seen)):
                        asked = QUESTIONS[question]
                        if asked.indicator == name and asked.between[0] <= day:
                            counts[question] += counted
                    kind = int(rng.choice(len(KINDS), p=[share for share, _ in KINDS]))
                    if seen and day <= AS_OF:
                        reports += report(rng, name, day, KINDS[kind][1], len(reports))
                for share, p_true in KINDS:
                    for _ in range(
                        rng.poisson(share * false_rate * (1 - p_true) / p_true * years) if day <= AS_OF else 0
                    ):
                        reports += report(rng, name, day, p_true, len(reports))
    first = next(n for n, days in enumerate(past) if days[-1] >= QUESTIONS["stays"].from_)
    return reports, {
        "state": path[-1] == 0,
        "stays": all(k == 1 for k in path[first:]),
        "truth": counts["truth"] >= 2,
        "record": counts["record"] >= 2,
    }


def report(rng: np.random.Generator, indicator: str, day: date, p_true: float, number: int) -> Iterator[Any]:
    """The report, if it has arrived."""
    low, high = np.log(LAG_DAYS)
    lag = np.exp((low + high) / 2 + (high - low) / (2 * Z90) * rng.normal())
    if lag <= (AS_OF - day) / timedelta(days=1):
        yield event(f"e{number:04}", indicator, day, origins=[says(p_true=(p_true, p_true))])


@cache
def calibrate(false_factor: float = 1.0, n_simulations: int = N_SIMULATIONS) -> Calibration:
    """Simulate with `false_factor` times the false reports that the model expects, and infer."""
    rng = np.random.default_rng(20231124)
    fixed = arrays(make_evidence(START, [], WATCHES), MODEL, AS_OF).fixed
    prior = natural(np, draw_prior(MODEL, fixed, N_DRAWS, rng), MODEL, fixed)
    found: dict[str, list[float]] = {}
    answers: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    outcomes: dict[str, list[bool]] = {name: [] for name in QUESTIONS}
    sizes = []
    for _ in range(n_simulations):
        true = naive.one_draw(natural(np, draw_prior(MODEL, fixed, 1, rng), MODEL, fixed), 0)
        reports, outcome = simulate(rng, true, false_factor)
        data = arrays(make_evidence(START, reports, WATCHES), MODEL, AS_OF)
        result = filtered(prior, MODEL, data)
        log_weight = result.log_likelihood.sum(axis=1)
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        sizes.append(1 / (weight**2).sum())
        for name, values, value in parameters(prior, true):
            found.setdefault(name, []).append(float(weight @ (values < value)))
        for name, question in QUESTIONS.items():
            answers[name].append(float(weight @ answer(question, result, prior, MODEL, data)[:, 0]))
            outcomes[name].append(outcome[name])
    return Calibration(
        *({name: np.array(values) for name, values in rows.items()} for rows in (found, answers, outcomes)),
        np.array(sizes),
    )


def parameters(prior: Natural, true: Natural) -> Iterator[tuple[str, np.ndarray, float]]:
    for i, name in enumerate(MODEL.events):
        for k, regime in enumerate(MODEL.regimes):
            yield f"rate of {name} in {regime}", prior.rate[:, i, k], true.rate[i, k]
        yield f"detection of {name}", prior.detection[:, i], true.detection[i]
    for k, regime in enumerate(MODEL.regimes):
        yield f"stay in {regime}", prior.move[:, k, k], true.move[k, k]


PARAMETERS = [name for name, _, _ in parameters(*[Natural(*[np.zeros((2, 2, 2))] * 5)] * 2)]


def p_uniform(quantiles: np.ndarray) -> float:
    """Of the chi-square test that quantiles are uniform on [0, 1]."""
    return float(stats.chisquare(np.histogram(quantiles, N_BINS, (0, 1))[0]).pvalue)


@pytest.mark.slow
def test_weights_suffice_in_every_simulation():
    assert calibrate().sizes.min() > MIN_ESS
    assert np.quantile(calibrate().sizes, 0.02) > USUAL_ESS


@pytest.mark.slow
@pytest.mark.parametrize("name", PARAMETERS)
def test_true_parameters_have_uniform_posterior_quantiles(name):
    assert p_uniform(calibrate().quantiles[name]) > MIN_P


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_answered_with_p_happens_with_frequency_p(name):
    p, happened = calibrate().answers[name], calibrate().outcomes[name]
    assert 0.1 < happened.mean() < 0.9
    spread = (p * (1 - p)).sum() ** 0.5
    assert abs((happened - p).sum()) / spread < MAX_Z
    # and in the direction of the answers: no over- or underconfidence (the slope of outcomes on answers is one)
    centred = p - p.mean()
    error = np.sqrt((centred**2 * p * (1 - p)).sum())
    assert abs((centred * (happened - p)).sum()) / error < MAX_Z


@pytest.mark.slow
def test_answers_tell_outcomes_apart():
    for name in QUESTIONS:
        p, happened = calibrate().answers[name], calibrate().outcomes[name]
        assert p[happened].mean() - p[~happened].mean() > 0.02


@pytest.mark.slow
def test_three_times_as_many_false_reports_would_be_noticed():
    """The tests above have teeth: the same inference, fed with another process, fails."""
    wrong = calibrate(false_factor=3.0, n_simulations=200)
    assert min(p_uniform(values) for values in wrong.quantiles.values()) < MIN_P
