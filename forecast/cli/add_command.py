"""`forecast evidence add`: proposals reviewed and reports written by hand, in a conversation or by options."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.options import Json, ScenarioArgument

if TYPE_CHECKING:
    from forecast.api import Case

__all__ = ["add"]


def add(
    context: typer.Context,
    scenario: ScenarioArgument,
    proposals_of: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="Review only the proposals from this source.")
    ] = None,
    file: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Take decisions from this proposals file; ask nothing.")
    ] = None,
    accept: Annotated[
        str | None, typer.Option("--accept", metavar="1,4,7-9", help="With --from: accept these.")
    ] = None,
    reject: Annotated[
        str | None, typer.Option("--reject", metavar="NUMBERS", help="With --from: reject these.")
    ] = None,
    later: Annotated[str | None, typer.Option("--later", metavar="NUMBERS", help="With --from: put these off.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="With --from: accept all other undecided ones.")] = False,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="NAME", help="Who codes; default: FORECAST_CODER, or git's user.name."),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Write a report by hand, though there are proposals.")] = False,
    source: Annotated[str | None, typer.Option(help="Of a report by hand, as all options below: its source.")] = None,
    indicator: Annotated[str | None, typer.Option(help="Indicator of the codebook.")] = None,
    event: Annotated[str | None, typer.Option(help="Id that all reports of the event share; default: its own.")] = None,
    when: Annotated[str | None, typer.Option(help="YYYY-MM-DD, YYYY-MM, YYYY-Q3, YYYY or FIRST/LAST.")] = None,
    known: Annotated[str | None, typer.Option(help="First day on which one could know; default: the source's.")] = None,
    origin: Annotated[str | None, typer.Option(help="Where it ultimately comes from; default: the source.")] = None,
    claim: Annotated[str | None, typer.Option(help="The statement in your own words.")] = None,
    quote: Annotated[str | None, typer.Option(help="At most twelve words of the article.")] = None,
    locator: Annotated[str | None, typer.Option(help="Where in the article.")] = None,
    asserted_as: Annotated[
        str | None,
        typer.Option(help="fact (default), official-claim, media-report, inference, speculation or background."),
    ] = None,
    denies: Annotated[bool, typer.Option("--denies", help="It says that it did not happen.")] = False,
    grade: Annotated[str | None, typer.Option(help="Source A-F and statement 1-6, such as B2.")] = None,
    p_true: Annotated[str | None, typer.Option(metavar="LOW,HIGH", help="In place of a grade.")] = None,
    use: Annotated[str | None, typer.Option(metavar="true|false", help="Whether it counts; see --reason.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why --use goes against the default.")] = None,
    note: Annotated[str | None, typer.Option(help="Why this grade; traps.")] = None,
    speaker: Annotated[str | None, typer.Option(help="Who really said it.")] = None,
    attributed_to: Annotated[str | None, typer.Option(help="Whom the source names.")] = None,
    id_: Annotated[str | None, typer.Option("--id", help="Id of the report; default: the next free one.")] = None,
    as_json: Json = False,
) -> None:
    """Decide about proposals, or write a report by hand: on a terminal one after the other, else by options."""
    from forecast.api import Workspace
    from forecast.cli.coder import coder_name

    case = Workspace.find(context.obj).open(scenario)
    fields = _given(
        {
            "source": source,
            "indicator": indicator,
            "event": event,
            "when": when,
            "known": known,
            "origin": origin,
            "claim": claim,
            "quote": quote,
            "locator": locator,
            "asserted_as": asserted_as,
            "denies": "true" if denies else None,
            "grade": grade,
            "p_true": p_true,
            "use": use,
            "reason": reason,
            "note": note,
            "speaker": speaker,
            "attributed_to": attributed_to,
            "id": id_,
        }
    )
    batch = {"--accept": accept, "--reject": reject, "--later": later, "--all": "" if everything else None}
    _refuse_mixtures(file, batch, fields, proposals_of, new=new)
    if file is not None:
        _print(_decided(case, file, coder_name(by, case.workspace.path), batch), as_json)
    else:
        _write_or_talk(case, by, proposals_of, fields, new=new, as_json=as_json)


def _write_or_talk(
    case: "Case", by: str | None, proposals_of: str | None, fields: Mapping[str, Any], *, new: bool, as_json: bool
) -> None:
    """A report from options, if they make one; else, and for what they lack, a conversation where there is somebody."""
    from forecast.cli.coder import coder_name
    from forecast.errors import Finding, InputError

    is_terminal = sys.stdin.isatty() and sys.stdout.isatty() and not as_json
    if fields:
        name = coder_name(by, case.workspace.path)
        try:
            _print(_by_hand(case, name, fields), as_json)
            return
        except InputError as error:
            if not is_terminal:
                raise
            from forecast.cli.output import print_findings

            print_findings(error.findings())
    if not is_terminal:
        message = "evidence is asked for on a terminal, and this is none"
        accepted = "--from FILE with --accept NUMBERS or the decisions in FILE; or a report: --source ... --claim ..."
        raise InputError(Finding("error", message, accepted=accepted))
    _talk(case, by, proposals_of, fields, new=new)


def _given(options: Mapping[str, str | None]) -> dict[str, Any]:
    fields: dict[str, Any] = {key: value for key, value in options.items() if value is not None}
    if "p_true" in fields:
        fields["p_true"] = [part.strip() for part in fields["p_true"].strip("[]").split(",")]
    return fields


def _refuse_mixtures(
    file: str | None, batch: Mapping[str, str | None], fields: Mapping[str, Any], proposals_of: str | None, *, new: bool
) -> None:
    from forecast.errors import Finding, InputError

    numbered = [key for key, value in batch.items() if value is not None]
    message = ""
    if numbered and file is None:
        message, accepted = f"{numbered[0]} needs the proposals file", "--from FILE"
    elif file is not None and (fields or new or proposals_of):
        message, accepted = "--from decides about proposals, and asks for no report by hand", "one of them at a time"
    elif proposals_of and (fields or new):
        message, accepted = f"'{proposals_of}' names proposals, and options give a report", "--source for the report"
    if message:
        raise InputError(Finding("error", message, accepted=accepted))


def _decided(case: "Case", file: str, name: str, batch: Mapping[str, str | None]) -> Mapping[str, Any]:
    """Decisions by the numbers of options, or as the file says."""
    from forecast.coding.decisions import numbers

    accept, reject, later = (numbers(batch[key], key) for key in ("--accept", "--reject", "--later"))
    everything = batch["--all"] is not None
    return case.decide(file, name, accept=accept, reject=reject, later=later, everything=everything).document


def _by_hand(case: "Case", name: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """A report from options; what is wrong with a field is said of its option."""
    from forecast.errors import Finding, InputError

    if "source" not in fields:
        accepted = ", ".join(case.scenario.sources)
        raise InputError(Finding("error", "a report needs a source", key="--source", accepted=accepted))
    own = {key: value for key, value in fields.items() if key != "source"}
    try:
        return case.add_report(fields["source"], own, name).document
    except InputError as error:
        raise InputError([_as_option(finding) for finding in error.findings()]) from error


def _as_option(finding: Any) -> Any:
    """The finding with the option that gives the field."""
    from dataclasses import replace

    key = finding.key
    return finding if not key or key.startswith("--") else replace(finding, key="--" + key.replace("_", "-"))


def _talk(case: "Case", by: str | None, proposals_of: str | None, fields: Mapping[str, Any], *, new: bool) -> None:
    from forecast.cli.output import say, tell
    from forecast.cli.review_session import Session, open_proposals, review, write_by_hand
    from forecast.cli.review_text import terminal_look
    from forecast.coding.accept import Coder
    from forecast.errors import Finding, InputError
    from forecast.scenario.dates import today

    ask = _asking()
    session = Session(case.scenario, Coder(_name(by, case.workspace.path, ask), today()), ask, print, terminal_look())
    paths = [] if fields or new else open_proposals(case.scenario, proposals_of)
    if proposals_of and not paths:
        message = f"there are no open proposals from '{proposals_of}'"
        accepted = ", ".join(path.stem for path in open_proposals(case.scenario)) or "none has any"
        raise InputError(Finding("error", message, found=proposals_of, accepted=accepted))
    try:
        if paths:
            review(session, paths)
        else:
            say("a report by hand: ? lists what a field takes, Enter leaves it empty, Ctrl-D keeps it for later")
            write_by_hand(session, fields)
    except EOFError:
        say()
        say("the answers are kept: the next 'forecast evidence add' goes on from there")
    finally:
        done = session.tally
        if paths:
            say(f"{done.accepted} accepted, {done.rejected} rejected, {done.later} put off; {done.left} still open")
            if done.left:
                say(f"go on: forecast evidence add {case.scenario.id}")
        if done.accepted:
            tell(f"next: forecast check {case.scenario.id} · forecast update {case.scenario.id}")


def _name(by: str | None, folder: Path, ask: Any) -> str:
    from forecast.cli.coder import coder_name
    from forecast.errors import InputError

    try:
        return coder_name(by, folder)
    except InputError:
        name = ""
        while not name:
            name = ask("who codes (--by, FORECAST_CODER or git's user.name say it, too)? ").strip()
        return str(name)


def _asking() -> Any:
    """`input`, with the line editing and history of readline where there is one."""
    try:
        import readline

        readline.set_auto_history(True)
    except ImportError:  # pragma: no cover - a system without it
        pass
    return input


def _print(document: Any, as_json: bool) -> None:
    from forecast.cli.output import print_findings, print_json, print_table, say, tell
    from forecast.errors import Finding

    if as_json:
        print_json(document)
        return
    rows = [("accepted", _number(row), row["report"]) for row in document["written"]]
    rows += [("on file already", _number(row), row["report"]) for row in document["on_file"]]
    rows += [("rejected", str(number), "") for number in document["rejected"]]
    rows += [("put off", str(number), "") for number in document["later"]]
    if rows:
        print_table(("decision", "proposal", "report"), rows, right=(1,))
        say()
    if document["evidence"]:
        say(f"written: {document['evidence']}")
    else:
        say("nothing new was written to evidence")
    if document["open"]:
        say(f"{document['open']} proposal{'s are' if document['open'] != 1 else ' is'} still open")
    print_findings(Finding(**finding) for finding in document["findings"])
    if document["written"]:
        tell(f"next: forecast check {document['scenario']} · forecast update {document['scenario']}")


def _number(row: Mapping[str, Any]) -> str:
    return "" if row["proposal"] is None else str(row["proposal"])
