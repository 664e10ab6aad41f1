"""What may stand in a text of the files: every script, no control characters; and where the others are found."""

import pytest

from forecast.errors import InputError
from forecast.scenario.read import read_scenario

from ..workspaces import edit, write_scenarios, write_toy

CONTROLS = {
    r"\0": "U+0000", r"\x07": "U+0007", r"\b": "U+0008", r"\f": "U+000C", r"\e[31m": "U+001B", r"\x7f": "U+007F",
    r"\x9b": "U+009B", r"a\rb": "U+000D", r"\ufffe": "U+FFFE", r"\uffff": "U+FFFF",
}  # fmt: skip


def errors(workspace):
    try:
        read_scenario(workspace, "toy")
    except InputError as error:
        found = error.findings()
    else:
        found = []
    return [(finding.file.removeprefix("scenarios/"), finding.line, finding.key, finding.message) for finding in found]


@pytest.mark.parametrize(("written", "code"), CONTROLS.items())
def test_a_control_character_in_a_title_is_an_error_with_its_line(tmp_path, written, code):
    write_toy(tmp_path)
    edit(tmp_path, "toy/scenario.yaml", "title: A toy alliance", f'title: "A{written}toy"')
    message = f"the text contains the control character {code}"
    assert errors(tmp_path) == [("toy/scenario.yaml", 2, "title", message)]


@pytest.mark.parametrize(
    ("file", "line", "key", "old"),
    [
        ("toy/scenario.yaml", 9, "questions.regime-2025.ask", "Which regime holds on 1 January 2025?"),
        ("toy/sources.yaml", 1, "paper.title", "An article"),
        ("toy/evidence/reports.yaml", 3, "reports.R1.claim", "The leaders met."),
        ("toy/models/v1.yaml", 3, "notes", "as it is"),
        ("codebooks/alliance.yaml", 7, "indicators.meeting.means", "Leaders of the partners meet"),
        ("toy/scenario.yaml", 3, "actors.AAA.name", "Arland"),
    ],
)
def test_every_text_of_the_files_is_looked_at(tmp_path, file, line, key, old):
    write_toy(tmp_path)
    edit(tmp_path, file, old, rf'"x\x07 {old}"')
    assert errors(tmp_path) == [(file, line, key, "the text contains the control character U+0007")]


def test_a_control_character_in_a_cell_of_csv_is_an_error_with_its_line(tmp_path):
    csv = "id,claim,asserted_as,source,coded_by,coded_on\nC1,fine,background,paper,xy,2024-02-01\n"
    write_scenarios(
        write_toy(tmp_path),
        {"toy/evidence/more.csv": csv + 'C2,"a\x1b[31mred",background,paper,xy,2024-02-01\n'},
    )
    message = "the text contains the control character U+001B"
    assert errors(tmp_path) == [("toy/evidence/more.csv", 3, "reports.C2.claim", message)]


def test_line_ends_tabs_and_the_signs_of_every_script_are_text(tmp_path):
    write_toy(tmp_path)
    text = r'"x\ty\nz\r\n \u202eb\u200d \N \L \U0001f600 \u0627\u05d0\ufffd\ufeff"'
    edit(tmp_path, "toy/evidence/reports.yaml", "claim: The leaders met.", f"claim: {text}")
    assert errors(tmp_path) == []
