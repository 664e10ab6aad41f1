"""The measure of proposals against coded articles, and what the articles for development keep."""

from dataclasses import replace
from datetime import date
from types import ModuleType

import pytest

from forecast.coding.act import Manner, Status
from forecast.coding.proposal import Proposal
from tests.scripts import ROOT, script

from .proposals import AGAIN, ARTICLE, DENIED, FISH, MET


@pytest.fixture(scope="module")
def measure() -> ModuleType:
    return script("benchmarks/coded_articles")


def coded(words: str, indicator: str, when: str, status: str = "happened", asserted_as: str = "fact") -> dict[str, str]:
    return {
        "article": "paper",
        "words": words,
        "indicator": indicator,
        "when": when,
        "status": status,
        "asserted_as": asserted_as,
        "origin": "",
    }


TRUTH = [
    coded("met in May 2023", "meeting", "2023-05"),
    coded("quarrelled over fish", "meeting", "2023-09", asserted_as="official-claim"),
    coded("denied that Arland had sent soldiers", "soldiers", "", "did not happen", "official-claim"),
    coded("Arland and Borland\n", "meeting", ""),
]


def test_the_shares_are_those_counted_by_hand(measure: ModuleType):
    denial = replace(DENIED, indicator="soldiers", asserted_as=FISH.asserted_as)
    made = [MET, FISH, AGAIN, denial]
    said = measure.summary(measure.compare(ARTICLE, date(2024, 1, 7), TRUTH, made), len(made))
    # of four statements three are found; the second has another indicator; the meeting of October answers none
    wanted = {"found": 3 / 4, "right": 2 / 4, "rows right": 2 / 4, "indicator": 2 / 3, "denials": 1.0, "surplus": 1 / 4}
    assert {key: said[key] for key in wanted} == wanted


@pytest.mark.parametrize(
    ("made", "denials", "right"),
    [
        (replace(DENIED, denies=False), 0.0, 0.0),
        (replace(DENIED, denies=False, manner=Manner.ANNOUNCEMENT, status=Status.CALLED_OFF), 1.0, 1.0),
        (replace(DENIED, denies=False, manner=Manner.ANNOUNCEMENT, status=Status.SCHEDULED), 0.0, 0.0),
    ],
)
def test_a_denial_is_right_as_denied_or_called_off(measure: ModuleType, made: Proposal, denials: float, right: float):
    truth = [coded("had sent soldiers", "soldiers", "", "did not happen", "speculation")]
    made = replace(made, indicator="soldiers")
    said = measure.summary(measure.compare(ARTICLE, date(2024, 1, 7), truth, [made]), 1)
    assert (said["denials"], said["right"]) == (denials, right)


def test_the_articles_for_development_are_read_as_well_as_promised(measure: ModuleType):
    said = measure.coded_tables([ROOT / "tests/coding/developed"], "lexicon")["all developed"]
    least = {"found": 0.8, "right": 0.6, "indicator": 0.8, "denials": 0.7}
    assert {key: said[key] for key in least if said[key] < least[key]} == {}
    assert said["surplus"] <= 0.15


def test_every_held_out_statement_stands_in_its_article(measure: ModuleType):
    # nothing is promised of what the rows are: they measure, and are not for tuning
    results = measure.folder_results(ROOT / "tests/coding/unseen", "lexicon")
    assert sum(len(pairs) for pairs, _ in results.values()) == 80
    assert all(made for _, made in results.values())
