"""Sentences that tell of others than the partners are left out and listed, or shown last as doubtful; what may be of
the case stays.

The texts are made up; the partners are North Korea and Russia.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from forecast.coding.act import DoubtCode
from forecast.coding.proposal import LeftOut, Omission, Proposal
from forecast.coding.proposers.lexical import Lexical
from forecast.coding.proposers.protocol import Material
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

ROOT = Path(__file__).parents[2]
TREATY = "Russia and North Korea signed a treaty in June. "


@pytest.fixture(scope="module")
def case() -> Scenario:
    return replace(read_scenario(ROOT, "dprk-russia"), reports=())


def told(case: Scenario, text: str) -> tuple[list[Proposal], list[LeftOut]]:
    material = Material(text, "paper", date(2024, 7, 1), "newspaper", "B", case, ("PRK", "RUS"))
    made = list(Lexical().propose(material, lambda _: None))
    return [one for one in made if isinstance(one, Proposal)], [one for one in made if isinstance(one, LeftOut)]


@pytest.mark.parametrize(
    ("text", "indicator", "others"),
    [
        ("Chinese Foreign Minister Wang Yi visited Pakistan on Monday.", "senior_visit", ("CHN", "PAK")),
        ("Foreign Minister Wang Yi of China met his Pakistani counterpart in Islamabad.", "senior_visit", ("CHN", "PAK")),  # noqa: E501
        ("China and Pakistan signed a treaty in May; the two countries also held talks.", "formal_commitment", ("CHN", "PAK")),  # noqa: E501
        ("It was said that Chinese Foreign Minister Wang Yi visited Pakistan on Monday.", "senior_visit", ("CHN", "PAK")),  # noqa: E501
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", TREATY, TREATY + "\n\n"])
def test_an_act_of_two_others_is_left_out_with_its_reason(
    case: Scenario, before: str, text: str, indicator: str, others: tuple[str, ...]
):
    made, (one,) = told(case, before + text)
    assert [proposal.sentence for proposal in made] == ([TREATY.strip()] if before else [])
    assert (one.indicator, one.others, one.sentence) == (indicator, others, text)
    assert (before + text)[one.start : one.end] == text
    assert one.why.endswith(", not of North Korea or Russia")


def test_drills_of_rivals_are_no_drills_of_the_partners(case: Scenario):
    text = "The United States and South Korea held a joint exercise in May."
    _, (one,) = told(case, "North Korea depends on Russia. " + text)
    assert (one.indicator, one.others) == ("military_exercise", ("KOR", "USA"))


@pytest.mark.parametrize("gap", [" ", "\n\n"])
def test_the_two_sides_are_those_of_the_sentence_before(case: Scenario, gap: str):
    sides = "The two sides signed a treaty of friendship in May."
    made, left_out = told(case, f"Chinese Foreign Minister Wang Yi visited Pakistan in May.{gap}{sides}")
    assert made == []
    assert [one.others for one in left_out] == [("CHN", "PAK")] * 2
    (made, left_out) = told(case, f"Russian Foreign Minister Sergei Lavrov visited North Korea in May.{gap}{sides}")
    assert [one.indicator for one in made] == ["senior_visit", "formal_commitment"]
    assert left_out == []
    assert [one.doubts for one in made] == [(), ()]


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        # who only says it is no party
        ("The United States and South Korea said that weapons had been delivered by sea.", "arms_transfer"),
        ("Weapons had been delivered by sea, according to the United States and South Korea.", "arms_transfer"),
        # a pronoun goes on about the sentence before
        ("They signed a treaty after talks with China and Mongolia.", "formal_commitment"),
        # an outsider's act against a partner who is named nearby
        ("The United States and Japan imposed sanctions on two shipping firms in May.", "third_party_pressure"),
        # nobody of the others acts
        ("Weapons were delivered to Ukrainian front lines by rail.", "arms_transfer"),
    ],
)
def test_what_may_be_of_the_partners_stays_without_doubt(case: Scenario, text: str, indicator: str):
    made, left_out = told(case, "North Korea depends on Russia. " + text)
    assert left_out == []
    (one,) = [one for one in made if one.sentence == text]
    assert (one.indicator, one.doubts) == (indicator, ())


def test_a_partner_with_two_others_stays(case: Scenario):
    made, left_out = told(case, "Russia held a joint exercise with China and Mongolia in May.")
    assert left_out == []
    assert [one.indicator for one in made] == ["rival_alignment"]


def test_where_nobody_is_named_it_is_in_doubt_and_the_claim_is_the_sentence(case: Scenario):
    (made, left_out) = told(
        case, "A treaty of partnership was signed in June, and the treaty entered into force in July."
    )
    assert left_out == []
    assert [one.status and one.status.value for one in made] == ["signed", "takes-effect"]
    one = made[0]
    assert one.doubts[0].code is DoubtCode.NO_PARTNER
    assert one.doubts[0].note == "neither North Korea nor Russia is named here or shortly before"
    assert one.claim == one.sentence


def test_an_act_of_one_other_near_a_partner_is_left_out_and_listed(case: Scenario):
    made, left_out = told(case, TREATY + "Chinese Foreign Minister Wang Yi visited the region in May.")
    assert [one.indicator for one in made] == ["formal_commitment"]
    assert [(one.code, one.why) for one in left_out] == [
        (Omission.OTHERS, "seems to tell of China, not of North Korea or Russia")
    ]


def test_an_alias_of_the_scenario_makes_it_the_partners_act(case: Scenario):
    text = "Rason signed a treaty with the foreign ministers of China and Pakistan in May."
    assert len(told(case, text)[1]) == 1
    actors = dict(case.file.actors)
    actors["PRK"] = actors["PRK"].model_copy(update={"aliases": (*actors["PRK"].aliases, "Rason")})
    known = replace(case, file=case.file.model_copy(update={"actors": actors}))
    assert told(known, text)[1] == []
