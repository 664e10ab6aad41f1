"""The command `forecast`: its commands, and the one place where errors become exit codes.

0 done; 1 done, and something was found wrong; 2 bad input, usage or environment, nothing written; 3 a bug; 130
interrupted; 141 whoever read the output went away, as for programs that a signal ends.
"""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.about import VERSION
from forecast.cli import (
    add_command,
    agreement_command,
    base_rate_command,
    codebook_commands,
    compare_commands,
    evidence_commands,
    export_command,
    ledger_commands,
    list_command,
    propose_command,
    publish_commands,
    replay_commands,
    report_commands,
    scenario_commands,
    score_commands,
    site_command,
    status_command,
    update_command,
    watch_commands,
    why_commands,
    words_command,
)
from forecast.cli.pictures import EVERY, keep_readable, showable
from forecast.cli.start import INTERRUPTED
from forecast.errors import Finding, ForecastError, WorkspaceError

__all__ = ["app", "main"]

#: Exit code where the reader of a pipe went away: how the command ended is not known, so that it cannot pass for done.
UNREAD = 141

app = typer.Typer(
    name="forecast",
    help="Scenario forecasts from dated, graded evidence.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"forecast {VERSION}")
        raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option("-C", metavar="DIR", help="Workspace; default: FORECAST_HOME, or the nearest folder upward."),
    ] = None,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    _debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    context.obj = workspace


#: In the order in which a case goes through them, with the one line that `--help` has room for.
_COMMANDS = (
    (scenario_commands.new, "new", "Begin a scenario, from a template or like another."),
    (scenario_commands.check, "check", "Find everything wrong in a scenario's files."),
    (scenario_commands.show, "show", "Print a scenario as known on a day: what counts, and what not."),
    (update_command.update, "update", "Forecast from the evidence of a day, and record it."),
    (status_command.status, "status", "All scenarios: last forecast, what is new, stale or due."),
    (why_commands.explain, "explain", "Why a probability is what it is, or moved."),
    (why_commands.whatif, "whatif", "Forecast under suppositions, beside today's answer."),
    (words_command.words, "words", "Whether each word holds under other readings."),
    (watch_commands.watch, "watch", "What to watch for: indicators by what they would tell."),
    (ledger_commands.history, "history", "Forecasts over time."),
    (compare_commands.compare, "compare", "Compare model versions, also by how well each foresaw."),
    (replay_commands.replay, "replay", "Forecast as of many earlier days."),
    (score_commands.resolve, "resolve", "Write how a question was settled."),
    (score_commands.score, "score", "Score recorded forecasts, or anybody's in files."),
    (report_commands.report, "report", "Write a report in which every number is cited."),
    (publish_commands.render, "render", "Put numbers in the place of a draft's tokens."),
    (publish_commands.cite, "cite", "Print a reference to a forecast or an answer."),
    (publish_commands.verify, "verify", "Check every cited number of a document."),
    (site_command.site, "site", "Write a static site over all scenarios."),
    (export_command.export, "export", "Write recorded forecasts for other tools."),
    (base_rate_command.base_rate, "base-rate", "Count how often and how soon such things end."),
    (scenario_commands.schema, "schema", "JSON Schemas of the files, for editors."),
    (ledger_commands.doctor, "doctor", "Versions, leftovers of killed runs, draws of no use."),
)
for _function, _name, _line in _COMMANDS:
    app.command(_name, short_help=_line)(_function)
evidence_commands.evidence.command("propose", short_help="Propose rows of evidence from an article.")(
    propose_command.propose
)
evidence_commands.evidence.command("add", short_help="Decide about proposals, or write a report by hand.")(
    add_command.add
)
evidence_commands.evidence.command("list", short_help="List coded reports, and whether they count.")(list_command.list_)
evidence_commands.evidence.command("agreement", short_help="How far two coders agree: Krippendorff's alpha.")(
    agreement_command.agreement
)
app.add_typer(codebook_commands.codebook, name="codebook")
app.add_typer(evidence_commands.evidence, name="evidence")
app.add_typer(ledger_commands.ledger, name="ledger")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    # no plugin that happens to be installed has a say in what is read; looking for them would cost time, too
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    words = sys.argv[1:] if arguments is None else arguments
    # where in the line these stand does not matter: they say how errors are shown, also errors of usage
    debug, as_json = "--debug" in words, "--json" in words
    keep_readable()
    try:
        words = _workspace_first([word for word in words if word != "--debug"])
        code = _run(words, debug=debug, as_json=as_json)
        sys.stdout.flush()
    except BrokenPipeError:
        code = UNREAD
        _silence()
    except OSError as error:  # of the output itself, such as a full disk
        print(f"error: the output cannot be written: {error.strerror or error}", file=sys.stderr)
        code = WorkspaceError.exit_code
        _silence()
    if arguments is None:
        # all is written and closed; taking the libraries' objects apart would cost a tenth of a short command, and
        # after a fit a second or two
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _silence() -> None:
    """Keep Python from writing what is left, and from complaining at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _workspace_first(words: list[str]) -> list[str]:
    """`-C DIR` before the command, where Typer wants it, wherever in the line it was written."""
    line = words[: words.index("--")] if "--" in words else words
    at = line.index("-C") if "-C" in line[:-1] else 0
    return [*words[at : at + 2], *words[:at], *words[at + 2 :]] if at else words


def _run(words: list[str], *, debug: bool, as_json: bool) -> int:
    try:
        result: Any = app(words, prog_name="forecast", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        result = INTERRUPTED
    except typer.TyperException as error:
        # usage errors know how to show the usage beside the message
        if hasattr(error, "show"):
            error.show()
        else:
            print(error.format_message(), file=sys.stderr)
        if as_json:
            _print_errors([Finding("error", error.format_message())])
        return 2
    except ForecastError as error:
        if debug:
            raise
        _show(error, as_json=as_json)
        return error.exit_code
    except SystemExit as end:
        # Typer ends the program itself where the reader of a pipe went away
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        raise
    except OSError as error:
        # what the system refuses is no bug: a full disk under a redirected output, a file that may not be deleted
        if debug:
            raise
        _show(WorkspaceError(str(error)), as_json=as_json)
        return WorkspaceError.exit_code
    except Exception as error:
        if debug:
            raise
        print(f"this is a bug of forecast: {type(error).__name__}: {error}", file=sys.stderr)
        print("run the command again with --debug for the traceback, and report it", file=sys.stderr)
        return 3
    if result == INTERRUPTED:
        print("interrupted: nothing half done was recorded", file=sys.stderr)
    return int(result or 0)


def _show(error: ForecastError, *, as_json: bool) -> None:
    from forecast.cli.output import print_findings

    print_findings(error.findings())
    if as_json:
        _print_errors(error.findings())


def _print_errors(findings: Any) -> None:
    keys = ("file", "line", "key", "found", "accepted", "message")
    rows = [{key: value for key, value in finding.as_dict().items() if key in keys} for finding in findings]
    print(json.dumps({"errors": rows}, ensure_ascii=not showable(EVERY), indent=2))
