"""`forecast export`: what is asked for is checked first, then one file or folder is written, whole or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from forecast.errors import Finding, InputError
from forecast.exchange.draws import draws_file
from forecast.exchange.hub import FILES, check_team, hub_files
from forecast.exchange.selection import Chosen, chosen
from forecast.exchange.tables import WRITERS
from forecast.ledger.connection import At, nothing
from forecast.ledger.exchange import export_jsonl
from forecast.ledger.files import replace_atomically, replace_folder
from forecast.ledger.store import Ledger
from forecast.model.version import Settings
from forecast.references import parse_ref
from forecast.scenario.record import Scenario

__all__ = ["FORMATS", "Exported", "Format", "Wanted", "export", "format_of"]

Format = Literal["csv", "json", "parquet", "hubverse", "netcdf", "jsonl"]
FORMATS: tuple[Format, ...] = get_args(Format)

_BY_ENDING: Mapping[str, Format] = {
    ".csv": "csv",
    ".json": "json",
    ".parquet": "parquet",
    ".nc": "netcdf",
    ".jsonl": "jsonl",
    "": "hubverse",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed: references, where to, as what, and which answers."""

    refs: tuple[str, ...]
    path: Path
    format: Format | None = None
    kind: Literal["live", "replay"] | None = None
    retracted: bool = False
    replace: bool = False
    team: str = "forecast"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: numbers by kind, and what stayed behind, with remarks."""

    path: Path
    format: Format
    n_forecasts: int
    n_answers: int
    n_resolved: int | None = None
    n_records: int | None = None
    n_files: int = 1
    kinds: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def format_of(path: Path) -> Format:
    """The format that a path's ending stands for; a path without one is a folder for a hub.

    Raises
    ------
    InputError
        If the ending stands for none.
    """
    suffix = "" if path.is_dir() else path.suffix.lower()
    if suffix not in _BY_ENDING:
        message = f"the ending of '{path.name}' stands for no format."
        accepted = f"{', '.join(filter(None, _BY_ENDING))}, a folder, or --as {'|'.join(FORMATS)}"
        raise InputError(Finding("error", message, key="-o", found=str(path), accepted=accepted))
    return _BY_ENDING[suffix]


def export(
    ledger: Ledger,
    workspace: Path,
    wanted: Wanted,
    *,
    today: date,
    files_of: Callable[[str], Scenario | None],
    settings_of: Callable[[str, str], Settings | None],
    at: At = nothing,
) -> Exported:
    """Write recorded forecasts for other tools.

    Parameters
    ----------
    ledger, workspace
        Where the records are, and the draws.
    wanted
        What was asked for.
    today
        Until when questions may have been resolved.
    files_of
        A scenario as its files say it, None where they are not at hand; asked for a hub only.
    settings_of
        By scenario and model version the settings of the files, None where they are not at hand; asked for draws only.
    at
        Called at the points of `ledger.files.replace_atomically`.

    Raises
    ------
    InputError
        With what is wrong in the request; nothing is written then.
    LedgerError
        If records or draws cannot be laid out.
    WorkspaceError
        If the target cannot be written; what was there stays.
    """
    form = wanted.format or format_of(wanted.path)
    _check(wanted, form)
    if form == "jsonl":
        return _log(ledger, wanted, at)
    selected = chosen(ledger, wanted.refs, workspace, kind=wanted.kind, retracted=wanted.retracted)
    if not selected.forecasts:
        reasons = "; ".join(f"{n} answers: {why}" for why, n in selected.left_out.items())
        raise InputError(Finding("error", f"nothing is left to export ({reasons}).", accepted="other forecasts"))
    if form == "netcdf":
        return _draws(ledger, workspace, wanted, selected, settings_of, at)
    if form == "hubverse":
        return _hub(wanted, selected, today, files_of, at)
    content = WRITERS[form](selected)
    replace_atomically(wanted.path, lambda file: file.write(content), at)
    return _exported(wanted, form, selected)


def _exported(wanted: Wanted, form: Format, selected: Chosen) -> Exported:
    kinds = selected.kinds()
    n_forecasts = len(selected.forecasts)
    return Exported(wanted.path, form, n_forecasts, kinds.total(), kinds=kinds, left_out=selected.left_out)


def _check(wanted: Wanted, form: Format) -> None:
    """Refuse what does not go together, and a place where something else is."""
    findings: list[Finding] = []

    def refuse(message: str, key: str, found: str, accepted: str) -> None:
        findings.append(Finding("error", message, key=key, found=found, accepted=accepted))

    parts = [text for text in wanted.refs if parse_ref(text).question is not None]
    if form == "hubverse":
        check_team(wanted.team)
        for text in wanted.refs:
            if parse_ref(text).outcome is not None:
                refuse("a hub takes all outcomes of a question.", "REF", text, text.partition(":")[0])
        if wanted.retracted:
            refuse("a hub takes no retracted forecasts.", "--retracted", "", "a table: csv, json or parquet")
        _check_folder(wanted, refuse)
    else:
        if wanted.team != "forecast":
            refuse("--team is about a hub.", "--team", wanted.team, "--as hubverse")
        _check_file(wanted, form, refuse)
    if form == "netcdf":
        latest_or_id = [ref for ref in map(parse_ref, wanted.refs) if ref.is_forecast or ref.latest_of]
        if len(wanted.refs) != 1 or not latest_or_id or parts:
            refuse("draws are those of one forecast.", "REF", " ".join(wanted.refs), "FORECAST or SCENARIO@latest")
    if form == "jsonl":
        if parts or any(ref.is_forecast or ref.latest_of for ref in map(parse_ref, wanted.refs)):
            accepted = "SCENARIO..., or nothing for the whole ledger"
            refuse("a log is exported by scenario.", "REF", " ".join(wanted.refs), accepted)
        if wanted.kind is not None:
            refuse("a log is exported whole.", "--kind", wanted.kind, "no --kind, or a table")
    if findings:
        raise InputError(findings)


type _Refuse = Callable[[str, str, str, str], None]


def _check_file(wanted: Wanted, form: Format, refuse: _Refuse) -> None:
    path = wanted.path
    if path.is_dir():
        refuse(f"'{path}' is a folder.", "-o", str(path), "a FILE, or --as hubverse")
    elif path.exists() and not wanted.replace and form != "jsonl":
        refuse(f"'{path}' is there already.", "-o", str(path), "another FILE, or --replace")


def _check_folder(wanted: Wanted, refuse: _Refuse) -> None:
    path = wanted.path
    if path.exists() and not path.is_dir():
        refuse(f"'{path}' is a file.", "-o", str(path), "a folder for the hub")
    if not path.is_dir():
        return
    there = [entry.relative_to(path).as_posix() for entry in path.rglob("*") if not entry.is_dir()]
    others = sorted(name for name in there if not FILES.fullmatch(name))
    if others:
        message = f"'{path}' holds files that no export wrote: {', '.join(others[:3])}{', ...' if others[3:] else ''}."
        refuse(message, "-o", str(path), "another folder; a hub is replaced as a whole")
    elif there and not wanted.replace:
        refuse(f"'{path}' is there already.", "-o", str(path), "another folder, or --replace")


def _log(ledger: Ledger, wanted: Wanted, at: At) -> Exported:
    """The log itself, by the function of `ledger export`; a file that is there is brought up to date."""
    n_records = export_jsonl(ledger, wanted.path, wanted.refs or None, at)
    names = set(wanted.refs) or set(ledger.scenarios(foreign=True))
    forecasts = {
        entry.id: entry.forecast for entry in ledger.forecasts(foreign=True) if entry.content["scenario"] in names
    }
    n_answers = sum(len(forecast.answers) for forecast in forecasts.values())
    return Exported(wanted.path, "jsonl", len(forecasts), n_answers, n_records=n_records)


def _draws(
    ledger: Ledger,
    workspace: Path,
    wanted: Wanted,
    selected: Chosen,
    settings_of: Callable[[str, str], Settings | None],
    at: At,
) -> Exported:
    entry = selected.forecasts[0][0]
    forecast = entry.forecast
    content = draws_file(ledger, entry, workspace, lambda: settings_of(forecast.scenario, forecast.model))
    replace_atomically(wanted.path, lambda file: file.write(content), at)
    return _exported(wanted, "netcdf", selected)


def _hub(wanted: Wanted, selected: Chosen, today: date, files_of: Callable[[str], Scenario | None], at: At) -> Exported:
    names = dict.fromkeys(entry.forecast.scenario for entry, _ in selected.forecasts)
    scenarios = {name: scenario for name in names if (scenario := files_of(name)) is not None}
    made = hub_files(selected, scenarios, today, wanted.team)
    replace_folder(wanted.path, made.files, at)
    return Exported(
        wanted.path,
        "hubverse",
        made.n_forecasts,
        sum(made.kinds.values()),
        n_resolved=made.n_resolved,
        n_files=len(made.files),
        kinds=made.kinds,
        left_out=made.left_out,
        notes=made.notes,
    )
