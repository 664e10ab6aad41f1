"""`forecast explain` and `whatif`: why a number is what it is, and what would change it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from forecast.cli.options import AsOf, Csv, Json, Model, Plot, Quiet, RefArgument, Refit, ScenarioArgument, Words

__all__ = ["explain", "whatif"]

#: Half the width of a bar, in characters, and the number of pieces of evidence listed one by one.
BAR, LISTED = 6, 12

#: Least log-odds that a whole bar stands for: noise alone makes none.
LEAST_SCALE = 0.1

#: Smallest change of a probability that the lists of single pieces print.
SMALL = 0.005

#: What stands before the label of a row, where the label alone does not say it.
KINDS = {"withdrawn": "no longer: ", "as_of": "time passes: "}


def explain(
    context: typer.Context,
    ref: RefArgument,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="FORECAST", help="Why it moved since then; `earlier`: since its `since`."),
    ] = None,
    _refit: Refit = False,
    power_scaling: Annotated[
        bool, typer.Option("--power-scaling", help="Also which priors the answer depends on; loads ArviZ.")
    ] = False,
    words: Words = None,
    plot: Plot = None,
    as_json: Json = False,
    as_csv: Csv = False,
    quiet: Quiet = False,
) -> int:
    """Explain a probability, or how it moved, in rows that add up, and show it without single pieces of evidence."""
    from forecast.api import Workspace
    from forecast.cli.output import print_found, reporting
    from forecast.cli.plot import checked, drawn

    checked(plot)
    with reporting(quiet or as_json) as progress:
        found = Workspace.find(context.obj).explain(
            ref, since, power_scaling=power_scaling, words=words, progress=progress
        )
    print_found(found, _print_explanation, as_json=as_json, as_csv=as_csv)

    def chart() -> Any:
        from forecast.report.charts import waterfall

        return waterfall(found.document)

    return 0 if drawn(plot, chart) else 1


def whatif(
    context: typer.Context,
    scenario: ScenarioArgument,
    add: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="INDICATOR@DATE[=GRADE]", help="One more report; grade B2 unless given."),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", metavar="ID", help="Without a report, an event or an origin.")
    ] = None,
    grade: Annotated[
        list[str] | None, typer.Option("--grade", metavar="ID=GRADE", help="Another grade for all its reports.")
    ] = None,
    date: Annotated[
        list[str] | None, typer.Option("--date", metavar="ID=DATE", help="Another date for a report or an event.")
    ] = None,
    watch: Annotated[
        list[str] | None,
        typer.Option("--watch", metavar="INDICATOR@FROM[..TO][=LOW-HIGH]", help="Days watched, and detection."),
    ] = None,
    as_of: AsOf = None,
    model: Model = None,
    _refit: Refit = False,
    words: Words = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Forecast under suppositions, several at once, next to today's forecast. Nothing is recorded."""
    from forecast.api import Workspace
    from forecast.cli.output import print_found, reporting

    case = Workspace.find(context.obj).open(scenario)
    with reporting(quiet or as_json) as progress:
        found = case.whatif(
            add=add or (),
            drop=drop or (),
            grade=grade or (),
            date=date or (),
            watch=watch or (),
            as_of=as_of,
            model=model,
            words=words,
            progress=progress,
        )
    print_found(found, _print_suppositions, as_json=as_json)


