"""`forecast watch`: what is worth watching, and how far an answer may move."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer

from forecast.cli.options import AsOf, Csv, Json, Model, Quiet, RefArgument

__all__ = ["watch"]


def watch(
    context: typer.Context,
    ref: RefArgument,
    as_of: AsOf = None,
    model: Model = None,
    ahead: Annotated[
        int, typer.Option("--ahead", metavar="N", help="Steps ahead: the rest of this one and N more.")
    ] = 3,
    movement: Annotated[
        bool, typer.Option("--movement/--no-movement", help="Draw futures and say how far the answer moves in them.")
    ] = True,
    refit: Annotated[
        bool, typer.Option("--refit", help="Sample at today's evidence where the draws at hand do not serve.")
    ] = False,
    as_json: Json = False,
    as_csv: Csv = False,
    quiet: Quiet = False,
) -> int:
    """Indicators by what they could tell of a question: the answer if seen, and if not."""
    from forecast.api import Workspace
    from forecast.cli.output import print_csv, print_json, reporting

    workspace = Workspace.find(context.obj)
    with reporting(quiet or as_json) as progress:
        found = workspace.watch(ref, as_of, model, ahead=ahead, movement=movement, refit=refit, progress=progress)
    if as_json:
        print_json(found.document)
    elif as_csv:
        print_csv(found.rows)
    else:
        _print(found.document)
    return 0 if found.result.reliable else 1


def _print(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import probability, say, say_folded

    say_folded(
        f"{document['question']}: {document['outcome']} · {document['forecast'] or document['scenario']} as of "
        f"{document['as_of']} · model {document['model']}"
    )
    say(f"p {probability(document['p'], document['mcse'])}, {document['words']}")
    for problem in document["problems"]:
        say_folded(f"{problem}: do not rely on these numbers; `--refit` samples anew", "! ")
    for remark in document["remarks"]:
        say_folded(remark, "! ")
    rows, window = document["rows"], document["window"]
    say()
    say(f"If one indicator is seen from {window['from']} to {window['to']}, or is not:")
    say()
    _print_rows(row for row in rows if row["kind"] == "event" and not row["settles"])
    conditions = [row for row in rows if row["kind"] == "condition"]
    if conditions:
        say()
        say("If one asked today whether a condition holds:")
        say()
        _print_rows(conditions)
    own = [row for row in rows if row["settles"]]
    if own:
        say()
        say("The question is about this indicator itself:")
        say()
        _print_rows(own)
    say()
    _print_marks(rows)
    _print_tipping(document["tipping"])
    _print_movement(document)


def _print_rows(rows: Iterable[Mapping[str, Any]]) -> None:
    from forecast.cli.output import print_table, probability

    print_table(
        ("indicator", "P(seen)", "p if\nseen", "then", "p if\nnot", "then", "bits"),
        [
            (
                row["indicator"] + _mark(row),
                probability(row["p_seen"]),
                probability(row["p_if_seen"], row["mcse_if_seen"] or 0.0),
                row["words_if_seen"] or "",
                probability(row["p_if_not"], row["mcse_if_not"] or 0.0),
                row["words_if_not"] or "",
                _bits(row["bits"]),
            )
            for row in rows
        ],
        right=(1, 2, 4, 6),
        wrap=(3, 5),
    )


def _bits(bits: float) -> str:
    return f"{bits:.3f}" if bits >= 0.0005 else "<.001"


def _mark(row: Mapping[str, Any]) -> str:
    unwatched = row["kind"] == "event" and not row["watched"]
    return ("*" if unwatched else "") + ("+" if row["reported"] else "") + ("" if row["reliable"] else "!")


def _print_marks(rows: Sequence[Mapping[str, Any]]) -> None:
    from forecast.cli.output import say_folded

    if any(row["kind"] == "event" and not row["watched"] for row in rows):
        say_folded("not watched now: as if somebody began to, and saw everything", "* ")
    if any(row["reported"] for row in rows):
        say_folded("reported before: only the other value would be news, and the same one again is none", "+ ")
    if not all(row["reliable"] for row in rows):
        say_folded("k-hat above 0.7: do not rely on this row; `--refit` samples at today's evidence", "! ")
    say_folded("bits: what seeing it or not is expected to tell of the question, all outcomes together")


def _print_tipping(tips: Sequence[Mapping[str, Any]]) -> None:
    from forecast.cli.output import probability, say, say_folded

    say()
    if not tips:
        say("no single observation would change the word")
    for tip in tips:
        say_folded(f"{tip['indicator']} {tip['observed']}: {tip['words']} ({probability(tip['p'])})", "tipping: ")


def _print_movement(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import probability, say, say_folded

    moved = document["movement"]
    if document["unmoved"]:
        say()
        say_folded(f"no futures were drawn: {document['unmoved']}")
    if moved is None:
        return
    say()
    say_folded(
        f"In {moved['n']} futures p on {moved['to']} lies between {probability(moved['low'])} and "
        f"{probability(moved['high'])} in eight of ten, at the median {probability(moved['median'])}; the word is "
        f"another in {moved['changed']:.0%} of them."
    )
    say_folded(
        f"Its mean is {moved['mean']:.3f}, from {moved['p']:.3f} today (Monte Carlo error {moved['error']:.3f}): who "
        "believes the model expects no drift. Simulated is what watches will show, not what is told outside them, nor "
        "conditions."
    )
    if moved["unreliable"]:
        say_folded(f"in {moved['unreliable']} futures the weights are not reliable (k-hat above 0.7)", "! ")
