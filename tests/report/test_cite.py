"""References say what was asked and answered, when, by which model, and where it is recorded."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.ledger.store import Head, Ledger, open_ledger
from forecast.report.cite import STYLES, bibtex, csl_json, text
from forecast.report.named import Named, named

from .conftest import ANSWERS, BASIS, answer, fill, made

#: Variables of an item in the published schema of CSL-JSON (csl-data.json, version 1.0.2) that are used here.
CSL = {"id", "type", "title", "issued", "genre", "number", "version", "source", "archive", "archive_location", "note"}

HOSTILE = "50% of {A & B_1 #2 \\input{x} $e^~ <b>\u202e\x1b[31m\n\nend"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "ledger.db", create=True) as opened:
        fill(opened)
        yield opened


def find(ledger: Ledger, ref: str) -> Named:
    return named(ledger, ref, lambda _: None, whole=True)


def test_a_reference_in_words_names_everything(ledger: Ledger) -> None:
    found = find(ledger, "dprk-russia/regime-2025:durable")
    head = ledger.head()
    assert text(found, head) == (
        "Durability of the DPRK–Russia alignment. What of regime-2025? durable: 0.41 (0.21-0.71 if rates were known; "
        "unlikely, ICD 203). As of 2024-01-07, made 2024-01-07T12:00:02+00:00, model v2 (regime), live. "
        f"Forecast {found.entry.id}, made with forecast 0.1.0. Log {head.log}, record 3, head {head.hash[:16]}."
    )


def test_a_whole_forecast_and_a_closed_question_can_be_cited(ledger: Ledger) -> None:
    whole = text(find(ledger, "dprk-russia"), ledger.head())
    assert "What of" not in whole
    assert "What of visit-2023? Closed: resolved as yes." in text(find(ledger, "dprk-russia/visit-2023"), ledger.head())


@pytest.mark.parametrize(
    ("outcome", "resolved", "said"),
    [
        ("no", "no", "Closed: resolved as no."),
        ("durable", "durable", "Closed: resolved as durable."),
        ("unresolved", None, "Closed: over, and not resolved by then."),
    ],
)
def test_a_closed_question_is_cited_without_naming_how_it_ended(
    ledger: Ledger, outcome: str, resolved: str | None, said: str
) -> None:
    closed = (answer("old", outcome, None, resolved=resolved),)
    entry = ledger.append_forecast(made(8, answers=closed, made_at="2024-01-08T12:00:00+00:00"), BASIS)
    found = text(find(ledger, f"{entry.id}/old"), ledger.head())
    assert f"What of old? {said} As of" in found


def test_a_reference_found_in_an_imported_log_names_no_head_of_another(ledger: Ledger) -> None:
    assert "head" not in text(find(ledger, "dprk-russia"), Head("other", "f" * 64))


@pytest.mark.parametrize("style", STYLES)
def test_a_retracted_forecast_says_so(ledger: Ledger, style: str) -> None:
    forecast = find(ledger, "dprk-russia").entry.id
    ledger.retract(forecast, "a slip", "2024-02-02T12:00:00+00:00")
    assert "RETRACTED on 2024-02-02: a slip" in STYLES[style](find(ledger, forecast), ledger.head())


def hostile(ledger: Ledger) -> Named:
    asked = (replace(ANSWERS[0], ask=HOSTILE),)
    entry = ledger.append_forecast(
        made(7, title=HOSTILE, answers=asked, as_of="2024-02-01", made_at="2024-02-01T12:00:00+00:00"), BASIS
    )
    return find(ledger, f"{entry.id}/regime-2025:durable")


def test_a_hostile_title_is_text_in_bibtex(ledger: Ledger) -> None:
    """What is left without escapes has balanced braces and none of TeX's signs."""
    written = bibtex(hostile(ledger), ledger.head())
    key, body = written.split(",", 1)
    assert re.fullmatch(r"@misc\{[A-Za-z0-9:.-]+", key)
    assert "\u202e" not in written
    assert "\x1b" not in written
    title = re.search(r"  title = \{\{(.*)\}\},\n", body)
    assert title is not None
    bare = re.sub(r"\\text[a-z]+\{\}|\\[$&#%_]", "", title[1])
    assert not set(bare) & set('\\{}$&#%_^~<>"')
    assert body.count("\n  ") == 6
    assert written.count("{") == written.count("}")


def test_csl_json_is_one_item_with_variables_of_the_schema(ledger: Ledger) -> None:
    for found in (find(ledger, "dprk-russia"), hostile(ledger)):
        (item,) = json.loads(csl_json(found, ledger.head()))
        assert item.keys() == CSL
        assert item["type"] == "dataset"
        assert item["issued"]["date-parts"][0][0] == 2024
        assert all(isinstance(value, str) for key, value in item.items() if key != "issued")
        assert "\u202e" not in item["title"]


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("dprk-rusia", "no forecast of 'dprk-rusia' is recorded; did you mean 'dprk-russia'?"),
        ("fc-zzzz", "is in no log"),
        ("dprk-russia/none", "has no question 'none'"),
        ("dprk-russia/regime-2025", "more than two outcomes"),
        ("dprk russia", "names nothing"),
    ],
)
def test_what_is_not_on_record_cannot_be_cited(ledger: Ledger, ref: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        find(ledger, ref)


def test_where_every_forecast_was_retracted_there_is_no_latest(ledger: Ledger) -> None:
    for entry in list(ledger.forecasts()):
        ledger.retract(entry.id, "a slip", "2024-02-02T12:00:00+00:00")
    with pytest.raises(InputError, match="every forecast of 'dprk-russia' was retracted"):
        find(ledger, "dprk-russia")


def test_a_live_forecast_is_the_latest_before_a_replay_of_a_later_day(ledger: Ledger) -> None:
    before = find(ledger, "dprk-russia").entry.id
    ledger.append_forecast(made(8, kind="replay", as_of="2024-03-01", made_at="2024-04-01T12:00:00+00:00"), BASIS)
    assert find(ledger, "dprk-russia").entry.id == before
