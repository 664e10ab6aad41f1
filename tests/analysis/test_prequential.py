"""The prequential score against enumeration, quadrature, fresh draws and marginal likelihood; what must not move it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from math import lgamma, log

import numpy as np
import pytest
from scipy.stats import norm, poisson

from forecast.analysis.versions import prequential as module
from forecast.analysis.versions.prequential import Prequential, error_of_sum, evidence_before, prequential
from forecast.analysis.versions.step_counts import StepCounts
from forecast.analysis.versions.watch_windows import Window, count_events, watch_windows
from forecast.inference import smc
from forecast.inference.posterior import Posterior, nuts, sampled_by_nuts
from forecast.inference.reweight import WeightedDraws, prior_draws, weigh
from forecast.inference.stored_draws import DrawSource
from forecast.model.answers import filtered
from forecast.model.arrays import Arrays, arrays
from forecast.model.as_of import KnownWatch
from forecast.model.evidence_set import Event, EvidenceSet
from forecast.model.priors import lognormal_from_range, natural
from forecast.model.steps import steps_between
from forecast.model.version import Settings, settings
from forecast.scenario.schema import Codebook, Family, Step

from .. import naive
from ..builders import event, make_codebook, make_evidence, make_report, make_scenario, make_settings, says, watched

START, END = date(2023, 1, 1), date(2023, 8, 31)
CERTAIN = (1.0, 1.0)


def point_codebook() -> Codebook:
    """Every range without width: all draws are equal, but for the truth of grades, which no report here has."""
    fields = make_codebook(
        watches={
            "attack": [
                {"from": date(2023, 2, 10), "to": date(2023, 4, 20), "detection": (0.8, 0.8), "lag_days": (2.0, 9.0)},
                {"from": date(2023, 6, 1), "detection": (0.5, 0.5), "lag_days": (1.0, 5.0)},
            ],
            "visit": [{"from": date(2023, 3, 1), "detection": (0.7, 0.7), "lag_days": (3.0, 30.0)}],
        }
    ).model_dump(by_alias=True, exclude_none=True)
    for indicator in fields["indicators"].values():
        key = "per_year" if indicator["kind"] == "event" else "holds"
        indicator[key] = {regime: (sum(ends) / 2,) * 2 for regime, ends in indicator[key].items()}
    for regime in fields["regimes"].values():
        regime["stays"] = {"years": (sum(regime["stays"]["years"]) / 2,) * 2}
    return Codebook.model_validate(fields)


REPORTS = [
    make_report("R1", indicator="rumour", when=date(2023, 1, 20), p_true=CERTAIN, grade=None),
    make_report("R2", indicator="border", when=date(2023, 2, 3), p_true=(0.7, 0.9), grade=None),
    make_report("R3", indicator="attack", when=date(2023, 3, 8), known=date(2023, 3, 12), p_true=CERTAIN, grade=None),
    make_report("R4", indicator="attack", when=date(2023, 3, 28), known=date(2023, 4, 3), p_true=CERTAIN, grade=None),
    make_report("R5", indicator="visit", when=date(2023, 4, 11), known=date(2023, 4, 30), p_true=CERTAIN, grade=None),
    make_report("R6", indicator="visit", when=date(2023, 7, 2), known=date(2023, 7, 20), p_true=(0.6, 0.9), grade=None),
    make_report("R7", indicator="attack", when=date(2023, 7, 30), known=date(2023, 8, 2), p_true=CERTAIN, grade=None),
    make_report("R8", indicator="attack", when=date(2023, 7, 9), known=date(2023, 8, 30), p_true=CERTAIN, grade=None),
]


@pytest.mark.parametrize("family", ["regime", "static", "base-rate"])
def test_with_all_draws_equal_the_score_is_the_enumeration_of_paths(family: str):
    # tests/naive.py: emission day by day, every path of regimes; Poisson probabilities from SciPy
    scenario = make_scenario(reports=REPORTS, codebook=point_codebook(), searched_until=END, families={"v1": family})
    windows = watch_windows(scenario, ["v1"], END)
    counts = [len(days) for days in count_events(scenario, "v1", windows)]
    model = settings(scenario)
    steps = naive.days_by_step(START, END, model.step)
    knows = evidence_before(scenario, model, windows, 0)

    found = prequential(model, windows, counts, steps_between(START, END, model.step), knows, seed=1)

    scored = sorted({window.step for window in windows})
    assert [step.first for step in found.steps] == [steps[number][0] for number in scored]
    assert sum(counts) == 5  # R8 came too late for its window
    for number, step in zip(scored, found.steps, strict=True):
        day = steps[number][0] - timedelta(days=1)
        evidence = knows(day)
        data = arrays(evidence, model, day)
        prior = prior_draws(model, data, 3)
        raw = {name: values.reshape((4000, *values.shape[2:])) for name, values in prior.draws.arrays.items()}
        parameters = naive.one_draw(natural(np, raw, model, data.fixed), 0)
        moves = naive.fractions(steps[: number + 1], model, begins=True)
        emission = naive.log_emission(evidence, model, parameters, day)
        predicted = np.zeros(2)
        for path, weight in naive.paths(model.initial, parameters.move, moves, emission):
            predicted[path[-1]] += weight
        predicted /= predicted.sum()
        joint = np.ones(2)
        for window, count in zip(windows, counts, strict=True):
            if window.step == number:
                joint *= poisson.pmf(count, expected(window, evidence, model, parameters))
        assert step.joint == pytest.approx(log(predicted @ joint), abs=1e-9)


def expected(window: Window, evidence: EvidenceSet, model: Settings, parameters: naive.Natural) -> np.ndarray:
    """Mean count in every regime, day by day."""
    watch = window.watches[0]
    numbered = naive.event_watches(evidence, model)
    number = next(n for n, row in enumerate(numbered) if (row.indicator, row.first) == (watch.indicator, watch.first))
    days = naive.days_between(date.fromordinal(window.first), date.fromordinal(window.last))
    years = sum(
        naive.arrived(watch.lag_days, (window.count_on - day).days) * naive.years_per_day(day, model.step)
        for day in days
    )
    rates = parameters.rate[model.events.index(window.indicator)]
    return rates * parameters.detection[number] * years


# --- on evidence made by hand: no lag, so that what is scored is exactly what is conditioned on --------------------


def made_by_hand(
    model: Settings,
    counts: np.ndarray,
    *,
    told: Sequence[Event] = (),
    seed: int = 11,
    detection: tuple[float, float] = (0.6, 0.9),
) -> tuple[Prequential, Arrays]:
    """Score monthly counts (step, indicator), certain and reported overnight; with the arrays of all of them."""
    n_steps = len(counts)
    ends = [_first_of_month(number + 1) - timedelta(days=1) for number in range(n_steps)]
    events = [
        event(f"{name}-{step}-{n}", name, _first_of_month(step) + timedelta(days=5), origins=[says(p_true=CERTAIN)])
        for step, i in product(range(n_steps), range(counts.shape[1]))
        for name in [model.events[i]]
        for n in range(counts[step, i])
    ]
    watched_ones = model.events[: counts.shape[1]]

    def watch(name: str, until: date) -> KnownWatch:
        return watched(name, START, until, lag_days=(1.0, 1.0), detection=detection)

    def watches(day: date) -> list[KnownWatch]:
        # one day beyond: the report of the last day has come overnight, so that all of the step's silence speaks
        return [watch(name, day + timedelta(days=1)) for name in watched_ones]

    def knows(day: date) -> EvidenceSet:
        if day < START:
            instruments = [replace(watch, until=None) for watch in watches(START)]
            return make_evidence(START, [], [], instruments)
        return make_evidence(START, [row for row in (*events, *told) if row.first <= day], watches(day))

    windows = [
        Window(
            name,
            step,
            _first_of_month(step).toordinal(),
            ends[step].toordinal(),
            ends[step] + timedelta(days=1),
            (watch(name, ends[step] + timedelta(days=1)),),
        )
        for step in range(n_steps)
        for name in watched_ones
    ]
    data = arrays(knows(ends[-1]), model, ends[-1])
    grid = steps_between(START, ends[-1], Step.MONTH)
    return prequential(model, windows, counts.ravel().tolist(), grid, knows, seed=seed), data


def _first_of_month(number: int) -> date:
    return date(START.year + number // 12, number % 12 + 1, 1)


def two_indicators(**options: object) -> Settings:
    ranges = {"attack": [[2, 6], [0.2, 1]], "visit": [[0.3, 1], [2, 5]]}
    return make_settings(**{"initial": (0.4, 0.6), "per_year": ranges, **options})


COUNTS = np.array([[0, 0], [1, 0], [0, 0], [2, 0], [0, 1], [0, 0], [1, 0], [1, 1], [0, 0], [1, 0]])


@pytest.mark.parametrize("family", [Family.REGIME, Family.STATIC])
def test_the_scores_of_all_steps_add_up_to_the_log_marginal_likelihood_of_the_counts(family: Family):
    # The likelihood has rate detection / ref for an event and exp(-rate detection x) for silence, with the constant ref
    # and the exposure x in years; the Poisson probability is that times (ref x)^n / n!.
    model = two_indicators(family=family)

    found, data = made_by_hand(model, COUNTS)

    prior = prior_draws(model, data, 5)  # other draws than those of the score
    raw = {name: values.reshape((4000, *values.shape[2:])) for name, values in prior.draws.arrays.items()}
    likelihood = np.exp(filtered(natural(np, raw, model, data.fixed), model, data).log_likelihood.sum(axis=1))
    assert data.exposure == pytest.approx(1.0)
    units = sum(n * log(data.watch_scale[i] / 12) - lgamma(n + 1) for (_, i), n in np.ndenumerate(COUNTS))
    marginal = log(likelihood.mean()) + units
    error = likelihood.std() / likelihood.mean() / np.sqrt(len(likelihood))
    assert found.problems == ()
    assert error < 0.1
    assert found.joint.sum() == pytest.approx(marginal, abs=4 * np.hypot(error, found.mcse))


@pytest.fixture
def steps_seen(monkeypatch: pytest.MonkeyPatch) -> list[StepCounts]:
    """The counts of every step that is scored, with the evidence before it."""
    seen: list[StepCounts] = []
    real = module._Walk.score

    def score(walk: module._Walk, counts: StepCounts, first: date) -> module.StepScore:
        seen.append(counts)
        return real(walk, counts, first)

    monkeypatch.setattr(module._Walk, "score", score)
    return seen


def log_mean(counts: StepCounts, weighted: WeightedDraws) -> tuple[float, float]:
    """Log of the mean probability of all counts of a step over draws for the evidence before it, and its error."""
    p = np.exp(counts.log_probability(weighted, counts.indicators))
    mean = weighted.mean(p)
    return log(mean), weighted.error(weighted.influence(p)) / mean


RUMOURS = {"attack": [[2, 6], [0.2, 1]], "rumour": [[1, 2], [3, 9]], "visit": [[0.3, 1], [2, 5]]}


@pytest.mark.parametrize("family", [Family.REGIME, Family.STATIC])
def test_a_walk_of_particles_scores_as_draws_made_for_every_step_do(family: Family, steps_seen: list[StepCounts]):
    told = [event("t1", "rumour", date(2023, 3, 3)), event("t2", "rumour", date(2023, 7, 3))]
    model = two_indicators(family=family, per_year=RUMOURS, tau=0.5)

    found, _ = made_by_hand(model, COUNTS[:, :1], told=told)

    for counts, step in zip(steps_seen[1:], found.steps[1:], strict=True):
        fresh = weigh(smc.sample(model, counts.data, 70 + counts.step), model, counts.data)
        direct, error = log_mean(counts, fresh)
        assert abs(step.joint - direct) < 4 * np.hypot(error_of_sum([step]), error)
        # what is compared is known to within a few hundredths
        assert error < 0.05


def test_counts_as_evidence_of_one_more_step_have_the_probability_of_the_counts(steps_seen: list[StepCounts]):
    """Draw by draw: the filter's last step against the mixture of Poisson probabilities."""
    model = two_indicators(per_year=RUMOURS, tau=0.5)
    made_by_hand(model, COUNTS)

    for counts in steps_seen:
        after, left_out = counts.with_counts()
        weighted = weigh(prior_draws(model, counts.data, 3), model, after)
        last = weighted.filtered.log_likelihood[:, -1] + left_out
        np.testing.assert_allclose(last, counts.log_probability(weighted, counts.indicators), rtol=0, atol=1e-9)


