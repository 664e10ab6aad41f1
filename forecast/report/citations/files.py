"""A document as a file: which reader its ending names."""

from collections.abc import Callable, Mapping
from pathlib import Path

from forecast.coding.articles.article import MAX_BYTES as MAX_ARTICLE_BYTES
from forecast.errors import Finding, InputError
from forecast.report.citations import docx, html, markdown, pdf
from forecast.report.citations.reader import read_in_sandbox
from forecast.report.citations.reading import Reading, UnreadableError

__all__ = ["SUFFIXES", "read_content", "read_document"]

#: Bytes of the largest document that is read, and of the largest Markdown: drafts may not be larger.
MAX_BYTES, MAX_MARKDOWN = MAX_ARTICLE_BYTES, 8 * 1024 * 1024


def _text(reader: Callable[[str], Reading]) -> Callable[[bytes], Reading]:
    def read(content: bytes) -> Reading:
        try:
            return reader(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise UnreadableError(f"it is no text in UTF-8 (byte {error.start})") from error

    return read


#: Readers by the ending of the file.
_READERS: Mapping[str, Callable[[bytes], Reading]] = {
    ".md": _text(markdown.read),
    ".html": _text(html.read),
    ".docx": docx.read,
    ".pdf": pdf.read,
    ".markdown": _text(markdown.read),
    ".htm": _text(html.read),
}

#: Endings of documents.
SUFFIXES = (".md", ".html", ".docx", ".pdf")


def read_content(content: bytes, suffix: str) -> Reading:
    """The marks and the list of citations of a document in memory; `suffix` is the ending that its file would have.

    Raises
    ------
    KeyError
        If there is no such format.
    UnreadableError
        If the content is not what the ending says.
    """
    return _READERS[suffix](content)


def read_document(path: Path) -> Reading:
    """The marks and the list of citations of a document, read in a process of its own with limits.

    Raises
    ------
    InputError
        If the ending is no document's, or the file cannot be read as what it says.
    """
    accepted = f"a document that `report` or `render` wrote: FILE{', FILE'.join(SUFFIXES)}"
    if path.suffix.lower() not in _READERS:
        raise InputError(Finding("error", f"'{path.name}' is no document.", found=str(path), accepted=accepted))
    try:
        most = MAX_MARKDOWN if path.suffix.lower() in (".md", ".markdown") else MAX_BYTES
        if path.stat().st_size > most:
            raise UnreadableError(f"it has more than {most // 1024**2} MiB")
        with path.open("rb"):
            pass
        return read_in_sandbox(str(path.absolute()))
    except OSError as error:
        message = f"cannot be read ({error.strerror})."
        raise InputError(Finding("error", message, str(path), accepted=accepted)) from error
    except UnreadableError as error:
        raise InputError(Finding("error", f"cannot be read: {error}.", str(path), accepted=accepted)) from error
