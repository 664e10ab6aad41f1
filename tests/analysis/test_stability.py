"""Whether a word survives: judged by hand-made alternatives, and by a forecast computed again for each of them."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.analysis.stability import judged, stability, stability_document
from forecast.analysis.why.asked import draw_source, look_up
from forecast.analysis.why.leave_out import LeftOut, without_each_origin
from forecast.analysis.why.sensitivity import Varied
from forecast.api import Workspace
from forecast.inference.stored_draws import DrawSource
from forecast.ledger.records import Answer
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.model.arrays import arrays
from forecast.words import ICD203, SCALES

from ..builders import event, make_evidence, make_settings, says, watched
from .made import made, naive
from .test_rows import QUESTION

#: What reports read of an answer, and of a test.
DOCUMENT_KEYS = {"question", "outcome", "word", "stable", "words", "text", "tests"}
TEST_KEYS = {"kind", "what", "p", "word", "survives"}


def answer(p, mcse=0.001):
    return Answer("q", "?", "stays", "yes", p, mcse, 0.0, 1.0, closed=False, resolved=None)


def without(name, p, *, by="origin"):
    return LeftOut(by, name, p, 0.001)


def under(what, p, *, convention="tau"):
    return Varied(convention, what, p, 0.001)


def words_of(history, name, *asked, **options):
    """Stability of the words of a recorded forecast."""
    with open_ledger(history.workspace / LEDGER_FILE, read_only=True) as ledger:
        forecast = look_up(ledger, history.workspace, name)
        return stability(draw_source(ledger, history.workspace, forecast), forecast, *asked, **options)


def test_a_word_that_all_alternatives_share_is_stable():
    found = judged(answer(0.3), [without("a", 0.22), without("b", 0.44)], [under("tau 1", 0.35)])
    assert found.stable
    assert found.text == "unlikely"
    assert [test.survives for test in found.tests] == [True] * 5
    assert found.changes == ()


def test_both_words_are_said_where_leaving_out_an_origin_gives_another():
    found = judged(answer(0.44), [without("a", 0.46), without("b", 0.3)], [])
    assert not found.stable
    assert found.text == "unlikely to roughly even chance"
    assert [(test.what, test.word.text) for test in found.changes] == [("without origin a", "roughly even chance")]


def test_two_monte_carlo_errors_across_an_edge_are_another_word():
    # 0.447 + 2 x 0.002 is beyond 0.45, 0.447 + 2 x 0.001 is not
    assert judged(answer(0.447, 0.002), [], []).text == "unlikely to roughly even chance"
    assert judged(answer(0.447, 0.001), [], []).stable


def test_noise_never_leaves_the_possible_values():
    found = judged(answer(0.0001, 0.01), [], [])
    assert [test.p for test in found.tests] == [0.0, pytest.approx(0.0201)]
    assert found.stable


def test_only_origins_are_left_out_not_events_or_sources():
    rows = [without("e", 0.9, by="event"), without("s", 0.9, by="source")]
    assert judged(answer(0.3), rows, []).stable


def test_the_range_over_draws_plays_no_part():
    wide = replace(answer(0.3), low=0.0, high=1.0)
    assert judged(wide, [], []) == judged(replace(wide, low=0.29, high=0.31), [], [])


def test_a_closed_answer_has_no_word():
    closed = replace(answer(0.3), p=None, mcse=None, closed=True)
    with pytest.raises(ValueError, match="q is closed"):
        judged(closed, [], [])


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
@given(p=st.floats(0, 1), others=st.lists(st.floats(0, 1), max_size=5))
def test_stable_is_one_word_and_unstable_two_terms(scale, p, others):
    found = judged(answer(p, 0.0), [without(str(n), q) for n, q in enumerate(others)], [], scale)
    assert found.stable == (len(found.seen) == 1)
    assert (found.text == found.word.text) == found.stable
    assert [one.place for one in found.seen] == sorted({one.place for one in found.seen})
    document = stability_document(found)
    assert set(document) >= DOCUMENT_KEYS
    assert all(set(test) >= TEST_KEYS for test in document["tests"])
    assert document["words"] == [one.text for one in found.seen]


@given(p=st.floats(0, 1), others=st.lists(st.floats(0, 1), min_size=1, max_size=5), n=st.integers(0, 4))
def test_one_more_alternative_never_makes_a_word_stable(p, others, n):
    rows = [without(str(number), q) for number, q in enumerate(others)]
    fewer = judged(answer(p), rows[:n], [])
    more = judged(answer(p), rows, [])
    assert more.stable <= fewer.stable


def test_all_answers_have_the_tests_that_explaining_each_of_them_finds(history):
    workspace = Workspace(history.workspace)
    found = words_of(history, history.ids[3])
    assert [(one.question, one.outcome) for one in found] == [
        ("regime-2025", "durable"),
        ("regime-2025", "fragile"),
        ("unbroken-2025", "yes"),
        ("meeting-2024", "yes"),
    ]
    for one in found:
        document = workspace.explain(f"{history.ids[3]}/{one.question}:{one.outcome}").document
        assert document["stability"] == stability_document(one)
        kinds = [test["kind"] for test in document["stability"]["tests"]]
        assert kinds == sorted(kinds, key=["noise", "origin", "grades", "tau", "told"].index)
        assert {"noise", "origin", "grades", "tau"} <= set(kinds)


def test_the_benchmark_is_tested_for_noise_alone(history):
    found = words_of(history, history.ids[2])
    assert found
    assert {test.kind for one in found for test in one.tests} == {"noise"}


def test_one_question_or_outcome_may_be_asked_for(history):
    one = words_of(history, history.ids[0], question="unbroken-2025", outcome="no")
    assert [(row.question, row.outcome) for row in one] == [("unbroken-2025", "no")]
    assert words_of(history, history.ids[0], question="regime-2023") == []


def test_without_an_origin_the_answer_is_that_of_a_forecast_without_it(history):
    """The reference is plain Monte Carlo over the prior, of the evidence without what the origin says."""
    with open_ledger(history.workspace / LEDGER_FILE, read_only=True) as ledger:
        forecast = look_up(ledger, history.workspace, history.ids[3])
    (found,) = words_of(history, history.ids[3], question="unbroken-2025")
    question, own = forecast.question("unbroken-2025"), forecast.answers("unbroken-2025")["yes"]
    tested = {test.what: test.p for test in found.tests if test.kind == "origin"}
    assert set(tested) == {"without origin paper", "without origin wire"}
    for name, left in without_each_origin(forecast.evidence):
        p, error = naive(forecast.model, arrays(left, forecast.model, forecast.as_of), question)[0]
        assert tested[f"without origin {name}"] == pytest.approx(p, abs=4 * (own.mcse + 2 * error * p * (1 - p)))
        assert abs(p - own.p) > 0.01


def test_told_is_varied_where_the_version_says_that_some_things_are_told_less_readily():
    first, as_of = date(2023, 1, 1), date(2023, 12, 20)
    model = make_settings(
        per_year={"attack": [[1, 3], [0.1, 0.5]], "visit": [[0.5, 2], [2, 5]]}, told={"attack": 0.2}, tau=0.5
    )
    events = [
        event("raid", "attack", date(2023, 2, 3), origins=[says("one", "B2"), says("two", "C3")]),
        event("trip", "visit", date(2023, 4, 1), origins=[says("two", "B2")]),
    ]
    later = made("fc-b", model, make_evidence(first, events, [watched("attack", as_of, None)]), as_of, [QUESTION])
    found = stability(DrawSource(), later)[0]
    flat = next(test for test in found.tests if test.what == "told: 1 for all indicators")

    # from scratch, with other draws of the prior, for the model that says so
    other = replace(model, told=np.ones(2))
    p = float(naive(other, arrays(later.evidence, other, as_of), QUESTION)[0, 0])
    own = judged(later.answers(QUESTION.id)[found.outcome], [], []).p
    assert flat.p == pytest.approx(p, abs=0.02)
    assert abs(flat.p - own) > 0.02


def test_words_are_looked_up_on_the_scale_that_was_asked_for(history):
    for scale in (ICD203, SCALES["phia"]):
        found = words_of(history, history.ids[0], scale, question="unbroken-2025")
        assert {one.scale.id for row in found for one in row.seen} == {scale.id}
