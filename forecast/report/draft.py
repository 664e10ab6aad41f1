"""An analyst's draft in Markdown: its tokens, what they may not touch, and the text with marks in their place.

A token is `{fc:REF FORM}`, such as `{fc:dprk-russia/treaty-2024}` (number of the latest forecast) or
`{fc:fc-7k2mqx4adn/regime-2025:durable words phia}` (word of this one). Each is replaced by a character that nothing
else uses before the text is parsed, so the parser itself says which tokens stand in code and are left alone.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from forecast.errors import Finding, InputError
from forecast.report.citations.listing import ANCHOR, number_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["ACCEPTED", "BIBLIOGRAPHY", "Draft", "Head", "parser", "read_draft", "titled"]

#: How a token is written.
ACCEPTED = "{fc:SCENARIO/QUESTION[:OUTCOME] [FORM [SCALE]]} or {fc:FORECAST/...}"

#: Heading of the bibliography at the end of documents.
BIBLIOGRAPHY = "Forecasts cited"

#: Bytes of the largest draft.
MAX_BYTES = 8 * 1024 * 1024

#: Pictures that pages and paper can show.
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp")

_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_REPLACED = re.compile(
    r"\{fc:(?:[^{}`\n]*\})?"
    # and what begins a tag: no address in angle brackets, nor one within a link
    r"|(?<!\]\()(?<!\\)<(?=[A-Za-z/!?])(?![A-Za-z][A-Za-z0-9+.-]+:[^\s<>]*>)(?![^\s<>@]+@[^\s<>@]+>)"
)

#: Stand for the token and the tag with the number between them; characters of private use, which no text has.
_OPEN, _CLOSE, _TAG_AT = "\ue000", "\ue001", "\ue002"
_STANDIN = re.compile(f"{_OPEN}(\\d+){_CLOSE}")

_ATX = re.compile(r"#{1,6}(?=[ \t]|$)")
_SCHEMES = ("http", "https", "mailto", "")


@dataclass(frozen=True, slots=True)
class Head:
    """What the front matter says of the draft, and the front matter itself as it is written."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that was read.

    Parameters
    ----------
    head
        Its front matter.
    body
        The rest, with a stand-in for every token that is not in code, and for every tag outside code.
    tokens
        What the stand-ins stand for, by their order: the text within the braces, the line in the file.
    pictures
        Paths of its images, as they are written; addresses of the web too.
    """

    path: Path
    head: Head
    body: str
    tokens: tuple[tuple[str, int], ...]
    pictures: tuple[str, ...]

    @staticmethod
    def filled(text: str, mark: Callable[[int], str]) -> str:
        """A text made from the body with `mark(n)` for the n-th token, counted from 1; tags are Markdown's text."""
        return _STANDIN.sub(lambda match: mark(int(match[1]) + 1), text).replace(_TAG_AT, "\\<")

    @staticmethod
    def untagged(text: str) -> str:
        """A text made from the body with tags as they were written, for a parser that knows none."""
        return text.replace(_TAG_AT, "<")

    @staticmethod
    def has_token(text: str) -> bool:
        """Whether a token stands in a text made from the body."""
        return _OPEN in text


def parser() -> "MarkdownIt":
    """CommonMark with tables and deleted text; tags are text."""
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # what may not be linked is an error of the draft, not text of the document
    made.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005 - its name is part of the type
    return made


