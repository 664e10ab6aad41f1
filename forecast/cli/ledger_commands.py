"""`forecast history`, `forecast ledger ...`, `forecast doctor`: what was recorded."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.options import AllowClock, Csv, File, ForecastArgument, Json, Plot, RefArgument

__all__ = ["doctor", "history", "ledger"]

#: Days from which on a sparkline shows more than the two rows above it do.
FEWEST_DAYS = 3

#: What a ledger that verifies proves; docs/ledger.md says more.
PROVES = (
    "this shows that the log is consistent, not that it was never rewritten: for that, note a head elsewhere and "
    "compare it with --head"
)
PROVES_HEAD = "the head is in the log: the records up to it are those of the day on which the head was noted"

#: Columns of a sparkline; beside it stand an outcome, a version, a kind and two probabilities.
SPARK_WIDTH = 30

ledger = typer.Typer(help="The append-only record of forecasts.", no_args_is_help=True, rich_markup_mode=None)


def history(
    context: typer.Context,
    ref: RefArgument,
    file: File = None,
    plot: Plot = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> int:
    """Forecasts over time: of a scenario, a question or an outcome."""
    from forecast.api import Workspace
    from forecast.cli.output import print_found
    from forecast.cli.plot import checked, drawn

    checked(plot)
    found = Workspace.find(context.obj).history(ref, file=Path(file) if file else None)
    print_found(found, lambda document: _print_history(document["rows"]), as_json=as_json, as_csv=as_csv)

    def chart() -> Any:
        from forecast.report.charts import over_time

        return over_time(found.rows, title=ref)

    return 0 if drawn(plot, chart) else 1


def _print_history(found: Sequence[Mapping[str, Any]]) -> None:
    from forecast.cli.output import print_table, say

    for question in dict.fromkeys(row["question"] for row in found):
        say(question)
        print_table(
            ("as of", "forecast", "kind", "model", "outcome", "p", "if rates\nwere known"),
            [_history_cells(row) for row in found if row["question"] == question],
            right=(5, 6),
        )
        _print_over_time([row for row in found if row["question"] == question and not row["retracted"]])
        say()
    if len({row["kind"] for row in found}) > 1:
        say("live and replay are different things: a replay knows the codebook of today")
    if any(row["log_name"] for row in found):
        say("@NAME: of an imported log, made elsewhere")


def _print_over_time(rows: Sequence[Mapping[str, Any]]) -> None:
    """A line for every outcome, model and kind that was forecast as of enough days."""
    from datetime import date

    from forecast.cli.output import print_table, say
    from forecast.cli.pictures import over_days, sparkline
    from forecast.digits import probability

    series: dict[tuple[str, str, str], dict[int, float | None]] = {}
    for row in rows:  # oldest first; of one day the one made last stays
        model = row["model"] if row["log_name"] is None else f"{row['model']} @{row['log_name']}"
        key = row["outcome"], model, row["kind"]
        series.setdefault(key, {})[date.fromisoformat(row["as_of"]).toordinal()] = row["p"]
    longer = {key: points for key, points in series.items() if len(points) >= FEWEST_DAYS}
    if not longer:
        return
    first, last = min(map(min, longer.values())), max(map(max, longer.values()))
    say()
    print_table(
        ("outcome", "model", "kind", f"{date.fromordinal(first)} to {date.fromordinal(last)}", "first", "last"),
        [
            (
                *key,
                sparkline(over_days(points, first, last, SPARK_WIDTH)),
                probability(points[min(points)]),
                probability(points[max(points)]),
            )
            for key, points in longer.items()
        ],
        right=(4, 5),
        wrap=(0,),
    )


def _history_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    from forecast.digits import interval, probability

    mark = " RETRACTED" if row["retracted"] else ""
    return (
        row["as_of"],
        row["forecast"] + mark,
        row["kind"],
        row["model"] if row["log_name"] is None else f"{row['model']} @{row['log_name']}",
        row["outcome"],
        probability(row["p"]),
        interval(row["low"], row["high"]),
    )


@ledger.command(short_help="Every forecast and retraction, in their order.")
def log(context: typer.Context, file: File = None, as_json: Json = False) -> None:
    """Every forecast and retraction, in the order of the record, and the heads of all logs."""
    from forecast.api import Workspace
    from forecast.cli.output import print_json, print_table

    with Workspace.find(context.obj).ledger(file=Path(file) if file else None) as opened:
        entries = [entry for entry in opened.entries() if entry.type not in ("evidence", "model")]
        heads, names = opened.heads(), opened.foreign_logs()
    rows: list[dict[str, Any]] = [
        {
            "log": entry.log,
            "log_name": entry.foreign,
            "seq": entry.seq,
            "id": entry.id,
            "type": entry.type,
            "scenario": entry.content.get("scenario"),
            "model": entry.content.get("model"),
            "as_of": entry.content.get("as_of"),
            "kind": entry.content.get("kind"),
            "made_at": entry.content.get("made_at"),
            "of": entry.content.get("of"),
            "reason": entry.content.get("reason"),
            "retracted": entry.retracted.reason if entry.retracted else None,
        }
        for entry in entries
    ]
    if as_json:
        print_json({"rows": rows, "heads": _heads(heads, names)})
        return
    print_table(
        ("seq", "id", "made at", "what"),
        [(str(row["seq"]), row["id"], (row["made_at"] or "")[:16], _what(row)) for row in rows],
        right=(0,),
        wrap=(3,),
    )
    _print_heads(heads, names)


def _heads(heads: Sequence[Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"log": head.log, "hash": head.hash, "log_name": names.get(head.log)} for head in heads]


def _print_heads(heads: Sequence[Any], names: Mapping[str, str]) -> None:
    from forecast.cli.output import say

    for head in heads:
        name = names.get(head.log)
        of = f"log {head.log}" if name is None else f"foreign log {head.log} ({name})"
        say(f"{of} ends with {head.hash}")


def _what(row: dict[str, Any]) -> str:
    foreign = f"foreign, {row['log_name']}: " if row["log_name"] else ""
    if row["type"] == "retraction":
        return f"{foreign}retracts {row['of']}: {row['reason']}"
    text = f"{foreign}{row['scenario']} {row['model']} as of {row['as_of']} ({row['kind']})"
    return f"{text} RETRACTED: {row['retracted']}" if row["retracted"] else text


@ledger.command()
def show(context: typer.Context, forecast: ForecastArgument, file: File = None) -> None:
    """One record, whole, as JSON, with its place in the chain."""
    from forecast.api import Workspace
    from forecast.cli.output import print_json

    with Workspace.find(context.obj).ledger(file=Path(file) if file else None) as opened:
        entry = opened.entry(forecast)
    chain: dict[str, Any] = {"log": entry.log, "seq": entry.seq, "id": entry.id, "prev": entry.prev, "hash": entry.hash}
    chain["log_name"] = entry.foreign
    print_json(chain | {"retracted": entry.retracted.reason if entry.retracted else None, "content": entry.content})


@ledger.command(short_help="Check the whole chain, record by record.")
def verify(
    context: typer.Context,
    head: Annotated[
        str | None, typer.Option("--head", metavar="HASH", help="A head noted earlier; at least 16 digits.")
    ] = None,
    file: File = None,
    as_json: Json = False,
) -> int:
    """Walk every log and name every record that is not what was recorded.

    A log that verifies is consistent. Only a head that was noted elsewhere proves that it was never rewritten.
    """
    from forecast.api import Workspace
    from forecast.cli.output import print_json, say, say_folded

    workspace = Workspace.find(context.obj)
    path = Path(file) if file else None
    problems = workspace.verify(head, file=path)
    broken = any(problem.level == "error" for problem in problems)
    n, heads, names = 0, [], {}
    if not broken or path is None or path.suffix != ".jsonl":  # an export that is broken cannot be opened
        with workspace.ledger(file=path) as opened:
            n, heads, names = 0 if broken else sum(1 for _ in opened.entries()), opened.heads(), opened.foreign_logs()
    if as_json:
        rows = [{"level": p.level, "message": p.message, "log": p.log, "seq": p.seq, "id": p.id} for p in problems]
        print_json({"ok": not broken, "problems": rows, "heads": _heads(heads, names)})
        return 1 if broken else 0
    for problem in problems:
        say(f"{problem.level}: {problem}")
    say("the ledger is BROKEN" if broken else f"ok: {n} records verify")
    if not broken:
        say_folded(PROVES if head is None else PROVES_HEAD)
    _print_heads(heads, names)
    return 1 if broken else 0


@ledger.command(short_help="Disown a forecast; nothing is deleted.")
def retract(
    context: typer.Context,
    forecast: ForecastArgument,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; goes on record.")],
    allow_clock: AllowClock = False,
) -> None:
    """Append a record that disowns a forecast; nothing is deleted."""
    from forecast.api import Workspace
    from forecast.cli.output import say

    entry = Workspace.find(context.obj).retract(forecast, reason, allow_clock=allow_clock)
    say(f"{entry.content['of']} {'was retracted before by' if entry.stored else 'is retracted by'} {entry.id}")


@ledger.command("export", short_help="Write the log as JSON Lines.")
def export_(
    context: typer.Context,
    scenario: Annotated[str | None, typer.Argument(metavar="[SCENARIO]", help="Only this one.")] = None,
    output: Annotated[str, typer.Option("-o", metavar="FILE", help="A .jsonl file, made or brought up to date.")] = "",
) -> None:
    """Write the log as JSON Lines: tracked by git, mergeable, verifiable anywhere."""
    from forecast.api import Workspace
    from forecast.cli.output import say

    workspace = Workspace.find(context.obj)
    default = workspace.path / "scenarios" / scenario / "ledger.jsonl" if scenario else workspace.path / "ledger.jsonl"
    path = Path(output) if output else default
    say(f"{workspace.export_ledger(path, scenario)} records in {path}")


@ledger.command("import", short_help="Add the log of somebody else, as a foreign log.")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An exported ledger.")],
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="NAME", help="Of a log that is new here; LOG=NAME where FILE has several."),
    ] = None,
) -> None:
    """Add the log of somebody else, unchanged, as a foreign log with a name.

    Its forecasts are shown with this name. They are never the last forecast of a scenario unless you ask for
    SCENARIO@NAME, and they cannot retract yours. Every record is checked first; if one is wrong, nothing is added.
    """
    from forecast.api import Workspace
    from forecast.cli.output import say

    done = Workspace.find(context.obj).import_ledger(file, name or ())
    say(f"{done.n_added} records added, {done.n_present} were there")
    for log in done.logs:
        say(f"foreign log {log}: {done.names[log]}" if log in done.names else f"log {log}: this workspace's own")


@ledger.command(short_help="Continue an exported log in an empty workspace.")
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The whole export of the workspace that was lost.")],
    log: Annotated[str | None, typer.Option("--log", metavar="LOG", help="Which log, where FILE has several.")] = None,
    head: Annotated[
        str | None, typer.Option("--head", metavar="HASH", help="A head noted earlier, which must be in the log.")
    ] = None,
) -> None:
    """Make an exported log this workspace's own log again, in a workspace whose own log holds nothing.

    Restore a log in one place only: two workspaces that continue one log make two logs that contradict each other.
    """
    from forecast.api import Workspace
    from forecast.cli.output import say

    done = Workspace.find(context.obj).restore_ledger(file, log, head)
    say(f"{done.n_records} records restored; this workspace continues log {done.log}, which ends with {done.head}")
    for other in done.others:
        say(f"log {other} was left out; `forecast ledger import {file} --name {other}=NAME` adds it as a foreign log")


def doctor(
    context: typer.Context,
    prune: Annotated[bool, typer.Option("--prune", help="Delete leftovers, and draws of no use.")] = False,
) -> None:
    """Versions, leftovers of killed runs, draws of no use (of no record and no draft, or altered)."""
    from forecast.api import Workspace
    from forecast.cli.output import say
    from forecast.doctor import examine

    found = examine(Workspace.find(context.obj).path, prune=prune)
    for name, version in found.versions.items():
        say(f"{name} {version}")
    verb = "deleted" if prune else "found (--prune deletes them)"
    say(f"{len(found.leftovers)} leftovers of killed runs {verb}")
    say(f"{len(found.orphans)} draws files of no use, {found.orphan_bytes / 1e6:.1f} MB, {verb}")
