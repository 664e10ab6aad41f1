"""Log-emission and exposure against plain loops over days (`tests/naive.py`), the oracle without terms and tables."""

from datetime import date, timedelta

import numpy as np
import pytest

from forecast.model.arrays import arrays, exposed_days
from forecast.model.emission import log_emission
from forecast.model.priors import draw_prior, natural
from forecast.scenario.schema import Step

from .. import naive
from ..builders import event, make_evidence, make_settings, random_case, says, watched

#: The naive model takes means from adaptive quadrature (1e-13), the program from the trapezium rule; both round.
TOLERANCE = 1e-12

START, AS_OF = date(2023, 1, 1), date(2023, 4, 30)
TWO = {"attack": [[1, 3], [0.1, 0.5]], "visit": [[0.5, 1], [2, 4]]}


def emission_of(model, evidence, as_of=AS_OF, n_draws=3, seed=5):
    data = arrays(evidence, model, as_of)
    parameters = natural(np, draw_prior(model, data.fixed, n_draws, np.random.default_rng(seed)), model, data.fixed)
    return log_emission(np, parameters, model, data), parameters


def assert_as_naive(model, evidence, as_of=AS_OF):
    emission, parameters = emission_of(model, evidence, as_of)
    for draw, found in enumerate(emission):
        expected = naive.log_emission(evidence, model, naive.one_draw(parameters, draw), as_of)
        np.testing.assert_allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("seed", range(6))
def test_the_emission_is_that_of_plain_loops_over_days(seed, step):
    case = random_case(seed, step=step)
    found = log_emission(np, case.parameters, case.model, case.data)
    for draw in range(2):
        parameters = naive.one_draw(case.parameters, draw)
        expected = naive.log_emission(case.evidence, case.model, parameters, case.as_of)
        np.testing.assert_allclose(found[draw], expected, rtol=TOLERANCE, atol=TOLERANCE)


def test_an_event_across_the_edge_of_a_watch_speaks_as_both_by_its_days():
    watch = watched("attack", date(2023, 2, 10), date(2023, 4, 30))
    report = event("e", "attack", date(2023, 2, 1), date(2023, 2, 20))
    assert_as_naive(make_settings(per_year=TWO, tau=0.4), make_evidence(START, [report], [watch]))


def test_a_watched_condition_is_not_tempered():
    model = make_settings(holds={"border": [[0.1, 0.3], [0.6, 0.9]]}, tau=0.25)
    report = event("c", "border", date(2023, 2, 3))
    inside, _ = emission_of(model, make_evidence(START, [report], [watched("border", START, AS_OF)]))
    outside, _ = emission_of(model, make_evidence(START, [report]))
    np.testing.assert_allclose(outside, 0.25 * inside, atol=1e-15)


def test_a_scenario_of_conditions_only_may_watch_them():
    model = make_settings(per_year={}, holds={"border": [[0.1, 0.3], [0.6, 0.9]]})
    watch = watched("border", START, AS_OF)
    assert_as_naive(model, make_evidence(START, [event("c", "border", date(2023, 2, 3))], [watch]))


def test_the_only_unwatched_indicator_says_nothing_by_being_told():
    # its share of what is told is one in every regime
    watch = watched("visit", START, AS_OF, lag_days=(1000, 1000))
    emission, _ = emission_of(
        make_settings(per_year=TWO), make_evidence(START, [event("e", "attack", date(2023, 2, 3))], [watch])
    )
    np.testing.assert_allclose(emission, 0.0, atol=1e-15)


def test_forty_told_events_in_the_expected_mix_say_little_about_the_level():
    # the same number of both, whose rates differ between regimes only by a common factor
    model = make_settings(per_year={"a": [[1, 1], [10, 10]], "b": [[2, 2], [20, 20]]})
    events = [event(f"e{n}", "ab"[n % 2], START + timedelta(days=n)) for n in range(40)]
    emission, _ = emission_of(model, make_evidence(START, events))
    np.testing.assert_allclose(emission[..., 0], emission[..., 1], atol=1e-12)


def test_silence_outside_any_watch_says_nothing():
    emission, _ = emission_of(make_settings(per_year=TWO), make_evidence(START))
    assert not emission.any()


def test_a_month_of_silence_in_a_full_watch_is_worth_rate_times_detection():
    # by hand: every report arrives on the next day; March is 1/12 year; point ranges: rate 2 and 12, detection .5
    model = make_settings(per_year={"attack": [[2, 2], [12, 12]]})
    watch = watched("attack", START, AS_OF, detection=(0.5, 0.5), lag_days=(1e-9, 1e-9))
    emission, _ = emission_of(model, make_evidence(START, [], [watch]), n_draws=1)
    np.testing.assert_allclose(emission[0, 2], [-0.5 * 2 / 12, -0.5 * 12 / 12], rtol=1e-12)


