"""What a coder sees: the sentence in its article with the quote marked, in lines that fit, of texts from anybody."""

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from forecast.cli.review_text import Look, context_lines, folded
from tests.coding.proposals import ARTICLE, DENIED, MET

REVERSE = Look(80, ("\x1b[7m", "\x1b[27m"))


def test_the_quote_is_marked_within_its_paragraphs():
    assert list(context_lines(ARTICLE, MET, Look(80))) == [
        "  Arland and Borland",
        "",
        "  The leaders of Arland and Borland >>met in May 2023<<. They quarrelled over",
        "  fish in September 2023, officials said.",
        "",
        "  A second meeting took place on 4 October 2023. Borland denied that Arland had",
        "  sent soldiers.",
    ]


def test_on_a_terminal_every_word_of_the_quote_is_marked_also_across_lines():
    shown = "\n".join(context_lines(ARTICLE, DENIED, replace(REVERSE, width=60)))
    assert " ".join(re.findall("\x1b\\[7m(.*?)\x1b\\[27m", shown)) == DENIED.quote


def test_a_long_article_is_cut_at_words_on_both_sides():
    text = "word " * 500 + MET.sentence + " word" * 500
    by = 2500 - MET.sentence_start
    moved = replace(
        MET, sentence_start=2500, sentence_end=MET.sentence_end + by, start=MET.start + by, end=MET.end + by
    )
    shown = " ".join(context_lines(text, moved, Look(80))).split()
    assert (shown[0], shown[-1]) == ("...", "...")
    assert set(shown[1:20]) == {"word"}
    assert len(shown) < 160


def test_where_the_article_has_changed_or_is_missing_the_sentence_stands_alone_and_says_so():
    assert list(context_lines("another", MET, Look(80)))[-1] == (
        "  (the saved article has another text at this place now)"
    )
    assert list(context_lines("", MET, Look(80))) == [f"  {MET.sentence}", "  (the article's text is not there)"]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=200)


@settings(deadline=None)
@given(text=TEXTS, width=st.integers(12, 80))
def test_no_text_is_wider_than_the_terminal_or_steers_it(text: str, width: int):
    lines = list(folded(text, width, "  "))
    assert all(cell_len(line) <= width for line in lines)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "".join(lines))


@settings(deadline=None)
@given(
    before=TEXTS, quote=st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(str.strip), after=TEXTS
)
def test_no_article_breaks_the_context(before: str, quote: str, after: str):
    text = f"{before}{quote}{after}"
    start, end = len(before), len(before) + len(quote)
    said = replace(MET, sentence=quote, sentence_start=start, sentence_end=end, quote=quote, start=start, end=end)
    shown = "".join(context_lines(text, said, REVERSE))
    assert "\x1b[7m" in shown
    assert not re.search("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e]", shown)
