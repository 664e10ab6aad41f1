"""`forecast evidence list`: coded reports, filtered."""

from typing import Annotated, Any

import typer

from forecast.cli.options import Csv, Json, ScenarioArgument

__all__ = ["list_"]

_MANY = "several times or comma-separated for any of them"


def list_(
    context: typer.Context,
    scenario: ScenarioArgument,
    indicator: Annotated[list[str] | None, typer.Option(help=f"Of this indicator; {_MANY}.")] = None,
    event: Annotated[list[str] | None, typer.Option(help="Of this event.")] = None,
    origin: Annotated[list[str] | None, typer.Option(help="From this ultimate origin.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="From this source.")] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="May have happened on this day or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="May have happened on this day or before.")] = None,
    known_by: Annotated[
        str | None, typer.Option("--known-by", metavar="DATE", help="Known on this day, as it stood then.")
    ] = None,
    counted: Annotated[
        bool | None, typer.Option("--counted/--not-counted", help="Only reports that count, or that do not.")
    ] = None,
    grade: Annotated[list[str] | None, typer.Option(metavar="B|2|B2", help="With this letter, digit or both.")] = None,
    coded_by: Annotated[list[str] | None, typer.Option("--coded-by", metavar="NAME", help="Coded by them.")] = None,
    text: Annotated[str, typer.Option(metavar="WORDS", help="All words stand in claim, quote, note or reason.")] = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List coded reports: what they say, their grade, and whether they count."""
    from forecast.api import Workspace
    from forecast.cli.output import print_found

    found = (
        Workspace.find(context.obj)
        .open(scenario)
        .evidence(
            indicator=_several(indicator),
            event=_several(event),
            origin=_several(origin),
            source=_several(source),
            coded_by=coded_by or (),  # names may have commas
            grade=_several(grade),
            since=since,
            until=until,
            known_by=known_by,
            counted=counted,
            text=text,
        )
    )
    print_found(found, _print, as_json=as_json, as_csv=as_csv)


def _several(values: list[str] | None) -> list[str]:
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]


def _print(document: Any) -> None:
    from forecast.cli.output import print_table, say, say_folded
    from forecast.digits import counted

    if document["rows"]:
        headers = ("report", "when", "indicator", "grade", "counts", "event")
        print_table(headers, [cells for row in document["rows"] for cells in _cells(row)], wrap=(1, 5))
        say()
    n, of = document["reports"], document["of"]
    among = counted(n, "report") if n == of else f"{n} of {of} reports"
    events, origins = counted(document["events"], "event"), counted(document["origins"], "origin")
    say_folded(f"{among}; {document['counted']} count, of {events}, from {origins}")


def _cells(row: Any) -> tuple[tuple[str, ...], tuple[str]]:
    """What a report is, and below it what it says."""
    grade = row["grade"] if row["p_true_low"] is None else f"{row['p_true_low']:g}-{row['p_true_high']:g}"
    counts = "yes" if row["counted"] else "no"
    # a span may be folded after its first day
    when = (row["when"] or "").replace("/", "/ ")
    head = (row["report"], when, row["indicator"] or "", grade or "", counts, row["event"])
    origin = "" if row["origin"] == row["source"] else f" [{row['origin']}]"
    return head, (f"  {'DENIES: ' if row['denies'] else ''}{row['claim']}{origin}",)