def read_draft(path: Path) -> Draft:
    """Read a draft.

    Raises
    ------
    InputError
        If it cannot be read; or with all places where a token cannot stand, a link leads nowhere good or an image is
        not there.
    """
    source = _source(path)
    front = _FRONT.match(source)
    head, findings = _head(front, path) if front else (Head(), [])
    offset = front.end() if front else 0
    first_line = source.count("\n", 0, offset) + 1
    original = source[offset:]
    standing, originals = _with_standins(original)
    live: set[int] = set()
    pictures: list[str] = []
    for token in parser().parse(standing):
        line = first_line + token.map[0] if token.map else None
        if token.type == "inline":
            findings += _inline(token.children or (), path, line, originals, live, pictures)
    findings += _pictures(pictures, path)
    body, tokens = _settled(standing, originals, live, first_line)
    for content, line in tokens:
        if not content.endswith("}"):
            message = "a token has no end."
            findings.append(Finding("error", message, str(path), line, found="{fc:", accepted=ACCEPTED))
    if ANCHOR in original:
        message = "has a list of citations already: render the draft, not what was rendered."
        findings.append(Finding("error", message, str(path)))
    if findings:
        raise InputError(sorted(findings, key=lambda finding: finding.line or 0))
    return Draft(path, head, body, tuple((content[:-1], line) for content, line in tokens), tuple(pictures))


