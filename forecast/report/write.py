"""A document as a file whose ending says how: .md, .docx, .pdf or .html; an old file stays whole until the new one is.

The pictures of Markdown stand beside it, in a folder with its name and `.figures`. A part of their hash is in their
names, so that those of the old text stay as they are until the new one is there. All other formats carry theirs inside.
"""

import re
import tempfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from forecast.ledger.files import replace_atomically
from forecast.ledger.store import Head
from forecast.report.blocks import Document, Figure
from forecast.report.citations.listing import Listing
from forecast.report.fonts import chart_converter
from forecast.report.markdown import Written, markdown
from forecast.report.png import png
from forecast.report.target import check_target
from forecast.report.theme import themed

__all__ = ["SUFFIXES", "check_out", "write"]

#: What `-o` can name.
SUFFIXES = (".html", ".pdf", ".docx", ".md")

#: Points on paper for a pixel of a chart: two charts with their words have room on a page; dots to the inch.
SCALE, DENSITY = 0.64, 220.0


def check_out(path: Path) -> Path:
    """A path that a document can be written to, before anything is computed.

    Raises
    ------
    InputError
        See `report.target.check_target`.
    MissingExtraError
        If the format needs libraries that are not installed.
    """
    check_target(path, SUFFIXES, "-o")
    if path.suffix.lower() in (".docx", ".pdf"):
        from forecast.report.printed import check_extra

        check_extra()
    return path


def write(document: Document, path: Path, head: Head, *, made_at: str | None = None, brief: bool = False) -> list[str]:
    """Write a document; what its reader should be told beside it.

    Parameters
    ----------
    document, path
        What, and where to.
    head
        End of the log when it was made.
    made_at
        ISO instant that the file gives as its own.
    brief
        Whether it should be one page: without the data of figures as tables at the end of what is printed.

    Raises
    ------
    WorkspaceError
        If the file cannot be written; the old one is whole.
    InputError
        If a PDF, or a picture in a PDF or Word file, has text that the program's fonts lack.
    PrintError
        If pandoc or typst refuses the document.
    """
    match path.suffix.lower():
        case ".html":
            content, told = _html(document, head), list[str]()
        case ".md":
            return _markdown(document, path, head, not brief)
        case suffix:
            content, told = _printed(document, suffix, head, made_at, brief)
    replace_atomically(path, lambda file: file.write(content))
    return told


def _html(document: Document, head: Head) -> bytes:
    from forecast.report.blocks import citations
    from forecast.report.citations.html import data
    from forecast.report.html import page

    listing = Listing(tuple(citations(document)), head.log, head.hash)
    return page(document, data=data(listing), verify="forecast verify FILE").encode()


def _markdown(document: Document, path: Path, head: Head, data: bool) -> list[str]:
    folder = path.parent / f"{path.stem}.figures"
    # angle brackets hold any name but these
    place = "".join(f"%{ord(sign):02X}" if sign in "<>\\%" else sign for sign in folder.name)
    drawn: dict[str, bytes] = {}

    def picture(figure: Figure) -> str:
        content = chart_converter().vegalite_to_svg(themed(figure.specification)).encode()
        name = f"{figure.id}-{sha256(content).hexdigest()[:8]}.svg"
        drawn[name] = content
        return f"<{place}/{name}>"

    written = markdown(document, picture, log=head.log, head=head.hash, data=data)
    shown_before = _pictures_of(path, place)
    for name, content in drawn.items():
        replace_atomically(folder / name, _writing(content))
    replace_atomically(path, _writing(written.text.encode()))
    for name in shown_before - drawn.keys():
        (folder / name).unlink(missing_ok=True)
    return [f"its pictures stand in {folder}"] if drawn else []


def _pictures_of(path: Path, place: str) -> set[str]:
    """Names of the pictures that the text of this file shows, if it is one of ours."""
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return set()
    return set(re.findall(rf"\]\(<{re.escape(place)}/([\w.-]+-[0-9a-f]{{8}}\.svg)>\)", text))


def _writing(content: bytes) -> Callable[..., object]:
    return lambda file: file.write(content)


def _printed(document: Document, suffix: str, head: Head, made_at: str | None, brief: bool) -> tuple[bytes, list[str]]:
    from forecast.report.citations import docx, pdf
    from forecast.report.printed import Sheet, to_docx, to_pdf

    written = markdown(document, lambda figure: f"{figure.id}.png", log=head.log, head=head.hash, data=not brief)
    listing = Listing(written.citations, head.log, head.hash)
    about = document.about
    sheet = Sheet(about.get("forecast", ""), made_at, keywords=(*about.get("scenario", "").split(),), compact=brief)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _draw(written.figures, folder)
        if suffix == ".docx":
            made = to_docx(written.text, folder, sheet)
            return (docx.embedded(made, listing) if listing.citations else made), []
        content, told = to_pdf(written.text, folder, sheet, prepare=_prepare(written, listing, pdf.prepared))
        return content, list(told)


def _prepare(written: Written, listing: Listing, prepared: Callable[[str, Listing], str]) -> Callable[[str], str]:
    return (lambda source: prepared(source, listing)) if written.citations else (lambda source: source)


def _draw(figures: Sequence[Figure], folder: Path) -> None:
    for figure in figures:
        specification = {**themed(figure.specification), "background": "white"}
        (folder / f"{figure.id}.png").write_bytes(png(specification, scale=SCALE, ppi=DENSITY))
