"""An analyst's draft as one HTML page in the style of reports: no script, no network, pictures inside."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from markupsafe import Markup

from forecast.report.blocks import Cited
from forecast.report.citations.html import data, mark
from forecast.report.citations.listing import Listing
from forecast.report.draft import BIBLIOGRAPHY, Draft, parser, titled
from forecast.report.html import environment, generator, policy, style_sheet

__all__ = ["draft_page"]

#: What a page calls the kinds of pictures.
_MEDIA = {".svg": "image/svg+xml", ".jpg": "image/jpeg"}


def draft_page(draft: Draft, cited: Sequence[Cited], references: Sequence[str], listing: Listing) -> str:
    """The whole page."""
    title, body = titled(draft)
    places: dict[str, list[int]] = {}
    for n, one in enumerate(cited, start=1):
        places.setdefault(str(one.citation), []).append(n)
    return (
        environment()
        .get_template("draft.html")
        .render(
            title=title,
            authors=draft.head.authors,
            date=draft.head.date,
            body=Markup(_html(draft, body, cited)),
            bibliography=BIBLIOGRAPHY,
            references=references,
            places=places,
            source=listing.source(),
            data=Markup(data(listing)),
            verify="forecast verify FILE",
            style=Markup(style_sheet()),
            policy=policy(style_sheet()),
            generator=generator(),
        )
    )


def _html(draft: Draft, body: str, cited: Sequence[Cited]) -> str:
    reader = parser()
    tokens = reader.parse(Draft.untagged(body))
    images = {picture: _inlined(draft.path.absolute().parent / picture) for picture in draft.pictures}
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                child.attrSet("src", _image(child.attrGet("src"), images))
            elif child.type == "link_open":
                child.attrSet("rel", "noopener noreferrer external")
        # the policy of the page allows no styles of single elements
        if "right" in str(token.attrs.pop("style", "")):
            token.attrSet("class", "number")
        if token.type in ("heading_open", "heading_close"):
            # the title is the page's only heading of the first level
            token.tag = f"h{max(int(token.tag[1]), 2)}"
    page = reader.renderer.render(tokens, reader.options, {})
    return Draft.filled(page, lambda n: f'<span class="at" id="number-{n}">{mark(cited[n - 1], n)}</span>')


def _image(src: object, images: Mapping[str, str]) -> str:
    return images[unquote(str(src or ""))]


def _inlined(path: Path) -> str:
    suffix = path.suffix.lower()
    return f"data:{_MEDIA.get(suffix, f'image/{suffix[1:]}')};base64,{b64encode(path.read_bytes()).decode()}"
