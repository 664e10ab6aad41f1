"""Rules over several entries: each breach is one error, at its place, with what would be right."""

from datetime import date

import pytest

from forecast.scenario.rules_evidence import n_steps
from forecast.scenario.schema import Step


def test_an_unknown_key_is_named_with_the_nearest(case):
    error = case.error(("evidence", "    grade: B1\n", "    grade: B1\n    asserted: fact\n"))
    assert (error.line, error.key, error.found) == (8, "reports.S1.asserted", "asserted")
    assert "did you mean 'asserted_as'?" in error.message
    assert "asserted_as" in error.accepted


def test_a_misspelt_indicator_is_named_with_the_nearest(case):
    error = case.error(("evidence", "indicator: meeting", "indicator: meetting"))
    assert (error.line, error.key, error.found) == (4, "reports.S1.indicator", "meetting")
    assert "did you mean 'meeting'?" in error.message


def test_a_misspelt_source_is_named_with_the_nearest(case):
    error = case.error(("evidence", "source: paper", "source: papper"))
    assert (error.line, error.key) == (1, "defaults.source")
    assert "did you mean 'paper'?" in error.message


def test_a_duplicate_report_id_is_an_error_also_across_files(case):
    case.write("csv", "id,source,claim,asserted_as\nS1,paper,x,background\n")
    error = case.errors()[0]
    assert (error.file, error.line) == ("scenarios/toy/evidence/sheet.csv", 2)
    assert "scenarios/toy/evidence/paper.yaml:3 has it" in error.message


def test_a_duplicate_question_id_is_an_error(case):
    assert case.error(("scenario", "id: unbroken-2025", "id: regime-2025")).line == 13


def test_an_impossible_date_is_an_error(case):
    error = case.error(("evidence", "when: 2023-09-12", "when: 2023-02-30"))
    assert (error.line, error.found) == (5, "2023-02-30")
    assert "YYYY-MM-DD" in error.accepted


def test_a_range_upside_down_is_an_error(case):
    error = case.error(("codebook", "{durable: [1, 3], fragile: [0.1, 0.5]}", "{durable: [3, 1], fragile: [0.1, 0.5]}"))
    assert "upside down: 3 is above 1" in error.message
    assert (error.line, error.key) == (10, "indicators.meeting.per_year.durable")


@pytest.mark.parametrize(
    "values", ["[0, 0.5]", "[0.5, 1]", "[0.5]", "[0.1, 0.2, 0.3]", "0.5", "[a, b]", "[nan, 0.5]", "[]"]
)
def test_a_probability_range_that_cannot_be_is_an_error(case, values):
    assert case.error(("codebook", "[0.6, 0.9]", values)).key == "indicators.threat.holds.durable"


def test_priors_that_do_not_sum_to_one_are_an_error(case):
    error = case.error(("codebook", "prior: 0.5, stays: {years: [2", "prior: 0.4, stays: {years: [2"))
    assert "sum to 0.9" in error.message
    assert (error.file, error.line) == ("scenarios/codebooks/alliance.yaml", 1)


def test_decimal_fractions_that_sum_to_one_only_on_paper_are_accepted(case):
    case.change("codebook", "prior: 0.5, stays: {years: [2", "prior: 0.1, stays: {years: [2")
    case.change("codebook", "prior: 0.5, stays", "prior: 0.2, stays")
    case.change("codebook", "indicators:", "  third: {means: x, prior: 0.7, stays: {years: [1, 2]}}\nindicators:")
    text = case.path("codebook").read_text().replace("fragile: [", "third: [0.1, 0.2], fragile: [")
    case.write("codebook", text)
    assert len(case.read().codebook.regimes) == 3


def test_an_indicator_without_a_range_for_a_regime_is_an_error(case):
    error = case.error(
        ("codebook", "holds: {durable: [0.6, 0.9], fragile: [0.2, 0.5]}", "holds: {durable: [0.6, 0.9]}")
    )
    assert "'threat' has no range for fragile" in error.message


def test_an_indicator_with_a_range_for_an_unknown_regime_is_an_error(case):
    errors = case.errors(("codebook", "{durable: [0.6, 0.9], fragile", "{durable: [0.6, 0.9], fragil"))
    assert [error.message for error in errors] == [
        "'threat' has no range for fragile",
        "there is no regime 'fragil'; did you mean 'fragile'?",
    ]


