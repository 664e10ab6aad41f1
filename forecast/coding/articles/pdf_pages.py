"""Run as a process of its own: the pages of a PDF as lines of JSON, within limits of memory and time."""

import json
import sys

from forecast import sandbox

__all__ = ["main"]

#: Characters of one page, and of all.
MAX_PAGE_CHARS = 200_000

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
        text = words.get_text_range(0, min(words.count_chars(), MAX_PAGE_CHARS)) if words.count_chars() > 0 else ""
        # a hyphen at the end of a line
        _tell(text=text.replace("\ufffe", "-").replace("\x02", "-"))
        words.close()
        page.close()


def _tell(**said: object) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    sandbox.begin()
    main(sys.argv[1], int(sys.argv[2]))
