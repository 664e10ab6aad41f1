"""Two codings of one article: what is the same statement, what the coders disagree about, and what is pooled."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.coding.agreement import agreement
from forecast.coding.coder_statements import read_codings
from forecast.coding.pooling import n_blank, pooled, write_pooled
from forecast.coding.proposals_file import Mark, mark
from forecast.coding.reviewed import Decision
from forecast.errors import InputError
from forecast.scenario.fields import control_in
from forecast.scenario.read import read_scenario
from forecast.scenario.write import append_report

from ..workspaces import write_toy
from .proposals import ARTICLE, propose

MET = "indicator: meeting, event: may, when: 2023-05, grade: B2, quote: met in May 2023, claim: They met."
FISH = "indicator: dispute, event: fish, when: 2023-09, grade: C3, quote: quarrelled over fish, claim: A quarrel."
SECOND = "indicator: meeting, event: oct, when: 2023-10-04, grade: B1, quote: A second meeting, claim: They met again."


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    workspace = write_toy(tmp_path / "toy")
    articles = workspace / "scenarios/toy/articles"
    articles.mkdir()
    (articles / "paper.txt").write_text(ARTICLE)
    return workspace


def coding(toy: Path, coder: str, *reports: str, defaults: str = "source: paper") -> Path:
    """A coder's file outside of evidence/, so that nothing counts twice."""
    path = toy / f"coding/{coder}.yaml"
    path.parent.mkdir(exist_ok=True)
    lines = [f"  - {{id: {coder[0].upper()}{number}, {report}}}\n" for number, report in enumerate(reports, 1)]
    path.write_text(f"defaults: {{{defaults}, coded_by: {coder}}}\nreports:\n" + "".join(lines or ["  []\n"]))
    return path


def compare(toy: Path, a: Path, b: Path):
    return agreement(*read_codings(read_scenario(toy, "toy"), a, b))


def pairs(toy: Path, a: Path, b: Path) -> list[tuple[str, str, str]]:
    return [(pair.a.report.id, pair.b.report.id, pair.by) for pair in compare(toy, a, b).pairs]


def test_statements_are_matched_by_overlapping_quotes_whatever_their_order_and_fields(toy: Path):
    a = coding(toy, "ann", MET, FISH)
    other = FISH.replace("quarrelled over fish", "They quarrelled over").replace("dispute", "threat")
    b = coding(toy, "bob", other, SECOND, MET.replace("met in May 2023", "Arland and Borland met"))
    assert pairs(toy, a, b) == [("A1", "B3", "quote"), ("A2", "B1", "quote")]
    found = compare(toy, a, b)
    assert ([one.report.id for one in found.only_a], [one.report.id for one in found.only_b]) == ([], ["B2"])
    assert found.shared == pytest.approx(4 / 5)


def test_quotes_of_one_sentence_that_do_not_overlap_are_one_statement_and_of_two_sentences_are_not(toy: Path):
    a = coding(toy, "ann", FISH)
    b = coding(toy, "bob", FISH.replace("quarrelled over fish", "officials said"))
    assert pairs(toy, a, b) == [("A1", "B1", "sentence")]
    c = coding(toy, "cyd", FISH.replace("quarrelled over fish", "met in May 2023"))
    assert pairs(toy, a, c) == [], "though event and indicator are the same"


def test_the_closer_of_two_in_one_sentence_is_taken(toy: Path):
    a = coding(toy, "ann", FISH, FISH.replace("quarrelled over fish", "officials said").replace("fish,", "said,"))
    b = coding(toy, "bob", FISH.replace("quarrelled over fish", "officials said"), FISH)
    assert pairs(toy, a, b) == [("A1", "B2", "quote"), ("A2", "B1", "quote")]


def test_without_the_article_the_same_words_locator_or_event_are_one_statement(toy: Path):
    (toy / "scenarios/toy/articles/paper.txt").unlink()
    bare = "indicator: threat, when: 2023-11, grade: B2, claim: Cland."
    a = coding(toy, "ann", MET, f"{bare}, locator: 'Para 2', event: x", f"{bare}, event: seaside", bare)
    b = coding(toy, "bob", bare, f"{bare}, event: seaside", f"{bare}, locator: para 2", MET.replace("met in", "MET in"))
    assert pairs(toy, a, b) == [("A1", "B4", "quote"), ("A2", "B3", "locator"), ("A3", "B2", "event")]


def test_statements_of_different_sources_are_never_one(toy: Path):
    path = toy / "scenarios/toy/sources.yaml"
    path.write_text(path.read_text() + "other: {title: Another, published: 2024-01-07}\n")
    a, b = coding(toy, "ann", MET), coding(toy, "bob", MET, defaults="source: other")
    assert pairs(toy, a, b) == []


