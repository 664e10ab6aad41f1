"""`forecast evidence propose`: an article into proposals for a person to decide on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from forecast.cli.complete import proposers
from forecast.cli.options import Between, Encoding, Json, Quiet, ScenarioArgument

__all__ = ["propose"]

#: Characters of a sentence that was left out.
MOST_CHARS = 120

#: Sentences without a proposal that are shown; `--why` and `--json` have all.
MOST_LEFT_OUT = 3

#: Reasons of refusals that are shown; `--json` has all.
MOST_REFUSED = 5


def propose(
    context: typer.Context,
    scenario: ScenarioArgument,
    article: Annotated[
        Path, typer.Argument(metavar="ARTICLE", help="Text, Markdown, HTML, MHTML, DOCX or PDF; - is standard input.")
    ],
    source: Annotated[
        str | None, typer.Option("--source", metavar="ID", help="Source; default: the file's name.")
    ] = None,
    published: Annotated[
        str | None,
        typer.Option("--published", metavar="DATE", help="Needed for a new source whose page does not say it."),
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="Address of a new source.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="Of a new source; default: the article's.")] = None,
    publisher: Annotated[str | None, typer.Option("--publisher", help="Of a new source.")] = None,
    author: Annotated[str | None, typer.Option("--author", help="Of a new source.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Of a new source: agency, analysis, official release, ...")
    ] = None,
    reliability: Annotated[
        str | None, typer.Option("--reliability", metavar="A-F", help="Of a new source; grades begin with it.")
    ] = None,
    proposer: Annotated[
        str,
        typer.Option(
            "--proposer",
            metavar="NAME",
            help="Who proposes; llm:MODEL asks a language model.",
            autocompletion=proposers,
        ),
    ] = "lexicon",
    between: Between = None,
    encoding: Encoding = None,
    why: Annotated[bool, typer.Option("--why", help="Print which words decided what.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Propose, and write nothing.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Propose rows of evidence from an article; nothing becomes evidence before a person accepts it."""
    from forecast.api import Workspace
    from forecast.cli.output import print_found, reporting

    case = Workspace.find(context.obj).open(scenario)
    with _as_file(article, source) as path, reporting(quiet) as report:
        done = case.propose(
            path,
            source=source,
            published=published,
            url=url,
            title=title,
            publisher=publisher,
            author=author,
            kind=kind,
            reliability=reliability,
            proposer=proposer,
            between=[key.strip() for key in between.split(",")] if between else (),
            encoding=encoding,
            dry_run=dry_run,
            progress=report,
        )
    print_found(done, lambda document: _print(document, why=why), as_json=as_json)


@contextmanager
def _as_file(article: Path, source: str | None) -> Iterator[Path]:
    """The article, or a file that holds what standard input has."""
    from forecast.coding.articles.article import MAX_BYTES
    from forecast.errors import Finding, InputError

    if str(article) != "-":
        yield article
        return
    if source is None:
        message = "an article from standard input has no name to make a source of"
        raise InputError(Finding("error", message, key="--source", accepted="--source ID"))
    with TemporaryDirectory(prefix="forecast-") as folder:
        path = Path(folder) / "standard-input"
        path.write_bytes(sys.stdin.buffer.read(MAX_BYTES + 1))
        yield path


def _print(document: Any, *, why: bool) -> None:
    from forecast.cli.output import print_table, say, say_folded, tell

    day = f" of {document['published']}" if document["published"] else ""
    say_folded(
        f"{document['source']}{day} ({document['form']}): {document['words']:,} words, "
        f"{document['sentences']:,} sentences; {document['proposer']} proposes {_rows(len(document['proposals']))}"
    )
    for remark in document["remarks"]:
        say_folded(f"! {remark}")
    if document["kept"]:
        say_folded(f"{document['kept']} of them had been decided on or changed before, and stay as they were")
    if document["proposals"]:
        say()
        rows: list[list[str]] = []
        for row in document["proposals"]:
            rows += _lines(row, why=why)
        print_table(("no.", "indicator", "when", "asserted as", "grade"), rows, right=(0,), wrap=(2,))
    left_out = document["left_out"]
    if left_out:
        say()
        are = "sentence with words of an indicator is" if len(left_out) == 1 else "sentences with such words are"
        say_folded(f"{len(left_out)} {are} not proposed:")
        shown = left_out if why else left_out[:MOST_LEFT_OUT]
        for one in shown:
            say_folded(f"{one['locator']}, {one['indicator'] or '-'}: {one['why']}: “{_short(one['sentence'])}”", "- ")
        if len(shown) < len(left_out):
            say_folded(f"- {len(left_out) - len(shown)} more: --why, or --json")
    if document["refused"]:
        say()
        say_folded(f"{len(document['refused'])} proposals were refused, because they do not hold:")
        for refused in document["refused"][:MOST_REFUSED]:
            found = f": '{refused['found']}'" if refused["found"] else ""
            say_folded(f"{refused['message']}{found}", "- ")
    say()
    if not document["written"]:
        say("nothing was written")
        return
    also = f", source {document['source']} in sources.yaml" if document["source_added"] else ""
    say_folded(f"written: {document['file']}, {document['article']}{also}")
    undecided = [row for row in document["proposals"] if row["decision"] == "undecided"]
    if undecided:
        # a row in doubt is no example of what to accept, unless there is no other
        sure = [row for row in undecided if not row["is_last"]] or undecided
        some = ",".join(str(row["number"]) for row in sure[:3])
        name = Path(document["file"]).name
        tell(f"next: forecast evidence add {document['scenario']}, which asks about one after the other")
        tell(f"  or: forecast evidence add {document['scenario']} --from {name} --accept {some}")


def _short(sentence: str) -> str:
    """So much of a sentence as is needed to find it."""
    words = " ".join(sentence.split())
    return words if len(words) <= MOST_CHARS else words[:MOST_CHARS].rsplit(" ", 1)[0] + " …"


def _rows(n: int) -> str:
    return f"{n} row" if n == 1 else f"{n or 'no'} rows"


def act_line(row: Any) -> str:
    """Manner, stage, parties, place and amount of a row, as far as they are told."""
    parties = " -> ".join(part for part in (", ".join(row["actors"]), ", ".join(row["targets"])) if part)
    amount = "" if row["value"] is None else f"{row['value']:,.12g} {row['unit'] or ''}".strip()
    manner = "" if row["manner"] == "act" else row["manner"]
    stage = ", ".join(part for part in (manner, row["status"] or "") if part)
    return "; ".join(part for part in (f"! {stage}" if manner else stage, parties, row["place"] or "", amount) if part)


def _lines(row: Any, *, why: bool) -> list[list[str]]:
    denied = " (denied)" if row["denies"] else ""
    decided = f" [{row['decision']}]" if row["decision"] != "undecided" else ""
    lines = [
        [
            str(row["number"]),
            row["indicator"] or "-",
            row["when"] or "-",
            f"{row['asserted_as']}{denied}{decided}",
            row["grade"],
        ],
        [f"    “{row['quote']}”"],
    ]
    act = act_line(row)
    if act:
        lines.append([f"    {act}"])
    lines += [[f"    ! {one['note']}"] for one in row["doubts"]]
    if row["duplicates"]:
        first = row["duplicates"][0]
        lines.append([f"    may repeat {first['report']} (event {first['event']}): {first['why']}"])
    if why:
        for one in row["because"]:
            words = f" from '{one['words']}'" if one["words"] else ""
            lines.append([f"    {one['field']}{words}: {one['note']}"])
    return lines
