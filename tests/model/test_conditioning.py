"""Conditioning on more than the evidence, against the enumeration of all paths of regimes (`tests/naive.py`)."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecast.model.answers import ahead, answer, filtered, state_as_of
from forecast.model.arrays import arrays
from forecast.model.conditioning import NOTHING, Conditioning, Unseen, holds_today, unseen
from forecast.model.priors import draw_prior, natural
from forecast.scenario.schema import Family, Occurs, State, Stays

from .. import naive
from ..builders import make_evidence, make_settings, random_case, watched

#: As in `test_answers`: the naive means come from quadrature.
TOLERANCE = 1e-9

DAY = timedelta(days=1)


def questions_of(case, last):
    first = case.as_of - timedelta(days=40)
    stays = {"id": "q", "ask": "?", "kind": "stays", "in": ["regime0"], "until": last, "from": first}
    occurs = {"id": "q", "ask": "?", "kind": "occurs", "between": (first, last)}
    return [
        State(id="q", ask="?", kind="state", on=last),
        Stays.model_validate(stays),
        Occurs.model_validate(occurs | {"indicator": "attack", "at_least": 2, "settled_by": "record"}),
        Occurs.model_validate(occurs | {"indicator": "visit", "at_least": 1, "settled_by": "truth"}),
        Occurs.model_validate(occurs | {"indicator": "summit", "at_least": 1, "settled_by": "record"}),
    ]


def joint(case, question, conditioning):
    result = filtered(case.parameters, case.model, case.data)
    state = state_as_of(question, result, case.parameters, case.model, case.data)
    return ahead(question, state, case.parameters, case.model, case.data, conditioning)


def shares(case, indicator, draw):
    """What somebody who watches would see of a day: the detection of the open watch, or everything without one."""
    watches = naive.event_watches(case.evidence, case.model)
    for number, watch in enumerate(watches):
        if watch.indicator == indicator and watch.closed is None:
            return lambda day: float(case.parameters.detection[draw, number]) if day >= watch.first else 0.0
    return lambda day: 1.0


@pytest.mark.parametrize("days_ahead", [1, 25, 70])
@pytest.mark.parametrize("indicator", ["attack", "summit", "visit"])
@pytest.mark.parametrize("family", [Family.REGIME, Family.STATIC])
def test_nothing_seen_and_the_answer_are_as_probable_as_over_all_paths(family, indicator, days_ahead):
    """An open watch, none, and one that was closed before; the question's own indicator and others; steps cut short."""
    case = random_case(5, n_regimes=2, n_steps=4, n_reports=10, family=family, straddling=False)
    last = case.as_of + timedelta(days=days_ahead)
    window = (case.as_of + DAY).toordinal(), last.toordinal()
    conditioning, watched_now = unseen(
        case.model.events.index(indicator), window, case.parameters, case.model, case.data
    )
    assert watched_now == (indicator != "summit")
    for question in questions_of(case, case.as_of + timedelta(days=70)):
        found = joint(case, question, conditioning)
        for draw in range(2):
            expected = naive.joint(
                question,
                case.evidence,
                case.model,
                naive.one_draw(case.parameters, draw),
                case.as_of,
                unseen=naive.Unseen(indicator, case.as_of + DAY, last, shares(case, indicator, draw)),
            )
            np.testing.assert_allclose(found[draw], expected, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("condition", ["border", "threat"])
def test_a_condition_that_holds_and_the_answer_are_as_probable_as_over_all_paths(condition):
    case = random_case(6, n_regimes=2, n_steps=4, n_reports=10, straddling=False)
    for question in questions_of(case, case.as_of + timedelta(days=50)):
        found = joint(case, question, holds_today(case.model.conditions.index(condition), case.parameters))
        for draw in range(2):
            parameters = naive.one_draw(case.parameters, draw)
            expected = naive.joint(question, case.evidence, case.model, parameters, case.as_of, holds=condition)
            np.testing.assert_allclose(found[draw], expected, rtol=TOLERANCE, atol=TOLERANCE)


def test_conditioning_on_nothing_gives_the_answer():
    case = random_case(7)
    for question in questions_of(case, case.as_of + timedelta(days=50)):
        result = filtered(case.parameters, case.model, case.data)
        plain = answer(question, result, case.parameters, case.model, case.data)
        np.testing.assert_array_equal(joint(case, question, NOTHING), plain)
        np.testing.assert_allclose(joint(case, question, Conditioning()), plain, atol=1e-14)


def test_a_watch_that_begins_within_the_window_sees_from_its_first_day_on():
    model = make_settings(per_year={"attack": [[2, 2], [2, 2]]}, stays=[[1, 1], [1, 1]])
    start, as_of, first = date(2023, 1, 1), date(2023, 3, 31), date(2023, 5, 1)
    watch = watched("attack", first, None, detection=(0.5, 0.5))
    data = arrays(make_evidence(start, instruments=[watch]), model, as_of)
    parameters = natural(np, draw_prior(model, data.fixed, 1, np.random.default_rng(0)), model, data.fixed)
    conditioning, is_watched = unseen(
        0, (date(2023, 4, 1).toordinal(), date(2023, 6, 30).toordinal()), parameters, model, data
    )
    question = State(id="q", ask="?", kind="state", on=date(2023, 6, 30))
    result = filtered(parameters, model, data)
    state = state_as_of(question, result, parameters, model, data)
    total = ahead(question, state, parameters, model, data, conditioning).sum()
    assert is_watched
    # two months of two events a year, of which half are seen
    assert total == pytest.approx(np.exp(-2 * 0.5 * 2 / 12), abs=1e-12)


def test_splitting_the_window_changes_nothing():
    """Not seen in both halves is not seen in the whole: the second half's factor multiplies on top of the first's."""
    case = random_case(8)
    last, middle = case.as_of + timedelta(days=70), case.as_of + timedelta(days=33)
    question = State(id="q", ask="?", kind="state", on=last)
    attack = case.model.events.index("attack")

    def part(first, end):
        conditioning, _ = unseen(attack, (first.toordinal(), end.toordinal()), case.parameters, case.model, case.data)
        return conditioning.unseen

    whole, first, second = part(case.as_of + DAY, last), part(case.as_of + DAY, middle), part(middle + DAY, last)
    both = Unseen(attack, whole.yearly, (*first.seen, *second.seen))
    np.testing.assert_allclose(
        joint(case, question, Conditioning(unseen=both)), joint(case, question, Conditioning(unseen=whole)), atol=1e-14
    )


def test_detection_of_zero_sees_nothing():
    case = random_case(9)
    parameters = replace(case.parameters, detection=np.zeros_like(case.parameters.detection))
    last = case.as_of + timedelta(days=60)
    window = (case.as_of + DAY).toordinal(), last.toordinal()
    conditioning, _ = unseen(case.model.events.index("visit"), window, parameters, case.model, case.data)
    question = State(id="q", ask="?", kind="state", on=last)
    np.testing.assert_allclose(joint(case, question, conditioning).sum(axis=1), 1, atol=1e-14)


def test_an_open_watch_sees_until_the_next_watch_of_its_indicator_begins():
    """By hand: 30 days of the first watch, whose end is not known yet, then 31 of the second; never both on one day."""
    as_of, begins, last = date(2023, 6, 30), date(2023, 7, 31), date(2023, 8, 30)
    model = make_settings(per_year={"attack": [[1, 3], [0.1, 0.5]]})
    watches = [watched("attack", date(2023, 1, 1), as_of)]
    evidence = make_evidence(date(2023, 1, 1), (), watches, [watched("attack", begins, None)])
    data = arrays(evidence, model, as_of)
    parameters = natural(np, draw_prior(model, data.fixed, 5, np.random.default_rng(1)), model, data.fixed)
    window = (as_of + DAY).toordinal(), last.toordinal()
    conditioning, watched_now = unseen(0, window, parameters, model, data)
    assert watched_now
    expected = 30 * parameters.detection[:, [0]] + 31 * parameters.detection[:, [1]]
    np.testing.assert_allclose(conditioning.unseen.days(*window), expected)
