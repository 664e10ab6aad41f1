"""The conversation in which a coder decides on proposals one by one, or writes a report by hand.

Everything is saved when it is said: a session that is left, interrupted or killed goes on where it was.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from forecast.cli.output import inert
from forecast.cli.review_text import (
    Look,
    context_lines,
    field_lines,
    folded,
    problem_lines,
    reason_lines,
)
from forecast.coding.accept import Coder, Wanted, Written, accepted_fields, add_report, decide, problems, undo
from forecast.coding.draft import forget_draft, keep_draft, kept_draft
from forecast.coding.proposal import report_fields
from forecast.coding.proposals_file import read_proposals
from forecast.coding.report_fields import ASKED, accepted, choices, wrong_value
from forecast.coding.reviewed import CHANGEABLE, Decision, Proposals, Reviewed
from forecast.errors import Finding, InputError
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

__all__ = ["Session", "Tally", "open_proposals", "review", "write_by_hand"]

KEYS = "a)ccept  r)eject  l)ater  b)ack  n)ext  u)ndo  +) add  w)hy  q)uit  ?) help"

HELP = """\
  a  accept: written to evidence/       r  reject      l  put off until later
  b  back to the one before             n  next, without a decision
  u  undo the last acceptance           q  quit: all is saved
  +  write another report from this sentence by hand
  w  why: all reasons, and everything that it may repeat
  FIELD=VALUE  say it otherwise, as in: when=2023-09   grade=C3   use=false
  FIELD        show what it takes, and ask (Enter leaves it, - takes it away)
  fields:"""

#: Choices that are listed before a question; `?` lists all.
MOST_CHOICES = 16

Ask = Callable[[str], str]

#: Of a value that is shown in a prompt.
PROMPT_CHARS = 40


class _Leave(Exception):  # noqa: N818 - control flow, never seen outside
    """The coder wants to stop, or nobody is there any more."""


@dataclass(slots=True)
class Tally:
    """What a session did; `left` are the open proposals of the files that were reviewed."""

    accepted: int = 0
    rejected: int = 0
    later: int = 0
    left: int = 0
    files: list[Path] = field(default_factory=list)


@dataclass(slots=True)
class Session:
    """Who talks with whom: the case as it is now, the coder, and how to ask and say."""

    scenario: Scenario
    coder: Coder
    ask: Ask
    out: Callable[[str], None]
    look: Look
    tally: Tally = field(default_factory=Tally)
    done: list[tuple[Path, Written]] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Say a line of anybody's text."""
        self.out(inert(text))

    def lines(self, lines: Iterable[str]) -> None:
        """Say lines that `review_text` has made, with its marks in them."""
        for line in lines:
            self.out(line)

    def refresh(self) -> None:
        """Read the case again: what was written must be seen."""
        self.scenario = read_scenario(self.scenario.workspace, str(self.scenario.folder))


def open_proposals(scenario: Scenario, source: str | None = None) -> list[Path]:
    """The proposals files that have something to decide, or to write; of one source, if it is named."""
    paths = [p for p in sorted((scenario.folder / "proposals").glob("*.yaml")) if not p.name.startswith(".")]
    if source is not None:
        paths = [path for path in paths if path.stem == source]
    return [path for path in paths if any(_is_waiting(entry) for entry in _read(scenario, path).entries)]


def review(session: Session, paths: Sequence[Path]) -> Tally:
    """Go through the open proposals of files until they are decided or the coder leaves.

    Raises
    ------
    KeyboardInterrupt
        As it comes, after `tally` has been brought up to date.
    """
    try:
        for path in paths:
            session.tally.files.append(path)
            _review_file(session, path)
    except _Leave:
        pass
    except EOFError:
        session.say("")
    except KeyboardInterrupt:
        session.say("")
        raise
    finally:
        left = [e for path in session.tally.files for e in _read(session.scenario, path).entries if e.decision.is_open]
        session.tally.left = len(left)
    return session.tally


def _is_waiting(entry: Reviewed) -> bool:
    return entry.decision.is_open or (entry.decision is Decision.ACCEPT and entry.report is None)


def _read(scenario: Scenario, path: Path) -> Proposals:
    return read_proposals(path, path.relative_to(scenario.workspace).as_posix())


