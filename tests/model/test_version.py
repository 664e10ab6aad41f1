"""The identity of a model version, and the golden numbers that watch over its revision."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast.canonical import canonical_json
from forecast.model.answers import answer, filtered
from forecast.model.arrays import arrays
from forecast.model.priors import draw_prior, natural
from forecast.model.version import (
    GRADES,
    REVISION,
    ReferenceClass,
    from_content,
    model_identity,
    settings,
    to_content,
)
from forecast.scenario.schema import Family, Occurs, State, Stays

from ..builders import GRADE_COUNTS, event, make_evidence, make_scenario, make_settings, says, watched

AS_OF = date(2023, 9, 30)
RATE = ReferenceClass("pacts", 0, endings=31, years_at_risk=400, relevance=0.3)


def a_model(**changes):
    options = {
        "initial": (0.2, 0.5, 0.3),
        "per_year": {"attack": [[1, 3], [0.1, 0.5], [2, 4]], "visit": [[1, 2], [1, 3], [0.1, 1]]},
        "holds": {"border": [[0.1, 0.4], [0.5, 0.6], [0.2, 0.9]]},
        "told": {"visit": 0.5},
        "tau": 0.5,
        "base_rates": (RATE,),
    }
    return make_settings(**{**options, **changes})


def test_a_versions_name_is_no_part_of_its_identity():
    assert model_identity(replace(a_model(), version="v9")) == model_identity(a_model())


def test_notes_titles_and_means_are_no_part_of_the_identity():
    scenario = make_scenario()
    version = scenario.models["v1"].model_copy(update={"notes": "other words"})
    codebook = scenario.codebook.model_copy(
        update={
            "regimes": {
                name: regime.model_copy(update={"means": "other words"})
                for name, regime in scenario.codebook.regimes.items()
            },
            "indicators": {
                name: entry.model_copy(update={"why": "other words", "cues": ("cue",)})
                for name, entry in reversed(scenario.codebook.indicators.items())
            },
        }
    )
    reworded = replace(scenario, models={"v1": version}, codebooks={"v1": codebook})
    assert model_identity(settings(reworded)) == model_identity(settings(scenario))


CHANGES = {
    "tau": {"tau": 0.6},
    "told": {"told": {"visit": 0.6}},
    "a rate": {"per_year": {"attack": [[1, 3], [0.1, 0.5], [2, 4.1]], "visit": [[1, 2], [1, 3], [0.1, 1]]}},
    "a condition": {"holds": {"border": [[0.1, 0.4], [0.5, 0.6], [0.2, 0.8]]}},
    "the prior": {"initial": (0.2, 0.4, 0.4)},
    "a stay": {"stays": [[1, 4], [1, 4], [1, 5]]},
    "goes_to": {"goes_to": [[0, 1, 2], [1, 0, 1], [1, 1, 0]]},
    "absorbing": {"absorbing": (False, False, True)},
    "a grade": {"grades": {**GRADE_COUNTS, "B2": [20, 1]}},
    "relevance": {"base_rates": (replace(RATE, relevance=0.2),)},
    "no base rate": {"base_rates": ()},
}

#: What a family switches off.
UNUSED = {
    Family.REGIME: set(),
    Family.STATIC: {"a stay", "goes_to", "absorbing", "relevance", "no base rate"},
    Family.BASE_RATE: {"tau", "told", "a condition", "a grade"},
}


@pytest.mark.parametrize("family", list(Family))
@pytest.mark.parametrize("change", CHANGES)
def test_the_identity_is_every_prior_and_option_that_the_family_uses(change, family):
    same = model_identity(a_model(family=family, **CHANGES[change])) == model_identity(a_model(family=family))
    assert same == (change in UNUSED[family])


@pytest.mark.parametrize("family", list(Family))
def test_settings_read_back_from_a_record_are_the_same_model(family):
    model = a_model(family=family)
    content = json.loads(canonical_json(to_content(model)))
    assert model_identity(from_content(content, "v1")) == model_identity(model)


@pytest.mark.parametrize("family", [Family.REGIME, Family.STATIC])
def test_settings_read_back_give_the_same_likelihood(family):
    model = a_model(family=family)
    back = from_content(json.loads(canonical_json(to_content(model))), "v1")
    events = [
        event("a", "attack", date(2023, 5, 3)),
        event("b", "visit", date(2023, 6, 3)),
        event("c", "border", AS_OF),
    ]
    evidence = make_evidence(date(2023, 1, 1), events, [watched("attack", date(2023, 4, 1), AS_OF)])
    data = arrays(evidence, model, AS_OF)
    raw = draw_prior(model, data.fixed, 20, np.random.default_rng(1))
    one = filtered(natural(np, raw, model, data.fixed), model, data)
    again = arrays(evidence, back, AS_OF)
    other = filtered(natural(np, raw, back, again.fixed), back, again)
    np.testing.assert_array_equal(one.log_likelihood, other.log_likelihood)


def test_settings_of_another_revision_are_not_computed_with():
    content = to_content(a_model()) | {"revision": 0}
    with pytest.raises(ValueError, match="were revised"):
        from_content(content, "v1")


def test_families_differ():
    assert len({model_identity(a_model(family=family)) for family in Family}) == 3


def test_the_order_and_names_of_reference_classes_are_no_part_of_the_identity():
    other = ReferenceClass("other", 1, endings=2, years_at_risk=10, relevance=1.0)
    one = a_model(base_rates=(RATE, other))
    two = a_model(base_rates=(other, replace(RATE, id="renamed")))
    assert model_identity(one) == model_identity(two)


def test_a_revision_is_a_new_identity(monkeypatch):
    before = model_identity(a_model())
    monkeypatch.setitem(REVISION, Family.REGIME, REVISION[Family.REGIME] + 1)
    assert model_identity(a_model()) != before


START, AS_OF = date(2023, 1, 10), date(2023, 6, 20)

QUESTIONS = [
    State(id="q", ask="?", kind="state", on=date(2023, 9, 5)),
    Stays.model_validate(
        {"id": "q", "ask": "?", "kind": "stays", "in": ["regime0"], "from": date(2023, 4, 1), "until": date(2023, 9, 5)}
    ),
    Occurs(
        id="q", ask="?", kind="occurs", indicator="attack", at_least=2, between=(date(2023, 5, 1), date(2023, 9, 5))
    ),
    Occurs(
        id="q",
        ask="?",
        kind="occurs",
        indicator="visit",
        between=(date(2023, 5, 1), date(2023, 9, 5)),
        settled_by="truth",
    ),
]


def golden_numbers(family):
    """Answers of one made-up draw (no random numbers) and the log-likelihood, with everything in the evidence."""
    model = a_model(family=family)
    watch = watched("attack", date(2023, 3, 1), date(2023, 6, 10))
    events = [
        event(
            "a", "attack", date(2023, 4, 3), origins=[says("x", "B2"), says("y", "C3"), says("z", "B4", denies=True)]
        ),
        event("b", "attack", date(2023, 5, 20), date(2023, 6, 3), [says("x", "A2")]),
        event("c", "visit", date(2023, 2, 11), origins=[says("x", p_true=(0.7, 0.9))]),
        event("d", "border", date(2023, 3, 5), origins=[says("y", "B2", denies=True)]),
    ]
    evidence = make_evidence(START, events, [watch])
    if family is Family.BASE_RATE:
        evidence = make_evidence(START, [], [], [watched("attack", date(2023, 3, 1), None)])
    data = arrays(evidence, model, AS_OF)

    def made_up(*shape):
        return np.sin(1.0 + np.arange(np.prod(shape))).reshape(1, *shape)

    shares = 0.5 + made_up(3, 2) / 4
    raw = {
        "indicator_common": made_up(3),
        "indicator_own": made_up(3, 3),
        "stay_own": made_up(3),
        "goes_to": shares / shares.sum(-1, keepdims=True),
        "truth": 0.5 + made_up(len(GRADES)) / 3,
        "detection_own": made_up(1),
    }
    parameters = natural(np, raw, model, data.fixed)
    result = filtered(parameters, model, data)
    rows = [answer(question, result, parameters, model, data)[0] for question in QUESTIONS]
    return np.array([*rows[0], *(row[0] for row in rows[1:]), result.log_likelihood.sum()])


#: By family and revision: P(each regime), P(stays), P(twice by record), P(once by truth), log-likelihood.
GOLDEN = {
    (Family.BASE_RATE, 1): [
        0.244330638583,
        0.48054490077,
        0.275124460647,
        0.197292817608,
        0.131444700786,
        0.352986543113,
        -1.11022302463e-16,
    ],
    (Family.STATIC, 1): [
        0.458901250167,
        0.131877254157,
        0.409221495676,
        0.458901250167,
        0.415244076512,
        0.302899860861,
        -0.00660878745303,
    ],
    (Family.REGIME, 1): [
        0.471933496721,
        0.15658116761,
        0.371485335669,
        0.437737096942,
        0.410113566921,
        0.310522663334,
        0.0505565493066,
    ],
}

#: Differences between machines in the last digits of exp and log, and of the twelve digits written above.
GOLDEN_TOLERANCE = 1e-9


@pytest.mark.parametrize("family", list(Family))
def test_numbers_never_move_without_a_new_revision(family):
    """Stored forecasts are compared and reused by model identity, so equal identities must mean equal numbers.

    If this fails you have changed what a family computes. Meant? Then raise the family's number in
    `forecast.model.version.REVISION`, say in CHANGELOG.md what moved, and replace the row above by what
    `golden_numbers` now gives under the new number. Not meant? Then it is a bug. The numbers themselves were computed
    by this program; that they are right is proved by the enumeration in test_answers.py.
    """
    revision = REVISION[family]
    assert (family, revision) in GOLDEN, "a new revision needs its golden numbers"
    np.testing.assert_allclose(golden_numbers(family), GOLDEN[family, revision], rtol=GOLDEN_TOLERANCE, atol=1e-12)
