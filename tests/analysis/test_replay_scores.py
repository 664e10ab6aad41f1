"""Scores of a replay's own questions, by hand."""

from dataclasses import replace
from datetime import date

import pytest

from forecast.analysis.replays.replay import Replayed, Span
from forecast.analysis.replays.replay_scores import replay_scores

from ..builders import make_scenario
from .test_resolved import LATER, QUESTIONS, entry, settled

DAY = date(2023, 3, 1)


def state_scores(*entries):
    """Scores of the question which regime holds, by model."""
    case = make_scenario(
        questions=QUESTIONS,
        resolutions={"now": settled("peace", date(2023, 5, 1), date(2023, 5, 2))},
        families={"v1": "regime", "v0": "base-rate"},
    )
    replayed = Replayed(case, Span(DAY, DAY), (DAY,), ("v1", "v0"), entries, 1, 1, (), ())
    return {row["model"]: row for row in replay_scores(replayed, [], LATER) if row["section"] == "state"}


def three_regimes(made):
    """The same forecast by a version whose codebook has a third regime."""
    now = [answer for answer in made.content["answers"] if answer["question"] == "now"]
    answers = [{**now[0], "outcome": name, "p": p} for name, p in (("war", 0.25), ("peace", 0.5), ("truce", 0.25))]
    others = [answer for answer in made.content["answers"] if answer["question"] != "now"]
    return replace(made, content={**made.content, "answers": [*others, *answers]})


def test_skill_is_one_minus_the_ratio_of_scores_on_the_same_outcomes():
    # peace came: (1 - 0.7)^2 = 0.09 against (1 - 0.5)^2 = 0.25
    found = state_scores(entry(p=0.3), entry(p=0.5, model="v0", seq=2))
    assert found["v1"]["brier"] == pytest.approx(0.09)
    assert found["v1"]["skill"] == pytest.approx(0.64)
    assert found["v0"]["skill"] is None


def test_there_is_no_skill_against_a_benchmark_that_divides_one_among_other_outcomes():
    found = state_scores(entry(p=0.3), three_regimes(entry(p=0.5, model="v0", seq=2)))
    assert found["v1"]["skill"] is None
    # half of (0.25^2 + 0.5^2 + 0.25^2)
    assert found["v0"]["brier"] == pytest.approx(0.1875)
