"""Every change of a cited number is found: single digits, marks deleted, moved and swapped, in every format.

In PDF the glyphs of the page's content stream are changed, and annotations are taken out or exchanged.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise

import pypdf
import pytest
from pypdf.generic import ArrayObject, ContentStream, NameObject, TextStringObject

from forecast.report.marks.files import SUFFIXES

from .conftest import Published

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


def glyphs(page: pypdf.PageObject, font: str) -> dict[str, str]:
    """The characters of a font by code, from its ToUnicode map; typst writes one code to a line."""
    fonts = page["/Resources"]["/Font"]  # type: ignore[index]
    text = fonts[font]["/ToUnicode"].get_data().decode("latin-1")
    return {
        bytes.fromhex(code).decode("latin-1"): bytes.fromhex(char).decode("utf-16-be")
        for code, char in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*\n", text)
    }


def shown_texts(page: pypdf.PageObject, stream: ContentStream) -> Iterator[tuple[int, int, dict[str, str], str]]:
    """Operation and operand of every text that is painted, its font's characters, and the text in its codes."""
    font = ""
    for at, (operands, operator) in enumerate(stream.operations):
        if operator == b"Tf":
            font = operands[0]
        elif operator == b"TJ":
            for place, part in enumerate(operands[0]):
                if isinstance(part, str):
                    yield at, place, glyphs(page, font), part
        elif operator == b"Tj":
            yield at, -1, glyphs(page, font), operands[0]


def of_pdf(content: bytes) -> Iterator[Mutation]:
    """Digits of the texts that the marks cover, as glyphs; annotations taken out, exchanged and moved."""
    reader = pypdf.PdfReader(io.BytesIO(content))

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
        for at, place, code_to_char in cited_texts(page):
            stream = ContentStream(page.get_contents(), reader)
            codes = part_of(stream, at, place)
            digits = {char: code for code, char in code_to_char.items() if char.isdigit()}
            for index, code in enumerate(codes):
                new = next((digits[d] for d in "1407" if d in digits and digits[d] != code), None)
                if code_to_char.get(code, "").isdigit() and new is not None:
                    yield (
                        f"glyph {index} of text {at} on page {number + 1}",
                        changed(number, writing(at, place, codes[:index] + new + codes[index + 1 :])),
                    )
        for index in range(len(marks)):
            yield f"mark {index} taken out", changed(number, lambda page, i=index: page["/Annots"].pop(i))  # type: ignore[misc]
        for index in range(len(marks) - 1):
            yield f"places of marks {index} exchanged", changed(number, exchange(index, "/Rect"))
            yield f"citations of marks {index} exchanged", changed(number, exchange(index, "/Contents"))


def cited_texts(page: pypdf.PageObject) -> Iterator[tuple[int, int, dict[str, str]]]:
    """The painted texts that stand in marks: each is painted by itself, for typst sets it in a box of its own."""
    wanted = iter(CITED)
    text = next(wanted)
    for at, place, code_to_char, codes in shown_texts(page, ContentStream(page.get_contents(), page.pdf)):
        if "".join(code_to_char.get(code, "") for code in codes).replace("−", "-") == text:
            yield at, place, code_to_char
            text = next(wanted, "")


#: Texts of marks with digits that are painted in one piece, in the order of reading.
CITED = ("0.41", "0.21-0.71", "+0.04", "0.24", "0.117", "-0.45", "0.4567", "1.2", "38", "0.41", "0.24")


def part_of(stream: ContentStream, at: int, place: int) -> str:
    operands, _ = stream.operations[at]
    return str(operands[0] if place < 0 else operands[0][place])


def writing(at: int, place: int, codes: str) -> Callable[[pypdf.PageObject], None]:
    """Paint other codes."""

    def change(page: pypdf.PageObject) -> None:
        stream = ContentStream(page.get_contents(), page.pdf)
        operands, operator = stream.operations[at]
        new = type(operands[0] if place < 0 else operands[0][place])(codes)
        if place < 0:
            operands = [new]
        else:
            operands = [ArrayObject([*operands[0][:place], new, *operands[0][place + 1 :]])]
        operations = list(stream.operations)
        operations[at] = (operands, operator)
        stream.operations = operations
        page[NameObject("/Contents")] = stream

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


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_change_of_a_cited_number_is_found(published: Published, suffix: str) -> None:
    """Besides: each mutation changes the document, and the document itself stands."""
    content = published.documents[suffix]
    assert published.check(content, suffix).ok
    mutations = list(MUTATIONS[suffix](content))
    assert len(mutations) >= AT_LEAST[suffix]
    assert len({changed for _, changed in mutations} | {content}) == len(mutations) + 1
    missed = [what for what, changed in mutations if published.check(changed, suffix).ok]
    assert missed == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_changed_digit_is_called_edited_and_no_other_number_is_blamed(published: Published, suffix: str) -> None:
    """Of the first 30 digits each."""
    digits = [m for m in MUTATIONS[suffix](published.documents[suffix]) if m[0].startswith(("digit", "glyph"))][:30]
    for what, changed in digits:
        statuses = [row.status for row in published.check(changed, suffix).citations]
        assert sorted(statuses) == ["edited"] + ["ok"] * (len(statuses) - 1), what


def test_a_text_painted_over_a_number_in_pdf_is_found(published: Published) -> None:
    """What an editor of PDF does: a new text in the place of the old one, which stays below."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(published.documents[".pdf"]))
    page = writer.pages[0]
    link = next(a.get_object() for a in page["/Annots"] if a["/Contents"].endswith(" 2"))  # type: ignore[union-attr]
    left, bottom = (float(value) for value in link["/Rect"][:2])
    font = next(iter(page["/Resources"]["/Font"]))  # type: ignore[index]
    stream = ContentStream(page.get_contents(), writer)
    point = [pypdf.generic.FloatObject(1), *[pypdf.generic.FloatObject(v) for v in (0, 0, 1, left + 2, bottom + 3)]]
    stream.operations = [
        *stream.operations,
        ([], b"BT"),
        ([NameObject(font), pypdf.generic.FloatObject(9)], b"Tf"),
        (point, b"Tm"),
        ([TextStringObject("\x01\x02")], b"Tj"),
        ([], b"ET"),
    ]
    page[NameObject("/Contents")] = stream
    file = io.BytesIO()
    writer.write(file)
    assert not published.check(file.getvalue(), ".pdf").ok
