"""`forecast base-rate`: a reference class from a table."""

from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.options import Csv, Json

__all__ = ["base_rate"]


def base_rate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Table in the layout of ATOP, or any other.")],
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="TEST", help="Rows that count, such as bilat=1 or formed<1945-09-02."),
    ] = None,
    begin: Annotated[str | None, typer.Option("--begin", metavar="COLUMN", help="First day.")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="COLUMN", help="Last day, or nothing.")] = None,
    cause: Annotated[str | None, typer.Option("--cause", metavar="COLUMN", help="Why it ended.")] = None,
    endings: Annotated[
        list[str] | None, typer.Option("--endings", metavar="CAUSE", help="Causes that count; default: all.")
    ] = None,
    in_force: Annotated[
        str | None, typer.Option("--in-force", metavar="FIRST/LAST", help="Only what happened in these years.")
    ] = None,
    coded_until: Annotated[
        str | None, typer.Option("--coded-until", metavar="DATE", help="Last day that was coded.")
    ] = None,
    open_end: Annotated[
        list[str] | None,
        typer.Option("--open-end", metavar="TEXT", help="A text for 'still in effect', beside 0, -9, NA and 9999."),
    ] = None,
    about: Annotated[str | None, typer.Option("--about", metavar="REGIME", help="Regime it stands for.")] = None,
    relevance: Annotated[
        float | None, typer.Option("--relevance", help="Weight of one ending; default: the class weighs one ending.")
    ] = None,
    name: Annotated[str | None, typer.Option("--id", metavar="ID", help="Id of the entry.")] = None,
    dataset: Annotated[str | None, typer.Option("--dataset", help="What the table is called.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="How it is cited.")] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="Of the text.")] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Count endings and years at risk, estimate survival by age, and print an entry for `base_rates`."""
    from forecast.api import base_rate as estimate
    from forecast.cli.output import print_csv, print_json

    document = estimate(
        file,
        where or (),
        begin=begin,
        end=end,
        cause=cause,
        endings=endings or (),
        in_force=in_force,
        coded_until=coded_until,
        name=name,
        about=about,
        relevance=relevance,
        dataset=dataset,
        source=source,
        encoding=encoding,
        open_ends=open_end or (),
    ).document
    if as_json:
        print_json(document)
    elif as_csv:
        print_csv([_flat(row) for row in document["ages"]])
    else:
        _print(document, about, relevance)


def _flat(row: Any) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "ended"} | {
        f"ended: {cell['cause']}": cell["p"] for cell in row["ended"]
    }


def _print(document: Any, about: str | None, relevance: float | None) -> None:
    from forecast.cli.output import print_table, say, say_folded, tell

    n_ended = sum(row["endings"] for row in document["causes"])
    say_folded(
        f"{document['n']} of {document['rows']} rows: {n_ended} ended, {document['n'] - n_ended} in effect at the end "
        f"of the count ({document['coded_until']} at the latest); {document['years_at_risk']:.2f} years at risk, "
        f"{document['endings'] / document['years_at_risk']:.4f} endings per year"
    )
    parts = [(document["n"], "counted"), (document["filtered"], "not meant by --where")]
    parts += [(document["outside"], "not in force then"), (sum(row["rows"] for row in document["skipped"]), "skipped")]
    say_folded(f"{document['rows']} rows = " + " + ".join(f"{n} {what}" for n, what in parts if n))
    if document["open"] or document["ended_after_coding"]:
        say_folded(
            f"in effect on {document['coded_until']}: {document['open']} without an end in the table, "
            f"{document['ended_after_coding']} that ended after this day"
        )
    for row in document["skipped"]:
        tell(f"not used: {row['rows']} rows: {row['reason']}")
    median = document["median_years"]
    say(f"median: {'not reached' if median is None else f'{median:.1f} years'}")
    say()
    causes = [row["cause"] for row in document["causes"]]
    print_table(
        ("years", "last\nlonger", "95%\ninterval", *(f"ended:\n{_two_lines(cause)}" for cause in causes)),
        [
            (
                f"{row['years']:g}",
                f"{row['lasting']:.3f}",
                f"{row['low']:.3f}-{row['high']:.3f}",
                *(f"{cell['p']:.3f}" for cell in row["ended"]),
            )
            for row in document["ages"]
        ],
        right=range(3 + len(causes)),
    )
    say()
    say(document["yaml"].rstrip("\n"))
    if about is None:
        tell("about: name the regime whose end this class speaks of, with --about")
    if relevance is None:
        tell("relevance: the class now weighs as one ending; how much has it to do with the case? --relevance")


def _two_lines(cause: str) -> str:
    return cause.replace(" ", "\n", 1)
