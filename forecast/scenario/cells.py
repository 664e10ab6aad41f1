"""Cells of CSV that no spreadsheet runs: text that begins like a formula gets an apostrophe, and loses it when read.

What begins a formula is listed by OWASP, 'CSV Injection' (owasp.org/www-community/attacks/CSV_Injection): = + - @, tab
and line ends, and the full-width forms of the signs, which some spreadsheets read as the same.
"""

__all__ = ["as_written", "harmless"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FIRST = frozenset(("'", *_FORMULA))


def harmless(text: str) -> str:
    """The text for a cell of CSV; `as_written` gives every text back."""
    # data sets have millions of cells, and most are empty or begin with a letter
    if not text or text[0] not in _FIRST:
        return text
    return "'" + text if _is_marked(text) else text


def as_written(cell: str) -> str:
    """The text that `harmless` made a cell of."""
    return cell[1:] if cell.startswith("'") and _is_marked(cell) else cell


def _is_marked(text: str) -> bool:
    """Whether it begins like a formula, or like one that was made harmless before: then one apostrophe more is set."""
    return text.lstrip("'").startswith(_FORMULA)
