"""Hostile documents: the time of `verify` is linear in their size, and what is too much is refused by its limit."""

import time
import zlib

import pytest

from forecast.report.citations import html, pdf
from forecast.report.citations.html_limits import MAX_ATTRIBUTES, MAX_OPEN
from forecast.report.citations.pdf_limits import MAX_LOOKS, MAX_PAGE_CHARS, MAX_UNPACKED, Budget
from forecast.report.citations.reading import UnreadableError

#: Seconds of computing for a hostile page of half a megabyte; it took minutes, and takes a tenth of this.
MOST_SECONDS = 5.0

HOSTILE = {
    "links never closed": ('<a href="#cited-1" class="cited">' * 15_000, f"more than {MAX_OPEN} elements are open"),
    "items in items": ('<li id="cited-1"><ul>' * 25_000, f"more than {MAX_OPEN} elements are open"),
    "formats opened again": ("<b><i>" * 200 + "<p>x" * 100_000, f"more than {MAX_OPEN} elements are open"),
    "attributes": ("<p " + " ".join(f'a{n}="x"' for n in range(80_000)) + ">x</p>", f"more than {MAX_ATTRIBUTES} attr"),
    "attributes without values": ("<p " + "a " * 250_000 + ">", f"more than {MAX_ATTRIBUTES} attributes"),
    "a tag that never ends": ('<p a="' + "x" * 500_000, ""),
    "comments never closed": ("<!-- " * 100_000, ""),
    "scripts never closed": ("<script>" * 60_000, ""),
    "paragraphs never closed": ("<p>x" * 120_000, ""),
    "end tags of nothing": ("</b></p>" * 60_000, ""),
    "signs": ("<" * 500_000, ""),
}


@pytest.mark.parametrize(("text", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_page_takes_no_longer_than_its_size(text: str, message: str) -> None:
    begun = time.process_time()
    if message:
        with pytest.raises(UnreadableError, match=message):
            html.read(text)
    else:
        html.read(text)
    assert time.process_time() - begun < MOST_SECONDS


def test_what_reports_have_is_within_the_limits() -> None:
    page = "<ul>" * 50 + "<li>x" + "</ul>" * 50
    assert html.read(f"<body>{page * 100}<script>{'<b>' * 1000}</script><p {'a=1 ' * 50}>x</body>").marks == ()


def test_what_a_list_says_is_the_text_of_the_item_that_a_place_is_in() -> None:
    text = '<ul><li><a id="cited-1">1</a> <a id="cited-2">2</a> fc-a/q:x number</li><li id="cited-3">3 other</li></ul>'
    assert html.read(text).printed == {1: "fc-a/q:x number", 2: "fc-a/q:x number", 3: "3 other: other"}


def made_pdf(content: bytes, annotations: bytes = b"") -> bytes:
    """A PDF of one page with a packed content stream."""
    packed = zlib.compress(content, 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> "
        b"/Annots [" + annotations + b"] >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    begin = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + table
    return out + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % begin


def test_a_small_pdf_that_unpacks_to_a_gigabyte_is_refused_before_it_is_unpacked() -> None:
    document = made_pdf(b" " * (MAX_UNPACKED + 2**20))
    assert len(document) < 2**20
    with pytest.raises(UnreadableError, match="its streams unpack to more than 64 MiB"):
        pdf.read(document)


def test_a_page_with_more_characters_than_any_report_is_refused() -> None:
    content = (
        b"BT /F 1 Tf 1 0 0 1 10 10 Tm "
        + b"("
        + b"a" * 1000
        + b") Tj " * 1
        + b"(aaaaaaaaaa) Tj " * (MAX_PAGE_CHARS // 10)
        + b"ET"
    )
    with pytest.raises(UnreadableError, match=r"a page has more than 100,000 characters"):
        pdf.read(made_pdf(content))


def test_a_page_with_more_notes_than_any_report_is_refused() -> None:
    note = b"<< /Type /Annot /Subtype /Link /Rect [0 0 600 800] /Contents (fc-a/q:x number 1) >> "
    with pytest.raises(UnreadableError, match=r"page 1 has more than 5,000 links and notes"):
        pdf.read(made_pdf(b"BT /F 9 Tf (a) Tj ET", note * 5_001))


def test_marks_and_characters_share_a_budget() -> None:
    budget = Budget()
    budget.take(10_000, 100)
    with pytest.raises(UnreadableError, match=f"more than {MAX_LOOKS:,} pairs of a cited number"):
        budget.take(100_000, 5_000)
    with pytest.raises(UnreadableError, match="more than 4,000,000 characters"):
        Budget().take(4_000_001, 0)
