"""Automatic questions: which windows there are and what came of them, counted by hand; answers against `occurs`."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast.analysis.replays.automatic import UNWATCHED_LAG_DAYS, Recorded, Window, automatic_questions, windows
from forecast.analysis.replays.benchmarks import climatology, shrunk_climatology
from forecast.inference.reweight import prior_draws, weigh
from forecast.model.arrays import arrays
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set
from forecast.model.priors import constants
from forecast.model.version import settings
from forecast.scenario.schema import Occurs

from ..builders import make_codebook, make_report, make_scenario

SEARCHED = date(2023, 12, 31)

#: Month-ends of 2023.
DAYS = [date(2023, month, day) for month, day in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1)]


def scenario(*reports, to=None, lag=(1.0, 10.0), families=None):
    watch = {"from": date(2023, 3, 1), "detection": (0.6, 0.9), "lag_days": lag} | ({"to": to} if to else {})
    border = [{"from": date(2023, 1, 1), "detection": (0.6, 0.9)}]
    codebook = make_codebook(watches={"attack": [watch], "border": border})
    return make_scenario(reports=reports, codebook=codebook, searched_until=SEARCHED, families=families)


def of(found, months=3, watched=True):
    rows = (row for row in found if (row.indicator, row.months, row.watched) == ("attack", months, watched))
    return {row.as_of.month: row.outcome for row in rows}


def attack(name, day, known_on=None, **fields):
    return make_report(name, indicator="attack", when=day, known=known_on or day, **fields)


def test_windows_lie_inside_the_watch_and_were_searched_past_their_end_and_lag():
    """By hand: the watch begins on 1 March; 10 days after 30 November is searched, 10 after 31 December is not."""
    found = windows(scenario(), "v1", DAYS)
    assert {window.indicator for window in found if window.watched} == {
        "attack"
    }  # border is a condition: nothing happens
    assert list(of(found)) == [3, 4, 5, 6, 7, 8]
    assert list(of(found, 6)) == [3, 4, 5]
    assert list(of(found, 12)) == []
    assert next(window for window in found if window.watched).decided == date(2023, 7, 10)


def test_windows_that_nobody_watches_are_decided_by_the_record_after_sixty_days():
    """By hand: unwatched are January and February; 60 days after the end of April and May is before the year's end."""
    assert UNWATCHED_LAG_DAYS == 60
    found = windows(scenario(attack("a", date(2023, 2, 15))), "v1", DAYS)
    assert of(found, watched=False) == {1: True, 2: False}
    assert of(found, 6, watched=False) == {1: True, 2: False}
    assert next(window for window in found if not window.watched).decided == date(2023, 6, 29)


def test_nothing_is_decided_where_nobody_says_how_far_the_record_was_searched():
    case = scenario()
    case = replace(case, file=case.file.model_copy(update={"searched_until": None}))
    assert windows(case, "v1", DAYS) == []


def test_a_watch_that_ends_takes_the_windows_beyond_its_end_with_it():
    found = windows(scenario(to=date(2023, 9, 30)), "v1", DAYS)
    assert list(of(found)) == [3, 4, 5, 6]
    assert list(of(found, watched=False)) == [1, 2]  # July and August begin within it: neither watched nor not


def test_the_upper_end_of_the_lag_decides_how_long_reports_are_waited_for():
    assert list(of(windows(scenario(lag=(1.0, 60.0)), "v1", DAYS))) == [3, 4, 5, 6, 7]


def test_outcomes_are_those_counted_by_hand():
    """One attack on 15 July: within three months of the end of April, May and June, and of no other month."""
    found = of(windows(scenario(attack("a", date(2023, 7, 15))), "v1", DAYS))
    assert found == {3: False, 4: True, 5: True, 6: True, 7: False, 8: False}


def test_an_event_counts_if_it_is_known_when_the_window_is_decided_and_more_likely_real_than_not():
    late = attack("a", date(2023, 7, 15), date(2023, 9, 20))
    # known on 20 September: the window to 31 July was decided on 10 August, that to 31 August on 10 September
    assert of(windows(scenario(late), "v1", DAYS)) == {3: False, 4: False, 5: False, 6: True, 7: False, 8: False}
    doubtful = attack("a", date(2023, 7, 15), grade="F6")
    assert not any(of(windows(scenario(doubtful), "v1", DAYS)).values())
    withdrawn = attack("a", date(2023, 7, 15), withdrawn={"on": date(2023, 8, 1), "reason": "an error"})
    assert not any(of(windows(scenario(withdrawn), "v1", DAYS)).values())


def test_an_imprecise_event_lies_where_at_least_half_of_its_days_do():
    """21 July to 10 August: 11 of 21 days are in the window that ends on 31 July, 10 in one that begins after."""
    found = of(windows(scenario(attack("a", (date(2023, 7, 21), date(2023, 8, 10)), date(2023, 8, 10))), "v1", DAYS))
    assert found == {3: False, 4: True, 5: True, 6: True, 7: False, 8: False}


def test_all_models_share_outcomes_that_the_default_model_says():
    case = scenario(attack("a", date(2023, 7, 15)), families={"v1": "regime", "v0": "base-rate"})
    assert windows(case, "v0", DAYS) == windows(case, "v1", DAYS)


def test_outcomes_are_the_same_where_the_default_model_is_the_benchmark():
    """A base-rate version uses no evidence; what happened is the same for all families."""
    attacked = attack("a", date(2023, 7, 15))
    benchmark = scenario(attacked, families={"v0": "base-rate"})
    assert of(windows(benchmark, "v0", DAYS)) == of(windows(scenario(attacked), "v1", DAYS))


