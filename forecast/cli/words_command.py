"""`forecast words`: which words of a forecast stay the same under alternatives, and how well founded each is."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from forecast.cli.options import Csv, Json, Quiet, RefArgument, Words

__all__ = ["words"]


def words(
    context: typer.Context,
    ref: RefArgument,
    words: Words = None,
    as_json: Json = False,
    as_csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Test whether the word for every answer stays the same under alternatives, and rate its evidence base."""
    from forecast.api import Workspace
    from forecast.cli.output import print_found, reporting

    with reporting(quiet or as_json) as progress:
        found = Workspace.find(context.obj).words(ref, words, progress=progress)
    print_found(found, _print, as_json=as_json, as_csv=as_csv)


def _print(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import print_table, say, say_folded
    from forecast.digits import probability
    from forecast.words import SCALES

    scale, answers = SCALES[document["scale"]["id"]], document["answers"]
    say_folded(
        f"{document['title']} · {document['forecast']} as of {document['as_of']} · model {document['model']} · words "
        f"of {scale.name}"
    )
    if document["retracted"]:
        say_folded(f"it was retracted: {document['retracted']}", "! ")
    say()
    rows, last = [], ""
    for answer in answers:
        name = answer["question"] if answer["question"] != last else ""
        held = sum(test["survives"] for test in answer["tests"])
        p = probability(answer["p"], scale=scale)
        rows.append((name, answer["outcome"], p, answer["text"], f"{held} of {len(answer['tests'])}"))
        last = answer["question"]
    print_table(("question", "outcome", "p", "words seen", "holds in"), rows, right=(2, 4), wrap=(3,))
    say_folded(
        "holds in: number of alternatives (noise, each origin left out, other grades, tau, told) under which the word "
        "for p is the same; 'forecast explain' lists the others"
    )
    say()
    say("confidence in the evidence base (not a probability):")
    say()
    _print_confidence(answers)


def _print_confidence(answers: Sequence[Mapping[str, Any]]) -> None:
    """Ratings with their reasons; answers with the same rating and reasons are printed together."""
    from forecast.cli.output import say_folded

    by_text: dict[str, dict[str, list[str]]] = {}
    for answer in answers:
        outcomes = by_text.setdefault(answer["confidence"]["text"], {})
        outcomes.setdefault(answer["question"], []).append(answer["outcome"])
    for text, questions in by_text.items():
        named = [
            name if outcomes == ["yes"] else f"{name} ({', '.join(outcomes)})" for name, outcomes in questions.items()
        ]
        say_folded(text)
        say_folded(", ".join(named), "  ")
