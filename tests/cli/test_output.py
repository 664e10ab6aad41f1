"""Numbers as they are printed."""

import pytest

from forecast.cli.output import signed


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
