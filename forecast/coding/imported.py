"""An event data set into evidence: rows -> coded rows -> events with their reports -> `evidence/NAME.csv`.

What is written has been read back with the program's own reader and rules. A report that is on file, edited or not,
stays as it is, so importing twice changes nothing, and a later slice of the same data adds what is new.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from forecast.coding.coding import Coder, Refused, coder
from forecast.coding.group_events import Gathering, reports
from forecast.coding.import_file import evidence_sheet, harmless
from forecast.coding.mapping import EventClass, Named, read_importer
from forecast.coding.partners import partners_of
from forecast.coding.rows import LineCounts, Row, Table, open_table
from forecast.coding.unreadable import Rejected, naming_others, refuse_unreadable
from forecast.errors import Finding, InputError
from forecast.scenario.dates import parse_when
from forecast.scenario.dates import today as this_day
from forecast.scenario.record import Scenario
from forecast.scenario.rules_evidence import MOST_STEPS, n_steps
from forecast.scenario.write import replace_file, replacing, set_value

__all__ = ["Imported", "import_events"]

#: Codes without a class that are told of; a data set has a few hundred.
MOST_CODES = 2_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found and did.

    Attributes
    ----------
    importer, partners
        Which were used.
    counts
        What became of the lines of the file.
    n_rows, n_used, n_skipped, n_rejected
        Rows of the file: those of which at least one entry was kept, those that were read and tell nothing here, and
        those that could not be read. Together they are all rows.
    n_entries
        What the rows may tell of: one for each row, more where one row lists several events.
    n_kept, skipped
        Entries that became part of a report; entries that did not, by reason. Together they are all entries.
    unmapped
        Codes between the actors that have no class, with their number.
    unused
        Classes whose indicator the codebook does not have.
    n_events, n_reports, n_new
        Events and reports that the kept rows make; reports that were not on file.
    doubtful
        New reports that do not count because their event may be on file already, with that reason.
    span
        First and last day on which the rows came out.
    events, coarse
        Number of events by indicator; indicators with an event whose date spans too many steps for a watch.
    file
        The evidence file; `written` is False if nothing was to be added, or nothing was to be written.
    """

    importer: Named
    partners: tuple[str, str]
    counts: LineCounts
    n_rows: int
    n_used: int
    n_skipped: int
    n_rejected: int
    n_entries: int
    n_kept: int
    skipped: Mapping[str, int]
    unmapped: Mapping[str, int]
    unused: tuple[EventClass, ...]
    n_events: int
    n_reports: int
    n_new: int
    doubtful: Sequence[tuple[str, str]]
    span: tuple[date, date] | None
    file: Path
    source_added: bool
    written: bool
    events: Mapping[str, int]
    coarse: frozenset[str]


