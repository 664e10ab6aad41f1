"""`forecast cite`, `render` and `verify`: numbers in documents, and whether they are still those of the ledger."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.options import File, Json, Output, RefArgument

__all__ = ["cite", "render", "verify"]


def cite(
    context: typer.Context,
    ref: RefArgument,
    style: Annotated[str, typer.Option("--as", metavar="STYLE", help="text, bibtex or csl-json.")] = "text",
    file: File = None,
) -> None:
    """Print a reference to a forecast or to one answer of it."""
    from forecast.api.publishing import cite as cited
    from forecast.cli.output import inert

    print(inert(cited(_workspace(context, file), ref, style, file=Path(file) if file else None)), end="")


def render(
    context: typer.Context,
    draft: Annotated[Path, typer.Argument(metavar="DRAFT.md", help="Markdown with tokens such as {fc:CASE/QUESTION}.")],
    out: Output,
    as_json: Json = False,
) -> None:
    """Put numbers of the ledger in the place of a draft's tokens, and list at the end where they come from."""
    from forecast.api import Workspace
    from forecast.api.publishing import render as rendered
    from forecast.cli.output import print_json, say, say_folded
    from forecast.digits import counted

    made = rendered(Workspace.find(context.obj), draft, out)
    if as_json:
        rows = [{"n": n, "token": str(one.citation), "shown": one.text} for n, one in enumerate(made.cited, start=1)]
        print_json({"file": str(out), "citations": rows, "told": list(made.told)})
        return
    say(f"{counted(len(made.cited), 'number')} cited in {out}")
    for remark in made.told:
        say_folded(remark, "! ")
    say(f"next: forecast verify {out}")


def verify(
    context: typer.Context,
    document: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `report` or `render` wrote: .html, .pdf, .docx or .md.")
    ],
    file: File = None,
    every: Annotated[bool, typer.Option("--all", help="List the numbers that stand, too.")] = False,
    as_json: Json = False,
) -> int:
    """Compare every cited number of a document with the ledger."""
    from forecast.api.publishing import verify_file
    from forecast.cli.output import print_found

    found = verify_file(_workspace(context, file), document, file=Path(file) if file else None)
    print_found(found, lambda document: _print_verified(document, every=every), as_json=as_json)
    return 0 if found.ok else 1


def _print_verified(document: Mapping[str, Any], *, every: bool) -> None:
    from forecast.cli.output import print_table, say, say_folded

    citations = document["citations"]
    for problem in document["problems"]:
        say_folded(f"{problem['status']}: {problem['message']}", "" if problem["status"] == "note" else "! ")
    listed = [row for row in citations if every or row["status"] != "ok"]
    if listed:
        print_table(
            ("n", "status", "shown", "ledger", "citation, and what is wrong"),
            [
                (
                    str(row["n"]),
                    row["status"],
                    "-" if row["shown"] is None else row["shown"],
                    "-" if row["ledger"] is None else row["ledger"],
                    "; ".join([row["token"], *(f"{one['status']}: {one['message']}" for one in row["findings"])]),
                )
                for row in listed
            ],
            right=(0,),
            wrap=(2, 3, 4),
        )
        say()
    counts = {
        status: sum(row["status"] == status for row in citations) for status in {row["status"] for row in citations}
    }
    told = ", ".join(
        f"{n} {status}" for status, n in sorted(counts.items(), key=lambda pair: (pair[0] != "ok", pair[0]))
    )
    say(f"{len(citations)} cited numbers{': ' + told if told else ''}")
    verdict = "every cited number is the ledger's" if document["ok"] else "not every number stands as it was published"
    say(f"{verdict if citations else 'no cited number: nothing was verified'} ({document['ledger']})")


def _workspace(context: typer.Context, file: str | None) -> Any:
    """The workspace; none is needed where a ledger is given."""
    from forecast.api import Workspace

    return None if file else Workspace.find(context.obj)
