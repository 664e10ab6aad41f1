"""Paths against their enumeration, replicates against known distributions; a misfit if gross, rarely by chance."""

from datetime import date, timedelta

import numpy as np
import pytest

from forecast.analysis.versions.predictive_check import MISFIT, Check, predictive_check
from forecast.analysis.versions.watch_windows import count_events, watch_windows
from forecast.inference.reweight import prior_draws, weigh
from forecast.model.arrays import arrays
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set
from forecast.model.version import settings
from forecast.scenario.schema import Codebook

from ..builders import make_codebook, make_report, make_scenario

START, END = date(2023, 1, 1), date(2024, 12, 31)


def checks(days: list[date], *, years: int = 2, rate: tuple[float, float] = (1.0, 2.0), seed: int = 1) -> list[Check]:
    """Check attacks on these days, watched for some years, against one range in both regimes."""
    end = date(START.year + years - 1, 12, 31)
    watch = {"from": START, "detection": (0.9, 0.9), "lag_days": (1.0, 3.0)}
    fields = make_codebook(watches={"attack": [watch]}).model_dump(by_alias=True, exclude_none=True)
    fields["indicators"]["attack"]["per_year"] = {"war": rate, "peace": rate}
    reports = [
        make_report(f"R{n}", when=day, known=day + timedelta(days=1), p_true=(1.0, 1.0), grade=None)
        for n, day in enumerate(days)
    ]
    scenario = make_scenario(reports=reports, codebook=Codebook.model_validate(fields), searched_until=end)
    model = settings(scenario)
    data = arrays(evidence_set(snapshot(scenario, "v1", end), START, model), model, end)
    windows = watch_windows(scenario, ["v1"], end, at_the_end=True)
    seen = count_events(scenario, "v1", windows)
    weighted = weigh(prior_draws(model, data, seed), model, data)
    return predictive_check(weighted, windows, seen, np.random.default_rng(seed))


def test_what_is_seen_is_counted_and_the_longest_silence_found():
    days = [date(2023, 1, 11), date(2023, 1, 31), date(2023, 12, 1)]
    count, silence = checks(days, years=1)

    # 1 February to 30 November: 303 days; January's first ten and December's thirty are shorter
    assert (count.statistic, count.observed) == ("count", 3)
    assert (silence.statistic, silence.observed) == ("longest silence", 303)
    assert [row.observed for row in checks([], years=1)] == [0, 365]
    # an attack a day leaves no silence but that of the last day, whose report comes a day too late
    assert checks([START + timedelta(days=n) for n in range(365)], years=1)[1].observed == 1


def test_replicates_with_a_known_rate_are_poisson_with_the_silences_of_uniform_days():
    # a range without width: counts are Poisson(0.9 a year), but for a lag of a day or three at the very end
    count, silence = checks([date(2023, 7, 2)], years=1, rate=(1.0, 1.0))

    # P(at most 0, 2, 3) = 0.407, 0.937, 0.987: the 5th percentile is 0, the 95th 3
    assert (count.low, count.high) == (0.0, 3.0)
    # P(at most one) = exp(-0.9) (1 + 0.9) = 0.77 and P(at least one) = 0.59: twice the smaller is more than one
    assert (count.p, count.misfit) == (1.0, False)
    assert silence.high == 365.0
    # without an event, P = exp(-0.9), the silence is the whole year: twice that tail, with four errors of 4,000 draws
    assert checks([], years=1, rate=(1.0, 1.0))[1].p == pytest.approx(2 * np.exp(-0.9), abs=2 * 4 * 0.0078 + 0.01)


def test_five_times_the_range_is_a_misfit():
    rng = np.random.default_rng(8)
    days = [START + timedelta(days=int(day)) for day in rng.integers(0, 731, size=rng.poisson(5 * 2.0 * 0.9 * 2))]

    count = checks(days)[0]

    assert count.misfit
    assert count.p < MISFIT / 2
    assert count.observed > count.high


def test_long_silence_after_a_burst_is_a_misfit_that_the_count_alone_does_not_show():
    # as many as expected, all in one fortnight of two years
    count, silence = checks([date(2023, 1, 2) + timedelta(days=n) for n in range(12)], rate=(6.0, 7.0))

    assert not count.misfit
    assert silence.misfit


@pytest.mark.slow
def test_what_the_model_made_is_rarely_a_misfit():
    rng = np.random.default_rng(77)
    flagged = 0
    for number in range(60):
        rate = np.exp(rng.normal(0.5 * np.log(2.0), np.log(2.0) / 2.563))
        days = [START + timedelta(days=int(day)) for day in rng.integers(0, 731, size=rng.poisson(rate * 0.9 * 2))]
        flagged += any(row.misfit for row in checks(days, seed=number))

    # at most 2% are expected, and fewer, since the data have shaped the replicates; 5 of 60 has p < 0.01
    assert flagged < 5
