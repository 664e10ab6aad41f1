"""Readers see labels; what has none gets the best name that the files allow, and `check` asks for it."""

from datetime import date
from pathlib import Path

import pytest

from forecast.scenario.check import check
from forecast.scenario.check_labels import label_findings
from forecast.scenario.labels import best_report, label_of, name_from_id, written_label
from forecast.scenario.read import read_scenario
from forecast.scenario.schema import GradeTable, Report
from forecast.scenario.workspace import scenario_names

WORKSPACE = Path(__file__).parents[2]
TODAY = date(2026, 12, 1)

KINDS = ("question", "indicator", "regime", "event", "condition", "origin", "source", "version")


#: Another report of the event S1: less probable, and known before the other one.
EARLIER = "{id: S4, event: S1, indicator: meeting, when: 2023-09-12, known: 2023-10-01, claim: Perhaps, grade: C3}"


def add(case, *reports):
    case.write("evidence", case.path("evidence").read_text() + "".join(f"  - {report}\n" for report in reports))


def remarks(case):
    return [(finding.level, finding.message) for finding in label_findings(case.read())]


@pytest.mark.parametrize(
    ("kind", "name", "label"),
    [
        ("question", "unbroken-2025", "Durable throughout 2024"),
        ("indicator", "threat", "Shared threat"),
        ("regime", "fragile", "Fragile"),
        ("origin", "wire", "A news agency"),
        ("version", "v1", "First model"),
    ],
)
def test_a_written_label_is_shown(case, kind, name, label):
    assert label_of(case.read(), kind, name) == label


@pytest.mark.parametrize("kind", KINDS)
def test_an_id_that_is_in_no_file_still_has_a_name(case, kind):
    assert label_of(case.read(), kind, "leaders_twice-2024") == "Leaders twice 2024"


def test_a_name_from_an_id_keeps_capitals_and_years():
    assert name_from_id("us-NIS_2024") == "Us NIS 2024"


def test_an_event_has_the_label_of_any_of_its_reports(case):
    add(case, "{id: S4, event: S1, label: Talks in May, indicator: meeting, when: 2023-09-12, claim: c, grade: C3}")
    assert label_of(case.read(), "event", "S1") == "Talks in May"


def test_an_event_without_a_label_has_the_claim_of_its_best_report(case):
    text = case.path("scenarios/grades/flat.yaml").read_text()
    case.write("scenarios/grades/flat.yaml", text.replace("B1: [3, 1]", "B1: [9, 1]"))
    add(case, EARLIER, "{id: S5, event: S1, indicator: meeting, when: 2023-09-12, denies: true, claim: No, grade: A1}")
    scenario = case.read()
    assert label_of(scenario, "event", "S1") == "The leaders met"


def test_a_claim_that_was_not_known_on_the_day_is_not_shown(case):
    add(case, EARLIER)
    scenario = case.read()
    assert label_of(scenario, "event", "S1", as_of=date(2023, 12, 1)) == "Perhaps"
    assert label_of(scenario, "event", "S1", as_of=date(2024, 1, 7)) == "The leaders met"
    assert label_of(scenario, "event", "S1", as_of=date(2023, 9, 30)) == "S1"


def report(name, **fields):
    return Report.model_validate(
        {"id": name, "event": "e", "indicator": "i", "when": "2023-01", "known": "2023-02-01", "source": "s"}
        | {"origin": "s", "claim": name, "grade": "B2"}
        | fields
    )


def test_the_best_report_is_the_most_probable_one_that_counts():
    cells = {f"{a}{b}": ["6" if b == "1" else "2", "2"] for a in "ABCDEF" for b in "123456"}
    grades = GradeTable.model_validate({"means": "m", "grades": cells})
    rows = [
        report("usual"),
        report("surest", grade="B1"),
        report("as-sure", grade="C1"),
        report("denial", denies="true", p_true=["0.98", "0.99"], grade=None),
        report("opinion", asserted_as="speculation", grade="A1"),
    ]
    best = best_report(rows, grades)
    assert best is not None
    assert best.id == "surest"
    assert best_report([*rows[:1], report("stated", p_true=["0.9", "0.95"], grade=None)], grades).id == "stated"
    assert best_report(rows[3:4], grades).id == "denial"
    assert best_report(rows[4:], grades) is None


