"""`forecast watch`: what is worth watching, and how far an answer may move."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.options import AsOf, Csv, Json, Model, Quiet, RefArgument, Refit, Words

if TYPE_CHECKING:
    from forecast.words import Scale

__all__ = ["watch"]

#: Fewer bits than this round to nothing in three decimals.
LEAST_BITS = 0.0005


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
    words: Words = None,
    as_json: Json = False,
    as_csv: Csv = False,
    quiet: Quiet = False,
    refit: Refit = False,  # noqa: ARG001 - does nothing any more, and says so
) -> int:
    """List indicators by what they could tell of a question: the answer if seen, and if not."""
    from forecast.api import Workspace
    from forecast.cli.output import print_found, reporting

    workspace = Workspace.find(context.obj)
    with reporting(quiet or as_json) as progress:
        found = workspace.watch(ref, as_of, model, ahead=ahead, movement=movement, words=words, progress=progress)
    print_found(found, _print, as_json=as_json, as_csv=as_csv)
    return 0 if found.result.is_reliable else 1


def _print(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import say, say_folded
    from forecast.digits import probability
    from forecast.words import SCALES

    scale = SCALES[document["scale"]]
    say_folded(
        f"{document['question']}: {document['outcome']} · {document['forecast'] or document['scenario']} as of "
        f"{document['as_of']} · model {document['model']}"
    )
    say(f"p {probability(document['p'], document['mcse'], scale)}, {document['words']} ({scale.name})")
    for remark in document["remarks"]:
        say_folded(remark, "! ")
    rows, window = document["rows"], document["window"]
    for kind, own, heading in (
        ("event", False, f"If one indicator is seen from {window['from']} to {window['to']}, or is not:"),
        ("condition", False, "If one asked today whether a condition holds:"),
        ("event", True, "The question is about this indicator itself:"),
    ):
        shown = [row for row in rows if row["kind"] == kind and row["settles"] is own]
        if shown:
            say()
            say(heading)
            say()
            _print_rows(shown, document["words"], scale)
    say()
    _print_marks(rows)
    say()
    _print_tipping(document["tipping"])
    _print_movement(document)


def _print_rows(rows: Sequence[Mapping[str, Any]], today: str, scale: "Scale") -> None:
    from forecast.cli.output import print_table
    from forecast.digits import probability

    verb = "seen" if rows[0]["kind"] == "event" else "holds"
    print_table(
        ("indicator", f"P({verb})", f"p if\n{verb}", "", "p if\nnot", "", "bits"),
        [
            (
                row["indicator"] + _mark(row),
                probability(row["p_seen"]),
                probability(row["p_if_seen"], row["mcse_if_seen"] or 0.0, scale),
                _other(row["words_if_seen"], today),
                probability(row["p_if_not"], row["mcse_if_not"] or 0.0, scale),
                _other(row["words_if_not"], today),
                f"{row['bits']:.3f}" if row["bits"] >= LEAST_BITS else "<.001",
            )
            for row in rows
        ],
        right=(1, 2, 4, 6),
        wrap=(3, 5),
    )


def _other(words: str | None, today: str) -> str:
    """The word, where it is another than today's."""
    return "" if words in (None, today) else str(words)


def _mark(row: Mapping[str, Any]) -> str:
    unwatched = row["kind"] == "event" and not row["watched"]
    return ("*" if unwatched else "") + ("+" if row["reported"] else "") + ("" if row["reliable"] else "!")


def _print_marks(rows: Sequence[Mapping[str, Any]]) -> None:
    from forecast.cli.output import say_folded

    if any(row["kind"] == "event" and not row["watched"] for row in rows):
        say_folded("not watched now: as if someone began to watch and saw everything", "* ")
    if any(row["reported"] for row in rows):
        say_folded("reported before: only the other value would change the answer", "+ ")
    if not all(row["reliable"] for row in rows):
        say_folded("k-hat above 0.7: too few draws expect the observation; do not rely on this row", "! ")
    say_folded("bits: information that the observation is expected to give about all outcomes of the question")


def _print_tipping(tips: Sequence[Mapping[str, Any]]) -> None:
    from forecast.cli.output import say, say_folded

    if not tips:
        say("No single observation would change the word.")
        return
    for word in dict.fromkeys(tip["words"] for tip in tips):
        observed = [f"{tip['indicator']} {tip['observed']}" for tip in tips if tip["words"] == word]
        say_folded(", ".join(observed), f"'{word}' with one of: ")


def _print_movement(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import say, say_folded
    from forecast.digits import probability

    moved = document["movement"]
    if document["unmoved"]:
        say()
        say_folded(f"no futures were drawn: {document['unmoved']}")
    if moved is None:
        return
    say()
    say_folded(
        f"In {moved['n']} futures, p on {moved['to']} lies between {probability(moved['low'])} and "
        f"{probability(moved['high'])} in eight of ten (median {probability(moved['median'])}); the word is another in "
        f"{moved['changed']:.0%}."
    )
    say_folded(
        f"Its mean is {moved['mean']:.3f}, from {moved['p']:.3f} today (Monte Carlo error {moved['error']:.3f}): under "
        "the model no change is expected on average. The futures contain what watches will show, not reports outside "
        "watches and not conditions."
    )
    if moved["unreliable"]:
        say_folded(f"in {moved['unreliable']} futures the weights are not reliable (k-hat above 0.7)", "! ")