def _review_file(session: Session, path: Path) -> None:
    waiting = [entry for entry in _read(session.scenario, path).entries if _is_waiting(entry)]
    # what was put off comes last
    order = [e.number for e in sorted(waiting, key=lambda entry: entry.decision is Decision.LATER)]
    text = _article(session.scenario, path)
    at, asked_for = 0, False
    while at < len(order):
        read = _read(session.scenario, path)
        entry = next((one for one in read.entries if one.number == order[at]), None)
        if entry is None or not (asked_for or _is_waiting(entry)):
            at += 1  # somebody else was faster, or proposed again
            continue
        _show(session, entry, read.source, text, f"proposal {entry.number}: {at + 1} of {len(order)}")
        step = _decide(session, path, entry, read.source)
        asked_for = step != 1
        at = max(0, at + step)


def _article(scenario: Scenario, path: Path) -> str:
    article = scenario.folder / "articles" / f"{path.stem}.txt"
    try:
        return article.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def _show(session: Session, entry: Reviewed, source: str, text: str, title: str) -> None:
    said, look = entry.proposal, session.look
    state = "" if entry.decision is Decision.UNDECIDED else f" · {entry.decision}"
    state += f" as {entry.report}" if entry.report else ""
    session.say("")
    session.lines(folded(f"── {title} · {source} · {said.locator}{state}", look.width, "   ", ""))
    session.say("")
    session.lines(context_lines(text, said, look))
    session.say("")
    fields = accepted_fields(entry)
    session.lines(field_lines(session.scenario, fields, entry.changes, look, source))
    session.say("")
    session.lines(reason_lines(session.scenario, said, look))
    if entry.report is None:
        session.lines(problem_lines(problems(session.scenario, source, fields, session.coder), look))


def _decide(session: Session, path: Path, entry: Reviewed, source: str) -> int:
    """Talk about one proposal; how far to go on in the order of proposals (0: show it again)."""
    session.lines(folded(KEYS, session.look.width, ""))
    while True:
        answer = session.ask("> ").strip()
        if answer == "q":
            raise _Leave
        if answer == "b":
            return -1
        if answer == "n":
            return 1
        if answer in ("a", "r", "l"):
            wanted = {"a": Decision.ACCEPT, "r": Decision.REJECT, "l": Decision.LATER}[answer]
            return 1 if _take(session, path, Wanted(entry.number, wanted, seen=entry)) else 0
        if answer == "u":
            if _undo(session):
                return 0
        elif answer == "w":
            session.lines(reason_lines(session.scenario, entry.proposal, session.look, everything=True))
        elif answer == "+":
            start = {"source": source, "known": entry.proposal.known.isoformat(), "locator": entry.proposal.locator}
            write_by_hand(session, start)
            return 0
        elif answer in ("?", ""):
            session.lines(HELP.splitlines())
            session.lines(folded(", ".join(CHANGEABLE), session.look.width, "    "))
        elif (change := _changed(session, answer, accepted_fields(entry))) is not None:
            key, value = change
            if entry.report is not None:
                session.say(f"  it is evidence already: edit report {entry.report} in evidence/")
                continue
            changes = {**entry.changes, key: value}
            if value == report_fields(entry.proposal).get(key, ""):
                del changes[key]  # as the proposer said
            _take(session, path, Wanted(entry.number, entry.decision, changes, seen=entry))
            return 0


def _take(session: Session, path: Path, wanted: Wanted) -> bool:
    """Save what was decided; False if it could not be."""
    try:
        done = decide(session.scenario, path, [wanted], session.coder)
    except InputError as error:
        session.lines(problem_lines([_short(finding) for finding in error.findings()], session.look))
        return False
    kind = wanted.decision
    changed_only = wanted.seen is not None and wanted.seen.decision is kind and kind is not Decision.ACCEPT
    if done.written is not None:
        session.done.append((path, done.written))
        where = done.written.file.relative_to(session.scenario.workspace).as_posix()
        session.say(f"  written as {', '.join(done.written.reports)} to {where}")
    for report in done.on_file.values():
        session.say(f"  on file already, as {report}")
    if not changed_only:
        session.tally.accepted += kind is Decision.ACCEPT
        session.tally.rejected += kind is Decision.REJECT
        session.tally.later += kind is Decision.LATER
    session.refresh()
    return True


