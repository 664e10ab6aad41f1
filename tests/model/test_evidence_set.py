"""From reports to events, and what makes two sets of evidence the same."""

from datetime import date, timedelta

import pytest

from forecast.canonical import canonical_json
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_identity, evidence_set, from_content, to_content
from forecast.model.version import settings
from forecast.scenario.schema import Family

from ..builders import make_codebook, make_report, make_scenario, random_case

AS_OF = date(2023, 9, 30)
WATCH = {"from": date(2023, 4, 1), "to": None, "detection": (0.5, 0.9), "lag_days": (1.0, 14.0)}
RECORD = [
    {"id": "q", "ask": "?", "kind": "occurs", "indicator": "visit", "between": (date(2023, 5, 1), date(2024, 5, 1))}
]


def evidence_of(*reports, as_of=AS_OF, version="v1", **fields):
    scenario = make_scenario(reports=reports, **fields)
    return evidence_set(snapshot(scenario, version, as_of), scenario.start, settings(scenario, version))


def identity_of(*reports, **fields):
    return evidence_identity(evidence_of(*reports, **fields))


def the_event(*reports, **fields):
    [event] = evidence_of(*reports, **fields).events
    return event


@pytest.mark.parametrize("seed", range(5))
def test_a_set_is_read_back_from_its_content_as_it_was(seed):
    evidence = random_case(seed).evidence
    assert from_content(to_content(evidence)) == evidence
    assert evidence_identity(from_content(to_content(evidence))) == evidence_identity(evidence)


def test_content_is_plain_json():
    assert canonical_json(to_content(random_case(1).evidence))


def test_what_is_not_a_set_is_refused():
    with pytest.raises(KeyError, match="start"):
        from_content({})


def test_reports_of_one_event_are_one_event():
    event = the_event(
        make_report("a", event="raid", origin="x"), make_report("b", event="raid", origin="y", known=date(2023, 4, 1))
    )
    assert [origin.origin for origin in event.origins] == ["x", "y"]
    assert event.known == date(2023, 3, 1)


def test_a_copy_from_the_same_origin_changes_nothing():
    one = make_report("a", event="raid", origin="x")
    copy = make_report("b", event="raid", origin="x", source="other")
    assert identity_of(one, copy) == identity_of(one)


def test_an_origins_latest_stance_and_grade_count():
    early = make_report("a", event="raid", origin="x", grade="B2")
    late = make_report("b", event="raid", origin="x", grade="C3", denies=True, known=date(2023, 5, 1))
    [voice] = the_event(early, late).origins
    assert (voice.denies, voice.grade) == (True, "C3")
    [voice] = the_event(early, late, as_of=date(2023, 4, 30)).origins
    assert (voice.denies, voice.grade) == (False, "B2")


def test_a_withdrawn_report_gives_way_to_what_its_origin_said_before():
    early = make_report("a", event="raid", origin="x", grade="B2")
    withdrawn = {"on": date(2023, 6, 1), "reason": "an error"}
    late = make_report("b", event="raid", origin="x", denies=True, known=date(2023, 5, 1), withdrawn=withdrawn)
    assert identity_of(early, late) == identity_of(early)


def test_the_narrowest_date_counts():
    wide = make_report("a", event="raid", when=(date(2023, 3, 1), date(2023, 3, 31)))
    narrow = make_report("b", event="raid", origin="y", when=date(2023, 3, 10), known=date(2023, 5, 1))
    event = the_event(wide, narrow)
    assert (event.first, event.last) == (date(2023, 3, 10), date(2023, 3, 10))


def test_a_date_ends_where_it_was_known():
    event = the_event(make_report("a", when=(date(2023, 1, 1), date(2023, 12, 31)), known=date(2023, 5, 17)))
    assert (event.first, event.last) == (date(2023, 1, 1), date(2023, 5, 17))


def test_a_revision_replaces_grade_by_p_true_from_its_day_on():
    report = make_report("a", revised=[{"on": date(2023, 6, 1), "p_true": (0.8, 0.9), "reason": "confirmed"}])
    [before] = the_event(report, as_of=date(2023, 5, 31)).origins
    [after] = the_event(report, as_of=date(2023, 6, 1)).origins
    assert (before.grade, before.p_true) == ("B2", None)
    assert (after.grade, after.p_true) == (None, (0.8, 0.9))


