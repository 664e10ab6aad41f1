"""An alliance table into spells: when each alliance began and ended, why, and which of them are meant.

The layout of ATOP (Leeds, Ritter, Mitchell and Long 2002) is known; of any other table the columns are named. Rows that
are filtered out, and rows that cannot be used, are counted with the reason.
"""

import operator
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from forecast.coding.rows import Layout, Table, open_table
from forecast.errors import Finding, InputError
from forecast.scenario.dates import ACCEPTED_WHEN, parse_when
from forecast.scenario.validation import nearest

__all__ = ["Columns", "Condition", "Spell", "Spells", "columns", "parse_condition", "read_spells"]

#: ATOP 4.01 is coded to the end of 2016; of other versions the user has to say it.
ATOP_CODED_UNTIL = {"4.01": date(2016, 12, 31)}

ATOP_CITATION = "Leeds, Ritter, Mitchell and Long 2002 (ATOP)"

#: Meaning of `term` in ATOP where the alliance has ended. 0 is a member's loss of independence then.
ATOP_CAUSES = {"0": "lost independence", "1": "expired", "2": "violated", "3": "replaced"}

#: Where ATOP leaves out month or day: the middle of the year or month.
MIDDLE_MONTH, MIDDLE_DAY = 7, 15

_ATOP = (("begyr",), ("begmo",), ("begday",), ("endyr",), ("endmo",), ("endday",), ("term",))

_CONDITION = re.compile(r"\s*([^<>=!]+?)\s*(<=|>=|!=|==|=|<|>)\s*(.*?)\s*")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a table that is not ATOP's; without `cause` every ending is one of cause 'ended'."""

    begin: str
    end: str
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """`COLUMN OP VALUE`; the columns `formed` and `ended` are the days of the spell."""

    column: str
    compare: str
    value: str

    def holds(self, cell: str | date | None) -> bool:
        """Whether a row's cell meets it: as days, else as numbers, else as text. An empty cell meets only `!=`."""
        if cell is None or cell == "":
            return self.compare == "!=" and self.value != ""
        if isinstance(cell, date):
            return _COMPARE[self.compare](cell, parse_when(self.value).first)
        try:
            return _COMPARE[self.compare](float(cell), float(self.value))
        except ValueError:
            return _COMPARE[self.compare](cell, self.value)

    def __str__(self) -> str:
        return f"{self.column} {self.compare} {self.value}"


@dataclass(frozen=True, slots=True)
class Spell:
    """One alliance: its first day, its last (None if it was last seen in effect), and why it ended."""

    begin: date
    end: date | None
    cause: str | None


@dataclass(frozen=True, slots=True)
class Spells:
    """What was read: `skipped` counts unusable rows by reason; `censored_on` is the last day that was coded.

    `dataset` and `citation` say what the table is, where its layout tells.
    """

    spells: tuple[Spell, ...]
    censored_on: date
    n_rows: int
    n_filtered: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    dataset: str = ""
    citation: str = ""


def columns(begin: str | None, end: str | None, cause: str | None) -> Columns | None:
    """The named columns; None if none is named.

    Raises
    ------
    InputError
        If only one of begin and end is named, or only the cause.
    """
    if begin is not None and end is not None:
        return Columns(begin, end, cause)
    if begin is None and end is None and cause is None:
        return None
    missing = [name for name, value in (("--begin", begin), ("--end", end)) if value is None]
    message = f"{' and '.join(missing)} must be named, too"
    raise InputError(Finding("error", message, key=missing[0], accepted="--begin COLUMN --end COLUMN [--cause COLUMN]"))


def parse_condition(text: str) -> Condition:
    """Read `bilat=1`, `formed<1945-09-02`, `wartime!=1`.

    Raises
    ------
    InputError
        If the text is no condition, or compares `formed` or `ended` with something that is no date.
    """
    match = _CONDITION.fullmatch(text)
    accepted = "COLUMN=VALUE, or !=, <, <=, >, >= in place of =; the columns formed and ended are days"
    if match is None:
        raise InputError(Finding("error", f"'{text}' is no condition", key="--where", found=text, accepted=accepted))
    condition = Condition(match[1], "=" if match[2] == "==" else match[2], match[3])
    if condition.column in ("formed", "ended"):
        try:
            parse_when(condition.value)
        except ValueError as error:
            raise InputError(Finding("error", f"{error}", key="--where", found=text, accepted=ACCEPTED_WHEN)) from error
    return condition


