"""`forecast evidence list` as the shell calls it."""

import csv
import io
import re
from pathlib import Path

import pytest

from tests.docs.test_cli import make_cli

from ..workspaces import add_report, copy_dprk
from .conftest import Command


def test_the_table_fits_80_columns_and_counts_what_it_shows(command: Command, tmp_path: Path):
    done = command("-C", copy_dprk(tmp_path), "evidence", "list", "dprk-russia", "--counted", "--grade", "A,B2")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    assert re.search(r"\n\d+ of 93 reports; (\d+) count, of \d+ events, from \d+ origins\n", done.out)


def test_the_document_has_exactly_the_listed_keys(command: Command, toy: Path):
    done = command("evidence", "list", "toy", "--indicator", "meeting,threat", "--known-by", "2024-02-01", "--json")
    assert make_cli.undocumented("evidence list", done.document) == (set(), set())
    assert [row["report"] for row in done.document["rows"]] == ["R1", "R3"]
    assert done.document["filters"] == {"indicator": ["meeting", "threat"], "known_by": "2024-02-01"}
    assert (done.document["rows"][0]["file"], done.document["rows"][0]["line"]) == (
        "scenarios/toy/evidence/reports.yaml",
        3,
    )


#: What begins like a formula, with and without apostrophes of its own, and what does not.
CLAIMS = ["=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "'=1", "''@x", "'tis so", "a=b", "＝1"]


def test_csv_runs_no_formula_and_every_text_can_be_had_back(command: Command, toy: Path):
    for number, claim in enumerate(CLAIMS):
        quoted = claim.replace("'", "''")
        add_report(toy, f"id: C{number}, claim: '{quoted}', asserted_as: background")
    add_report(toy, 'id: C9, claim: "\\t=1", asserted_as: background')
    done = command("evidence", "list", "toy", "--csv", "--event", ",".join(f"C{n}" for n in range(10)))
    shown = [row["claim"] for row in csv.DictReader(io.StringIO(done.out))]
    assert not [text for text in shown if text.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
    back = [text[1:] if re.match(r"'+[=+\-@\t\r＝＋－＠]", text) else text for text in shown]
    assert back == [*CLAIMS, "\t=1"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--since", "yesterday"], "'yesterday' is not a day"),
        (["--known-by", "2024-13-01"], "not a day of the calendar"),
        (["--origin", "papr"], "no report has the origin 'papr'; did you mean 'paper'"),
    ],
)
def test_bad_filters_end_with_2(command: Command, toy: Path, words: list[str], message: str):
    done = command("evidence", "list", "toy", *words)
    assert (done.code, message in done.err) == (2, True), done.err


def test_hostile_claims_cannot_steer_the_terminal(command: Command, toy: Path):
    add_report(toy, 'id: C1, claim: "\\u202eevil", asserted_as: background')
    done = command("evidence", "list", "toy", "--event", "C1")
    assert "\u202e" not in done.out
    assert "\\u202eevil" in "".join(done.out.split())
