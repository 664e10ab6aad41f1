"""A report without a proposal, field by field; the answers are kept until it is written or given up."""

from collections.abc import Mapping
from typing import Any

from forecast.cli.review_fields import asked, changed, good_value
from forecast.cli.review_state import Session
from forecast.cli.review_text import field_lines, problem_lines
from forecast.coding.accept import Written, add_report, problems
from forecast.coding.draft import forget_draft, keep_draft, kept_draft
from forecast.coding.report_fields import ASKED
from forecast.errors import InputError

__all__ = ["write_by_hand"]


def write_by_hand(session: Session, start: Mapping[str, Any]) -> Written | None:
    """Ask for the fields of a report, show it, and write it when the coder says so; None if it was given up.

    Parameters
    ----------
    session
        Who talks.
    start
        Fields that are given already, and not asked for. A draft of an earlier session is offered first.

    Raises
    ------
    EOFError, KeyboardInterrupt
        The draft is kept.
    """
    fields: dict[str, Any] = dict(start)
    draft = kept_draft(session.scenario, session.coder.name)
    if draft:
        session.lines(field_lines(session.scenario, draft, (), session.look, draft.get("source", "")))
        if session.ask("go on with this draft? [Y/n] ").strip().lower() not in ("n", "no"):
            fields = {**draft, **start}
        else:
            forget_draft(session.scenario, session.coder.name)
    for key in ASKED:
        if key not in fields and key not in ("use", "reason"):
            change = asked(session, key, fields)
            fields[key] = "" if change is None else change[1]
            keep_draft(session.scenario, session.coder.name, fields)
    while True:
        said = {key: value for key, value in fields.items() if value != ""}
        source = str(said.get("source", ""))
        session.say("")
        session.lines(field_lines(session.scenario, said, (), session.look, source))
        found = problems(session.scenario, source, _without_source(said), session.coder)
        session.lines(problem_lines(found, session.look))
        answer = session.ask("a)ccept  FIELD=VALUE  FIELD  q) give up > ").strip()
        if answer == "q":
            forget_draft(session.scenario, session.coder.name)
            return None
        if answer == "a":
            try:
                written = add_report(session.scenario, source, _without_source(said), session.coder)
            except InputError as error:
                session.lines(problem_lines(error.findings(), session.look))
                continue
            forget_draft(session.scenario, session.coder.name)
            session.tally.accepted += 1
            where = written.file.relative_to(session.scenario.workspace).as_posix()
            session.say(f"  written as {written.reports[0]} to {where}")
            session.refresh()
            return written
        if answer.partition("=")[0].strip() == "source":
            good = good_value(session, "source", answer.partition("=")[2].strip())
            fields["source"] = fields["source"] if good is None else good
        elif answer and (change := changed(session, answer, said)) is not None:
            fields[change[0]] = change[1]
        keep_draft(session.scenario, session.coder.name, fields)


def _without_source(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != "source"}