def test_a_misspelt_indicator_in_the_scenarios_changes_is_an_error(case):
    error = case.error(("indicators", "  meeting:", "  meting:"))
    assert (error.file, error.line) == ("scenarios/toy/indicators.yaml", 2)
    assert "did you mean 'meeting'?" in error.message


def test_a_misspelt_indicator_in_the_overrides_is_an_error(case):
    error = case.error(("model", "told:", "overrides: {indicators: {meting: {per_year: {durable: [1, 2]}}}}\ntold:"))
    assert (error.file, error.key) == ("scenarios/toy/models/v1.yaml", "overrides.indicators.meting")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("codebook", "goes_to: {fragile: 1}", "goes_to: {durable: 1}"), "'durable' goes to itself"),
        (("codebook", "goes_to: {fragile: 1}", "goes_to: {fragile: 1, x: 1}"), "there is no regime 'x'"),
        (("scenario", "in: [durable]", "in: [durable, fragile]"), "about all regimes"),
        (("scenario", "in: [durable]", "in: [durable, durable]"), "stands here twice"),
        (("scenario", "in: [durable]", "in: [durabel]"), "did you mean 'durable'?"),
        (("scenario", "indicator: meeting", "indicator: threat"), "'threat' is a condition"),
        (("scenario", "indicator: meeting", "indicator: meetings"), "did you mean 'meeting'?"),
        (("scenario", "between: [2024-01-01", "between: [2021-01-01"), "before the scenario's start"),
        (("scenario", "on: 2025-01-07}", "on: 2021-01-07}"), "before the scenario's start"),
        (("scenario", "from: 2024-01-01", "from: 2021-01-01"), "before the scenario's start"),
        (("scenario", "from: 2024-01-01", "from: 2025-01-07"), "is not after from"),
        (("scenario", "between: [2024-01-01, 2024-12-31]", "between: [2024-12-31, 2024-01-01]"), "upside down"),
        (("scenario", "kind: state", "kind: sate"), "no kind that is known"),
        (("scenario", "about: durable", "about: durabel"), "did you mean 'durable'?"),
        (("scenario", "default_model: v1", "default_model: v2"), "there is no model version 'v2'"),
        (("scenario", "searched_until: 2024-12-31\n", ""), "has no `searched_until`"),
        (("scenario", "searched_until: 2024-12-31", "searched_until: 2021-12-31"), "before the start"),
        (("scenario", "relevance: 0.1", "relevance: 1.1"), "'relevance' is out of range"),
        (("indicators", "from: 2024-01-01", "from: 2021-01-01"), "before the scenario's start"),
        (("indicators", "[{", "[{from: 2024-06-01, detection: [0.5, 0.6]}, {"), "overlaps"),
        (("model", "told: {dispute: 0.5}", "told: {threat: 0.5}"), "is a condition"),
        (("model", "told: {dispute: 0.5}", "told: {disputes: 0.5}"), "did you mean 'dispute'?"),
        (("resolutions", "meeting-2024:", "meting-2024:"), "did you mean 'meeting-2024'?"),
        (("resolutions", "outcome: yes", "outcome: durable"), "there is no outcome 'durable'"),
        (("resolutions", "on: 2024-06-19", "on: 2024-06-19, known: 2024-06-18"), "before it happened"),
        (("evidence", "when: 2023-09-12", "when: 2021-09-12"), "happened before the scenario's start"),
        (("evidence", "when: 2023-09-12", "when: 2021-12/2022-02"), "may have happened before the scenario's start"),
        (("evidence", "when: 2023-09-12", "when: 2024-09-12"), "before it happened: 2024-09-12"),
        (("evidence", "when: 2023-09-12", "when: 2023-09-12\n    coded_on: 2024-01-06"), "before it was known"),
        (("evidence", "grade: B1", "grade: B1\n    withdrawn: {on: 2024-01-06, reason: x}"), "withdrawn on"),
        (("evidence", "grade: B1", "grade: B1\n    revised: [{on: 2024-01-06, grade: A1, reason: x}]"), "revised on"),
        (("evidence", "    grade: B1\n", ""), "counts but has no `grade`"),
        (("evidence", "grade: B1", "grade: B1\n    use: false"), "goes against the default"),
        (("evidence", "indicator: threat", "indicator: threat\n    event: S1"), "is 'threat' here and 'meeting'"),
    ],
)  # fmt: skip
def test_a_breach_is_one_error(case, change, message):
    error = case.error(change)
    assert message in error.message
    assert error.file
    assert error.line
    assert error.key