def test_what_does_not_count_is_no_evidence():
    speculation = make_report("b", event="raid", origin="y", asserted_as="speculation")
    unused = make_report("c", use=False, reason="restates the hypothesis")
    assert identity_of(make_report("a"), speculation, unused) == identity_of(make_report("a"))


def test_the_base_rate_family_sees_no_evidence_and_keeps_watches_as_instruments():
    codebook = make_codebook(watches={"attack": [WATCH]})
    evidence = evidence_of(make_report("a"), codebook=codebook, families={"v0": "base-rate"}, version="v0")
    assert (evidence.events, evidence.watches) == ((), ())
    [instrument] = evidence.instruments
    assert (instrument.indicator, instrument.until) == ("attack", None)


def test_static_and_regime_models_see_the_same_evidence():
    families = {"v1": "static", "v2": "regime"}
    codebook = make_codebook(watches={"attack": [WATCH]})
    both = [evidence_of(make_report("a"), codebook=codebook, families=families, version=v) for v in families]
    assert both[0] == both[1]
    assert set(families.values()) < {family.value for family in Family}


def test_a_watch_ends_with_the_search_with_itself_and_with_the_as_of_date():
    for to, searched, expected in [
        (None, date(2023, 12, 31), AS_OF),
        (None, date(2023, 7, 1), date(2023, 7, 1)),
        (date(2023, 5, 1), date(2023, 12, 31), date(2023, 5, 1)),
    ]:
        codebook = make_codebook(watches={"attack": [{**WATCH, "to": to}]})
        [watch] = evidence_of(codebook=codebook, searched_until=searched).watches
        assert watch.until == expected


@pytest.mark.parametrize("begins", [date(2023, 11, 1), date(2023, 9, 20)])
def test_a_watch_in_which_nobody_has_searched_yet_is_an_instrument_of_questions_by_the_record(begins):
    codebook = make_codebook(watches={"visit": [{**WATCH, "from": begins}], "attack": [{**WATCH, "from": begins}]})
    evidence = evidence_of(codebook=codebook, questions=RECORD, searched_until=date(2023, 9, 10))
    assert evidence.watches == ()
    assert [watch.indicator for watch in evidence.instruments] == ["visit"]


@pytest.mark.parametrize(
    "wording",
    [
        {"claim": "other words"},
        {"quote": "verbatim"},
        {"note": "a trap"},
        {"coded_by": "zz"},
        {"coded_on": date(2024, 1, 1)},
        {"speaker": "a minister"},
        {"asserted_as": "official-claim"},
        {"source": "another"},
    ],
)
def test_wording_and_coder_are_no_part_of_the_identity(wording):
    assert identity_of(make_report("a", **wording)) == identity_of(make_report("a"))


def test_the_order_of_reports_is_no_part_of_the_identity():
    reports = [make_report("a", event="raid", origin="x"), make_report("b", event="raid", origin="y"), make_report("c")]
    assert identity_of(*reports) == identity_of(*reports[::-1])


@pytest.mark.parametrize(
    "change",
    [
        {"grade": "B3"},
        {"p_true": (0.5, 0.9)},
        {"denies": True},
        {"origin": "other"},
        {"when": date(2023, 3, 2), "known": date(2023, 3, 2)},
        {"when": (date(2023, 2, 20), date(2023, 3, 1))},
        {"indicator": "visit"},
        {"event": "another"},
    ],
)
def test_what_the_model_sees_is_the_identity(change):
    assert identity_of(make_report("a", **change)) != identity_of(make_report("a"))


def test_exposure_is_part_of_the_identity():
    base = {"codebook": make_codebook(watches={"attack": [WATCH]})}
    same = identity_of(**base)
    assert identity_of(**base, as_of=AS_OF - timedelta(days=1)) != same
    assert identity_of(**base, searched_until=date(2023, 9, 1)) != same
    for change in ({"detection": (0.6, 0.9)}, {"lag_days": (1.0, 20.0)}, {"from": date(2023, 4, 2)}):
        assert identity_of(codebook=make_codebook(watches={"attack": [{**WATCH, **change}]})) != same
