"""Every row against Bayes' theorem by hand, in a model in which nothing is uncertain but the regime.

The family is static and all ranges are points, so that log-odds of two regimes simply add up:
an event in a watch speaks log[(pi d r0 / (d R) + 1 - pi) / (pi d r1 / (d R) + 1 - pi)], with pi its probability of
being real, d detection, r the rates and R the mean rate; silence speaks -(r0 - r1) d times the years exposed; a
condition speaks like an event with its probabilities over their mean (docs/method.md, sections 6 and 7).
"""

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from math import exp, log

import pytest

from forecast.model.version import GRADES
from forecast.scenario.schema import Family, State

from ..builders import event, make_evidence, make_settings, says, watched
from .made import explained, made

PRIOR = (0.3, 0.7)
ATTACKS, VISITS, BORDER = (2.0, 0.5), (0.4, 3.0), (0.8, 0.3)
DETECTION, TAU = 0.7, 0.5

#: Quadrature of means, and sums over draws that are all alike.
EXACT = 1e-8

FIRST, EARLY, LATE = date(2023, 1, 1), date(2023, 6, 30), date(2023, 10, 17)
QUESTION = State.model_validate({"id": "q", "ask": "?", "kind": "state", "on": "2024-01-01"})


def model(**changes):
    fixed = {
        "family": Family.STATIC,
        "initial": PRIOR,
        "per_year": {"attack": [[x, x] for x in ATTACKS], "visit": [[x, x] for x in VISITS]},
        "holds": {"border": [[x, x] for x in BORDER]},
        "tau": TAU,
    }
    return make_settings(**(fixed | changes))


def watch(until, first=FIRST, detection=DETECTION):
    # a report arrives on the day after the event at the latest: the last day is not exposed
    return watched("attack", first, until, detection=(detection, detection), lag_days=(0.5, 0.5))


def reported(name, indicator, day, p_true):
    return event(name, indicator, day, origins=[says(f"told {name}", p_true=(p_true, p_true))])


def mean(values):
    return sum(p * x for p, x in zip(PRIOR, values, strict=True))


def seen(rates, pi):
    """Log-ratio of an event inside a watch; detection cancels."""
    at = [pi * rate / mean(rates) + 1 - pi for rate in rates]
    return log(at[0] / at[1])


def held(pi, tau=TAU):
    at = [pi * p / mean(BORDER) + 1 - pi for p in BORDER]
    return tau * log(at[0] / at[1])


def silence(first, last, detection=DETECTION):
    """What silence from one day to another says; a day is its share of its month, a month a twelfth of a year."""
    n_days = (last - first).days + 1
    days = [first + timedelta(days=number) for number in range(n_days)]
    years = sum(1 / monthrange(day.year, day.month)[1] / 12 for day in days)
    return -(ATTACKS[0] - ATTACKS[1]) * detection * years


def rows(found):
    assert found.reason is None
    return {(row.kind, row.label): row.log_odds for row in found.rows}


def before(day):
    return day - timedelta(days=1)


EVENTS = [
    reported("raid", "attack", date(2023, 3, 3), 0.9),
    reported("threat", "border", date(2023, 4, 4), 0.6),
    reported("trip", "visit", date(2023, 5, 5), 0.8),
]


def test_the_waterfall_of_one_forecast_is_bayes_theorem():
    later = made("fc-b", model(), make_evidence(FIRST, EVENTS, [watch(EARLY)]), EARLY, [QUESTION])

    found = explained(None, later, outcome="regime0")

    assert found.p_from == pytest.approx(PRIOR[0], abs=EXACT)
    assert rows(found) == pytest.approx(
        {
            ("event", "raid"): seen(ATTACKS, 0.9),
            ("event", "threat"): held(0.6),
            ("event", "trip"): 0.0,  # attacks are watched: all that is told are visits, in any regime
            ("silence", "silence of the watches"): silence(FIRST, before(EARLY)),
            ("sampling", "noise of this forecast"): 0.0,
        },
        abs=EXACT,
    )
    assert found.rows[-1].mcse == 0.0


def test_between_two_forecasts_every_kind_of_row_is_what_it_says():
    earlier = made(
        "fc-a",
        model(),
        make_evidence(FIRST, [*EVENTS, reported("rumour", "attack", date(2023, 2, 2), 0.5)], [watch(EARLY)]),
        EARLY,
        [QUESTION],
    )
    regraded = reported("raid", "attack", date(2023, 3, 3), 0.4)
    new = reported("strike", "attack", date(2023, 9, 9), 0.95)
    other = model(tau=1.0)
    later = made(
        "fc-b",
        other,
        make_evidence(FIRST, [regraded, *EVENTS[1:], new], [watch(LATE, detection=0.5)]),
        LATE,
        [QUESTION],
    )

    found = explained(earlier, later, outcome="regime0")

    assert [row.kind for row in found.rows] == [
        "sampling", "model", "withdrawn", "changed", "watches", "as_of", "event", "silence", "sampling",
    ]  # fmt: skip
    changes = [row.log_odds for row in found.rows]
    assert changes == pytest.approx(
        [
            0.0,
            held(0.6, tau=1.0) - held(0.6),
            -seen(ATTACKS, 0.5),
            seen(ATTACKS, 0.4) - seen(ATTACKS, 0.9),
            # the silence heard so far, with the other detection
            silence(FIRST, before(EARLY), 0.5) - silence(FIRST, before(EARLY), DETECTION),
            0.0,
            seen(ATTACKS, 0.95),
            silence(EARLY, before(LATE), 0.5),
            0.0,
        ],
        abs=EXACT,
    )
    assert found.rows[2].label == "rumour"
    assert found.rows[3].label == "raid: p_true [0.9, 0.9] -> p_true [0.4, 0.4]"
    assert found.rows[4].label == "watched otherwise: attack from 2023-01-01"


