"""`forecast site`: a static site over all scenarios."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.options import Json, Quiet

__all__ = ["site"]

#: Names of files in one line; the rest is counted.
NAMED = 4


def site(
    context: typer.Context,
    out: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="New or empty folder, or one of an earlier build.")
    ],
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write a static site over all scenarios, or bring it up to date: latest answers, evidence, search, scores."""
    from forecast.api import Workspace
    from forecast.cli.output import print_findings, print_found, reporting

    with reporting(quiet or as_json) as progress:
        found = Workspace.find(context.obj).site(out, progress=progress)
    print_findings(found.findings)
    print_found(found, _print, as_json=as_json)
    return 0 if found.document["ok"] else 1


def _print(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import say_folded

    say_folded(
        f"{document['index']}: {document['pages']} pages; of all files {len(document['written'])} written, "
        f"{document['unchanged']} unchanged, {len(document['removed'])} removed"
    )
    if document["foreign"]:
        say_folded(f"left as they are, because somebody else wrote or edited them: {_named(document['foreign'])}", "! ")


def _named(names: list[str]) -> str:
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest} more" if rest > 0 else "")
