"""What a document consists of: sections of paragraphs, tables and figures. Said once, and written by each renderer.

Every number in a block is a `Cited`, made by `citation.shown` from the ledger; renderers do no arithmetic and format
nothing. Texts are plain: they come from anybody's files, and each renderer escapes them for its format.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from forecast.report.citation import Citation

__all__ = [
    "Block",
    "Bullets",
    "Cited",
    "Code",
    "Column",
    "Document",
    "Figure",
    "Fold",
    "Inline",
    "Link",
    "Paragraph",
    "Section",
    "Strong",
    "Table",
    "citations",
]


@dataclass(frozen=True, slots=True)
class Cited:
    """A number (or its word) as it is shown, and where it comes from."""

    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that stand out."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """An id, a file or a command."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to http(s), or to a block's or section's id as `#id`; other addresses are shown as text."""

    text: str
    url: str


type Inline = str | Cited | Strong | Code | Link
type Text = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `role` says how it stands out."""

    text: Text
    role: Literal["normal", "answer", "warning", "note"] = "normal"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of items without order, or with it."""

    items: tuple[Text, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """Head of a table column; `numbers` stand at the right, `share` is its part of the width of a page."""

    title: str
    numbers: bool = False
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a caption; the first column heads its row. `ids` names rows that links point to."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Text, ...], ...]
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart: a Vega-Lite specification, what stands below it, and what it shows in words and as a table."""

    id: str
    specification: Mapping[str, Any]
    caption: str
    alt: str
    data: Table | None = None


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks that a page shows on demand, and paper always."""

    summary: str
    blocks: tuple["Block", ...]


type Block = Paragraph | Bullets | Table | Figure | Fold


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a heading; sections within sections have smaller ones."""

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document; `about` are names and values of its identity (scenario, forecast, model, head of the log)."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    about: Mapping[str, str] = field(default_factory=dict)


def citations(document: Document) -> list[Citation]:
    """Every citation in the order in which a reader meets it, repeated ones too."""
    return [cited.citation for section in document.sections for cited in _of_section(section)]


def _of_section(section: Section) -> Iterator[Cited]:
    for block in section.blocks:
        yield from _of_block(block)
    for inner in section.sections:
        yield from _of_section(inner)


def _of_block(block: Block) -> Iterator[Cited]:
    match block:
        case Paragraph(text=text):
            yield from _of_texts([text])
        case Bullets(items=items):
            yield from _of_texts(items)
        case Table(rows=rows):
            for row in rows:
                yield from _of_texts(row)
        case Figure(data=data):
            if data is not None:
                yield from _of_block(data)
        case Fold(blocks=blocks):
            for inner in blocks:
                yield from _of_block(inner)


def _of_texts(texts: Sequence[Text]) -> Iterator[Cited]:
    for text in texts:
        yield from (part for part in text if isinstance(part, Cited))
