"""`forecast status`: where all scenarios of a workspace stand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer

from forecast.cli.options import Json

__all__ = ["status"]

#: Ids named in one line; the rest is counted.
NAMED = 6


def status(context: typer.Context, as_json: Json = False) -> int:
    """All scenarios: last forecast, evidence not yet used, stale coding, words that changed, questions due."""
    from forecast.api import Workspace
    from forecast.cli.output import print_findings, print_found

    found = Workspace.find(context.obj).status()
    print_findings(found.findings)
    print_found(found, _print, as_json=as_json)
    return 1 if found.findings else 0


def _print(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import print_table, say, say_folded

    rows = document["rows"]
    unreadable = list(dict.fromkeys(error["scenario"] for error in document["errors"]))
    if not rows and not unreadable:
        say("no scenario yet; begin one with 'forecast new NAME'")
        return
    cells = [(row["scenario"], _cells(row)) for row in rows]
    cells += [(name, ("cannot be read", *[""] * 5)) for name in unreadable]
    print_table(
        ("scenario", "last forecast", "age\n(days)", "not yet\nused", "searched\nuntil", "words\nchanged", "due"),
        [(name, *other) for name, other in sorted(cells)],
        right=(2, 3, 5, 6),
        wrap=(0,),
    )
    for row in rows:
        lines = list(_remarks(row))
        if lines:
            say()
            say_folded(f"{row['scenario']}: {row['title']}")
        for line in lines:
            say_folded(line, "- ")


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    unused, stale = row["unused"], "!" if row["stale"] else ""
    n = len(unused["reports"]) or len(unused["events"]) + len(unused["gone"])
    return (
        f"{row['forecast']} {row['kind']}" if row["forecast"] else "none",
        "" if row["age_days"] is None else str(row["age_days"]),
        str(n or ""),
        (row["searched_until"] or row["last_coded"] or "never") + stale,
        str(len(row["changed"]) or ""),
        str(len(row["due"]) or ""),
    )


def _remarks(row: Mapping[str, Any]) -> Iterator[str]:
    """What the numbers of the table are about."""
    from forecast.digits import probability
    from forecast.words import SCALES

    if row["kind"] == "replay":
        yield f"no live forecast: {row['forecast']} is a replay, as of {row['as_of']}"
    if row["model"] not in (None, row["default_model"]):
        yield f"{row['forecast']} is of model {row['model']}; the default, {row['default_model']}, has no such forecast"
    unused = row["unused"]
    if unused["reports"]:
        yield f"reports not yet used: {_named(unused['reports'])}"
    if unused["events"]:
        yield f"events new or changed: {_named(unused['events'])}"
    if unused["gone"]:
        yield f"events that no longer count: {_named(unused['gone'])}"
    if row["stale"]:
        looked = row["searched_until"]
        what = f"nobody has searched since {looked}" if looked else f"nothing was coded since {row['last_coded']}"
        yield f"coding is stale: {what}, more than one {row['step']} ago"
    scale = SCALES[row["scale"]]
    for change in row["changed"]:
        before, after = (probability(change[name], scale=scale) for name in ("p_before", "p"))
        yield (
            f"{change['question']} {change['outcome']}: {change['words_before']} ({before}) in {row['since']}, now "
            f"{change['words']} ({after}), {scale.name}"
        )
    for log in row["foreign"]:
        yield (
            f"foreign: {log['forecasts']} forecasts in the imported log {log['log_name']}; "
            f"see `forecast history {row['scenario']}`"
        )
    for due in row["due"]:
        yield f"due: {due['question']} ended on {due['ended']} and is not resolved; see `forecast resolve`"


def _named(ids: Sequence[str]) -> str:
    rest = len(ids) - NAMED
    return ", ".join(ids[:NAMED]) + (f" and {rest} more" if rest > 0 else "")