def test_one_watched_event_is_worth_its_elicited_likelihood_ratio():
    # by hand: a certain report; rates 2 and 12 with prior .3 and .7 mean 9 per year
    model = make_settings(per_year={"attack": [[2, 2], [12, 12]]})
    watch = watched("attack", START, AS_OF, detection=(0.5, 0.5), lag_days=(1000, 1000))
    report = event("e", "attack", date(2023, 2, 3), origins=[says(p_true=(1, 1))])
    emission, _ = emission_of(model, make_evidence(START, [report], [watch]), n_draws=1)
    np.testing.assert_allclose(np.exp(emission[0, 1]), [2 / 9, 12 / 9], rtol=1e-12)


def test_a_report_that_is_certainly_false_changes_nothing():
    watch = watched("attack", START, AS_OF)
    nearly_zero = says(p_true=(1e-15, 1e-15))
    events = [
        event("e", "attack", date(2023, 2, 3), origins=[nearly_zero]),
        event("v", "visit", date(2023, 2, 3), origins=[nearly_zero]),
        event("c", "border", date(2023, 2, 3), origins=[nearly_zero]),
    ]
    model = make_settings(per_year=TWO, holds={"border": [[0.1, 0.3], [0.6, 0.9]]})
    without, _ = emission_of(model, make_evidence(START, [], [watch]))
    with_them, _ = emission_of(model, make_evidence(START, events, [watch]))
    np.testing.assert_allclose(with_them, without, atol=1e-13)


def test_a_condition_reported_every_month_speaks_once_and_again_only_when_it_changes():
    model = make_settings(holds={"border": [[0.1, 0.3], [0.6, 0.9]]})
    months = [date(2023, month, 5) for month in (1, 2, 3, 4)]
    reports = [event(f"c{day.month}", "border", day) for day in months]
    steady, _ = emission_of(model, make_evidence(START, reports))
    assert steady[:, 0].all()
    assert not steady[:, 1:].any()
    changed = [*reports[:2], event("c3", "border", months[2], origins=[says(denies=True)]), reports[3]]
    turned, _ = emission_of(model, make_evidence(START, changed))
    assert turned[:, [0, 2, 3]].all()
    assert not turned[:, 1].any()


def test_the_order_of_evidence_never_matters():
    case = random_case(3)
    shuffled = make_evidence(
        case.evidence.start, case.evidence.events[::-1], case.evidence.watches, step=case.evidence.step
    )
    data = arrays(shuffled, case.model, case.as_of)
    np.testing.assert_array_equal(
        log_emission(np, case.parameters, case.model, data),
        log_emission(np, case.parameters, case.model, case.data),
    )


def test_many_events_of_a_kind_share_one_term():
    events = [event(f"e{n}", "attack", START + timedelta(days=n % 100)) for n in range(1000)]
    data = arrays(make_evidence(START, events), make_settings(per_year=TWO), AS_OF)
    assert data.weight.shape == (4, 1)
    assert data.weight.sum() == pytest.approx(1000)


@pytest.mark.parametrize("lag_days", [(1.0, 14.0), (5.0, 60.0), (3.0, 3.0), (0.2, 0.9)])
@pytest.mark.parametrize("n_days", [1, 2, 3, 4, 5, 63, 64, 65, 200])
def test_exposure_is_the_sum_over_days_of_the_chance_that_a_report_has_arrived(lag_days, n_days):
    watch = watched("attack", START, START + timedelta(days=n_days - 1), lag_days=lag_days)
    begin, end = START.toordinal() - 3, START.toordinal() + min(n_days, 40)
    days = [date.fromordinal(n) for n in range(begin, end + 1)]
    expected = sum(
        naive.arrived(lag_days, (watch.until - day).days) for day in days if watch.first <= day <= watch.until
    )
    assert exposed_days(watch, begin, end) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_silence_past_the_end_of_search_is_not_exposed():
    watch = watched("attack", START, date(2023, 2, 28), lag_days=(1e-9, 1e-9))
    data = arrays(make_evidence(START, [], [watch]), make_settings(), AS_OF)
    # the last day's reports have not arrived on that day
    np.testing.assert_allclose(data.exposure[:, 0], [1, 27 / 28, 0, 0])


def test_an_unknown_indicator_is_refused():
    with pytest.raises(KeyError, match="meteor"):
        arrays(make_evidence(START, [event("e", "meteor", START)]), make_settings(), AS_OF)
