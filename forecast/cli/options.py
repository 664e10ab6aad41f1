"""Arguments and options that commands share."""

from pathlib import Path
from typing import Annotated

import typer

from forecast.cli.complete import forecasts, questions, scales, scenarios

__all__ = [
    "AllowClock",
    "AsOf",
    "Between",
    "Csv",
    "Encoding",
    "File",
    "ForecastArgument",
    "Json",
    "Model",
    "Output",
    "Plot",
    "Quiet",
    "RefArgument",
    "Refit",
    "ScenarioArgument",
    "Words",
]

ScenarioArgument = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="Id of a scenario, or a path to its folder.", autocompletion=scenarios)
]
RefArgument = Annotated[
    str,
    typer.Argument(
        metavar="REF", help="SCENARIO or FORECAST, then /QUESTION, then :OUTCOME.", autocompletion=questions
    ),
]
ForecastArgument = Annotated[
    str, typer.Argument(metavar="FORECAST", help="Id of a forecast, or its beginning.", autocompletion=forecasts)
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Use only what was known on this day; default: today (UTC)."),
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="VERSION", help="Model version; default: the scenario's.")
]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON document.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print the table as CSV.")]
Plot = Annotated[
    Path | None, typer.Option("--plot", metavar="FILE", help="Draw it too: .html (interactive), .svg or .png.")
]
Words = Annotated[
    str | None,
    typer.Option(
        "--words",
        metavar="SCALE",
        help="Scale of words, icd203 or phia; default: the scenario's.",
        autocompletion=scales,
    ),
]
AllowClock = Annotated[
    bool,
    typer.Option("--allow-clock", help="Record although the clock is behind the last record; a warning says so."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


def _refit_is_over(wanted: bool) -> bool:
    """Print that the option is deprecated and does nothing."""
    if wanted:
        from forecast.cli.output import tell

        tell("--refit is deprecated and does nothing: draws that fit the evidence are made where needed.")
    return wanted


Refit = Annotated[bool, typer.Option("--refit", hidden=True, callback=_refit_is_over)]
File = Annotated[
    str | None, typer.Option("--ledger", metavar="FILE", help="Read an exported ledger (.jsonl) or another .db.")
]
Output = Annotated[
    Path, typer.Option("-o", "--output", metavar="FILE", help="Where to; .html, .pdf, .docx or .md says how.")
]
Between = Annotated[
    str | None,
    typer.Option("--between", metavar="KEY,KEY", help="The two actors; default: the scenario's first two."),
]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Of the text, such as cp1252.")]
