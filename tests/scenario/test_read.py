from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.errors import InputError, WorkspaceError
from forecast.scenario.read import find_workspace, read_scenario, scenario_names
from forecast.scenario.record import Place
from forecast.scenario.schema import Asserted, Family, Step


def test_a_scenario_is_read_with_the_types_of_the_schema(case):
    scenario = case.read()
    assert (scenario.id, scenario.title, scenario.start) == ("toy", "A toy alliance", date(2022, 1, 1))
    assert scenario.file.step is Step.MONTH
    assert scenario.models["v1"].family is Family.REGIME
    assert scenario.file.actors["AAA"].aliases == ("Arlanders",)
    assert list(scenario.questions) == ["regime-2025", "unbroken-2025", "meeting-2024"]
    assert scenario.codebook.indicators["meeting"].cameo == ("042", "043")
    assert scenario.codebook.indicators["meeting"].ranges == {"durable": (1, 3), "fragile": (0.1, 0.5)}
    assert scenario.resolutions["meeting-2024"].outcome == "yes"
    assert scenario.grade_tables["v1"].grades["F6"] == (3, 1)
    assert scenario.warnings == ()


def test_what_a_report_leaves_out_is_filled_in(case):
    first, second, third = case.read().reports
    assert (first.event, first.origin, first.known, first.coded_by) == ("S1", "paper", date(2024, 1, 7), "xy")
    assert (second.origin, second.known) == ("wire", date(2024, 2, 1))
    assert third.asserted_as is Asserted.SPECULATION
    assert [report.counts for report in (first, second, third)] == [True, True, False]


def test_a_resolution_is_known_on_the_day_itself_unless_it_says_otherwise(case):
    assert case.read().resolutions["meeting-2024"].known == date(2024, 6, 19)


def test_csv_comes_after_yaml_and_says_the_same(case):
    case.write(
        "csv",
        "id,indicator,when,known,source,claim,grade,p_true_low,p_true_high\n"
        "C1,meeting,2023-05,2024-01-07,paper,They met,,0.5,0.9\n",
    )
    last = case.read().reports[-1]
    assert (last.id, last.p_true, last.event, str(last.when)) == ("C1", (0.5, 0.9), "C1", "2023-05")


def test_the_scenarios_changes_and_then_the_versions_overrides_are_merged_into_the_codebook(case):
    case.change("indicators", "  meeting:\n", "  meeting:\n    per_year: {durable: [2, 4]}\n")
    case.change("model", "told:", "overrides: {indicators: {meeting: {per_year: {fragile: [0.2, 0.3]}}}}\ntold:")
    case.write("scenarios/toy/models/v0.yaml", "version: v0\nfamily: static\nnotes: earlier\nreliability: flat\n")
    scenario = case.read()
    assert scenario.codebooks["v1"].indicators["meeting"].per_year == {"durable": (2, 4), "fragile": (0.2, 0.3)}
    assert scenario.codebooks["v0"].indicators["meeting"].per_year == {"durable": (2, 4), "fragile": (0.1, 0.5)}
    assert len(scenario.codebooks["v0"].indicators["meeting"].watch) == 1


def test_a_version_may_use_another_codebook(case):
    text = case.path("codebook").read_text()
    case.write(
        "scenarios/codebooks/earlier.yaml",
        text.replace("prior: 0.5, stays: {years: [2", "prior: 0.4, stays: {years: [2").replace(
            "prior: 0.5, stays: {years: [0.5", "prior: 0.6, stays: {years: [0.5"
        ),
    )
    case.change("model", "told:", "codebook: earlier\ntold:")
    assert case.read().codebooks["v1"].regimes["durable"].prior == 0.4


def test_where_something_stands_can_be_asked(case):
    case.change("model", "told:", "overrides: {indicators: {meeting: {per_year: {fragile: [0.2, 0.3]}}}}\ntold:")
    scenario = case.read()
    evidence, codebook = "scenarios/toy/evidence/paper.yaml", "scenarios/codebooks/alliance.yaml"
    assert scenario.where("reports", "S2", "when") == Place(evidence, 10, "reports.S2.when")
    assert scenario.where("reports", "S2", "source") == Place(evidence, 1, "reports.S2.source")
    assert scenario.where("reports", "S2", "grade", "x").line == 14
    assert scenario.where("scenario", "", "start").key == "start"
    assert scenario.where("questions", "regime-2025", "on").line == 12
    assert scenario.where("resolutions", "meeting-2024").line == 1
    path = ("indicators", "meeting", "per_year")
    assert scenario.where("codebooks", "v1", *path, "durable") == Place(codebook, 10, ".".join((*path, "durable")))
    assert scenario.where("codebooks", "v1", *path, "fragile") == Place(
        "scenarios/toy/models/v1.yaml", 5, ".".join(("overrides", *path, "fragile"))
    )
    assert scenario.where("reports", "S99") is None


def test_a_question_or_version_that_is_unknown_is_named_with_the_nearest(case):
    scenario = case.read()
    assert scenario.question("regime-2025").id == "regime-2025"
    with pytest.raises(InputError, match="did you mean 'regime-2025'"):
        scenario.question("regime-2024")
    with pytest.raises(InputError, match="there is no model version 'v9'"):
        scenario.model("v9")


