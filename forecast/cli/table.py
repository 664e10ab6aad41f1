"""Tables as text: columns that fit a width, with ids and numbers kept whole.

Rich's tables do the same for a hundred milliseconds of imports and layout, a third of a command that fits nothing; its
measure of characters is used here.
"""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, chop_cells

__all__ = ["table"]

#: A column that may be wrapped is not made narrower than this, unless it never was as wide.
NARROWEST = 8


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    right: Sequence[int] = (),
    wrap: Sequence[int] = (),
) -> Iterator[str]:
    """The lines of a table without borders, its header above a rule.

    Parameters
    ----------
    headers
        One per column; a header may have several lines.
    rows
        Cells as text; a row of one cell is a line of its own, folded at its indentation.
    width
        Cells of the terminal; a table whose columns cannot be wrapped so far is wider.
    right
        Positions of columns that are aligned to the right.
    wrap
        Positions of columns whose text may go on in further lines, between words where that is possible.
    """
    heads = [header.split("\n") for header in headers]
    columns = [[*head, *(row[at] for row in rows if len(row) > 1)] for at, head in enumerate(heads)]
    widths = _fit(columns, width - (len(headers) - 1), wrap)
    n_lines = max(map(len, heads))
    yield from _lines([[""] * (n_lines - len(head)) + head for head in heads], widths, right)
    yield "─" * (sum(widths) + len(widths) - 1)
    for row in rows:
        if len(row) == 1:
            indent = row[0][: len(row[0]) - len(row[0].lstrip(" "))]
            yield from (indent + line for line in _folded(row[0].lstrip(" "), width - len(indent)))
            continue
        cells = [_folded(text, widths[at]) if at in wrap else [text] for at, text in enumerate(row)]
        yield from _lines(cells, widths, right)


def _fit(columns: Sequence[Sequence[str]], width: int, wrap: Sequence[int]) -> list[int]:
    """Widths of the columns: what they need, then the widest that may be wrapped give way to the others.

    Words are broken only where columns of whole words would not fit.
    """
    widths = [max(map(cell_len, cells)) for cells in columns]
    words = [max((cell_len(word) for cell in cells for word in cell.split()), default=0) for cells in columns]
    for floor in (words, [NARROWEST] * len(columns)):
        while sum(widths) > width:
            widest = max((at for at in wrap if widths[at] > floor[at]), key=widths.__getitem__, default=None)
            if widest is None:
                break
            widths[widest] -= 1
    return widths


def _folded(text: str, width: int) -> list[str]:
    """The text in lines of at most so many cells."""
    if cell_len(text) <= width:
        return [text]
    lines = [""]
    for word in text.split():
        first, *others = chop_cells(word, width) if cell_len(word) > width else [word]
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(first) <= width:
            lines[-1] += f" {first}"
        else:
            lines[-1:] = [lines[-1], first] if lines[-1] else [first]
        lines += others
    return lines


def _lines(cells: Sequence[Sequence[str]], widths: Sequence[int], right: Sequence[int]) -> Iterator[str]:
    """The lines of one row, whose cells are lists of lines."""
    for number in range(max(map(len, cells))):
        parts = []
        for at, lines in enumerate(cells):
            text = lines[number] if number < len(lines) else ""
            space = " " * (widths[at] - cell_len(text))
            parts.append(space + text if at in right else text + space)
        yield " ".join(parts).rstrip()