def import_events(
    scenario: Scenario,
    file: Path,
    importer: str,
    *,
    between: Sequence[str] = (),
    known_on: date | None = None,
    encoding: str | None = None,
    rejects: Path | None = None,
    write: bool = True,
    today: date | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Import a file into a scenario.

    Parameters
    ----------
    scenario
        Read without errors; its actors, codebook, evidence and first day count.
    file
        The data set, packed or not.
    importer
        Name, or path of a mapping file.
    between
        The two actors whose tie the case is about; by default the first two of the scenario.
    known_on
        The day on which all of it could be known, in place of what the importer says.
    encoding
        Of the text, in place of what the importer says.
    rejects
        File for the rows that were not used, each with its line and the reason.
    write
        False to see what would be done.
    today
        The present day; by default the system's.
    progress
        Called with the number of rows read, now and then.

    Raises
    ------
    InputError
        If the importer, an actor or the file cannot be used, or what would be written breaks a rule of the scenario.
    WorkspaceError
        If a file cannot be written. Nothing is half written: sources.yaml gets the source first, the evidence file is
        replaced whole.
    """
    now = today or this_day()
    chosen = read_importer(importer, scenario.folder)
    partners = partners_of(scenario, between, "an import")
    classes, unused = _classes(scenario, chosen)
    _refuse_impossible(file, rejects, known_on, now)
    with (
        naming_others(file, chosen, scenario.folder, encoding),
        open_table(file, chosen.layout(encoding)) as table,
        _rejected(rejects, table) as reject,
    ):
        tells = coder(table, chosen.says, scenario, partners, classes, now, known_on)
        tally = _read(table, tells, Gathering(chosen.name), reject, progress)
        table.counts.check(file)
        _check_rows(file, tally, table.counts)
        refuse_unreadable(file, chosen, scenario.folder, encoding, tally.rejected, tally.n_rows)
    rows = reports(tally.gathering, chosen.says, scenario, now)
    path = scenario.folder / "evidence" / f"{chosen.name}.csv"
    sheet = evidence_sheet(scenario, path, rows)
    source_missing = chosen.name not in scenario.sources
    written = write and bool(sheet.added)
    if written:
        if source_missing:
            set_value(scenario.folder / "sources.yaml", [chosen.name], _source(chosen))
        replace_file(path, sheet.text.encode())
    found = tally.gathering.found.values()
    return Imported(
        importer=chosen,
        partners=partners,
        counts=table.counts,
        n_rows=tally.n_rows,
        n_used=tally.n_used,
        n_skipped=tally.n_skipped,
        n_rejected=sum(rejected.n for rejected in tally.rejected.values()),
        n_entries=tally.n_kept + tally.skipped.total(),
        n_kept=tally.n_kept,
        skipped=dict(tally.skipped.most_common()),
        unmapped=dict(tally.unmapped.most_common()),
        unused=unused,
        n_events=len({report.event for report in found}),
        n_reports=len(rows),
        n_new=len({row["id"] for row in sheet.added}),
        doubtful=[(row["id"], row["reason"]) for row in sheet.added if row["use"] == "false"],
        span=tally.span,
        file=path,
        source_added=written and source_missing,
        written=written,
        events=_by_indicator(found),
        coarse=_coarse(scenario, rows),
    )


def _refuse_impossible(file: Path, rejects: Path | None, known_on: date | None, today: date) -> None:
    if known_on is not None and known_on > today:
        message = f"'{known_on}' is a day still to come"
        raise InputError(Finding("error", message, key="--known", accepted=f"a day not after {today}, today (UTC)"))
    if rejects is not None and file.exists() and rejects.exists() and rejects.samefile(file):
        message = "the rows that are not used cannot take the place of the file that they come from"
        raise InputError(Finding("error", message, key="--rejects", found=str(rejects), accepted="another file"))


@dataclass(slots=True)
class _Tally:
    """What the rows told, and how many did not, by reason."""

    gathering: Gathering
    skipped: Counter[str]
    unmapped: Counter[str]
    rejected: dict[str, Rejected] = field(default_factory=dict)
    n_rows: int = 0
    n_used: int = 0
    n_skipped: int = 0
    n_kept: int = 0
    span: tuple[date, date] | None = None


def _read(
    table: Table,
    tells: Coder,
    gathering: Gathering,
    reject: Callable[[Row, str], None],
    progress: Callable[[int], None],
) -> _Tally:
    tally = _Tally(gathering, Counter(), Counter())
    for row in table.rows:
        tally.n_rows += 1
        if tally.n_rows % 50_000 == 0:
            progress(tally.n_rows)
        why = tells.unreadable(row.cells)
        if why is not None:
            tally.skipped[why] += 1
            tally.rejected.setdefault(why, Rejected(row)).n += 1
            reject(row, why)
            continue
        seen = tells.seen(row.cells)
        if seen is not None:
            first, last = tally.span or seen
            tally.span = (min(first, seen[0]), max(last, seen[1]))
        n_kept = tally.n_kept
        for told in tells.code(row.cells):
            if isinstance(told, Refused):
                tally.skipped[told.reason] += 1
                if told.unmapped is not None and (told.unmapped in tally.unmapped or len(tally.unmapped) < MOST_CODES):
                    tally.unmapped[told.unmapped] += 1
                reject(row, told.reason)
            else:
                tally.n_kept += 1
                gathering.add(told)
        if tally.n_kept > n_kept:
            tally.n_used += 1
        else:
            tally.n_skipped += 1
    return tally


def _check_rows(file: Path, tally: _Tally, counts: LineCounts) -> None:
    """Refuse an import whose rows do not add up."""
    n_rejected = sum(rejected.n for rejected in tally.rejected.values())
    if not counts.rows == tally.n_rows == tally.n_used + tally.n_skipped + n_rejected:
        message = (
            f"{counts.rows} rows were read, but {tally.n_used} used, {tally.n_skipped} skipped and {n_rejected} "
            f"rejected are {tally.n_used + tally.n_skipped + n_rejected}"
        )
        raise InputError(Finding("error", message, str(file), accepted="a file of which every row is counted"))


def _classes(scenario: Scenario, chosen: Named) -> tuple[list[EventClass], tuple[EventClass, ...]]:
    """Classes whose indicator the default codebook has, and the others."""
    indicators = scenario.codebook.indicators
    used = [entry for entry in chosen.says.classes if entry.indicator in indicators]
    states = [entry.indicator for entry in used if indicators[entry.indicator].kind != "event"]
    if states:
        message = f"'{states[0]}' is a condition, and rows of event data tell of acts"
        accepted = ", ".join(name for name, entry in indicators.items() if entry.kind == "event")
        raise InputError(Finding("error", message, str(chosen.path), key="classes", found=states[0], accepted=accepted))
    if not used:
        names = ", ".join(dict.fromkeys(entry.indicator for entry in chosen.says.classes))
        message = f"the codebook has none of the indicators of this importer ({names})"
        accepted = f"a copy of {chosen.path.name} in the scenario's folder importers/ with classes of this codebook"
        raise InputError(Finding("error", message, str(chosen.path), key="classes", accepted=accepted))
    return used, tuple(entry for entry in chosen.says.classes if entry.indicator not in indicators)


def _source(chosen: Named) -> dict[str, object]:
    return {key: value for key, value in chosen.says.source.model_dump().items() if value is not None}


def _by_indicator(found: Any) -> dict[str, int]:
    """Number of events by indicator."""
    pairs: set[tuple[str, str]] = {(report.event_class.indicator, report.event) for report in found}
    return dict(Counter(indicator for indicator, _ in pairs).most_common())


def _coarse(scenario: Scenario, rows: Sequence[Mapping[str, str]]) -> frozenset[str]:
    dates = {(row["indicator"], row["when"]) for row in rows}
    spans = ((indicator, parse_when(text)) for indicator, text in dates)
    step = scenario.file.step
    return frozenset(indicator for indicator, when in spans if n_steps(when.first, when.last, step) > MOST_STEPS)


@contextmanager
def _rejected(path: Path | None, table: Table) -> Iterator[Callable[[Row, str], None]]:
    """What to call with a row that is not used, and why."""
    if path is None:
        yield lambda *_: None
        return
    with replacing(path) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["line", "reason", *map(harmless, table.columns)])
        try:
            yield lambda row, reason: writer.writerow([row.line, reason, *map(harmless, row.cells)])
        finally:
            text.detach()