def read_spells(
    path: Path,
    conditions: Sequence[Condition] = (),
    named: Columns | None = None,
    censored_on: date | None = None,
    encoding: str | None = None,
) -> Spells:
    """Read the spells of a table that meet all conditions.

    Parameters
    ----------
    path
        CSV with a header, or tab-separated; may be packed.
    conditions
        Which rows are meant.
    named
        Where begin, end and cause stand; None for the layout of ATOP.
    censored_on
        Last day to which the table was coded; what has no end was in effect on it. Known for ATOP 4.01.
    encoding
        Of the text; ATOP is latin-1, others UTF-8 unless said otherwise.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, or the last coded day is needed and not known.
    """
    if named is None:
        otherwise = "the layout of ATOP, or --begin COLUMN --end COLUMN"
        layout = Layout(_ATOP, encoding=encoding or "latin-1", otherwise=otherwise)
    else:
        names = [named.begin, named.end, *([named.cause] if named.cause else [])]
        layout = Layout(tuple((name,) for name in names), encoding=encoding or "utf-8")
    spells: list[Spell] = []
    skipped: Counter[str] = Counter()
    n_rows = n_filtered = 0
    versions: set[str] = set()
    with open_table(path, layout) as table:
        read = _atop(table) if named is None else _named(table, named)
        tests = [(condition, _position(path, table, condition)) for condition in conditions]
        version = table.position(("version",)) if named is None else None
        for _, row in table.rows:
            n_rows += 1
            cells = [cell.strip() for cell in row]
            spell = read(cells) if len(cells) == len(table.columns) else f"not {len(table.columns)} cells"
            if isinstance(spell, str):
                skipped[spell] += 1
            elif all(condition.holds(_seen(spell, cells, condition, at)) for condition, at in tests):
                spells.append(spell)
                if version is not None:
                    versions.add(cells[version][:4])
            else:
                n_filtered += 1
    known = versions.pop() if len(versions) == 1 else ""
    until = censored_on or ATOP_CODED_UNTIL.get(known) or _last_end(path, spells)
    kept = [_cut(spell, until) for spell in spells if spell.begin <= until]
    if len(kept) < len(spells):
        skipped["begins after the last coded day"] = len(spells) - len(kept)
    about = ("", "") if named is not None else (f"ATOP {known}".strip(), ATOP_CITATION)
    return Spells(tuple(kept), until, n_rows, n_filtered, dict(skipped), *about)


def _last_end(path: Path, spells: Sequence[Spell]) -> date:
    """The last day of a table in which everything has ended."""
    n_open = sum(spell.end is None for spell in spells)
    if n_open:
        message = f"{n_open} rows have no end, and nothing says to which day the table was coded"
        accepted = "--coded-until YYYY-MM-DD, the last day that was coded"
        raise InputError(Finding("error", message, str(path), accepted=accepted))
    return max((spell.end for spell in spells if spell.end is not None), default=date.max)


def _cut(spell: Spell, until: date) -> Spell:
    """The spell as it stood on the last coded day."""
    return spell if spell.end is None or spell.end <= until else Spell(spell.begin, None, None)


def _seen(spell: Spell, cells: Sequence[str], condition: Condition, at: int | None) -> str | date | None:
    """What a condition looks at."""
    if at is not None:
        return cells[at]
    return spell.begin if condition.column == "formed" else spell.end


def _position(path: Path, table: Table, condition: Condition) -> int | None:
    """Where the column of a condition stands; None for the days of the spell."""
    if condition.column in ("formed", "ended"):
        return None
    at = table.position((condition.column,))
    if at is None:
        message = f"there is no column '{condition.column}'{nearest(condition.column, table.columns)}"
        accepted = ("formed, ended, " + ", ".join(table.columns))[:300]
        raise InputError(Finding("error", message, str(path), key="--where", found=str(condition), accepted=accepted))
    return at


def _atop(table: Table) -> Callable[[Sequence[str]], Spell | str]:
    """How to read one row of ATOP: a spell, or why it is none."""
    at = [table.position(group) or 0 for group in _ATOP]

    def read(cells: Sequence[str]) -> Spell | str:
        try:
            begyr, begmo, begday, endyr, endmo, endday, term = (_whole(cells[position]) for position in at)
            if begyr is None:
                return "no begin"
            begin = date(begyr, begmo or MIDDLE_MONTH, begday or MIDDLE_DAY)
            if not endyr:
                return Spell(begin, None, None)
            end = date(endyr, endmo or MIDDLE_MONTH, endday or MIDDLE_DAY)
        except ValueError:
            return "a date that is none"
        if end < begin:
            return "ends before it begins"
        return Spell(begin, end, ATOP_CAUSES.get(str(term or 0), f"term {term}"))

    return read


def _named(table: Table, columns: Columns) -> Callable[[Sequence[str]], Spell | str]:
    """How to read one row of a table whose columns were named; imprecise days stand for their middle."""
    begins, ends = table.position((columns.begin,)) or 0, table.position((columns.end,)) or 0
    cause = table.position((columns.cause,)) if columns.cause else None

    def read(cells: Sequence[str]) -> Spell | str:
        if not cells[begins]:
            return "no begin"
        try:
            begin = _middle(cells[begins])
            end = _middle(cells[ends]) if cells[ends] else None
        except ValueError:
            return "a date that is none"
        if end is None:
            return Spell(begin, None, None)
        if end < begin:
            return "ends before it begins"
        return Spell(begin, end, (cells[cause] if cause is not None else "") or "ended")

    return read


def _middle(text: str) -> date:
    when = parse_when(text)
    return date.fromordinal((when.first.toordinal() + when.last.toordinal()) // 2)


def _whole(cell: str) -> int | None:
    """`3` and `3.0`; None for nothing."""
    return int(float(cell)) if cell else None
