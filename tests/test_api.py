"""The verbs for notebooks: opened by name, rows to iterate over, data frames on demand."""

from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import forecast
from forecast.errors import InputError, WorkspaceError

from .workspaces import DAY, exact, never, noon, write_toy


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path)


def made(workspace: Path, **arguments: Any) -> forecast.UpdateRecords:
    given = {"clock": noon(DAY), "sampler": exact, **arguments}
    return forecast.open("toy", workspace).update(**given)


def test_a_case_is_opened_by_name_in_the_workspace_around(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORECAST_HOME", raising=False)
    monkeypatch.chdir(toy / "scenarios" / "toy")
    assert forecast.open("toy").scenario.id == "toy"


def test_the_environment_names_the_workspace(toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("FORECAST_HOME", str(toy))
    assert forecast.open("toy").scenario.id == "toy"


def test_a_scenario_that_is_not_there_is_refused_with_the_nearest(toy: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"no scenario 'tooy' .* did you mean 'toy'"):
        forecast.open("tooy", toy)


def test_update_gives_the_answers_as_rows(toy: Path) -> None:
    records = made(toy)
    assert len(records) == 9
    assert {row["question"] for row in records} == {
        "regime-2025", "unbroken-2025", "meeting-2024", "dispute-2024", "regime-2023",
    }  # fmt: skip
    assert records.document["answers"] == list(records)
    assert records.result.entry is not None
    assert records.document["forecast"] == records.result.entry.id


def test_the_same_update_is_given_back(toy: Path) -> None:
    first, again = made(toy), made(toy, sampler=never)
    assert again.document["stored"]
    assert list(again) == list(first)


def test_a_day_may_be_a_date_or_a_text(toy: Path) -> None:
    case = forecast.open("toy", toy)
    assert case.show("2024-01-10").document == case.show(date(2024, 1, 10)).document
    assert made(toy, as_of="2024-01-10").document["as_of"] == "2024-01-10"


def test_a_text_that_is_no_day_is_refused(toy: Path) -> None:
    with pytest.raises(InputError, match=r"--as-of: 'soon' is not a day as YYYY-MM-DD"):
        made(toy, as_of="soon")


def test_history_is_that_of_the_case_or_of_a_question(toy: Path) -> None:
    made(toy)
    case = forecast.open("toy", toy)
    assert len(case.history()) == 5
    assert [row["outcome"] for row in case.history("regime-2025")] == ["durable", "fragile"]


def test_a_retraction_shows_in_the_history(toy: Path) -> None:
    records = made(toy)
    forecast.Workspace(toy).retract(records.document["forecast"], "coded wrongly")
    assert {row["retracted"] for row in forecast.open("toy", toy).history()} == {"coded wrongly"}


def test_what_happened_is_written_down_and_forecasts_are_scored_beside_it(toy: Path) -> None:
    made(toy, clock=noon(date(2026, 1, 1)), as_of=DAY)
    case = forecast.open("toy", toy)
    case.resolve("meeting-2024", "yes", "2024-03-03", "a paper", known="2024-03-05")
    again = forecast.open("toy", toy)
    assert [row["outcome"] for row in again.resolutions()] == ["yes", "yes"]
    p = {row["question"]: row["p"] for row in again.history()}
    scored = again.workspace.score("toy", as_of="2025-06-01")
    frame = scored.to_frame()
    # both were resolved as yes
    expected = ((1 - p["meeting-2024"]) ** 2 + (1 - p["dispute-2024"]) ** 2) / 2
    assert frame.loc[frame["by"] == "all", "brier"].tolist() == pytest.approx([expected])
    assert scored.document["tables"][0]["brier"] == pytest.approx(expected)


def test_files_are_scored_by_a_function_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("question,outcome,p,made_on\na,yes,0.7,2024-01-01\n")
    (tmp_path / "t.csv").write_text("question,outcome\na,yes\n")
    scored = forecast.score_files(tmp_path / "f.csv", tmp_path / "t.csv", brier="0-2")
    assert scored.to_frame()["brier"].tolist() == pytest.approx([0.18] * 2)


def test_scores_of_days_to_come_are_refused(toy: Path) -> None:
    with pytest.raises(InputError, match=r"--as-of: 2999-01-01 is in the future\."):
        forecast.Workspace(toy).score(as_of="2999-01-01")


def test_reading_makes_no_file(toy: Path) -> None:
    workspace = forecast.Workspace(toy)
    with pytest.raises(InputError, match=r"no forecast of 'toy' is recorded\. Accepted: none yet"):
        workspace.history("toy")
    assert workspace.verify() == []
    assert forecast.open("toy", toy).check().document["ok"]
    assert list(workspace.score()) == []
    assert not (toy / ".forecast").exists()


def test_progress_is_called_at_every_stage(toy: Path) -> None:
    stages: list[str] = []
    made(toy, progress=lambda stage, _done, _remark: stages.append(stage))
    assert list(dict.fromkeys(stages)) == ["sampling", "writing"]
    assert stages.count("sampling") >= 8  # every sweep


def test_rows_become_a_data_frame(toy: Path) -> None:
    frame = forecast.open("toy", toy).show("2024-02-01").to_frame()
    assert list(frame[frame.counted].report) == ["R1", "R2", "R3"]


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'forecast' has no attribute 'nothing'"):
        _ = forecast.nothing


def test_the_version_is_that_of_the_package() -> None:
    assert forecast.__version__ == version("forecast")
