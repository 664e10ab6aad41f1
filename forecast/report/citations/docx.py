"""Cited numbers in Word documents: links into the list at the end, with the citation as their screen tip.

Pandoc makes the document from the Markdown; `embedded` puts in what pandoc leaves out: the screen tips, and the list
for programs as properties of the document. Word and LibreOffice keep these when they save; a part of its own, as XML,
only Word keeps.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

from forecast.report.citations.adjacent_text import OBJECT
from forecast.report.citations.docx_visibility import WORD, Looks, is_on, local, value
from forecast.report.citations.listing import ANCHOR, Listing, number_of
from forecast.report.citations.reading import Piece, Reading, UnreadableError, gathered

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["embedded", "read"]

#: Largest part that is read, unpacked, and most parts looked at: a small file can unpack to any size.
MAX_PART, MAX_PARTS = 16 * 1024 * 1024, 2000

#: Most elements of one part; a report of a hundred pages has 20 thousand.
MAX_ELEMENTS = 400_000

#: Characters of one property; word processors take longer ones for damaged.
PROPERTY = 240

#: Zip entries need a date, and one document is the same bytes at any time.
_DATE = (1980, 1, 1, 0, 0, 0)

_BODY = "word/document.xml"
_NOTES = ("footnotes", "endnotes")
_PROPERTIES = "docProps/custom.xml"
_PROPERTY = re.compile(rf"{ANCHOR}-(\d+)")
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # says that a property is one of the user's
_LINK = re.compile(r'<w:hyperlink w:anchor="(cited-\d+)"')
_FIELD = re.compile(r'\s*HYPERLINK\s+.*?\\l\s+"([^"]*)"(?:.*?\\o\s+"([^"]*)")?', re.DOTALL)
_LINKS = re.compile(r"\s*HYPERLINK\s")
#: What a reader does not see, and of two versions of a drawing the one for old programs.
_UNSEEN = frozenset(
    re.findall(
        r"\w+",
        "del moveFrom delText delInstrText instrText pPr sectPr tblPr tblGrid tblPrEx trPr tcPr rPr proofErr "
        "bookmarkEnd lastRenderedPageBreak commentRangeStart commentRangeEnd commentReference permStart permEnd "
        "softHyphen background moveFromRangeStart moveFromRangeEnd moveToRangeStart moveToRangeEnd separator "
        "continuationSeparator footnoteRef endnoteRef",
    )
)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HIDES = ("vanish", "webHidden")
_SPACES = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-", "ptab": " "}
#: What runs hold, and bookmarks; and the elements in which all of it stands.
_SIGNS = frozenset(("t", "instrText", "fldChar", "bookmarkStart", *_SPACES))
_HOLDS = frozenset(
    re.findall(r"\w+", "document body p r tbl tr tc hyperlink fldSimple ins moveTo footnotes endnotes footnote endnote")
)
_KNOWN = _SIGNS | _HOLDS

#: Reasons of doubt that are told of one mark.
_MOST = 3


def embedded(document: bytes, listing: Listing) -> bytes:
    """A document that pandoc made from marked Markdown, with the citations put into it; the same for the same input."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(document)) as packed:
        for info in packed.infolist():
            parts[info.filename] = packed.read(info)
    for name in (_BODY, *(f"word/{kind}.xml" for kind in _NOTES)):
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

    Text that was deleted with changes tracked, or is hidden, is not seen. A mark in anything but paragraphs and tables
    is doubted, and so is one with properties that might hide it: see `docx_looks`.

    Raises
    ------
    UnreadableError
        If it is no such document, or its parts are larger than any report.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as packed:
            if len(packed.infolist()) > MAX_PARTS:
                raise UnreadableError("it has too many parts")
            names = [name.lower() for name in packed.namelist()]
            if len(set(names)) < len(names):
                raise UnreadableError("it has two parts of one name")
            body = _main(packed)
            related = _related(packed, body)
            looks = Looks(_parsed(packed, related["styles"]) if "styles" in related else None)
            found = _Text(looks)
            found.walk(_parsed(packed, body))
            for kind in _NOTES:
                if kind in related:
                    found.walk(_parsed(packed, related[kind]))
            listing = _listing(_parsed(packed, _PROPERTIES)) if _PROPERTIES in packed.namelist() else None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableError(f"it is no Word document ({error})") from error
    text = "".join(piece.text for piece in found.pieces)
    return Reading(gathered(found.pieces), listing, found.printed, text)