def test_told_events_condition_later_steps_and_are_never_scored():
    ranges = {"attack": [[2, 6], [0.2, 1]], "rumour": [[0.5, 1], [3, 9]], "visit": [[2, 5], [0.3, 1]]}
    model = two_indicators(per_year=ranges, tau=0.5)
    told = [event("t", "rumour", date(2023, 6, 3))]

    without, _ = made_by_hand(model, COUNTS[:, :1])
    with_it, _ = made_by_hand(model, COUNTS[:, :1], told=told)

    # known in June, it speaks from July on
    assert with_it.joint[:6] == pytest.approx(without.joint[:6], abs=1e-12)
    assert np.all(np.abs(with_it.joint[6:] - without.joint[6:]) > 1e-4)


def test_tempering_moves_the_score_only_through_what_was_told():
    ranges = {"attack": [[2, 6], [0.2, 1]], "rumour": [[0.5, 1], [3, 9]], "visit": [[2, 5], [0.3, 1]]}
    told = [event("t", "rumour", date(2023, 6, 3))]

    def scores(tau: float, told: Sequence[Event]) -> np.ndarray:
        return made_by_hand(two_indicators(per_year=ranges, tau=tau), COUNTS[:, :1], told=told)[0].joint

    assert np.array_equal(scores(0.25, ()), scores(1.0, ()))
    assert np.array_equal(scores(0.25, told)[:6], scores(1.0, told)[:6])
    assert np.all(scores(0.25, told)[6:] != scores(1.0, told)[6:])


