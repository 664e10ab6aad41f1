"""Builds the site: one scenario after the other from files and ledger, so that no more than one is held in memory."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from forecast.analysis.scoring.resolved import HINDSIGHT, Resolved, resolved_rows
from forecast.analysis.scoring.score import finite, score_rows
from forecast.analysis.status import Status, status
from forecast.errors import Finding, ForecastError
from forecast.ledger.latest import latest_of
from forecast.ledger.records import Entry, made_at_instant
from forecast.ledger.store import Ledger
from forecast.report.blocks import Figure
from forecast.report.script import charts_script
from forecast.report.site.folder import Folder
from forecast.report.site.forecast_page import forecast_document
from forecast.report.site.frame import (
    Assets,
    Page,
    forecast_address,
    framed,
    put_assets,
    put_hashed,
    render,
    scenario_address,
)
from forecast.report.site.index_page import Card, card
from forecast.report.site.inputs import key
from forecast.report.site.scenario_page import pictures, scenario_document
from forecast.report.site.search import Found, index_script, of_forecasts, of_scenario
from forecast.report.site.track_record import track_record
from forecast.scenario.fields import ID_PATTERN
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario
from forecast.scenario.workspace import scenario_names
from forecast.words import DEFAULT, SCALES

__all__ = ["Built", "build"]

INDEX, SEARCH, TRACK_RECORD = "index.html", "search.html", "track-record.html"

_FORECAST = re.compile(r"fc-[a-z2-7]+")

#: Where pages lead back to.
HOME = ((INDEX, "All scenarios"), (TRACK_RECORD, "Track record"), (SEARCH, "Search"))


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: `findings` is what was wrong with scenarios, `foreign` names files that were left alone."""

    n_pages: int
    written: Sequence[str]
    n_unchanged: int
    removed: Sequence[str]
    foreign: Sequence[str]
    findings: Sequence[tuple[str, Finding]]


@dataclass
class _Site:
    """A build under way."""

    workspace: Path
    ledger: Ledger
    folder: Folder
    today: date
    assets: Assets
    cards: list[Card] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    resolved: dict[str, Resolved] = field(default_factory=dict)
    findings: list[tuple[str, Finding]] = field(default_factory=list)
    n_pages: int = 0


def build(
    workspace: Path,
    ledger: Ledger,
    out: Path,
    today: date,
    progress: Callable[[str, float | None, str], None] = lambda *_: None,
) -> Built:
    """Write the site, or bring it up to date; a scenario that cannot be read is said, and the others are there.

    Pages of forecasts come from the ledger alone and stay when their scenario is gone. The first page is written last,
    so that it never leads to what is not there yet.

    Parameters
    ----------
    workspace, ledger
        What is shown.
    out
        The folder of the site: a new one, an empty one or one of an earlier build.
    today
        Evidence is known as of this day, and ages are counted to it.
    progress
        Called with a stage, the share done and a remark.

    Raises
    ------
    InputError
        If the folder is somebody else's.
    WorkspaceError
        If it cannot be written.
    LedgerError
        If a record cannot be read.
    """
    folder = Folder(out)
    progress("style and scripts", 0.0, "")
    there = scenario_names(workspace)
    names = sorted({*there, *ledger.scenarios(foreign=True)})
    site = _Site(workspace, ledger, folder, today, put_assets(folder))
    for number, name in enumerate(names):
        progress("scenarios", number / len(names), name)
        if re.fullmatch(ID_PATTERN, name):
            _scenario(site, name, is_there=name in there)
        else:  # a log that was imported can say anything
            message = "the ledger has forecasts of a scenario whose name no scenario can have; they have no pages."
            site.findings.append((name, Finding("error", message, found=name, accepted="letters, digits, -, _ and .")))
    progress("track record, search and first page", 0.99, "")
    _track_record(site)
    index = put_hashed(folder, "search-index", "js", index_script(site.found))
    scripts = [index, site.assets.search]
    search = render("search.html", _page(SEARCH), site.assets, title="Search", scripts=scripts)
    _put(site, SEARCH, search)
    first = render(
        "index.html", _page(INDEX), site.assets, title="Forecasts", cards=site.cards, today=today.isoformat()
    )
    _put(site, INDEX, first)
    folder.close()
    return Built(site.n_pages, folder.written, folder.unchanged, folder.removed, folder.foreign, site.findings)