@pytest.mark.parametrize("version", ["v1", "v0"])
def test_the_answer_is_that_of_the_same_question_written_down(version):
    """`occurs`, settled by record, is held against enumeration elsewhere; here the window and the watch are checked."""
    case = scenario(attack("a", date(2023, 7, 15)), families={"v1": "regime", "v0": "base-rate"})
    day, model = date(2023, 8, 31), settings(case, version)
    then = snapshot(case, version, day)
    data = arrays(evidence_set(then, case.start, model), model, day)
    asked = automatic_questions(then, model)
    assert list(asked)[:3] == [("attack", 3), ("attack", 6), ("attack", 12)]
    written = Occurs(
        id="w", ask="?", kind="occurs", indicator="attack", between=(date(2023, 9, 1), date(2024, 2, 29)), at_least=1
    )
    weighed = weigh(prior_draws(model, data, 1), model, data)
    found = weighed.answer(asked["attack", 6])
    np.testing.assert_array_equal(found, weighed.answer(written))
    truth = written.model_copy(update={"settled_by": "truth"})
    assert (found[:, 0] < weighed.answer(truth)[:, 0]).all()  # a watch misses some of what happens


def test_every_event_indicator_is_asked_for_on_every_day():
    case = scenario(to=date(2023, 9, 30))
    model = settings(case, "v1")
    expected = {(name, months) for name in model.events for months in (3, 6, 12)}
    assert len(model.events) > 1
    assert all(set(automatic_questions(snapshot(case, "v1", day), model)) == expected for day in DAYS)


def test_without_a_watch_the_record_is_taken_to_be_complete():
    """Then the answer by record is that by truth."""
    case = make_scenario(codebook=make_codebook(watches={}), searched_until=SEARCHED)
    day, model = date(2023, 8, 31), settings(case, "v1")
    then = snapshot(case, "v1", day)
    data = arrays(evidence_set(then, case.start, model), model, day)
    weighted = weigh(prior_draws(model, data, 1), model, data)
    asked = automatic_questions(then, model)["attack", 3]
    truth = asked.model_copy(update={"settled_by": "truth"})
    np.testing.assert_array_equal(weighted.answer(asked), weighted.answer(truth))


def window(as_of, months, outcome, decided, watched=True):
    return Window("attack", months, as_of, decided, decided, watched, outcome)


def test_climatology_counts_windows_that_were_decided_by_the_day():
    """By hand: before 1 July one yes of two was decided: 2 / 4; before 1 May nothing: 1 / 2; others do not mix."""
    past = [
        window(date(2023, 1, 1), 3, True, date(2023, 5, 1)),
        window(date(2023, 2, 1), 3, False, date(2023, 7, 1)),
        window(date(2023, 3, 1), 3, True, date(2023, 7, 2)),
        window(date(2023, 1, 1), 6, True, date(2023, 7, 1)),
        window(date(2023, 1, 2), 3, True, date(2023, 4, 1), watched=False),
    ]
    early = window(date(2023, 4, 30), 3, True, date(2023, 8, 1))
    later = window(date(2023, 7, 1), 3, False, date(2023, 11, 1))
    long = window(date(2023, 7, 1), 6, False, date(2024, 1, 1))
    assert climatology([early, later, long], past) == {early: 1 / 2, later: 2 / 4, long: 2 / 3}


def test_shrunk_climatology_is_the_predictive_of_a_gamma_prior_worth_one_year():
    """By quadrature over the rate: Gamma(m, 1) times a Poisson likelihood of n events in T years.

    Two attacks since the watch began on 1 March; reports of the last ten days before 31 August may still come.
    """
    reports = [attack("a", date(2023, 7, 15)), attack("b", date(2023, 8, 10)), attack("c", date(2023, 8, 30))]
    case = scenario(*reports)
    model = settings(case, "v1")
    asked = Window("attack", 3, date(2023, 8, 31), date(2023, 11, 30), date(2023, 12, 10), watched=True, outcome=False)
    fixed = constants(model, np.array([(0.6, 0.9)]))
    m = fixed.mean_rate[model.events.index("attack")] * fixed.mean_detection[0]
    years, ahead, n = 174 / 365.25, 91 / 365.25, 2  # 1 March to 21 August; 1 September to 30 November
    rate = np.linspace(0, 60, 600_001)[1:]
    density = rate ** (m - 1 + n) * np.exp(-rate * (1 + years))
    expected = 1 - (density * np.exp(-rate * ahead)).sum() / density.sum()
    found = shrunk_climatology([asked], case, model, Recorded(case))
    assert found[asked] == pytest.approx(expected, rel=1e-3)


def test_shrunk_climatology_of_what_nobody_watched_counts_from_the_first_day_and_knows_no_detection():
    case = scenario(attack("a", date(2023, 1, 15)))
    model = settings(case, "v1")
    asked = Window("attack", 3, date(2023, 1, 31), date(2023, 4, 30), date(2023, 6, 29), watched=False, outcome=False)
    m = constants(model, np.empty((0, 2))).mean_rate[model.events.index("attack")]
    ahead = 89 / 365.25
    # 60 days before 31 January the scenario had not begun: nothing but the prior, E exp(-rate w) = (1 + w)^-m
    assert shrunk_climatology([asked], case, model, Recorded(case))[asked] == pytest.approx(1 - (1 + ahead) ** -m)
