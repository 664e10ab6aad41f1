"""Documents pass after other programs saved them, and what a word processor changes is found."""

import io
import re
import subprocess
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest

from forecast.report.blocks import Cited
from forecast.report.citation import Citation
from forecast.report.citations import html, markdown
from forecast.report.citations.docx import MAX_PART
from forecast.report.citations.docx import read as read_docx
from forecast.report.citations.listing import Listing, grouped, number_of, read_listing
from forecast.report.citations.pdf import read as read_pdf
from forecast.report.citations.reading import UnreadableError

from ..programs import found
from .conftest import Published

LIBREOFFICE = found("soffice")


def repacked(content: bytes, change: dict[str, bytes]) -> bytes:
    """A Word document with other parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name in dict.fromkeys([*packed.namelist(), *change]):
            out.writestr(name, change[name] if name in change else packed.read(name))
    return file.getvalue()


def body(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return packed.read("word/document.xml").decode()


def with_body(content: bytes, old: str, new: str) -> bytes:
    text = body(content)
    assert old in text
    return repacked(content, {"word/document.xml": text.replace(old, new, 1).encode()})


def saved_by_libreoffice(content: bytes, folder: Path) -> bytes:
    (folder / "in.docx").write_bytes(content)
    command = [str(LIBREOFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "docx", "--outdir", str(folder / "out"), str(folder / "in.docx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (folder / "out/in.docx").read_bytes()


def edited_with_python_docx(content: bytes, old: str, new: str) -> bytes:
    """Open, change the first run of a link that reads so, save: what a person does in a word processor."""
    document = docx.Document(io.BytesIO(content))
    links = [link for paragraph in document.paragraphs for link in paragraph.hyperlinks]
    run = next(run for link in links for run in link.runs if run.text == old)
    run.text = new
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_a_number_changed_in_a_word_document_is_found(published: Published) -> None:
    changed = edited_with_python_docx(published.documents[".docx"], "0.41", "0.14")
    found = published.check(changed, ".docx")
    assert [(row.shown, row.ledger) for row in found.citations if row.status == "edited"] == [("0.14", "0.41")]
    assert not found.ok


def test_a_word_document_saved_again_by_python_docx_stands(published: Published) -> None:
    file = io.BytesIO()
    docx.Document(io.BytesIO(published.documents[".docx"])).save(file)
    assert published.check(file.getvalue(), ".docx").ok


@pytest.mark.needs("soffice")
def test_a_word_document_saved_by_libreoffice_stands_and_a_changed_one_does_not(
    published: Published, tmp_path: Path
) -> None:
    """The changed one is saved by it, the one that stands is the same with the number changed back."""
    changed = edited_with_python_docx(published.documents[".docx"], "0.41", "0.14")
    saved = saved_by_libreoffice(changed, tmp_path)
    assert saved != changed
    found = published.check(saved, ".docx")
    assert [row.status for row in found.citations if row.status != "ok"] == ["edited"]
    assert published.check(edited_with_python_docx(saved, "0.14", "0.41"), ".docx").ok


def test_a_pdf_saved_again_by_another_program_stands(published: Published) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(published.documents[".pdf"]))
    writer.compress_identical_objects()
    file = io.BytesIO()
    writer.write(file)
    assert published.check(file.getvalue(), ".pdf").ok


def test_markdown_with_other_line_ends_and_folds_stands(published: Published) -> None:
    text = published.documents[".md"].decode()
    folded = text.replace(" (", "\n(", 2).replace("\n", "\r\n")
    assert published.check(folded.encode(), ".md").ok


def test_a_page_saved_by_a_browser_stands(published: Published) -> None:
    """Browsers write whole addresses and other quotes."""
    text = published.documents[".html"].decode()
    saved = re.sub(r'href="#(cited-\d+)"', r"href='file:///home/ann/page.html#\1'", text)
    assert saved != text
    assert published.check(saved.encode(), ".html").ok


RUN = "<w:r><w:rPr>{}</w:rPr><w:t>{}</w:t></w:r>"


@pytest.mark.parametrize(
    ("runs", "status"),
    [
        (RUN.format("", "0.4") + RUN.format("<w:b/>", "1"), "ok"),
        (RUN.format("<w:vanish/>", "0.41") + RUN.format("", "0.14"), "edited"),
        (RUN.format("", "0.41") + RUN.format("<w:vanish/>", "9"), "ok"),
        (RUN.format('<w:vanish w:val="0"/>', "0.41"), "ok"),
        (
            "<w:del><w:r><w:delText>0.41</w:delText></w:r></w:del><w:ins>" + RUN.format("", "0.14") + "</w:ins>",
            "edited",
        ),
        ("<w:ins>" + RUN.format("", "0.41") + "</w:ins>", "ok"),
        ("<w:r><w:t>0.41</w:t></w:r></w:hyperlink><w:r><w:t>9</w:t></w:r><w:hyperlink>", "edited"),
    ],
    ids=["cut in runs", "hidden below another", "hidden behind", "not hidden", "tracked", "inserted", "digit behind"],
)
def test_what_a_reader_of_a_word_document_sees_is_what_counts(published: Published, runs: str, status: str) -> None:
    content = published.documents[".docx"]
    link = re.search(r'(<w:hyperlink w:anchor="cited-2"[^>]*>)(.*?)(</w:hyperlink>)', body(content), re.DOTALL)
    assert link is not None
    changed = with_body(content, link[0], link[1] + runs + link[3])
    assert {row.n: row.status for row in published.check(changed, ".docx").citations}[2] == status


def test_a_link_that_is_a_field_is_a_mark_too(published: Published) -> None:
    """Word writes some links as fields."""
    content = published.documents[".docx"]
    link = re.search(r'<w:hyperlink w:anchor="cited-2"[^>]*>(.*?)</w:hyperlink>', body(content), re.DOTALL)
    assert link is not None
    char = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    instruction = '<w:r><w:instrText xml:space="preserve"> HYPERLINK \\l "cited-2" </w:instrText></w:r>'
    field = char.format("begin") + instruction + char.format("separate") + link[1] + char.format("end")
    assert published.check(with_body(content, link[0], field), ".docx").ok
    found = published.check(with_body(content, link[0], field.replace("0.41", "0.14")), ".docx")
    assert [row.status for row in found.citations if row.status != "ok"] == ["edited"]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (b'<!DOCTYPE d [<!ENTITY a "aaaa">]><w:document xmlns:w="urn:w">&a;</w:document>', "cannot be read"),
        (b"<w:document", "cannot be read"),
        (b" " * (MAX_PART + 1), "larger than"),
    ],
    ids=["entities", "cut", "bomb"],
)
def test_a_word_document_made_to_harm_its_reader_is_refused(published: Published, part: bytes, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        read_docx(repacked(published.documents[".docx"], {"word/document.xml": part}))


def test_a_word_document_nested_deeply_is_read(published: Published) -> None:
    deep = b'<d xmlns:w="urn:w">' + b"<a>" * 50_000 + b"<w:t>x</w:t>" + b"</a>" * 50_000 + b"</d>"
    assert read_docx(repacked(published.documents[".docx"], {"word/document.xml": deep})).marks == ()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"\0" * 100, b"PK\3\4" + b"\0" * 50])
def test_other_bytes_are_no_document(content: bytes) -> None:
    with pytest.raises(UnreadableError, match="no PDF"):
        read_pdf(content)
    with pytest.raises(UnreadableError, match="no Word document"):
        read_docx(content)


CITATION = Citation("fc-aaaaaaaaaa", "q:o", "number")


@pytest.mark.parametrize(
    ("page", "believed"),
    [
        ("<p>{}</p>", True),
        ("<p><strong>{}</strong></p>", True),
        ("<p hidden>{}</p>", False),
        ('<p style="color: red; display:none">{}</p>', False),
        ("<template>{}</template>", False),
        ("<!-- {} -->", False),
        ("<script>{}</script>", False),
    ],
)
def test_what_a_page_hides_is_not_believed(page: str, believed: bool) -> None:
    marks = html.read(page.format(html.mark(Cited("0.41", CITATION), 1))).marks
    assert [mark.text for mark in marks if not mark.doubts] == ["0.41"] * believed


#: A citation and a text in which every sign means something to some format.
HOSTILE = Citation("wk-aaaaaaaaaa", "/a`|\"'<>&é--]](b)*_/1", "+.2f")


@pytest.mark.parametrize("text", ["0.41", "<0.01", "(+0.01)", "a_b*c*`d`|[e](f)", "</a><script>", "&amp;"])
def test_marks_read_back_in_markdown_and_in_pages_whatever_they_hold(text: str) -> None:
    listing = Listing((HOSTILE, CITATION, HOSTILE), "log", "head")
    marks = [markdown.mark(Cited(text, citation), n) for n, citation in enumerate(listing.citations, start=1)]
    written = (
        f"| a | b |\n|--|--|\n| {marks[0]} | x |\n\nThe **{marks[1]}** and {marks[2]}.\n\n{markdown.listed(listing)}"
    )
    found = markdown.read(written)
    assert [(mark.n, mark.citation, mark.text) for mark in found.marks] == [
        (n, str(citation), text) for n, citation in enumerate(listing.citations, start=1)
    ]
    assert read_listing(found.listing or "") == (listing, True)
    page = "".join(f"<p>{html.mark(Cited(text, c), n)}</p>" for n, c in enumerate(listing.citations, start=1))
    of_page = html.read(page + html.data(listing))
    assert [(mark.n, mark.citation, mark.text) for mark in of_page.marks] == [
        (mark.n, mark.citation, mark.text) for mark in found.marks
    ]
    assert read_listing(of_page.listing or "") == (listing, True)


def test_a_list_names_each_citation_once_with_its_places() -> None:
    assert grouped([CITATION, HOSTILE, CITATION]) == [(CITATION, [1, 3]), (HOSTILE, [2])]
    assert [number_of(name) for name in ("#cited-3", "file:///x#cited-12", "cited-0", "#cited-", "#other")] == [
        3,
        12,
        None,
        None,
        None,
    ]
