"""The lexicon is general: it was not taken from the article or the sentences on which it is tried."""

import json
from pathlib import Path

import pytest

from forecast.coding.cues import lexicon
from forecast.coding.cues.patterns import Cue, Finder, cue
from forecast.coding.cues.tokens import tokens

SHARED = Path(__file__).parents[3] / "shared"

#: A lexicon that was harvested would have most of its cues there.
MOST_SHARE = 0.15

#: A copied phrase is long; a general one is a verb and its object.
MOST_WORDS = 3


def all_cues() -> list[Cue[str]]:
    types = lexicon.indicator_types().values()
    made = [cue("indicator", text) for kind in types for text in (*kind.strong, *kind.weak)]
    made += [cue("class", one.text, verb=one.key[1]) for one in lexicon.classes()]
    made += [cue("hedge", one.text) for one in lexicon.hedges()]
    return made


def tried_on() -> str:
    half = SHARED / "data/plover_gold_half_a/plover_gsr_half_a.json"
    if not half.exists():
        pytest.skip("the texts of ../shared are not here")
    texts = [record["text"] for record in json.loads(half.read_text()) if record["event"] != "DOCUMENT"]
    return "\n".join([(SHARED / "articles/ankasam-2024-01-07.txt").read_text(encoding="utf-8"), *texts])


def test_few_cues_stand_in_the_texts_on_which_they_are_tried():
    cues = all_cues()
    hits = Finder(cues).find(tokens(tried_on()))
    assert 0 < len({hit.cue.text for hit in hits}) / len({one.text for one in cues}) < MOST_SHARE


def test_no_cue_in_those_texts_is_as_long_as_a_quotation():
    hits = Finder(all_cues()).find(tokens(tried_on()))
    assert {hit.cue.text for hit in hits if len(hit.cue.words) > MOST_WORDS + 1} == set()


def test_every_class_says_why_and_every_type_has_cues_and_whose_names_it_needs():
    assert len({one.key[0] for one in lexicon.classes()}) == 18
    for kind in lexicon.indicator_types().values():
        assert kind.strong
        assert kind.who in ("partners", "outsider", "partner")


def test_names_of_states_are_unique():
    names = [name for listed in lexicon.countries().values() for name in listed]
    assert sorted({name for name in names if names.count(name) > 1}) == []
