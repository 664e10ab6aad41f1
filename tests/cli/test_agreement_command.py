"""`forecast evidence agreement` as the shell calls it."""

from pathlib import Path

import pytest

from tests.docs.test_cli import make_cli

from .conftest import Command

ROWS = {
    "ann": [
        "indicator: meeting, event: may, when: 2023-05, grade: B2, quote: the first, claim: They met.",
        "indicator: dispute, event: fish, when: 2023-09, grade: C3, quote: the second, claim: A quarrel.",
        "indicator: meeting, event: oct, when: 2023-10, grade: A1, quote: the third, claim: Again.",
        "indicator: threat, event: sea, when: 2023-11, grade: B1, quote: the fourth, claim: Cland.",
    ],
    "bob": [
        "indicator: meeting, event: may, when: 2023-05, grade: B3, quote: the first, claim: They met.",
        "indicator: dispute, event: fish, when: 2023-09, grade: C3, quote: the second, claim: A quarrel.",
        "indicator: dispute, event: oct, when: 2023-10, grade: B1, quote: the third, claim: Again.",
        "indicator: threat, event: hill, when: 2023-12, grade: B1, quote: the fifth, claim: Dland.",
    ],
}


@pytest.fixture
def coded(toy: Path) -> Path:
    for coder, rows in ROWS.items():
        lines = [f"  - {{id: {coder[0].upper()}{number}, {row}}}\n" for number, row in enumerate(rows, 1)]
        text = f"defaults: {{source: paper, coded_by: {coder}}}\nreports:\n" + "".join(lines)
        (toy / f"{coder}.yaml").write_text(text)
    return toy


def test_the_table_has_alpha_by_field_and_every_disagreement_within_80_columns(command: Command, coded: Path):
    done = command("evidence", "agreement", "toy", "ann.yaml", "bob.yaml")
    assert done.code == 0, done.err
    assert "3 statements are in both (75% of both), 1 only ann's, 1 only bob's" in done.out
    lines = done.out.splitlines()
    # m d m | m d d: o_mm = o_dd = 2, o_md = 1 twice; n = 6, n_m = n_d = 3: 1 - (2/6) / (18/30)
    (indicator,) = [line.split() for line in lines if line.startswith("indicator ")]
    assert indicator[:5] == ["indicator", "nominal", "3", "67%", "0.44"]
    assert any(line.split() == ["indicator", "meeting", ":5", "dispute", ":5"] for line in lines)
    assert "  A4 (ann.yaml:6) Cland." in lines
    assert max(map(len, lines)) <= 80


def test_the_document_has_exactly_the_listed_keys(command: Command, coded: Path):
    done = command("evidence", "agreement", "toy", "ann.yaml", "bob.yaml", "--pool", "pooled.yaml", "--json")
    assert make_cli.undocumented("evidence agreement", done.document) == (set(), set())
    assert (done.document["pooled"], done.document["blanks"]) == ("pooled.yaml", 5)
    assert (coded / "pooled.yaml").read_text().count("# decide: ") == 5


def test_the_same_seed_gives_the_same_intervals(command: Command, coded: Path):
    run = ("evidence", "agreement", "toy", "ann.yaml", "bob.yaml", "--json", "--seed")
    assert command(*run, 1).document["fields"] == command(*run, 1).document["fields"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ann.yaml", "bib.yaml"], "there is no file 'bib.yaml' of a coder"),
        (["ann.yaml", "ann.yaml"], "'ann.yaml' is the same file twice"),
        (["ann.yaml", "bob.yaml", "--pool", "ann.yaml"], "'ann.yaml' is there already"),
    ],
)
def test_bad_files_end_with_2(command: Command, coded: Path, words: list[str], message: str):
    before = (coded / "ann.yaml").read_bytes()
    done = command("evidence", "agreement", "toy", *words)
    assert (done.code, message in done.err) == (2, True), done.err
    assert (coded / "ann.yaml").read_bytes() == before
