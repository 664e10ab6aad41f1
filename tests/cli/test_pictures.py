"""Pictures of text: right at the ends, for one point, for nothing, and in ASCII where blocks cannot be shown."""

import io
import sys
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.cli import pictures
from forecast.cli.pictures import BLOCKS, LEVELS, axis_bar, band, keep_readable, over_days, sparkline

VALUES = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))


ENCODINGS = pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "cp1252"])


def narrow(monkeypatch: pytest.MonkeyPatch, encoding: str) -> io.BytesIO:
    """Let standard output have an encoding that lacks characters; what is written arrives in what is returned."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, write_through=True))
    return raw


def test_heights_are_those_of_the_values_from_nought_to_one() -> None:
    assert sparkline([0.0, 0.124, 0.126, 0.5, 0.99, 1.0]) == "▁▁▂▅██"


def test_a_flat_series_is_flat_at_its_height() -> None:
    assert sparkline([0.9] * 4) == "████"
    assert sparkline([0.05] * 4) == "▁▁▁▁"


def test_one_point_is_one_mark_and_no_point_none() -> None:
    assert sparkline([0.4]) == "▄"
    assert sparkline([]) == ""


def test_what_is_no_number_leaves_a_blank() -> None:
    assert sparkline([0.5, None, nan, inf, 0.5]) == "▅   ▅"
    assert axis_bar(nan, 3) == " " * 7
    assert band(nan, nan, 0.0, nan, 5) == "│    "


def test_what_lies_beyond_an_end_is_drawn_at_it() -> None:
    assert sparkline([-3.0, 4.0]) == "▁█"
    assert axis_bar(7.0, 3) == "   |███"


def test_bars_grow_from_the_middle_by_halves() -> None:
    assert [axis_bar(share, 4) for share in (-1.0, -0.375, 0.0, 0.125, 0.5, 1.0)] == [
        "████|    ",
        "  ▐█|    ",
        "    |    ",
        "    |▌   ",
        "    |██  ",
        "    |████",
    ]


def test_a_value_stands_until_the_next() -> None:
    assert over_days({10: 0.1, 15: 0.5, 20: 0.9}, 10, 20, 11) == [0.1] * 5 + [0.5] * 5 + [0.9]


def test_the_first_and_the_last_day_are_always_drawn() -> None:
    drawn = over_days({0: 0.1, 1000: 0.9}, 0, 1000, 30)
    assert (len(drawn), drawn[0], drawn[-2], drawn[-1]) == (30, 0.1, 0.1, 0.9)


def test_before_the_first_value_and_after_the_end_there_is_nothing() -> None:
    assert over_days({3: 0.2, 5: None}, 1, 6, 6) == [None, None, 0.2, 0.2, None, None]


def test_a_single_day_is_a_single_column() -> None:
    assert over_days({7: 0.3}, 7, 7, 30) == [0.3]


@given(values=st.lists(VALUES, max_size=40))
def test_a_sparkline_has_one_mark_for_every_value(values) -> None:
    text = sparkline(values)
    assert len(text) == len(values)
    assert set(text) <= {*BLOCKS, " "}


@given(share=st.floats(allow_nan=True, allow_infinity=True), half=st.integers(1, 20))
def test_a_bar_always_has_its_width(share, half) -> None:
    assert len(axis_bar(share, half)) == 2 * half + 1


@given(low=st.floats(), high=st.floats(), middle=st.floats(), mark=st.floats(), width=st.integers(1, 60))
def test_a_band_always_has_its_width(low, high, middle, mark, width) -> None:
    assert len(band(low, high, middle, mark, width)) == width


@ENCODINGS
def test_pictures_are_ascii_as_a_whole_where_a_part_cannot_be_shown(monkeypatch, encoding) -> None:
    # cp437 has some of the blocks: half of each would be unreadable
    narrow(monkeypatch, encoding)
    assert sparkline([0.0, 0.3, 0.7, 1.0]) == "".join(LEVELS[at] for at in (0, 2, 5, 7))
    if encoding != "cp437":
        assert axis_bar(-0.375, 4) == "  -#|    "
        assert band(0.2, 0.8, 0.5, 1.0, 11) == "  ---|--- o"


@ENCODINGS
def test_every_character_of_ours_keeps_its_place_where_it_cannot_be_shown(monkeypatch, encoding) -> None:
    raw = narrow(monkeypatch, encoding)
    keep_readable()
    print("".join(pictures.PLAIN), end="")
    assert len(raw.getvalue().decode(encoding)) == len(pictures.PLAIN)
    assert all(len(plain) == 1 and plain.isascii() for plain in pictures.PLAIN.values())


def test_what_has_no_plain_form_is_spelled_out(monkeypatch) -> None:
    raw = narrow(monkeypatch, "ascii")
    keep_readable()
    print("김 → x", end="")
    assert raw.getvalue() == b"\\uae40 > x"


def test_an_output_that_has_all_characters_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    keep_readable()
    print("█ 김")
    assert capsys.readouterr().out == "█ 김\n"
    assert sys.stdout.errors != "forecast-plain"
