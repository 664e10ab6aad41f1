"""What can be searched for, as a file with a script in it: pages from a disk cannot fetch data."""

import json
from collections.abc import Iterable, Sequence
from datetime import date

from forecast.ledger.records import Entry
from forecast.report.html import anchor
from forecast.report.plain import visible
from forecast.report.site.answers import listed
from forecast.report.site.frame import forecast_address, scenario_address
from forecast.scenario.record import Scenario

__all__ = ["Found", "index_script", "of_forecasts", "of_scenario"]

#: Kind, title, text, address: what a result shows, and where it leads.
type Found = tuple[str, str, str, str]

#: Characters of a text that are searched; the page has all of it.
SEARCHED = 2000


def of_scenario(name: str, title: str, scenario: Scenario | None, latest: Entry | None, today: date) -> list[Found]:
    """The scenario, its questions and its evidence as its page has it: what is known today."""
    address = scenario_address(name)
    found: list[Found] = [("scenario", title, name, address)]
    if scenario is None:
        answers = {row.question: row.ask for row in listed(latest.forecast.answers)} if latest else {}
        return found + [("question", ask, f"{name}/{id_}", address) for id_, ask in answers.items()]
    found += [("question", row.ask, f"{name}/{row.id}", address) for row in scenario.file.questions]
    found += [
        ("evidence", f"{name}, report {row.id}", row.claim, f"{address}#{anchor(f'report-{row.id}')}")
        for row in scenario.reports
        if row.known <= today
    ]
    return found


def of_forecasts(title: str, live: Iterable[Entry]) -> list[Found]:
    """Forecasts that have a page."""
    return [
        (
            "forecast",
            entry.id,
            f"{title}, as of {entry.content['as_of']}, model {entry.content['model']}"
            + (", retracted" if entry.retracted else ""),
            forecast_address(entry.id),
        )
        for entry in live
    ]


def index_script(found: Sequence[Found]) -> str:
    """The script that gives the index to the page."""
    rows = [[visible(part[:SEARCHED]) for part in row] for row in found]
    text = json.dumps(rows, ensure_ascii=True, separators=(",", ":"))
    return f"window.searchIndex = {text};\n"
