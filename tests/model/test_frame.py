"""Evidence in a frame: the same likelihood for the same parameters, on every day, and nothing from later days."""

from datetime import date

import numpy as np
import pytest

from forecast.model.answers import filtered
from forecast.model.arrays import arrays
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set
from forecast.model.frame import frame, in_frame, watch_columns
from forecast.model.priors import draw_prior, natural
from forecast.model.version import settings
from forecast.scenario.read import read_scenario

from ..builders import make_codebook, make_report, make_scenario
from ..workspaces import copy_dprk

#: Sums of some dozens of terms in another order.
TOLERANCE = 1e-10

WATCHES = {
    "attack": [
        {"from": date(2023, 3, 10), "to": date(2023, 5, 20), "detection": (0.5, 0.8)},
        {"from": date(2023, 8, 1), "detection": (0.6, 0.9)},
    ],
    "visit": [{"from": date(2023, 5, 1), "to": date(2023, 9, 30), "detection": (0.3, 0.7)}],
    "border": [{"from": date(2023, 4, 1), "detection": (0.3, 0.7)}],
}

DAYS = [date(2023, month, 28) for month in range(1, 13)]


@pytest.fixture
def scenario():
    reports = [
        make_report(
            f"r{number}", indicator=name, when=date(2023, 1 + number % 11, 15), known=date(2023, 1 + number % 11, 20)
        )
        for number, name in enumerate(["attack", "visit", "rumour"] * 7)
    ]
    border = make_report("b", indicator="border", when=date(2023, 6, 1))
    questions = [
        {
            "id": "q",
            "ask": "?",
            "kind": "occurs",
            "indicator": "attack",
            "between": (date(2023, 9, 1), date(2024, 3, 1)),
        }
    ]
    return make_scenario(
        reports=[*reports, border],
        codebook=make_codebook(watches=WATCHES),
        questions=questions,
        searched_until=date(2023, 11, 10),
        families={"v1": "regime", "v0": "base-rate", "s": "static"},
    )


def assert_same_likelihood(scenario, version, day):
    model = settings(scenario, version)
    around = frame(scenario.codebooks[version], model)
    data = arrays(evidence_set(snapshot(scenario, version, day), scenario.start, model), model, day)
    framed = in_frame(data, model, around)
    raw = draw_prior(model, framed.fixed, 50, np.random.default_rng(4))
    inside = filtered(natural(np, raw, model, framed.fixed), model, framed)
    own = raw | {"detection_own": raw["detection_own"][:, watch_columns(data.watches, around)]}
    outside = filtered(natural(np, own, model, data.fixed), model, data)
    np.testing.assert_allclose(inside.log_likelihood, outside.log_likelihood, atol=TOLERANCE)
    np.testing.assert_allclose(inside.filtered, outside.filtered, atol=TOLERANCE)


@pytest.mark.parametrize("version", ["v1", "v0", "s"])
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_likelihood_is_the_same_inside_a_frame(scenario, version, day):
    assert_same_likelihood(scenario, version, day)


@pytest.mark.parametrize("day", [date(2022, 3, 31), date(2024, 1, 31), date(2024, 10, 31), date(2025, 12, 31)], ids=str)
def test_the_likelihood_of_the_real_case_is_the_same_inside_a_frame(tmp_path, day):
    assert_same_likelihood(read_scenario(copy_dprk(tmp_path), "dprk-russia"), "v2", day)


def test_a_frame_has_every_watch_of_an_event_and_every_span_of_the_codebook(scenario):
    """By hand: nothing watched; attack; attack and visit; visit; visit and attack; attack."""
    around = frame(scenario.codebooks["v1"], settings(scenario, "v1"))
    assert [(watch.indicator, watch.first.month) for watch in around.watches] == [
        ("attack", 3),
        ("attack", 8),
        ("visit", 5),
    ]
    model = settings(scenario, "v1")
    rumour, attack, visit = (model.events.index(name) for name in ("rumour", "attack", "visit"))
    spans = {(row[attack], row[visit]) for row in around.unwatched}
    assert spans == {(1.0, 1.0), (0.0, 1.0), (0.0, 0.0), (1.0, 0.0)}
    assert len(around.unwatched) == 4
    assert (around.unwatched[:, rumour] == 1).all()


def test_evidence_that_was_watched_otherwise_does_not_fit(scenario):
    model = settings(scenario, "v1")
    other = frame(make_codebook(), model)
    data = arrays(evidence_set(snapshot(scenario, "v1", DAYS[5]), scenario.start, model), model, DAYS[5])
    with pytest.raises(ValueError, match="no watch of attack from 2023-03-10"):
        in_frame(data, model, other)
