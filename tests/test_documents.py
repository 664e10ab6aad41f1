"""The documents that commands print: a published example from files to the printed number, and rows of a history."""

from datetime import date
from pathlib import Path

import pytest

from forecast.cli.output import print_csv
from forecast.documents.check import check_document
from forecast.documents.history import history_rows
from forecast.documents.show import show_document
from forecast.documents.update import update_document
from forecast.ledger.records import Entry, Retraction
from forecast.scenario.read import read_scenario

from .ledger.samples import ANSWER, forecast
from .workspaces import DAY, add_report, edit, forecast_toy, write_scenarios, write_toy

#: CIA, Studies in Intelligence 20(2), 'Bayesian Analysis for Intelligence: Some Focus on the Middle East': prior .1 and
#: .9, likelihood .99 and .80 of what the Finance Minister said; printed posterior .12, exactly 0.099 / 0.819.
PUBLISHED = 0.1208791208791209

WORKED = {
    "codebooks/israel.yaml": """\
regimes:
  offensive: {means: a major offensive is planned, prior: 0.1, stays: {years: [1, 2]}}
  none: {means: it is not, prior: 0.9, stays: {years: [1, 2]}}
indicators:
  war-economy:
    kind: condition
    means: the economy is called one of war and scarcity
    holds: {offensive: [0.99, 0.99], none: [0.80, 0.80]}
""",
    "toy/scenario.yaml": """\
id: toy
title: Israel and Syria, 1976
codebook: israel
start: 1976-01-01
questions:
  - {id: offensive, ask: Is an offensive planned?, kind: state, on: 1976-02-01}
default_model: v1
""",
    "toy/models/v1.yaml": "version: v1\nfamily: static\nnotes: Bayes' rule\ntau: 1\n",
    "toy/sources.yaml": "minister: {title: The Finance Minister, published: 1976-01-10}\n",
    "toy/evidence/reports.yaml": """\
reports:
  - {id: E1, indicator: war-economy, when: 1976-01-10, source: minister, claim: An economy of war and scarcity.,
     asserted_as: fact, p_true: [1, 1]}
""",
}


@pytest.fixture
def worked(tmp_path: Path) -> Path:
    return write_scenarios(tmp_path, WORKED)


def test_a_published_example_gives_its_published_number(worked: Path) -> None:
    document = update_document(forecast_toy(worked, made_on=date(1976, 1, 15)))
    p = {answer["outcome"]: answer["p"] for answer in document["answers"]}
    assert p["offensive"] == pytest.approx(PUBLISHED, rel=1e-12)
    assert p["none"] == pytest.approx(1 - PUBLISHED, rel=1e-12)
    assert {answer["words"] for answer in document["answers"]} == {"very unlikely", "very likely"}


def test_a_report_that_is_certain_is_shown_as_real(worked: Path) -> None:
    (row,) = show_document(read_scenario(worked, "toy"), date(1976, 1, 15), "v1")["evidence"]
    assert row["counted"]
    assert row["real"] == pytest.approx(1.0, abs=1e-12)


def test_an_event_is_the_more_real_the_better_its_grade(tmp_path: Path) -> None:
    document = show_document(read_scenario(write_toy(tmp_path), "toy"), DAY, "v1")
    real = {row["report"]: row["real"] for row in document["evidence"]}
    assert real["R4"] is None
    assert 1 > real["R1"] > real["R3"] > real["R2"] > 0  # B1, B2, C3


def test_indicators_count_their_events_and_name_their_watches(tmp_path: Path) -> None:
    document = show_document(read_scenario(write_toy(tmp_path), "toy"), DAY, "v1")
    rows = {row["indicator"]: row for row in document["indicators"]}
    assert {name: row["events"] for name, row in rows.items()} == {"meeting": 1, "dispute": 1, "threat": 1}
    assert rows["meeting"]["watches"] == [{"from": "2024-01-01", "until": "2024-02-01"}]


# --- history --------------------------------------------------------------------------------------------------------


