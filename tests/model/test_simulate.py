"""Futures drawn from the model, against the enumeration of paths, the law of lags and the evidence they stand for."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecast.model.answers import answer, filtered
from forecast.model.arrays import arrays
from forecast.model.priors import draw_prior, natural
from forecast.model.simulate import Seen, later, newly_seen, sample_paths, with_seen
from forecast.scenario.schema import Occurs, State

from .. import naive
from ..builders import event, make_evidence, make_settings, random_case, says, watched

#: Standard errors by which a frequency may differ from its probability; seeds are fixed.
MAX_Z = 4.5

START, AS_OF, LATER = date(2023, 1, 1), date(2023, 6, 30), date(2023, 9, 30)
LAG_DAYS = (10.0, 60.0)

MODEL = make_settings(per_year={"attack": [[6, 6], [1, 1]], "visit": [[0.5, 2], [3, 8]]}, stays=[[0.5, 0.5], [1, 1]])
WATCHES = [
    watched("attack", date(2023, 2, 1), AS_OF, lag_days=LAG_DAYS),
    watched("visit", date(2023, 1, 1), date(2023, 4, 15), lag_days=LAG_DAYS),
]
TOLD = [event("e1", "attack", date(2023, 3, 3)), event("e2", "visit", date(2023, 2, 1))]


def test_sampled_paths_are_as_frequent_as_their_enumerated_probabilities():
    case = random_case(3, n_regimes=2, n_steps=4)
    n = 20_000
    result = filtered(case.parameters, case.model, case.data)
    draws = np.repeat([0, 1], n // 2)
    paths = sample_paths(draws, result, case.parameters, case.data.moves, np.random.default_rng(1))
    for draw in (0, 1):
        parameters = naive.one_draw(case.parameters, draw)
        steps = naive.days_by_step(case.evidence.start, case.as_of, case.model.step)
        emission = naive.log_emission(case.evidence, case.model, parameters, case.as_of)
        moves = naive.fractions(steps, case.model, begins=True)
        weights = dict(naive.paths(case.model.initial, parameters.move, moves, emission))
        total = sum(weights.values())
        counts = Counter(map(tuple, paths[draws == draw].tolist()))
        for path, weight in weights.items():
            p = weight / total
            assert abs(counts[path] - n / 2 * p) <= MAX_Z * np.sqrt(n / 2 * p * (1 - p)) + 1e-9


def futures(n, lag_days=LAG_DAYS):
    """One draw, many futures: their paths and what the watches newly show."""
    watches = [replace(watch, lag_days=lag_days) for watch in WATCHES]
    ahead = later(make_evidence(START, TOLD, watches), MODEL, LATER)
    rng = np.random.default_rng(2)
    parameters = natural(np, draw_prior(MODEL, ahead.before.fixed, 1, rng), MODEL, ahead.before.fixed)
    draws = np.zeros(n, dtype=np.int64)
    paths = sample_paths(draws, filtered(parameters, MODEL, ahead.before), parameters, ahead.before.moves, rng)
    return parameters, paths, newly_seen(ahead, draws, paths, parameters, MODEL, rng)


def test_what_is_newly_seen_has_the_rate_the_detection_and_the_lag_of_its_day():
    """Day by day: rate x detection x (P(lag <= days left on the later day) - P(lag <= days left as searched))."""
    n = 4000
    parameters, paths, seen = futures(n)
    steps = naive.days_by_step(START, LATER, MODEL.step)
    for number, watch in enumerate(WATCHES):
        for step, days in enumerate(steps):
            share = sum(
                naive.years_per_day(day, MODEL.step)
                * (
                    naive.arrived(LAG_DAYS, (LATER - day).days)
                    - (naive.arrived(LAG_DAYS, (watch.until - day).days) if day <= watch.until else 0)
                )
                for day in days
                if day >= watch.first
            )
            rates = parameters.rate[0, number, paths[:, step]] * parameters.detection[0, number]
            expected = float(rates.sum() * share)
            found = sum(one.watch == number and one.step == step for row in seen for one in row)
            assert abs(found - expected) <= MAX_Z * np.sqrt(expected) + 1e-9


def test_late_reports_of_past_days_are_among_what_is_newly_seen():
    _, _, seen = futures(300)
    days = [one.day for row in seen for one in row if one.watch == 0]
    assert min(days) < AS_OF.toordinal() - 30
    assert max(days) > AS_OF.toordinal()
    assert all(WATCHES[0].first.toordinal() <= day <= LATER.toordinal() for day in days)


def test_without_a_lag_only_days_that_were_not_searched_show_anything_new():
    _, _, seen = futures(3000, lag_days=(1.0, 1.0))
    first = [date.fromordinal(one.day) for row in seen for one in row if one.watch == 0]
    second = [date.fromordinal(one.day) for row in seen for one in row if one.watch == 1]
    # a report takes a day: those of the last searched day had not arrived, those of the later day have not
    assert min(first) == AS_OF
    assert max(first) == LATER - timedelta(days=1)
    assert min(second) == WATCHES[1].until


def test_a_future_is_what_the_program_makes_of_such_reports():
    """Events and watches as an analyst would have them on the later day, laid out and filtered in the usual way."""
    seen = [
        Seen(0, 4, date(2023, 5, 20).toordinal()),
        Seen(0, 7, date(2023, 8, 2).toordinal()),
        Seen(1, 8, date(2023, 9, 9).toordinal()),
    ]
    ahead = later(make_evidence(START, TOLD, WATCHES), MODEL, LATER)
    found = with_seen(ahead, seen)
    certain = [says(p_true=(1.0, 1.0))]
    names = ["attack", "attack", "visit"]
    new = [event(f"new{n}", names[n], date.fromordinal(one.day), origins=certain) for n, one in enumerate(seen)]
    evidence = make_evidence(START, [*TOLD, *new], [replace(watch, until=LATER) for watch in WATCHES])
    data = arrays(evidence, MODEL, LATER)
    parameters = natural(np, draw_prior(MODEL, data.fixed, 20, np.random.default_rng(4)), MODEL, data.fixed)
    one, other = filtered(parameters, MODEL, found), filtered(parameters, MODEL, data)
    np.testing.assert_allclose(one.log_likelihood, other.log_likelihood, atol=1e-10)
    for question in (
        State(id="q", ask="?", kind="state", on=date(2023, 12, 31)),
        occurs("attack", 2, "record"),
        occurs("attack", 3, "truth"),
        occurs("visit", 1, "record"),
    ):
        np.testing.assert_allclose(
            answer(question, one, parameters, MODEL, found),
            answer(question, other, parameters, MODEL, data),
            atol=1e-10,
        )


def occurs(indicator, at_least, settled_by):
    return Occurs(
        id="q",
        ask="?",
        kind="occurs",
        indicator=indicator,
        at_least=at_least,
        between=(date(2023, 5, 10), date(2023, 12, 31)),
        settled_by=settled_by,
    )


def test_a_watch_that_was_closed_shows_nothing_new():
    closed = [replace(WATCHES[0], until=date(2023, 4, 30), closed=date(2023, 4, 30)), WATCHES[1]]
    ahead = later(make_evidence(START, TOLD, closed), MODEL, LATER)
    np.testing.assert_array_equal(ahead.newly[:, 0], 0)
    assert ahead.newly[:, 1].sum() > 0


@pytest.mark.parametrize("settled_by", ["record", "truth"])
def test_on_the_grid_to_the_later_day_todays_answer_is_the_same(settled_by):
    """At the end of a step: then the grid of today and that of the later day cut no step differently."""
    question = occurs("attack", 2, settled_by)
    ahead = later(make_evidence(START, TOLD, WATCHES), MODEL, LATER)
    today = arrays(make_evidence(START, TOLD, WATCHES), MODEL, AS_OF)
    parameters = natural(np, draw_prior(MODEL, today.fixed, 20, np.random.default_rng(4)), MODEL, today.fixed)
    np.testing.assert_allclose(
        answer(question, filtered(parameters, MODEL, ahead.before), parameters, MODEL, ahead.before),
        answer(question, filtered(parameters, MODEL, today), parameters, MODEL, today),
        atol=1e-12,
    )


def test_a_watch_runs_on_until_the_next_watch_of_its_indicator_begins():
    """Watches of one indicator never overlap: of a day no more is seen than the watch that covers it shows."""
    begins = date(2023, 8, 1)
    open_watch = watched("attack", date(2023, 2, 1), AS_OF, lag_days=LAG_DAYS)
    following = watched("attack", begins, None, lag_days=LAG_DAYS)
    ahead = later(make_evidence(START, TOLD, [open_watch], [following]), MODEL, LATER)
    assert [watch.until for watch in ahead.silent.watches] == [date(2023, 7, 31), LATER]
    days = ahead.silent.by_step[:, -2:] * ahead.silent.steps.period_days[:, None]
    # by hand: the first watch is silent on no day of August or September, the second on none before
    assert not days[7:, 0].any()
    assert not days[:7, 1].any()
    assert days[7, 1] > 0


def test_every_draw_ends_in_a_regime_of_its_own_filter():
    case = random_case(3, n_draws=400)
    result = filtered(case.parameters, case.model, case.data)
    paths = sample_paths(np.arange(400), result, case.parameters, case.data.moves, np.random.default_rng(2))
    last = np.eye(3)[paths[:, -1]].mean(axis=0)
    # the largest standard deviation of a share of 400
    assert last == pytest.approx(result.filtered[:, -1].mean(axis=0), abs=4 * 0.5 / np.sqrt(400))
