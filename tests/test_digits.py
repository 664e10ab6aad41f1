"""Numbers as they are printed."""

import pytest

from forecast.digits import interval, probability, signed


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
