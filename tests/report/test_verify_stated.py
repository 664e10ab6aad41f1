"""What readers are told of where numbers come from agrees with the list for programs and with the ledger."""

import io
import re
import zipfile

import pypdf
import pytest
from pypdf.generic import ContentStream

from forecast.report.citations.files import SUFFIXES

from .conftest import Published
from .test_verify_formats import repacked
from .test_verify_mutations import painted, writing


def altered(content: bytes, suffix: str, old: str, new: str) -> bytes:
    """The document with the last place where readers find a text changed; the list for programs stays."""
    if suffix == ".docx":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            text, programs = packed.read("word/document.xml").decode(), ""
    else:
        mark = "<!-- forecast-citations" if suffix == ".md" else "<script"
        text, _, rest = content.decode().rpartition(mark)
        programs = mark + rest
    before, found, after = text.rpartition(old)
    assert found
    changed = (before + new + after + programs).encode()
    return repacked(content, {"word/document.xml": changed}) if suffix == ".docx" else changed


@pytest.mark.parametrize("suffix", [".md", ".html", ".docx"])
def test_the_list_for_readers_is_that_for_programs(published: Published, suffix: str) -> None:
    content = published.documents[suffix]
    found = published.check(altered(content, suffix, "durable interval", "durable words"), suffix)
    assert not found.ok
    assert [fault.status for fault in found.faults] == ["tampered"]
    assert "the list for readers says" in found.faults[0].message


@pytest.mark.parametrize("suffix", [".md", ".html", ".docx"])
@pytest.mark.parametrize(
    ("pattern", "new"),
    [
        (r"record \d+", "record 99"),
        (r"As of \d{4}", "As of 1999"),
        (r"made \d{4}-\d\d-\d\dT", "made 1999-01-01T"),
        (r"model v2", "model v9"),
        (r", list [0-9a-f]{16}", ", list 0123456789abcdef"),
        (r"Log [0-9a-f]{16}, head", "Log 0123456789abcdef, head"),
    ],
)
def test_references_and_heads_are_those_of_the_ledger(
    published: Published, suffix: str, pattern: str, new: str
) -> None:
    plain = published.documents[".md"].decode().replace("\\", "")
    old = re.search(pattern, plain)
    assert old is not None
    found = published.check(altered(published.documents[suffix], suffix, old[0], new), suffix)
    assert "tampered" in {fault.status for fault in found.faults}


def test_the_list_for_readers_of_a_pdf_is_that_for_programs(published: Published) -> None:
    """A digit of its last entry that has one is changed into another."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(published.documents[".pdf"]))
    for page in reversed(writer.pages):
        stream = ContentStream(page.get_contents(), writer)
        for at, place, chars, codes in reversed(list(painted(page, stream))):
            text = "".join(chars.get(code, "") for code in codes)
            if re.search(r"[:#]\S*\d|\d\S*[:#]", text):
                index = max(n for n, code in enumerate(codes) if chars.get(code, "").isdigit())
                new = next(code for code, char in chars.items() if char.isdigit() and code != codes[index])
                writing(at, place, b"".join([*codes[:index], new, *codes[index + 1 :]]))(page)
                file = io.BytesIO()
                writer.write(file)
                found = published.check(file.getvalue(), ".pdf")
                assert [fault.status for fault in found.faults] == ["tampered"]
                return
    pytest.fail("no entry of the list was found")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_was_written_agrees(published: Published, suffix: str) -> None:
    assert published.check(published.documents[suffix], suffix).faults == ()
