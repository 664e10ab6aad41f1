"""What ranges say before any evidence: ratios of single events, and the weight of reference classes."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from forecast.model.elicited import base_rate_weights, event_ratios
from forecast.model.version import ReferenceClass

from ..builders import make_settings


def settings_of(tau: float = 0.5):
    """Geometric means of the ranges, the medians: visits 2 and 1 a year, attacks .5 and 2; raids .6 and .2."""
    return make_settings(
        initial=(0.5, 0.5),
        per_year={"attack": [[0.25, 1], [1, 4]], "visit": [[1, 4], [0.5, 2]]},
        holds={"raid": [[0.6, 0.6], [0.2, 0.2]]},
        stays=[[2, 8], [1, 4]],
        goes_to=[[0, 1], [1, 0]],
        tau=tau,
    )


def test_a_watched_event_is_worth_the_ratio_of_median_rates():
    found = {row.indicator: row.watched for row in event_ratios(settings_of())}
    assert found == pytest.approx({"attack": 0.25, "visit": 2.0, "raid": 3.0})


def test_a_told_event_is_worth_the_tempered_ratio_of_shares():
    """By hand: attacks are .5 of 2.5 told events and 2 of 3, visits 2 of 2.5 and 1 of 3; the root at tau = .5."""
    found = {row.indicator: row.told for row in event_ratios(settings_of())}
    expected = {"attack": np.sqrt(0.2 / (2 / 3)), "visit": np.sqrt(0.8 / (1 / 3)), "raid": np.sqrt(3)}
    assert found == pytest.approx(expected)


def test_the_most_telling_indicator_comes_first():
    assert [row.indicator for row in event_ratios(settings_of())] == ["attack", "raid", "visit"]


def test_what_a_reference_class_weighs_is_reckoned_against_the_range():
    """By hand: s = ln(8/2) / 2.5631 and 1/s^2; r n = .2, r E / median = .1 * 40 / 4; the median by quadrature."""
    rate = ReferenceClass("pacts", 0, endings=2, years_at_risk=40, relevance=0.1)
    (row,) = base_rate_weights(replace(settings_of(), base_rates=(rate,)))
    scale = np.log(4) / (2 * 1.2815515655446004)
    assert (row.pseudo_endings, row.expected_endings) == pytest.approx((0.2, 1.0))
    assert row.range_weight == pytest.approx(1 / scale**2)

    def density(z: float) -> float:
        stay = 4 * np.exp(scale * z)
        return float(np.exp(-(z**2) / 2 + 0.1 * (2 * np.log(40 / stay) - 40 / stay)))

    z = np.log(row.median_years / 4) / scale
    assert quad(density, -8, z)[0] / quad(density, -8, 8)[0] == pytest.approx(0.5, abs=1e-6)
    assert not row.leaves_the_range


def test_a_class_that_drowns_the_range_is_seen():
    rate = ReferenceClass("pacts", 0, endings=100, years_at_risk=4000, relevance=1)
    (row,) = base_rate_weights(replace(settings_of(), base_rates=(rate,)))
    assert row.leaves_the_range
