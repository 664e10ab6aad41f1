"""The estimators against SciPy, and by hand where SciPy has none (delayed entry, competing causes)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from forecast.coding.survival import kaplan_meier


@pytest.mark.parametrize("seed", range(5))
def test_survival_and_its_interval_are_those_of_scipy(seed: int):
    rng = np.random.default_rng(seed)
    # whole numbers, so that endings tie with each other and with censoring
    left = rng.integers(1, 12, size=60).astype(float)
    ended = rng.random(60) < 0.7
    curve = kaplan_meier(np.zeros(60), left, ["x" if one else None for one in ended])
    theirs = stats.ecdf(stats.CensoredData(uncensored=left[ended], right=left[~ended])).sf
    bounds = theirs.confidence_interval(0.95, method="log-log")
    for age in (1, 2.5, 5, 8):
        assert curve.lasting(age) == pytest.approx(float(theirs.evaluate(age)), abs=1e-12)
        low, high = curve.interval(age)
        assert low == pytest.approx(float(bounds.low.evaluate(age)), abs=1e-12)
        assert high == pytest.approx(float(bounds.high.evaluate(age)), abs=1e-12)


def test_competing_causes_by_hand():
    """Five spells, ages 1 (a), 2 (b), 2 (a), 3 (censored), 4 (a).

    S = 4/5, then 4/5 * 3/5... at age 2 four are at risk and two end: 4/5 * 2/4 = 2/5; at age 4 one is at risk: 0.
    a: 1/5 + 4/5 * 1/4 + 2/5 * 1 = 4/5; b: 4/5 * 1/4 = 1/5.
    """
    curve = kaplan_meier(np.zeros(5), np.array([1.0, 2.0, 2.0, 3.0, 4.0]), ["a", "b", "a", None, "a"])
    np.testing.assert_allclose(curve.survival, [4 / 5, 2 / 5, 0.0])
    assert [curve.ended("a", age) for age in (0.5, 1, 2, 4)] == pytest.approx([0, 1 / 5, 2 / 5, 4 / 5])
    assert [curve.ended("b", age) for age in (1, 2, 4)] == pytest.approx([0, 1 / 5, 1 / 5])
    assert curve.median == 2.0


def test_a_spell_that_enters_late_is_not_at_risk_before():
    """Ages at risk: [0, 1], [0, 3], [2, 4]. At 1: 2 at risk, S = 1/2. At 3: 2 at risk, S = 1/4. At 4: 0."""
    curve = kaplan_meier(np.array([0.0, 0.0, 2.0]), np.array([1.0, 3.0, 4.0]), ["x", "x", "x"])
    np.testing.assert_allclose(curve.survival, [1 / 2, 1 / 4, 0.0])


def test_nothing_that_ended_lasts_for_ever():
    curve = kaplan_meier(np.zeros(2), np.array([1.0, 2.0]), [None, None])
    assert (curve.lasting(10), curve.interval(10), curve.median) == (1.0, (1.0, 1.0), None)


def test_a_spell_that_leaves_before_it_enters_is_refused():
    with pytest.raises(ValueError, match="leaves before it enters"):
        kaplan_meier(np.array([2.0]), np.array([1.0]), ["x"])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 9), st.sampled_from(["a", "b", "c", None])), min_size=1, max_size=30
    )
)
def test_survival_and_all_causes_sum_to_one(rows: list[tuple[int, int, str | None]]):
    entered = np.array([float(row[0]) for row in rows])
    left = entered + np.array([float(row[1]) for row in rows])
    curve = kaplan_meier(entered, left, [row[2] for row in rows])
    total = curve.survival + sum(curve.incidence.values(), np.zeros_like(curve.survival))
    np.testing.assert_allclose(total, 1.0, atol=1e-12)
    assert np.all(np.diff(curve.survival) <= 1e-15)
