"""`forecast replay`: forecasts as they would have been, and their scores."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from forecast.cli.complete import scenarios as complete_scenarios
from forecast.cli.options import AllowClock, Csv, Json, Plot, Quiet

if TYPE_CHECKING:
    from forecast.scenario.record import Scenario

__all__ = ["replay"]


def replay(
    context: typer.Context,
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...",
            help="Ids of scenarios, or paths to folders.",
            autocompletion=complete_scenarios,
        ),
    ],
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day of the span.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day of the span.")] = None,
    every: Annotated[
        Literal["month", "quarter", "week", "step"],
        typer.Option("--every", help="Forecast as of the last day of every one; step: the scenario's."),
    ] = "month",
    days: Annotated[
        Path | None,
        typer.Option(
            "--days",
            metavar="FILE",
            help="Instead of a span: CSV with the columns question,as_of. Score each question on its days only.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="VERSION", help="Model version, perhaps several; default: the scenario's."),
    ] = None,
    method: Annotated[
        Literal["smc", "nuts"],
        typer.Option("--method", help="Move particles from day to day, or sample every day by NUTS, which takes long."),
    ] = "smc",
    jobs: Annotated[int, typer.Option("--jobs", metavar="N", help="Processes of this machine.")] = 1,
    on: Annotated[
        str | None, typer.Option("--on", metavar="ADDRESS", help="Dask scheduler, such as tcp://127.0.0.1:8786.")
    ] = None,
    allow_clock: AllowClock = False,
    chart: Annotated[
        list[str] | None,
        typer.Option(
            "--chart", metavar="QUESTION", help="Draw this one, or QUESTION:OUTCOME; default: what moved most."
        ),
    ] = None,
    plot: Plot = None,
    as_json: Json = False,
    as_csv: Csv = False,
    quiet: Quiet = False,
) -> int:
    """Forecast as of many earlier days, from what was known on each; record, draw and score it.

    Days that are recorded already are not computed again, so a replay that was interrupted continues where it was. The
    base-rate version is always forecast too, for comparison.
    """
    from forecast.api import Workspace
    from forecast.cli.output import print_found, reporting
    from forecast.cli.plot import checked, drawn
    from forecast.cli.replay_tables import print_replay

    checked(plot)
    workspace = Workspace.find(context.obj)
    _check_charts([workspace.open(name).scenario for name in scenarios], chart or ())
    with reporting(quiet) as progress:  # on stderr, also where the document goes to a file
        found = workspace.replay(
            *scenarios,
            first=first,
            last=last,
            every=every,
            models=model or (),
            asked=days,
            method=method,
            jobs=jobs,
            on=on,
            allow_clock=allow_clock,
            progress=progress,
        )
    print_found(found, lambda document: print_replay(document, chart or ()), as_json=as_json, as_csv=as_csv)

    def picture() -> Any:
        from forecast.report.charts import over_time

        wanted = {name.partition(":")[0] for name in chart or ()}
        rows = [row for row in found.rows if not wanted or row["question"] in wanted]
        return over_time(rows, found.document["days"], f"{', '.join(scenarios)}, replayed")

    was_drawn = drawn(plot, picture)
    return 1 if found.document["problems"] or not was_drawn else 0


def _check_charts(scenarios: "Sequence[Scenario]", charts: Sequence[str]) -> None:
    """What is to be drawn exists, before anything is computed."""
    from forecast.errors import Finding, InputError

    questions = {question.id: question.kind for scenario in scenarios for question in scenario.file.questions}
    regimes = {name for scenario in scenarios for codebook in scenario.codebooks.values() for name in codebook.regimes}
    findings = []
    for chart in charts:
        question, _, outcome = chart.partition(":")
        kind = questions.get(question)
        if kind is None:
            findings.append(("question", ", ".join(questions), chart))
        elif outcome and outcome not in (regimes if kind == "state" else {"yes"}):
            findings.append(("outcome", ", ".join(sorted(regimes)) if kind == "state" else "yes", chart))
    if findings:
        raise InputError(
            Finding("error", f"there is no {what} '{found}' to draw.", key="--chart", found=found, accepted=accepted)
            for what, accepted, found in findings
        )
