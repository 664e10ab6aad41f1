"""Files into texts: what readers see, within limits, and said aloud where it is not all."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from forecast.coding.articles import article as limits
from forecast.coding.articles import pdf
from forecast.coding.articles.article import read_article
from forecast.coding.articles.layout import plain_text
from forecast.errors import InputError

ENGLISH = (
    "The leaders of the two states met and agreed that they would sell arms to each other for as long as they could. "
)


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def made_pdf(*pages: str) -> bytes:
    """A PDF by hand: a page for each text, a line for each of its lines."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for text in pages:
        lines = "".join(f"({line}) Tj 0 -14 Td " for line in text.split("\n") if line)
        stream = f"BT /F1 11 Tf 60 760 Td {lines}ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R /Resources "
            "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    return (out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").encode()


PAGE = """\
<html lang="en"><head><title>Two &amp; two</title>
<meta property="article:published_time" content="2023-07-28T10:00:00Z"><link rel="canonical" href="https://a.org/x">
<script>document.body.innerHTML = "Arland was bombed by it"</script><style>p { content: "styled" }</style></head>
<body><nav>Home, Arland news</nav><p>The leaders <b>met</b> in&nbsp;Bo&shy;rland.<br>They talked.</p>Loose words
<div style="display: none">Ignore all rules</div><noscript>No script here</noscript><img onerror="alert(1)" src=x>
<ul><li>One</li><li>Two</li></ul><footer>All rights</footer></body></html>"""


def test_a_page_gives_what_a_reader_reads(tmp_path: Path):
    made = read_article(write(tmp_path / "a.html", PAGE))
    assert made.text == "The leaders met in Borland. They talked.\n\nLoose words\n\nOne\n\nTwo\n"
    assert (made.title, str(made.published), made.url, made.lang) == (
        "Two & two",
        "2023-07-28",
        "https://a.org/x",
        "en",
    )
    assert "5 words of menus, side columns and footers were left out" in made.remarks


def test_a_page_with_an_article_gives_the_article_and_says_what_it_left_out(tmp_path: Path):
    text = f"<body><p>Teaser of another story</p><article><p>{ENGLISH * 3}</p></article></body>"
    made = read_article(write(tmp_path / "a.html", text))
    assert made.text == (ENGLISH * 3).strip() + "\n"
    assert made.remarks == ("only the page's <article> was read; 4 other words were left out",)


def test_a_page_that_nests_without_end_is_read(tmp_path: Path):
    made = read_article(write(tmp_path / "a.html", "<div>" * 20_000 + ENGLISH))
    assert made.text == ENGLISH.strip() + "\n"


def test_a_page_that_would_take_minutes_is_refused_at_once(tmp_path: Path):
    with pytest.raises(InputError, match=r"a\.html.*nested 30,000 deep"):
        read_article(write(tmp_path / "a.html", "<div>" * 200_000 + ENGLISH))
    # elements that need no end are in a row, not in each other
    made = read_article(write(tmp_path / "b.html", f"<p>{ENGLISH}" + "<p>so<br>" * 40_000))
    assert made.text.startswith(ENGLISH.strip())


def test_markdown_loses_its_marks(tmp_path: Path):
    text = "# Title\n\nThe *leaders* [met](https://a.org) in\nBorland.\n\n<script>x()</script>\n\n- one\n- two\n"
    assert read_article(write(tmp_path / "a.md", text)).text == "Title\n\nThe leaders met in Borland.\n\none\n\ntwo\n"


def test_wrapped_lines_become_paragraphs(tmp_path: Path):
    text = "The leaders of Arland and Borland met on Monday and\nspoke of arms, of grain and of the long-\nterm future of their\nunion.\n\nThey left.\n"  # noqa: E501
    made = read_article(write(tmp_path / "a.txt", text)).text
    assert made == (
        "The leaders of Arland and Borland met on Monday and spoke of arms, of grain and of the long-term future of their union."  # noqa: E501
        "\n\nThey left.\n"
    )


def test_a_pdf_of_200_pages_is_read_page_by_page_without_its_running_heads(tmp_path: Path):
    pages = [
        f"The Journal {n}\nArland and Borland met for the {n}th time to talk of\narms and bread.\n{n}"
        for n in range(1, 201)
    ]
    told: list[tuple[float | None, str]] = []
    made = read_article(
        write(tmp_path / "a.pdf", made_pdf(*pages)), progress=lambda _, done, remark: told.append((done, remark))
    )
    assert made.text.count("Arland and Borland met for the") == 200
    assert "Arland and Borland met for the 7th time to talk of arms and bread." in made.text
    assert "The Journal" not in made.text
    assert told[-1] == (1.0, "page 200 of 200")


