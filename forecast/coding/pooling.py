"""One evidence file out of two codings: what the coders agree on stands, all else is left blank for a person.

A blank value is refused by everything that reads evidence, with its line; so nothing is forecast from a pooled file
before each of them is filled in.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from forecast.coding.agreement import Agreement, Pair, value_of
from forecast.coding.coder_statements import Statement
from forecast.errors import Finding, InputError
from forecast.scenario.render import flow
from forecast.scenario.schema import Report
from forecast.scenario.write import replace_file

__all__ = ["n_blank", "pooled", "write_pooled"]

HEAD = """\
# Pooled from two codings of the same:
#   {a_coder}: {a_file}
#   {b_coder}: {b_file}
# {agreed} of {pairs} statements that both have are coded alike and stand as they are. What is coded otherwise is left
# blank, with both values beside it: write the one that is right (`forecast check` names every blank). What only one
# coder has is marked at `use`: true, false, or delete the report.
# Wording (claim, note and so on) is {a_coder}'s where both have one; the other's stands in a comment.
# Take the two files out of evidence/ when this one comes in: one statement must not be there twice.
"""

#: Where coders differ in these, a person decides.
DECIDED = (
    "indicator",
    "event",
    "when",
    "known",
    "asserted_as",
    "denies",
    "grade",
    "p_true",
    "use",
    "withdrawn",
    "revised",
)

#: The order of a report's keys.
_ORDER = tuple(Report.model_fields)


def pooled(found: Agreement) -> str:
    """The text of the pooled file: statements in the order of the article, else of the first coding, the second."""
    taken = {one.report.id for one in found.a.statements}
    blocks: list[tuple[tuple[float, int, int], list[str]]] = []
    agreed = 0
    for pair in found.pairs:
        lines = list(_pair(found, pair))
        agreed += not any(_is_blank(line) for line in lines)
        blocks.append((_order(pair.a, 0), lines))
    blocks += [(_order(one, 0), list(_single(found.a.coder, one, one.report.id))) for one in found.only_a]
    for one in found.only_b:
        name = one.report.id
        while name in taken:
            name += "-b"
        taken.add(name)
        blocks.append((_order(one, 1), list(_single(found.b.coder, one, name))))
    head = HEAD.format(
        a_coder=_comment(found.a.coder),
        b_coder=_comment(found.b.coder),
        a_file=_comment(found.a.file),
        b_file=_comment(found.b.file),
        agreed=agreed,
        pairs=len(found.pairs),
    )
    listed = [line for _, lines in sorted(blocks, key=lambda block: block[0]) for line in ("", *lines)]
    return head + "\nreports:" + ("" if listed else " []") + "\n" + "".join(f"{line}\n" for line in listed)


def n_blank(text: str) -> int:
    """How many values of a pooled file are still to be decided."""
    return sum(_is_blank(line) for line in text.splitlines())


def write_pooled(path: Path, text: str) -> None:
    """Write the pooled file.

    Raises
    ------
    InputError
        If there is a file of that name: somebody may have decided in it.
    WorkspaceError
        If it cannot be written.
    """
    if path.exists():
        message = f"'{path}' is there already, perhaps with decisions in it"
        raise InputError(Finding("error", message, key="--pool", found=str(path), accepted="a new name"))
    replace_file(path, text.encode())


def _order(one: Statement, coding: int) -> tuple[float, int, int]:
    return (float("inf") if one.place is None else one.place[0], coding, one.number)


_BLANK = re.compile(r"(?:  - |    )\w+:  # decide: ")


def _is_blank(line: str) -> bool:
    return _BLANK.match(line) is not None


def _at(one: Statement, key: str = "") -> str:
    return f" ({_comment(one.file)}:{one.line(key)})"


def _comment(text: str) -> str:
    """A text on one line, which ends no comment."""
    return flow(text)


def _pair(found: Agreement, pair: Pair) -> Iterator[str]:
    a, b = _written(pair.a.report), _written(pair.b.report)
    blank = {key: _both(pair, key) for key in DECIDED if _differ(pair, key)}
    if pair.a.report.origin != pair.b.report.origin:
        blank["origin"] = (pair.a.report.origin, pair.b.report.origin)
    if "use" in blank or "asserted_as" in blank:
        # a value that only one of them had to write down
        a.pop("use", None)
        blank.setdefault("use", _both(pair, "use"))
    a["coded_by"] = ", ".join(dict.fromkeys(name for name in (a.get("coded_by"), b.get("coded_by")) if name)) or None
    days = [day for day in (pair.a.report.coded_on, pair.b.report.coded_on) if day is not None]
    a["coded_on"] = max(days).isoformat() if days else None
    start = "  - "
    for key in _ORDER:
        if key in blank:
            said_a, said_b = (_comment(value) if value else "nothing" for value in blank[key])
            by_a = f"{_comment(found.a.coder)}: {said_a}{_at(pair.a, key)}"
            yield f"{start}{key}:  # decide: {by_a} | {_comment(found.b.coder)}: {said_b}{_at(pair.b, key)}"
        else:
            value = a.get(key) if a.get(key) is not None else b.get(key) if key not in DECIDED else None
            if value is None:
                continue
            other = b.get(key)
            if key not in (*DECIDED, "id", "source", "origin", "coded_by", "coded_on") and other not in (None, value):
                yield f"    # {_comment(found.b.coder)} has {key}: {flow(other)}"
            yield f"{start}{key}: {flow(value)}"
        start = "    "


def _single(coder: str, one: Statement, name: str) -> Iterator[str]:
    said = {**_written(one.report), "id": name}
    said.pop("use", None)
    start = "  - "
    for key in _ORDER:
        if key == "use":
            use = value_of(one.report, "use")
            yield f"    use:  # decide: only {_comment(coder)} has this statement{_at(one)}, with use: {use}"
        elif said.get(key) is not None:
            yield f"{start}{key}: {flow(said[key])}"
        start = "    "


def _differ(pair: Pair, key: str) -> bool:
    if key == "when":
        a, b = pair.a.report.when, pair.b.report.when
        return (a and (a.first, a.last)) != (b and (b.first, b.last))
    if key == "event":
        return _named(pair.a.report) != _named(pair.b.report)
    if key == "use":
        return pair.a.report.counts != pair.b.report.counts
    return bool(getattr(pair.a.report, key) != getattr(pair.b.report, key))


def _named(report: Report) -> str:
    """The event where it has a name of its own: ids of reports differ between files."""
    return "" if report.event == report.id else report.event


def _both(pair: Pair, key: str) -> tuple[str, str]:
    if key in ("p_true", "withdrawn", "revised"):
        return tuple(  # type: ignore[return-value]
            "" if (value := _written(one.report).get(key)) is None else flow(value) for one in (pair.a, pair.b)
        )
    return value_of(pair.a.report, key), value_of(pair.b.report, key)


def _written(report: Report) -> dict[str, Any]:
    """A report as it would be written: texts and lists by key, without what only repeats a default."""
    said: dict[str, Any] = report.model_dump(mode="python", exclude_none=True)
    said["asserted_as"] = report.asserted_as.value
    if report.when is not None:
        said["when"] = report.when.text
    if not report.denies:
        del said["denies"]
    if report.event == report.id:
        del said["event"]
    if report.origin == report.source:
        del said["origin"]
    if not report.revised:
        del said["revised"]
    if report.counts == report.asserted_as.counts:
        said.pop("use", None)
    return {key: _tidy(value) for key, value in said.items()}


def _tidy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _tidy(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_tidy(item) for item in value]
    return value
