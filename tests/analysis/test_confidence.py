"""How much an evidence base bears: each rule at its thresholds, and laws that no evidence breaks."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.analysis.confidence import (
    RATINGS,
    WITHIN_DAYS,
    confidence,
    confidence_document,
    other_versions,
)
from forecast.analysis.stability import judged
from forecast.analysis.why.leave_out import LeftOut
from forecast.ledger.records import Answer
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.words import SCALES

from ..builders import event, make_evidence, says
from ..ledger.samples import MODEL, evidence, forecast

DAY = date(2023, 3, 1)
ANSWER = Answer("q", "?", "stays", "yes", 0.3, 0.001, 0.1, 0.6, closed=False, resolved=None)
QUESTIONS = ({"id": "q", "kind": "stays", "until": "2025-01-01"},)
RECORD = replace(forecast(), answers=(ANSWER,), questions=QUESTIONS)


def another(p, model="v1", **changes):
    return replace(RECORD, model=model, answers=(replace(ANSWER, p=p),), **changes)


def told(*voices_of_events):
    """An evidence set with one event for every argument, told by the origins named in it, as 'ann:B2 bob:C3'."""
    events = [
        event(f"e{number}", "attack", DAY, origins=[says(*voice.split(":")) for voice in voices.split()])
        for number, voices in enumerate(voices_of_events)
    ]
    return make_evidence(date(2023, 1, 1), events)


def word_for(*others, p=0.3):
    rows = [LeftOut("origin", str(n), q, 0.001) for n, q in enumerate(others)]
    return judged(replace(ANSWER, p=p), rows, [])


#: Eight origins with good grades, none of which stands alone; a word that survives; versions that agree.
MANY = told(*(f"o{number}:B2 p{number}:B2" for number in range(4)))
HELD = word_for(0.25, 0.4)
AGREED = (another(0.35),)


def level(rule, **changes):
    given_ = {"evidence": MANY, "judged": HELD, "others": AGREED} | changes
    found = confidence(RECORD, given_["evidence"], ANSWER, given_["judged"], given_["others"])
    assert found.rating == min((one.level for one in found.reasons), key=RATINGS.index)
    return next((one.level, one.text) for one in found.reasons if one.rule == rule)


def test_where_nothing_is_held_against_it_confidence_is_high():
    found = confidence(RECORD, MANY, ANSWER, HELD, AGREED)
    assert found.rating == "high"
    assert [reason.level for reason in found.reasons] == ["high"] * 5


@pytest.mark.parametrize(
    ("n", "rating"), [(1, "low"), (2, "low"), (3, "moderate"), (7, "moderate"), (8, "high"), (20, "high")]
)
def test_origins_are_counted(n, rating):
    origins = told(*(f"o{number}:B2" for number in range(n)))
    assert level("origins", evidence=origins) == (rating, "1 origin" if n == 1 else f"{n} origins")


def test_an_origin_counts_once_however_many_events_it_tells():
    assert level("origins", evidence=told(*["ann:A1"] * 20))[1] == "1 origin"


@pytest.mark.parametrize(
    ("alone", "shared", "rating"), [(5, 5, "high"), (6, 5, "moderate"), (9, 3, "moderate"), (10, 3, "low")]
)
def test_events_that_hang_on_one_origin_hold_it_down(alone, shared, rating):
    case = told(*["ann:B2"] * alone, *["bob:B2 cat:B2"] * shared)
    found, text = level("concentration", evidence=case)
    assert found == rating
    if rating != "high":
        assert text == f"3 origins, but {alone} of {alone + shared} events hang on one of them, ann"


def test_an_only_origin_is_no_one_of_several():
    assert level("concentration", evidence=told("ann:A1", "ann:B2")) == ("low", "there is no other origin than ann")


@pytest.mark.parametrize(
    ("grades", "rating"),
    [
        (["B2", "A1", "C2", "C1"], "high"),
        (["B2", "A1", "C2", "C3"], "moderate"),
        (["B2", "A1", "D2", "F1"], "moderate"),
        (["B2", "B3", "F6", "A6"], "low"),
    ],
)
def test_origins_with_good_grades_are_counted(grades, rating):
    case = told(*(f"o{number}:{grade}" for number, grade in enumerate(grades)))
    assert level("grades", evidence=case)[0] == rating


def test_a_stated_probability_of_truth_is_graded_by_its_middle():
    good, poor = says("a", p_true=(0.7, 0.9)), says("b", p_true=(0.6, 0.9))
    case = make_evidence(date(2023, 1, 1), [event("e", "attack", DAY, origins=[good, poor])])
    assert level("grades", evidence=case)[1].startswith("1 origin ")


def test_a_word_that_changes_holds_it_down_the_more_the_further_it_goes():
    assert level("stability", judged=word_for(0.2, 0.3))[0] == "high"
    assert level("stability", judged=word_for(0.5, 0.3)) == (
        "moderate",
        "its wording changes under 1 of 2 other readings, by one term",
    )
    assert level("stability", judged=word_for(0.6, 0.5)) == (
        "low",
        "its wording changes under 2 of 2 other readings, by up to 2 terms",
    )


def test_what_was_not_computed_is_not_taken_for_held():
    assert level("stability", judged=None) == (
        "moderate",
        "how far it moves under other readings was not looked at",
    )


def test_noise_of_the_computation_says_nothing_of_the_evidence():
    near = judged(replace(ANSWER, p=0.449, mcse=0.01), [], [])
    assert not near.stable
    assert level("stability", judged=near)[0] == "high"


@pytest.mark.parametrize(
    ("others", "rating"),
    [
        ((), "moderate"),
        ((another(0.44),), "high"),
        ((another(0.46),), "moderate"),
        ((another(0.56),), "low"),
        ((another(0.35), another(0.05, "v3")), "moderate"),
        ((another(None),), "moderate"),
        ((another(0.9, questions=({"id": "q", "kind": "stays", "until": "2026-01-01"},)),), "moderate"),
    ],
)
def test_versions_that_say_something_else_hold_it_down(others, rating):
    assert level("versions", others=others)[0] == rating


def test_a_gap_of_a_scale_is_one_term_from_its_neighbours():
    # 0.37 lies between unlikely and realistic possibility, 0.30 is unlikely, 0.22 lies below that
    found = confidence(RECORD, MANY, ANSWER, None, (another(0.37),), SCALES["phia"])
    assert "differ: v1 by 1 term" in next(one.text for one in found.reasons if one.rule == "versions")
    gap = replace(RECORD, answers=(replace(ANSWER, p=0.22),))
    found = confidence(gap, MANY, gap.answers[0], None, (another(0.37),), SCALES["phia"])
    assert next(one.level for one in found.reasons if one.rule == "versions") == "moderate"


def test_who_uses_no_evidence_has_no_confidence():
    assert (
        confidence(replace(RECORD, family="base-rate"), MANY, ANSWER, HELD).text == "low: this version uses no evidence"
    )
    assert confidence(RECORD, told(), ANSWER, HELD).text == "low: no evidence counts"


def test_a_closed_answer_has_none():
    with pytest.raises(ValueError, match="q is closed"):
        confidence(RECORD, MANY, replace(ANSWER, p=None), HELD)


def test_the_text_is_the_rating_with_what_decides_it():
    case = told(*["ann:B2"] * 6, *["bob:B2 cat:B2 dan:B2 eve:B2 fay:B2 gus:B2 hal:B2 ida:B2"] * 5)
    found = confidence(RECORD, case, ANSWER, HELD, AGREED)
    assert found.text == "moderate: 9 origins, but 6 of 11 events hang on one of them, ann"
    document = confidence_document(found)
    assert document["rating"] == "moderate"
    assert document["reasons"][0] == "9 origins, but 6 of 11 events hang on one of them, ann"
    assert [rule["level"] for rule in document["rules"]] == ["moderate", "high", "high", "high", "high"]


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
def test_no_reason_speaks_of_likelihood(scale):
    cases = [
        confidence(RECORD, case, ANSWER, judged(ANSWER, rows, [], scale), others, scale)
        for case in (MANY, told("a:F6"), told())
        for rows in ([], [LeftOut("origin", "a", 0.9, 0.0)], [LeftOut("origin", "a", 0.31, 0.0)])
        for others in ((), AGREED, (another(0.9),))
    ]
    terms = {term for one in SCALES.values() for band in one.bands for term in (band.term,)}
    for found in cases:
        assert not [term for term in terms for reason in found.reasons if term in reason.text]


GRADES = st.sampled_from(["A1", "B2", "C3", "D4", "E5", "F6", "A6"])
VOICES = st.dictionaries(st.sampled_from("abcdefghij"), GRADES, min_size=1, max_size=4)


def evidence_of(cases):
    return told(*(" ".join(f"{name}:{grade}" for name, grade in voices.items()) for voices in cases))


@given(cases=st.lists(VOICES, min_size=1, max_size=12), grade=GRADES, where=st.integers(0, 12), denies=st.booleans())
def test_one_more_independent_origin_never_lowers_it(cases, grade, where, denies):
    base = evidence_of(cases)
    voice = says("z", grade, denies=denies)
    events = list(base.events)
    if where < len(events):
        events[where] = replace(events[where], origins=(*events[where].origins, voice))
    else:
        events.append(event("ez", "attack", DAY, origins=[voice]))
    before = confidence(RECORD, base, ANSWER, HELD, AGREED)
    after = confidence(RECORD, replace(base, events=tuple(events)), ANSWER, HELD, AGREED)
    assert RATINGS.index(after.rating) >= RATINGS.index(before.rating)


@given(cases=st.lists(VOICES, min_size=1, max_size=8), others=st.lists(st.floats(0, 1), max_size=3), p=st.floats(0, 1))
def test_one_more_reading_under_which_the_word_changes_never_raises_it(cases, others, p):
    base = evidence_of(cases)
    fewer, more = word_for(*others), word_for(*others, p)
    ratings = [RATINGS.index(confidence(RECORD, base, ANSWER, one, AGREED).rating) for one in (fewer, more)]
    assert ratings[1] <= ratings[0]


@given(cases=st.lists(VOICES, min_size=1, max_size=8), order=st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_does_not_matter(cases, order):
    base = evidence_of(cases)
    events = list(base.events)
    order.shuffle(events)
    shuffled = confidence(RECORD, replace(base, events=tuple(events)), ANSWER, HELD, AGREED)
    assert shuffled == confidence(RECORD, base, ANSWER, HELD, AGREED)


def test_of_every_other_version_the_living_forecast_nearest_in_time_counts(tmp_path):
    with open_ledger(tmp_path / LEDGER_FILE, create=True) as ledger:

        def put(number, **changes):
            return ledger.append_forecast(forecast(number, **changes), evidence(), MODEL, allow_clock=True).id

        put(0)
        put(1, model="v0", family="base-rate")
        put(2, model="v1", as_of="2023-12-20")
        near = put(3, model="v1", as_of="2024-01-05")
        ledger.retract(put(4, model="v1", as_of="2024-01-07"), "a mistake", "2024-01-09T08:00:00+00:00")
        put(5, model="v3", as_of="2023-12-01")
        put(6, model="v4", scenario="another")
        put(7, model="v5", as_of="2024-01-08")  # knew what could not be known on the day
        put(8, model="v1", as_of="2024-01-08")
        found = other_versions(ledger, forecast(0))
        assert WITHIN_DAYS == 31
        assert [(one.model, one.as_of) for one in found] == [("v1", "2024-01-05")]
        assert ledger.entry(near).forecast in found
