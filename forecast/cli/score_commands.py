"""`forecast resolve` and `forecast score`: what happened, and how good the forecasts were."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from forecast.cli.complete import scenarios as scenario_ids
from forecast.cli.options import AsOf, Csv, File, Json, Plot, ScenarioArgument

__all__ = ["resolve", "score"]


def resolve(
    context: typer.Context,
    scenario: ScenarioArgument,
    question: Annotated[str | None, typer.Argument(metavar="[QUESTION]", help="The question to settle.")] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="OUTCOME", help="yes, no, a regime, or annulled.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day on which it was decided.")] = None,
    source: Annotated[str | None, typer.Option("--source", metavar="TEXT", help="What settles it.")] = None,
    known: Annotated[
        str | None, typer.Option("--known", metavar="DATE", help="First day it could be known; default: --on.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Anything a reader should know.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="In place of an earlier resolution.")] = False,
    propose: Annotated[bool, typer.Option("--propose", help="Only what the evidence proposes.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Write what the evidence proposes.")] = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Write how questions were settled, or show it, with what the evidence proposes.

    What is written goes to resolutions.yaml; comments and layout of the file stay.
    """
    from forecast.api import Workspace
    from forecast.cli.output import print_found, print_json

    typed = {"--outcome": outcome, "--on": on, "--source": source, "--known": known, "--note": note}
    _check_resolve(question, {name: text for name, text in typed.items() if text is not None}, accept, as_of)
    case = Workspace.find(context.obj).open(scenario)
    if accept:
        done = case.accept(question, as_of)
    elif question is not None:
        done = case.resolve(question, outcome, on, source, known=known, note=note, replace=replace)
    else:
        document = case.resolutions(as_of).document
        if as_json:
            print_json(document)
        else:
            _print_resolutions(document, only_proposed=propose)
        return
    print_found(done, _print_written, as_json=as_json)


def _check_resolve(question: str | None, typed: Mapping[str, str], accept: bool, as_of: str | None) -> None:
    """Options that do not go together."""
    from forecast.errors import Finding, InputError

    findings = []
    for name, text in typed.items():
        if question is None:
            findings.append(
                Finding("error", f"{name} is about a question.", key=name, found=text, accepted="a QUESTION")
            )
        elif accept:
            message = f"{name} beside --accept, which takes it from the evidence."
            findings.append(Finding("error", message, key=name, found=text, accepted="one of the two"))
    if as_of is not None and question is not None and not accept:
        accepted = "no --as-of: what a person writes down is checked against today"
        findings.append(Finding("error", "--as-of is about proposals.", key="--as-of", found=as_of, accepted=accepted))
    if findings:
        raise InputError(findings)


def _print_resolutions(document: Mapping[str, Any], *, only_proposed: bool) -> None:
    from forecast.cli.output import print_table, say

    def listed(title: str, rows: list[Mapping[str, Any]]) -> None:
        say(title if rows else f"{title}: none")
        if rows:
            cells = [(r["question"], r["outcome"], r["on"], r["known"], r["source"]) for r in rows]
            print_table(("question", "outcome", "on", "known", "source"), cells, wrap=(4,))
        say()

    if not only_proposed:
        listed("resolved", document["resolved"])
    listed(f"proposed by the evidence as of {document['as_of']}", document["proposed"])
    if document["undecided"]:
        say("not settled by the evidence")
        print_table(("question", "why"), [(r["question"], r["why"]) for r in document["undecided"]], wrap=(1,))
        say()
    if document["proposed"]:
        say(f"next: forecast resolve {document['scenario']} [QUESTION] --accept")


def _print_written(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import say, say_folded, tell

    if not document["written"]:
        say("the evidence proposes nothing; nothing was written")
    for row in document["written"]:
        say_folded(f"{row['question']}: {row['outcome']} on {row['on']}, known {row['known']} ({row['source']})")
        for warning in row["warnings"]:
            tell(f"warning: {row['file']}: {row['question']}: {warning}")
    if document["written"]:
        say(f"written to {document['written'][0]['file']}")


def score(
    context: typer.Context,
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SCENARIO]...", help="Default: all.", autocompletion=scenario_ids),
    ] = None,
    forecasts: Annotated[
        Path | None,
        typer.Option("--forecasts", metavar="FILE", help="Anybody's forecasts: CSV, or the folder of a hub."),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option("--truth", metavar="FILE", help="What happened, as CSV; a hub has it.")
    ] = None,
    as_of: AsOf = None,
    model: Annotated[str | None, typer.Option("--model", metavar="MODEL", help="Only this one.")] = None,
    brier: Annotated[
        Literal["0-1", "0-2"], typer.Option("--brier", help="Scale of Brier scores; 0-2 is Brier's own.")
    ] = "0-1",
    order: Annotated[
        str | None, typer.Option("--order", metavar="A,B,...", help="Files: outcomes in their order, for the RPS.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--group-by", "--by", metavar="COLUMN", help="Files: a table for each value of this column."),
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="MODEL", help="Files: the model to beat.")
    ] = None,
    file: File = None,
    plot: Plot = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> int:
    """Score recorded forecasts, or anybody's in files, against what happened.

    Only questions whose last day has passed. Live forecasts and replays are never pooled, nor what people judge with
    what a record settles. Files are long CSV (question, outcome, p, made_on; and question, outcome), or model output
    and oracle output of the hubverse.
    """
    from forecast.api import Workspace, score_files
    from forecast.cli.output import print_found
    from forecast.cli.plot import checked, drawn
    from forecast.cli.score_tables import print_scores

    checked(plot)
    about_files = {"--truth": truth, "--order": order, "--group-by": by, "--reference": reference}
    about_ledger = {"SCENARIO": scenarios, "--as-of": as_of, "--ledger": file}
    _check_score(forecasts, truth, about_files, about_ledger)
    if forecasts is not None:
        names = [name.strip() for name in order.split(",") if name.strip()] if order else []
        found = score_files(forecasts, truth, brier=brier, order=names, by=by or (), reference=reference, model=model)
    else:
        workspace = Workspace.find(context.obj)
        ledger = Path(file) if file else None
        found = workspace.score(*(scenarios or ()), as_of=as_of, model=model, brier=brier, file=ledger)
    print_found(found, print_scores, as_json=as_json, as_csv=as_csv)

    def chart() -> Any:
        from forecast.report.charts import calibration

        return calibration(found.document)

    return 0 if drawn(plot, chart) else 1


def _check_score(
    forecasts: Path | None, truth: Path | None, about_files: Mapping[str, Any], about_ledger: Mapping[str, Any]
) -> None:
    """Options that do not go together."""
    from forecast.errors import Finding, InputError

    findings = []
    if forecasts is None:
        for name, value in about_files.items():
            if value:
                message = f"{name} without forecasts to score."
                findings.append(Finding("error", message, key=name, found=str(value), accepted="--forecasts FILE, too"))
    else:
        if truth is None and not forecasts.is_dir():
            message = "--forecasts without what happened."
            findings.append(Finding("error", message, key="--truth", accepted="--truth FILE, too"))
        for name, value in about_ledger.items():
            if value:
                message = f"{name} is about the ledger, and --forecasts about a file."
                findings.append(Finding("error", message, key=name, found=str(value), accepted="one of the two"))
    if findings:
        raise InputError(findings)
