"""What `forecast show` prints: a scenario in sections, or one question whole."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from forecast.cli.output import print_table, say, say_folded

__all__ = ["print_question", "print_scenario"]

type Row = Mapping[str, Any]

#: Letters of a regime's definition in the overview.
MEANS = 90


def print_scenario(document: Row) -> None:
    """Regimes, questions, indicators with their watches, and the evidence by indicator and event."""
    say_folded(f"{document['title']} · as of {document['as_of']} · model {document['model']} ({document['family']})")
    searched = document["searched_until"]
    say(f"from {document['start']}{', searched until ' + searched if searched else ''}")
    say()
    _print_regimes(document["regimes"], MEANS)
    say()
    questions = document["questions"]
    print_table(
        ("question", "kind", "until", "resolved", "asks for"),
        [(q["id"], q["kind"], _until(q), q["resolved"] or "", _asks_for(q)) for q in questions],
        wrap=(4,),
    )
    say_folded(f"one of them whole: forecast show {document['scenario']}/{questions[0]['id']}")
    say()
    print_table(
        ("indicator", "kind", "events", "watched"),
        [(i["indicator"], i["kind"], str(i["events"] or ""), _watched(i)) for i in document["indicators"]],
        right=(2,),
        wrap=(3,),
    )
    say()
    _print_counted(document)
    say()
    _print_not_counted(document)


def print_question(document: Row) -> None:
    """The wording, what settles it, its indicator, and its evidence with what every report says."""
    (question,) = document["questions"]
    say_folded(
        f"{question['id']} of {document['scenario']} · as of {document['as_of']} · model {document['model']} "
        f"({document['family']})"
    )
    say()
    say_folded(" ".join(question["ask"].split()), "asks: ")
    say_folded(f"{question['kind']}, {_asks_for(question)}", "kind: ")
    say_folded(_window(question), "window: ")
    say_folded(_settled(question), "settled: ")
    say(f"resolved: {question['resolved'] or 'not yet, as far as was known on this day'}")
    say()
    if question["kind"] != "occurs":
        _print_regimes(document["regimes"])
        say()
        n = sum(row["counted"] for row in document["evidence"])
        say_folded(
            f"evidence: every indicator speaks to it; {n} of {len(document['evidence'])} reports count, "
            f"see forecast show {document['scenario']}"
        )
        return
    for indicator in document["indicators"]:
        say_folded(f"{indicator['indicator']} ({indicator['kind']}): {' '.join(indicator['means'].split())}")
        if indicator["counts_as"]:
            say_folded(" ".join(indicator["counts_as"].split()), "counts as: ")
        ranges = (f"{regime} {low:g} - {high:g}" for regime, (low, high) in indicator["ranges"].items())
        say_folded("; ".join(ranges), "per year: " if indicator["kind"] == "event" else "probability: ")
        say_folded(_watched(indicator) or "never, as of this day", "watched: ")
    say()
    _print_counted(document)
    for row in (row for row in document["evidence"] if row["counted"]):
        say_folded(" ".join(row["claim"].split()), f"{row['report']}: ")
    if not all(row["counted"] for row in document["evidence"]):
        say()
        _print_not_counted(document)


def _print_regimes(regimes: Sequence[Row], most: int | None = None) -> None:
    print_table(
        ("regime", "prior", "mean stay, years", "means"),
        [
            (row["regime"], f"{row['prior']:g}", "{:g} - {:g}".format(*row["stays_years"]), _short(row["means"], most))
            for row in regimes
        ],
        right=(1,),
        wrap=(3,),
    )


def _print_counted(document: Row) -> None:
    """One line for every event, under its indicator."""
    counted = [row for row in document["evidence"] if row["counted"]]
    say(f"counted: {len(counted)} of {len(document['evidence'])} reports (real: with grades at their medians)")
    if counted:
        print_table(("event", "when", "real", "reports, grades"), list(_event_rows(counted)), right=(2,), wrap=(1, 3))


def _event_rows(counted: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    ordered = sorted(counted, key=lambda row: (row["indicator"], row["when"], row["event"]))
    for indicator, rows in groupby(ordered, key=lambda row: row["indicator"]):
        yield (indicator,)
        events: dict[str, list[Row]] = {}
        for row in rows:
            events.setdefault(row["event"], []).append(row)
        for event, reports in events.items():
            first = reports[0]
            voices = (f"{row['report']} {_grade(row)}{' denies' if row['denies'] else ''}" for row in reports)
            real = "" if first["real"] is None else f"{first['real']:.2f}"
            yield (f"  {event}", first["when"].replace("/", " / "), real, ", ".join(voices))


def _print_not_counted(document: Row) -> None:
    say("not counted:")
    rest = [(row["report"], row["why"] or "") for row in document["evidence"] if not row["counted"]]
    print_table(("report", "why"), rest, wrap=(1,))


def _grade(row: Row) -> str:
    return str(row["grade"]) if isinstance(row["grade"], str) else "{:g}-{:g}".format(*row["grade"])


def _asks_for(question: Row) -> str:
    if question["kind"] == "occurs":
        return f"{question['at_least']}+ {question['indicator']}"
    return ", ".join(question["in"]) if question["kind"] == "stays" else "which regime"


def _until(question: Row) -> str:
    return str(question.get("on") or question.get("until") or question["between"][1])


def _window(question: Row) -> str:
    if question["kind"] == "occurs":
        return "{} to {}, both included".format(*question["between"])
    if question["kind"] == "stays":
        return f"{question['from'] or 'the day of the first live forecast'} to {question['until']}, without a break"
    return f"on {question['on']}"


def _settled(question: Row) -> str:
    if question["kind"] != "occurs":
        return "by people with the codebook, as the question says"
    if question["settled_by"] == "record":
        return "by the record: what the evidence files hold of it when the window has been searched"
    return "by the truth: whether it happened, recorded here or not"


def _watched(indicator: Row) -> str:
    return "; ".join(
        f"{watch['from']} to {watch['until']}" if watch["until"] else f"from {watch['from']}"
        for watch in indicator["watches"]
    )


def _short(text: str, width: int | None) -> str:
    words = " ".join(text.split())
    return words if width is None else textwrap.shorten(words, width, placeholder=" ...")
