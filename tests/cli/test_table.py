"""Tables: what fits a width, and what is never broken."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from forecast.cli.table import table

from ..workspaces import forecast_toy, write_toy
from .terminal import on_terminal

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


def test_where_the_columns_do_not_fit_a_terminal_every_row_is_a_block() -> None:
    headers = ("question", "outcome", "p", "if rates\nwere known")
    rows = [
        ("regime-2025", "durable", " 0.53", "0.07-0.93"),
        ("", "fragile", "0.048", ""),
        ("unbroken", "yes", "1", "x"),
    ]
    assert next(table(headers, rows, 40, right=(2,), stack=True)).split() == ["if", "rates"]
    assert list(table(headers, rows, 25, right=(2,), stack=True)) == [
        "question: regime-2025",
        "  outcome: durable",
        "  p: 0.53",
        "  if rates were known:",
        "    0.07-0.93",
        "  outcome: fragile",
        "  p: 0.048",
        "",
        "question: unbroken",
        "  outcome: yes",
        "  p: 1",
        "  if rates were known: x",
    ]
    # what is piped stays a table, as wide as it is
    assert "regime-2025 durable  0.53 0.07-0.93" in list(table(headers, rows, 25, right=(2,)))


@given(
    st.lists(st.tuples(WORDS, WORDS, WORDS) | st.tuples(WORDS), min_size=1, max_size=5), st.sampled_from([20, 40, 60])
)
def test_on_a_terminal_every_line_fits_and_no_text_is_lost(rows: list[tuple[str, ...]], width: int) -> None:
    lines = list(table(("left", "middle", "right"), rows, width, wrap=(2,), stack=True))
    assert max(map(cell_len, lines), default=0) <= width
    shown = "".join(lines).replace(" ", "")
    for cell in "".join("".join(row) for row in rows).replace(" ", ""):
        assert cell in shown


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


@pytest.mark.parametrize("columns", [40, 60])
@pytest.mark.parametrize("line", ["history toy/regime-2025", "status", "evidence list toy"])
def test_a_narrow_terminal_shows_no_line_that_it_would_break(tmp_path: Path, columns: int, line: str) -> None:
    forecast_toy(write_toy(tmp_path))
    with on_terminal(tmp_path, *line.split(), COLUMNS=str(columns), NO_COLOR="1") as terminal:
        code, shown = terminal.end()
    assert code == 0
    assert shown.strip()
    assert max(map(cell_len, shown.splitlines())) <= columns, shown
