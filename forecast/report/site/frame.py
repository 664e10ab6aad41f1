"""What all pages of the site share: head and foot, one style sheet and one script for charts, addresses."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType

from markupsafe import Markup, escape

from forecast.report.blocks import Cited, Document
from forecast.report.html import body, environment, generator, style_sheet, template_text
from forecast.report.plain import visible
from forecast.report.site.folder import Folder

__all__ = ["POLICY", "Assets", "forecast_address", "framed", "put_assets", "scenario_address"]

#: Scripts and styles come from files of the site; from a disk, where pages have no origin, they come from the disk.
POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src data:; base-uri 'none'; "
    "form-action 'self' file:"
)


_NOTHING: Mapping[str, Markup] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Assets:
    """Names of the shared files; each has a part of its hash in its name, so that copies can be kept for ever."""

    style: str
    search: str


def put_assets(folder: Folder) -> Assets:
    """Write the files that pages share."""
    return Assets(
        style=put_hashed(folder, "style", "css", style_sheet()),
        search=put_hashed(folder, "search", "js", template_text("search.js")),
    )


def put_hashed(folder: Folder, name: str, suffix: str, text: str, key: str = "") -> str:
    """Write a file whose name has a part of its hash; the name."""
    content = text.encode()
    path = f"assets/{name}-{sha256(content).hexdigest()[:12]}.{suffix}"
    folder.put(path, content, key)
    return path


def scenario_address(scenario: str) -> str:
    """Where the page of a scenario stands, from the root of the site."""
    return f"scenarios/{scenario}.html"


def forecast_address(forecast: str) -> str:
    """Where the page of a live forecast stands, for ever, from the root of the site."""
    return f"{forecast}.html"


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page stands and what leads to it: `root` leads to the root of the site, `pages` are all addresses."""

    root: str
    pages: Container[str]
    here: str = ""
    crumbs: Iterable[tuple[str, str]] = field(default=())


def framed(
    document: Document, page: Page, assets: Assets, *, insert: Mapping[str, Markup] = _NOTHING, charts: str = ""
) -> bytes:
    """A document as a page of the site; cited numbers lead to the page of their forecast.

    Parameters
    ----------
    document, page, assets
        What it says, where it stands, and the files it shares.
    insert
        What stands before the blocks of a section, by its id.
    charts
        The script that makes figures answer, if there are any.
    """

    def mark(cited: Cited, _n: int) -> str:
        citation = str(cited.citation)
        address = forecast_address(cited.citation.record)
        marked = f'class="cited" data-citation="{escape(citation)}">{escape(visible(cited.text))}'
        if address == page.here or address not in page.pages:
            return f"<span {marked}</span>"
        return f'<a href="{page.root}{address}" {marked}</a>'

    made = body(document.sections, mark, pages=page.pages, root=page.root, places=False, insert=insert)
    return render(
        "site.html",
        page,
        assets,
        title=document.title,
        subtitle=document.subtitle,
        sections=document.sections,
        about=document.about,
        content=made.content,
        scripts=[charts] if charts and made.has_charts else [],
    )


def render(template: str, page: Page, assets: Assets, **values: object) -> bytes:
    """A page from its template."""
    shared: Mapping[str, object] = {
        "policy": POLICY,
        "root": page.root,
        "here": page.here,
        "crumbs": list(page.crumbs),
        "style": assets.style,
        "generator": generator(),
        "about": {},
        "sections": (),
        "subtitle": "",
        "scripts": [],
    }
    return environment().get_template(template).render({**shared, **values}).encode()
