"""Cited numbers in PDF: links into the list at the end, whose alternative text is the citation and its number.

Typst sets the page from what pandoc writes. It gives a link to a figure the figure's supplement and number as its
alternative text, so the entries of the list are figures of a kind of their own; whoever listens to the document hears
where the number comes from. The list for programs is an attached file.
"""

import ctypes
import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from forecast.coding.articles.pdf import MAX_PAGES
from forecast.report.citations.adjacent_text import is_seen
from forecast.report.citations.listing import ANCHOR, Listing
from forecast.report.citations.pdf_ink import Paper
from forecast.report.citations.pdf_limits import MAX_MARKS, MAX_PAGE_CHARS, Budget, check_streams
from forecast.report.citations.reading import BESIDE, Mark, Reading, UnreadableError

if TYPE_CHECKING:
    import pypdfium2

__all__ = ["FILE", "prepared", "read"]

#: Name of the attached list.
FILE = f"{ANCHOR}.json"


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

_PAINTED = (0, 1, 2)  # render modes of text: filled, stroked, both; all others paint nothing or only clip

#: Characters that are looked at beside a mark, for some have no width.
_FARTHEST = 60


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

    The text is what a reader can select under the rectangle of each mark; each of its characters must be painted, and
    nothing else beside it. What shape a font gives to a character is not known here.

    Raises
    ------
    UnreadableError
        If it is no PDF, needs a password, or has more pages, characters or marks than any report.
    """
    import pypdfium2

    check_streams(document)
    try:
        opened = pypdfium2.PdfDocument(document)
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(f"it is no PDF that can be opened ({error})") from error
    try:
        if len(opened) > MAX_PAGES:
            raise UnreadableError(f"it has more than {MAX_PAGES} pages")
        budget = Budget()
        pages = [_page(opened, at, budget) for at in range(len(opened))]
        listing = None
        for at in range(opened.count_attachments()):
            attached = opened.get_attachment(at)
            if attached.get_name() == FILE:
                listing = bytes(attached.get_data()).decode(errors="replace")
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(f"its pages cannot be read ({error})") from error
    finally:
        opened.close()
    parts = [part for marks, _ in pages for part in marks]
    marks = tuple(_joined(list(run)) for _, run in groupby(parts, lambda m: (m.n, m.citation)))
    return Reading(marks, listing, None, "\f".join(text for _, text in pages))


def _joined(parts: list[Mark]) -> Mark:
    """One mark of the rectangles of its lines."""
    first, last = parts[0], parts[-1]
    doubts = dict.fromkeys(doubt for part in parts for doubt in part.doubts)
    text = " ".join(part.text.strip() for part in parts)
    return Mark(first.n, first.citation, text, first.before, last.after, tuple(doubts))


def _page(document: "pypdfium2.PdfDocument", at: int, budget: Budget) -> tuple[list[Mark], str]:
    """The marks of a page and its text."""
    page = document[at]
    letters = _letters(page)
    n_notes = _n_annotations(page)
    if n_notes > MAX_MARKS:
        raise UnreadableError(f"page {at + 1} has more than {MAX_MARKS:,} links and notes")
    # a hyphen at the end of a line
    text = "".join(letter.char for letter in letters if letter.is_painted).replace("\ufffe", "-")
    found = list(_rectangles(page))
    budget.take(len(letters), len(found))
    paper = Paper(page) if found else None
    marks = [_mark(n, citation, rectangle, letters, paper) for n, citation, rectangle in found if paper is not None]
    page.close()
    return marks, text


def _n_annotations(page: Any) -> int:
    from pypdfium2 import raw

    return int(raw.FPDFPage_GetAnnotCount(page))


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


class _Letter(NamedTuple):
    """A character, its box in points, whether it is painted, and whether in a layer that can be switched off."""

    char: str
    left: float
    right: float
    bottom: float
    top: float
    is_painted: bool
    is_layered: bool

    @property
    def has_room(self) -> bool:
        """Spaces and line ends that PDFium puts in have no width."""
        return self.right > self.left


def _letters(page: Any) -> list[_Letter]:
    """Every character of a page in the order of the text."""
    from pypdfium2 import raw

    text = page.get_textpage()
    if text.count_chars() > MAX_PAGE_CHARS:
        raise UnreadableError(f"a page has more than {MAX_PAGE_CHARS:,} characters")
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    letters: list[_Letter] = []
    known: dict[int, tuple[bool, bool]] = {}
    for index in range(text.count_chars()):
        raw.FPDFText_GetCharBox(text, index, left, right, bottom, top)
        thing = raw.FPDFText_GetTextObject(text, index)
        address = ctypes.cast(thing, ctypes.c_void_p).value or 0
        if address not in known:
            known[address] = (
                not thing or raw.FPDFTextObj_GetTextRenderMode(thing) in _PAINTED,
                bool(thing) and any(_is_layer(thing, at) for at in range(raw.FPDFPageObj_CountMarks(thing))),
            )
        code = raw.FPDFText_GetUnicode(text, index)
        char = chr(code) if code and code < 0x110000 else "\ufffd"
        letters.append(_Letter(char, left.value, right.value, bottom.value, top.value, *known[address]))
    text.close()
    return letters


def _is_layer(thing: Any, at: int) -> bool:
    """Whether the n-th mark of a page object puts it into a layer, which programs show or do not."""
    from pypdfium2 import raw

    mark = raw.FPDFPageObj_GetMark(thing, at)
    name, size = ctypes.create_string_buffer(8), ctypes.c_ulong()
    buffer = ctypes.cast(name, ctypes.POINTER(ctypes.c_ushort))
    return bool(raw.FPDFPageObjMark_GetName(mark, buffer, 8, size)) and name.raw[:6] == "OC\0".encode("utf-16-le")


def _mark(n: int, citation: str, rectangle: Any, letters: list[_Letter], paper: Paper) -> Mark:
    inside = [
        index
        for index, letter in enumerate(letters)
        if letter.is_painted
        and letter.has_room
        and rectangle.left <= (letter.left + letter.right) / 2 <= rectangle.right
        and rectangle.bottom <= (letter.bottom + letter.top) / 2 <= rectangle.top
    ]
    if not inside:
        return Mark(n, citation, "")
    text = letters[inside[0]].char
    for last, index in pairwise(inside):
        # spaces that PDFium puts in stand between; other text between means that the rectangle covers two texts
        between = "".join(letters[other].char for other in range(last + 1, index))
        text += " " * bool(between) + letters[index].char
    before, after = _beside(letters, inside[0], -1)[::-1], _beside(letters, inside[-1], 1)
    return Mark(n, citation, text, before, after, tuple(_doubts([letters[index] for index in inside], letters, paper)))


def _doubts(inside: Sequence[_Letter], letters: Sequence[_Letter], paper: Paper) -> Iterator[str]:
    """Why what is painted may not be this text."""
    if any(letter.is_layered for letter in inside):
        yield "stands in a layer, which programs show or hide"
    if any(not letter.char.isspace() and not paper.has_ink(*letter[1:5]) for letter in inside):
        yield "is not painted so that it can be seen"
    bottom, top = min(letter.bottom for letter in inside), max(letter.top for letter in inside)
    room = TOUCH * (top - bottom)
    left, right = inside[0].left, inside[-1].right
    line = [
        one
        for one in letters
        if one.has_room and one.is_painted and not one.char.isspace() and one.bottom < top and one.top > bottom
    ]
    start = max([left - room, *(one.right for one in line if one.right <= left + 0.1)])
    end = min([right + room, *(one.left for one in line if one.left >= right - 0.1)])
    for begin, stop in ((start, left), (right, end)):
        if paper.has_ink(begin + _MARGIN, stop - _MARGIN, bottom, top):
            yield "has something painted beside it that is no text"


#: Points beside a character in which its own edge may be painted.
_MARGIN = 0.8


def _beside(letters: list[_Letter], start: int, step: int) -> str:
    """Characters that touch, one after the other, going left or right on the line."""
    text, last = "", letters[start]
    for index in range(start + step, start + step * (_FARTHEST + 1), step):
        if not 0 <= index < len(letters) or len(text) == BESIDE:
            break
        letter = letters[index]
        height = max(last.top - last.bottom, letter.top - letter.bottom)
        gap = letter.left - last.right if step > 0 else last.left - letter.right
        if letter.char in "\r\n" or not letter.is_painted:
            break
        if letter.has_room and (gap > TOUCH * height or letter.bottom > last.top or letter.top < last.bottom):
            break
        text += letter.char if is_seen(letter.char) else ""
        last = letter if letter.has_room else last
    return text
