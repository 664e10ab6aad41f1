"""Documents as Markdown, read back by a reader that is not ours (markdown-it)."""

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from forecast.report.blocks import (
    Bullets,
    Cited,
    Code,
    Column,
    Document,
    Figure,
    Link,
    Paragraph,
    Section,
    Strong,
    Table,
)
from forecast.report.citation import Citation
from forecast.report.citations.markdown import read
from forecast.report.markdown import escaped, markdown
from forecast.report.plain import BREAK, LONGEST, asked, is_web, seen

from .hostile import ADDRESSES, ATTACKS


def cited(text: str, outcome: str = "durable") -> Cited:
    return Cited(text, Citation("fc-7k2mqx4adn", f"regime-2025:{outcome}", "number"))


def written(*blocks, data: bool = True):
    return markdown(Document("T", "", (Section("s", "S", blocks),)), lambda figure: f"{figure.id}.png", data=data)


def parsed(text: str):
    return MarkdownIt("commonmark").enable("table").parse(text)


def shown(text: str) -> str:
    """What a reader of Markdown sees of a paragraph, and that it is nothing but a paragraph of text."""
    tokens = parsed(text)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children} <= {"text", "text_special"}
    return "".join(child.content for child in tokens[1].children)


@given(st.one_of(st.text(max_size=60), st.text("\\`*_{}[]<>~|#&!^$@\"'=-+.)(1:/ \n\t", max_size=30)))
def test_any_text_is_shown_as_it_is_and_as_nothing_else(text):
    wanted = seen(text)
    if wanted:
        assert shown(escaped(text)).replace(BREAK, "") == wanted


def test_attacks_are_text():
    for attack in ATTACKS:
        assert shown(escaped(attack)).replace(BREAK, "") == seen(attack)


def test_what_turns_or_hides_text_is_spelled_out():
    assert seen("a\u202eb\u0007c\u200b") == "a\\u202eb\\x07c\\u200b"


def test_names_between_backticks_stand_without_them_where_nothing_is_set_as_code():
    assert asked("Which regime of `alliance`\nholds? `") == "Which regime of alliance holds? `"


def test_ten_megabytes_are_cut_and_the_cut_is_told():
    text = seen("x" * 10_000_000)
    assert text == "x" * LONGEST + f" [... {10_000_000 - LONGEST} more characters]"


def test_long_words_can_be_broken():
    assert max(map(len, escaped("W" * 500).split(BREAK))) <= 30


def test_only_addresses_of_the_web_become_links():
    assert not any(map(is_web, (*ADDRESSES[:2], ADDRESSES[3], "//evil.example", "http:", "http://[", "http://a b")))
    text = written(*(Paragraph((Link("here", url),)) for url in (*ADDRESSES, 'https://evil.example/")x=1'))).text
    links = [
        child.attrGet("href") for token in parsed(text) for child in token.children or () if child.type == "link_open"
    ]
    assert len(links) == 1
    assert links[0] == "https://evil.example/%22)x=1"


def test_numbers_are_counted_in_the_order_of_reading_and_listed_at_the_end():
    table = Table("t", "C", (Column("a"), Column("b", numbers=True)), ((("x",), (cited("0.2", "fragile"),)),))
    figure = Figure("f", {}, "caption", "alt", Table("d", "D", (Column("n"),), (((cited("0.9"),),),)))
    made = written(figure, Paragraph(("p is ", cited("0.1"))), table, Bullets(((cited("0.3"),),)))
    reading = read(made.text)
    assert [(mark.n, mark.text) for mark in reading.marks] == [(1, "0.1"), (2, "0.2"), (3, "0.3"), (4, "0.9")]
    assert reading.listing is not None
    assert [str(one) for one in made.citations] == [mark.citation for mark in reading.marks]
    assert len(read(written(figure, data=False).text).marks) == 0


def test_captions_tables_and_pictures_are_written_as_the_printer_expects_them():
    table = Table("t", "Rows", (Column("what", share=3), Column("p", numbers=True)), (((Code("a|b"),), ("c|d",)),))
    text = written(table, Figure("f", {}, "A chart", "what it *shows*")).text
    assert "**Table 1.** Rows\n\n<!-- narrow columns 3 1 -->\n| what | p |\n|:---|---:|\n| a\\|b | c\\|d |\n" in text
    assert "![what it \\*shows\\*](f.png)\n\n**Figure 1.** A chart" in text


def test_code_that_turns_or_hides_text_is_spelled_out():
    made = written(Paragraph((Code("safe"), " ", Code("a\u202eb"), " ", Code("c\u200b")))).text
    assert "`safe` a\\\\u202eb c\\\\u200b" in made


def test_only_places_that_links_lead_to_are_marked():
    table = Table("t", "Rows", (Column("a"),), ((("r",),), (("s",),)), ("row-r", "row-s"))
    text = written(table, Paragraph((Link("see", "#row-s"), " ", Link("lost", "#nowhere")))).text
    assert re.findall(r'<span id="([^"]*)">', text) == ["row-s"]
    assert "[see](#row-s) lost" in text


def test_emphasis_never_touches_a_space():
    assert "**Asked:** what?" in written(Paragraph((Strong("Asked: "), "what?"))).text