def _main(packed: zipfile.ZipFile) -> str:
    """Name of the part that programs show: which one it is, the relations of the package say."""
    names = set(packed.namelist())
    found = _targets(packed, "_rels/.rels", "").get("officeDocument", []) if "_rels/.rels" in names else [_BODY]
    if len(found) != 1 or found[0] not in names:
        raise UnreadableError("it holds no Word document")
    return found[0]


def _related(packed: zipfile.ZipFile, body: str) -> dict[str, str]:
    """Names of the parts that belong to the text, by what they are."""
    folder, _, name = body.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels".lstrip("/")
    names = set(packed.namelist())
    targets = _targets(packed, relations, folder) if relations in names else {}
    for kind in ("styles", *_NOTES):
        if len(targets.get(kind, [])) > 1:
            raise UnreadableError(f"it has two parts with {kind}")
    return {kind: found[0] for kind, found in targets.items() if found[0] in names}


def _targets(packed: zipfile.ZipFile, relations: str, folder: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in _parsed(packed, relations):
        target = element.get("Target", "")
        place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found.setdefault(element.get("Type", "").rpartition("/")[2], []).append(place)
    return found


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
    from defusedxml.ElementTree import iterparse

    with packed.open(name) as part:
        content = part.read(MAX_PART + 1)
    if len(content) > MAX_PART:
        raise UnreadableError(f"its part {name} is larger than {MAX_PART // 1024**2} MiB")
    try:
        parser = iterparse(io.BytesIO(content), events=("start",), forbid_dtd=True)
        for number, _ in enumerate(parser):
            if number == MAX_ELEMENTS:
                raise UnreadableError(f"its part {name} has more than {MAX_ELEMENTS:,} elements")
        root: Element = parser.root  # type: ignore[attr-defined]  # there once all is read
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(f"its part {name} cannot be read ({error})") from error
    return root


#: The number of a mark and its citation; (0, None) outside of marks.
type _Mark = tuple[int, str | None]


@dataclass(slots=True)
class _Field:
    """A field that has begun: what it computes, the mark around it, and whether its result has begun."""

    outer: _Mark
    instruction: str = ""
    is_result: bool = False

    @property
    def is_link(self) -> bool:
        return bool(_LINKS.match(self.instruction))


@dataclass(frozen=True, slots=True)
class _Within:
    """Where an element stands: why its text may not be seen, and the properties of its run."""

    doubts: tuple[str, ...] = ()
    run: "Element | None" = None


@dataclass(frozen=True, slots=True)
class _End:
    """The end of an element: what it adds to the text, the mark around it, where its paragraph began."""

    text: str = ""
    mark: _Mark | None = None
    start: int | None = None


class _Text:
    """Walks a part: its visible text in pieces, with the mark each stands in.

    A link is an element around runs, or a field between characters that begin, separate and end it.
    """

    def __init__(self, looks: Looks) -> None:
        self.looks = looks
        self.pieces: list[Piece] = []
        self.printed: dict[int, str] = {}
        self._mark: _Mark = (0, None)
        self._fields: list[_Field] = []
        self._places: list[int] = []

    def walk(self, root: "Element") -> None:
        """Read an element and all in it; without recursion, for documents nest as deep as they like."""
        stack: list[tuple[Element, _Within] | _End] = [(root, _Within())]
        while stack:
            entry = stack.pop()
            if isinstance(entry, _End):
                self._end(entry)
                continue
            element, within = entry
            name = local(element.tag)
            is_words = str(element.tag).rpartition("}")[0].removeprefix("{") in WORD
            if (is_words and name in _UNSEEN and name != "instrText") or element.tag == _FALLBACK:
                continue
            if not is_words or name not in _KNOWN:
                self._put(OBJECT, within)
                stack.append(_End(OBJECT))
                inner = replace(within, doubts=(*within.doubts[:_MOST], f"stands in <{name[:40]}>"))
                stack += [(child, inner) for child in reversed(element)]
            elif name in _SIGNS:
                self._sign(name, element, within)
            else:
                deeper = self._open(name, element, within, stack)
                if deeper is not None:
                    stack += [(child, deeper) for child in reversed(element)]

    def _put(self, text: str, within: _Within) -> None:
        """Add a text where it stands; what may hide it is looked at for marks only."""
        n, citation = self._mark
        doubt = ""
        if n:
            stopped = next((one for one in self._fields if not (one.is_link and one.is_result)), None)
            found = [*within.doubts, *(["is the result of a field, which programs compute anew"] if stopped else [])]
            found += self.looks.of_run(within.run)
            doubt = "; ".join(dict.fromkeys(found[:_MOST]))
        self.pieces.append(Piece(text, n, citation, doubt))

    def _sign(self, name: str, element: "Element", within: _Within) -> None:
        """What a run holds."""
        if name == "t":
            self._put(element.text or "", within)
        elif name in _SPACES:
            self._put(_SPACES[name], within)
        elif name == "instrText":
            if self._fields:
                self._fields[-1].instruction += element.text or ""
        elif name == "fldChar":
            self._field(value(element, "fldCharType"), within)
        elif name == "bookmarkStart":
            n = number_of(value(element, "name"))
            self._places += [n] if n else []

    def _open(self, name: str, element: "Element", within: _Within, stack: list[Any]) -> _Within | None:
        """Begin an element; where its children stand, None if nothing of them is seen."""
        properties = next((child for child in element if local(child.tag) == f"{name}Pr"), None)
        doubts: Sequence[str] = ()
        if name == "r":
            run = next((child for child in element if local(child.tag) == "rPr"), None)
            if run is not None and any(local(one.tag) in _HIDES and is_on(one) for one in run):
                return None
            return replace(within, run=run)
        if name == "hyperlink":
            stack.append(_End("", self._mark))
            n = number_of(value(element, "anchor"))
            # LibreOffice writes the screen tip back as the name of a frame
            told = value(element, "tooltip") or value(element, "tgtFrame") or None
            self._mark = (n, told) if n else self._mark
            self._put("", within)
        elif name == "fldSimple":
            field = _Field(self._mark, value(element, "instr"), is_result=True)
            self._mark = _of_field(field)
            text = "" if field.is_link else OBJECT
            stack.append(_End(text, field.outer))
            self._put(text, within)
            doubts = () if field.is_link else ("is the result of a field, which programs compute anew",)
        elif name == "p":
            stack.append(_End("\n", start=len(self.pieces)))
            doubts = self.looks.of_paragraph(properties)
        elif name == "tbl":
            doubts = self.looks.of_table(properties)
        elif name == "tr":
            doubts = self.looks.of_row(properties)
        elif name == "tc":
            stack.append(_End("\n"))
            doubts = self.looks.of_cell(properties)
        elif name in _NOTES:
            doubts = ("stands in a note, which is shown only if something leads to it",)
        return replace(within, doubts=(*within.doubts, *doubts)[:_MOST])

    def _end(self, end: _End) -> None:
        if end.text:
            self.pieces.append(Piece(end.text, *self._mark))
        if end.mark is not None:
            self._mark = end.mark
        if end.start is not None and self._places:
            text = "".join(piece.text for piece in self.pieces[end.start :]).strip()
            numbers, _, said = text.partition(":")
            shown = said.strip() if numbers.strip() == ", ".join(map(str, self._places)) else text
            for n in self._places:
                self.printed[n] = f"{self.printed[n]} and {shown}" if n in self.printed else shown
            self._places.clear()

    def _field(self, kind: str, within: _Within) -> None:
        if kind == "begin":
            self._fields.append(_Field(self._mark))
        if not self._fields:
            return
        field = self._fields[-1]
        # what a field computes stands between these, and where it has no result yet
        self._put(OBJECT if kind != "begin" and not field.is_link else "", within)
        if kind == "separate":
            field.is_result = True
            self._mark = _of_field(field)
        elif kind == "end":
            self._mark = self._fields.pop().outer


def _of_field(field: _Field) -> _Mark:
    """The mark that a field's instruction makes; the one around it if it is no link into the list."""
    match = _FIELD.match(field.instruction)
    n = number_of(match[1]) if match else None
    return (n, match[2] or None) if match and n else field.outer
