"""Windows are what all versions watch and somebody searched; events are counted once, in time, where likely."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from forecast.analysis.versions.watch_windows import count_events, watch_windows
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Report

from ..builders import make_codebook, make_report, make_scenario

DAY = date(2023, 8, 31)
WIDE = (0.5, 0.9)


def scenario(
    *watches: Mapping[str, Sequence[Mapping[str, Any]]], reports: Sequence[Report] = (), **fields: Any
) -> Scenario:
    """One version for each table of watches."""
    names = [f"v{number}" for number in range(1, len(watches) + 1)]
    made = make_scenario(families=dict.fromkeys(names, "regime"), reports=reports, **fields)
    books = {name: make_codebook(watches=table) for name, table in zip(names, watches, strict=True)}
    return replace(made, codebooks=books)


def spans(case: Scenario, *versions: str, as_of: date = DAY) -> list[tuple[str, str, str]]:
    return [
        (window.indicator, *(date.fromordinal(day).isoformat() for day in (window.first, window.last)))
        for window in watch_windows(case, versions, as_of)
    ]


def test_windows_lie_within_steps_and_within_what_all_versions_watch():
    quick = {"detection": WIDE, "lag_days": (1.0, 2.0)}
    one = {"attack": [{"from": date(2023, 2, 10), "to": date(2023, 4, 20), **quick}]}
    other = {
        "attack": [{"from": date(2023, 1, 1), "to": date(2023, 3, 10), **quick}, {"from": date(2023, 3, 11), **quick}],
        "visit": [{"from": date(2023, 1, 1), **quick}],
    }
    case = scenario(one, other)

    assert spans(case, "v1", "v2") == [
        ("attack", "2023-02-10", "2023-02-28"),
        ("attack", "2023-03-01", "2023-03-10"),
        ("attack", "2023-03-11", "2023-03-31"),
        ("attack", "2023-04-01", "2023-04-20"),
    ]
    assert {name for name, _, _ in spans(case, "v2")} == {"attack", "visit"}


def test_nothing_is_expected_where_nobody_has_searched_or_hardly_a_report_can_have_come():
    watches = {"attack": [{"from": date(2023, 5, 1), "detection": WIDE, "lag_days": (10.0, 40.0)}]}
    case = scenario(watches, searched_until=date(2023, 7, 12))

    found = watch_windows(case, ["v1"], DAY)

    # the twelve days of July are searched, but half of their reports come after twenty days
    assert [date.fromordinal(window.last) for window in found] == [date(2023, 5, 31), date(2023, 6, 30)]
    # nine of ten reports have come after forty days, and nobody looked after 12 July
    assert [window.count_on for window in found] == [date(2023, 7, 10), date(2023, 7, 12)]
    assert [window.count_on for window in watch_windows(case, ["v1"], DAY, at_the_end=True)] == [date(2023, 7, 12)] * 2


def test_of_several_versions_the_longest_lag_decides_when_all_are_counted():
    tables = [
        {"attack": [{"from": date(2023, 5, 1), "detection": WIDE, "lag_days": (1.0, end)}]} for end in (6.5, 20.0)
    ]
    case = scenario(*tables)

    assert watch_windows(case, ["v1"], DAY)[0].count_on == date(2023, 6, 7)
    assert watch_windows(case, ["v1", "v2"], DAY)[0].count_on == date(2023, 6, 20)


WATCHED = {"attack": [{"from": date(2023, 2, 1), "detection": WIDE, "lag_days": (1.0, 14.0)}]}


def seen(*reports: Report) -> dict[str, int]:
    """Number of events by month, where there are any."""
    case = scenario(WATCHED, reports=reports)
    windows = watch_windows(case, ["v1"], DAY)
    counts = count_events(case, "v1", windows)
    return {f"{date.fromordinal(w.first):%B}": len(days) for w, days in zip(windows, counts, strict=True) if days}


def test_events_count_where_they_are_watched_known_in_time_and_likely():
    day = date(2023, 3, 20)
    assert seen(make_report("a", when=day), make_report("b", when=day, grade="F6")) == {"March": 2}
    assert seen(make_report("unlikely", when=day, grade="C5")) == {}
    assert seen(make_report("late", when=day, known=date(2023, 4, 15))) == {}
    assert seen(make_report("in-time", when=day, known=date(2023, 4, 14))) == {"March": 1}
    assert seen(make_report("other", indicator="visit", when=day)) == {}
    assert seen(make_report("before", when=date(2023, 1, 20))) == {}
    assert seen(make_report("a", event="x", when=day), make_report("b", event="x", when=day, origin="wire")) == {
        "March": 1
    }
    denied = make_report("b", event="x", when=day, origin="wire", grade="A1", denies=True)
    assert seen(make_report("a", event="x", when=day, grade="B3"), denied) == {}


def test_a_vague_event_lies_on_its_middle_day_and_is_counted_once_even_if_it_is_moved():
    assert seen(make_report("a", when=(date(2023, 3, 30), date(2023, 4, 6)))) == {"April": 1}
    first = make_report("a", event="x", when=(date(2023, 3, 1), date(2023, 4, 10)), known=date(2023, 4, 10))
    later = make_report("b", event="x", when=date(2023, 4, 9), known=date(2023, 5, 2), origin="wire")
    assert seen(first) == {"March": 1}
    # known exactly only after March was counted
    assert seen(first, later) == {"March": 1}


def test_the_count_is_the_same_for_every_family():
    case = scenario(WATCHED, WATCHED, reports=[make_report("a", when=date(2023, 3, 20))])
    flat = replace(case, models=make_scenario(families={"v1": "base-rate", "v2": "regime"}).models)
    windows = watch_windows(flat, ["v1", "v2"], DAY)

    assert count_events(flat, "v1", windows) == count_events(flat, "v2", windows)
    assert sum(map(len, count_events(flat, "v1", windows))) == 1
