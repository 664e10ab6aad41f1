"""One small case for all families, and one real fit of each, shared by all tests of a run."""

from collections.abc import Callable
from datetime import date
from functools import cache

import numpy as np
import pytest

from forecast.inference.draws import Draws
from forecast.model.arrays import arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.priors import draw_prior, natural
from forecast.model.version import ReferenceClass
from forecast.scenario.schema import Family, Occurs, State, Stays

from ..builders import RandomCase, event, make_evidence, make_settings, says, watched

START, AS_OF = date(2023, 1, 1), date(2023, 9, 20)

QUESTIONS = [
    State(id="state", ask="?", kind="state", on=date(2024, 1, 31)),
    Stays.model_validate(
        {
            "id": "stays",
            "ask": "?",
            "kind": "stays",
            "in": ["regime0"],
            "from": date(2023, 6, 1),
            "until": date(2024, 1, 31),
        }
    ),
    Occurs(
        id="record",
        ask="?",
        kind="occurs",
        indicator="attack",
        at_least=2,
        between=(date(2023, 8, 1), date(2023, 12, 31)),
    ),
    Occurs(
        id="truth",
        ask="?",
        kind="occurs",
        indicator="visit",
        between=(date(2023, 9, 1), date(2023, 12, 31)),
        settled_by="truth",
    ),
]


def _evidence(family: Family) -> EvidenceSet:
    watch = watched("attack", date(2023, 4, 1), date(2023, 8, 31))
    if family is Family.BASE_RATE:
        return make_evidence(START, [], [], [watched("attack", date(2023, 4, 1), None)])
    events = [
        event("a", "attack", date(2023, 5, 3), origins=[says("x", "B2"), says("y", "C3")]),
        event("b", "attack", date(2023, 6, 20), date(2023, 7, 10), [says("x", "A2")]),
        event("c", "visit", date(2023, 2, 11), origins=[says("x", "B3"), says("y", "B2", denies=True)]),
        event("d", "visit", date(2023, 8, 1), date(2023, 9, 20), [says("z", p_true=(0.7, 0.9))]),
        event("e", "rumour", date(2023, 3, 1)),
        event("f", "border", date(2023, 3, 5)),
        event("g", "border", date(2023, 9, 1), origins=[says("y", "B2", denies=True)]),
    ]
    return make_evidence(START, events, [watch])


@cache
def small_case(family: Family, n_draws: int = 50) -> RandomCase:
    """Three regimes, three event indicators, a condition, a base rate; parameters are prior draws."""
    model = make_settings(
        family=family,
        initial=(0.3, 0.5, 0.2),
        per_year={
            "attack": [[2, 6], [0.5, 2], [0.2, 1]],
            "rumour": [[1, 3], [1, 3], [0.5, 2]],
            "visit": [[0.3, 1], [1, 3], [2, 6]],
        },
        holds={"border": [[0.1, 0.4], [0.4, 0.7], [0.7, 0.9]]},
        stays=[[0.5, 2], [1, 4], [1, 4]],
        goes_to=[[0, 2, 1], [1, 0, 1], [1, 3, 0]],
        tau=0.5,
        base_rates=(ReferenceClass("pacts", 0, endings=4, years_at_risk=5, relevance=0.5),),
    )
    evidence = _evidence(family)
    data = arrays(evidence, model, AS_OF)
    raw = draw_prior(model, data.fixed, n_draws, np.random.default_rng(8))
    return RandomCase(model, evidence, AS_OF, data, raw, natural(np, raw, model, data.fixed))


@pytest.fixture(scope="session")
def fitted() -> Callable[[Family], Draws]:
    """Draws of NUTS for the small case of a family; fitted when first asked for."""
    from forecast.inference.posterior import nuts

    @cache
    def fit_of(family: Family) -> Draws:
        case = small_case(family)
        return nuts(case.model, case.data, 20231123, lambda *_: None)

    return fit_of