def _scenario(site: _Site, name: str, *, is_there: bool) -> None:
    scenario, errors = _read(site, name) if is_there else (None, [])
    entries: dict[str, Entry] = {}
    for entry in site.ledger.forecasts(name, foreign=True):  # imported logs may hold a record again
        entries.setdefault(entry.id, entry)
    ordered = sorted(entries.values(), key=_by_time)
    live = [entry for entry in ordered if entry.content["kind"] == "live" and _FORECAST.fullmatch(entry.id)]
    pages = frozenset(forecast_address(entry.id) for entry in live) | {scenario_address(name)}

    def lookup(id_: str) -> Entry:
        return entries[id_] if id_ in entries else site.ledger.entry(id_)

    def address(id_: str) -> str | None:
        page = forecast_address(id_)
        return page if page in pages else None

    standing = [entry for entry in live if entry.retracted is None and entry.foreign is None]
    latest = latest_of(standing, default_model=scenario.default_model if scenario else None)
    title = scenario.title if scenario else str(ordered[-1].content["title"]) if ordered else name

    scale = scenario.words if scenario else SCALES[DEFAULT]
    evidence: dict[str, Mapping[str, Any]] = {}
    followed_by = _followed_by(live)
    for entry in live:
        identity = entry.content["evidence_identity"]
        later = followed_by[entry.id]
        here = forecast_address(entry.id)
        # hashes stand for the record and, by its ids, for the forecast and the evidence that it refers to
        after = later and (later.id, later.content["as_of"])
        made_from = key(
            site.assets, entry.log, entry.seq, entry.id, entry.hash, entry.foreign, entry.retracted, after, scale
        )
        if _kept(site, made_from):
            continue
        if identity not in evidence:
            evidence = {identity: site.ledger.evidence(identity)}
        document = forecast_document(entry, evidence[identity], lookup, later, scale)
        _put(site, here, framed(document, _page(here, pages), site.assets), made_from)
    if scenario is None and not is_there:
        errors = [Finding("error", "the scenario is no longer in the workspace.", found=name)]
    document = scenario_document(name, scenario, errors, ordered[::-1], latest, lookup, address, scale, site.today)
    model = latest.content["model"] if latest else scenario.default_model if scenario else None
    recorded = [(entry.hash, entry.foreign, entry.retracted) for entry in ordered]
    made_from = key(site.assets, name, sorted(pages), document, model, recorded)
    if not _kept(site, made_from):
        drawn = {"over-time": pictures(ordered[::-1], model)}
        here = scenario_address(name)
        _put(site, here, framed(document, _page(here, pages), site.assets, insert=drawn), made_from)
    stands = _status(site, name, scenario)
    like = [entry for entry in standing if entry.content["model"] == model]
    site.cards.append(card(name, title, stands, like, latest, lookup, site.today, scale))
    site.found += of_scenario(name, title, scenario, latest, site.today) + of_forecasts(title, live)
    if scenario is not None:
        site.resolved[name] = resolved_rows(scenario, ordered, site.today)


def _read(site: _Site, name: str) -> tuple[Scenario | None, list[Finding]]:
    try:
        return read_scenario(site.workspace, name), []
    except ForecastError as error:
        errors = list(error.findings())
    except OSError as error:
        errors = [Finding("error", str(error), file=f"scenarios/{name}")]
    site.findings += [(name, finding) for finding in errors]
    return None, errors


def _status(site: _Site, name: str, scenario: Scenario | None) -> Status | None:
    if scenario is None:
        return None
    try:
        return status(scenario, site.ledger, site.today)
    except ForecastError as error:
        site.findings += [(name, finding) for finding in error.findings()]
        return None


def _track_record(site: _Site) -> None:
    rows = [row for part in site.resolved.values() for row in part.rows]
    left_out: Counter[str] = Counter()
    for part in site.resolved.values():
        left_out.update(part.left_out)
    warnings = [warning for part in site.resolved.values() for warning in part.warnings]
    made_from = key(site.assets, list(site.resolved), rows, sorted(left_out.items()), warnings)
    if _kept(site, made_from):
        return
    if any(row.kind == "replay" for row in rows):
        warnings.append(HINDSIGHT)
    document = {
        "scenarios": list(site.resolved),
        "tables": finite(score_rows(rows)),
        "left_out": [{"why": why, "n": n} for why, n in sorted(left_out.items())],
        "warnings": warnings,
    }
    made = track_record(document)
    has_charts = any(isinstance(block, Figure) for section in made.sections for block in section.blocks)
    charts = put_hashed(site.folder, "charts", "js", charts_script(), made_from) if has_charts else ""
    _put(site, TRACK_RECORD, framed(made, _page(TRACK_RECORD), site.assets, charts=charts), made_from)


def _page(here: str, pages: frozenset[str] = frozenset()) -> Page:
    return Page("../" * here.count("/"), pages, here, HOME)


def _put(site: _Site, name: str, content: bytes, made_from: str = "") -> None:
    site.folder.put(name, content, made_from)
    site.n_pages += 1


def _kept(site: _Site, made_from: str) -> bool:
    """Whether the page made from the same is still there."""
    kept = site.folder.keep(made_from)
    site.n_pages += kept
    return kept


def _by_time(entry: Entry) -> tuple[str, object, str, int]:
    return entry.content["as_of"], made_at_instant(entry.content["made_at"]), entry.log, entry.seq


def _followed_by(live: Sequence[Entry]) -> dict[str, Entry | None]:
    """By id the next of these forecasts, in their order, that stands and is of the same version."""
    found: dict[str, Entry | None] = {}
    latest: dict[str, Entry] = {}
    for entry in reversed(live):
        model = entry.model_label
        found[entry.id] = latest.get(model)
        if entry.retracted is None:
            latest[model] = entry
    return found
