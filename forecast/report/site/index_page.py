"""The first page: the latest live answers of every scenario, how old they are, and words that changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from forecast.analysis.status import Status
from forecast.digits import probability
from forecast.ledger.records import Answer, Entry
from forecast.report.plain import asked, seen
from forecast.report.site.answers import Lookup, cite, listed, words_form
from forecast.report.site.frame import forecast_address, scenario_address
from forecast.report.site.spark import spark
from forecast.words import Scale

__all__ = ["Card", "card"]


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: what is asked, the numbers as they are shown with their citations, and the line over time."""

    ask: str
    outcome: str
    p: tuple[str, str]
    interval: tuple[str, str]
    words: tuple[str, str]
    change: tuple[str, str]
    spark: Markup


@dataclass(frozen=True, slots=True)
class Card:
    """What the first page says of a scenario."""

    name: str
    title: str
    address: str
    forecast: str | None
    forecast_address: str | None
    as_of: str | None
    age: str
    lines: Sequence[Line]
    remarks: Sequence[str]
    is_broken: bool


def card(
    name: str,
    title: str,
    status: Status | None,
    live: Sequence[Entry],
    latest: Entry | None,
    lookup: Lookup,
    today: date,
    scale: Scale,
) -> Card:
    """What the first page says of a scenario.

    Parameters
    ----------
    name, title
        Id and title.
    status
        Where it stands; None if its files cannot be read.
    live
        Its living live forecasts of the model of `latest`, the earliest first: replays are never among them.
    latest
        The one that is shown.
    lookup
        Gives the record with an id.
    today
        Ages are counted to this day.
    scale
        Of the words beside probabilities.
    """
    age = "" if latest is None else _age((today - date.fromisoformat(latest.content["as_of"])).days)
    return Card(
        name,
        seen(title),
        scenario_address(name),
        latest.id if latest else None,
        forecast_address(latest.id) if latest else None,
        str(latest.content["as_of"]) if latest else None,
        age,
        _lines(live, latest, lookup, scale) if latest else (),
        _remarks(status, scale) if status else (),
        status is None,
    )


def _age(days: int) -> str:
    return "today" if days == 0 else "1 day old" if days == 1 else f"{days} days old"


def _lines(live: Sequence[Entry], latest: Entry, lookup: Lookup, scale: Scale) -> list[Line]:
    over_time: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for entry in live:
        day = date.fromisoformat(entry.content["as_of"]).toordinal()
        for row in listed(entry.forecast.answers):
            if row.p is not None:
                over_time.setdefault((row.question, row.outcome), []).append((day, row.p))
    lines, last = [], ""
    for answer in listed(latest.forecast.answers):
        p = _shown(latest, answer, "number", lookup)
        points = over_time.get((answer.question, answer.outcome), [])
        n = len(points)
        label = f"{n} live {'forecast' if n == 1 else 'forecasts'} of {answer.outcome}, the last {p[0]}"
        lines.append(
            Line(
                asked(answer.ask) if answer.question != last else "",
                answer.outcome,
                p,
                _shown(latest, answer, "interval", lookup),
                _shown(latest, answer, words_form(scale), lookup),
                _shown(latest, answer, "change", lookup),
                spark(points, label),
            )
        )
        last = answer.question
    return lines


def _shown(entry: Entry, answer: Answer, form: str, lookup: Lookup) -> tuple[str, str]:
    for part in cite(entry, answer, form, lookup):
        return part.text, str(part.citation)
    return "", ""


def _remarks(status: Status, scale: Scale) -> list[str]:
    remarks = [
        f"{row.question}, {row.outcome}: {row.before.text} ({probability(row.p_before, scale=scale)}) before, now "
        f"{row.word.text} ({probability(row.p, scale=scale)})"
        for row in status.changed
    ]
    n = len(status.unused.reports) or len(status.unused.events) + len(status.unused.gone)
    if n and status.last is not None:
        remarks.append(f"{n} {'piece' if n == 1 else 'pieces'} of evidence on file not yet used")
    if status.stale:
        remarks.append(f"nobody has looked since {status.looked}")
    remarks += [f"{due.question} ended on {due.ended} and is not resolved" for due in status.due]
    return remarks