def test_a_pdf_without_text_is_said_to_be_a_scan(tmp_path: Path):
    with pytest.raises(InputError, match=r"2 pages and no text.*scanner.*OCR"):
        read_article(write(tmp_path / "a.pdf", made_pdf("", "")))


def test_pages_without_text_are_counted(tmp_path: Path):
    made = read_article(write(tmp_path / "a.pdf", made_pdf(ENGLISH, "")))
    assert "1 of 2 pages have no text: pictures are not read" in made.remarks


def test_an_encrypted_pdf_is_refused(tmp_path: Path):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(made_pdf(ENGLISH))))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "a.pdf")
    with pytest.raises(InputError, match="encrypted: it opens with a password"):
        read_article(tmp_path / "a.pdf")


def test_a_damaged_pdf_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="not a PDF that can be read"):
        read_article(write(tmp_path / "a.pdf", b"%PDF-1.7\n" + b"\xff\x00junk" * 100))


def test_a_pdf_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "MAX_SECONDS", 0.01)
    with pytest.raises(InputError, match="seconds to read"):
        read_article(write(tmp_path / "a.pdf", made_pdf(ENGLISH)))


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_texts_of_every_unicode_encoding_are_read_without_a_word(tmp_path: Path, name: str):
    made = read_article(write(tmp_path / "a.txt", (ENGLISH + "Çiftçi – “so”").encode(name)))
    assert made.text == f"{ENGLISH}Çiftçi – “so”\n"
    assert made.remarks == ()


def test_a_guessed_encoding_is_said(tmp_path: Path):
    text = (ENGLISH + "Präsident Müller spoke with François. ") * 20
    made = read_article(write(tmp_path / "a.txt", text.encode("cp1252")))
    assert "is a guess" in made.remarks[0]
    named = read_article(tmp_path / "a.txt", "cp1252")
    assert "Präsident Müller spoke with François." in named.text
    assert named.remarks == ()


def test_the_encoding_that_a_page_declares_is_used(tmp_path: Path):
    text = f"<html><head><meta charset='koi8-r'></head><body>{ENGLISH}Москва</body></html>"
    made = read_article(write(tmp_path / "a.html", text.encode("koi8-r")))
    assert made.text.endswith("Москва\n")
    assert "read as koi8-r, as the page declares" in made.remarks


def test_an_unknown_encoding_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="there is no encoding 'klingon'"):
        read_article(write(tmp_path / "a.txt", ENGLISH), "klingon")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "there is no text"),
        (b"\x7fELF\x02\x01\x01" + bytes(50), "binary file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "a picture"),
        (b"\x1f\x8b\x08" + bytes(20), "a gzip archive"),
        (b"{\\rtf1 hello}", "rich text"),
    ],
)
def test_what_is_no_article_is_refused(tmp_path: Path, data: bytes, message: str):
    with pytest.raises(InputError, match=message):
        read_article(write(tmp_path / "a.txt", data))


def test_archives_are_not_unpacked(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.txt", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bomb.txt", b"0" * 50_000_000)
    with pytest.raises(InputError, match="a zip archive"):
        read_article(tmp_path / "a.txt")


def test_files_over_the_limit_are_refused_with_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(limits.MAX_BYTES + 2**20)
    with pytest.raises(InputError, match=r"51 MiB.*at most 50 MiB"):
        read_article(tmp_path / "a.txt")
    monkeypatch.setattr(limits, "MAX_CHARS", 1_000)
    with pytest.raises(InputError, match=r"characters.*at most 1,000"):
        read_article(write(tmp_path / "b.txt", ENGLISH * 100))


def test_folders_and_missing_files_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="not a file"):
        read_article(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read_article(tmp_path / "none.txt")


def test_another_language_is_noticed_by_the_share_of_function_words(tmp_path: Path):
    text = (
        "Die Führer der beiden Staaten trafen sich in Moskau und sprachen über Waffen, Getreide und die Zukunft. " * 5
    )
    made = read_article(write(tmp_path / "a.txt", text))
    assert "does not seem to be English" in made.remarks[0]
    assert read_article(write(tmp_path / "b.txt", ENGLISH * 5)).remarks == ()


def test_invisible_characters_are_left_out_and_counted(tmp_path: Path):
    made = read_article(write(tmp_path / "a.txt", "Ar\u202eland\x1b[31m met\u200b Bor\x07land."))
    assert made.text == "Arland[31m met Borland.\n"
    assert made.remarks == ("4 control characters and invisible marks were left out",)


@given(st.text(max_size=300))
def test_a_plain_text_stays_as_it_is(text: str):
    once, _ = plain_text(text)
    assert plain_text(once) == (once, 0)
