"""A number of a PDF that is not painted where it is selected, or has something painted beside it, is never ok."""

import io
from collections.abc import Callable

import pypdf
import pytest
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject, NameObject, StreamObject, TextStringObject

from .conftest import Published
from .test_verify_mutations import cited_texts

#: What a page operator paints around one text, given its operations.
type Around = Callable[[bytes], bytes]


def changed(content: bytes, around: Around, *, layer: bool = False) -> bytes:
    """The document in which the operations that paint the last 0.41 stand within others."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    page = writer.pages[0]
    at = [at for at, *_ in cited_texts(page, {"0.41"})][-1]
    stream = ContentStream(page.get_contents(), writer)
    operators = [operator for _, operator in stream.operations]
    begin, end = len(operators[:at]) - operators[:at][::-1].index(b"BT") - 1, operators.index(b"ET", at) + 1

    def written(operations: list[object]) -> bytes:
        part = ContentStream(None, writer)
        part.operations = operations  # type: ignore[assignment]
        return bytes(part.get_data())

    before, text, after = (written(stream.operations[a:b]) for a, b in ((0, begin), (begin, end), (end, None)))  # type: ignore[misc]
    made = StreamObject()
    made.set_data(before + b"\n" + around(text) + b"\n" + after)
    page[NameObject("/Contents")] = writer._add_object(made)
    if layer:
        group = writer._add_object(
            DictionaryObject({NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject("x")})
        )
        shown = DictionaryObject({NameObject("/OFF"): ArrayObject([group]), NameObject("/Order"): ArrayObject([])})
        writer._root_object[NameObject("/OCProperties")] = DictionaryObject(
            {NameObject("/OCGs"): ArrayObject([group]), NameObject("/D"): shown}
        )
        page["/Resources"][NameObject("/Properties")] = DictionaryObject({NameObject("/oc1"): group})  # type: ignore[index]
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("around", "layer"),
    [
        (lambda text: text.replace(b"0 Tr", b"7 Tr"), False),
        (lambda text: text.replace(b"0 Tr", b"3 Tr"), False),
        (lambda text: b"q 0 0 1 1 re W n " + text + b" Q", False),
        (lambda text: b"1 1 1 rg " + text + b" 0 g", False),
        (lambda text: text + b" q 1 1 1 rg -1 1 30 -9 re f Q", False),
        (lambda text: b"/OC /oc1 BDC " + text + b" EMC", True),
        (lambda text: text + b" q -2.4 0 1 -7 re f Q", False),
        (lambda text: text + b" q -3 -3.5 2 1 re f Q", False),
    ],
    ids=[
        "clips only",
        "invisible",
        "empty clip",
        "white",
        "covered",
        "hidden layer",
        "a stroke like a 1",
        "like a minus",
    ],
)
def test_a_number_that_the_drawn_page_does_not_show_is_edited(
    published: Published, around: Around, layer: bool
) -> None:
    content = changed(published.documents[".pdf"], around, layer=layer)
    found = [row for row in published.check(content, ".pdf").citations if row.status != "ok"]
    assert [(row.status, row.ledger) for row in found] == [("edited", "0.41")]


def test_the_same_operations_written_again_stand(published: Published) -> None:
    assert published.check(changed(published.documents[".pdf"], lambda text: b"q " + text + b" Q"), ".pdf").ok