def entry(number: int, as_of: str, made_at: str = "2024-02-01T12:00:00+00:00", retracted: bool = False) -> Entry:
    no = {"outcome": "no", "p": 0.7}
    answers = (ANSWER, type(ANSWER)(**{name: getattr(ANSWER, name) for name in ANSWER.__slots__} | no))
    content = forecast(number, as_of=as_of, made_at=made_at, answers=answers).to_content()
    reason = Retraction("", "coded wrongly", made_at) if retracted else None
    return Entry("log", number, f"fc-{number}", "", "", content, reason)


def test_rows_are_in_the_order_of_their_days_then_of_their_making() -> None:
    late = entry(1, "2024-01-09")
    again, first = entry(2, "2024-01-07", "2024-03-01T00:00:00+00:00"), entry(3, "2024-01-07")
    assert [row["forecast"] for row in history_rows([late, again, first])] == ["fc-3", "fc-2", "fc-1"]


def test_of_two_outcomes_one_is_listed_unless_the_other_is_asked_for() -> None:
    entries = [entry(1, "2024-01-07")]
    assert [row["outcome"] for row in history_rows(entries)] == ["yes"]
    assert [row["outcome"] for row in history_rows(entries, "treaty-2024", "no")] == ["no"]
    assert history_rows(entries, "another") == []


def test_a_retracted_forecast_says_so() -> None:
    rows = history_rows([entry(1, "2024-01-07", retracted=True), entry(2, "2024-01-08")])
    assert [row["retracted"] for row in rows] == ["coded wrongly", None]


def test_base_rates_that_drown_a_stated_range_are_a_warning(tmp_path: Path) -> None:
    write_toy(tmp_path)
    drowning = (
        "base_rates:\n  - {id: pacts, about: durable, endings: 100, years_at_risk: 4000, relevance: 1, dataset: d,"
        " filter: f, source: s}\ndefault_model: v1\n"
    )
    edit(tmp_path, "toy/scenario.yaml", "default_model: v1\n", drowning)
    document = check_document(read_scenario(tmp_path, "toy"), [])
    (finding,) = document["findings"]
    assert finding["level"] == "warning"
    assert finding["message"].startswith("the base rates about 'durable' outweigh its range of mean stays")
    assert (finding["file"], finding["line"]) == ("scenarios/toy/scenario.yaml", 15)
    assert document["ok"]


def test_text_that_a_spreadsheet_would_run_is_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    print_csv([{"claim": "=cmd|' /C calc'!A0", "p": -0.5}, {"claim": "plain, with a comma", "p": None}])
    assert capsys.readouterr().out == "claim,p\n'=cmd|' /C calc'!A0,-0.5\n\"plain, with a comma\",\n"


@pytest.mark.parametrize(("grade", "says_nothing"), [("B4", True), ("F6", True), ("E5", True), ("B3", False)])
def test_a_denial_that_weighs_nothing_is_a_note(tmp_path: Path, grade: str, says_nothing: bool) -> None:
    write_toy(tmp_path)
    add_report(
        tmp_path,
        "id: R5, indicator: meeting, event: summit, when: 2023-05-04, known: 2024-01-12, claim: They did not., "
        f"asserted_as: fact, denies: true, origin: ministry, grade: {grade}",
    )
    scenario = read_scenario(tmp_path, "toy")
    document = check_document(scenario, [])
    real = {row["report"]: row["real"] for row in show_document(scenario, DAY, "v1")["evidence"]}
    without = {
        row["report"]: row["real"]
        for row in show_document(read_scenario(write_toy(tmp_path / "without"), "toy"), DAY, "v1")["evidence"]
    }
    assert (real["R1"] == without["R1"]) == says_nothing
    if not says_nothing:
        assert document["findings"] == []
        return
    (finding,) = document["findings"]
    assert (finding["level"], finding["found"]) == ("note", grade)
    assert finding["message"].startswith("report R5: it denies, but its grade is not above F6")
    lines = (tmp_path / "scenarios/toy/evidence/reports.yaml").read_text().splitlines()
    assert finding["file"] == "scenarios/toy/evidence/reports.yaml"
    assert "id: R5" in lines[finding["line"] - 1]
