"""No character beside a number hides that another number is read."""

import pytest

from forecast.report.citations.adjacent_text import OBJECT, touches
from forecast.report.citations.reading import Piece, gathered

#: Takes no room: by UAX 44 of category Cf, Mn or Me, or a filler.
UNSEEN = "\u200b\u200c\u200d\u200e\u2060\ufeff\u00ad\u034f\ufe0f\u180e\u115f\U000e0041"


@pytest.mark.parametrize("char", UNSEEN)
@pytest.mark.parametrize("many", [1, 4, 40])
def test_what_takes_no_room_hides_no_digit(char: str, many: int) -> None:
    assert touches("1" + many * char, "")
    assert touches("", many * char + "7")
    assert touches("", many * char + "%")
    (mark,) = gathered([Piece("1" + many * char), Piece("0.42", 1), Piece(many * char + "7")])
    assert (mark.before, mark.after) == ("1", "7")


@pytest.mark.parametrize("char", "⁰₀½①Ⅰ७١𝟏０一〇$€x\ue000З" + OBJECT)
def test_digits_letters_and_currencies_of_any_script_touch(char: str) -> None:
    assert touches(char, "")
    assert touches("", char)


@pytest.mark.parametrize("after", ["％", "٪", "﹪", "‰", "‱", "\u2009%", "\xa0٪", "\u0338", "\u20e0", "×10", "·5"])
def test_what_changes_the_number_before_it_touches(after: str) -> None:
    assert touches("", after)


@pytest.mark.parametrize("sign", "-+−➖➕˗⁻₋‒–‐‑―—﹣－")
@pytest.mark.parametrize("before", ["", " ", "p:"])
def test_whatever_looks_like_a_sign_of_the_number_touches(sign: str, before: str) -> None:
    assert touches(before + sign, "")


@pytest.mark.parametrize("before", ["1\u200a", "1\u2009", "1\u202f", "1'", "x−", "1\ufe0f\u20e3"])
def test_narrow_spaces_and_key_caps_part_no_digits(before: str) -> None:
    assert touches(before, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("確率", ""),
        ("확률", "이다"),
        ("word—", "—not"),
        ("0.28–", ""),
        ("a-", "-b"),
        ("p = ", ". "),
        ("“", "”"),
        ("1 ", ";"),
    ],
)
def test_what_stands_in_a_sentence_does_not_touch(before: str, after: str) -> None:
    assert not touches(before, after)


@pytest.mark.parametrize("before", ["\u202e", "a \u2067b ", "\u202d\u202c\u202e"])
def test_an_order_of_characters_that_is_open_before_a_number_is_told(before: str) -> None:
    (mark,) = gathered([Piece(before), Piece("0.42", 1)])
    assert mark.doubts


@pytest.mark.parametrize("before", ["\u202eb\u202c ", "\u202e\n", "\u2067עברית\u2069 "])
def test_an_order_of_characters_that_was_closed_is_not(before: str) -> None:
    (mark,) = gathered([Piece(before), Piece("0.42", 1)])
    assert mark.doubts == ()
