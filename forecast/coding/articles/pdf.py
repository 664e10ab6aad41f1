"""A PDF into its text, in a process of its own with limits on memory and time: a damaged file can only harm that
one.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from forecast import sandbox
from forecast.coding.articles.article import Article, Progress
from forecast.coding.articles.layout import unwrapped
from forecast.errors import Finding, InputError

__all__ = ["MAX_PAGES", "MAX_SECONDS", "read_pdf"]

MAX_PAGES = 1_000

#: 200 pages take about two seconds.
MAX_SECONDS = 120.0

#: A page with fewer characters has no text but perhaps a number.
FEWEST_CHARS = 20

#: A line that stands first or last on so many pages, but for its digits, is a running head.
REPEATED_PAGES = 3


def read_pdf(path: Path, progress: Progress) -> Article:
    """The text of a PDF.

    Raises
    ------
    InputError
        If it is encrypted or damaged, has no text, or takes more pages, memory or time than allowed.
    """
    pages: list[str] = []
    for told in _told(path):
        if "error" in told:
            raise _refused(path, str(told["error"]), str(told.get("accepted") or "a PDF with text"))
        if "pages" in told:
            n_pages = int(str(told["pages"]))
            continue
        pages.append(str(told["text"]))
        progress("reading", len(pages) / max(n_pages, 1), f"page {len(pages)} of {n_pages}")
    empty = sum(len(page.strip()) < FEWEST_CHARS for page in pages)
    if empty == len(pages):
        many = f"{len(pages)} pages" if len(pages) != 1 else "one page"
        message = f"this PDF has {many} and no text: it holds pictures of pages, as from a scanner"
        raise _refused(path, message, "a PDF with text; run text recognition (OCR) over it first")
    kept, n_left = _without_running_heads(pages)
    remarks = []
    if empty:
        remarks.append(f"{empty} of {len(pages)} pages have no text: pictures are not read")
    if n_left:
        remarks.append(f"{n_left} running heads and page numbers were left out")
    return Article(unwrapped("\n".join(kept)), "pdf", remarks=tuple(remarks))


def _told(path: Path) -> Iterator[dict[str, object]]:
    """What the other process tells, a line at a time."""
    module = "forecast.coding.articles.pdf_pages"
    try:
        for line in sandbox.lines_told(module, str(path), str(MAX_PAGES), seconds=MAX_SECONDS):
            yield json.loads(line)
    except sandbox.GaveUpError as error:
        if error.code is None:
            message = f"this PDF takes more than {MAX_SECONDS:.0f} seconds to read"
            raise _refused(path, message, "a smaller or simpler one") from error
        message = f"this PDF cannot be read: the reader gave up ({error.code})"
        raise _refused(path, message, "a PDF that is not damaged") from error


def _refused(path: Path, message: str, accepted: str) -> InputError:
    return InputError(Finding("error", message, str(path), accepted=accepted))


def _without_running_heads(pages: Sequence[str]) -> tuple[list[str], int]:
    """The lines of all pages without those that stand first or last on many of them."""
    split = [[line.strip() for line in page.splitlines() if line.strip()] for page in pages]
    ends = Counter(_bare(line) for lines in split for line in {*lines[:1], *lines[-1:]})
    kept: list[str] = []
    n_left = 0
    for lines in split:
        for number, line in enumerate(lines):
            at_end = number in (0, len(lines) - 1)
            if at_end and (ends[_bare(line)] >= REPEATED_PAGES or line.isdigit()):
                n_left += 1
            else:
                kept.append(line)
    return kept, n_left


def _bare(line: str) -> str:
    return "".join(char for char in line if not char.isdigit()).strip()
