"""A document as one HTML file: no network, no tracking; scripts only make charts answer to the mouse.

The policy inside the page allows the style sheet and the script that this module put there, by their hashes, and
nothing else. Every text is escaped by the templates; characters that would reorder or hide text are spelled out.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from forecast.about import VERSION
from forecast.report.blocks import (
    Block,
    Bullets,
    Cited,
    Code,
    Column,
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
from forecast.report.citations.html import mark
from forecast.report.picture import inline_svg
from forecast.report.plain import is_web, visible
from forecast.report.script import charts_script
from forecast.report.theme import CATEGORIES, DARK, themed

__all__ = ["Body", "Mark", "anchor", "body", "data_script", "environment", "page"]
__all__ += ["policy", "style_sheet", "template_text"]

#: Writes a cited number with what says where it comes from, given its place in the order of reading, from 1.
type Mark = Callable[[Cited, int], str]

#: Longest text of a cell without spaces that is not broken, and longest word that needs no break, in characters.
WHOLE, WORD = 14, 24

_UNSAFE = re.compile(r"[^A-Za-z0-9_.:-]+")


@dataclass(frozen=True, slots=True)
class Body:
    """What stands between the head and the foot of a page.

    `places` are the citations, each with the places at which it stands; `has_charts` says whether a script is needed.
    """

    content: Markup
    places: Mapping[str, Sequence[int]]
    has_charts: bool


def page(document: Document, *, data: str = "", verify: str = "") -> str:
    """The whole page.

    Parameters
    ----------
    document
        What it says.
    data
        Markup that stands below the list of numbers cited, such as the same list for programs.
    verify
        The command with which a reader checks the numbers of the page.
    """
    made = body(document.sections, mark)
    script = charts_script() if made.has_charts else ""
    return (
        environment()
        .get_template("report.html")
        .render(
            document=document,
            body=made.content,
            places=made.places,
            evidence=any(section.id == "evidence" for section in document.sections),
            data=Markup(data),
            verify=verify,
            style=Markup(style_sheet()),
            script=Markup(script),
            policy=policy(style_sheet(), *([script] if script else [])),
            generator=generator(),
        )
    )


def body(
    sections: Iterable[Section],
    cited: Mark,
    *,
    pages: Container[str] = (),
    root: str = "",
    places: bool = True,
    insert: Mapping[str, Markup] = MappingProxyType({}),
) -> Body:
    """Sections as they stand in a page.

    Parameters
    ----------
    sections
        What is written.
    cited
        Writes the mark of a cited number.
    pages, root
        Addresses to which links may lead beside the web, and what leads from this page to where they begin.
    places
        Whether cited numbers get ids, so that a list can lead back to them.
    insert
        What stands before the blocks of a section, by its id: pictures that are drawn otherwise.
    """
    writer = _Writer(cited, pages, root, places, insert)
    content = Markup("").join(writer.section(section, 2) for section in sections)
    return Body(content, writer.places, writer.has_charts)


def anchor(id_: str) -> str:
    """An id that a page can have."""
    return _UNSAFE.sub("-", id_) or "-"


def policy(*contents: str) -> str:
    """A content security policy that allows these styles and scripts, written inside the page, and images as data."""
    hashes = " ".join(f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" for content in contents)
    allowed = f"script-src {hashes}; style-src {hashes}; img-src data:"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def data_script(id_: str, value: Any) -> Markup:
    """Data inside a page, as a script that is not run."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup('<script type="application/json" id="{}">{}</script>').format(anchor(id_), Markup(text))


@cache
def style_sheet() -> str:
    """The one style sheet of reports and of the site, with the colours of charts in the dark."""
    rules = "\n".join(
        f'  .chart svg [{name}="{light}" i] {{ {name}: {dark} }}'
        for light, dark in DARK.items()
        for name in ("fill", "stroke")
    )
    lines = "".join(f".c{number} {{ color: {colour}; }}\n" for number, colour in enumerate(CATEGORIES))
    dark = "".join(f"  .c{number} {{ color: {DARK[colour]}; }}\n" for number, colour in enumerate(CATEGORIES))
    rules += f"\n{dark}"
    return f"{template_text('report.css')}\n{lines}@media screen and (prefers-color-scheme: dark) {{\n{rules}\n}}\n"


@cache
def generator() -> str:
    """What wrote a page: the versions that decide its style sheet and its script."""
    return f"forecast {VERSION}, vl-convert {version('vl-convert-python')}"


