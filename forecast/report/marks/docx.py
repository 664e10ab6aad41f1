"""Cited numbers in Word documents: links into the list at the end, with the citation as their screen tip.

Pandoc makes the document from the Markdown; `embedded` puts in what pandoc leaves out: the screen tips, and the list
for programs as properties of the document. Word and LibreOffice keep these when they save; a part of its own, as XML,
only Word keeps.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from forecast.report.marks.listing import ANCHOR, Listing, number_of
from forecast.report.marks.reading import Piece, Reading, UnreadableError, gathered

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["embedded", "read"]

#: Largest part that is read, unpacked, and most parts looked at: a small file can unpack to any size.
MAX_PART, MAX_PARTS = 64 * 1024 * 1024, 2000

#: Characters of one property; word processors take longer ones for damaged.
PROPERTY = 240

#: Zip entries need a date, and one document is the same bytes at any time.
_DATE = (1980, 1, 1, 0, 0, 0)

_BODY = "word/document.xml"
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")
_PROPERTIES = "docProps/custom.xml"
_PROPERTY = re.compile(rf"{ANCHOR}-(\d+)")
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # says that a property is one of the user's
_LINK = re.compile(r'<w:hyperlink w:anchor="(cited-\d+)"')
_FIELD = re.compile(r'HYPERLINK\s+.*?\\l\s+"([^"]*)"(?:.*?\\o\s+"([^"]*)")?')
#: What a reader does not see, and of two versions of a drawing the one for old programs.
_UNSEEN = frozenset(("del", "moveFrom", "delText", "Fallback", "instrText", "pPr", "sectPr", "tblPr", "rPr"))
_SPACES = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-", "ptab": " "}


def embedded(document: bytes, listing: Listing) -> bytes:
    """A document that pandoc made from marked Markdown, with the citations put into it; the same for the same input."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(document)) as packed:
        for info in packed.infolist():
            parts[info.filename] = packed.read(info)
    for name in (_BODY, *_NOTES):
        if name in parts:
            parts[name] = _LINK.sub(lambda match: _tipped(match, listing), parts[name].decode()).encode()
    # pandoc writes this part always, empty or not
    properties = (
        parts[_PROPERTIES].decode().replace("/>", "></Properties>")
        if b"</" not in parts[_PROPERTIES]
        else (parts[_PROPERTIES].decode())
    )
    parts[_PROPERTIES] = properties.replace("</Properties>", "".join(_properties(listing)) + "</Properties>").encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _properties(listing: Listing) -> Iterator[str]:
    text = listing.text()
    for number, start in enumerate(range(0, len(text), PROPERTY)):
        yield (
            f'<property fmtid="{_FORMAT}" pid="{number + 2}" name="{ANCHOR}-{number + 1}">'
            f"<vt:lpwstr>{escape(text[start : start + PROPERTY])}</vt:lpwstr></property>"
        )


def _tipped(match: re.Match[str], listing: Listing) -> str:
    n = number_of(match[1]) or 0
    return (
        f'{match[0]} w:tooltip="{escape(str(listing.citations[n - 1]))}"' if n <= len(listing.citations) else match[0]
    )


def read(document: bytes) -> Reading:
    """The marks and the list of a Word document, whatever program saved it last.

    Text that was deleted with changes tracked, or is hidden, is not seen.

    Raises
    ------
    UnreadableError
        If it is no such document, or its parts are larger than any report.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as packed:
            if len(packed.infolist()) > MAX_PARTS:
                raise UnreadableError("it has too many parts")
            names = set(packed.namelist())
            if _BODY not in names:
                raise UnreadableError("it holds no Word document")
            pieces = []
            for name in (_BODY, *_NOTES):
                if name in names:
                    pieces += list(_Text().of(_parsed(packed, name)))
            listing = _listing(_parsed(packed, _PROPERTIES)) if _PROPERTIES in names else None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableError(f"it is no Word document ({error})") from error
    return Reading(gathered(pieces), listing)


def _listing(properties: "Element") -> str | None:
    """The list out of the properties, None where there is none."""
    found = {}
    for element in properties:
        match = _PROPERTY.fullmatch(element.get("name", ""))
        if match:
            found[int(match[1])] = "".join(element.itertext())
    return "".join(text for _, text in sorted(found.items())) or None


def _parsed(packed: zipfile.ZipFile, name: str) -> "Element":
    """The root of a part; without entities and other documents, which could harm whoever reads it."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    with packed.open(name) as part:
        content = part.read(MAX_PART + 1)
    if len(content) > MAX_PART:
        raise UnreadableError(f"its part {name} is larger than {MAX_PART // 1024**2} MiB")
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableError(f"its part {name} cannot be read ({error})") from error
    return root


