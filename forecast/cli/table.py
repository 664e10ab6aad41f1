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
    *,
    stack: bool = False,
) -> Iterator[str]:
    """The lines of a table without borders, its header above a rule; or, where it is too narrow for that, of a list.

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
    stack
        Where the columns do not fit, write every row as a block, one `header: cell` a line: a terminal would break
        longer lines anywhere, and numbers could no longer be told apart.
    """
    heads = [header.split("\n") for header in headers]
    columns = [[*head, *(row[at] for row in rows if len(row) > 1)] for at, head in enumerate(heads)]
    widths = _fit(columns, width - (len(headers) - 1), wrap)
    if stack and sum(widths) + len(widths) - 1 > width:
        yield from _stacked([" ".join(head) for head in heads], rows, width)
        return
    n_lines = max(map(len, heads))
    yield from _lines([[""] * (n_lines - len(head)) + head for head in heads], widths, right)
    yield "─" * (sum(widths) + len(widths) - 1)
    for row in rows:
        if len(row) == 1:
            yield from _alone(row[0], width)
            continue
        cells = [_folded(text, widths[at]) if at in wrap else [text] for at, text in enumerate(row)]
        yield from _lines(cells, widths, right)


def _alone(text: str, width: int) -> Iterator[str]:
    """The lines of a row of one cell."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    yield from (indent + line for line in _folded(text.lstrip(" "), width - len(indent)))


def _stacked(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Every row as a block, its first cell at the margin and the others below it; empty cells are left out."""
    for number, row in enumerate(rows):
        if len(row) == 1:
            yield from _alone(row[0], width)
            continue
        if number and row[0]:
            yield ""
        for at, (header, cell) in enumerate(zip(headers, row, strict=True)):
            indent = "  " if at else ""
            named = f"{header}: {cell.strip()}" if header else cell.strip()
            first, *others = _folded(named, width - len(indent)) if cell.strip() else [""]
            further = _folded(" ".join(others), width - len(indent) - 2) if others else []
            if first:
                yield from (indent + first, *(f"{indent}  {line}" for line in further))


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
