"""Tables: what fits a width, and what is never broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from forecast.cli.table import table

WORDS = st.lists(st.text("abc한-", min_size=1, max_size=12), max_size=6).map(" ".join)


def test_a_table_is_aligned_under_a_rule() -> None:
    lines = table(
        ("id", "if rates\nwere known", "p"), [("a", "0.1-0.2", "0.15"), ("long-id", "x", "1")], 80, right=(2,)
    )
    assert list(lines) == [
        "        if rates",
        "id      were known    p",
        "───────────────────────",
        "a       0.1-0.2    0.15",
        "long-id x             1",
    ]


def test_the_widest_column_that_may_be_wrapped_gives_way_between_words() -> None:
    lines = list(table(("id", "means"), [("a-long-id", "one two three four")], 20, wrap=(0, 1)))
    assert lines[2:] == ["a-long-id one two", "          three four"]


def test_a_word_is_broken_only_where_whole_words_would_not_fit() -> None:
    lines = list(table(("id", "means"), [("a-long-id", "one two"), ("b", "abcdefghijklmnop")], 20, wrap=(1,)))
    assert lines[2:] == ["a-long-id one two", "b         abcdefghij", "          klmnop"]


def test_a_row_of_one_cell_is_a_line_of_its_own_and_takes_no_part_in_the_columns() -> None:
    lines = list(table(("event", "p"), [("a-long-heading",), ("  a", "0.1"), ("  b", "0.2")], 80))
    assert lines[1:] == ["─" * 9, "a-long-heading", "  a   0.1", "  b   0.2"]


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5), st.integers(20, 60))
def test_every_line_fits_where_all_columns_may_be_wrapped_and_no_text_is_lost(
    rows: list[tuple[str, str]], width: int
) -> None:
    lines = list(table(("left", "right"), rows, width, wrap=(0, 1)))
    assert max(map(cell_len, lines)) <= width
    assert sorted("".join(lines[2:]).replace(" ", "")) == sorted("".join(a + b for a, b in rows).replace(" ", ""))


@pytest.mark.parametrize("text", ["한국어", "naïve"], ids=["wide", "accented"])
def test_characters_are_as_wide_as_a_terminal_shows_them(text: str) -> None:
    *_, line = table(("a", "b"), [(text, "x")], 80)
    assert cell_len(line) == cell_len(text) + len(" x")