def test_disagreements_have_both_values_and_the_lines_on_which_they_stand(toy: Path):
    a = coding(toy, "ann", MET, FISH)
    b = coding(toy, "bob", MET.replace("B2", "C2").replace("2023-05,", "2023-05-04,"))
    b.write_text(
        b.read_text() + f"  - id: B2\n    {FISH.replace(', ', chr(10) + '    ').replace('dispute', 'meeting')}\n"
    )
    found = [
        (one.field, one.a, one.pair.a.line(one.field), one.b, one.pair.b.line(one.field))
        for one in compare(toy, a, b).disagreements
    ]
    assert found == [
        ("grade", "B2", 3, "C2", 3),
        ("when", "2023-05", 3, "2023-05-04", 3),
        ("indicator", "dispute", 4, "meeting", 5),
    ]
    assert b.read_text().splitlines()[5 - 1] == "    indicator: meeting"


def test_equal_days_in_another_spelling_are_no_disagreement(toy: Path):
    a, b = coding(toy, "ann", MET), coding(toy, "bob", MET.replace("2023-05,", "2023-05-01/2023-05-31,"))
    assert compare(toy, a, b).disagreements == ()


def test_fields_that_one_coder_left_out_are_missing_not_wrong(toy: Path):
    background = "quote: quarrelled over fish, claim: A quarrel., asserted_as: background, event: x"
    a, b = coding(toy, "ann", MET, FISH, SECOND), coding(toy, "bob", MET, background, SECOND)
    fields = {one.field: one for one in compare(toy, a, b).fields}
    assert (fields["indicator"].alpha.n_units, fields["indicator"].missing) == (2, 1)
    assert (fields["use"].alpha.n_units, fields["use"].missing) == (3, 0)


def test_grades_that_cannot_be_judged_are_off_the_ordinal_scale(toy: Path):
    a, b = coding(toy, "ann", MET, FISH), coding(toy, "bob", MET.replace("B2", "F6"), FISH)
    fields = {one.field: one for one in compare(toy, a, b).fields}
    assert fields["grade letter"].missing == fields["grade digit"].missing == 1
    assert (fields["grade"].missing, fields["grade"].alpha.agree) == (0, 0.5)


def test_alpha_of_a_field_is_that_of_its_table_by_hand(toy: Path):
    # indicators m m d | m d d: o_mm = 2, o_dd = 2, o_md = 1 twice; n = 6, n_m = n_d = 3: 1 - (2/6) / (18/30) = 4/9
    a = coding(toy, "ann", MET, FISH.replace("dispute", "meeting"), SECOND.replace("meeting, event", "dispute, event"))
    b = coding(toy, "bob", MET, FISH, SECOND.replace("meeting, event", "dispute, event"))
    fields = {one.field: one for one in compare(toy, a, b).fields}
    assert fields["indicator"].alpha.value == pytest.approx(4 / 9)


def test_the_accepted_proposals_of_a_coder_are_a_coding(toy: Path):
    file = propose(toy)
    marks = [Mark(1, Decision.ACCEPT, {"grade": "C2"}), Mark(2, Decision.REJECT), Mark(3, Decision.ACCEPT)]
    mark(file, marks)
    found = compare(toy, coding(toy, "ann", MET, FISH, SECOND), file)
    assert [(pair.a.report.id, pair.b.report.id) for pair in found.pairs] == [("A1", "P1"), ("A3", "P3")]
    assert ("grade", "B2", "C2") in [(one.field, one.a, one.b) for one in found.disagreements]


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ("nobody", "ann", "there is no file 'nobody' of a coder"),
        ("ann", "ann", "is the same file twice"),
        ("ann", "broken", "this is not YAML"),
        ("ann", "odd", "there is no indicator 'meting'; did you mean 'meeting'"),
        ("ann", "grades", "'Z9' is not a grade"),
    ],
)
def test_files_that_cannot_be_compared_are_errors(toy: Path, a: str, b: str, message: str):
    coding(toy, "ann", MET)
    coding(toy, "odd", MET.replace("meeting", "meting"))
    coding(toy, "grades", MET.replace("B2", "Z9"))
    (toy / "coding/broken.yaml").write_text("reports: [")
    paths = [toy / f"coding/{name}.yaml" for name in (a, b)]
    with pytest.raises(InputError, match=message if a != "nobody" else "there is no file .* of a coder"):
        compare(toy, *paths)


