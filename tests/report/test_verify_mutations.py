"""Every change of a cited number is found: single digits, marks deleted, moved and swapped, in every format.

In PDF the glyphs of the page's content stream are changed, and annotations are taken out or exchanged.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pypdf
import pytest
from pypdf.generic import ArrayObject, ByteStringObject, ContentStream, FloatObject, NameObject

from forecast.report.citations.files import SUFFIXES, read_content

from .conftest import Published

pytestmark = pytest.mark.sweep

#: A changed document, and what was done to it.
type Mutation = tuple[str, bytes]

#: How a mark is written, with its text as the second group.
MARKS = {
    ".md": re.compile(r'(\[)((?:\\.|[^\]\\])*)(\]\(#cited-(\d+) "[^"]*"\))'),
    ".html": re.compile(r'(<a class="cited" href="#cited-\d+" data-citation="[^"]*">)([^<]*)(</a>)'),
    ".docx": re.compile(r'(<w:hyperlink w:anchor="cited-\d+".*?<w:t[^>]*>)([^<]*)(</w:t>.*?</w:hyperlink>)', re.DOTALL),
}


def other(digit: str) -> str:
    return str((int(digit) + 7) % 10)


def of_text(text: str, mark: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Mutations of a document that is one text."""
    marks = list(mark.finditer(text))

    def put(*changes: tuple[int, int, str]) -> str:
        changed = text
        for start, end, new in sorted(changes, reverse=True):
            changed = changed[:start] + new + changed[end:]
        return changed

    for n, one in enumerate(marks, start=1):
        start = one.start(2)
        for at, char in enumerate(one[2]):
            if char.isdigit():
                yield f"digit {at} of mark {n}", put((start + at, start + at + 1, other(char)))
        yield f"mark {n} deleted, its text left", put((*one.span(), one[2]))
        yield f"mark {n} and its text deleted", put((*one.span(), ""))
    for n, (one, two) in enumerate(pairwise(marks), start=1):
        yield f"marks {n} and {n + 1} swapped", put((*one.span(), two[0]), (*two.span(), one[0]))
        if one[2] != two[2]:
            yield f"texts of {n} and {n + 1} swapped", put((*one.span(2), two[2]), (*two.span(2), one[2]))
    for n, one in enumerate(marks[:-1], start=1):
        yield f"mark {n} moved to the end", put((*one.span(), ""), (marks[-1].end(), marks[-1].end(), f" {one[0]}"))


def of_markdown(content: bytes) -> Iterator[Mutation]:
    for what, text in of_text(content.decode(), MARKS[".md"]):
        yield what, text.encode()


def of_html(content: bytes) -> Iterator[Mutation]:
    for what, text in of_text(content.decode(), MARKS[".html"]):
        yield what, text.encode()


def of_docx(content: bytes) -> Iterator[Mutation]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    for what, text in of_text(parts["word/document.xml"].decode(), MARKS[".docx"]):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as changed:
            for name, part in parts.items():
                changed.writestr(name, text.encode() if name == "word/document.xml" else part)
        yield what, file.getvalue()


#: Bytes of a code in the fonts that typst writes.
CODE = 2


def characters(page: pypdf.PageObject, font: str) -> dict[bytes, str]:
    """The characters of a font by code, from its ToUnicode map, which has one code to a line."""
    fonts = page["/Resources"]["/Font"]  # type: ignore[index]
    text = fonts[font]["/ToUnicode"].get_data().decode("latin-1")
    return {
        bytes.fromhex(code): bytes.fromhex(char).decode("utf-16-be")
        for code, char in re.findall(r"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>\s*\n", text)
    }


def codes_of(text: Any) -> list[bytes]:
    raw = text if isinstance(text, bytes) else text.original_bytes
    return [raw[at : at + CODE] for at in range(0, len(raw), CODE)]


def painted(page: pypdf.PageObject, stream: ContentStream) -> Iterator[tuple[int, int, dict[bytes, str], list[bytes]]]:
    """Of every text that is painted: operation, place in its operand, the font's characters, and the codes."""
    font = ""
    for at, (operands, operator) in enumerate(stream.operations):
        if operator == b"Tf":
            font = operands[0]
        elif operator == b"TJ":
            for place, part in enumerate(operands[0]):
                if isinstance(part, str | bytes):
                    yield at, place, characters(page, font), codes_of(part)
        elif operator == b"Tj":
            yield at, -1, characters(page, font), codes_of(operands[0])


