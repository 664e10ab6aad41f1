"""Numbers as they are printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.digits import counted, interval, probability, signed
from forecast.words import SCALES, Scale, words


@pytest.mark.parametrize(
    ("change", "mcse", "text"),
    [
        (0.194, 0.003, "+0.19"),
        (-0.009, 0.004, "-0.01"),
        (0.0079, 0.004, "(+0.01)"),
        (-0.0079, 0.004, "(-0.01)"),
        (0.001, 0.004, "(0.00)"),
        (0.001, 0.0001, "0.00"),
        (0.0, 0.0, "0.00"),
        (0.01, None, "+0.01"),
        (None, None, ""),
    ],
)
def test_a_change_within_two_of_its_errors_is_in_parentheses(
    change: float | None, mcse: float | None, text: str
) -> None:
    assert signed(change, mcse) == text


def test_an_interval_has_two_decimals_also_near_the_edge_of_a_word() -> None:
    # a probability of .0498 is 'almost no chance' and printed so that this shows; the end of an interval has no word
    assert probability(0.0498) == "0.0498"
    assert interval(0.0498, 0.59) == "0.05-0.59"
    assert interval(0.0004, 0.9999) == "<0.01->0.99"


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
@given(p=st.floats(0.0001, 0.9999))
def test_a_printed_number_has_the_word_that_stands_beside_it(scale: Scale, p: float) -> None:
    # at 4 decimals it is given up: nobody reads more
    shown = probability(p, scale=scale)
    if len(shown) < len("0.1234") and shown[0] not in "<>":
        assert words(float(shown), scale) == words(p, scale)


def test_decimals_depend_on_the_scale() -> None:
    # 0.353 is unlikely by ICD 203, from 20 to 45; the yardstick's band ends at 35
    assert probability(0.353) == "0.35"
    assert probability(0.353, scale=SCALES["phia"]) == "0.353"


def test_one_thing_is_called_by_its_name_and_others_by_the_plural():
    assert [counted(n, "origin") for n in (0, 1, 2)] == ["0 origins", "1 origin", "2 origins"]
