"""Answers against the enumeration of all paths of regimes with Poisson counts (`tests/naive.py`)."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecast.model.answers import answer, filtered, is_over, outcomes
from forecast.model.arrays import arrays
from forecast.model.priors import Natural, draw_prior, natural
from forecast.scenario.schema import Family, Occurs, State, Stays, Step

from .. import naive
from ..builders import event, make_evidence, make_settings, random_case, says, watched

#: The naive means come from quadrature, the program's from 64 nodes; the enumeration itself is exact to 1e-12.
TOLERANCE = 1e-9

DAY = timedelta(days=1)


def state_on(day):
    return State(id="q", ask="?", kind="state", on=day)


def stays_in(regimes, until, begin=None):
    return Stays.model_validate({"id": "q", "ask": "?", "kind": "stays", "in": regimes, "until": until, "from": begin})


def occurs_in(indicator, first, last, at_least=1, settled_by="record"):
    return Occurs(
        id="q",
        ask="?",
        kind="occurs",
        indicator=indicator,
        at_least=at_least,
        between=(first, last),
        settled_by=settled_by,
    )


def ask(question, parameters, model, data):
    return answer(question, filtered(parameters, model, data), parameters, model, data)


def assert_as_enumerated(case, question):
    found = ask(question, case.parameters, case.model, case.data)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    for draw in range(len(found)):
        parameters = naive.one_draw(case.parameters, draw)
        expected = naive.answer(question, case.evidence, case.model, parameters, case.as_of)
        np.testing.assert_allclose(found[draw], expected, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("family", [Family.REGIME, Family.STATIC])
@pytest.mark.parametrize("n_regimes", [2, 3])
def test_a_state_answer_is_that_of_all_paths(n_regimes, family, step):
    case = random_case(n_regimes, n_regimes=n_regimes, n_steps=4, family=family, step=step)
    for days_ahead in (0, 3, 20 if step is Step.WEEK else 60):
        assert_as_enumerated(case, state_on(case.as_of + timedelta(days=days_ahead)))


@pytest.mark.parametrize("days_from_as_of", [-200, -70, -20, -1, 0, 1, 10, 45])
def test_a_stays_answer_is_that_of_all_paths_wherever_it_begins(days_from_as_of):
    for seed in range(3):
        case = random_case(seed, n_steps=5)
        begin = max(case.as_of + timedelta(days=days_from_as_of), case.evidence.start)
        assert_as_enumerated(case, stays_in(["regime0", "regime2"], case.as_of + timedelta(days=50), begin))


def test_a_stays_question_without_from_begins_on_the_as_of_date():
    case = random_case(4)
    until = case.as_of + timedelta(days=50)
    without = ask(stays_in(["regime1"], until), case.parameters, case.model, case.data)
    with_it = ask(stays_in(["regime1"], until, case.as_of), case.parameters, case.model, case.data)
    np.testing.assert_array_equal(without, with_it)


@pytest.mark.parametrize("settled_by", ["record", "truth"])
@pytest.mark.parametrize("at_least", [1, 2, 3])
@pytest.mark.parametrize("indicator", ["attack", "visit", "summit"])
def test_an_occurs_answer_is_that_of_all_paths_with_poisson_counts(indicator, at_least, settled_by):
    """Windows wholly past (but for today), partly past, and to come; the known events are uncertain and denied."""
    for seed in (0, 1):
        case = random_case(seed, n_regimes=2, n_steps=5, n_reports=20, straddling=False)
        for opens, closes in ((-100, 0), (-70, 20), (-15, 45), (0, 30), (1, 70), (40, 60)):
            first = max(case.as_of + timedelta(days=opens), case.evidence.start)
            question = occurs_in(indicator, first, case.as_of + timedelta(days=closes), at_least, settled_by)
            assert_as_enumerated(case, question)


@pytest.mark.parametrize("at_least", [1, 2, 3])
def test_an_event_of_imprecise_date_counts_by_its_days_in_the_window_where_the_regime_does_not_move(at_least):
    """In a static model the oracle is exact for dates over several steps, over a watch's edge and the window's, too."""
    for seed in range(6):
        case = random_case(seed, n_regimes=2, family=Family.STATIC, n_reports=20)
        for opens in (-100, -70, -20):
            first = max(case.as_of + timedelta(days=opens), case.evidence.start)
            for settled_by in ("record", "truth"):
                question = occurs_in("attack", first, case.as_of + timedelta(days=10), at_least, settled_by)
                assert_as_enumerated(case, question)


def certain_event_over_two_months(at_least, closes=date(2023, 4, 30)):
    start, as_of = date(2023, 1, 1), date(2023, 4, 30)
    certain = event("e", "attack", date(2023, 2, 15), date(2023, 3, 14), [says(p_true=(1, 1))])
    model = make_settings()
    data = arrays(make_evidence(start, [certain]), model, as_of)
    parameters = natural(np, draw_prior(model, data.fixed, 5, np.random.default_rng(1)), model, data.fixed)
    question = occurs_in("attack", date(2023, 2, 1), max(closes, as_of), at_least)
    return ask(question, parameters, model, data)[:, 0]


def test_a_certain_event_within_the_window_has_occurred_however_imprecise_its_date():
    np.testing.assert_allclose(certain_event_over_two_months(1), 1, atol=1e-12)


def test_one_event_over_two_steps_is_never_two_events():
    np.testing.assert_allclose(certain_event_over_two_months(2), 0, atol=1e-12)


def test_instruments_say_how_a_record_question_will_be_settled():
    case = random_case(2, n_regimes=2, n_steps=4, straddling=False)
    begins = case.as_of + timedelta(days=20)
    evidence = replace(case.evidence, instruments=(watched("summit", begins, None, detection=(0.2, 0.4)),))
    data = arrays(evidence, case.model, case.as_of)
    parameters = natural(np, draw_prior(case.model, data.fixed, 2, np.random.default_rng(3)), case.model, data.fixed)
    for opens in (-30, 5, 30):
        question = occurs_in("summit", case.as_of + timedelta(days=opens), case.as_of + timedelta(days=60))
        found = ask(question, parameters, case.model, data)
        for draw in range(2):
            expected = naive.answer(question, evidence, case.model, naive.one_draw(parameters, draw), case.as_of)
            np.testing.assert_allclose(found[draw], expected, atol=TOLERANCE)


def questions_of(case):
    first, last = case.as_of - timedelta(days=60), case.as_of + timedelta(days=50)
    return [
        state_on(last),
        stays_in(["regime0"], last, first),
        occurs_in("attack", first, last, 2),
        occurs_in("summit", first, last, 1, "truth"),
    ]


def test_relabelled_regimes_give_the_same_answers_relabelled():
    case = random_case(11)
    order = [2, 0, 1]
    model = replace(
        case.model,
        regimes=tuple(case.model.regimes[k] for k in order),
        initial=case.model.initial[order],
        stays=case.model.stays[order],
        goes_to=case.model.goes_to[np.ix_(order, order)],
        absorbing=case.model.absorbing[order],
        per_year=case.model.per_year[:, order],
        holds=case.model.holds[:, order],
    )
    p = case.parameters
    parameters = Natural(p.rate[..., order], p.holds[..., order], p.move[:, order][:, :, order], p.truth, p.detection)
    data = arrays(case.evidence, model, case.as_of)
    for number, question in enumerate(questions_of(case)):
        before = ask(question, case.parameters, case.model, case.data)
        after = ask(question, parameters, model, data)
        np.testing.assert_allclose(after, before[:, order] if number == 0 else before, atol=1e-12)


def test_splitting_a_regime_into_two_identical_halves_changes_nothing():
    case = random_case(12, n_regimes=2)
    # regime 1 becomes regimes 1 and 2, each entered half the time
    of = [0, 1, 1]
    share = np.array([1.0, 0.5, 0.5])
    model = replace(
        case.model,
        regimes=("regime0", "regime1", "twin"),
        initial=case.model.initial[of] * share,
        stays=case.model.stays[of],
        goes_to=np.ones((3, 3)) - np.eye(3),
        absorbing=case.model.absorbing[of],
        per_year=case.model.per_year[:, of],
        holds=case.model.holds[:, of],
    )
    p = case.parameters
    split = Natural(p.rate[..., of], p.holds[..., of], p.move[:, of][:, :, of] * share, p.truth, p.detection)
    data = arrays(case.evidence, model, case.as_of)
    for question in questions_of(case):
        before = ask(question, case.parameters, case.model, case.data)
        after = ask(question, split, model, data)
        if isinstance(question, State):
            after = np.stack([after[:, 0], after[:, 1] + after[:, 2]], axis=1)
        np.testing.assert_allclose(after, before, atol=1e-12)


def test_no_evidence_and_no_watch_gives_the_stated_prior_on_the_first_day():
    model = make_settings(initial=(0.2, 0.5, 0.3), per_year={"attack": [[1, 3]] * 3})
    start = date(2023, 1, 1)
    data = arrays(make_evidence(start), model, start)
    parameters = natural(np, draw_prior(model, data.fixed, 4, np.random.default_rng(0)), model, data.fixed)
    np.testing.assert_allclose(ask(state_on(start), parameters, model, data), [[0.2, 0.5, 0.3]] * 4, atol=1e-15)


def test_no_evidence_and_no_watch_rolls_the_prior_forward():
    # by matrix powers: whole months only
    model = make_settings(initial=(0.2, 0.8))
    start = date(2023, 1, 1)
    data = arrays(make_evidence(start), model, date(2023, 3, 31))
    parameters = natural(np, draw_prior(model, data.fixed, 3, np.random.default_rng(0)), model, data.fixed)
    found = ask(state_on(date(2023, 7, 31)), parameters, model, data)
    for draw in range(3):
        expected = model.initial @ np.linalg.matrix_power(parameters.move[draw], 6)
        np.testing.assert_allclose(found[draw], expected, atol=1e-14)


def test_an_absorbing_regime_is_never_left():
    model = make_settings(initial=(0.0, 1.0), absorbing=(False, True))
    start = date(2023, 1, 1)
    data = arrays(make_evidence(start), model, start)
    parameters = natural(np, draw_prior(model, data.fixed, 3, np.random.default_rng(0)), model, data.fixed)
    np.testing.assert_array_equal(ask(state_on(date(2033, 1, 1)), parameters, model, data)[:, 1], 1)


def test_more_days_ahead_never_lower_the_chance_that_something_occurs():
    case = random_case(8)
    answers = [
        ask(occurs_in("attack", case.as_of + DAY, case.as_of + n * DAY), case.parameters, case.model, case.data)[:, 0]
        for n in (1, 10, 40, 200)
    ]
    assert np.all(np.diff(answers, axis=0) > 0)


def test_a_question_is_over_the_day_after_its_last():
    question = occurs_in("attack", date(2023, 1, 1), date(2023, 6, 30))
    assert not is_over(question, date(2023, 6, 30))
    assert is_over(question, date(2023, 7, 1))


def test_outcomes_are_the_regimes_of_a_state_question_and_else_yes_and_no():
    model = make_settings()
    assert outcomes(state_on(date(2023, 1, 1)), model) == ("regime0", "regime1")
    assert outcomes(occurs_in("attack", date(2023, 1, 1), date(2023, 1, 2)), model) == ("yes", "no")


def test_blocks_of_draws_do_not_show():
    case = random_case(9, n_draws=1203)
    result = filtered(case.parameters, case.model, case.data)
    for draw in (0, 499, 500, 1000, 1202):
        alone = filtered(
            Natural(
                *(getattr(case.parameters, name)[[draw]] for name in ("rate", "holds", "move", "truth", "detection"))
            ),
            case.model,
            case.data,
        )
        np.testing.assert_allclose(result.filtered[draw], alone.filtered[0], atol=1e-14)