def test_a_base_rate_of_a_regime_that_never_ends_is_an_error(case):
    assert "has no endings" in case.error(("codebook", "goes_to: {fragile: 1}", "absorbing: true")).message


def test_a_wrong_kind_of_question_is_quoted(case):
    error = case.error(("scenario", "kind: state", "kind: sate"))
    assert (error.key, error.found, error.accepted) == ("questions.regime-2025.kind", "sate", "state | stays | occurs")


def test_an_open_watch_may_be_followed_by_none(case):
    case.change(
        "indicators",
        "{from: 2024-01-01",
        "{from: 2024-01-01, to: 2024-05-31, detection: [0.5, 0.6]}, {from: 2024-06-01",
    )
    assert len(case.read().codebook.indicators["meeting"].watch) == 2


def test_reports_that_do_not_count_may_lie_before_the_start(case):
    case.change("evidence", "when: 2023-09-12", "when: 2019\n    use: false\n    reason: before the case begins")
    assert not case.read().reports[0].counts


def test_an_imprecise_date_may_end_after_it_was_known(case):
    case.change("evidence", "when: 2023-09-12", "when: 2024-01")
    report = case.read().reports[0]
    assert report.when.last == date(2024, 1, 31)
    assert report.known < report.when.last


def test_an_imprecise_date_within_a_watch_must_not_span_more_than_three_steps(case):
    case.change("indicators", "from: 2024-01-01", "from: 2022-06-01")
    case.change("evidence", "when: 2023-09-12", "when: 2023-Q2")
    case.read()
    error = case.error(("evidence", "when: 2023-Q2", "when: 2023-04/2023-07"))
    assert "more than 3 steps (month) while 'meeting' is watched" in error.message


def test_outside_a_watch_a_date_may_be_as_imprecise_as_it_is(case):
    case.change("evidence", "when: 2023-09-12", "when: 2023")
    report = case.read().reports[0]
    assert report.counts
    assert (report.when.first, report.when.last) == (date(2023, 1, 1), date(2023, 12, 31))


def test_certainty_must_not_stand_on_both_sides_of_an_event(case):
    more = (
        "  - {id: S4, indicator: meeting, event: S1, when: 2023-09-12, claim: They did not, denies: true,"
        " p_true: [1, 1]}\n"
    )
    case.write("evidence", case.path("evidence").read_text() + more)
    case.read()
    error = case.error(("evidence", "grade: B1", "p_true: [1, 1]"))
    assert error.key == "reports.S4.p_true"


def test_an_indicator_that_only_one_version_lacks_is_named_with_the_version(case):
    text = case.path("codebook").read_text()
    case.write("scenarios/codebooks/earlier.yaml", text.replace("  threat:", "  menace:"))
    case.write(
        "scenarios/toy/models/v0.yaml", "version: v0\nfamily: regime\nnotes: x\nreliability: flat\ncodebook: earlier\n"
    )
    assert "model version v0 has no indicator 'threat'" in case.error().message


def test_steps_are_counted_on_the_calendar():
    assert n_steps(date(2024, 1, 31), date(2024, 2, 1), Step.MONTH) == 2
    assert n_steps(date(2023, 12, 31), date(2024, 4, 1), Step.QUARTER) == 3
    # 7 January 2024 was a Sunday
    assert n_steps(date(2024, 1, 1), date(2024, 1, 7), Step.WEEK) == 1
    assert n_steps(date(2024, 1, 7), date(2024, 1, 8), Step.WEEK) == 2


@pytest.mark.parametrize("text", ["[0.6, 1e308]", "[1e-320, 2]"])
def test_rates_that_no_arithmetic_can_hold_are_refused(case, text):
    error = case.error(
        ("codebook", "{durable: [1, 3], fragile: [0.1, 0.5]}", f"{{durable: {text}, fragile: [0.1, 0.5]}}")
    )
    assert "leaves the possible values" in error.message
    assert "0.000001 to 1000000" in error.accepted


def test_a_case_starts_in_a_time_whose_steps_can_be_counted(case):
    error = case.error(("scenario", "start: 2022-01-01", "start: 0001-01-01"))
    assert "the case starts on 0001-01-01" in error.message
    assert error.accepted == "a day from 1800-01-01 on"
