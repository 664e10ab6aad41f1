"""Saved pages, word processor files, and PDF with columns and broken words."""

import io
import zipfile
from pathlib import Path

import pytest

from forecast.coding.articles import docx as docx_limits
from forecast.coding.articles.article import read_article
from forecast.coding.articles.hyphens import rejoined, words_of
from forecast.coding.articles.pdf_columns import Piece, by_columns
from forecast.errors import InputError

CASES = Path(__file__).parents[3] / "shared/cases"
ENGLISH = (
    "The leaders of the two states met and agreed that they would sell arms to each other for as long as they could. "
)


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def made_docx(body: str, title: str = "Two visits") -> bytes:
    """A document by hand, with what Word writes around a text."""
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    core = f'<cp:p xmlns:cp="x" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></cp:p>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document {w}><w:body>{body}</w:body></w:document>")
        archive.writestr("docProps/core.xml", core)
        archive.writestr("word/media/image1.png", b"\x89PNG")
    return out.getvalue()


def test_a_docx_gives_what_a_reader_reads(tmp_path: Path):
    body = (
        f"<w:p><w:r><w:t>{ENGLISH}</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:t>They</w:t><w:tab/><w:t>left.</w:t></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>A cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    made = read_article(write(tmp_path / "a.docx", made_docx(body)))
    assert made.text == f"{ENGLISH.strip()}\n\nThey left.\n\nA cell\n"
    assert (made.form, made.title) == ("docx", "Two visits")


@pytest.mark.parametrize("data", [b"PK\x03\x04 word/ junk", made_docx("")[:-40], made_docx("<w:p>")])
def test_a_damaged_docx_is_refused(tmp_path: Path, data: bytes):
    with pytest.raises(InputError, match=r"this \.docx|the text of this \.docx"):
        read_article(write(tmp_path / "a.docx", data))


def test_a_docx_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(docx_limits, "MAX_BYTES", 2**20)
    bomb = made_docx("<w:p/>" * 2**18)
    assert len(bomb) < 2**14
    with pytest.raises(InputError, match="unpacks to more than 1 MiB"):
        read_article(write(tmp_path / "a.docx", bomb))


def test_entities_of_a_docx_are_not_expanded(tmp_path: Path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    with pytest.raises(InputError, match="damaged"):
        read_article(write(tmp_path / "a.docx", out.getvalue()))


MHTML = """\
From: <Saved by a browser>
Snapshot-Content-Location: https://paper.org/two-visits
Subject: Two visits
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="----x"

------x
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<html><head><title>Two visits</title></head><body><p>The leaders met =E2=80=93=
 and left.</p><script>alert(1)</script></body></html>
------x
Content-Type: image/png
Content-Transfer-Encoding: base64

iVBORw0KGgo=
------x--
"""


def test_a_page_saved_as_one_file_is_read_with_its_address(tmp_path: Path):
    made = read_article(write(tmp_path / "a.mhtml", MHTML.replace("\n", "\r\n")))
    assert (made.text, made.form) == ("The leaders met – and left.\n", "mhtml")
    assert (made.url, made.title) == ("https://paper.org/two-visits", "Two visits")


def test_a_saved_page_without_a_page_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="no HTML part"):
        read_article(write(tmp_path / "a.mht", "MIME-Version: 1.0\nContent-Type: text/plain\n\nhello"))


def test_an_aside_within_the_article_is_read_and_a_list_of_links_beside_it_is_not(tmp_path: Path):
    page = (
        f"<article><p>{ENGLISH * 3}</p><aside><p>Borland had bought arms from Arland in 2019.</p></aside></article>"
        "<aside><a href=x>More on Arland</a></aside>"
    )
    text = read_article(write(tmp_path / "a.html", page)).text
    assert "Borland had bought arms" in text
    assert "More on Arland" not in text
    # a page whose only article stands in an aside
    page = f"<body><p>Menu</p><aside><article><p>{ENGLISH * 3}</p></article></aside></body>"
    assert read_article(write(tmp_path / "b.html", page)).text == (ENGLISH * 3).strip() + "\n"


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("visi-", "ted Pyongyang", "visited Pyongyang"),
        ("capabili-", "ties", "capabilities"),
        ("gov-", "ernment", "government"),
        ("with-", "draw", "withdraw"),
        ("vice-", "president", "vice-president"),
        ("anti-", "aircraft", "anti-aircraft"),
        ("price-", "determining", "price-determining"),
        ("long-", "term", "long-term"),
        ("Diaz-", "Canel", "Diaz-Canel"),
        ("Pyong-", "yang", "Pyongyang"),
        ("pre-", "sented", "presented"),
    ],
)
def test_a_broken_word_is_joined_where_it_is_whole_without_the_hyphen(before: str, after: str, joined: str):
    assert rejoined(before, after, frozenset()) == joined


def test_the_rest_of_the_text_decides_first():
    assert rejoined("with-", "draw", words_of("They with-draw and re-\nturn.")) == "with-draw"
    assert rejoined("vice-", "president", words_of("The vicepresident")) == "vicepresident"


def test_line_ends_of_the_shared_case_are_right():
    if not CASES.exists():
        pytest.skip("the cases of ../shared are not here")
    text = read_article(CASES / "09-pdf-line-end-hyphens/hyphen.pdf").text
    assert "visited" in text
    assert "vice-president" in text
    assert "anti-aircraft" in text


@pytest.mark.parametrize("name", ["columns.pdf", "columns-by-column.pdf"])
def test_columns_of_the_shared_case_are_read_one_after_the_other(name: str):
    if not CASES.exists():
        pytest.skip("the cases of ../shared are not here")
    text = read_article(CASES / "10-pdf-two-columns" / name).text
    assert "Sergei Shoigu visited Pyongyang on 25 July 2023" in text
    assert text.index("military pact") < text.index("Chinese Foreign Minister Wang Yi had talks in Islamabad")


def page(*columns: list[str], at: tuple[float, ...] = (70, 320)) -> list[Piece]:
    """Columns of lines that share baselines."""
    return [
        Piece(left, 700 - 14 * n, left + 6 * len(line), 710 - 14 * n, line)
        for left, lines in zip(at, columns, strict=False)
        for n, line in enumerate(lines)
    ]


LEFT = [
    "Arland and Borland met in the",
    "town of Westport and spoke",
    "of grain, of arms and of the",
    "future of their union.",
]
RIGHT = [
    "Corland bought a great many",
    "ships from the north and it",
    "sold them to its neighbours",
    "in the following summer.",
]


def test_two_columns_are_read_one_after_the_other_also_under_a_title():
    title = Piece(70, 740, 500, 752, "The news of the week from all three of the states")
    text = by_columns([title, *page(LEFT, RIGHT)])
    assert text == "\n\n".join([title.text, "\n".join(LEFT), "\n".join(RIGHT)])


def test_three_columns_are_read_in_their_order():
    text = by_columns(page(LEFT, RIGHT, LEFT, at=(70, 260, 450)))
    assert text == "\n\n".join(["\n".join(LEFT), "\n".join(RIGHT), "\n".join(LEFT)])


def test_a_page_of_one_column_and_a_table_of_numbers_are_left_as_they_are():
    assert by_columns(page(LEFT)) is None
    assert by_columns(page(["2019", "2020", "2021", "2022", "2023"], ["1.5", "1.7", "2.9", "3.1", "4"])) is None
