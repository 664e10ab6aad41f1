"""Windows that open tomorrow, answered together: the answers are those of one question at a time."""

from datetime import date

import numpy as np
import pytest

from forecast.inference.reweight import prior_draws, weigh
from forecast.model.arrays import arrays
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set
from forecast.model.occurs_next import answer_next, is_next
from forecast.model.version import settings
from forecast.scenario.schema import Occurs, State

from ..builders import make_codebook, make_report, make_scenario

DAY = date(2023, 8, 31)


def window(name, indicator, first, last, **fields):
    between = (first, last)
    return Occurs(id=name, ask="?", kind="occurs", indicator=indicator, between=between, **fields)


def questions(indicators):
    """Ends at and within steps, several at once; by record and by truth."""
    ends = (date(2023, 9, 1), date(2023, 10, 31), date(2023, 11, 17), date(2024, 8, 31))
    return [
        window(f"{name}-{end}-{by}", name, date(2023, 9, 1), end, settled_by=by)
        for name in indicators
        for end in ends
        for by in ("record", "truth")
    ]


@pytest.fixture(params=["regime", "static", "base-rate"])
def weighted(request):
    watches = {"attack": [{"from": date(2023, 3, 1), "detection": (0.6, 0.9), "to": date(2024, 1, 31)}]}
    report = make_report("a", indicator="attack", when=date(2023, 7, 15), known=date(2023, 7, 16))
    case = make_scenario(
        reports=[report],
        codebook=make_codebook(watches=watches),
        searched_until=date(2023, 12, 31),
        families={"v1": request.param},
    )
    model = settings(case, "v1")
    data = arrays(evidence_set(snapshot(case, "v1", DAY), case.start, model), model, DAY)
    return weigh(prior_draws(model, data, 1), model, data)


def test_answers_are_those_of_one_question_at_a_time(weighted):
    """`answer` is held against enumeration in tests/model/test_answers.py."""
    asked = questions(weighted.model.events)
    assert all(is_next(question, weighted.data) for question in asked)
    found = answer_next(asked, weighted.filtered, weighted.parameters, weighted.model, weighted.data)
    for question in asked:
        np.testing.assert_allclose(found[question.id], weighted.answer(question), rtol=0, atol=1e-13)


def test_a_question_has_the_same_digits_whatever_is_asked_beside_it(weighted):
    asked = questions(weighted.model.events)
    rest = weighted.filtered, weighted.parameters, weighted.model, weighted.data
    together = answer_next(asked, *rest)
    for question in asked[::3]:
        np.testing.assert_array_equal(answer_next([question], *rest)[question.id], together[question.id])


@pytest.mark.parametrize(
    "question",
    [
        window("begun", "attack", date(2023, 8, 31), date(2023, 12, 31)),
        window("later", "attack", date(2023, 9, 2), date(2023, 12, 31)),
        window("two", "attack", date(2023, 9, 1), date(2023, 12, 31), at_least=2),
        State(id="state", ask="?", kind="state", on=date(2023, 12, 31)),
    ],
    ids=lambda question: question.id,
)
def test_other_questions_are_answered_one_at_a_time(weighted, question):
    assert not is_next(question, weighted.data)
    answers = weighted.answers([question, window("next", "attack", date(2023, 9, 1), date(2023, 9, 30))])
    assert list(answers) == [question.id, "next"]
    np.testing.assert_array_equal(answers[question.id], weighted.answer(question))
