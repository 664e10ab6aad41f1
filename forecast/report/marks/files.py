"""A document as a file: which reader its ending names."""

from collections.abc import Callable, Mapping
from pathlib import Path

from forecast.errors import Finding, InputError
from forecast.report.marks import docx, html, markdown, pdf
from forecast.report.marks.reading import Reading, UnreadableError

__all__ = ["SUFFIXES", "read_document"]

#: Bytes of the largest document that is read.
MAX_BYTES = 256 * 1024 * 1024


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


def read_document(path: Path) -> Reading:
    """The marks and the list of citations of a document.

    Raises
    ------
    InputError
        If the ending is no document's, or the file cannot be read as what it says.
    """
    reader = _READERS.get(path.suffix.lower())
    accepted = f"a document that `report` or `render` wrote: FILE{', FILE'.join(SUFFIXES)}"
    if reader is None:
        raise InputError(Finding("error", f"'{path.name}' is no document.", found=str(path), accepted=accepted))
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableError(f"it has more than {MAX_BYTES // 1024**2} MiB")
        return reader(path.read_bytes())
    except OSError as error:
        message = f"cannot be read ({error.strerror})."
        raise InputError(Finding("error", message, str(path), accepted=accepted)) from error
    except UnreadableError as error:
        raise InputError(Finding("error", f"cannot be read: {error}.", str(path), accepted=accepted)) from error
