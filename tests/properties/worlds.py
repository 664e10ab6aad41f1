"""Scenarios, and what may become known of them later, as Hypothesis strategies."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from forecast.model.version import GRADES
from forecast.scenario.dates import When
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Report, Resolution

from ..builders import make_codebook, make_report, make_scenario

START, END = date(2023, 1, 1), date(2023, 12, 31)
ONE_DAY = timedelta(days=1)

QUESTIONS = (
    {"id": "state", "ask": "?", "kind": "state", "on": date(2024, 3, 1)},
    {"id": "stays", "ask": "?", "kind": "stays", "in": ["peace"], "from": date(2023, 2, 1), "until": date(2024, 3, 1)},
    {
        "id": "record",
        "ask": "?",
        "kind": "occurs",
        "indicator": "attack",
        "between": (date(2023, 3, 1), date(2024, 3, 1)),
        "at_least": 2,
    },
    {
        "id": "truth",
        "ask": "?",
        "kind": "occurs",
        "indicator": "visit",
        "between": (date(2023, 3, 1), date(2024, 3, 1)),
        "settled_by": "truth",
    },
)

Watches = dict[str, list[dict[str, Any]]]


class World(NamedTuple):
    """A scenario, the same one with other things known later than `as_of`, and that day."""

    scenario: Scenario
    changed: Scenario
    as_of: date


def days(first: date = START, last: date = END) -> st.SearchStrategy[date]:
    return st.dates(first, last)


@st.composite
def reports(draw: st.DrawFn, name: str, known: st.SearchStrategy[date]) -> Report:
    """A counted report, often imprecise, perhaps withdrawn or revised."""
    first_known = draw(known)
    indicator = draw(st.sampled_from(["attack", "visit", "rumour", "border"]))
    first = draw(days(START, first_known))
    last = first + draw(st.sampled_from([0, 0, 3, 20, 60, 300])) * ONE_DAY
    fields: dict[str, Any] = {
        "indicator": indicator,
        "event": f"{indicator}-{draw(st.integers(0, 2))}",
        "when": (first, last),
        "known": first_known,
        "origin": draw(st.sampled_from(["agency", "ministry", "paper"])),
        "denies": draw(st.booleans()),
        "grade": draw(st.sampled_from(GRADES)),
    }
    if draw(st.integers(0, 3)) == 0:
        fields["withdrawn"] = {"on": draw(days(first_known, END)), "reason": "an error"}
    if draw(st.booleans()):
        fields["revised"] = draw(st.lists(revisions(days(first_known, END)), max_size=2, unique_by=lambda r: r["on"]))
    return make_report(name, **fields)


def revisions(on: st.SearchStrategy[date]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda day, grade, p_true: (
            {"on": day, "reason": "later"} | ({"p_true": (0.8, 0.9)} if p_true else {"grade": grade})
        ),
        on,
        st.sampled_from(GRADES),
        st.booleans(),
    )


@st.composite
def watches(draw: st.DrawFn) -> Watches:
    """At most two watches of an indicator, one after the other, the last perhaps open."""
    result: Watches = {}
    for indicator in ("attack", "visit", "border"):
        begins = draw(st.lists(days(START, date(2023, 11, 30)), max_size=2, unique=True).map(sorted))
        rows = []
        for number, first in enumerate(begins):
            latest = begins[number + 1] - ONE_DAY if number + 1 < len(begins) else date(2024, 6, 1)
            must_end = number + 1 < len(begins)
            to = draw(days(first, latest)) if must_end or draw(st.booleans()) else None
            rows.append({"from": first, "to": to, "detection": (0.5, 0.9), "lag_days": (1.0, 20.0)})
        result[indicator] = rows
    return result


def resolutions(known: st.SearchStrategy[date]) -> st.SearchStrategy[Resolution]:
    return st.builds(
        lambda day, outcome: Resolution(outcome=outcome, on=day, known=day, source="paper"),
        known,
        st.sampled_from(["yes", "no", "annulled"]),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A scenario and a change of everything in it that became known later than a day."""
    as_of = draw(days(date(2023, 2, 1), date(2023, 10, 31)))
    first = tuple(draw(reports(f"r{number}", days())) for number in range(draw(st.integers(0, 5))))
    looking = draw(watches())
    searched_until = draw(days(date(2023, 6, 1), date(2024, 6, 1)))
    resolved = draw(st.dictionaries(st.sampled_from(["record", "truth"]), resolutions(days())))
    scenario = make_scenario(
        reports=first,
        codebook=make_codebook(watches=looking),
        questions=QUESTIONS,
        resolutions=resolved,
        searched_until=searched_until,
    )
    return World(
        scenario,
        make_scenario(
            reports=_later_reports(draw, first, as_of),
            codebook=make_codebook(watches=_later_watches(draw, looking, as_of)),
            questions=QUESTIONS,
            resolutions=_later_resolutions(draw, resolved, as_of),
            searched_until=draw(days(as_of, date(2024, 6, 1))) if searched_until >= as_of else searched_until,
        ),
        as_of,
    )


def _later_reports(draw: st.DrawFn, before: tuple[Report, ...], as_of: date) -> list[Report]:
    later = days(as_of + ONE_DAY, END)
    result = [draw(reports(f"new{number}", later)) for number in range(draw(st.integers(0, 2)))]
    for report in before:
        if report.known > as_of:
            if draw(st.booleans()):
                result.append(draw(reports(report.id, later)))
            continue
        changes: dict[str, Any] = {}
        if report.withdrawn is None or report.withdrawn.on > as_of:
            withdrawn = st.fixed_dictionaries({"on": later, "reason": st.just("an error")})
            changes["withdrawn"] = draw(st.none() | withdrawn)
        stood = [revision for revision in report.revised if revision.on <= as_of]
        changes["revised"] = stood + draw(st.lists(revisions(later), max_size=1))
        # days after the day on which it was known had not come when the date was written
        if report.when is not None and report.when.last >= report.known:
            last = draw(days(report.known, END))
            changes["when"] = When(report.when.first, last, report.when.text)
        result.append(Report.model_validate({**dict(report), **changes}))
    draw(st.randoms(use_true_random=False)).shuffle(result)
    return result


def _later_watches(draw: st.DrawFn, before: Watches, as_of: date) -> Watches:
    """Ends to come are moved or taken away; a watch that begins later belongs to the question that it settles."""
    result: Watches = {}
    for indicator, rows in before.items():
        result[indicator] = [dict(row) for row in rows]
        for number, row in enumerate(result[indicator]):
            follows = number + 1 < len(rows)
            if row["to"] is None or row["to"] > as_of:
                latest = rows[number + 1]["from"] - ONE_DAY if follows else date(2024, 6, 1)
                first = max(row["from"], as_of + ONE_DAY)
                row["to"] = draw(days(first, latest)) if follows or draw(st.booleans()) else None
    # nobody asks by the record about rumours
    if draw(st.booleans()):
        begins = draw(days(as_of + ONE_DAY, END))
        result["rumour"] = [{"from": begins, "to": None, "detection": (0.5, 0.9), "lag_days": (1.0, 20.0)}]
    return result


def _later_resolutions(draw: st.DrawFn, before: dict[str, Resolution], as_of: date) -> dict[str, Resolution]:
    kept = {name: entry for name, entry in before.items() if entry.known <= as_of}
    later = draw(
        st.dictionaries(st.sampled_from(["record", "state", "truth"]), resolutions(days(as_of + ONE_DAY, END)))
    )
    return later | kept