def test_the_joint_score_of_a_step_is_that_of_its_counts_together():
    found, _ = made_by_hand(two_indicators(), COUNTS)

    # attacks speak for one regime and visits for the other: together they are less likely than their product
    both = found.steps[7]
    assert both.joint < sum(both.by_indicator.values()) - 0.1
    assert set(both.by_indicator) == {"attack", "visit"}


def static_scores(model: Settings, counts: np.ndarray, detection: float) -> tuple[list[float], list[list[float]]]:
    """Scores of the static family by quadrature: of all counts together, and of each indicator's alone.

    In a regime that never changes indicators are independent; the rate of each is log-normal (by the trapezium rule
    over thirty standard deviations), its counts are Poisson over months of a twelfth of a year.
    """
    z = np.linspace(-30, 30, 12001)
    location, scale = np.moveaxis(lognormal_from_range(model.per_year), -1, 0)
    n_steps, n_indicators = counts.shape
    # log p(first t counts of indicator i | regime k)
    until = np.zeros((n_steps + 1, n_indicators, len(model.initial)))
    for i, k in product(range(n_indicators), range(len(model.initial))):
        mean = np.exp(location[i, k] + scale[i, k] * z) * detection / 12
        terms = poisson.logpmf(counts[:, i][:, None], mean)
        for t in range(n_steps + 1):
            values = norm.logpdf(z) + terms[:t].sum(axis=0)
            until[t, i, k] = values.max() + log(np.trapezoid(np.exp(values - values.max()), z))
    log_p = np.log(model.initial) + until.sum(axis=1)
    totals = np.logaddexp.reduce(log_p, axis=1)
    alone = [
        [float(np.logaddexp.reduce(log_p[t] + until[t + 1, i] - until[t, i]) - totals[t]) for i in range(n_indicators)]
        for t in range(n_steps)
    ]
    return np.diff(totals).tolist(), alone


