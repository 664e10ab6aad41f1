"""Cited numbers in PDF: links into the list at the end, whose alternative text is the citation and its number.

Typst sets the page from what pandoc writes. It gives a link to a figure the figure's supplement and number as its
alternative text, so the entries of the list are figures of a kind of their own; whoever listens to the document hears
where the number comes from. The list for programs is an attached file.
"""

import ctypes
import re
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from forecast.report.marks.listing import ANCHOR, Listing
from forecast.report.marks.reading import BESIDE, Mark, Reading, UnreadableError

if TYPE_CHECKING:
    import pypdfium2

__all__ = ["FILE", "prepared", "read"]

#: Name of the attached list.
FILE = f"{ANCHOR}.json"

#: More pages than any report has.
MAX_PAGES = 5000

_ENTRY = re.compile(r"(?<!\d)(\d+)<cited-\1>")
_CONTENTS = re.compile(r"((?:fc|wk)-\S+ \S+(?: latest)?) ([1-9][0-9]{0,6})")

#: The entries of the list, and cited numbers that do not break over lines.
_PRELUDE = """\
#let cited-entry(n, citation) = box[#figure(
  kind: "cited", supplement: citation, alt: citation, numbering: _ => str(n), outlined: false, gap: 0pt, str(n),
) #label("cited-" + str(n))]
#show figure.where(kind: "cited"): it => it.body
#show link: it => if type(it.dest) == label and str(it.dest).starts-with("cited-") { box(it) } else { it }
"""

#: Distance of two characters of one word, in heights of a character.
TOUCH = 0.35

_INVISIBLE = 3  # the render mode of text that is not painted


def prepared(source: str, listing: Listing) -> str:
    """Typst source that pandoc wrote from marked Markdown, with what makes marks and list of it in the PDF.

    Raises
    ------
    ValueError
        If the entries of the list are not all there.
    """
    found: set[int] = set()

    def entry(match: re.Match[str]) -> str:
        n = int(match[1])
        if n > len(listing.citations):
            return match[0]
        found.add(n)
        return f"#cited-entry({n}, {_string(str(listing.citations[n - 1]))})"

    body = _ENTRY.sub(entry, source)
    if found != set(range(1, len(listing.citations) + 1)):
        raise ValueError("the document lacks entries of its list of citations")
    told = 'mime-type: "application/json", relationship: "data", description: "Numbers cited"'
    return f"{_PRELUDE}#pdf.attach({_string(FILE)}, bytes({_string(listing.text())}), {told})\n{body}"


def _string(text: str) -> str:
    """A string of Typst; what no text has is left out."""
    return '"' + "".join(_character(char) for char in text) + '"'


def _character(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else f"\\u{{{ord(char):x}}}"


def read(document: bytes) -> Reading:
    """The marks and the list of a PDF, whatever program saved it last.

    The text is what a reader can select under the rectangle of each mark; what was painted over it is not known here.

    Raises
    ------
    UnreadableError
        If it is no PDF, needs a password or has more pages than any report.
    """
    import pypdfium2

    try:
        opened = pypdfium2.PdfDocument(document)
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(f"it is no PDF that can be opened ({error})") from error
    try:
        if len(opened) > MAX_PAGES:
            raise UnreadableError(f"it has more than {MAX_PAGES} pages")
        parts = [part for at in range(len(opened)) for part in _marks(opened, at)]
        listing = None
        for at in range(opened.count_attachments()):
            attached = opened.get_attachment(at)
            if attached.get_name() == FILE:
                listing = bytes(attached.get_data()).decode(errors="replace")
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(f"its pages cannot be read ({error})") from error
    finally:
        opened.close()
    return Reading(tuple(_joined(list(run)) for _, run in groupby(parts, lambda m: (m.n, m.citation))), listing)


def _joined(parts: list[Mark]) -> Mark:
    """One mark of the rectangles of its lines."""
    first, last = parts[0], parts[-1]
    return Mark(first.n, first.citation, " ".join(part.text.strip() for part in parts), first.before, last.after)


def _marks(document: "pypdfium2.PdfDocument", at: int) -> Iterator[Mark]:
    page = document[at]
    found = list(_rectangles(page))
    if found:
        letters = _letters(page)
        for n, citation, rectangle in found:
            yield _mark(n, citation, rectangle, letters)
    page.close()


def _rectangles(page: Any) -> Iterator[tuple[int, str, Any]]:
    """Number, citation and rectangle of the links into the list, in the order of the page."""
    from pypdfium2 import raw

    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        try:
            if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_LINK:
                match = _CONTENTS.fullmatch(_contents(annotation))
                rectangle = raw.FS_RECTF()
                if match and raw.FPDFAnnot_GetRect(annotation, ctypes.byref(rectangle)):
                    yield int(match[2]), match[1], rectangle
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _contents(annotation: Any) -> str:
    from pypdfium2 import raw

    size = raw.FPDFAnnot_GetStringValue(annotation, b"Contents", None, 0)
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(annotation, b"Contents", ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw.decode("utf-16-le", errors="replace").rstrip("\0")


#: A character, whether it is painted, and its box: left, right, bottom, top.
type _Letter = tuple[str, bool, float, float, float, float]


def _letters(page: Any) -> list[_Letter]:
    """Every character of a page in the order of the text; spaces and line ends that PDFium puts in have no width."""
    from pypdfium2 import raw

    text = page.get_textpage()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    letters: list[_Letter] = []
    for index in range(text.count_chars()):
        raw.FPDFText_GetCharBox(text, index, left, right, bottom, top)
        thing = raw.FPDFText_GetTextObject(text, index)
        painted = not thing or raw.FPDFTextObj_GetTextRenderMode(thing) != _INVISIBLE
        code = raw.FPDFText_GetUnicode(text, index)
        char = chr(code) if code and code < 0x110000 else "\ufffd"
        letters.append((char, painted, left.value, right.value, bottom.value, top.value))
    text.close()
    return letters


def _mark(n: int, citation: str, rectangle: Any, letters: list[_Letter]) -> Mark:
    inside = [
        index
        for index, (_, painted, left, right, bottom, top) in enumerate(letters)
        if painted
        and right > left
        and rectangle.left <= (left + right) / 2 <= rectangle.right
        and rectangle.bottom <= (bottom + top) / 2 <= rectangle.top
    ]
    if not inside:
        return Mark(n, citation, "")
    text = letters[inside[0]][0]
    for last, index in pairwise(inside):
        # spaces that PDFium puts in stand between; other text between means that the rectangle covers two texts
        between = "".join(letters[other][0] for other in range(last + 1, index))
        text += " " * bool(between) + letters[index][0]
    return Mark(n, citation, text, _beside(letters, inside[0], -1)[::-1], _beside(letters, inside[-1], 1))


def _beside(letters: list[_Letter], start: int, step: int) -> str:
    """Characters that touch, one after the other, going left or right on the line."""
    text, last = "", letters[start]
    for index in range(start + step, start + step * (BESIDE + 1), step):
        if not 0 <= index < len(letters):
            break
        letter = letters[index]
        char, painted, left, right, bottom, top = letter
        height = max(last[5] - last[4], top - bottom)
        gap = left - last[3] if step > 0 else last[2] - right
        if char in "\r\n" or not painted:
            break
        if right > left and (gap > TOUCH * height or bottom > last[5] or top < last[4]):
            break
        text += char
        last = letter if right > left else last
    return text
