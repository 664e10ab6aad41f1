"""What the lexicon proposes: agreement with people's coding, and that every proposal says why and holds."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from forecast.coding.proposal import Proposal
from forecast.coding.proposers.lexical import Lexical
from forecast.coding.proposers.protocol import Material, proposer_names, read_proposer
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario
from tests.scripts import script

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    return script("benchmarks/propose")


@pytest.fixture(scope="module")
def case() -> Scenario:
    return read_scenario(ROOT, "dprk-russia")


def proposed(case: Scenario, text: str, kind: str = "newspaper"):
    material = Material(text, "paper", date(2024, 7, 1), kind, "B", replace(case, reports=()), ("PRK", "RUS"))
    return [one for one in Lexical().propose(material, lambda _: None) if isinstance(one, Proposal)]


def test_the_real_article_is_coded_as_well_as_promised(bench: ModuleType):
    if not (ROOT.parent / "shared").exists():
        pytest.skip("the article of ../shared is not here")
    told, _ = bench.real_article()
    assert told["statements"] == 15
    assert {key for key, least in bench.PROMISED.items() if told[key] < least} == set()
    assert told["per_true"] <= bench.MOST_PER_TRUE


def test_articles_of_other_manners_are_coded_as_well_as_promised(bench: ModuleType):
    rows, n = [], 0
    for name in bench.WRITTEN:
        told, more = bench.written_article(name)
        rows += more
        n += told["proposals"]
    told = bench.summary(rows, n)
    assert {key for key, least in bench.PROMISED.items() if told[key] < least} == set()


def test_event_classes_are_right_far_more_often_than_by_keywords(bench: ModuleType):
    if not (ROOT.parent / "shared").exists():
        pytest.skip("the sentences of ../shared are not here")
    told = bench.classes()
    assert told["sentences"] == 164
    # the half of the half that was never looked at
    assert told["odd_numbered"] > told["baseline"] + 0.25


@pytest.mark.parametrize(
    ("text", "indicator", "when"),
    [
        ("Russia and North Korea signed a treaty of partnership in Pyongyang on 19 June 2024.", "formal_commitment", "2024-06-19"),  # noqa: E501
        ("Russian and North Korean marines held a joint exercise last month.", "military_exercise", "2024-06"),
        ("Pyongyang sent troops to Russia in late May.", "troop_deployment", "2024-05-21/2024-05-31"),
        ("Moscow recalled its ambassador from North Korea yesterday.", "withdrawal_step", "2024-06-30"),
        ("The United States imposed sanctions on Russian firms over their dealings with North Korea on Friday.", "third_party_pressure", "2024-06-28"),  # noqa: E501
        ("Russia vetoed a Security Council resolution against North Korea in March.", "diplomatic_backing", "2024-03"),
        ("Russia shipped flour and grain to North Korea as humanitarian aid in April.", "aid", "2024-04"),
        ("North Korea criticised Russia over unpaid bills on Monday.", "friction", "2024-07-01"),
    ],
)  # fmt: skip
def test_a_plain_sentence_is_read(case: Scenario, text: str, indicator: str, when: str):
    (made,) = proposed(case, text)
    assert (made.indicator, made.when, made.denies) == (indicator, when, False)
    assert made.sentence == text


def test_every_proposal_says_which_words_decided_the_indicator(case: Scenario):
    text = "Foreign Minister Sergei Lavrov met Choe Son Hui, his North Korean counterpart, in Moscow, Russia said."
    (made,) = proposed(case, text)
    words = {(one.field, one.words) for one in made.because}
    assert made.indicator == "senior_visit"
    assert ("indicator", "met") in words
    assert ("asserted_as", "said") in words
    assert made.speaker == "Russia"


def test_a_denied_act_is_a_denial(case: Scenario):
    (made,) = proposed(case, "The Kremlin denied that North Korea had sent ammunition to Russia.")
    assert (made.indicator, made.denies, made.asserted_as.value) == ("arms_transfer", True, "official-claim")


def test_an_act_with_an_outsider_is_an_alignment_with_a_rival(case: Scenario):
    (made,) = proposed(case, "Russia held a joint exercise with Japan in May.")
    assert made.indicator == "rival_alignment"


def test_what_is_on_file_is_named_with_its_event(case: Scenario):
    text = "North Korean troops were sent to Russia on 9 October 2024, officials in Seoul said."
    material = Material(text, "paper", date(2024, 10, 20), "newspaper", "B", case, ("PRK", "RUS"))
    (made,) = Lexical().propose(material, lambda _: None)
    assert made.event == "troops-to-kursk-2024-10"
    assert made.duplicates[0].event == "troops-to-kursk-2024-10"


def test_two_sentences_about_one_act_share_their_event(case: Scenario):
    text = "Pyongyang sent troops to Russia in May 2024. More on this: North Korea deployed soldiers to Russia in May 2024."  # noqa: E501
    first, second = proposed(case, text)
    assert first.event == second.event == "troop-deployment-2024-05"


def test_the_same_text_gives_the_same_proposals(case: Scenario):
    text = (ROOT / "tests/coding/articles/oped-philippines.txt").read_text(encoding="utf-8")
    assert proposed(case, text) == proposed(case, text)


def test_a_text_about_others_gives_nothing(case: Scenario):
    assert proposed(case, "Peru and Chile signed a treaty on fish. The mangoes were excellent.") == []


def test_the_built_in_proposer_is_an_entry_like_any_other():
    assert {"lexicon", "llm"} <= set(proposer_names())
    assert read_proposer("lexicon").name.startswith("lexicon ")
