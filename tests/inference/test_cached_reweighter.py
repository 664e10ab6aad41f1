"""A cached reweighter gives the numbers of `reweight.weigh`, whatever it was asked before."""

from dataclasses import replace

import numpy as np
import pytest

from forecast.inference.cached_reweighter import CachedReweighter
from forecast.inference.reweight import prior_draws, weigh
from forecast.model.arrays import arrays
from forecast.scenario.schema import Family, Occurs, State, Stays, Step

from ..builders import random_case

#: Sums in another order.
ROUNDING = 1e-10

QUESTIONS = [
    State.model_validate({"id": "state", "ask": "?", "kind": "state", "on": "2024-01-31"}),
    Stays.model_validate({"id": "stays", "ask": "?", "kind": "stays", "in": ["regime0"], "until": "2024-01-31"}),
    *(
        Occurs.model_validate(
            {
                "id": settled,
                "ask": "?",
                "kind": "occurs",
                "indicator": "attack",
                "at_least": 2,
                "between": ["2023-03-01", "2024-01-31"],
                "settled_by": settled,
            }
        )
        for settled in ("record", "truth")
    ),
]


def few(case):
    """Some draws of the prior."""
    return prior_draws(case.model, case.data, 5, n_each=100)


def variants(case):
    """Evidence sets that differ from a case's by an event, an origin, a watch, or its silence."""
    evidence, model = case.evidence, case.model
    yield evidence, model, None
    for event in evidence.events:
        yield replace(evidence, events=tuple(row for row in evidence.events if row != event)), model, None
        if len(event.origins) > 1:
            fewer = replace(event, origins=event.origins[1:])
            events = tuple(fewer if row == event else row for row in evidence.events)
            yield replace(evidence, events=events), model, None
    yield replace(evidence, watches=evidence.watches[1:]), model, None
    yield (
        replace(evidence, watches=(replace(evidence.watches[0], detection=(0.2, 0.4)), *evidence.watches[1:])),
        model,
        None,
    )
    yield evidence, model, {}
    yield evidence, model, {(evidence.watches[0].indicator, evidence.watches[0].first): case.as_of}


@pytest.mark.parametrize("step", [Step.MONTH, Step.WEEK])
@pytest.mark.parametrize("family", [Family.REGIME, Family.STATIC])
def test_it_weighs_and_answers_as_if_it_had_been_asked_nothing_before(family, step):
    """Whether or not it keeps each run for the next."""
    case = random_case(11, family=family, step=step, n_steps=9)
    proposal = few(case)
    reweighters = {keep: CachedReweighter(proposal, case.model) for keep in (True, False)}
    n_compared = 0
    for evidence, model, silence in variants(case):
        data = arrays(evidence, model, case.as_of, silence)
        plain = weigh(proposal, model, data)
        answers = [plain.answer(question) for question in QUESTIONS]
        for keep, reweighter in reweighters.items():
            mine = reweighter.weigh(data, keep=keep)
            np.testing.assert_allclose(mine.log_weights, plain.log_weights, rtol=0, atol=ROUNDING)
            assert mine.khat == pytest.approx(plain.khat, abs=1e-6)
            assert mine.ess == pytest.approx(plain.ess, rel=1e-6)
            for question, expected in zip(QUESTIONS, answers, strict=True):
                np.testing.assert_allclose(mine.answer(question), expected, rtol=0, atol=ROUNDING)
        n_compared += 1
    assert n_compared > len(case.evidence.events)


def test_what_is_kept_of_one_run_does_not_leak_into_a_shorter_or_longer_one():
    case = random_case(12, n_steps=9)
    proposal = few(case)
    reweighter = CachedReweighter(proposal, case.model)
    half = case.evidence.start + (case.as_of - case.evidence.start) / 2
    for as_of in (case.as_of, half, case.as_of):
        data = arrays(case.evidence, case.model, as_of)
        np.testing.assert_allclose(
            reweighter.weigh(data, keep=True).filtered.filtered,
            weigh(proposal, case.model, data).filtered.filtered,
            atol=1e-12,
        )


def test_draws_with_another_prior_are_refused():
    case = random_case(13)
    proposal = few(case)
    with pytest.raises(ValueError, match="have another prior than model v1"):
        CachedReweighter(proposal, replace(case.model, grades=case.model.grades + 1))
