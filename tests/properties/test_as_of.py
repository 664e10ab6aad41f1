"""The as-of cut: nothing that became known later than a day changes what was seen, computed and answered as of it."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from forecast.canonical import canonical_json
from forecast.model.answers import answer, filtered
from forecast.model.arrays import Arrays, arrays
from forecast.model.as_of import RULES, Rules, snapshot
from forecast.model.evidence_set import evidence_set, to_content
from forecast.model.priors import draw_prior, natural
from forecast.model.version import settings as settings_of
from forecast.scenario.record import Scenario

from .worlds import World, worlds

#: Enough for every rule's absence to be found with a large margin (see the mutation test).
EXAMPLES = 120


def as_list(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def seen(scenario: Scenario, as_of: date, rules: Rules = RULES) -> tuple[Any, str]:
    """What was known, and what the model sees of it."""
    then = snapshot(scenario, "v1", as_of, rules)
    return then, canonical_json(to_content(evidence_set(then, scenario.start, settings_of(scenario))))


def computed(scenario: Scenario, as_of: date) -> tuple[Arrays, dict[str, Any]]:
    """What enters the likelihood, and the answers of the same five prior draws."""
    model = settings_of(scenario)
    data = arrays(evidence_set(snapshot(scenario, "v1", as_of), scenario.start, model), model, as_of)
    raw = draw_prior(model, data.fixed, 5, np.random.default_rng(1))
    parameters = natural(np, raw, model, data.fixed)
    result = filtered(parameters, model, data)
    answers = {
        name: answer(question, result, parameters, model, data).tolist()
        for name, question in scenario.questions.items()
    }
    return data, answers


def leaks(world: World, rules: Rules, *, into_model: bool) -> bool:
    """Whether later knowledge shows in what was known or, `into_model`, in what the model sees."""
    before, after = (seen(scenario, world.as_of, rules) for scenario in (world.scenario, world.changed))
    return before[1] != after[1] if into_model else before != after


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_later_evidence_never_changes_an_earlier_view(world):
    before, after = (seen(scenario, world.as_of) for scenario in (world.scenario, world.changed))
    assert after[0] == before[0]
    assert after[1] == before[1]


@given(worlds())
@settings(max_examples=EXAMPLES // 2)
def test_later_evidence_never_changes_an_earlier_answer(world):
    before, answers_before = computed(world.scenario, world.as_of)
    after, answers_after = computed(world.changed, world.as_of)
    for field in fields(Arrays):
        if field.name not in ("steps", "fixed", "term_grades"):
            assert as_list(getattr(after, field.name)) == as_list(getattr(before, field.name)), field.name
    assert answers_after == answers_before


#: Rules about what is only shown and never computed with.
SHOWN = ("as_it_stood", "resolution_is_known")

#: Every rule, as it would be if it forgot the day.
FORGETFUL = {
    "report_is_known": lambda report, as_of: True,
    "as_it_stood": lambda report, as_of: report,
    "withdrawal": lambda report, as_of: RULES.withdrawal(report, date.max),
    "grade": lambda report, as_of: RULES.grade(report, date.max),
    "when": lambda report, as_of: report.when,
    "resolution_is_known": lambda resolution, as_of: True,
    "watched_until": lambda watch, as_of, searched_until: RULES.watched_until(watch, date.max, searched_until),
}


def test_every_rule_of_the_cut_has_its_forgetful_twin():
    assert set(FORGETFUL) == {field.name for field in fields(Rules)}


@pytest.mark.parametrize("rule", FORGETFUL)
def test_the_property_fails_as_soon_as_one_rule_forgets_the_day(rule):
    """The mutation test of the property above: each rule is needed, and the property sees when it is missing."""
    forgetful = replace(RULES, **{rule: FORGETFUL[rule]})
    found = find(
        worlds(),
        lambda world: leaks(world, forgetful, into_model=rule not in SHOWN),
        settings=settings(
            max_examples=2000,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert not leaks(found, RULES, into_model=False)
