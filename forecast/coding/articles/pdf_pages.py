"""Run as a process of its own: the pages of a PDF as lines of JSON, within limits of memory and time."""

import json
import re
import sys
from typing import Any

from forecast import sandbox
from forecast.coding.articles.pdf_columns import Piece, by_columns

__all__ = ["main"]

#: Characters of one page, and of all.
MAX_PAGE_CHARS = 200_000

#: Pieces of text of one page; a printed page has some hundred.
MAX_PIECES = 5_000

_NEEDS_PASSWORD = 4


def main(path: str, max_pages: int) -> None:
    """Tell the number of pages, then each page's text; or what is wrong."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _NEEDS_PASSWORD or "password" in str(error).lower():
            _tell(
                error="this PDF is encrypted: it opens with a password only",
                accepted="one that is not; print it to a new PDF",
            )
        else:
            _tell(error=f"this is not a PDF that can be read ({error})", accepted="a PDF that is not damaged")
        return
    n_pages = len(document)
    if n_pages == 0 or n_pages > max_pages:
        _tell(error=f"this PDF has {n_pages:,} pages", accepted=f"1 to {max_pages:,}; split it into several")
        return
    _tell(pages=n_pages)
    for number in range(n_pages):
        page = document[number]
        words = page.get_textpage()
        text = by_columns(_pieces(words))
        if text is None:
            n_chars = min(words.count_chars(), MAX_PAGE_CHARS)
            text = words.get_text_range(0, n_chars) if n_chars > 0 else ""
        # a hyphen at the end of a line, whose end pdfium leaves out
        _tell(text=re.sub("[\ufffe\x02](?:\r?\n)?", "-\n", text[:MAX_PAGE_CHARS]))
        words.close()
        page.close()


def _pieces(words: Any) -> list[Piece]:
    """The pieces of a page's text with their places; none of a page with more than is worth sorting."""
    n = words.count_rects() if words.count_chars() > 0 else 0
    if not 0 < n <= MAX_PIECES:
        return []
    places = [words.get_rect(number) for number in range(n)]
    texts = (words.get_text_bounded(*place) for place in places)
    return [Piece(place[0], place[1], place[2], place[3], text) for place, text in zip(places, texts, strict=True)]


def _tell(**said: object) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    sandbox.begin()
    main(sys.argv[1], int(sys.argv[2]))