def _print_suppositions(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import print_table, say, say_folded
    from forecast.digits import probability, signed
    from forecast.words import SCALES

    scale = SCALES[document["scale"]]
    say_folded(f"{document['title']} · as of {document['as_of']} · model {document['model']} ({document['family']})")
    for edit in document["edits"]:
        say_folded(edit["means"], "what if: ")
    say()
    rows, last = [], ""
    for today, then in zip(document["today"], document["then"], strict=True):
        if then["kind"] != "state" and then["outcome"] != "yes":
            continue
        rows.append(
            (
                then["question"] if then["question"] != last else "",
                then["outcome"],
                probability(today["p"], today["mcse"], scale),
                probability(then["p"], then["mcse"], scale),
                signed(then["change"], then["change_mcse"]),
                f"{then['change_mcse']:.3f}".removeprefix("0"),
                then["words"],
            )
        )
        last = then["question"]
    headers = ("question", "outcome", "today", "then", "change", "+/-", f"words then\n({scale.name})")
    print_table(headers, rows, right=(2, 3, 4, 5), wrap=(6,))
    if document["closed"]:
        say()
        closed = (f"{row['question']} {row['resolved'] or 'not resolved yet'}" for row in document["closed"])
        say_folded("; ".join(closed), "closed: ")
    say()
    how = "same draws, reweighted" if document["same_draws"] else "each side has its own draws"
    say_folded(f"+/-: Monte Carlo error of the change ({how}). Nothing was recorded.")


def _print_explanation(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import say, say_folded
    from forecast.digits import probability, signed

    begin, end = document["from"], document["to"]
    say_folded(f"{document['question']}{': ' + document['outcome'] if document['outcome'] else ''} · {document['ask']}")
    start = f"{begin['forecast']} (as of {begin['as_of']})" if begin["forecast"] else "no evidence"
    say_folded(f"from {start} to {end['forecast']} (as of {end['as_of']}, model {end['model']})")
    for side in (begin, end):
        if side["retracted"]:
            say_folded(f"{side['forecast']} was retracted: {side['retracted']}", "! ")
    if document["reason"]:
        say_folded(document["reason"])
    if end["p"] is None:
        return
    if document["rows"]:
        say()
        _print_rows(document["rows"], begin)
        say_folded(
            f"together {signed(sum(row['log_odds'] for row in document['rows']))}: from {probability(begin['p'])} "
            f"to {probability(end['p'])}. Each row is the change of log-odds when it comes after those above it; in "
            "another order the rows differ, their sum does not. +/-: Monte Carlo error; in parentheses: may be noise "
            "of the computation"
        )
    for by, title in (("event", "without this event"), ("origin", "without this origin, in all its events")):
        _print_without([row for row in document["leave_one_out"] if row["by"] == by], title, end["p"])
    sources = [row for row in document["leave_one_out"] if row["by"] == "source"]
    if document["by_source"]:
        _print_without(sources, "without this source", end["p"])
    else:
        say()
        say_folded("by source: not available, because the files have changed and the record does not name sources")
    _print_without(
        [row | {"id": row["what"]} for row in document["sensitivity"]], "under another convention", end["p"], every=True
    )
    if document["sensitivity"]:
        say_folded("one step: the information digit, within 1 to 5; F, 6 and p_true stay")
    if document["power_scaling"]:
        _print_power(document["power_scaling"])
    _print_word(document["stability"])
    _print_confidence(document["confidence"])


def _print_rows(rows: Sequence[Mapping[str, Any]], begin: Mapping[str, Any]) -> None:
    from forecast.cli.output import print_table
    from forecast.cli.pictures import axis_bar
    from forecast.digits import probability, signed

    widest = max(LEAST_SCALE, *(abs(row["log_odds"]) for row in rows))
    lines = [("no evidence" if begin["forecast"] is None else begin["forecast"], "", "", "", probability(begin["p"]))]
    for row in rows:
        error = f"{row['mcse']:.2f}" if row["mcse"] >= 0.005 else ""
        lines.append(
            (
                KINDS.get(row["kind"], "") + row["label"],
                signed(row["log_odds"], row["mcse"]),
                error,
                axis_bar(row["log_odds"] / widest, BAR),
                probability(row["p_after"]),
            )
        )
    print_table(("what changes", "log-odds", "+/-", "", "p after"), lines, right=(1, 2), wrap=(0,))


def _print_without(rows: Sequence[Mapping[str, Any]], title: str, p: float, *, every: bool = False) -> None:
    from forecast.cli.output import print_table, say
    from forecast.digits import probability, signed

    if not rows:
        return
    moved = rows if every else sorted(rows, key=lambda row: -abs(row["p"] - p))[:LISTED]
    shown = [row for row in moved if every or abs(row["p"] - p) >= SMALL]
    say()
    print_table(
        (title, "p", "change"),
        [
            (
                row["id"],
                probability(row["p"]),
                signed(row["p"] - p, row["change_mcse"]),
            )
            for row in shown
        ],
        right=(2,),
        wrap=(0,),
    )
    if len(shown) < len(rows):
        say(f"{len(rows) - len(shown)} more move it less")


def _print_word(judged: Mapping[str, Any]) -> None:
    """The word, or the words seen, and the alternatives under which it is another."""
    from forecast.cli.output import print_table, say, say_folded
    from forecast.digits import probability
    from forecast.words import SCALES

    scale, tests = SCALES[judged["scale"]], judged["tests"]
    changes = [test for test in tests if not test["survives"]]
    say()
    p = probability(judged["p"], scale=scale)
    say_folded(f"in words ({scale.name}): {judged['text']} ({p})")
    if changes:
        n_others = len({test["word"] for test in changes})
        others = "another word" if n_others == 1 else "other words"
        say_folded(f"'{judged['word']}' changes to {others} under {len(changes)} of {len(tests)} alternatives")
        say()
        print_table(
            ("under", "p", "word"),
            [(test["what"], probability(test["p"], scale=scale), test["word"]) for test in changes],
            wrap=(0, 2),
        )
    else:
        say_folded(f"the word is the same under all {len(tests)} alternatives")


def _print_confidence(rating: Mapping[str, Any]) -> None:
    from forecast.cli.output import say, say_folded

    say()
    say_folded(f"confidence in the evidence base (not a probability): {rating['rating']}")
    for rule in rating["rules"]:
        say_folded(rule["reason"], f"- {rule['level']}: ")


def _print_power(rows: Sequence[Mapping[str, Any]]) -> None:
    from forecast.cli.output import print_table, say

    say()
    print_table(
        ("prior", "sensitivity", "so"),
        [
            (
                row["prior"],
                f"{row['sensitivity']:.2f}",
                "the answer depends on it" if row["sensitivity"] >= 0.05 else "hardly matters",
            )
            for row in rows
        ],
        right=(1,),
        wrap=(0,),
    )
