"""What reaches the terminal."""

from forecast.cli.output import inert


def test_what_would_steer_a_terminal_is_spelled_out() -> None:
    assert (
        inert("a\x1b[31mred \u202eback\u2069 \x9b tab\tline\n") == "a\\x1b[31mred \\u202eback\\u2069 \\x9b tab\tline\n"
    )
    assert inert("Кремль 김정은 – é") == "Кремль 김정은 – é"
