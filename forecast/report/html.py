"""A document as one HTML file: no network, no tracking; scripts only make charts answer to the mouse.

The policy inside the page allows the style sheet and the script that this module put there, by their hashes, and
nothing else. Every text is escaped by the templates; characters that would reorder or hide text are spelled out.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

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
from forecast.report.picture import inline_svg
from forecast.report.theme import DARK, themed

__all__ = ["Mark", "Numbered", "anchor", "charts_script", "data_script", "page", "policy", "style_sheet"]

#: Writes the mark of a cited number, given its place in the order of reading, from 1, and that of its citation in the list.
type Mark = Callable[[Cited, int, int], Markup]

#: Characters that no reader sees, or that turn the order of those around them.
_UNSEEN = {
    code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    for code in (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
_UNSEEN |= {code: f"\\u{code:04x}" for code in (*range(0xD800, 0xE000), 0xFFFE, 0xFFFF)}

_UNSAFE = re.compile(r"[^A-Za-z0-9_.:-]+")


@dataclass(frozen=True, slots=True)
class Numbered:
    """One line of the list of numbers cited."""

    number: int
    text: str
    citation: str
    record: str
    first: int


def page(document: Document, *, cited: Mark | None = None, after: Iterable[Markup] = (), verify: str = "") -> str:
    """The whole page.

    Parameters
    ----------
    document
        What it says.
    cited
        Writes the mark around a cited number, instead of `mark`.
    after
        What else stands at the end of the page, such as a script with data.
    verify
        The command with which a reader checks the page.
    """
    writer = _Writer(cited or mark)
    body = Markup("").join(writer.section(section, 2) for section in document.sections)
    script = charts_script() if writer.has_charts else ""
    return (
        _environment()
        .get_template("report.html")
        .render(
            document=document,
            body=body,
            numbered=list(writer.numbered.values()),
            evidence=next((s.id for s in _all_sections(document.sections) if s.id == "evidence"), None),
            after=list(after),
            verify=verify,
            style=Markup(style_sheet()),
            script=Markup(script),
            policy=policy(style_sheet(), *([script] if script else [])),
            generator=f"forecast {VERSION}",
        )
    )


def mark(cited: Cited, place: int, number: int) -> Markup:
    """The mark of a cited number: the number is a link to its line in the list of numbers cited."""
    return Markup('<a class="cited" id="number-{}" href="#cited-{}" data-citation="{}">{}</a>').format(
        place, number, str(cited.citation), plain(cited.text)
    )


def anchor(id_: str) -> str:
    """An id that a page can have."""
    return _UNSAFE.sub("-", id_) or "-"


def plain(text: str) -> str:
    """A text whose characters can all be seen, in the order in which they stand."""
    return text.translate(_UNSEEN)


def policy(*contents: str) -> str:
    """A content security policy that allows these styles and scripts, written inside the page, and images as data."""
    hashes = " ".join(f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" for content in contents)
    return f"default-src 'none'; script-src {hashes}; style-src {hashes}; img-src data:; base-uri 'none'; form-action 'none'"


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
    return f"{_template('report.css')}\n@media screen and (prefers-color-scheme: dark) {{\n{rules}\n}}\n"


@cache
def charts_script() -> str:
    """Vega, and what draws the charts of a page with it, as one script; bundled by the converter from its own copy."""
    import vl_convert

    # in the page it would end the script
    return (
        vl_convert.javascript_bundle(_template("charts.js")).replace("</script", r"<\/script").replace("<!--", r"<\!--")
    )


class _Writer:
    """Writes blocks, and counts the numbers cited in them."""

    def __init__(self, cited: Mark) -> None:
        self.mark = cited
        self.numbered: dict[str, Numbered] = {}
        self.n_cited = 0
        self.has_charts = False
        self.macros: Any = _environment().get_template("blocks.html").module

    def section(self, section: Section, level: int) -> Markup:
        blocks = [self.block(block) for block in section.blocks]
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
                return Markup(self.macros.fold(plain(block.summary), [self.block(inner) for inner in block.blocks]))

    def table(self, table: Table) -> Markup:
        rows = [
            (anchor(id_) if id_ else "", [self.text(cell) for cell in row])
            for id_, row in zip((*table.ids, *[""] * len(table.rows)), table.rows, strict=False)
        ]
        return Markup(self.macros.table(anchor(table.id), plain(table.caption), _heads(table.columns), rows))

    def figure(self, figure: Figure) -> Markup:
        self.has_charts = True
        id_ = anchor(figure.id)
        return Markup(
            self.macros.figure(
                id_,
                Markup(inline_svg(figure.specification, id_)),
                data_script(f"{id_}-chart", themed(figure.specification)),
                plain(figure.caption),
                plain(figure.alt),
                self.table(figure.data) if figure.data is not None else None,
            )
        )

    def text(self, text: Text) -> Markup:
        return Markup("").join(self.inline(part) for part in text)

    def inline(self, part: Inline) -> Markup:
        match part:
            case str():
                return escape(plain(part))
            case Strong():
                return Markup("<strong>{}</strong>").format(plain(part.text))
            case Code():
                return Markup("<code>{}</code>").format(plain(part.text))
            case Link():
                return _link(part)
            case Cited():
                self.n_cited += 1
                citation = str(part.citation)
                number = len(self.numbered) + 1
                known = self.numbered.setdefault(
                    citation, Numbered(number, part.text, citation, part.citation.record, self.n_cited)
                )
                return self.mark(part, self.n_cited, known.number)


def _link(link: Link) -> Markup:
    text = plain(link.text)
    if link.url.startswith("#"):
        return Markup('<a href="#{}">{}</a>').format(anchor(link.url[1:]), text)
    if not _is_web(link.url):
        return escape(text if link.text == link.url else f"{text} ({plain(link.url)})")
    return Markup('<a href="{}" rel="noopener noreferrer external">{}</a>').format(link.url, text)


def _is_web(url: str) -> bool:
    """Whether an address leads to the web; any other scheme could do something in the page."""
    if plain(url) != url or any(character.isspace() for character in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _heads(columns: tuple[Column, ...]) -> list[Mapping[str, Any]]:
    total = sum(column.share for column in columns) or 1.0
    return [
        {"title": plain(column.title), "numbers": column.numbers, "width": round(100 * column.share / total)}
        for column in columns
    ]


def _all_sections(sections: Iterable[Section]) -> Iterable[Section]:
    for section in sections:
        yield section
        yield from _all_sections(section.sections)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("forecast.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = plain
    environment.filters["anchor"] = anchor
    return environment


def _template(name: str) -> str:
    return (files("forecast.report") / "templates" / name).read_text("utf-8")
