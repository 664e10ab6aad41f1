"""A document as Markdown: what a reader gets as .md, and what Word files and PDF are made from.

The dialect is CommonMark with pipe tables. Every text of the document is escaped, so that nothing in it is markup.
Captions are paragraphs that begin `**Table 1.**` or `**Figure 1.**`; the data of figures stand at the end.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from forecast.report.blocks import (
    Block,
    Bullets,
    Cited,
    Code,
    Document,
    Figure,
    Fold,
    Inline,
    Link,
    Paragraph,
    Section,
    Strong,
    Table,
    Text,
)
from forecast.report.citation import Citation
from forecast.report.citations.listing import Listing
from forecast.report.citations.markdown import listed, mark
from forecast.report.plain import breakable, is_web, seen, visible

__all__ = ["Written", "escaped", "markdown"]

#: A table with a row of more characters is as wide as the page in print too, and its columns as wide as they say.
WIDE = 70

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>~|#&!^$@\"'=])")
#: What makes a list or a line of a paragraph that begins with it.
_START = re.compile(r"^([-+]|\d{1,9}(?=[.)]))")
_CODE = re.compile(r"[^`|\\\x00-\x1f\x7f]+")

#: Address of a figure's file.
type Picture = Callable[[Figure], str]


@dataclass(frozen=True, slots=True)
class Written:
    """The text, what it cites in the order of reading, and its figures in that order."""

    text: str
    citations: tuple[Citation, ...]
    figures: tuple[Figure, ...]


def escaped(text: str) -> str:
    """A text in which nothing is Markdown; in one line, with every character to be seen."""
    return _START.sub(_escaped_start, _within(text))


def _within(text: str) -> str:
    """The same for what does not begin a line."""
    return _SPECIAL.sub(r"\\\1", breakable(seen(text)))


def _escaped_start(match: re.Match[str]) -> str:
    return f"\\{match[1]}" if match[1] in "-+" else f"{match[1]}\\"


def markdown(
    document: Document,
    picture: Picture,
    *,
    log: str = "",
    head: str = "",
    data: bool = True,
    notes: Iterable[Paragraph] = (),
) -> Written:
    """Write a document.

    Parameters
    ----------
    document
        What it says.
    picture
        Says where the picture of a figure is.
    log, head
        Of the ledger when the document was made.
    data
        Whether the tables of what the figures show stand at the end.
    notes
        What only this format must say, below the title.
    """
    writer = _Writer(picture, _targets(document))
    parts = [f"# {escaped(document.title)}", f"*{escaped(document.subtitle)}*" if document.subtitle else ""]
    parts += [writer.block(note) for note in notes]
    parts += [part for section in document.sections for part in writer.section(section, 2)]
    if data and any(figure.data is not None for figure in writer.figures):
        parts.append("## Data of the figures")
        parts += [writer.table(figure.data) for figure in writer.figures if figure.data is not None]
    if writer.cited:
        parts.append(listed(Listing(tuple(writer.cited), log, head)).rstrip())
    text = "\n\n".join(part for part in parts if part)
    return Written(f"{text}\n", tuple(writer.cited), tuple(writer.figures))


def _targets(document: Document) -> set[str]:
    """Ids that links of the document lead to; only these are marked."""

    def of_texts(texts: Iterable[Text]) -> Iterator[str]:
        for text in texts:
            yield from (part.url[1:] for part in text if isinstance(part, Link) and part.url.startswith("#"))

    def of_block(block: Block) -> Iterator[str]:
        match block:
            case Paragraph(text=text):
                yield from of_texts([text])
            case Bullets(items=items):
                yield from of_texts(items)
            case Table(rows=rows):
                for row in rows:
                    yield from of_texts(row)
            case Figure(data=data):
                yield from of_block(data) if data else ()
            case Fold(blocks=blocks):
                for inner in blocks:
                    yield from of_block(inner)

    def of_section(section: Section) -> Iterator[str]:
        for block in section.blocks:
            yield from of_block(block)
        for inner in section.sections:
            yield from of_section(inner)

    wanted = {target for section in document.sections for target in of_section(section)}
    return wanted & set(_ids(document.sections))


def _ids(sections: Iterable[Section]) -> Iterator[str]:
    def of_blocks(blocks: Iterable[Block]) -> Iterator[str]:
        for block in blocks:
            match block:
                case Table():
                    yield from (block.id, *block.ids)
                case Figure():
                    yield block.id
                case Fold(blocks=inner):
                    yield from of_blocks(inner)

    for section in sections:
        yield section.id
        yield from of_blocks(section.blocks)
        yield from _ids(section.sections)


@dataclass(slots=True)
class _Writer:
    """Writes blocks, numbers tables and figures, and counts what is cited."""

    picture: Picture
    targets: set[str]
    cited: list[Citation] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    n_tables: int = 0
    anchored: set[str] = field(default_factory=set)

    def section(self, section: Section, level: int) -> Iterator[str]:
        yield f"{'#' * min(level, 6)} {self.anchor(section.id, escaped(section.title))}"
        for block in section.blocks:
            yield self.block(block)
        for inner in section.sections:
            yield from self.section(inner, level + 1)

    def block(self, block: Block) -> str:
        match block:
            case Paragraph(role="normal"):
                return self.text(block.text)
            case Paragraph(role="note"):
                return f"*Note:* {self.text(block.text)}"
            case Paragraph(role="warning"):
                return f"> **Warning.** {self.text(block.text)}"
            case Paragraph():
                return f"> {self.text(block.text)}"
            case Bullets():
                marks = (f"{n}." if block.ordered else "-" for n in range(1, len(block.items) + 1))
                return "\n".join(f"{at} {self.text(item)}" for at, item in zip(marks, block.items, strict=True))
            case Table():
                return self.table(block)
            case Figure():
                return self.figure(block)
            case Fold():
                inner = "\n\n".join(self.block(one) for one in block.blocks)
                return f"**{escaped(block.summary)}**\n\n{inner}"

    def figure(self, figure: Figure) -> str:
        self.figures.append(figure)
        caption = f"**Figure {len(self.figures)}.** {self.anchor(figure.id, escaped(figure.caption))}"
        return f"![{escaped(figure.alt)}]({self.picture(figure)})\n\n{caption}"

    def table(self, table: Table) -> str:
        self.n_tables += 1
        ids = (*table.ids, *[""] * (len(table.rows) - len(table.ids)))
        rows = [self.row(row, id_) for row, id_ in zip(table.rows, ids, strict=True)]
        heads = [escaped(column.title) for column in table.columns]
        lines = [
            f"**Table {self.n_tables}.** {self.anchor(table.id, escaped(table.caption))}\n",
            *_widths(table),
            f"| {' | '.join(heads)} |",
            f"|{'|'.join('---:' if column.numbers else ':---' for column in table.columns)}|",
            *(f"| {' | '.join(row)} |" for row in rows),
        ]
        return "\n".join(lines)

    def row(self, cells: tuple[Text, ...], id_: str) -> list[str]:
        texts = [self.text(cell) for cell in cells]
        return [self.anchor(id_, texts[0]), *texts[1:]]

    def anchor(self, id_: str, text: str) -> str:
        """The text as a place that links lead to, if any do; a place has one text."""
        if id_ not in self.targets or id_ in self.anchored or not text:
            return text
        self.anchored.add(id_)
        return f'<span id="{_name(id_)}">{text}</span>'

    def text(self, text: Text) -> str:
        return _START.sub(_escaped_start, "".join(self.inline(part) for part in text).strip())

    def inline(self, part: Inline) -> str:
        match part:
            case str():
                return _spaced(part)
            case Strong():
                # a mark that touches a space is none
                inner = _within(part.text)
                after = " " if inner and part.text[-1:].isspace() else ""
                return f"**{inner}**{after}" if inner else ""
            case Code():
                # nothing is escaped between backticks: what they cannot hold, or nobody would see, is text
                is_plain = bool(_CODE.fullmatch(part.text)) and part.text == visible(part.text)
                return f"`{part.text}`" if is_plain and part.text.strip() else _within(part.text)
            case Link():
                return self.link(part)
            case Cited():
                self.cited.append(part.citation)
                return mark(part, len(self.cited))

    def link(self, link: Link) -> str:
        text = _within(link.text)
        if link.url.startswith("#"):
            return f"[{text}](#{_name(link.url[1:])})" if link.url[1:] in self.targets else text
        if is_web(link.url):
            return f"[{text}](<{quote(link.url, safe=_ADDRESS)}>)"
        return text if link.text == link.url else f"{text} ({_within(link.url)})"


#: Characters of an address that stay; the rest is percent-encoded, so that it ends where it ends.
_ADDRESS = ":/?#[]@!$&'()*+,;=%-._~"


def _spaced(text: str) -> str:
    """A piece of running text, with the spaces at its ends kept: others stand beside it."""
    inner = _within(text)
    if not inner:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{inner}{' ' if text[-1].isspace() else ''}"


def _name(id_: str) -> str:
    """An id as a name of a place in every format."""
    return re.sub(r"[^A-Za-z0-9_.:-]+", "-", id_) or "-"


def _widths(table: Table) -> Iterator[str]:
    """What `styles/blocks.lua` reads the widths from; other readers of Markdown pass over it."""
    longest = max((sum(len(_seen_text(cell)) for cell in row) for row in table.rows), default=0)
    kind = "wide" if longest > WIDE else "narrow"
    yield f"<!-- {kind} columns {' '.join(f'{column.share:g}' for column in table.columns)} -->"


def _seen_text(cell: Text) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in cell)