def test_all_errors_of_all_files_are_reported_at_once(case):
    errors = case.errors(
        ("scenario", "step: month", "step: months"),
        ("sources", "reliability: B", "reliability: G"),
        ("codebook", "[0.6, 0.9]", "[0.9, 0.6]"),
        ("evidence", "grade: B1", "grade: B7"),
        ("evidence", "indicator: threat", "indicator: treat"),
        ("model", "family: regime", "family: regimes"),
        ("resolutions", "2024-06-19", "2024-06-31"),
    )
    assert {finding.file.rsplit("/", 1)[-1] for finding in errors} == {
        "scenario.yaml",
        "sources.yaml",
        "alliance.yaml",
        "paper.yaml",
        "v1.yaml",
        "resolutions.yaml",
    }
    assert len(errors) == 7


def test_a_broken_sources_file_does_not_blame_the_reports(case):
    error = case.error(("sources", "paper: {", "paper: [{"))
    assert error.file == "scenarios/toy/sources.yaml"
    assert "this is not YAML" in error.message


def test_a_wrong_source_entry_does_not_blame_the_reports(case):
    error = case.error(("sources", "2024-01-07", "2024-01-32"))
    assert error.key == "paper.published"


def test_a_wrong_default_is_reported_once_and_not_for_every_report(case):
    error = case.error(("evidence", "coded_on: 2026-11-23", "coded_on: 23.11.2026"))
    assert (error.line, error.key) == (1, "defaults.coded_on")


def test_a_wrong_question_hides_no_other_error(case):
    errors = case.errors(
        ("scenario", "kind: state, on: 2025-01-07", "kind: state"), ("evidence", "2023-09-12", "2021-09-12")
    )
    assert [(error.key, error.line) for error in errors] == [("questions.regime-2025.on", 12), ("reports.S1.when", 5)]


def test_a_source_without_a_date_needs_known_on_its_reports(case):
    error = case.error(
        ("evidence", "    origin: wire\n    claim", "    source: undated\n    claim"),
        ("evidence", "    known: 2024-02-01\n", ""),
    )
    assert "the source 'undated' has no `published`" in error.message


def test_the_id_must_be_the_folders_name(case):
    assert case.error(("scenario", "id: toy", "id: toys")).accepted == "toy"


def test_the_version_must_be_the_files_name(case):
    assert case.error(("model", "version: v1", "version: v2")).accepted == "v1"


def test_missing_codebook_grade_table_and_model_are_named_with_what_there_is(case):
    errors = case.errors(
        ("scenario", "codebook: alliance", "codebook: aliance"),
        ("model", "reliability: flat", "reliability: flatt"),
        ("scenario", "default_model: v1", "default_model: v2"),
    )
    assert [error.found for error in errors] == ["aliance", "flatt", "v2"]
    assert errors[0].accepted == "alliance"
    assert "flat" in errors[1].accepted.split(", ")  # beside the packaged ones
    assert errors[2].accepted == "v1"


def test_files_that_are_not_read_are_warnings(case):
    case.write("scenarios/toy/indicator.yaml", "")
    case.write("scenarios/toy/evidence/more.yml", "")
    case.write("scenarios/toy/evidence/.draft.yaml", "broken: [")
    assert [(finding.level, finding.file) for finding in case.read().warnings] == [
        ("warning", "scenarios/toy/indicator.yaml"),
        ("warning", "scenarios/toy/evidence/more.yml"),
    ]


def test_the_workspace_is_the_nearest_folder_upward_with_scenarios(case):
    assert find_workspace(case.workspace / "scenarios" / "toy" / "evidence") == case.workspace
    assert scenario_names(case.workspace) == ["toy"]


def test_without_a_workspace_the_error_says_how_to_get_one(tmp_path):
    with pytest.raises(WorkspaceError, match="forecast new NAME"):
        find_workspace(tmp_path)
    with pytest.raises(WorkspaceError, match="there is no folder"):
        find_workspace(tmp_path / "none")


def test_a_scenario_can_be_named_by_its_path(case, monkeypatch):
    folder = case.workspace / "scenarios" / "toy"
    assert read_scenario(Path("/nowhere"), str(folder)).workspace == case.workspace
    monkeypatch.chdir(folder)
    assert read_scenario(Path("/nowhere"), ".").id == "toy"


@pytest.mark.parametrize("name", ["tooy", "../toy", "", "codebooks", "/nowhere", "a\0b"])
def test_a_missing_scenario_is_an_error_that_lists_those_there(case, name):
    with pytest.raises(WorkspaceError, match=r"no scenario .*scenarios there: toy"):
        read_scenario(case.workspace, name)


def test_a_folder_without_scenario_yaml_is_named_as_such(case):
    case.path("scenario").unlink()
    with pytest.raises(WorkspaceError, match=r"has no scenario\.yaml"):
        case.read()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["codebook", "scenario", "indicators", "sources", "evidence", "model", "resolutions", "csv"]),
    position=st.floats(0, 1),
    junk=st.sampled_from(
        ["", "\n", ": ", "[", "}", "- ", "x: 1\n", "  ", "'", "#", "2024-99-99", "[1, 2]", "{a: b}", "~"]
    ),
    n_cut=st.integers(0, 30),
)
def test_no_damage_to_any_file_ends_in_anything_but_findings(case, name, position, junk, n_cut):
    path = case.path(name)
    text = path.read_text() if path.exists() else "id,claim\nC1,x\n"
    cut = int(position * len(text))
    path.write_text(text[:cut] + junk + text[cut + n_cut :])
    try:
        case.read()
    except InputError as error:
        found = error.findings()
    else:
        found = []
    finally:
        if name == "csv":
            path.unlink()
        else:
            path.write_text(text)
    assert all(finding.file for finding in found)