SURPRISING = np.column_stack([np.full(14, 6), [0, 1] * 7])  # 72 attacks a year where the ranges say 6 at most


@pytest.mark.parametrize("counts", [COUNTS, SURPRISING], ids=["expected", "surprising"])
def test_scores_are_those_of_quadrature_also_where_hardly_any_draw_expects_the_counts(counts: np.ndarray):
    model = two_indicators(family=Family.STATIC)

    found, _ = made_by_hand(model, counts, detection=(0.8, 0.8))

    expected, alone = static_scores(model, counts, 0.8)
    assert found.problems == ()
    assert abs(found.joint.sum() - sum(expected)) < 4 * found.mcse
    assert found.mcse < 0.15
    for step, joint, each in zip(found.steps, expected, alone, strict=True):
        error = error_of_sum([step])
        assert abs(step.joint - joint) < 4 * error + 1e-9
        assert error < 0.15
        for indicator, value in zip(("attack", "visit"), each, strict=True):
            assert step.by_indicator[indicator] == pytest.approx(value, abs=4 * error + 0.05)


def test_nearly_impossible_counts_have_a_finite_score_with_its_error():
    """Forty events in the first month at one in six years: log p is below -150."""
    model = make_settings(family=Family.STATIC, initial=(0.5, 0.5), per_year={"attack": [[0.1, 0.3], [0.1, 0.3]]})
    counts = np.array([[40], [0], [40]])

    found, _ = made_by_hand(model, counts, detection=(0.8, 0.8))

    expected, _ = static_scores(model, counts, 0.8)
    assert found.joint.sum() < -150
    assert abs(found.joint.sum() - sum(expected)) < 4 * found.mcse


