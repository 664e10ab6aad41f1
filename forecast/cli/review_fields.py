"""Fields of a report as a coder types them: FIELD=VALUE, several at once, or asked for until the value is right."""

import re
from collections.abc import Mapping
from typing import Any

from forecast.cli.output import inert
from forecast.cli.review_state import Session
from forecast.cli.review_text import folded, problem_lines
from forecast.coding.accept import accepted_fields
from forecast.coding.report_fields import accepted, choices, wrong_value
from forecast.coding.reviewed import CHANGEABLE, Reviewed

__all__ = ["asked", "changed", "good_value", "several"]

#: Choices that are listed before a question; `?` lists all.
MOST_CHOICES = 16

#: Of a value that is shown in a prompt.
PROMPT_CHARS = 40


def several(session: Session, text: str, entry: Reviewed) -> dict[str, Any] | None:
    """The changes of `FIELD=VALUE FIELD=VALUE ...`; None, with the reason said, if one of them is wrong.

    A value goes on until the next `FIELD=`.
    """
    places = [match for match in _FIELD.finditer(text) if match[1].replace("-", "_") in CHANGEABLE]
    if not places or text[: places[0].start()].strip():
        session.say("  ! after `a`, give changes as FIELD=VALUE; ? for help")
        return None
    ends = [*(match.start() for match in places[1:]), len(text)]
    changes = dict(entry.changes)
    for match, end in zip(places, ends, strict=True):
        change = changed(session, text[match.start() : end].strip(), accepted_fields(entry))
        if change is None:
            return None
        changes[change[0]] = change[1]
    return changes


_FIELD = re.compile(r"(?:^|(?<=\s))([a-z][a-z_-]*)=")


#: What may be typed for a flag.
_FLAGS = {"yes": "true", "y": "true", "no": "false", "n": "false", "true": "true", "false": "false"}


def changed(session: Session, answer: str, fields: Mapping[str, Any]) -> tuple[str, Any] | None:
    """A field and its new value ('' takes it away) out of FIELD=VALUE or FIELD; None if nothing is to change."""
    key, equals, value = (part.strip() for part in answer.partition("="))
    key = key.replace("-", "_")
    if key not in CHANGEABLE:
        finding = wrong_value(session.scenario, key, value)
        message = finding.message if finding is not None else f"'{key}' cannot be changed here"
        session.lines(folded(f"{message}; ? for help", session.look.width, "    ", "  ! "))
        return None
    if not equals:
        return asked(session, key, fields)
    good = good_value(session, key, value)
    return None if good is None else (key, good)


def asked(session: Session, key: str, fields: Mapping[str, Any]) -> tuple[str, Any] | None:
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
        good = good_value(session, key, "" if answer == "-" else answer)
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


def good_value(session: Session, key: str, value: str) -> Any:
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
    elif key in ("denies", "use"):
        typed = _FLAGS.get(value.lower(), value)
    finding = wrong_value(session.scenario, key, typed)
    if finding is None:
        return typed
    session.lines(problem_lines([finding], session.look))
    if not finding.accepted:
        session.lines(folded(f"accepted: {accepted(session.scenario, key)}", session.look.width, "      ", "    "))
    return None
