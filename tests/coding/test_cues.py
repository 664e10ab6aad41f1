"""Cues, forms of verbs, dates, asides and assertions: what single words of a sentence say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.coding.cues.clauses import asides
from forecast.coding.cues.dates import dates
from forecast.coding.cues.event_class import event_class
from forecast.coding.cues.inflect import forms
from forecast.coding.cues.patterns import Finder, cue, passive
from forecast.coding.cues.sentences import notes, sentences
from forecast.coding.cues.tokens import tokens
from forecast.scenario.dates import parse_when

DAY = date(2023, 9, 6)  # a Wednesday


def found(pattern: str, text: str) -> list[str]:
    words = tokens(text)
    hits = Finder([cue("x", pattern)]).find(words)
    return [text[words[hit.first].start : words[hit.last].end] for hit in hits]


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        ("summit*", "Two Summits were held.", ["Summits"]),
        ("know how", "They want know-how.", ["know-how"]),
        ("+send ... weapon*", "It sent a great many old weapons.", ["sent a great many old weapons"]),
        ("+send ... weapon*", "It sent one two three four five six weapons.", []),
        ("+send ... weapon*", "It sent men. The weapons stayed.", []),
        (
            "party to ... resolution*",
            "a party to the Council's (UNSC) resolutions",
            ["party to the Council's (UNSC) resolutions"],
        ),
        ("talks with", "talks, with pauses", []),
        ("not attend", "He didn’t attend.", ["n’t attend"]),
    ],
)
def test_a_cue_is_found_where_its_words_stand(pattern: str, text: str, words: list[str]):
    assert found(pattern, text) == words


def test_a_cue_without_a_word_is_refused():
    with pytest.raises(ValueError, match="has no word"):
        cue("x", "...")


def test_a_cue_with_an_object_is_found_in_the_passive():
    turned = passive(cue("x", "+cancel ... visit*"))
    assert turned is not None
    text = "The visit of the envoy was suddenly cancelled."
    assert len(Finder([turned]).find(tokens(text))) == 1
    assert passive(cue("x", "summit")) is None


@pytest.mark.parametrize(
    ("verb", "others"),
    [
        ("agree", {"agrees", "agreed", "agreeing"}),
        ("supply", {"supplies", "supplied", "supplying"}),
        ("ship", {"ships", "shipped", "shipping"}),
        ("withdraw", {"withdraws", "withdrew", "withdrawn", "withdrawing"}),
        ("put", {"puts", "putting"}),
        ("die", {"dies", "died", "dying"}),
        ("veto", {"vetoes", "vetoed", "vetoing"}),
    ],
)
def test_verbs_have_the_forms_of_the_dictionary(verb: str, others: set[str]):
    assert forms(verb) == {verb, *others}


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("on 12 September 2023", ["2023-09-12"]),
        ("on September 12th, 2023", ["2023-09-12"]),
        ("on Sept. 1", ["2023-09-01"]),
        ("25-27 July 2023", ["2023-07-25/2023-07-27"]),
        ("in July", ["2023-07"]),
        ("in October", ["2022-10"]),
        ("At the beginning of January 2024", ["2024-01-01/2024-01-10"]),
        ("in late 2022", ["2022-Q4"]),
        ("the third quarter of 2022", ["2022-Q3"]),
        ("in the summer of 2022", ["2022-06/2022-08"]),
        ("last month", ["2023-08"]),
        ("last week", ["2023-08-28/2023-09-03"]),
        ("two weeks ago", ["2023-08-21/2023-08-27"]),
        ("said on Wednesday", ["2023-09-06"]),
        ("on Tuesday", ["2023-09-05"]),
        ("last Wednesday", ["2023-08-30"]),
        ("will begin on Friday", ["2023-09-08"]),
        ("due to start on September 11", ["2023-09-11"]),
        ("yesterday", ["2023-09-05"]),
        ("since 2019", ["2019-01-01/2023-09-06"]),
        ("in the 1970s", ["1970/1979"]),
        ("from 2006 to 2017", ["2006", "2017"]),
        ("On 3 March 1889", ["1889-03-03"]),
        ("the treaty of 1661", ["1661"]),
        ("on 30 February 2023", []),
        ("it may march on Monday", ["2023-09-04"]),
        ("in 2000 troops", []),
        ("the 70th anniversary", []),
    ],
)
def test_dates_keep_the_precision_of_the_text(text: str, when: list[str]):
    assert [one.when for one in dates(text, 0, len(text), DAY)] == when


@given(st.text(max_size=200), st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_every_date_that_is_found_can_be_written_as_evidence(text: str, published: date):
    for one in dates(text, 0, len(text), published):
        parse_when(one.when)
        assert 0 <= one.start < one.end <= len(text)


@given(st.text(max_size=400))
def test_sentences_and_tokens_stand_where_they_say(text: str):
    last = 0
    for one in sentences(text):
        assert last <= one.start < one.end <= len(text)
        last = one.end
        for token in tokens(text, one.start, one.end):
            assert len(text[token.start : token.end]) == token.end - token.start


def test_abbreviations_end_no_sentence_and_notes_are_no_text():
    text = (
        "On Dec. 15, Mr. Lee met U.S. envoys.[1] He left.\n\n[1] A. Lee, “On it”, The Paper, https://paper.org/on-it\n"
    )
    assert [text[one.start : one.end] for one in sentences(text)] == [
        "On Dec. 15, Mr. Lee met U.S. envoys.",
        "He left.",
    ]
    assert [one.marks for one in sentences(text)] == [("1",), ()]
    assert notes(text)["1"].url == "https://paper.org/on-it"


def test_a_name_between_commas_is_no_aside():
    text = "The President of Arland, Arn Arnson, received the envoy, Bo Boson, at home."
    assert asides(tokens(text)) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Arland rejected a call to release the men.", "REJECT"),
        ("Arland urged Borland to withdraw its troops.", "DEMAND"),
        ("Arland will send food aid to Borland.", "AGREE"),
        ("Arland will not accept the plan.", "REJECT"),
        ("Arland will withdraw its forces unless Borland pays.", "THREATEN"),
        ("Police arrested the leader after riots.", "COERCE"),
        ("Amnesty International accused Arland.", "DISAPPROVE"),
        ("The weather was mild.", None),
    ],
)
def test_the_verb_that_governs_gives_the_class(text: str, name: str | None):
    told = event_class(text)
    assert (told.name if told else None) == name
