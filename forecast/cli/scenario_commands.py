"""`forecast new`, `check`, `show`, `schema`: what analysts wrote."""

from typing import Annotated, Any

import typer

from forecast.cli.complete import questions
from forecast.cli.options import AsOf, Csv, Json, Model, ScenarioArgument

__all__ = ["check", "new", "schema", "show"]


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Id of the new scenario.")],
    like: Annotated[
        str | None, typer.Option("--like", metavar="SCENARIO", help="Take questions, indicators and models from it.")
    ] = None,
) -> None:
    """Make a working scenario from a template whose comments teach."""
    import os
    from pathlib import Path

    from forecast.api import Workspace
    from forecast.cli.output import say
    from forecast.errors import WorkspaceError

    try:
        workspace = Workspace.find(context.obj)
    except WorkspaceError:
        # the first scenario makes the workspace
        workspace = Workspace(Path(context.obj or os.environ.get("FORECAST_HOME") or Path.cwd()))
    added: list[Path] = []
    folder = workspace.new(name, like, shared=added.append)
    say(f"made {folder}")
    for path in added:
        say(f"made {path}")
    say(f"next: forecast check {name} · forecast show {name} · forecast update {name}")


def check(context: typer.Context, scenario: ScenarioArgument, as_json: Json = False) -> int:
    """Read everything, list all findings with file and line, and say what single events are worth."""
    from forecast.api import Workspace
    from forecast.cli.output import print_findings, print_json, say
    from forecast.digits import counted
    from forecast.documents.check import check_document
    from forecast.errors import InputError

    workspace = Workspace.find(context.obj)
    try:
        document = workspace.open(scenario).check().document
    except InputError as error:
        document = check_document(None, error.findings())
        if not as_json:
            print_findings(error.findings())
            say(counted(len(error.findings()), "error"))
    else:
        if not as_json:
            _print_check(document)
    if as_json:
        print_json(document)
    return 0 if document["ok"] else 1


def _print_check(document: Any) -> None:
    from forecast.cli.output import print_findings, print_table, say, say_folded
    from forecast.digits import counted
    from forecast.errors import Finding

    findings = [Finding(**finding) for finding in document["findings"]]
    print_findings(findings)
    version, ratios = list(document["likelihood_ratios"].items())[-1]
    pairs = list(dict.fromkeys((row["regime"], row["other"]) for row in ratios))
    names = list(dict.fromkeys(row["indicator"] for row in ratios))
    by_key = {(row["indicator"], row["regime"], row["other"]): row for row in ratios}
    say_folded(
        f"What one certain event is worth (model {version}): likelihood ratio if watched, and if told outside a watch"
    )
    say()
    rows = []
    for name in names:
        cells = [by_key[name, *pair] for pair in pairs]
        rows.append((name, *(f"{cell['watched']:.2f} / {cell['told']:.2f}" for cell in cells)))
    print_table(("indicator", *(f"{a} :\n{b}" for a, b in pairs)), rows, right=range(1, len(pairs) + 1))
    for weight in document["base_rates"][version]:
        low, high = weight["stated"]
        say()
        say_folded(
            f"base rates about {weight['regime']}: {weight['pseudo_endings']:.2f} pseudo-endings "
            f"({weight['expected_endings']:.2f} expected) beside a range worth {weight['range_weight']:.1f}; "
            f"prior median stay {weight['median_years']:.1f} years (stated range {low:g} to {high:g})"
        )
    say()
    counts = {level: sum(f.level == level for f in findings) for level in ("error", "warning", "note")}
    say(", ".join(counted(n, level) for level, n in counts.items()))


def show(
    context: typer.Context,
    ref: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO[/QUESTION]", help="A scenario, or one question of it, whole.", autocompletion=questions
        ),
    ],
    as_of: AsOf = None,
    model: Model = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Questions, regimes, indicators, and the evidence that counts or does not (and why), as of a day."""
    from forecast.api import Workspace
    from forecast.cli.output import print_csv, print_json
    from forecast.cli.show_text import print_question, print_scenario

    scenario, question = _parts(ref)
    document = Workspace.find(context.obj).open(scenario).show(as_of, model, question=question).document
    if as_json:
        print_json(document)
    elif as_csv:
        print_csv(document["evidence"])
    elif question:
        print_question(document)
    else:
        print_scenario(document)


def _parts(ref: str) -> tuple[str, str | None]:
    """The scenario, by id or path, and the question of a reference."""
    from pathlib import Path

    from forecast.errors import Finding, InputError

    scenario, slash, question = ref.rpartition("/")
    if not slash or not scenario or Path(ref).exists():
        scenario, question = ref, ""
    if scenario.startswith("fc-") or ":" in question:
        what = "a forecast" if scenario.startswith("fc-") else "an outcome"
        accepted = "SCENARIO or SCENARIO/QUESTION; forecasts: `forecast history REF`, `forecast ledger show FORECAST`"
        raise InputError(Finding("error", f"'{ref}' names {what}.", found=ref, accepted=accepted))
    return scenario, question or None


def schema(
    kind: Annotated[str | None, typer.Argument(metavar="[FILE-KIND]", help="scenario, evidence, model, ...")] = None,
) -> None:
    """JSON Schemas of the files, for editors."""
    from forecast.cli.output import print_json
    from forecast.errors import Finding, InputError
    from forecast.scenario.json_schema import FILE_KINDS, json_schema, json_schemas

    if kind is not None and kind not in FILE_KINDS:
        raise InputError(
            Finding("error", f"there is no file kind '{kind}'.", found=kind, accepted=", ".join(FILE_KINDS))
        )
    print_json(json_schema(kind) if kind else json_schemas())
