"""A document in Markdown as a Word file or as PDF, by pandoc and typst; nothing is fetched from anywhere.

The looks of a page stand in `styles/`: `page.typ` for PDF, `reference.docx` for Word and `brief.docx` for what is to be
one page of it, and `blocks.lua`, which makes of paragraphs what Markdown cannot say and both have: captions of tables
and figures, the subtitle, widths of columns.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

from forecast.errors import ForecastError, WorkspaceError
from forecast.report.fonts import FOLDER, check_shown

__all__ = ["MissingExtraError", "PrintError", "Sheet", "check_extra", "to_docx", "to_pdf"]

#: Seconds that pandoc may take for one document; it takes one or two.
PATIENCE = 300

#: How the command line adds what printing needs.
EXTRA = "uv sync --extra print"

#: What shows texts in the fonts of its reader.
OTHER_FORMATS = "another format: FILE.html, FILE.docx or FILE.md"

#: The reader of our Markdown: CommonMark with the few things that documents use, and nothing that runs or includes.
READER = "commonmark+pipe_tables+strikeout+bracketed_spans"


#: Places that links lead to, as our Markdown writes them; hostile texts cannot, as their brackets are escaped.
_PLACE = re.compile(r'<span id="([A-Za-z0-9_.:-]+)">(.*?)</span>')

#: The standard that PDFs keep to where fonts allow: PDF/UA-1, tagged for readers who listen.
ACCESSIBLE: tuple[Literal["ua-1"]] = ("ua-1",)


class MissingExtraError(ForecastError):
    """A library that only printing needs is not installed."""


class PrintError(ForecastError):
    """Pandoc or typst refused the document."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on every page and in the properties of the file.

    Parameters
    ----------
    running
        Text at the head of every page, such as the id of the forecast.
    made_at
        ISO instant that the file gives as its own; the same text gives the same file.
    language
        Of the text, as in `en`.
    keywords
        Properties of the file.
    compact
        Whether it should be one page: smaller letters and margins.
    """

    running: str = ""
    made_at: str | None = None
    language: str = "en"
    keywords: tuple[str, ...] = ()
    compact: bool = False


def check_extra() -> None:
    """See that what printing needs is installed, before anything is computed.

    Raises
    ------
    MissingExtraError
        If it is not; names the command that adds it.
    """
    from importlib.util import find_spec

    missing = [name for name in ("pypandoc", "typst") if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"Word files and PDF need {' and '.join(missing)}, which are not installed. `{EXTRA}` adds them; "
            "Markdown and HTML need nothing more."
        )


def to_docx(text: str, figures: Path, sheet: Sheet | None = None) -> bytes:
    """The Word file of a document.

    Parameters
    ----------
    text
        The document as `report.markdown` writes it.
    figures
        Folder that its pictures' paths begin from.
    sheet
        What stands on every page.

    Raises
    ------
    MissingExtraError
        If pandoc is not installed.
    PrintError
        If it refuses the text.
    """
    with tempfile.TemporaryDirectory() as folder, as_file(files("forecast.report") / "styles") as styles:
        out = Path(folder) / "report.docx"
        sheet = sheet or Sheet()
        looks = styles / ("brief.docx" if sheet.compact else "reference.docx")
        _pandoc(text, "docx", sheet, styles, figures, [f"--reference-doc={looks}"], out)
        return out.read_bytes()


def to_pdf(
    text: str, figures: Path, sheet: Sheet | None = None, *, prepare: Callable[[str], str] = lambda source: source
) -> tuple[bytes, tuple[str, ...]]:
    """The PDF of a document, and what a reader of it must be warned of.

    Parameters
    ----------
    text, figures, sheet
        As for `to_docx`.
    prepare
        Gets the typst source that pandoc wrote, and gives the one that is set.

    Raises
    ------
    MissingExtraError
        If pandoc or typst is not installed.
    InputError
        If the text has characters that the program's fonts lack.
    PrintError
        If one of them refuses the text.
    """
    check_extra()
    import typst

    check_shown(text, "a PDF", OTHER_FORMATS)

    made = sheet or Sheet()
    stamp = datetime.fromisoformat(made.made_at) if made.made_at else None
    with tempfile.TemporaryDirectory() as folder, as_file(files("forecast.report") / "styles") as styles:
        root = Path(folder)
        out = root / "report.typ"
        _pandoc(text, "typst", made, styles, figures, [f"--template={styles / 'page.typ'}"], out)
        for picture in figures.rglob("*") if figures.is_dir() else ():
            if picture.is_file():
                place = root / picture.relative_to(figures)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(picture.read_bytes())
        # pandoc centres tables; text and tables begin at one line here
        source = out.read_text(encoding="utf-8").replace(
            "#figure(\n  align(center)[#table(", "#figure(\n  align(left)[#table("
        )
        out.write_text(prepare(source), encoding="utf-8")
        warnings = []
        try:
            content, _ = _set(out, stamp, ACCESSIBLE)
        except typst.TypstError as refused:
            # it is a page still, and the reader is told
            warnings.append(f"the PDF does not keep to {ACCESSIBLE[0]}: {str(refused).splitlines()[0]}")
            try:
                content, _ = _set(out, stamp, ())
            except typst.TypstError as error:
                raise PrintError(f"typst refused the document: {error}") from error
        return content, tuple(warnings)


def _set(source: Path, stamp: datetime | None, standards: Sequence[Literal["ua-1"]]) -> tuple[bytes, list[Any]]:
    import typst

    content, warned = typst.compile_with_warnings(
        str(source),
        root=str(source.parent),
        font_paths=[str(FOLDER)],
        ignore_system_fonts=True,
        format="pdf",
        timestamp=stamp,
        pdf_standards=list(standards),
    )
    return content, warned


def _pandoc(text: str, to: str, sheet: Sheet, styles: Path, figures: Path, options: Sequence[str], out: Path) -> None:
    check_extra()
    import pypandoc

    told = {"running": sheet.running, "lang": sheet.language}
    arguments = [
        pypandoc.get_pandoc_path(),
        f"--from={READER}",
        f"--to={to}",
        "--standalone",
        "--shift-heading-level-by=-1",
        f"--lua-filter={styles / 'blocks.lua'}",
        f"--resource-path={figures}",
        *(f"--metadata={key}={value}" for key, value in told.items() if value),
        *(["--metadata=compact=true"] if sheet.compact else []),
        *(f"--metadata=keywords={word}" for word in sheet.keywords),
        *options,
        f"--output={out}",
    ]
    environment = {**os.environ}
    if sheet.made_at:
        environment["SOURCE_DATE_EPOCH"] = str(int(datetime.fromisoformat(sheet.made_at).timestamp()))
    try:
        ended = subprocess.run(
            arguments,
            input=_PLACE.sub(r"[\2]{#\1}", text).encode(),
            capture_output=True,
            env=environment,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PrintError(f"pandoc was not done with the document in {PATIENCE} seconds.") from error
    except OSError as error:
        raise WorkspaceError(f"pandoc cannot be started: {error.strerror}") from error
    if ended.returncode:
        raise PrintError(f"pandoc refused the document: {ended.stderr.decode(errors='replace').strip()}")
