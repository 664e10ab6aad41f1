"""A document as one page: what is said stands there, all texts are escaped, and every number names its record."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.report.blocks import (
    Bullets,
    Cited,
    Code,
    Column,
    Document,
    Figure,
    Fold,
    Inline,
    Link,
    Paragraph,
    Section,
    Table,
    citations,
)
from forecast.report.citation import Citation
from forecast.report.html import anchor, data_script, page, policy


class Tree(HTMLParser):
    """Elements with their attributes, and the text that is seen."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text, self._raw = "", False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._raw = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._raw = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._raw else data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def cited(text: str, at: str = "q:yes") -> Cited:
    return Cited(text, Citation("fc-aaaaaaaaaa", at, "number"))


def document(*text: Inline, **changes: Any) -> Document:
    fields = {"title": "Title", "subtitle": "", "sections": (Section("one", "One", (Paragraph(text),)),)} | changes
    return Document(**fields)


def test_every_cited_number_is_marked_in_the_order_of_reading() -> None:
    table = Table(
        "t", "Table", (Column("a"), Column("b", numbers=True)), (((cited("0.1", "a:yes"),), (cited("0.2"),)),)
    )
    made = document(
        sections=(
            Section("s", "S", (Paragraph((cited("0.3"),)), Fold("more", (table,)), Bullets(((cited("0.4"),),)))),
            Section("t", "T", (), (Section("u", "U", (Paragraph((cited("0.5"),)),)),)),
        )
    )
    marks = [a for a in Tree(page(made)).all("a") if a.get("class") == "cited"]
    assert [a["data-citation"] for a in marks] == [str(one) for one in citations(made)]
    assert [a["href"] for a in marks] == [f"#cited-{n}" for n in range(1, 6)]


def test_the_list_has_each_citation_once_with_all_of_its_places() -> None:
    text = page(document(cited("0.3"), " and ", cited("0.4", "other:yes"), " and ", cited("0.3")))
    tree = Tree(text)
    back = [a for a in tree.all("a") if (a.get("href") or "").startswith("#number-")]
    assert [(a["id"], a["href"]) for a in back] == [
        ("cited-1", "#number-1"),
        ("cited-3", "#number-3"),
        ("cited-2", "#number-2"),
    ]
    assert {span["id"] for span in tree.all("span") if span.get("id")} == {"number-1", "number-2", "number-3"}


