import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from forecast.scenario.csv_text import parse_csv
from forecast.scenario.nodes import plain

#: Texts that a cell may hold; white space around them is not kept.
CELL = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text == text.strip())


def parse(text):
    findings = []
    return parse_csv(text, "f.csv", findings), findings


def test_empty_cells_are_absent_and_flat_columns_are_nested():
    reports, findings = parse(
        "id,claim,grade,p_true_low,p_true_high,withdrawn_on,withdrawn_reason\nC1,x,,0.2,0.4,2025-01-01,wrong\nC2,y,B2,,,,\n"
    )
    assert findings == []
    assert [plain(report) for report in reports] == [
        {
            "id": "C1",
            "claim": "x",
            "p_true": ["0.2", "0.4"],
            "withdrawn": {"on": "2025-01-01", "reason": "wrong"},
        },
        {"id": "C2", "claim": "y", "grade": "B2"},
    ]


def test_a_row_after_a_quoted_line_end_has_its_true_line():
    reports, _ = parse('id,claim\nC1,"two\nlines"\n\n,\nC2,x\n')
    assert [report.line for report in reports] == [2, 6]


def test_flags_in_a_spreadsheets_capitals_are_flags():
    reports, _ = parse("id,denies,use\nC1,TRUE,False\n")
    assert plain(reports[0]) == {"id": "C1", "denies": "true", "use": "false"}


def test_an_unknown_column_is_an_error_with_the_nearest():
    reports, findings = parse("id,claims\nC1,x\n")
    assert reports == ()
    assert "did you mean 'claim'?" in findings[0].message


def test_a_column_that_stands_twice_is_an_error():
    assert "twice" in parse("id,claim,claim\nC1,x,y\n")[1][0].message


def test_rows_of_another_length_are_errors_with_their_lines():
    reports, findings = parse("id,claim\nC1\nC2,x,y\nC3,z\n")
    assert [plain(report)["id"] for report in reports] == ["C3"]
    assert [(finding.line, finding.message) for finding in findings] == [
        (2, "1 cells under 2 columns"),
        (3, "3 cells under 2 columns"),
    ]


def test_semicolons_are_named_as_the_mistake():
    assert "not separated by commas" in parse("id;claim\nC1;x\n")[1][0].message


def test_an_open_quote_is_an_error():
    assert "this is not CSV" in parse('id,claim\nC1,"open\n')[1][0].message


def test_an_empty_file_has_no_reports():
    assert parse("") == ((), [])


@given(st.text())
def test_of_any_text_every_row_becomes_a_report_or_an_error_in_its_line(text):
    reports, findings = parse("id,claim\n" + text)
    for report in reports:
        cells = plain(report)
        assert {"id", "claim"} >= set(cells)
        assert all(cell and cell == cell.strip() for cell in cells.values())
    lines = [report.line for report in reports] + [finding.line for finding in findings]
    assert all(finding.level == "error" for finding in findings)
    assert len(set(lines)) == len(lines)
    if not any("this is not CSV" in finding.message for finding in findings):
        rows = csv.reader(io.StringIO(text, newline=""))
        assert len(lines) == sum(any(cell.strip() for cell in row) for row in rows)


@given(st.lists(st.tuples(CELL, CELL), min_size=1))
def test_what_pythons_writer_writes_is_read_back(rows):
    file = io.StringIO()
    csv.writer(file).writerows([("id", "claim"), *rows])
    reports, findings = parse(file.getvalue())
    assert findings == []
    assert [plain(report) for report in reports] == [{"id": id_, "claim": claim} for id_, claim in rows]