def test_what_is_coded_alike_is_pooled_as_it_is_and_the_file_is_evidence(toy: Path):
    found = compare(toy, coding(toy, "ann", MET, FISH), coding(toy, "bob", FISH, MET))
    text = pooled(found)
    assert n_blank(text) == 0
    (toy / "scenarios/toy/evidence/reports.yaml").write_text(text)
    first, second = read_scenario(toy, "toy").reports
    assert (first.id, first.indicator, str(first.when), first.coded_by) == ("A1", "meeting", "2023-05", "ann, bob")
    assert (second.id, second.event, second.grade) == ("A2", "fish", "C3")


def test_what_is_coded_otherwise_is_left_blank_with_both_values_and_refused_until_it_is_filled_in(toy: Path):
    b = coding(toy, "bob", MET.replace("B2", "C2").replace("They met.", "A meeting."), SECOND)
    found = compare(toy, coding(toy, "ann", MET, FISH), b)
    text = pooled(found)
    assert n_blank(text) == 3
    lines = text.splitlines()
    a_file, b_file = found.a.file, found.b.file
    assert f"    grade:  # decide: ann: B2 ({a_file}:3) | bob: C2 ({b_file}:3)" in lines
    assert "    # bob has claim: A meeting." in lines
    assert f"    use:  # decide: only ann has this statement ({a_file}:4), with use: true" in lines
    assert f"    use:  # decide: only bob has this statement ({b_file}:4), with use: true" in lines
    path = toy / "scenarios/toy/evidence/reports.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_scenario(toy, "toy")
    assert [finding.key for finding in error.value.findings()] == [
        *("reports.A1.grade", "reports.A2.use", "reports.B2.use"),
    ]
    for finding in error.value.findings():
        assert "  # decide: " in lines[(finding.line or 0) - 1]
    path.write_text(text.replace("    grade:  #", "    grade: B2  #").replace("    use:  #", "    use: true  #"))
    assert [report.id for report in read_scenario(toy, "toy").reports] == ["A1", "A2", "B2"]


def test_every_coded_field_that_differs_is_left_blank(toy: Path):
    other = (
        "indicator: dispute, event: june, when: 2023-06, known: 2024-02-01, origin: agency, asserted_as: inference, "
        "denies: true, p_true: [0.5, 0.9], quote: met in May 2023, claim: They met."
    )
    text = pooled(compare(toy, coding(toy, "ann", MET), coding(toy, "bob", other)))
    blank = [line.split(":")[0].strip() for line in text.splitlines() if "  # decide: " in line]
    assert blank == [
        *("indicator", "event", "when", "known", "origin", "asserted_as", "denies", "grade", "p_true", "use"),
    ]


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(
    lambda text: text.strip() and control_in(text) is None
)


@settings(max_examples=30, deadline=None)
@given(coder=NAMES, claim=NAMES, note=NAMES)
def test_no_name_or_text_breaks_the_pooled_file(tmp_path_factory, coder: str, claim: str, note: str):
    toy = write_toy(tmp_path_factory.mktemp("toy"))
    for name, grade in (("a", "B2"), ("b", "C2")):
        said = {
            "id": "X1",
            "indicator": "meeting",
            "when": "2023-05",
            "source": "paper",
            "claim": claim,
            "quote": "met",
        }
        said |= {"grade": grade, "note": note + name, "coded_by": coder + name}
        append_report(toy / f"{name}.yaml", said)
    text = pooled(compare(toy, toy / "a.yaml", toy / "b.yaml"))
    assert n_blank(text) == 1
    path = toy / "scenarios/toy/evidence/reports.yaml"
    path.write_bytes(text.replace("    grade:  #", "    grade: B2  #").encode())
    (report,) = read_scenario(toy, "toy").reports
    assert (report.claim, report.note) == (claim, note + "a")


def test_a_pooled_file_never_replaces_another(tmp_path: Path):
    path = tmp_path / "pooled.yaml"
    write_pooled(path, "reports: []\n")
    with pytest.raises(InputError, match="is there already"):
        write_pooled(path, "reports: []\n")


def test_a_file_too_large_to_be_coded_by_hand_is_refused(toy: Path):
    a = coding(toy, "ann", *["claim: x, asserted_as: background"] * 2001)
    with pytest.raises(InputError, match="the file has 2,001 statements"):
        compare(toy, a, coding(toy, "bob", MET))


def test_two_empty_codings_agree_on_nothing(toy: Path):
    found = compare(toy, coding(toy, "ann"), coding(toy, "bob"))
    assert (found.pairs, found.shared) == ((), None)
    assert "reports: []\n" in pooled(found)


def test_coders_of_one_name_are_called_by_their_files(toy: Path):
    a, b = coding(toy, "ann", MET), coding(toy, "bob", MET)
    b.write_text(b.read_text().replace("coded_by: bob", "coded_by: ann"))
    found = compare(toy, a, b)
    assert (found.a.coder, found.b.coder) == ("ann", "bob")