def test_a_watch_declared_later_brings_its_silence_up_to_the_earlier_day():
    nothing = make_evidence(FIRST, [], [])
    earlier = made("fc-a", model(), nothing, EARLY, [QUESTION])
    later = made("fc-b", model(), make_evidence(FIRST, [], [watch(LATE)]), LATE, [QUESTION])

    found = rows(explained(earlier, later, outcome="regime0"))

    # known until 30 June, the last day of which is not exposed yet
    assert found["watches", "now watched: attack from 2023-01-01"] == pytest.approx(
        silence(FIRST, before(EARLY)), abs=EXACT
    )
    assert found["silence", "silence of the watches"] == pytest.approx(silence(EARLY, before(LATE)), abs=EXACT)


def test_a_watch_that_begins_after_the_earlier_day_is_no_change_of_watches():
    earlier = made("fc-a", model(), make_evidence(FIRST, [], []), EARLY, [QUESTION])
    begins = date(2023, 8, 1)
    later = made("fc-b", model(), make_evidence(FIRST, [], [watch(LATE, first=begins)]), LATE, [QUESTION])

    found = explained(earlier, later, outcome="regime0")

    assert [row.kind for row in found.rows] == ["sampling", "as_of", "silence", "sampling"]
    assert found.rows[2].log_odds == pytest.approx(silence(begins, before(LATE)), abs=EXACT)


def test_an_event_that_is_not_real_and_a_second_report_of_an_origin_add_nothing():
    # as good as certainly false; and what an origin says twice is one voice in the evidence set already
    lie = reported("lie", "attack", date(2023, 3, 9), 1e-12)
    later = made("fc-b", model(), make_evidence(FIRST, [*EVENTS, lie], [watch(EARLY)]), EARLY, [QUESTION])

    found = rows(explained(None, later, outcome="regime0"))

    assert found["event", "lie"] == pytest.approx(0.0, abs=EXACT)


def test_leaving_out_is_bayes_theorem_without():
    shared = [says("wire", p_true=(0.9, 0.9))]
    events = [
        replace(EVENTS[0], origins=tuple(shared)),
        event("strike", "attack", date(2023, 5, 9), origins=shared),
        EVENTS[1],
    ]
    later = made("fc-b", model(), make_evidence(FIRST, events, [watch(EARLY)]), EARLY, [QUESTION])
    parts = {
        "raid": seen(ATTACKS, 0.9),
        "strike": seen(ATTACKS, 0.9),
        "threat": held(0.6),
        "silence": silence(FIRST, before(EARLY)),
    }

    def without(*names):
        log_odds = log(PRIOR[0] / PRIOR[1]) + sum(value for name, value in parts.items() if name not in names)
        return 1 / (1 + exp(-log_odds))

    found = explained(None, later, outcome="regime0")

    assert {(row.by, row.id): row.p for row in found.leave_one_out} == pytest.approx(
        {
            ("event", "raid"): without("raid"),
            ("event", "strike"): without("strike"),
            ("event", "threat"): without("threat"),
            ("origin", "wire"): without("raid", "strike"),
            ("origin", "told threat"): without("threat"),
        },
        abs=EXACT,
    )


def test_other_conventions_are_other_models_and_other_grades():
    # grades as certain as a table can be: Beta(1e9 p, 1e9 (1 - p))
    p_of = {digit: 1 - 0.15 * int(digit) for digit in "12345"} | {"6": 0.5}
    grades = {grade: [1e9 * p_of[grade[1]], 1e9 * (1 - p_of[grade[1]])] for grade in GRADES}
    told_more = {"attack": 2.0, "visit": 1.0}
    events = [
        event("a", "attack", date(2023, 3, 3), origins=[says("one", "B2")]),
        event("b", "border", date(2023, 3, 3), origins=[says("two", "A1")]),
        event("c", "attack", date(2023, 4, 4), origins=[says("three", "F2")]),
        event("d", "attack", date(2023, 4, 4), origins=[says("four", "C6")]),
    ]
    later = made("fc-b", model(grades=grades, told=told_more), make_evidence(FIRST, events), EARLY, [QUESTION])

    def p(digit_a, digit_b, tau=TAU, power=1):
        def attack(pi):
            weights = [(ATTACKS[k] * 2.0**power, VISITS[k]) for k in (0, 1)]
            shares = [row[0] / sum(row) for row in weights]
            expected = mean(ATTACKS) * 2.0**power / (mean(ATTACKS) * 2.0**power + mean(VISITS))
            at = [pi * share / expected + 1 - pi for share in shares]
            return tau * log(at[0] / at[1])

        # F2 keeps its cell, C6 says one half
        total = attack(p_of[digit_a]) + attack(p_of["2"]) + attack(p_of["6"]) + held(p_of[digit_b], tau)
        return 1 / (1 + exp(-log(PRIOR[0] / PRIOR[1]) - total))

    found = explained(None, later, outcome="regime0")

    assert {row.what: row.p for row in found.sensitivity} == pytest.approx(
        {
            "all grades one step better": p("1", "1"),
            "all grades one step worse": p("3", "2"),
            "tau 0.25 instead of 0.5": p("2", "1", tau=0.25),
            "tau 1 instead of 0.5": p("2", "1", tau=1.0),
            "told: 1 for all indicators": p("2", "1", power=0),
            "told: squared": p("2", "1", power=2),
        },
        abs=1e-4,  # a Beta with 1e9 counts still has a spread of 1e-5
    )