HOSTILE = st.text(alphabet=st.sampled_from("<>&\"'`=/ abjs:{}%#\u202e\u0000\u2028안ع\U0001f680")) | st.sampled_from(
    ["<script>x()</script>", "</script><script>", "{{ 7*7 }}", '" onmouseover="x', "<!--", "]]>", "javascript:x()"]
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_becomes_an_element_or_an_attribute(one: str, two: str, three: str) -> None:
    """The same document with harmless texts has the same elements, in the same order, with the same attributes."""

    def made(one: str, two: str, three: str) -> Document:
        table = Table("t", one, (Column(two), Column(three)), (((two,), (Code(one),)),))
        about = {"key": three}
        blocks = (Paragraph((one, cited(two))), table, Fold(three, ()), Paragraph((Link(one, "ftp:" + two),)))
        return document(title=one, subtitle="-" + two, sections=(Section("s", three, blocks),), about=about)

    attacked, plain = Tree(page(made(one, two, three))), Tree(page(made("a", "b", "c")))

    def shape(tree: Tree) -> list[tuple[str, list[str]]]:
        return [(tag, sorted(name for name in attributes if name != "class")) for tag, attributes in tree.elements]

    assert shape(attacked) == shape(plain)


@pytest.mark.parametrize(
    ("url", "links"),
    [
        ("https://example.org/a?b=1&c=%20", True),
        ("http://example.org", True),
        ("HTTPS://example.org", True),
        ("javascript:alert(1)", False),
        ("java\tscript:alert(1)", False),
        (" https://example.org", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("https:example.org", False),
        ("https://[broken", False),
        ("file:///etc/passwd", False),
        ("scenarios/toy.html", False),
    ],
)
def test_only_addresses_of_the_web_are_links(url: str, links: bool) -> None:
    tree = Tree(page(document(Link("there", url))))
    external = [a for a in tree.all("a") if "external" in (a.get("rel") or "")]
    assert [a["href"] for a in external] == ([url] if links else [])
    assert "there" in tree.text


def test_characters_that_reorder_text_are_spelled_out() -> None:
    text = page(document("safe \u202egnp.exe", cited("0.1")))
    assert "\u202e" not in text
    assert "\\u202egnp.exe" in Tree(text).text


def test_the_policy_allows_the_style_and_the_script_of_the_page_and_no_other() -> None:
    text = page(document("x", sections=(Section("s", "S", (figure(),)),)))
    said = next(meta["content"] for meta in Tree(text).all("meta") if meta.get("http-equiv"))
    assert said is not None
    rules = dict(rule.strip().split(" ", 1) for rule in said.split(";"))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in said
    contents = [*re.findall(r"<style>(.*?)</style>", text, re.S), *re.findall(r"<script>(.*?)</script>", text, re.S)]
    assert len(contents) == 2
    hashes = {f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" for content in contents}
    assert set(rules["script-src"].split()) == set(rules["style-src"].split()) == hashes
    assert " style=" not in text.partition("<script>")[0]


def figure(label: str = "a") -> Figure:
    specification = {
        "data": {"values": [{"x": label, "y": 1}]},
        "mark": "bar",
        "encoding": {"x": {"field": "x", "type": "nominal"}, "y": {"field": "y", "type": "quantitative"}},
    }
    return Figure("f", specification, "Caption", 'Alt "text"')


def test_a_page_without_charts_has_no_script() -> None:
    assert Tree(page(document("x"))).all("script") == []


def test_a_chart_is_drawn_into_the_page_described_and_given_as_data() -> None:
    text = page(document(sections=(Section("s", "S", (figure("</script><b>"),)),)))
    tree = Tree(text)
    drawing = next(div for div in tree.all("div") if div.get("role") == "img")
    assert drawing["aria-label"] == 'Alt "text"'
    assert text.partition("<script>")[0].count("<svg") == 1
    assert "&lt;/script&gt;&lt;b&gt;" in text
    data = re.search(r'<script type="application/json" id="f-chart">(.*?)</script>', text)
    assert data is not None
    assert json.loads(data[1])["data"]["values"][0]["x"] == "</script><b>"


def test_data_come_back_from_a_script_as_they_were() -> None:
    value = {"a": ["</script>", "<!--", "&amp;", "\u2028", "안"], "b": None}
    text = str(data_script("x y", value))
    assert re.search(r"[<&\u2028]", text.partition(">")[2].rpartition("<")[0]) is None
    assert json.loads(text.partition(">")[2].rpartition("<")[0]) == value


def test_tables_say_what_their_heads_are_about() -> None:
    table = Table("t", "Caption", (Column("a", share=3), Column("b", numbers=True)), ((("x",), ("1",)),), ("row-x",))
    tree = Tree(page(document(sections=(Section("s", "S", (table,)),))))
    assert [th["scope"] for th in tree.all("th")] == ["col", "col", "row"]
    assert [col["width"] for col in tree.all("col")] == ["75%", "25%"]
    assert any(tr.get("id") == "row-x" for tr in tree.all("tr"))
    box = next(div for div in tree.all("div") if div.get("class") == "table")
    assert (box["tabindex"], box["aria-labelledby"]) == ("0", "t-caption")


def test_headings_go_down_one_level_at_a_time() -> None:
    inner = Section("c", "C")
    made = document(sections=(Section("a", "A", (), (Section("b", "B", (), (inner,)),)),))
    assert [tag for tag, _ in Tree(page(made)).elements if re.fullmatch(r"h\d", tag)] == ["h1", "h2", "h3", "h4"]


@given(st.text())
def test_ids_have_only_characters_that_ids_can_have(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_.:-]+", anchor(text))


def test_what_is_written_is_what_is_hashed() -> None:
    """SHA-256 of the empty text, in base 64, as CSP writes it (RFC 6234's digest e3b0c442...)."""
    assert "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='" in policy("")
