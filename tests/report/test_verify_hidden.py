"""A number of a page or a Markdown text that is hidden, with another in its place, is never ok.

Each case was drawn by a browser or a Markdown viewer with 0.14 in the place of 0.41, or with more beside it.
"""

import re

import pytest

from forecast.report.blocks import (
    Bullets,
    Cited,
    Code,
    Column,
    Document,
    Figure,
    Fold,
    Link,
    Paragraph,
    Section,
    Strong,
    Table,
)
from forecast.report.citation import Citation
from forecast.report.citations.files import read_content
from forecast.report.citations.html import data
from forecast.report.citations.listing import Listing
from forecast.report.citations.shown import RULED
from forecast.report.html import generator, page, style_sheet

from .conftest import Published

PAGE_MARK = re.compile(r'<a class="cited" href="#cited-2" data-citation="[^"]*">0\.41</a>')
TEXT_MARK = re.compile(r'\[0\.41\]\(#cited-2 "[^"]*"\)')


def put(content: bytes, mark: re.Pattern[str], form: str) -> bytes:
    """The document with its second mark, M, within something."""
    text = content.decode()
    found = mark.findall(text)
    assert len(found) == 1
    return text.replace(found[0], form.replace("M", found[0])).encode()


IN_PAGES = [
    *(f'<span style="{style}">M</span> 0.14' for style in (
        "font-size:0.0em", "opacity:0%", "display:none ! important", "display:/**/none", "d\\69splay:none",
        "visibility:collapse",
        "position:absolute;left:-9999px", "clip-path:inset(50%)", "color:red",
    )),
    *(f"<{name}>M</{name.split()[0]}> 0.14" for name in (
        "dialog", "span popover", "span hidden", "details", "datalist", "canvas", "audio", "video", "progress", "meter",
        "ruby><rp",
        "s", "del", "strike", "template", "noscript", "object", "iframe", "button", "bdo dir=rtl", 'span class="skip"',
        'span id="chart-value"', "x-y", "svg", "math", "label", "marquee", "font size=0", "textarea", "xmp",
        "div inert",
    )),
    "<select><option>0.14</option>M</select>",
    "<!--><b>0.14</b><!-- >M<!-- -->",
    "<!-- x --!>0.14<!-- -->M<!-- -->",
    "<![CDATA[>0.14<!-- ]]>M<!-- -->",
    *(f"{before}M" for before in (
        '<svg width="9" height="14"><text y="13">1</text></svg>', '<img alt="1" src="data:image/png;base64,">',
        "<big>1</big>",
        '<input value="-" size="1">', "<tt>1</tt>", "<output>1</output>", "<math><mn>1</mn></math>", "<x-y>1</x-y>",
        "<button>1</button>",
        '<div style="display:inline">1</div>', '<p style="display:inline">1</p>', "1&#8203;&#8203;&#8203;&#8203;",
        "1<wbr>",
        "1<!-- -->", "\u202e", "<strong>1</strong>", '<a href="#x">1</a>', "<bdi>1</bdi>",
    )),
    'M<iframe srcdoc="0.14" style="position:absolute"></iframe>',
    'M<meta http-equiv="refresh" content="0;url=x">',
]  # fmt: skip


@pytest.mark.parametrize("form", IN_PAGES)
def test_a_number_that_a_page_hides_or_changes_is_found(published: Published, form: str) -> None:
    found = published.check(put(published.documents[".html"], PAGE_MARK, form), ".html")
    assert not found.ok
    assert {row.n: row.status for row in found.citations}[2] in ("edited", "removed") or any(
        fault.status == "edited" for fault in found.faults
    )


@pytest.mark.parametrize(
    "change",
    [
        ('<a class="cited" href="#cited-2"', '<a style="display:none" class="cited" href="#cited-2"'),
        ('<a class="cited" href="#cited-2"', '<a class="cited skip" href="#cited-2"'),
        (">0.41</a>", "><b hidden>0.41</b></a>"),
        (">0.41</a>", ">\u202e0.41</a>"),
        ("</head>", '<style>a[href="#cited-2"]{font-size:0}</style></head>'),
        ("</style>", 'a[href="#cited-2"]{font-size:0}</style>'),
        ("</head>", '<link rel="stylesheet" href="x.css"></head>'),
        ("</head>", '<base href="x"></head>'),
        ("</body>", "<script>document.body.textContent = 0.14</script></body>"),
        ("</body>", '<script type="module" src="x.js"></script></body>'),
        ("script-src", "script-src &#39;unsafe-inline&#39;"),
        ('http-equiv="Content-Security-Policy"', 'name="referrer"'),
        ('<div class="draft">', '<div class="draft" dir="rtl">'),
        ("<head>", "<head><title>x</title>"),
    ],
)
def test_a_page_with_other_styles_scripts_or_policy_is_edited(published: Published, change: tuple[str, str]) -> None:
    text = published.documents[".html"].decode()
    assert change[0] in text
    assert not published.check(text.replace(*change, 1).encode(), ".html").ok


