"""`forecast export`: recorded forecasts for other tools."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from forecast.cli.complete import questions
from forecast.cli.options import File, Json

__all__ = ["export"]


def export(
    context: typer.Context,
    refs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REF]...",
            help="SCENARIO, SCENARIO@latest or FORECAST, then /QUESTION; default: all.",
            autocompletion=questions,
        ),
    ] = None,
    output: Annotated[str, typer.Option("-o", metavar="PATH", help="File, or folder of a hub.")] = "",
    form: Annotated[
        Literal["csv", "json", "parquet", "hubverse", "netcdf", "jsonl"] | None,
        typer.Option("--as", help="Format; default: what the ending of PATH says, a hub if it has none."),
    ] = None,
    kind: Annotated[
        Literal["live", "replay"] | None, typer.Option("--kind", help="Only live forecasts, or only replays.")
    ] = None,
    retracted: Annotated[bool, typer.Option("--retracted", help="Also retracted forecasts (not in a hub).")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="In place of an earlier export.")] = False,
    team: Annotated[str, typer.Option("--team", metavar="NAME", help="Hub: who made the models.")] = "forecast",
    file: File = None,
    as_json: Json = False,
) -> None:
    """Write recorded forecasts for other tools.

    A table of answers (csv, json, parquet), a hub of the hubverse with model output, oracle output and configuration
    (hubverse), the draws of one forecast for ArviZ (netcdf), or the log itself, for another workspace (jsonl).
    """
    from forecast.api import Workspace
    from forecast.cli.output import print_found
    from forecast.errors import Finding, InputError

    if not output:
        raise InputError(Finding("error", "it is not said where to.", key="-o", accepted="-o FILE, or -o FOLDER"))
    done = Workspace.find(context.obj).export(
        *(refs or ()),
        to=output,
        form=form,
        kind=kind,
        retracted=retracted,
        replace=replace,
        team=team,
        file=Path(file) if file else None,
    )
    print_found(done, _print, as_json=as_json)


def _print(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import say, say_folded, tell

    if document["records"] is not None:
        say_folded(f"{document['records']} records in {document['path']}")
        say("elsewhere: forecast ledger import FILE; forecast ledger verify --ledger FILE")
        return
    counted = " and ".join(
        f"{document[kind]} {name}" for kind, name in (("live", "live"), ("replay", "of replays")) if document[kind]
    )
    what = "the draws of 1 forecast" if document["format"] == "netcdf" else _answers(document, counted)
    files = f" ({document['files']} files)" if document["format"] == "hubverse" else ""
    say_folded(f"{document['path']}{files}: {what}")
    if document["live"] and document["replay"]:
        where = "models of their own" if document["format"] == "hubverse" else "told apart by the column 'kind'"
        say_folded(f"live forecasts and replays are {where}: never pool them")
    for row in document["left_out"]:
        hint = RETRACTED_HINT if "retracted" in row["why"] else ""
        tell(f"left out: {row['n']} answer{'s' if row['n'] != 1 else ''}: {row['why']}{hint}")
    for note in document["notes"]:
        tell(note)
    if document["format"] == "hubverse":
        say(f"next: forecast score --forecasts {document['path']}")


#: What one may do about it.
RETRACTED_HINT = " (a table takes them with --retracted)"


def _answers(document: Mapping[str, Any], counted: str) -> str:
    def number(key: str, what: str) -> str:
        return f"{document[key]} {what}{'s' if document[key] != 1 else ''}"

    resolved = f"; what came of {number('resolved', 'question')}" if document["resolved"] is not None else ""
    return f"{number('answers', 'answer')} of {number('forecasts', 'forecast')}, {counted}{resolved}"
