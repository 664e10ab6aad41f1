"""`forecast evidence agreement`: two coders of the same article, compared and pooled."""

from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.options import Json, ScenarioArgument

__all__ = ["agreement"]


def agreement(
    context: typer.Context,
    scenario: ScenarioArgument,
    a: Annotated[str, typer.Argument(metavar="A", help="One coder's evidence or proposals file, by path or name.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The other coder's.")],
    pool: Annotated[
        Path | None,
        typer.Option("--pool", metavar="FILE", help="Write what they agree on; all else is left blank to decide."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Krippendorff's alpha per field between two coders' files, and every disagreement."""
    from forecast.api import Workspace
    from forecast.cli.output import print_found

    found = Workspace.find(context.obj).open(scenario).agreement(a, b, pool, seed=seed)
    print_found(found, _print, as_json=as_json)


def _print(document: Any) -> None:
    from forecast.cli.output import print_table, say, say_folded

    a, b = document["a"], document["b"]
    for coding in (a, b):
        say_folded(f"{coding['coder']}: {coding['statements']} statements ({coding['file']})")
    shared = "" if document["shared"] is None else f" ({document['shared']:.0%} of both)"
    say_folded(
        f"{document['matched']} statements are in both{shared}, {len(document['only_a'])} only {a['coder']}'s, "
        f"{len(document['only_b'])} only {b['coder']}'s"
    )
    say()
    headers = ("field", "scale", "n", "missing", "agree", "alpha", "95% interval")
    print_table(headers, [_cells(row) for row in document["fields"]], right=(2, 3, 4, 5, 6))
    if any(row["alpha"] is None and row["n"] for row in document["fields"]):
        say_folded("no alpha: all values are equal, and nobody can see whether the coders tell them apart")
    _print_disagreements(document, a["coder"], b["coder"])
    for coder, rows in ((a["coder"], document["only_a"]), (b["coder"], document["only_b"])):
        if rows:
            say()
            say(f"only {coder}'s:")
        for row in rows:
            say_folded(f"{row['report']} ({row['file']}:{row['line']}) {row['claim']}", "  ")
    if document["pooled"]:
        say()
        n = document["blanks"]
        left = (
            "nothing is left to decide" if n == 0 else f"{n} value{'s are' if n != 1 else ' is'} left blank to decide"
        )
        say_folded(f"pooled: {document['pooled']}; {left}")


def _print_disagreements(document: Any, a: str, b: str) -> None:
    from forecast.cli.output import print_table, say, say_folded

    def reports(row: Any) -> tuple[str, str]:
        return row["report_a"], row["report_b"]

    if not document["disagreements"]:
        return
    say()
    rows: list[tuple[str, ...]] = []
    for (report_a, report_b), group in groupby(document["disagreements"], reports):
        rows.append((f"{report_a} and {report_b}",))
        rows += [(f"  {row['field']}", _said(row, "a"), _said(row, "b")) for row in group]
    n = len(document["disagreements"])
    files = f"{document['a']['file']} and {document['b']['file']}"
    say_folded(f"{n} disagreement{'s' if n != 1 else ''} (lines of {files}):")
    print_table(("", f"{a}, line", f"{b}, line"), rows, wrap=(1, 2))


def _said(row: Any, coder: str) -> str:
    return f"{row[coder] or '-'} :{row[f'line_{coder}']}"


def _cells(row: Any) -> tuple[str, ...]:
    agree = "" if row["agree"] is None else f"{row['agree']:.0%}"
    value = "-" if row["alpha"] is None else f"{row['alpha']:.2f}"
    interval = "" if row["low"] is None else f"{row['low']:.2f} to {row['high']:.2f}"
    return (row["field"], row["level"], str(row["n"]), str(row["missing"] or ""), agree, value, interval)
