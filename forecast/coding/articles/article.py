"""An article file into its text: what kind of file it is, its limits, and everything that should be said about it.

Nothing in an article is ever run or fetched. Archives are not unpacked, but for the text of a .docx. `check` compares
quotes with this text, and offsets of proposals are into it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from forecast.coding.articles.decoded import decoded
from forecast.coding.articles.language import MIN_SHARE, english_share
from forecast.coding.articles.layout import plain_text, unwrapped
from forecast.coding.cues.dateline import published_in
from forecast.errors import Finding, InputError

__all__ = ["MAX_BYTES", "MAX_CHARS", "Article", "read_article"]

#: A page with its pictures embedded, or a report of some hundred pages.
MAX_BYTES = 50 * 1024 * 1024

#: About 600 pages of text.
MAX_CHARS = 2_000_000

_ARCHIVES = {
    b"PK\x03\x04": "a zip archive (as .odt and .epub are, too)",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "rich text (RTF)",
}

_ACCEPTED = "text, Markdown, HTML, MHTML, DOCX or PDF; save the article as one of them"

type Progress = Callable[[str, float | None, str], None]


@dataclass(frozen=True, slots=True)
class Article:
    """What was read: the text, the kind of file, what it says about itself, and remarks for the user.

    `title`, `published`, `url`, `publisher` and `author` are the file's own words where it has any; `lang` is the
    language that it declares.
    """

    text: str
    form: str
    title: str | None = None
    published: date | None = None
    url: str | None = None
    publisher: str | None = None
    author: str | None = None
    lang: str | None = None
    remarks: tuple[str, ...] = ()


def read_article(
    path: Path, encoding: str | None = None, progress: Progress = lambda *_: None, *, saved: bool = False
) -> Article:
    """Read an article.

    Parameters
    ----------
    path
        The file.
    encoding
        Of its text, where the user knows it.
    progress
        Called with a stage, the share that is done and a remark.
    saved
        True for a text that the program has extracted before: it is taken as it stands.

    Raises
    ------
    InputError
        If there is no such file, it is too large, no article, encrypted, or without text.
    """
    data = _bytes(path)
    if saved:
        text, _ = decoded(data, path, "utf-8", is_html=False)
        return _judged(Article(text, "text"), path)
    form = _form(data, path)
    if form == "pdf":
        from forecast.coding.articles.pdf import read_pdf

        article = read_pdf(path, progress)
    elif form == "docx":
        from forecast.coding.articles.docx import read_docx

        article = read_docx(data, path)
    elif form == "mhtml":
        from forecast.coding.articles.mhtml import read_mhtml

        article = read_mhtml(data, path)
    else:
        text, remarks = decoded(data, path, encoding, is_html=form == "html")
        article = _marked(text, form, path) if form != "text" else Article(unwrapped(text), form)
        article = replace(article, remarks=(*remarks, *article.remarks))
    cleaned, removed = plain_text(article.text)
    if removed:
        remark = f"{removed:,} control characters and invisible marks were left out"
        article = replace(article, remarks=(*article.remarks, remark))
    if article.published is None and (published := published_in(cleaned)) is not None:
        remark = f"published on {published}, as its own text says; if that is wrong, use --published"
        article = replace(article, published=published, remarks=(*article.remarks, remark))
    return _judged(replace(article, text=cleaned), path)


def _bytes(path: Path) -> bytes:
    def refuse(message: str, accepted: str = _ACCEPTED) -> InputError:
        return InputError(Finding("error", message, str(path), accepted=accepted))

    try:
        if not path.is_file():
            raise refuse("there is no such file" if not path.exists() else "this is not a file", "a file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            limit = f"at most {MAX_BYTES // 2**20} MiB; save the text without its pictures, or split it"
            raise refuse(f"the file has {size / 2**20:.0f} MiB", limit)
        if size == 0:
            raise refuse("the file is empty")
        return path.read_bytes()
    except OSError as error:
        raise refuse(f"the file cannot be read: {error.strerror or error}", "a file that you may read") from error


def _form(data: bytes, path: Path) -> str:
    """By what the file begins with; its name decides only between texts."""
    head = data[:1024]
    if b"%PDF-" in head:
        return "pdf"
    if data.startswith(b"PK\x03\x04") and b"word/" in data:
        return "docx"
    for magic, name in _ARCHIVES.items():
        if data.startswith(magic):
            raise InputError(Finding("error", f"this is {name}, and no article", str(path), accepted=_ACCEPTED))
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if path.suffix.lower() in (".html", ".htm", ".xhtml") or start.startswith(
        (b"<!doctype html", b"<html", b"<head", b"<body")
    ):
        return "html"
    is_saved_page = path.suffix.lower() in (".mhtml", ".mht") or b"multipart/related" in head.lower()
    if is_saved_page and b"mime-version:" in data[:4096].lower():
        return "mhtml"
    return "markdown" if path.suffix.lower() in (".md", ".markdown") else "text"


def _marked(text: str, form: str, path: Path) -> Article:
    from forecast.coding.articles.html_text import read_html

    if form == "markdown":
        from markdown_it import MarkdownIt

        text = MarkdownIt("commonmark", {"html": True}).render(text)
    return replace(read_html(text, str(path)), form=form)


def _judged(article: Article, path: Path) -> Article:
    """The article if there is anything in it that can be read, with what must be said about its language."""
    n_words = len(article.text.split())
    if n_words == 0:
        raise InputError(Finding("error", "there is no text in this file", str(path), accepted=_ACCEPTED))
    if len(article.text) > MAX_CHARS:
        message = f"the text has {len(article.text):,} characters"
        raise InputError(Finding("error", message, str(path), accepted=f"at most {MAX_CHARS:,}; split it into several"))
    share = english_share(article.text)
    if share is not None and share < MIN_SHARE:
        declared = f"; the page declares '{article.lang}'" if article.lang else ""
        remark = (
            f"this text does not seem to be English: {share:.0%} of its words are common English words, of English "
            f"prose some 30 to 50% are{declared}. Cues are English, so hardly anything will be found"
        )
        return replace(article, remarks=(*article.remarks, remark))
    return article
