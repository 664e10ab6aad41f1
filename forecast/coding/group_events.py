"""Rows into events and reports: rows are reports of one event where day, actors and class are the same.

What is kept is bounded by what a scenario can read: one entry for each event and origin, however many rows told of it.
Nothing here depends on the order of the rows, and ids come from what is told, so equal rows make equal reports.
"""

from dataclasses import dataclass, field
from datetime import date

from forecast.canonical import canonical_json, sha256, short_id
from forecast.coding.coding import Coded
from forecast.coding.mapping import EventClass, Importer
from forecast.coding.near_duplicates import PREFIX, Twins
from forecast.errors import Finding, InputError
from forecast.scenario.dates import When, parse_when
from forecast.scenario.record import Scenario

__all__ = ["MAX_REPORTS", "MOST_KEYS", "Gathered", "Gathering", "reports"]

#: The evidence file has about as many bytes then as a scenario may read; proving it takes some 400 MB.
MAX_REPORTS = 50_000

#: Keys of rows that are written for one report; of the others the number.
MOST_KEYS = 20


@dataclass(slots=True)
class Gathered:
    """One report: what one origin told of one event, in `n_rows` rows.

    `keys` holds the first of the rows' keys in the order of texts, `note` the first note, `known` the first day.
    """

    event: str
    origin: str
    event_class: EventClass
    who: tuple[str, str]
    known: date
    note: str
    n_rows: int = 0
    keys: set[str] = field(default_factory=set)

    def add(self, coded: Coded) -> None:
        """One more row."""
        self.n_rows += 1
        self.known = min(self.known, coded.known)
        self.note = min(filter(None, (self.note, coded.note)), default="")
        if coded.key:
            self.keys.add(coded.key)
            if len(self.keys) > MOST_KEYS:
                self.keys.discard(max(self.keys))


@dataclass(slots=True)
class Gathering:
    """The reports of an import so far, by event and origin, and the first date of each event.

    `source` stands for an origin that no row names.
    """

    source: str
    found: dict[tuple[str, str], Gathered] = field(default_factory=dict)
    dates: dict[str, When] = field(default_factory=dict)

    def add(self, coded: Coded) -> None:
        """One more row, under each of its origins.

        Raises
        ------
        InputError
            If there are more reports than a scenario can read.
        """
        event = _event(coded)
        first = self.dates.setdefault(event, coded.when)
        if (coded.when.first, coded.when.last) < (first.first, first.last):
            # dated as the codebook dates what goes on: to the day on which it first shows
            self.dates[event] = coded.when
        for origin in coded.origins or (self.source,):
            report = self.found.get((event, origin))
            if report is None:
                if len(self.found) >= MAX_REPORTS:
                    message = f"the file tells of more than {MAX_REPORTS:,} reports between the actors"
                    accepted = "a shorter span, fewer classes, or a larger `one_per` in the importer"
                    raise InputError(Finding("error", message, accepted=accepted))
                report = Gathered(event, origin, coded.event_class, coded.who, coded.known, coded.note)
                self.found[event, origin] = report
            report.add(coded)


def _event(coded: Coded) -> str:
    """Id of the event that a row tells of: class, actors, and the day or the span in which all rows are one event.

    The id does not name the data set: what two data sets tell of the same day, actors and class is one event.
    """
    name = coded.event_class.name or coded.event_class.indicator
    span = parse_when(_span(coded.when.first, coded.event_class.one_per))
    if coded.when.last > span.last:
        # the row is less precise than the class: its own span is what is known
        span = coded.when
    return f"{PREFIX}{name}-{coded.who[0]}-{coded.who[1]}-{span.text.replace('/', '_')}"


def _span(day: date, one_per: str) -> str:
    if one_per == "year":
        return f"{day.year:04d}"
    if one_per == "quarter":
        return f"{day.year:04d}-Q{(day.month + 2) // 3}"
    return day.isoformat()[:7] if one_per == "month" else day.isoformat()


def reports(gathering: Gathering, importer: Importer, scenario: Scenario, coded_on: date) -> list[dict[str, str]]:
    """The reports as rows of an evidence file, by date and id.

    The reports of an event that may be another one do not count, and say why: a person decides.
    """
    names = {key: actor.name for key, actor in scenario.file.actors.items()}
    dates = _dates(gathering, scenario)
    twins = Twins.of(scenario.reports)
    doubts: dict[str, str | None] = {}
    rows = []
    for report in sorted(gathering.found.values(), key=lambda one: (dates[one.event].first, one.event, one.origin)):
        entry, when = report.event_class, dates[report.event]
        if report.event not in doubts:
            apart = importer.near_days if entry.apart_days is None else entry.apart_days
            by_day = apart if entry.one_per == "day" else None
            doubts[report.event] = twins.doubt(report.event, entry.indicator, when, importer.near_days, by_day)
        doubt = doubts[report.event]
        a, b = (names.get(key, key) for key in report.who)
        n = "" if report.n_rows == 1 else f", {report.n_rows} rows"
        rows.append(
            {
                "id": short_id(f"{gathering.source}-", sha256(canonical_json([report.event, report.origin]))),
                "event": report.event,
                "indicator": entry.indicator,
                "when": when.text,
                "known": report.known.isoformat(),
                "source": gathering.source,
                "origin": report.origin,
                "claim": f"{when}: {entry.means} ({a} {'to' if entry.directed else 'and'} {b}{n})",
                "asserted_as": (entry.asserted_as or importer.asserted_as).value,
                "grade": entry.grade or importer.grade,
                "use": "false" if doubt else "",
                "reason": doubt or "",
                "locator": _locator(report, importer),
                "note": report.note,
                "coded_by": f"importer {gathering.source}",
                "coded_on": coded_on.isoformat(),
            }
        )
    return rows


def _dates(gathering: Gathering, scenario: Scenario) -> dict[str, When]:
    """When each event was: as on file, where it is; if it is told of on an earlier day now, from then on."""
    on_file = {report.event: report.when for report in scenario.reports if report.when is not None}
    dates = {}
    for event, when in gathering.dates.items():
        old = on_file.get(event, when)
        dates[event] = old if old.first <= when.first else parse_when(f"{when.first}/{old.last}")
    return dates


def _locator(report: Gathered, importer: Importer) -> str:
    keys = sorted(report.keys)
    if not keys:
        return ""
    more = report.n_rows - len(keys)
    return f"{importer.columns.key[0]} {', '.join(keys)}{f' and {more} more rows' if more else ''}"
