"""`forecast compare`: model versions side by side."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from forecast.cli.options import AsOf, Json, Plot, Quiet, Refit, ScenarioArgument

__all__ = ["compare"]

Document = Mapping[str, Any]

#: With fewer events a standard error over time is said to be too small: blocks without events hardly differ.
FEW_EVENTS = 8


def compare(
    context: typer.Context,
    scenario: ScenarioArgument,
    versions: Annotated[
        list[str], typer.Argument(metavar="VERSION...", help="Model versions; the base-rate version is added.")
    ],
    as_of: AsOf = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Default: from the scenario.")] = None,
    plot: Plot = None,
    as_json: Json = False,
    quiet: Quiet = False,
    refit: Refit = False,  # noqa: ARG001 - does nothing any more, and says so
) -> int:
    """Compare model versions: settings, answers, how well each predicted what the watches saw, and scores."""
    from forecast.api import Workspace
    from forecast.cli.output import print_found, reporting
    from forecast.cli.plot import checked, drawn

    checked(plot)
    case = Workspace.find(context.obj).open(scenario)
    with reporting(quiet or as_json) as progress:
        made = case.compare(*versions, as_of=as_of, seed=seed, progress=progress)
    print_found(made, _print, as_json=as_json)

    def chart() -> Any:
        from forecast.report.charts import foresight

        return foresight(made.document)

    was_drawn = drawn(plot, chart)
    failed = any(row["problems"] for row in (*made.document["draws"], *made.document["prequential"]))
    return int(not was_drawn or failed or any(row["misfit"] for row in made.document["check"]))


def _print(document: Document) -> None:
    from forecast.cli.output import say, say_folded

    names = [row["model"] for row in document["models"]]
    families = ", ".join(f"{row['model']} ({row['family']})" for row in document["models"])
    say_folded(f"{document['title']} · as of {document['as_of']} · {families}")
    if document["benchmark"] is None:
        say_folded(f"no version of the base-rate family to compare with: differences are to {names[0]}", "! ")
    _print_doubts(document)
    say()
    _print_settings(document["settings"], names)
    say()
    _print_answers(document, names)
    say()
    _print_prequential(document, names)
    say()
    _print_scores(document["scores"])
    for log in document["foreign"]:
        say(f"not compared: {log['forecasts']} forecasts of the imported log {log['log_name']}")
    say()
    _print_check(document)
    say()
    _print_draws(document)
    for name, spent in document["seconds"].items():
        say_folded(
            f"{name}: answers {spent['answers']:.1f} s, prequential score {spent['prequential']:.1f} s, "
            f"check {spent['check']:.1f} s"
        )


def _print_doubts(document: Document) -> None:
    """What must be known before the numbers: which of them are left out because diagnostics failed."""
    from forecast.cli.output import say_folded

    for warning in document["warnings"]:
        say_folded(warning, "! ")
    for row in document["draws"]:
        for problem in row["problems"]:
            say_folded(f"no answers and no check of {row['model']}: {problem}", "! ")
    for row in document["prequential"]:
        for problem in row["problems"]:
            say_folded(f"no prequential score of {row['model']}: {problem}", "! ")


def _print_draws(document: Document) -> None:
    """The log evidence of every version that has one: a diagnostic of its own draws."""
    from forecast.cli.output import say_folded

    found = [
        f"{row['model']} {row['log_evidence']:.2f} (Monte Carlo error {row['log_evidence_mcse']:.2f})"
        for row in document["draws"]
        if row["log_evidence"] is not None
    ]
    if found:
        say_folded(f"log evidence: {', '.join(found)}: a diagnostic of each version's own draws, not a comparison")


def _print_settings(rows: Sequence[Document], names: Sequence[str]) -> None:
    from forecast.cli.output import print_table, say

    if not rows:
        say("settings: none differs")
        return
    cells = [(row["setting"], *(_setting(row["values"][name]) for name in names)) for row in rows]
    print_table(("setting", *names), cells, wrap=range(len(names) + 1))


def _setting(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return "-".join(_setting(part) for part in value) if len(value) == 2 else ", ".join(map(_setting, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _print_answers(document: Document, names: Sequence[str]) -> None:
    from forecast.cli.output import print_table, say, say_folded
    from forecast.digits import probability

    rows = document["answers"]
    # nearly everything differs from the benchmark: where two others are compared, one of them is the yardstick
    other = names[1] if len(names) > 2 else names[0]
    if not rows:
        say("answers: no question is open")
        return
    shown, last = [], ""
    for row in rows:
        if row["kind"] != "state" and row["outcome"] == "no":
            continue
        cells = []
        for name in names:
            mark = "*" if [other, name] in row["apart"] or [name, other] in row["apart"] else " "
            p = row["p"][name]
            number = "-" if p is None else probability(p, row["mcse"][name])
            cells.append(number + mark)
        shown.append((row["question"] if row["question"] != last else "", row["outcome"], *cells))
        last = row["question"]
    print_table(("question", "outcome", *(f"{name} " for name in names)), shown, right=range(2, len(names) + 2))
    say_folded(f"* differs from {other} by more than 4 combined Monte Carlo errors")


def _print_prequential(document: Document, names: Sequence[str]) -> None:
    from forecast.cli.output import print_table, say, say_folded

    if not document["prequential"]:
        say_folded("prequential log score: none, since no indicator is watched in all these versions by then")
        return
    rows = []
    for row in document["prequential"]:
        own = row["model"] == document["reference"]
        error = "-" if own else _number(row["se"])
        change = "-" if own else _number(row["difference"], "+.2f")
        rows.append((row["model"], _number(row["log_score"]), _number(row["mcse"]), change, error))
    print_table(
        (
            "model",
            "prequential\nlog score",
            "Monte Carlo\nerror",
            f"against\n{document['reference']}",
            "its standard\nerror",
        ),
        rows,
        right=(1, 2, 3, 4),
    )
    steps = document["prequential"][0]["n_steps"]
    say_folded(
        f"log p(counts of a step in watches | evidence known the day before), over {steps} steps with "
        f"{document['n_events']} events; higher is better"
    )
    if all(row["se"] is None for row in document["prequential"]):
        say_folded("no standard error: fewer than eight blocks of steps fit")
    else:
        say_folded(f"standard error over time: moving blocks of {document['block_steps']} steps")
        if document["n_events"] < FEW_EVENTS:
            say_folded("with so few events it is too small: events that could have happened are not in it", "! ")
    say()
    table: dict[tuple[str, int, int], dict[str, float | None]] = {}
    for row in document["by_indicator"]:
        table.setdefault((row["indicator"], row["seen"], row["n_windows"]), {})[row["model"]] = row["log_score"]
    cells = [
        (indicator, f"{seen}", f"{n}", *(_number(scores[name]) for name in names))
        for (indicator, seen, n), scores in table.items()
    ]
    print_table(("by itself", "seen", "windows", *names), cells, right=range(1, len(names) + 3))


def _number(value: float | None, form: str = ".2f") -> str:
    return "-" if value is None else format(value, form)


def _print_scores(rows: Sequence[Document]) -> None:
    from forecast.cli.output import print_table, say_folded

    if not rows:
        say_folded("scores: no resolved question has recorded forecasts of two of these versions as of the same day")
        return
    cells = [
        (
            row["kind"],
            row["questions"],
            row["model"],
            str(row["n"]),
            f"{row['brier']:.3f}",
            "inf" if row["log_score"] is None else f"{row['log_score']:.3f}",
        )
        for row in rows
    ]
    print_table(("kind", "questions", "model", "n", "Brier (0-1)", "log"), cells, right=(3, 4, 5))
    say_folded(
        "paired: the same questions as of the same days; n answers each; smaller is better, log is minus the logarithm "
        "of the p of what happened; replays flatter"
    )


def _print_check(document: Document) -> None:
    from forecast.cli.output import print_table, say, say_folded

    rows = document["check"]
    if not rows:
        say("predictive check: nothing is watched")
        return
    odd = [row for row in rows if row["misfit"]]
    shown = odd or [row for row in rows if row["model"] == document["models"][-1]["model"]]
    print_table(
        ("model", "indicator", "in its watches", "seen", "90% of\nreplicates", "p"),
        [
            (
                row["model"],
                row["indicator"],
                row["statistic"],
                str(row["observed"]),
                f"{row['low']:.0f}-{row['high']:.0f}",
                f"{row['p']:.2g}" if row["p"] >= 0.01 else "<0.01",
            )
            for row in shown
        ],
        right=(3, 4, 5),
    )
    for name in sorted({row["model"] for row in odd}):
        say_folded(f"MISFIT: {name} hardly ever simulates what its watches saw: all its regimes may be wrong")
    others = "" if odd or not shown else f" (shown: {shown[0]['model']})"
    if len(odd) < len(rows):
        say_folded(f"{len(rows) - len(odd)} of {len(rows)} checks of all versions find nothing odd{others}")
