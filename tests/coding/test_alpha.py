"""Krippendorff's alpha against his own worked examples, and against a program that we did not write."""

import math
import warnings
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.coding.alpha import Level, alpha

# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), examples A, B and C
MEG_AND_OWEN = list(zip("0100000010", "1110010000", strict=True))
BEN_AND_GERRY = list(zip("aabbdcccedda", "babbbccceddd", strict=True))
_ = None
FOUR_OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]


def units_of(coders: list[list[Any]]) -> list[tuple[Any, ...]]:
    return list(zip(*coders, strict=True))


def test_krippendorffs_example_of_two_observers_and_two_values():
    assert alpha(MEG_AND_OWEN, "nominal").value == pytest.approx(0.095, abs=5e-4)


def test_krippendorffs_example_of_two_observers_and_five_values():
    found = alpha(BEN_AND_GERRY, "nominal")
    assert found.value == pytest.approx(0.692, abs=5e-4)
    assert (found.n_units, found.n_values, found.agree) == (12, 24, pytest.approx(9 / 12))


@pytest.mark.parametrize(("level", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorffs_example_of_four_observers_with_missing_values(level: Level, value: float):
    found = alpha(units_of(FOUR_OBSERVERS), level)
    assert found.value == pytest.approx(value, abs=5e-4)
    assert (found.n_units, found.n_values) == (11, 40), "a single value has nothing to agree with"


CELL = st.one_of(st.none(), st.integers(0, 4))


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=2, max_size=15),
    level=st.sampled_from(["nominal", "ordinal", "interval"]),
)
def test_the_value_is_that_of_the_package_krippendorff(rows: list[tuple[int | None, ...]], level: Level):
    mine = alpha(rows, level, resamples=0).value
    table = np.array(
        [[math.nan if cell is None else float(cell) for cell in coder] for coder in zip(*rows, strict=True)]
    )
    paired = [[cell for cell in row if cell is not None] for row in rows]
    pairable = {cell for row in paired if len(row) > 1 for cell in row}
    if len(pairable) < 2:
        assert mine is None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = krippendorff.alpha(table, level_of_measurement=level)
    assert mine == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_perfect_agreement_is_one(level: Level):
    found = alpha([(1, 1), (2, 2), (3, 3), (2, 2), (1, 1), (3, 3), (1, 1)], level)
    assert (found.value, found.agree) == (1.0, 1.0)
    assert (found.low, found.high) == (None, None), "resampling cannot show the disagreement that was not seen"


def test_without_variation_there_is_nothing_to_agree_on():
    found = alpha([(True, True)] * 9, "nominal")
    assert (found.agree, found.value, found.low) == (1.0, None, None)


def test_without_pairs_nothing_is_said():
    assert alpha([(1, None), (None, None), ()], "nominal").value is None
    assert alpha([], "ordinal").n_units == 0


def test_ordinal_alpha_does_not_depend_on_the_names_of_the_steps():
    letters = units_of(FOUR_OBSERVERS)
    stretched = [tuple(None if v is None else v**3 for v in row) for row in letters]
    assert alpha(stretched, "ordinal", resamples=0).value == alpha(letters, "ordinal", resamples=0).value
    assert alpha(stretched, "interval", resamples=0).value != alpha(letters, "interval", resamples=0).value


def test_the_interval_is_repeated_by_its_seed_and_holds_the_value():
    first, again, other = (alpha(BEN_AND_GERRY, "nominal", seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert (first.low, first.high) != (other.low, other.high)
    assert first.low is not None
    assert first.high is not None
    assert first.value is not None
    assert first.low < first.value < first.high


def test_the_interval_is_that_of_resampling_one_unit_at_a_time():
    rng = np.random.default_rng(7)
    data = [(int(a), int(a if rng.random() < 0.7 else rng.integers(3))) for a in rng.integers(3, size=60)]
    found = alpha(data, "nominal", seed=3)
    draws = []
    for _round in range(1500):
        rows = rng.integers(len(data), size=len(data))
        draws.append(alpha([data[row] for row in rows], "nominal", resamples=0).value)
    low, high = np.quantile(np.array(draws, dtype=float), [0.025, 0.975])
    # two Monte Carlo quantiles of some 2000 draws; their standard error is about 0.006
    assert (found.low, found.high) == (pytest.approx(low, abs=0.03), pytest.approx(high, abs=0.03))


def test_the_interval_covers_the_alpha_of_the_population_about_as_often_as_it_says():
    # coders who each see the true value with probability 0.8, else any of four: alpha = 0.8**2 for uniform values
    rng = np.random.default_rng(11)
    covered = 0
    for number in range(200):
        truth = rng.integers(4, size=80)
        coders = [np.where(rng.random(80) < 0.8, truth, rng.integers(4, size=80)) for _coder in range(2)]
        found = alpha(
            list(zip(*(coder.tolist() for coder in coders), strict=True)), "nominal", seed=number, resamples=400
        )
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.64 <= found.high
    # 95% of 200 with a standard error of 3; the percentile bootstrap of 80 units is a little short
    assert 178 <= covered <= 199


def test_where_resamples_often_have_no_variation_there_is_no_interval():
    found = alpha([("a", "a")] * 9 + [("a", "b")], "nominal")
    assert found.value == pytest.approx(0.0, abs=1e-12)
    assert (found.low, found.high) == (None, None)
