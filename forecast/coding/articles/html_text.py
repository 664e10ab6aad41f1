"""A page into its text: what a reader reads, without scripts, menus and forms, and what the page says about itself.

selectolax parses as browsers do and runs nothing. The article is the `<article>` with most text, else `<main>`, else
all.
"""

import re
from datetime import date
from typing import Any

from forecast.coding.articles.article import Article
from forecast.errors import Finding, InputError
from forecast.scenario.dates import parse_day

__all__ = ["read_html"]

_NEVER = [
    "script",
    "style",
    "template",
    "noscript",
    "svg",
    "math",
    "iframe",
    "object",
    "embed",
    "form",
    "button",
    "select",
    "textarea",
    "input",
    "canvas",
    "video",
    "audio",
    "[hidden]",
    "[aria-hidden='true']",
    "dialog",
]
_BESIDE = [
    "nav",
    "footer",
    "menu",
    "[role='navigation']",
    "[role='banner']",
    "[role='contentinfo']",
]

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "caption",
        "blockquote",
        "pre",
        "figure",
        "figcaption",
        "address",
        "details",
        "summary",
        "hr",
        "body",
        "html",
        "center",
    ]
)

_DATES = (
    ("meta[property='article:published_time']", "content"),
    ("meta[name='article:published_time']", "content"),
    ("meta[itemprop='datePublished']", "content"),
    ("meta[name='pubdate']", "content"),
    ("meta[name='date']", "content"),
    ("meta[name='DC.date']", "content"),
    ("article time[datetime]", "datetime"),
    ("time[datetime]", "datetime"),
)

#: What holds less than this is no article, whatever it is called.
FEWEST_CHARS = 200

#: Elements in each other, a second or two for the parser; real pages have some tens.
DEEPEST = 30_000

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")

#: Elements that need no end, so that their number says nothing.
_CLOSED_BY_OTHERS = frozenset(
    re.findall(
        r"\w+",
        "area base br col embed hr img input link meta param source track wbr "
        "p li dt dd tr td th thead tbody tfoot option",
    )
)

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read_html(text: str, shown_as: str = "") -> Article:
    """The text of a page, a paragraph for each block; and title, day, address as the page has them.

    Raises
    ------
    InputError
        If it is nested so deeply that to parse it would take minutes; the file is named as `shown_as`.
    """
    from selectolax.lexbor import LexborHTMLParser

    if _depth(text) > DEEPEST:
        message = f"its elements are nested {DEEPEST:,} deep and more, as in no page that people read."
        raise InputError(Finding("error", message, shown_as or None, accepted="a page, or its text as .txt"))
    page = LexborHTMLParser(text)
    said = _about(page)
    for selector in _NEVER:
        for node in page.css(selector):
            node.decompose()
    for node in page.css("[style]"):
        if _HIDDEN_STYLE.search(node.attributes.get("style") or ""):
            node.decompose()
    n_beside = 0
    for selector in _BESIDE:
        for node in page.css(selector):
            n_beside += _n_words(node)
            node.decompose()
    for node in page.css("aside, [role='complementary']"):
        if _is_beside(page, node):
            n_beside += _n_words(node)
            node.decompose()
    root, what = _root(page)
    remarks = [f"{n_beside:,} words of menus, side columns and footers were left out"] if n_beside else []
    if what != "body":
        rest = _n_words(page.body) - _n_words(root)
        remarks += [f"only the page's <{what}> was read; {rest:,} other words were left out"] if rest > 0 else []
    return Article(_blocks(root), "html", remarks=tuple(remarks), **said)


def _depth(text: str) -> int:
    """About how deep elements are nested at most; the time that a parser takes grows with its square."""
    depth = deepest = 0
    for match in _TAG.finditer(text):
        if match[2].lower() in _CLOSED_BY_OTHERS:
            continue
        depth = max(depth - 1, 0) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _is_beside(page: Any, node: Any) -> bool:
    """Whether an aside is a list of links or a column beside the article, and not a part of the text."""
    n_words = _n_words(node)
    n_linked = sum(_n_words(link) for link in node.css("a"))
    if 2 * n_linked > n_words:
        return True
    above = node.parent
    while above is not None and above.tag not in ("article", "main"):
        above = above.parent
    return above is None and node.css_first("article") is None and 2 * n_words < _n_words(page.body)


def _n_words(node: Any) -> int:
    return len(node.text(separator=" ").split()) if node is not None else 0


def _about(page: Any) -> dict[str, Any]:
    def first(selector: str, attribute: str) -> str | None:
        node = page.css_first(selector)
        value = node.attributes.get(attribute) if node is not None else None
        return " ".join(value.split())[:500] or None if value else None

    title = first("meta[property='og:title']", "content")
    if title is None:
        node = page.css_first("title")
        title = " ".join(node.text().split())[:500] or None if node is not None else None
    published: date | None = None
    for selector, attribute in _DATES:
        value = first(selector, attribute)
        try:
            published = parse_day(value[:10]) if value else None
        except ValueError:
            continue
        if published is not None:
            break
    root = page.css_first("html")
    return {
        "title": title,
        "published": published,
        "url": first("link[rel='canonical']", "href") or first("meta[property='og:url']", "content"),
        "publisher": first("meta[property='og:site_name']", "content"),
        "author": first("meta[name='author']", "content"),
        "lang": root.attributes.get("lang") if root is not None else None,
    }


def _root(page: Any) -> tuple[Any, str]:
    for selector in ("article", "main", "[role='main']"):
        found = [(len(node.text(strip=True)), number, node) for number, node in enumerate(page.css(selector))]
        best = max(found, default=None, key=lambda one: (one[0], -one[1]))
        if best is not None and best[0] >= FEWEST_CHARS:
            return best[2], "main" if "main" in selector else selector
    return page.body or page.root, "body"


def _blocks(root: Any) -> str:
    """Texts of one block on one line; the blocks are told apart by the nearest block element above a text."""
    blocks: dict[int, int] = {}
    paragraphs: list[list[str]] = [[]]
    current: int | None = None
    n_breaks = 0
    for node in root.traverse(include_text=True):
        if not node.is_text_node:
            n_breaks = n_breaks + 1 if node.tag == "br" else n_breaks
            continue
        text = node.text_content or ""
        block = _block(node.parent, blocks)
        if block != current or n_breaks > 1:
            paragraphs.append([])
            current = block
        elif n_breaks and paragraphs[-1]:
            paragraphs[-1].append(" ")
        if text.strip():
            n_breaks = 0
        paragraphs[-1].append(text)
    lines = (" ".join("".join(parts).split()) for parts in paragraphs)
    return "\n\n".join(line for line in lines if line)


def _block(node: Any, known: dict[int, int]) -> int:
    """Identity of the nearest block element from here upward."""
    path: list[int] = []
    while node is not None:
        identity = node.mem_id
        if identity in known:
            found = known[identity]
            break
        path.append(identity)
        if node.tag in _BLOCKS:
            found = identity
            break
        node = node.parent
    else:
        found = 0
    known.update(dict.fromkeys(path, found))
    return found
