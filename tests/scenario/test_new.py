from datetime import date

import pytest

from forecast.errors import InputError, WorkspaceError
from forecast.scenario import new
from forecast.scenario.check import check
from forecast.scenario.new import create
from forecast.scenario.read import read_scenario
from forecast.scenario.schema import Occurs, State, Stays

TODAY = date(2027, 3, 1)

GRADES = "means: m\ngrades: {" + ", ".join(f"{a}{b}: [2, 1]" for a in "ABCDEF" for b in "123456") + "}\n"


@pytest.fixture
def empty(tmp_path):
    """An empty folder but for a grade table, so that the packaged one is not under test here."""
    path = tmp_path / "scenarios" / "grades" / "admiralty-wide.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(GRADES)
    return tmp_path


def test_the_template_is_a_scenario_without_any_finding(empty):
    assert create(empty, "demo", today=TODAY) == empty / "scenarios" / "demo"
    assert check(read_scenario(empty, "demo"), TODAY) == []


def test_the_template_shows_every_kind_of_question_indicator_and_report(empty):
    create(empty, "demo", today=TODAY)
    scenario = read_scenario(empty, "demo")
    assert {type(question) for question in scenario.file.questions} == {State, Stays, Occurs}
    assert {indicator.kind for indicator in scenario.codebook.indicators.values()} == {"event", "condition"}
    assert {report.counts for report in scenario.reports} == {True, False}


def test_the_templates_questions_are_still_open(empty):
    create(empty, "demo", today=TODAY)
    scenario = read_scenario(empty, "demo")
    assert all(question.ends > TODAY for question in scenario.file.questions)
    assert all(report.known < TODAY for report in scenario.reports)


def test_a_workspace_begins_in_an_empty_folder(tmp_path):
    create(tmp_path / "fresh", "demo", today=TODAY)
    found = sorted(path.name for path in (tmp_path / "fresh" / "scenarios").iterdir())
    assert found == ["codebooks", "demo"]


def test_a_second_scenario_leaves_an_edited_codebook_alone(empty):
    create(empty, "demo", today=TODAY)
    codebook = empty / "scenarios" / "codebooks" / "partnership.yaml"
    codebook.write_text(codebook.read_text() + "# mine\n")
    create(empty, "other", today=TODAY)
    assert codebook.read_text().endswith("# mine\n")


def test_the_structure_of_another_scenario_comes_without_its_evidence(case):
    create(case.workspace, "copy", like="toy")
    scenario = read_scenario(case.workspace, "copy")
    original = case.read()
    assert scenario.id == "copy"
    assert scenario.file.questions == original.file.questions
    assert scenario.codebooks == original.codebooks
    assert (scenario.reports, scenario.resolutions, scenario.sources) == ((), {}, {})
    old, new = case.path("scenario").read_text(), (scenario.folder / "scenario.yaml").read_text()
    assert new == old.replace("id: toy", "id: copy")


def test_what_exists_is_not_overwritten(case):
    with pytest.raises(WorkspaceError, match="exists already"):
        create(case.workspace, "toy")
    case.read()


def test_a_model_that_does_not_exist_is_an_error(case):
    with pytest.raises(WorkspaceError, match="did you mean 'toy'"):
        create(case.workspace, "copy", like="tooy")


@pytest.mark.parametrize("name", ["", "../x", "a/b", "codebooks", "fc-x", "a b", ".hidden"])
def test_a_name_that_cannot_be_an_id_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="cannot be the id"):
        create(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_nothing_half_written(tmp_path, monkeypatch):
    def full(staging, name, shift):
        (staging / "scenario.yaml").write_text("id: ")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(new, "_copy_template", full)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        create(tmp_path, "demo")
    assert list(tmp_path.iterdir()) == []