def of_pdf(content: bytes) -> Iterator[Mutation]:
    """Digits of the texts that the marks cover, as glyphs; annotations taken out, exchanged and moved."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    texts = [mark.text.replace("−", "-") for mark in read_content(content, ".pdf").marks]
    numbers = {text for text in texts if re.fullmatch(r"[-+.\d]+", text)}

    def changed(page: int, change: Callable[[pypdf.PageObject], None]) -> bytes:
        writer = pypdf.PdfWriter(clone_from=reader)
        change(writer.pages[page])
        file = io.BytesIO()
        writer.write(file)
        return file.getvalue()

    for number, page in enumerate(reader.pages):
        marks = [a.get_object() for a in page.get("/Annots", ()) if "fc-" in a["/Contents"] or "wk-" in a["/Contents"]]
        if not marks:
            continue
        for at, place, chars, codes in cited_texts(page, numbers):
            digits = [code for code, char in chars.items() if char.isdigit()]
            for index, code in enumerate(codes):
                if chars.get(code, "").isdigit():
                    new = b"".join([*codes[:index], next(d for d in digits if d != code), *codes[index + 1 :]])
                    yield f"glyph {index} of text {at} on page {number + 1}", changed(number, writing(at, place, new))
        for index in range(len(marks)):
            yield f"mark {index} taken out", changed(number, lambda page, i=index: page["/Annots"].pop(i))  # type: ignore[misc]
        for index in range(len(marks) - 1):
            yield f"places of marks {index} exchanged", changed(number, exchange(index, "/Rect"))
            yield f"citations of marks {index} exchanged", changed(number, exchange(index, "/Contents"))


def cited_texts(page: pypdf.PageObject, numbers: set[str]) -> Iterator[tuple[int, int, dict[bytes, str], list[bytes]]]:
    """The painted texts that are such numbers: typst paints each by itself, in a box of its own."""
    for at, place, chars, codes in painted(page, ContentStream(page.get_contents(), page.pdf)):
        if "".join(chars.get(code, "") for code in codes).replace("−", "-") in numbers:
            yield at, place, chars, codes


def writing(at: int, place: int, codes: bytes) -> Callable[[pypdf.PageObject], None]:
    """Paint other codes."""

    def change(page: pypdf.PageObject) -> None:
        stream = ContentStream(page.get_contents(), page.pdf)
        operands, operator = stream.operations[at]
        new = ByteStringObject(codes)
        operands = [new] if place < 0 else [ArrayObject([*operands[0][:place], new, *operands[0][place + 1 :]])]
        operations = list(stream.operations)
        operations[at] = (operands, operator)
        stream.operations = operations
        page.replace_contents(stream)

    return change


def exchange(index: int, key: str) -> Callable[[pypdf.PageObject], None]:
    def change(page: pypdf.PageObject) -> None:
        one, two = (page["/Annots"][at].get_object() for at in (index, index + 1))  # type: ignore[index]
        one[NameObject(key)], two[NameObject(key)] = two[key], one[key]

    return change


MUTATIONS: dict[str, Callable[[bytes], Iterator[Mutation]]] = {
    ".md": of_markdown,
    ".html": of_html,
    ".docx": of_docx,
    ".pdf": of_pdf,
}

#: Mutations of each format that there are at least, so that none is lost unseen: more than 200 together.
AT_LEAST = {".md": 90, ".html": 90, ".docx": 90, ".pdf": 60}


#: Of one mutation: what was done, its hash, whether the document passes, and the status of every citation.
type Tried = tuple[str, str, bool, list[str]]


@pytest.fixture(scope="module")
def tried(published: Published) -> Callable[[str], list[Tried]]:
    """All mutations of a format, each verified once."""

    def trial(content: bytes, suffix: str, what: str) -> Tried:
        found = published.check(content, suffix)
        return what, sha256(content).hexdigest(), found.ok, [row.status for row in found.citations]

    @cache
    def of_format(suffix: str) -> list[Tried]:
        return [trial(changed, suffix, what) for what, changed in MUTATIONS[suffix](published.documents[suffix])]

    return of_format


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_change_of_a_cited_number_is_found(
    published: Published, tried: Callable[[str], list[Tried]], suffix: str
) -> None:
    """Besides: each mutation changes the document, and the document itself stands."""
    content = published.documents[suffix]
    assert published.check(content, suffix).ok
    mutations = tried(suffix)
    assert len(mutations) >= AT_LEAST[suffix]
    assert len({digest for _, digest, _, _ in mutations} | {sha256(content).hexdigest()}) == len(mutations) + 1
    missed = [what for what, _, ok, _ in mutations if ok]
    assert missed == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_changed_digit_is_called_edited_and_no_other_number_is_blamed(
    tried: Callable[[str], list[Tried]], suffix: str
) -> None:
    digits = [(what, statuses) for what, _, _, statuses in tried(suffix) if what.startswith(("digit", "glyph"))]
    assert len(digits) >= 30
    for what, statuses in digits:
        assert sorted(statuses) == ["edited"] + ["ok"] * (len(statuses) - 1), what


def test_a_text_painted_over_a_number_in_pdf_is_found(published: Published) -> None:
    """What an editor of PDF does: a new text in the place of the old one, which stays below."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(published.documents[".pdf"]))
    page = writer.pages[0]
    link = next(a.get_object() for a in page["/Annots"] if a["/Contents"].endswith(" 2"))  # type: ignore[union-attr]
    left, bottom = (float(value) for value in link["/Rect"][:2])
    font = next(iter(page["/Resources"]["/Font"]))  # type: ignore[index]
    stream = ContentStream(page.get_contents(), writer)
    point = [FloatObject(1), *[FloatObject(v) for v in (0, 0, 1, left + 2, bottom + 3)]]
    stream.operations = [
        *stream.operations,
        ([], b"BT"),
        ([NameObject(font), FloatObject(9)], b"Tf"),
        (point, b"Tm"),
        ([ByteStringObject(b"\0\1\0\2")], b"Tj"),
        ([], b"ET"),
    ]
    page.replace_contents(stream)
    file = io.BytesIO()
    writer.write(file)
    statuses = {row.n: row.status for row in published.check(file.getvalue(), ".pdf").citations}
    assert statuses.pop(2) == "edited"
    assert set(statuses.values()) == {"ok"}