def test_a_style_sheet_and_a_policy_changed_together_are_edited(published: Published) -> None:
    """Whoever changes one can make the other fit; the style sheet is compared with the program's own."""
    from forecast.report.html import policy

    own = style_sheet()
    other = own + 'a[href="#cited-2"] { font-size: 0 }'
    text = published.documents[".html"].decode()
    for old, new in ((policy(own).replace("'", "&#39;"), policy(other).replace("'", "&#39;")), (own, other)):
        assert text.count(old) == 1
        text = text.replace(old, new)
    found = published.check(text.encode(), ".html")
    assert [fault.status for fault in found.faults] == ["edited"]
    assert "style sheet" in found.faults[0].message


def test_a_page_of_another_version_is_checked_with_a_note(published: Published) -> None:
    text = published.documents[".html"].decode()
    assert text.count(generator()) == 1
    older = text.replace(generator(), "forecast 0.0.9, vl-convert 1.0").replace(style_sheet(), "body { color: black }")
    found = published.check(older.encode(), ".html")
    assert found.ok
    assert [fault.status for fault in found.faults] == ["note"]
    assert "another version wrote it (forecast 0.0.9" in found.faults[0].message
    edited = published.check(put(older.encode(), PAGE_MARK, "M").replace(b">0.41</a>", b">0.14</a>", 1), ".html")
    assert not edited.ok


def test_every_kind_of_block_is_written_with_what_is_believed() -> None:
    """So that the lists of elements keep up with the templates."""
    number = Cited("0.4", Citation("fc-aaaaaaaaaa", "q:yes", "number"))
    every = (
        number,
        " text ",
        Strong("strong"),
        Code("code"),
        Link("web", "https://example.org"),
        Link("in", "#t"),
        number,
    )
    table = Table(
        "t",
        "Caption",
        (Column("a"), Column("b", numbers=True)),
        ((every, every), (("long " * 20,), every)),
        ("r1", "r2"),
    )
    chart = {"mark": "point", "data": {"values": [{"x": 1}]}, "encoding": {"x": {"field": "x", "type": "quantitative"}}}
    roles = ("normal", "answer", "warning", "note")
    blocks = (
        *(Paragraph(every, role) for role in roles),  # type: ignore[arg-type]
        Bullets((every,)), Bullets((every,), ordered=True), table, Fold("fold", (Paragraph(every), Bullets((every,)))),
        Figure("f", chart, "Caption", "alt", Table("d", "Data", (Column("a"),), ((every,),))),
    )  # fmt: skip
    inner = Section("inner", "Inner", (Paragraph(every),))
    made = Document("Title", "Subtitle", (Section("evidence", "Outer", blocks, (inner,)),), {"forecast": "fc-x"})
    n = 2 * (4 + 2 + 3 + 2 + 1 + 1)
    listing = Listing((number.citation,) * n, "log", "head")
    found = read_content(page(made, data=data(listing), verify="forecast verify FILE").encode(), ".html")
    assert found.doubts == ()
    assert [mark.doubts for mark in found.marks] == [()] * n
    assert found.printed == {at: str(number.citation) for at in range(1, n + 1)}


def test_ids_that_the_style_sheet_has_rules_for_are_known() -> None:
    selectors = re.sub(r"\{[^{}]*\}|\"[^\"]*\"|/\*.*?\*/", "{}", style_sheet(), flags=re.DOTALL)
    assert set(re.findall(r"#([a-z][\w-]*)", selectors)) == RULED


IN_TEXTS = [
    '[![0.41](fake.png)](#cited-2 "{citation}")',
    "![](one.png)M",
    "![1](one.png)M",
    '<span style="display:none">M</span> 0.14',
    "<span hidden>M</span> 0.14",
    '<span id="x" hidden>M</span> 0.14',
    "<template>M</template> 0.14",
    "<script>M</script> 0.14",
    "<style>a{display:none}</style>M 0.14",
    "<bdo dir=rtl>M</bdo>",
    "~~M~~ 0.14",
    "~M~ 0.14",
    "$1$M",
    "1&#8203;&#8203;&#8203;M",
    ":one:M",
    "**1**M",
    "<sup>1</sup>M",
    "<!-- M -->0.14",
    "<!--> 0.14 <!-- -->M",
    "<b></b>M",
    "\u202eM",
    "\n\n<div hidden>\n\nM\n\n</div>\n\n0.14",
    "\n\n<!-- x --> 0.14\n\nM",
    "\n\n[^x]: M\n\n0.14",
]


@pytest.mark.parametrize("form", IN_TEXTS)
def test_a_number_that_a_text_hides_or_changes_is_found(published: Published, form: str) -> None:
    content = published.documents[".md"]
    citation = f"{published.forecast}/regime-2025:durable number latest"
    assert citation in content.decode()
    assert not published.check(put(content, TEXT_MARK, form.replace("{citation}", citation)), ".md").ok


def test_a_picture_or_a_deleted_word_elsewhere_in_a_text_is_nobodys_business(published: Published) -> None:
    changed = put(published.documents[".md"], TEXT_MARK, "M ~~deleted~~ ![a picture](x.png)")
    assert published.check(changed, ".md").ok
