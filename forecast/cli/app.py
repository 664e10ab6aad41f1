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
from forecast.cli.commands import CommandGroup
from forecast.cli.pictures import EVERY, keep_readable, showable
from forecast.cli.start import INTERRUPTED
from forecast.errors import Finding, ForecastError, WorkspaceError

__all__ = ["app", "main"]

#: Exit code where the reader of a pipe went away: how the command ended is not known, so that it cannot pass for done.
UNREAD = 141

app = typer.Typer(
    name="forecast",
    cls=CommandGroup,
    help="Forecast scenarios from dated, graded evidence.",
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
        typer.Option("-C", metavar="DIR", help="Workspace (default: FORECAST_HOME or nearest folder)."),
    ] = None,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    _debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    context.obj = workspace


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
