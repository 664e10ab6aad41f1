"""What survives being written and read."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.canonical import canonical_json
from forecast.errors import LedgerError
from forecast.ledger.records import Answer, Entry, Evidence, Forecast, Retraction, content_id, made_at_instant

from .samples import ANSWER, forecast

PROBABILITY = st.none() | st.floats(0, 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.builds(Answer, TEXT, TEXT, TEXT, TEXT, *[PROBABILITY] * 4, st.booleans(), st.none() | TEXT), TEXT)
def test_every_text_and_every_float_comes_back_the_same(answer: Answer, title: str) -> None:
    written = forecast(answers=(answer,), title=title)
    text = canonical_json(written.to_content())
    assert Forecast.from_content(json.loads(text)) == written
    assert canonical_json(json.loads(text)) == text


def test_keys_of_a_later_version_survive_reading_and_writing() -> None:
    content = forecast().to_content() | {"weather": {"in": ["Pyongyang"]}}
    content["answers"][0]["elpd"] = -1.5
    read = Forecast.from_content(content)
    assert read.extra == {"weather": {"in": ["Pyongyang"]}}
    assert read.to_content() == content
    for record in (Evidence("i", {}, {"new": 1}), Retraction("fc-a", "why", "2024-01-01T00:00:00Z", {"new": 1})):
        assert type(record).from_content(record.to_content()) == record


def test_the_id_follows_the_content_and_the_prefix_the_type() -> None:
    ids = [content_id({"type": kind}) for kind in ("forecast", "evidence", "retraction")]
    assert [name[:3] for name in ids] == ["fc-", "ev-", "re-"]
    assert all(len(name) == 13 for name in ids)
    assert content_id(forecast(0).to_content()) != content_id(forecast(1).to_content())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "draft"}, "kind is 'draft'. Accepted: live, replay"),
        ({"as_of": "20240107"}, "as_of is '20240107'. Accepted: YYYY-MM-DD"),
        ({"as_of": "2024-02-30"}, "as_of is '2024-02-30'. Accepted: YYYY-MM-DD"),
        ({"answers": [ANSWER.to_content() | {"p": 1.5}]}, r"an answer has p=1\.5\. Accepted: 0 to 1"),
        ({"made_at": "2024-01-07T12:00:00"}, "made_at is '2024-01-07T12:00:00'. Accepted: an instant in UTC"),
        ({"made_at": "2024-01-07T12:00:00+01:00"}, "Accepted: an instant in UTC"),
        ({"seed": "7"}, "has seed='7', of type str"),
        ({"answers": ["yes"]}, "an answer is 'yes'. Accepted: a JSON object"),
    ],
)
def test_what_a_forecast_cannot_be_is_said(changes: dict[str, object], message: str) -> None:
    with pytest.raises(LedgerError, match=message):
        Forecast.from_content(forecast().to_content() | changes)


def test_a_missing_key_is_named() -> None:
    content = ANSWER.to_content()
    del content["low"]
    with pytest.raises(LedgerError, match="an answer lacks 'low'"):
        Answer.from_content(content)


def test_instants_with_and_without_fractions_are_in_order() -> None:
    texts = ["2024-01-07T12:00:00Z", "2024-01-07T12:00:00.5+00:00", "2024-01-07T12:00:01+00:00"]
    assert sorted(texts, key=made_at_instant) == texts


def test_only_a_forecast_is_read_as_one() -> None:
    entry = Entry("log", 1, "ev-a", "", "", Evidence("i", {}).to_content())
    with pytest.raises(LedgerError, match="ev-a is no forecast"):
        _ = entry.forecast
    assert replace(entry, content=forecast().to_content()).forecast == forecast()


@pytest.mark.parametrize(
    ("kind", "outcome", "expected"),
    [("state", "durable", True), ("stays", "yes", True), ("stays", "no", False), ("occurs", "no", False)],
)
def test_all_regimes_are_listed_and_of_two_outcomes_yes(kind: str, outcome: str, expected: bool) -> None:
    assert replace(ANSWER, kind=kind, outcome=outcome).is_shown is expected
