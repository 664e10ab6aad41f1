"""The conversation in which a coder decides on proposals one by one, or writes a report by hand.

Everything is saved when it is said: a session that is left, interrupted or killed goes on where it was.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from forecast.cli.review_by_hand import write_by_hand
from forecast.cli.review_fields import changed, several
from forecast.cli.review_state import Session, Tally
from forecast.cli.review_text import (
    context_lines,
    field_lines,
    flag_lines,
    folded,
    problem_lines,
    reason_lines,
)
from forecast.coding.accept import Wanted, accepted_fields, decide, problems
from forecast.coding.proposal import report_fields
from forecast.coding.proposals_file import read_proposals
from forecast.coding.reviewed import CHANGEABLE, Decision, Proposals, Reviewed
from forecast.coding.undo_log import last_step, remember, take_back
from forecast.errors import Finding, InputError
from forecast.scenario.record import Scenario

__all__ = ["Session", "Tally", "most_used", "open_proposals", "review", "write_by_hand"]

KEYS = "a)ccept  r)eject  l)ater  b)ack  n)ext  u)ndo  +) add  w)hy  s)kip  q)uit  ?) help"

HELP = """\
  a  accept: written to evidence/       r  reject      l  put off until later
  b  back to the one before             n  next, without a decision
  u  undo the last decision, also one of an earlier sitting
  s  skip the rest of this article      q  quit: all is saved
  a FIELD=VALUE  change and accept in one step, or neither if a value is wrong
  1 to 9         the indicators that this scenario uses most
  +  write another report from this sentence by hand
  w  why: all reasons, and everything that it may repeat
  FIELD=VALUE  say it otherwise, as in: when=2023-09   grade=C3   use=false
  FIELD        show what it takes, and ask (Enter leaves it, - takes it away)
  fields:"""

#: Indicators that have a key.
MOST_KEYS = 9


class _Skip(Exception):  # noqa: N818 - control flow, never seen outside
    """The coder has done with an article."""


class _Leave(Exception):  # noqa: N818 - control flow, never seen outside
    """The coder wants to stop, or nobody is there any more."""


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
        for number, path in enumerate(paths):
            if number:
                _ask_to_go_on(session, path)
            session.tally.files.append(path)
            with suppress(_Skip):
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


def _ask_to_go_on(session: Session, path: Path) -> None:
    """After one article, before the next."""
    n_open = sum(_is_waiting(entry) for entry in _read(session.scenario, path).entries)
    if not n_open:
        return
    session.say("")
    answer = session.ask(f"next article: {path.stem}, {n_open} open. Enter goes on, q stops > ").strip()
    if answer in ("q", "n", "no", "s"):
        raise _Leave


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
    session.lines(flag_lines(said, look))
    session.lines(reason_lines(session.scenario, said, look))
    if entry.report is None:
        session.lines(problem_lines(problems(session.scenario, source, fields, session.coder), look))


def _decide(session: Session, path: Path, entry: Reviewed, source: str) -> int:
    """Talk about one proposal; how far to go on in the order of proposals (0: show it again)."""
    keys = most_used(session.scenario)
    listed = "  ".join(f"{number}) {name}" for number, name in enumerate(keys, start=1))
    session.lines(folded(listed, session.look.width, ""))
    session.lines(folded(KEYS, session.look.width, ""))
    while True:
        answer = session.ask("> ").strip()
        if answer == "q":
            raise _Leave
        if answer == "s":
            raise _Skip
        if answer in map(str, range(1, len(keys) + 1)):
            answer = f"indicator={keys[int(answer) - 1]}"
        if answer == "b":
            return -1
        if answer == "n":
            return 1
        if answer in ("a", "r", "l"):
            wanted = {"a": Decision.ACCEPT, "r": Decision.REJECT, "l": Decision.LATER}[answer]
            return 1 if _take(session, path, Wanted(entry.number, wanted, seen=entry)) else 0
        if answer.startswith("a ") and "=" in answer:
            changes = several(session, answer[2:], entry)
            if changes is not None:
                accepted_so = Wanted(entry.number, Decision.ACCEPT, changes, seen=entry)
                return 1 if _take(session, path, accepted_so) else 0
        elif answer == "u":
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
        elif (change := changed(session, answer, accepted_fields(entry))) is not None:
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
    if wanted.seen is not None and (kind is not wanted.seen.decision or done.written is not None):
        before = wanted.seen.decision
        remember(session.scenario, session.coder.name, path, wanted.number, kind, before, done.written)
    if done.written is not None:
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
    step = last_step(session.scenario, session.coder.name)
    if step is None:
        session.say("  there is no decision of yours that could be undone")
        return False
    problem = take_back(session.scenario, session.coder.name, step)
    if problem:
        session.say(f"  {problem}")
        return False
    session.tally.accepted -= step.decision == Decision.ACCEPT
    session.tally.rejected -= step.decision == Decision.REJECT
    session.tally.later -= step.decision == Decision.LATER
    taken = f"{step.report} taken out again; " if step.report else ""
    session.say(f"  {taken}proposal {step.number} of {Path(step.proposals).stem} is {step.before} again")
    session.refresh()
    return True


def most_used(scenario: Scenario) -> list[str]:
    """The indicators that the scenario's reports name most often, then the others in the codebook's order."""
    counts = Counter(report.indicator for report in scenario.reports if report.indicator)
    order = list(scenario.codebook.indicators)
    return sorted(order, key=lambda name: (-counts[name], order.index(name)))[:MOST_KEYS]
