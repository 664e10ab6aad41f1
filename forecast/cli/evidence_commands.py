"""`forecast evidence import`: data sets into evidence."""

from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.complete import importers
from forecast.cli.options import Between, Encoding, Json, Quiet, ScenarioArgument

__all__ = ["evidence"]

evidence = typer.Typer(help="Turn articles and data sets into evidence.", no_args_is_help=True, rich_markup_mode=None)

#: Codes without a class that are shown; `--json` has all.
MOST_CODES = 8


@evidence.command("import", short_help="Turn rows of an event data set into evidence.")
def import_(
    context: typer.Context,
    scenario: ScenarioArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Table, also as .zip or .gz.")],
    importer: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="NAME",
            help="Importer, such as gdelt2 (a wrong name lists all), or the path of a mapping file.",
            autocompletion=importers,
        ),
    ],
    between: Between = None,
    known: Annotated[
        str | None, typer.Option("--known", metavar="DATE", help="Day on which all of it could be known.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", metavar="FILE", help="Write the rows that were not used, with reasons.")
    ] = None,
    encoding: Encoding = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and write no evidence.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Turn the rows of an event data set into reports of events, without counting one event twice."""
    from forecast.api import Workspace
    from forecast.cli.output import print_found, reporting

    case = Workspace.find(context.obj).open(scenario)
    with reporting(quiet) as report:
        done = case.import_events(
            file,
            importer,
            between=[key.strip() for key in between.split(",")] if between else (),
            known=known,
            encoding=encoding,
            rejects=rejects,
            dry_run=dry_run,
            progress=lambda n: report("reading", None, f"{n:,} rows"),
        )
    print_found(done, lambda document: _print(document, file, rejects, dry_run=dry_run), as_json=as_json)


def _print(document: Any, file: Path, rejects: Path | None, *, dry_run: bool) -> None:
    from forecast.cli.output import print_table, say, say_folded, tell

    entries = f", {document['entries']:,} entries" if document["entries"] != document["rows"] else ""
    lines = document["lines"]
    parts = [(lines[name], name.replace("_", " ")) for name in ("before_header", "header", "empty", "in_rows")]
    counted = " + ".join(f"{n:,} {what}" for n, what in parts if n)
    say_folded(f"{file.name} ({document['about']}): {lines['all']:,} lines = {counted or 0}")
    say_folded(
        f"{document['rows']:,} rows{entries} = {document['rows_used']:,} used + {document['rows_skipped']:,} skipped + "
        f"{document['rows_rejected']:,} that cannot be read"
    )
    say_folded(
        f"{document['kept']:,} between {' and '.join(document['between'])} kept -> {document['reports']:,} reports of "
        f"{document['events']:,} events; {document['new']:,} reports new, "
        f"{document['reports'] - document['new']:,} on file already"
    )
    if document["by_indicator"]:
        say()
        rows = [(row["indicator"], f"{row['events']:,}") for row in document["by_indicator"]]
        print_table(("indicator", "events"), rows, right=(1,))
    if document["skipped"]:
        say()
        rows = [(row["reason"], f"{row['entries']:,}") for row in document["skipped"]]
        print_table(("not used, because", "entries"), rows, right=(1,))
    shown = document["unmapped"][:MOST_CODES]
    if shown:
        more = len(document["unmapped"]) - len(shown)
        codes = ", ".join(f"{row['code'] or '(none)'} ({row['entries']:,})" for row in shown)
        say()
        say_folded(f"codes without a class: {codes}{f' and {more} more' if more else ''}")
    if document["unused_classes"]:
        say_folded(f"the codebook lacks these indicators: {', '.join(document['unused_classes'])}")
    if document["doubtful"]:
        say()
        say_folded(
            f"{len(document['doubtful']):,} new reports may tell of events that are on file already; they do not count "
            "until somebody decides: see `reason`"
        )
    say()
    if document["written"]:
        also = f", and the source {document['importer']} in sources.yaml" if document["source_added"] else ""
        say_folded(f"written: {document['evidence']}{also}")
    else:
        say("nothing was written" if dry_run else "nothing is new: nothing was written")
    if rejects is not None:
        say(f"rows not used: {rejects}")
    if document["watch"]:
        say()
        say_folded("If these rows are all that the data set has for these days, its silence says something, too:")
        say(document["watch"].rstrip("\n"))
    if document["written"]:
        tell(f"next: forecast check {document['scenario']} · forecast show {document['scenario']}")