class _Writer:
    """Writes blocks, and counts the numbers cited in them."""

    def __init__(
        self, cited: Mark, pages: Container[str], root: str, with_places: bool, insert: Mapping[str, Markup]
    ) -> None:
        self.mark, self.pages, self.root, self.with_places, self.insert = cited, pages, root, with_places, insert
        self.places: dict[str, list[int]] = {}
        self.n_cited = 0
        self.has_charts = False
        self.macros: Any = environment().get_template("blocks.html").module

    def section(self, section: Section, level: int) -> Markup:
        before = self.insert.get(section.id, Markup())
        blocks = [before, *(self.block(block) for block in section.blocks)]
        inner = [self.section(child, level + 1) for child in section.sections]
        return Markup(
            self.macros.section(anchor(section.id), self.text((section.title,)), min(level, 6), blocks, inner)
        )

    def block(self, block: Block) -> Markup:
        match block:
            case Paragraph():
                return Markup(self.macros.paragraph(self.text(block.text), block.role))
            case Bullets():
                return Markup(self.macros.bullets([self.text(item) for item in block.items], block.ordered))
            case Table():
                return self.table(block)
            case Figure():
                return self.figure(block)
            case Fold():
                return Markup(self.macros.fold(visible(block.summary), [self.block(inner) for inner in block.blocks]))

    def table(self, table: Table) -> Markup:
        rows = [
            (anchor(id_) if id_ else "", [(self.text(cell), _wraps(cell)) for cell in row])
            for id_, row in zip((*table.ids, *[""] * len(table.rows)), table.rows, strict=False)
        ]
        return Markup(self.macros.table(anchor(table.id), visible(table.caption), _heads(table.columns), rows))

    def figure(self, figure: Figure) -> Markup:
        self.has_charts = True
        id_ = anchor(figure.id)
        return Markup(
            self.macros.figure(
                id_,
                Markup(inline_svg(figure.specification, id_)),
                data_script(f"{id_}-chart", themed(figure.specification)),
                visible(figure.caption),
                visible(figure.alt),
                self.table(figure.data) if figure.data is not None else None,
            )
        )

    def text(self, text: Text) -> Markup:
        if len(text) == 1:
            return self.inline(text[0])
        return Markup("").join(self.inline(part) for part in text)

    def inline(self, part: Inline) -> Markup:
        match part:
            case str():
                return escape(visible(part))
            case Strong():
                return Markup("<strong>{}</strong>").format(visible(part.text))
            case Code():
                return Markup("<code>{}</code>").format(visible(part.text))
            case Link():
                return self.link(part)
            case Cited():
                self.n_cited += 1
                self.places.setdefault(str(part.citation), []).append(self.n_cited)
                made = self.mark(part, self.n_cited)
                return Markup(f'<span id="number-{self.n_cited}">{made}</span>' if self.with_places else made)

    def link(self, link: Link) -> Markup:
        text = visible(link.text)
        if link.url.startswith("#"):
            return Markup('<a href="#{}">{}</a>').format(anchor(link.url[1:]), text)
        if link.url in self.pages:
            return Markup('<a href="{}{}">{}</a>').format(self.root, link.url, text)
        if not is_web(link.url):
            return escape(text if link.text == link.url else f"{text} ({visible(link.url)})")
        return Markup('<a href="{}" rel="noopener noreferrer external">{}</a>').format(link.url, text)


def _wraps(cell: Text) -> str:
    """How a cell breaks into lines: dates and ids not at all, what is longer than any word anywhere."""
    text = "".join(part if isinstance(part, str) else part.text for part in cell)
    if len(text) <= WHOLE and not any(character.isspace() for character in text):
        return "whole"
    return "broken" if len(text) > WORD and max(map(len, text.split()), default=0) > WORD else ""


def _heads(columns: tuple[Column, ...]) -> list[Mapping[str, Any]]:
    total = sum(column.share for column in columns) or 1.0
    return [
        {"title": visible(column.title), "numbers": column.numbers, "width": round(100 * column.share / total)}
        for column in columns
    ]


def _groups(lines: Iterable[Any]) -> list[list[Any]]:
    """Lines that follow one with an `ask` belong to it."""
    groups: list[list[Any]] = []
    for line in lines:
        if line.ask or not groups:
            groups.append([])
        groups[-1].append(line)
    return groups


@cache
def environment() -> Environment:
    """The templates; every text that they are given is escaped unless it is markup."""
    environment = Environment(
        loader=PackageLoader("forecast.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = visible
    environment.filters["anchor"] = anchor
    environment.filters["groups"] = _groups
    return environment


def template_text(name: str) -> str:
    """A template that is no page but goes into pages, or beside them."""
    return (files("forecast.report") / "templates" / name).read_text("utf-8")
