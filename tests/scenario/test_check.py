"""What is unwise is a warning or a note, and stops nothing."""

from datetime import date

import pytest

from forecast.scenario.check import check

TODAY = date(2026, 12, 1)

#: Notes that the little scenario has anyway.
USUAL = "no report comes from the source 'undated'"


def found(case, *changes):
    for name, old, new in changes:
        case.change(name, old, new)
    return [finding for finding in check(case.read(), TODAY) if finding.message != USUAL]


def test_a_sound_scenario_has_no_finding_but_its_unused_source(case):
    findings = check(case.read(), TODAY)
    assert [(finding.level, finding.message) for finding in findings] == [("note", USUAL)]


@pytest.mark.parametrize(
    ("change", "level", "message"),
    [
        (("evidence", "claim: The leaders met", "claim: The leaders met #2"), "warning", "reads '#2' as a comment"),
        (("sources", "2024-01-07", "2024-02-02"), "warning", "before its source was published"),
        (("evidence", "when: 2023-09-12", "when: 2025-01-02\n    known: 2025-01-03"), "warning", "only as far as"),
        (("evidence", "claim: Both said the same of Corland", "claim: the  leaders met"), "warning", "the same claim"),
        (("evidence", "grade: B1", "grade: C1"), "note", "its source has reliability B"),
        (("evidence", "grade: B1", "grade: B1\n    p_true: [0.8, 0.9]"), "note", "`p_true` is used"),
        (("evidence", "grade: B1", "grade: B1\n    quote: 1 2 3 4 5 6 7 8 9 10 11 12 13"), "warning", "has 13 words"),
        (("indicators", "from: 2024-01-01", "from: 2024-02-01"), "warning", "'meeting' is not watched on 2024-01-01"),
        (("indicators", "detection", "to: 2024-11-30, detection"), "warning", "not watched on 2024-12-01"),
        (("scenario", "searched_until: 2024-12-31", "searched_until: 2027-01-01"), "warning", "still to come"),
        (("scenario", "searched_until: 2024-12-31", "searched_until: 2023-12-31"), "warning", "nobody has looked yet"),
        (("resolutions", "on: 2024-06-19", "on: 2023-06-19"), "warning", "before the question's window"),
        (("resolutions", "on: 2024-06-19", "on: 2025-06-19"), "warning", "after the question's window ended"),
        (("resolutions", "outcome: yes", "outcome: no"), "warning", "before the question's last day"),
        (("codebook", "[0.5, 2]}}", "[0.5, 2]}, goes_to: {durable: 1}, absorbing: true}"), "warning", "nothing leaves"),
        (("codebook", "holds: {durable: [0.6, 0.9]", "holds: {durable: [0.2, 0.5]"), "note", "cannot tell"),
        (("codebook", "holds: {durable: [0.6, 0.9]", "holds: {durable: [0.9, 0.9]"), "note", "without width"),
    ],
)  # fmt: skip
def test_an_oddity_is_one_finding(case, change, level, message):
    findings = found(case, change)
    assert len(findings) == 1, [str(finding) for finding in findings]
    assert findings[0].level == level
    assert message in findings[0].message
    assert findings[0].line


def test_another_spelling_of_an_origin_is_a_warning(case):
    (finding,) = found(case, ("evidence", "origin: wire", "origin: Paper"), ("scenario", "{wire:", "{Paper:"))
    assert finding.level == "warning"
    assert "is spelt 'paper' elsewhere" in finding.message
    assert finding.line


def test_dates_still_to_come_are_warnings(case):
    messages = [finding.message for finding in check(case.read(), date(2024, 1, 8)) if finding.level == "warning"]
    assert any("report S2: known on 2024-02-01, a day still to come" in message for message in messages)
    assert any("coded on 2026-11-23, a day still to come" in message for message in messages)
    assert any("known only on 2024-06-19" in message for message in messages)


def test_a_quote_that_the_article_does_not_contain_is_an_error(case):
    case.write("scenarios/toy/articles/paper.txt", "In May the leaders  met,\nand “all” was well — so they said.")
    assert (
        found(case, ("evidence", "grade: B1", 'grade: B1\n    quote: the leaders met, and "all" was well - so')) == []
    )
    assert found(case, ("evidence", "quote: the leaders met, and", "quote: In May ... met, and")) == []
    (finding,) = found(case, ("evidence", "quote: In May ... met,", "quote: met ... In May"))
    assert (finding.level, finding.key) == ("error", "reports.S1.quote")


def test_an_article_that_cannot_be_read_is_an_error_once(case):
    path = case.path("scenarios/toy/articles/paper.txt")
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe")
    (finding,) = found(
        case, ("evidence", "grade: B1", "grade: B1\n    quote: x"), ("evidence", "grade: B2", "grade: B2\n    quote: y")
    )
    assert "not UTF-8" in finding.message


def add(case, text):
    case.write("evidence", case.path("evidence").read_text() + text)


def test_reports_of_one_event_on_different_days_are_a_warning(case):
    add(case, "  - {id: S4, indicator: meeting, event: S1, when: 2023-10, claim: They met again, grade: B2}\n")
    (finding,) = found(case)
    assert "event 'S1' lies on 2023-10 here and on 2023-09-12 in report S1" in finding.message


def test_two_events_of_one_kind_on_one_day_are_one_note(case):
    for number in (4, 5):
        add(case, f"  - {{id: S{number}, indicator: meeting, when: 2023-09-12, claim: c{number}, grade: B2}}\n")
    (finding,) = found(case)
    assert finding.level == "note"
    assert "S1 and S4 and S5 on 2023-09-12" in finding.message


def test_a_no_against_counted_reports_is_a_warning(case):
    add(case, "  - {id: S4, indicator: meeting, when: 2024-03-01, known: 2024-03-02, claim: again, grade: B2}\n")
    (finding,) = found(case, ("resolutions", "outcome: yes, on: 2024-06-19", "outcome: no, on: 2024-12-31"))
    assert "counted reports tell of S4" in finding.message


def test_a_single_event_indicator_that_nobody_watches_is_a_warning(case):
    case.write("indicators", "")
    text = case.path("codebook").read_text()
    start, end = text.index("  dispute:"), text.index("  threat:")
    case.write("codebook", text[:start] + text[end:])
    case.change("model", "told: {dispute: 0.5}\n", "")
    assert "its events say nothing" in found(case)[-1].message
