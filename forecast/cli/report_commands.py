"""`forecast report`: a forecast as a page, a Word file, PDF or Markdown."""

from typing import Annotated

import typer

from forecast.cli.options import Json, Output, Quiet, RefArgument

__all__ = ["report"]


def report(
    context: typer.Context,
    ref: RefArgument,
    out: Output,
    brief: Annotated[bool, typer.Option("--brief", help="One page: bottom line, a chart, reasons.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a report of a recorded forecast in which every number can be traced to the ledger."""
    from forecast.api import Workspace
    from forecast.cli.output import print_json, reporting, say, say_folded

    with reporting(quiet or as_json) as progress:
        made = Workspace.find(context.obj).report(ref, out, brief=brief, progress=progress)
    if as_json:
        print_json(made.document)
        return
    say(f"{made.document['forecast']} reported in {out}")
    for remark in made.told:
        say_folded(remark)
    for row in made.document["missing"]:
        say_folded(f"without {row['verb']}: {row['why']}", "! ")
    if made.document["unrecorded"]:
        say_folded(f"its workings could not be recorded: {made.document['unrecorded']}", "! ")
    say(f"next: forecast verify {out}")
