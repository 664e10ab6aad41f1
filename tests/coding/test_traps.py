"""What each shipped scenario's coders marked as a trap: plans, denials and lapsed appointments are not counted as acts.

The sentences are made up; their kinds are those of rows with `use: false` and of notes in `scenarios/*/evidence`.
"""

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from forecast.coding.proposal import Proposal, report_fields
from forecast.coding.proposers.lexical import Lexical
from forecast.coding.proposers.protocol import Material
from forecast.scenario.read import read_scenario

ROOT = Path(__file__).parents[2]


def rows(name: str, text: str) -> list[Proposal]:
    scenario = replace(read_scenario(ROOT, name), reports=())
    first, second = list(scenario.file.actors)[:2]
    material = Material(text, "paper", date(2024, 7, 1), "newspaper", "B", scenario, (first, second))
    return [one for one in Lexical().propose(material, lambda _: None) if isinstance(one, Proposal)]


def counted(one: Proposal) -> bool:
    """Whether the row would be counted as an act that happened."""
    said = report_fields(one)
    return one.asserted_as.counts and said.get("use") != "false" and "denies" not in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dprk-russia", "Russian President Vladimir Putin has accepted an invitation to visit North Korea."),
        ("dprk-russia", "North Korea is preparing to send workers to Russia."),
        ("dprk-russia", "The Kremlin denied that North Korea had delivered weapons to Russia."),
        ("dprk-russia", "A visit to Russia by Kim Jong Un that was planned for 2015 never took place."),
        ("armenia-csto", "Armenia may leave the Collective Security Treaty Organization, its prime minister said."),
        ("armenia-csto", "Russia denied that it had suspended deliveries of weapons to Armenia."),
        ("armenia-csto", "A planned exercise of Armenian and Russian troops was called off."),
        ("philippines-us", "The Philippines has not terminated the Visiting Forces Agreement with the United States."),
        ("philippines-us", "Manila would end joint patrols with the United States if Washington withheld aid."),
        ("philippines-us", "A visit by President Duterte to the United States was postponed."),
        ("iran-russia", "Russia is expected to deliver Su-35 fighters to Iran."),
        ("iran-russia", "Tehran rejected claims that Iran had supplied Russia with missiles."),
        ("iran-russia", "The treaty between Iran and Russia has yet to be signed."),
    ],
)
def test_a_trap_is_proposed_and_not_counted_as_an_act(name: str, text: str):
    made = rows(name, text)
    assert made, "the coder has to see it"
    # for a denial, the claim that is denied may be a row of its own, with the one who claims it
    assert [one for one in made if counted(one) and one.speaker is None] == []


def test_an_article_of_a_thousand_words_takes_less_than_ten_seconds():
    text = (ROOT / "tests/coding/articles/agency-armenia.txt").read_text(encoding="utf-8")
    text = "\n\n".join([text] * (1_000 // len(text.split()) + 1))
    began = time.perf_counter()
    assert rows("armenia-csto", text)
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    "text",
    [
        "Russia " + "and North Korea " * 90 + "met.",
        "((((" * 300 + " Russia met North Korea.",
        "Russia met North Korea" + ", which met Russia, which met North Korea" * 30 + ".",
        "not " * 300 + "Russia met North Korea.",
        "🚀" * 200 + " Russia \u202e met North Korea in \x00 May.",
        "Russia said that North Korea said that " * 30 + "they met.",
    ],
)
def test_hostile_sentences_are_read_in_good_time(text: str):
    began = time.perf_counter()
    rows("dprk-russia", text)
    assert time.perf_counter() - began < 10
