"""Silence taken apart from coverage: what a watch covers, and until when its silence counts."""

from dataclasses import fields, replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecast.model.answers import answer, filtered
from forecast.model.arrays import Arrays, arrays
from forecast.scenario.schema import Occurs

from ..builders import event, make_evidence, make_settings, random_case, watched

FIRST = date(2023, 1, 1)
AS_OF = date(2023, 12, 31)


def assert_same(one: Arrays, other: Arrays) -> None:
    for field in fields(Arrays):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, np.ndarray):
            np.testing.assert_array_equal(mine, theirs)
    assert (one.watches, one.silent, one.placed) == (other.watches, other.silent, other.placed)


@pytest.mark.parametrize("seed", range(5))
def test_by_default_every_watch_is_silent_until_its_own_last_day(seed):
    case = random_case(seed)
    silence = {(watch.indicator, watch.first): watch.until for watch in case.evidence.watches}
    assert_same(arrays(case.evidence, case.model, case.as_of, silence), case.data)


def test_a_watch_that_is_not_listened_to_still_covers_its_events():
    evidence = make_evidence(FIRST, [event("e", "attack", date(2023, 5, 3))], [watched("attack", FIRST, AS_OF)])
    model = make_settings()
    heard, deaf = arrays(evidence, model, AS_OF), arrays(evidence, model, AS_OF, {})
    np.testing.assert_array_equal(deaf.weight, heard.weight)
    np.testing.assert_array_equal(deaf.term_ratio, heard.term_ratio)
    assert not deaf.exposure.any()
    assert heard.exposure.any()


def test_silence_until_a_day_is_that_of_a_watch_known_until_then():
    # the watch as it stood in June, on the grid of December
    june = date(2023, 6, 30)
    model = make_settings()
    evidence = make_evidence(FIRST, [], [watched("attack", FIRST, AS_OF)])
    shorter = replace(evidence, watches=(watched("attack", FIRST, june),))
    until_june = arrays(evidence, model, AS_OF, {("attack", FIRST): june})
    np.testing.assert_array_equal(until_june.exposure, arrays(shorter, model, AS_OF).exposure)


def test_days_that_were_not_listened_to_may_still_show_an_event():
    # by record in a watch: of the days of the window some may still be shown, all of them where nobody has listened
    case = random_case(3)
    watch = next(row for row in case.evidence.watches if row.indicator == "attack" and row.closed is None)
    question = Occurs.model_validate(
        {
            "id": "q",
            "ask": "?",
            "kind": "occurs",
            "indicator": "attack",
            "between": [watch.first.isoformat(), case.as_of.isoformat()],
        }
    )
    nothing = replace(case.evidence, events=())
    p = []
    for silence in (None, {}):
        data = arrays(nothing, case.model, case.as_of, silence)
        # the same regimes: the likelihood of silence is not what is compared here
        result = filtered(case.parameters, case.model, arrays(nothing, case.model, case.as_of, {}))
        p.append(answer(question, result, case.parameters, case.model, data)[:, 0])
    assert (p[1] > p[0]).all()
    assert case.as_of - watch.first > timedelta(days=10)
