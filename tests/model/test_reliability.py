"""The probability that an event is real: the laws of the method's step 3, and its formula by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.model.reliability import at_medians, real, signatures
from forecast.model.version import GRADES

from .. import naive
from ..builders import make_settings, says

MODEL = make_settings()
RNG = np.random.default_rng(2)
#: Truths of all grades in five draws; the stated order of grades need not hold in a draw.
TRUTH = RNG.beta(MODEL.grades[:, 0], MODEL.grades[:, 1], size=(5, len(GRADES)))

MEDIANS = {grade: naive.median_log_odds(*counts) for grade, counts in zip(GRADES, MODEL.grades, strict=True)}
#: A draw in which every grade is as good as its median.
TYPICAL = np.array([[1 / (1 + np.exp(-MEDIANS[grade])) for grade in GRADES]])


def p_real(*origins, truth=TRUTH):
    table, rows = signatures([origins], MODEL)
    return real(np, truth, table.take(rows))[:, 0]


ORIGINS = st.lists(
    st.builds(
        lambda grade, denies, p_true: says("someone", grade, denies=denies, p_true=p_true),
        st.sampled_from(GRADES),
        st.booleans(),
        st.one_of(st.none(), st.sampled_from([(0.2, 0.4), (0.9, 0.95), (0.5, 0.5)])),
    ),
    min_size=1,
    max_size=5,
)


@given(ORIGINS)
def test_any_origins_combine_as_the_formula_says(origins):
    expected = [naive.p_real(origins, truth, MODEL) for truth in TRUTH]
    np.testing.assert_allclose(p_real(*origins), expected, rtol=1e-4)


@pytest.mark.parametrize("grade", GRADES)
def test_a_lone_report_is_real_with_the_probability_of_its_grade(grade):
    np.testing.assert_allclose(p_real(says("o", grade)), TRUTH[:, GRADES.index(grade)], rtol=1e-12)


def test_the_formula_by_hand():
    # F6 has median .5, so l0 = 0; truths .9 and .8 confirm, .6 denies: log-odds ln 9 + ln 4 / 2 - ln 1.5
    truth = np.full((1, len(GRADES)), 0.5)
    truth[0, [GRADES.index(grade) for grade in ("A1", "B2", "C3")]] = [0.9, 0.8, 0.6]
    found = p_real(says("a", "A1"), says("b", "B2"), says("c", "C3", denies=True), truth=truth)
    log_odds = np.log(9) + np.log(4) / 2 - np.log(1.5)
    assert found == pytest.approx(1 / (1 + np.exp(-log_odds)), rel=1e-6)


@pytest.mark.parametrize("grade", ["F6", "F1", "A6", "A5", "E5"])
def test_a_further_voice_that_cannot_be_judged_or_is_judged_worse_adds_nothing_in_any_draw(grade):
    alone = p_real(says("a", "B2"))
    np.testing.assert_array_equal(p_real(says("a", "B2"), says("b", grade)), alone)
    np.testing.assert_array_equal(p_real(says("a", "B2"), says("b", grade, denies=True)), alone)


@given(st.lists(st.sampled_from(GRADES), min_size=2, max_size=5))
def test_another_confirmation_that_ranks_last_never_lowers_the_probability_in_any_draw(grades):
    best_first = sorted(grades, key=lambda grade: (-round(MEDIANS[grade], 6), grade))
    origins = [says(f"o{number}", grade) for number, grade in enumerate(best_first)]
    assert np.all(p_real(*origins) >= p_real(*origins[:-1]) - 1e-12)


@given(st.lists(st.sampled_from(GRADES), min_size=1, max_size=4), st.sampled_from(GRADES))
def test_another_confirmation_never_lowers_the_probability_where_grades_are_as_good_as_their_medians(grades, new):
    # a draw in which a better grade is worse than a lesser one can go the other way; the stated order cannot
    before = p_real(*(says(f"o{n}", g) for n, g in enumerate(grades)), truth=TYPICAL)
    after = p_real(*(says(f"o{n}", g) for n, g in enumerate([*grades, new])), truth=TYPICAL)
    assert np.all(after >= before - 1e-6)


@given(ORIGINS, st.sampled_from(GRADES))
def test_another_denial_never_raises_the_probability_where_grades_are_as_good_as_their_medians(origins, grade):
    after = p_real(*origins, says("new", grade, denies=True), truth=TYPICAL)
    assert np.all(after <= p_real(*origins, truth=TYPICAL) + 1e-6)


def test_a_credible_denial_lowers_the_probability():
    assert np.all(p_real(says("a", "B2"), says("b", "A1", denies=True)) < p_real(says("a", "B2")))


def test_what_is_only_denied_is_less_probable_than_the_unknown():
    assert np.all(p_real(says("b", "A1", denies=True)) < 0.5)


@given(ORIGINS, st.randoms(use_true_random=False))
def test_the_order_and_the_names_of_origins_never_matter(origins, random):
    shuffled = origins[:]
    random.shuffle(shuffled)
    np.testing.assert_array_equal(p_real(*shuffled), p_real(*origins))


def test_p_true_is_a_constant_that_replaces_the_grade():
    found = p_real(says("a", "E5", p_true=(0.9, 0.99)))
    np.testing.assert_allclose(found, naive.mean_of_probability(0.9, 0.99), rtol=1e-9)


@pytest.mark.parametrize("others", [(), (says("b", "A1"),), (says("b", "F6"), says("c", "C3"))])
def test_what_is_certain_has_probability_exactly_one(others):
    assert np.all(p_real(says("a", p_true=(1, 1)), *others) == 1.0)


def test_a_certain_report_outweighs_a_denial():
    found = p_real(says("a", p_true=(1, 1)), says("b", "A1", denies=True), says("c", p_true=(0.9, 0.9), denies=True))
    assert np.all(found > 1 - 1e-9)


def test_a_certain_denial_leaves_nothing():
    assert np.all(p_real(says("a", "A1"), says("b", p_true=(1, 1), denies=True)) < 1e-9)


def test_equal_grades_share_one_signature():
    table, rows = signatures([(says("a"),), (says("b"),), (says("a", "C3"),)], MODEL)
    assert rows == [0, 0, 1]
    assert table.offset.shape == (2,)


def test_an_event_of_which_nothing_can_be_judged_is_as_likely_real_as_not():
    """The median of a Beta with equal counts is one half; that it comes from quadrature must not decide what counts."""
    origins = [[says("a", grade)] for grade in ("F6", "A6", "F1")] + [[says("a", "F6"), says("b", "F6")]]
    assert at_medians([tuple(group) for group in origins], MODEL) == [0.5] * 4