def test_draws_that_fail_their_diagnostics_are_named_with_the_step(monkeypatch: pytest.MonkeyPatch):
    real = DrawSource.draws_for

    def doubtful(source: DrawSource, model: Settings, data: Arrays, *rest: object, **options: object) -> Posterior:
        found = real(source, model, data, *rest, **options)
        return replace(found, problems=("islands differ",)) if len(data.steps) in (3, 4) else found

    monkeypatch.setattr(DrawSource, "draws_for", doubtful)
    found, _ = made_by_hand(two_indicators(), COUNTS[:5])

    # the counts of March are evidence of three steps, what is known before April too
    assert [step.problems for step in found.steps] == [(), (), *[("islands differ",)] * 3]
    assert found.problems == ("islands differ, in the step from 2023-03-01",)


@pytest.mark.slow
def test_a_walk_of_particles_scores_as_fits_of_nuts_do(steps_seen: list[StepCounts]):
    model = two_indicators()

    found, _ = made_by_hand(model, COUNTS)

    for number in (5, 9):
        counts = steps_seen[number]
        fitted = sampled_by_nuts(nuts(model, counts.data, number, lambda *_: None), (), model, counts.data).weighted
        direct, error = log_mean(counts, fitted)
        assert abs(found.steps[number].joint - direct) < 4 * np.hypot(error_of_sum([found.steps[number]]), error)


@pytest.mark.slow
def test_the_monte_carlo_error_of_a_sum_is_that_of_many_runs():
    found = [made_by_hand(two_indicators(), COUNTS, seed=seed)[0] for seed in range(100, 140)]

    spread = np.std([one.joint.sum() for one in found], ddof=1)
    # 40 runs give the spread to within 11%; four of its errors
    assert np.mean([one.mcse for one in found]) == pytest.approx(spread, rel=0.45)


@pytest.mark.slow
def test_the_version_that_made_the_counts_beats_one_with_ranges_four_times_too_high():
    true = two_indicators(family=Family.STATIC, initial=(0.9, 0.1))
    wrong = replace(true, per_year=4 * true.per_year)
    rng = np.random.default_rng(20240101)
    wins = 0
    for _ in range(20):
        location = np.log(true.per_year).mean(axis=-1)
        rates = np.exp(rng.normal(location, (np.log(true.per_year)[..., 1] - location) / 1.2816))
        detection = 1 / (1 + np.exp(-rng.normal(0.5 * np.log(1.5 * 9), 0.7)))
        regime = rng.choice(2, p=true.initial)
        counts = rng.poisson(rates[:, regime] * detection / 12, size=(18, 2))
        wins += made_by_hand(true, counts)[0].joint.sum() > made_by_hand(wrong, counts)[0].joint.sum()

    # a coin would win 15 of 20 or more in 2% of cases
    assert wins >= 15
