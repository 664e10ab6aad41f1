"""An alliance table into spells: when each alliance began and ended, why, and which of them are meant.

The layout of ATOP (Leeds, Ritter, Mitchell and Long 2002) is known; of any other table the columns are named. Every row
is counted: as a spell that ended, as one still in effect, as filtered out, or as skipped with the reason. An end
that cannot be read is asked about, because the years at risk of its row would be lost.
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

#: How tables write that something was still in effect; also any day of the year 9999. Case does not matter.
OPEN_ENDS = frozenset(("", "0", "-1", "-7", "-8", "-9", "-99", "-999", "-9999", "na", "n/a", "nan", ".", "-"))
OPEN_YEAR = 9999

#: Ends that cannot be read which are listed.
FEW = 5

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

    `n_open` of the spells have no end in the table, `n_cut` have one after the last coded day; both were in effect on
    it. `dataset` and `citation` say what the table is, where its layout tells. All rows of the table are `n_filtered`,
    `skipped` or `spells`.
    """

    spells: tuple[Spell, ...]
    censored_on: date
    n_rows: int
    n_filtered: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    dataset: str = ""
    citation: str = ""
    n_open: int = 0
    n_cut: int = 0


@dataclass(frozen=True, slots=True)
class _UnreadableEnd:
    """The text of an end that is neither a day nor a sign that there is none."""

    text: str


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
    open_ends: Sequence[str] = (),
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
    open_ends
        Texts that mean 'still in effect' in the column of the end, beside those of `OPEN_ENDS`.

    Raises
    ------
    InputError
        If the file or an end cannot be read, a column is missing, or the last coded day is needed and not known.
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
    unreadable: list[tuple[int, str]] = []
    still = OPEN_ENDS | {text.strip().casefold() for text in open_ends}
    with open_table(path, layout) as table:
        read = _atop(table) if named is None else _named(table, named, still)
        tests = [(condition, _position(path, table, condition)) for condition in conditions]
        version = table.position(("version",)) if named is None else None
        for line, row in table.rows:
            n_rows += 1
            cells = [cell.strip() for cell in row]
            spell = read(cells) if len(cells) == len(table.columns) else f"not {len(table.columns)} cells"
            if isinstance(spell, _UnreadableEnd):
                unreadable.append((line, spell.text))
            elif isinstance(spell, str):
                skipped[spell] += 1
            elif all(condition.holds(_seen(spell, cells, condition, at)) for condition, at in tests):
                spells.append(spell)
                if version is not None:
                    versions.add(cells[version][:4])
            else:
                n_filtered += 1
        table.counts.check(path)
    if unreadable:
        raise InputError(_unreadable_ends(path, unreadable))
    known = versions.pop() if len(versions) == 1 else ""
    until = censored_on or ATOP_CODED_UNTIL.get(known) or _last_end(path, spells)
    begun = [spell for spell in spells if spell.begin <= until]
    if len(begun) < len(spells):
        skipped["begins after the last coded day"] = len(spells) - len(begun)
    n_open = sum(spell.end is None for spell in begun)
    kept = [_cut(spell, until) for spell in begun]
    n_cut = sum(spell.end is None for spell in kept) - n_open
    about = ("", "") if named is not None else (f"ATOP {known}".strip(), ATOP_CITATION)
    return Spells(tuple(kept), until, n_rows, n_filtered, dict(skipped), *about, n_open, n_cut)


def _unreadable_ends(path: Path, found: Sequence[tuple[int, str]]) -> list[Finding]:
    """One finding for each text, with its first line."""
    numbers = Counter(text for _, text in found)
    first = {text: line for line, text in reversed(found)}
    accepted = f"a day ({ACCEPTED_WHEN}); if it means that the spell goes on, `--open-end TEXT`; or leave the row out"
    findings = [
        Finding(
            "error",
            f"the end '{text}' of {n} row{'s' if n > 1 else ''} is no day, and skipping would lose their years at risk",
            str(path),
            first[text],
            found=text,
            accepted=accepted,
        )
        for text, n in list(numbers.items())[:FEW]
    ]
    if len(numbers) > FEW:
        findings.append(Finding("error", f"and {len(numbers) - FEW} more texts of this kind", str(path)))
    return findings


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


def _atop(table: Table) -> Callable[[Sequence[str]], "Spell | str | _UnreadableEnd"]:
    """How to read one row of ATOP: a spell, or why it is none."""
    at = [table.position(group) or 0 for group in _ATOP]

    def read(cells: Sequence[str]) -> Spell | str | _UnreadableEnd:
        try:
            begyr, begmo, begday, endyr, endmo, endday, term = (_whole(cells[position]) for position in at)
            if not begyr or begyr < 0:
                return "no begin"
            begin = date(begyr, _given(begmo) or MIDDLE_MONTH, _given(begday) or MIDDLE_DAY)
        except ValueError:
            return "a date that is none"
        if not endyr or endyr < 0 or endyr == OPEN_YEAR:
            return Spell(begin, None, None)
        try:
            end = date(endyr, _given(endmo) or MIDDLE_MONTH, _given(endday) or MIDDLE_DAY)
        except ValueError:
            return _UnreadableEnd(" ".join(cells[position] for position in at[3:6]))
        if end < begin:
            return "ends before it begins"
        return Spell(begin, end, ATOP_CAUSES.get(str(term or 0), f"term {term}"))

    return read


def _given(number: int | None) -> int | None:
    """A month or a day; None for the codes that say that it is not known."""
    return number if number is not None and number > 0 else None


def _named(
    table: Table, columns: Columns, still: frozenset[str]
) -> Callable[[Sequence[str]], "Spell | str | _UnreadableEnd"]:
    """How to read one row of a table whose columns were named; imprecise days stand for their middle."""
    begins, ends = table.position((columns.begin,)) or 0, table.position((columns.end,)) or 0
    cause = table.position((columns.cause,)) if columns.cause else None

    def read(cells: Sequence[str]) -> Spell | str | _UnreadableEnd:
        if cells[begins].casefold() in OPEN_ENDS:
            return "no begin"
        try:
            begin = _middle(cells[begins])
        except ValueError:
            return "a date that is none"
        if cells[ends].casefold() in still:
            return Spell(begin, None, None)
        try:
            end = _middle(cells[ends])
        except ValueError:
            return _UnreadableEnd(cells[ends])
        if end.year == OPEN_YEAR:
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
