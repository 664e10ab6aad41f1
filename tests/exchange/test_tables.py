"""Answers as tables: every value as recorded, in types that others read, and nothing that a spreadsheet runs."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import InputError, LedgerError
from forecast.exchange.selection import Chosen, chosen
from forecast.exchange.tables import COLUMNS, answer_rows, csv_bytes, json_bytes, parquet_bytes
from forecast.ledger.records import Entry
from forecast.scenario.cells import as_written, harmless

from ..ledger.samples import ANSWER, forecast

HOSTILE = '=HYPERLINK("http://x";A1)\u202e\x1b[2J, \'"\n\U0001f4a5'


def entry(**changes) -> Entry:
    record = forecast(**changes)
    return Entry("log", 1, "fc-aaaaaaaaaa", "", "", record.to_content())


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_every_recorded_answer_is_a_row_with_the_numbers_of_the_record(ledger):
    rows = answer_rows(chosen(ledger, ["toy"], retracted=True))

    recorded = [
        (e.id, a.question, a.outcome, a.p, a.mcse, a.low, a.high)
        for e in ledger.forecasts()
        for a in e.forecast.answers
    ]
    keys = ("forecast", "question", "outcome", "p", "mcse", "low", "high")
    assert sorted(tuple(str(row[key]) for key in keys) for row in rows) == sorted(
        tuple(map(str, row)) for row in recorded
    )
    assert {row["ends"] for row in rows if row["question"] == "meeting-2024"} == {"2024-12-31"}
    assert {row["words"] for row in rows if row["p"] is None} == {None}


def test_csv_json_and_parquet_say_the_same(ledger):
    selected = chosen(ledger, ["toy"])
    rows = answer_rows(selected)

    from_csv = [{name: as_written(cell) for name, cell in row.items()} for row in read(csv_bytes(selected))]
    assert [row["p"] for row in from_csv] == ["" if row["p"] is None else repr(row["p"]) for row in rows]
    assert [row["ask"] for row in from_csv] == [row["ask"] for row in rows]
    assert json.loads(json_bytes(selected))["answers"] == rows
    table = pyarrow.parquet.read_table(io.BytesIO(parquet_bytes(selected)))
    assert table.column_names == list(COLUMNS)
    assert table["p"].to_pylist() == [row["p"] for row in rows]
    assert table["as_of"].to_pylist() == [date.fromisoformat(row["as_of"]) for row in rows]
    assert table["made_at"].to_pylist()[0] == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert table["closed"].to_pylist() == [row["closed"] for row in rows]


@pytest.mark.parametrize("write", [csv_bytes, json_bytes], ids=lambda write: write.__name__)
def test_the_same_records_make_the_same_bytes(ledger, write):
    assert write(chosen(ledger, ["toy"])) == write(chosen(ledger, ["toy", "toy"]))


def test_retracted_forecasts_stay_behind_unless_asked_for(ledger):
    without, with_them = chosen(ledger, ["toy"]), chosen(ledger, ["toy"], retracted=True)

    assert without.left_out == {"the forecast was retracted": 9}
    assert {row["retracted"] for row in answer_rows(without)} == {None}
    assert [row["retracted"] for row in answer_rows(with_them)].count("coded twice") == 9
    assert with_them.left_out == {}


def test_live_and_replay_are_told_apart_and_can_be_had_alone(ledger):
    both, live = chosen(ledger, ["toy"]), chosen(ledger, ["toy"], kind="live")

    assert set(both.kinds()) == {"live", "replay"}
    assert {row["kind"] for row in answer_rows(live)} == {"live"}
    assert live.left_out["another kind of forecast than asked for"] == both.kinds()["replay"]


def test_a_reference_selects_a_question_and_an_outcome(ledger):
    rows = answer_rows(chosen(ledger, ["toy/regime-2025:fragile", "toy@latest/meeting-2024"]))

    assert {(row["question"], row["outcome"]) for row in rows} == {
        ("regime-2025", "fragile"),
        ("meeting-2024", "yes"),
        ("meeting-2024", "no"),
    }
    assert len({row["forecast"] for row in rows if row["question"] == "meeting-2024"}) == 1


def test_every_reference_that_names_nothing_is_an_error_with_what_there_is(ledger):
    with pytest.raises(InputError) as raised:
        chosen(ledger, ["tov", "toy/regime-2029", "toy/regime-2025:gone", "fc-zzzzzzzzzz"])

    messages = [str(finding) for finding in raised.value.findings()]
    assert [text.partition(".")[0] for text in messages[:3]] == [
        "no forecast of 'tov' is recorded; did you mean 'toy'?",
        "no recorded answer fits 'toy/regime-2029'",
        "no recorded answer fits 'toy/regime-2025:gone'",
    ]
    assert "outcomes durable, fragile" in messages[2]
    assert "fc-zzzzzzzzzz" in messages[3]


def test_a_spreadsheet_runs_nothing_of_what_a_record_says():
    record = entry(scenario="+1", answers=(replace(ANSWER, ask=HOSTILE, outcome="@SUM(A1)", question="-2+3"),))
    (row,) = read(csv_bytes(Chosen(((record, record.forecast.answers),), {})))

    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row.values())
    assert as_written(row["ask"]) == HOSTILE
    assert as_written(row["outcome"]) == "@SUM(A1)"


def test_hostile_texts_of_any_length_survive_parquet():
    asked = HOSTILE + "x" * 3_000_000
    record = entry(answers=(replace(ANSWER, ask=asked), replace(ANSWER, outcome="no", ask="")))
    content = parquet_bytes(Chosen(((record, record.forecast.answers),), {}))
    assert pyarrow.parquet.read_table(io.BytesIO(content))["ask"].to_pylist() == [asked, ""]


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r\n＝ a1")))
def test_every_text_comes_back_from_its_harmless_cell(text: str):
    cell = harmless(text)

    assert as_written(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))


def test_a_number_that_is_no_probability_is_refused(recorded):
    from forecast.ledger.store import LEDGER_FILE, open_ledger

    with open_ledger(recorded / LEDGER_FILE) as opened:
        from ..ledger.samples import evidence

        opened.append_forecast(forecast(answers=(replace(ANSWER, high=7.0),)), evidence(), allow_clock=True)
        with pytest.raises(LedgerError, match=r"fc-\w+: treaty-2024: yes: p, low, high are 0\.3\d*, 0.06, 7.0"):
            chosen(opened, ["dprk-russia"])