def test_sources_are_named_by_title_and_publisher_and_origins_by_publisher(case):
    case.change("sources", "title: An article,", "title: An article, publisher: The Courier,")
    scenario = case.read()
    assert label_of(scenario, "source", "paper") == "An article (The Courier)"
    assert label_of(scenario, "origin", "paper") == "The Courier"
    assert label_of(scenario, "origin", "undated") == "A leaflet"


def test_a_sources_label_names_it_as_an_origin_too(case):
    case.change("sources", "title: An article,", "title: An article, label: The courier,")
    assert label_of(case.read(), "origin", "paper") == "The courier"


def test_a_version_may_call_a_regime_otherwise(case):
    case.write(
        "scenarios/toy/models/v2.yaml",
        "version: v2\nfamily: regime\nnotes: n\nreliability: flat\noverrides: {regimes: {durable: {label: Firm}}}\n",
    )
    scenario = case.read()
    assert label_of(scenario, "regime", "durable") == "Durable"
    assert label_of(scenario, "regime", "durable", version="v2") == "Firm"


@pytest.mark.parametrize(
    ("label", "message"),
    [("x" * 81, "the label has 81 characters"), ('"two\\nlines"', "the label has several lines"), ('""', "no value")],
)
def test_a_label_is_one_short_line(case, label, message):
    assert message in case.error(("model", "label: First model", f"label: {label}")).message


def test_labels_in_csv_evidence_are_read(case):
    case.write(
        "csv",
        "id,event,label,indicator,when,source,claim,grade\nC1,e,Talks,meeting,2023-09,paper,c,B2\n",
    )
    assert label_of(case.read(), "event", "e") == "Talks"


def test_missing_labels_are_one_note_for_each_kind(case):
    for old in ("label: Regime in January 2025, ", "label: The leaders meet in 2024, "):
        case.change("scenario", old, "")
    case.change("codebook", "    label: Public quarrel\n", "")
    case.change("scenario", "origins: {wire: {label: A news agency}}\n", "")
    assert remarks(case) == [
        ("note", "2 of 3 questions have no `label`: regime-2025, meeting-2024"),
        ("note", "1 of 3 indicators has no `label`: dispute"),
        ("note", "1 of 2 origins has no `label`: wire"),
    ]


def test_the_note_stands_where_the_first_label_is_missing(case):
    case.change("scenario", "label: The leaders meet in 2024, ", "")
    (finding,) = label_findings(case.read())
    assert (finding.file, finding.key) == ("scenarios/toy/scenario.yaml", "questions.meeting-2024.label")
    assert "label:" in (finding.accepted or "")


def test_an_event_is_asked_for_a_label_only_where_its_claim_is_too_long(case):
    case.change("evidence", "claim: The leaders met", "claim: " + "The leaders met. " * 6)
    ((level, message),) = remarks(case)
    assert level == "note"
    assert message.startswith("1 of 1 events has no `label`: S1; without one the claim is shown")


def test_two_things_of_one_name_are_a_warning(case):
    case.change("codebook", "label: Public quarrel", "label: meeting of Leaders")
    ((level, message),) = remarks(case)
    assert level == "warning"
    assert "indicators 'meeting' and 'dispute' have the same label" in message


def test_two_labels_of_one_event_are_a_warning(case):
    case.change("evidence", "claim: The leaders met", "claim: The leaders met\n    label: Talks")
    add(case, "{id: S4, event: S1, label: A quarrel, indicator: meeting, when: 2023-09-12, claim: c, grade: C3}")
    ((level, message),) = remarks(case)
    assert level == "warning"
    assert "another label of event 'S1' than the one shown, 'Talks'" in message


def test_a_label_for_an_origin_that_no_report_has_is_a_note(case):
    case.change("scenario", "{wire: {", "{wires: {label: Wires}, wire: {")
    assert remarks(case) == [("note", "`origins` labels what no report has as its origin: wires")]


@pytest.mark.parametrize("name", scenario_names(WORKSPACE))
def test_shipped_scenarios_label_everything_that_readers_meet(name):
    scenario = read_scenario(WORKSPACE, name)
    assert [finding for finding in check(scenario, TODAY) if "label" in finding.message] == []
    events = {report.event for report in scenario.reports if report.counts}
    assert [event for event in sorted(events) if not written_label(scenario, "event", event)] == []