class _Text:
    """Walks a part: its visible text in pieces, with the mark each stands in.

    A link is an element around runs, or a field between characters that begin, separate and end it.
    """

    def __init__(self) -> None:
        self.mark: tuple[int, str | None] = (0, None)
        self.fields: list[tuple[str, tuple[int, str | None]]] = []  # instruction, and the mark around the field

    def of(self, element: "Element") -> Iterator[Piece]:
        """The text of an element and all in it; without recursion, for documents nest as deep as they like."""
        stack: list[tuple[Element | str, tuple[int, str | None] | None]] = [(element, None)]
        while stack:
            entry, outer = stack.pop()
            if isinstance(entry, str):
                # the end of an element: of a block its line feed, of a link the mark around it
                if outer is not None:
                    self.mark = outer
                if entry:
                    yield Piece(entry)
                continue
            name = _local(entry.tag)
            if name in _UNSEEN and name != "instrText":
                continue
            if name == "r" and _is_hidden(entry):
                continue
            if name == "t":
                yield Piece(entry.text or "", *self.mark)
            elif name in _SPACES:
                yield Piece(_SPACES[name], *self.mark)
            elif name in ("fldChar", "instrText"):
                self._field(name, entry)
                yield Piece("", *self.mark)
            elif name in ("hyperlink", "fldSimple"):
                stack.append(("", self.mark))
                self.mark = self._linked(name, entry)
                yield Piece("", *self.mark)
            elif name in ("p", "tc"):
                stack.append(("\n", None))
            stack += [(child, None) for child in reversed(entry)]

    def _linked(self, name: str, element: "Element") -> tuple[int, str | None]:
        told = {_local(key): value for key, value in element.attrib.items()}
        if name == "fldSimple":
            return _of_field(told.get("instr", ""), self.mark)
        n = number_of(told.get("anchor", ""))
        # LibreOffice writes the screen tip back as the name of a frame
        return (n, told.get("tooltip") or told.get("tgtFrame") or None) if n else self.mark

    def _field(self, name: str, element: "Element") -> None:
        if name == "instrText":
            if self.fields:
                instruction, outer = self.fields[-1]
                self.fields[-1] = (instruction + (element.text or ""), outer)
            return
        kind = next((value for key, value in element.attrib.items() if _local(key) == "fldCharType"), "")
        if kind == "begin":
            self.fields.append(("", self.mark))
        elif kind == "separate" and self.fields:
            self.mark = _of_field(*self.fields[-1])
        elif kind == "end" and self.fields:
            self.mark = self.fields.pop()[1]


def _of_field(instruction: str, outer: tuple[int, str | None]) -> tuple[int, str | None]:
    """The mark that a field's instruction makes; the one around it if it is no link into the list."""
    match = _FIELD.search(instruction)
    n = number_of(match[1]) if match else None
    return (n, match[2] or None) if match and n else outer


def _is_hidden(run: "Element") -> bool:
    properties = next((child for child in run if _local(child.tag) == "rPr"), ())
    return any(
        _local(child.tag) in ("vanish", "webHidden")
        and {_local(key): value for key, value in child.attrib.items()}.get("val", "1") not in ("0", "false", "off")
        for child in properties
    )


def _local(tag: object) -> str:
    """A name without its namespace: strict and transitional documents have different ones."""
    return str(tag).rpartition("}")[2]