def _short(finding: Finding) -> Finding:
    """Without the place in the proposals file: the coder looks at it."""
    message = finding.message.split(": ", 1)[-1] if finding.message.startswith("proposal ") else finding.message
    return Finding(finding.level, message, key=finding.key, accepted=finding.accepted)


def _undo(session: Session) -> bool:
    if not session.done:
        session.say("  nothing was accepted in this session that could be undone")
        return False
    path, written = session.done.pop()
    if not undo(session.scenario, path, written):
        name = written.file.relative_to(session.scenario.workspace).as_posix()
        session.say(f"  {name} was edited since: take {', '.join(written.reports)} out of it by hand")
        return False
    session.tally.accepted -= 1
    numbers = ", ".join(map(str, written.number_of.values()))
    session.say(f"  {', '.join(written.reports)} taken out again; proposal {numbers} is undecided")
    session.refresh()
    return True


def _changed(session: Session, answer: str, fields: Mapping[str, Any]) -> tuple[str, Any] | None:
    """A field and its new value ('' takes it away) out of FIELD=VALUE or FIELD; None if nothing is to change."""
    key, equals, value = (part.strip() for part in answer.partition("="))
    key = key.replace("-", "_")
    if key not in CHANGEABLE:
        finding = wrong_value(session.scenario, key, value)
        message = finding.message if finding is not None else f"'{key}' cannot be changed here"
        session.lines(folded(f"{message}; ? for help", session.look.width, "    ", "  ! "))
        return None
    if not equals:
        return _asked(session, key, fields)
    good = _good(session, key, value)
    return None if good is None else (key, good)


def _asked(session: Session, key: str, fields: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Ask for one field until the answer is accepted; None for an empty answer."""
    _list_choices(session, key, fields, everything=False)
    value = inert(str(fields.get(key, "")))
    shown = value if len(value) <= PROMPT_CHARS else value[: PROMPT_CHARS - 3] + "..."
    while True:
        answer = session.ask(f"{key} [{shown}]: ").strip()
        if not answer:
            return None
        if answer == "?":
            _list_choices(session, key, fields, everything=True)
            continue
        good = _good(session, key, "" if answer == "-" else answer)
        if good is not None:
            return key, good


def _list_choices(session: Session, key: str, fields: Mapping[str, Any], *, everything: bool) -> None:
    listed = choices(session.scenario, key, fields.get("indicator") if key == "event" else None)
    if not listed or key == "grade":
        session.lines(folded(accepted(session.scenario, key), session.look.width, "  "))
        return
    if key in ("event", "origin"):
        session.lines(folded(f"{accepted(session.scenario, key)}; in use:", session.look.width, "  "))
    names = list(listed) if everything else list(listed)[:MOST_CHOICES]
    for name in names:
        lines = list(folded(listed[name] or "-", session.look.width, " " * 27, f"  {inert(name):<24} "))
        session.lines(lines if everything else lines[:1])
    if len(names) < len(listed):
        session.say(f"  and {len(listed) - len(names)} more: ?")


def _good(session: Session, key: str, value: str) -> Any:
    """The value as it is to be written, None (and why is said) if it is none; an unambiguous beginning is enough."""
    typed: Any = value
    if value == "":
        return ""
    if key in ("indicator", "source", "asserted_as"):
        fitting = [name for name in choices(session.scenario, key) if name.startswith(value)]
        typed = fitting[0] if len(fitting) == 1 else value
    elif key == "p_true":
        typed = [part.strip() for part in value.strip("[]").split(",")]
    elif key == "grade":
        typed = value.upper()
    finding = wrong_value(session.scenario, key, typed)
    if finding is None:
        return typed
    session.lines(problem_lines([finding], session.look))
    if not finding.accepted:
        session.lines(folded(f"accepted: {accepted(session.scenario, key)}", session.look.width, "      ", "    "))
    return None


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
            change = _asked(session, key, fields)
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
            good = _good(session, "source", answer.partition("=")[2].strip())
            fields["source"] = fields["source"] if good is None else good
        elif answer and (change := _changed(session, answer, said)) is not None:
            fields[change[0]] = change[1]
        keep_draft(session.scenario, session.coder.name, fields)


def _without_source(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != "source"}