def _source(path: Path) -> str:
    accepted = "a draft in Markdown, UTF-8"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            Finding("error", f"cannot be read ({error.strerror}).", str(path), accepted=accepted)
        ) from error
    if len(content) > MAX_BYTES:
        message = f"has {len(content) / 1024**2:.0f} MiB."
        raise InputError(Finding("error", message, str(path), accepted=f"at most {MAX_BYTES // 1024**2} MiB"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(Finding("error", "is no UTF-8 here.", str(path), line, accepted=accepted)) from error
    for char in (_OPEN, _CLOSE, _TAG_AT, "\0"):
        if char in text:
            line = text.count("\n", 0, text.index(char)) + 1
            message = f"has the character U+{ord(char):04X}, which no text has."
            raise InputError(Finding("error", message, str(path), line, accepted=accepted))
    # as the parser counts lines
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _head(front: re.Match[str], path: Path) -> tuple[Head, list[Finding]]:
    """Title, authors and date as texts: YAML gives no value a type here."""
    import yaml

    accepted = "title: TEXT, author: TEXT or a list of them, date: TEXT"
    try:
        values = yaml.load(front[1], Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        return Head(), [Finding("error", "the front matter is no YAML.", str(path), line, accepted=accepted)]
    if values is None:
        return Head(text=front[0]), []
    if not isinstance(values, dict):
        message = "what stands between the lines of dashes at the beginning is no front matter."
        return Head(), [
            Finding("error", message, str(path), 1, accepted=f"{accepted}; `***` for a line across the page")
        ]
    findings = []
    authors = values.get("author", [])
    authors = authors if isinstance(authors, list) else [authors]
    for key, value in (
        ("title", values.get("title", "")),
        ("date", values.get("date", "")),
        *(("author", a) for a in authors),
    ):
        if not isinstance(value, str):
            findings.append(Finding("error", f"{key} is no text.", str(path), 1, key=key, accepted=accepted))
    if "{fc:" in front[1]:
        line = front[0].count("\n", 0, front[0].index("{fc:")) + 1
        message = "a cited number cannot stand in the front matter."
        findings.append(Finding("error", message, str(path), line, accepted="numbers in the text"))
    if findings:
        return Head(), findings
    title, date = values.get("title") or None, values.get("date") or None
    return Head(title, tuple(author for author in authors if author), date, front[0]), []


def _with_standins(text: str) -> tuple[str, list[str]]:
    """The text with numbered stand-ins for tokens and for what begins a tag, and what they stand for."""
    originals: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        originals.append(match[0])
        return f"{_OPEN}{len(originals) - 1}{_CLOSE}"

    return _REPLACED.sub(stand_in, text), originals


def _inline(
    children: "Sequence[Token]",
    path: Path,
    line: int | None,
    originals: Sequence[str],
    live: set[int],
    pictures: list[str],
) -> Iterator[Finding]:
    """Note what of a block is text and which pictures it has, and say what is wrong with it."""

    def has_token(text: str) -> bool:
        return any(originals[int(match[1])] != "<" for match in _STANDIN.finditer(unquote(text)))

    in_link = False
    for child in children:
        if child.type in ("softbreak", "hardbreak") and line:
            line += 1
        elif child.type == "link_close":
            in_link = False
        elif child.type == "link_open":
            in_link = True
            href = str(child.attrGet("href") or "")
            if has_token(href) or has_token(str(child.attrGet("title") or "")):
                message = "a cited number cannot stand in an address."
                yield Finding("error", message, str(path), line, accepted="in the text")
            elif number_of(href) is not None:
                message = "links to `#cited-` are made by render."
                yield Finding("error", message, str(path), line, found=href, accepted="{fc:...} in their place")
            elif _scheme(href) not in _SCHEMES:
                message = "a link does something else than lead to a page."
                accepted = "an address that begins with https:, http: or mailto:, or a path"
                yield Finding("error", message, str(path), line, found=href, accepted=accepted)
        elif child.type == "image":
            pictures.append(unquote(str(child.attrGet("src") or "")))
            if has_token(child.content):
                message = "a cited number cannot stand in the description of an image."
                yield Finding("error", message, str(path), line, accepted="in the text")
        elif child.type == "text":
            live.update(int(match[1]) for match in _STANDIN.finditer(child.content))
            if in_link and has_token(child.content):
                message = "a cited number cannot stand in a link: it is one itself."
                yield Finding("error", message, str(path), line, accepted="beside the link")


def _scheme(href: str) -> str:
    try:
        return urlsplit(href.strip()).scheme.lower()
    except ValueError:
        return "?"


def _pictures(pictures: Sequence[str], path: Path) -> Iterator[Finding]:
    folder = path.absolute().parent
    for picture in dict.fromkeys(pictures):
        accepted = f"a path below the draft's folder, to a file {', '.join(PICTURES)}"
        if _scheme(picture):
            message = "an image is on the web, and nothing is fetched."
        elif Path(picture).is_absolute() or ".." in Path(picture).parts or "\\" in picture:
            message = "an image is outside of the draft's folder."
        elif Path(picture).suffix.lower() not in PICTURES:
            message = "an image is no picture."
        elif not (folder / picture).is_file():
            message = "an image is not there."
        else:
            continue
        yield Finding("error", message, str(path), found=picture, accepted=accepted)


def _settled(
    standing: str, originals: Sequence[str], live: set[int], first_line: int
) -> tuple[str, list[tuple[str, int]]]:
    """The body with stand-ins for what is text, tokens counted anew, and the tokens with their lines."""
    tokens: list[tuple[str, int]] = []
    line, counted = first_line, 0

    def settled(match: re.Match[str]) -> str:
        nonlocal line, counted
        line, counted = line + standing.count("\n", counted, match.start()), match.start()
        original = originals[int(match[1])]
        if int(match[1]) not in live:
            return original
        if original == "<":
            return _TAG_AT
        tokens.append((original.removeprefix("{fc:"), line))
        return f"{_OPEN}{len(tokens) - 1}{_CLOSE}"

    return _STANDIN.sub(settled, standing), tokens


def titled(draft: Draft) -> tuple[str, str]:
    """The title, and the body with its headings below it.

    It is that of the front matter, else the first heading, else the name of the file.
    """
    tokens = parser().parse(draft.body)
    heads = [
        (token, tokens[at + 1].content)
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]
    lines = draft.body.split("\n")
    title = draft.head.title
    if (
        title is None
        and heads
        and tokens[0] is heads[0][0]
        and tokens[0].tag == "h1"
        and not Draft.has_token(heads[0][1])
    ):
        first, last = tokens[0].map or (0, 0)
        parts = (child.content for child in tokens[1].children or () if child.type in ("text", "code_inline"))
        title = Draft.untagged("".join(parts))
        lines[first:last] = [""] * (last - first)
        heads = heads[1:]
    if any(token.tag == "h1" for token, _ in heads):
        for token, content in heads:
            first, last = token.map or (0, 0)
            level = min(int(token.tag[1]) + 1, 6)
            if _ATX.match(lines[first].lstrip()):
                lines[first] = _ATX.sub("#" * level, lines[first], count=1)
            else:
                lines[first:last] = [f"{'#' * level} {' '.join(content.split())}", *[""] * (last - first - 1)]
    return title or draft.path.stem, "\n".join(lines)
