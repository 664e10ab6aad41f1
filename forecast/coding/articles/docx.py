"""The text of a .docx: its paragraphs and tables, without what was deleted or hidden. Nothing else is unpacked."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forecast.coding.articles.article import Article
from forecast.errors import Finding, InputError

__all__ = ["read_docx"]

#: Bytes of the text with its marks, unpacked; a book has some millions.
MAX_BYTES = 40 * 1024 * 1024

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_LEFT_OUT = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText"))


def read_docx(data: bytes, path: Path) -> Article:
    """The text of a document, a line for each paragraph.

    Raises
    ------
    InputError
        If it is damaged, encrypted, or unpacks to more than is allowed.
    """
    body = _part(data, "word/document.xml", path)
    if body is None:
        raise _refused(path, "this .docx has no text part")
    core = _part(data, "docProps/core.xml", path)
    lines = ("".join(_texts(one)) for one in body.iter(f"{_W}p"))
    title = core.findtext(f"{_DC}title") if core is not None else None
    author = core.findtext(f"{_DC}creator") if core is not None else None
    text = "\n\n".join(line for line in lines if line.strip())
    return Article(text, "docx", title=_plain(title), author=_plain(author))


def _part(data: bytes, name: str, path: Path) -> Any:
    """A part of the package as a tree; None if it is not there."""
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if name not in archive.namelist():
                return None
            with archive.open(name) as file:
                text = file.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise _refused(path, f"this .docx cannot be read: {error}") from error
    if len(text) > MAX_BYTES:
        raise _refused(path, f"the text of this .docx unpacks to more than {MAX_BYTES // 2**20} MiB")
    try:
        return fromstring(text)
    except (ParseError, ValueError) as error:
        raise _refused(path, f"the text of this .docx is damaged: {error}") from error


def _texts(element: Any) -> Iterator[str]:
    """The texts of a paragraph, without nested paragraphs (text boxes have their own)."""
    waiting = [*reversed(element)]
    while waiting:
        one = waiting.pop()
        if one.tag == f"{_W}t":
            yield one.text or ""
        elif one.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            yield " "
        elif one.tag == f"{_W}noBreakHyphen":
            yield "-"
        elif one.tag != f"{_W}p" and one.tag not in _LEFT_OUT and not _is_hidden(one):
            waiting.extend(reversed(one))


def _is_hidden(run: Any) -> bool:
    looks = run.find(f"{_W}rPr") if run.tag == f"{_W}r" else None
    hidden = looks.find(f"{_W}vanish") if looks is not None else None
    return hidden is not None and hidden.get(f"{_W}val") not in ("0", "false")


def _plain(text: str | None) -> str | None:
    return " ".join(text.split())[:500] or None if text else None


def _refused(path: Path, message: str) -> InputError:
    return InputError(Finding("error", message, str(path), accepted="a .docx that a word processor opens, or text"))
