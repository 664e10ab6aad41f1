"""Whatever a proposer says is held against the article, the schema and the scenario before anybody sees it."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from forecast.coding.proposal import Because, Duplicate, report_fields
from forecast.coding.validate_proposal import validate
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Asserted

from ..workspaces import write_toy
from .proposals import AGAIN, ALL, ARTICLE, DENIED, MET


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return read_scenario(write_toy(tmp_path_factory.mktemp("toy")), "toy")


@pytest.mark.parametrize("proposal", ALL)
def test_a_proposal_that_is_true_of_the_article_has_no_findings(toy: Scenario, proposal: Any):
    assert validate(proposal, ARTICLE, toy) == []


@pytest.mark.parametrize(
    ("change", "key", "message"),
    [
        ({"end": MET.end + 1}, "quote", "the article has another text"),
        ({"start": -5, "end": -1}, "quote", "the article has another text from -5 to -1"),
        ({"quote": "met in June 2023"}, "quote", "the article has another text"),
        ({"quote": "", "end": MET.start}, "quote", "the article has another text"),
        ({"sentence": "The leaders met."}, "sentence", "the article has another text"),
        ({"quote": AGAIN.quote, "start": AGAIN.start, "end": AGAIN.end}, "quote", "outside its sentence"),
        ({"claim": " "}, "claim", "'claim' has no value"),
        ({"claim": "x" * 10_000_000}, "claim", "'claim' has 10,000,000 characters"),
        ({"claim": "half \ud800"}, "claim", "contains the control character U+D800"),
        ({"claim": "a\x1b[2J"}, "claim", "contains the control character U+001B"),
        ({"indicator": "meting"}, "indicator", "no indicator 'meting'; did you mean 'meeting'"),
        ({"event": "../../etc/passwd"}, "event", "cannot be an id"),
        ({"when": "last May"}, "when", "is not a date"),
        ({"grade": "G7"}, "grade", "is not a grade"),
        ({"origin": "=cmd()"}, "origin", "cannot be an id"),
        ({"actors": ("AAA", "ZZZ")}, "actors", "no actor 'ZZZ'"),
        ({"because": (Because("wehn", "met", MET.start, MET.start + 3, ""),)}, "because", "not a field of a report"),
        ({"because": (Because("when", "May", 0, 3, ""),)}, "because", "another text from 0 to 3"),
        ({"duplicates": (Duplicate("R9", "summit", "same day"),)}, "duplicates", "no report 'R9'"),
        ({"proposer": ""}, "proposer", "no value"),
        # types of a proposer that knows none
        ({"denies": "false"}, "denies", "is no bool"),
        ({"start": True}, "start", "is no int"),
        ({"known": "2024-01-07"}, "known", "is no date"),
        ({"known": None}, "known", "is no date"),
        ({"asserted_as": "fact"}, "asserted_as", "is no Asserted"),
        ({"because": [("when", "May")]}, "because", "is no tuple of Because"),
        ({"because": (Because("when", "May", "0", 3, ""),)}, "because.start", "is no int"),
        ({"speaker": 7}, "speaker", "is no str or nothing"),
        ({"actors": "AAA"}, "actors", "is no tuple of str"),
    ],
)
def test_what_is_wrong_is_an_error_about_its_field(toy: Scenario, change: dict[str, Any], key: str, message: str):
    found = validate(replace(MET, **change), ARTICLE, toy)
    about = [finding for finding in found if finding.key == key]
    assert about
    assert message in about[0].message
    assert {finding.level for finding in found} == {"error"}


def test_a_quote_of_thirteen_words_is_too_long(toy: Scenario):
    text = " ".join(f"w{number}" for number in range(13))
    long = replace(
        MET, sentence=text, sentence_start=0, sentence_end=len(text), quote=text, start=0, end=len(text), because=()
    )
    assert [finding.message for finding in validate(long, text, toy)] == ["the quote has 13 words"]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"indicator": None}, "indicator"),
        ({"when": ""}, "when"),
        ({"when": "2022-12"}, "when"),
        ({"known": date(2023, 4, 30)}, "known"),
    ],
)
def test_what_could_not_be_accepted_as_it_stands_is_a_warning(toy: Scenario, change: dict[str, Any], key: str):
    assert [(f.level, f.key) for f in validate(replace(MET, **change), ARTICLE, toy)] == [("warning", key)]


def test_what_would_not_count_needs_neither_indicator_nor_date(toy: Scenario):
    assert validate(replace(DENIED, asserted_as=Asserted.BACKGROUND), ARTICLE, toy) == []


def test_a_report_leaves_out_what_is_not_told():
    said = report_fields(DENIED)
    assert said["denies"] == "true"
    assert said["note"] == "reliable paper, not confirmed. [actors: AAA, BBB]"
    assert not {"indicator", "when", "speaker"} & set(said)
    assert "denies" not in report_fields(MET)


def test_an_instant_is_taken_for_no_day(toy: Scenario):
    # a datetime is a date to Python, and would be written with its hour
    found = validate(replace(MET, known=datetime(2024, 1, 7, 12)), ARTICLE, toy)
    assert [(finding.key, finding.level) for finding in found] == [("known", "error")]
